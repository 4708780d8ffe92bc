/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* console.h: the parts of umzug console.  All of them run in the main loop. */
#pragma once

#include "cli/cli.h"

/* ---- work.c ---- */

/* Does the work in another thread and runs the default main context until it is done. */
void umz_work_run (void (*work) (void *data), void *data);

/* ---- news.c: the lines of the console log, as they come ---- */

typedef struct UmzNews UmzNews;

/* Hears whole lines, and that umzugd has gone or is back. */
typedef void (*UmzNewsHear) (const char *lines, void *data);

/* Begins behind the newest line.  The options are borrowed and may get another language. */
UmzNews *umz_news_start (const UmzCliOptions *options, UmzNewsHear hear, void *data);
void umz_news_stop (UmzNews *news);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzNews, umz_news_stop)

/* While they are held, no lines are heard; they come afterwards. */
void umz_news_hold (UmzNews *news);
void umz_news_release (UmzNews *news);

/* Around a command of our own, whose echo need not be heard. */
void umz_news_begin_command (UmzNews *news, const char *command);
void umz_news_end_command (UmzNews *news);

/* ---- guest-view.c ---- */

/* Shows what the guest of the VM writes until the cancellable is cancelled, 'q' is typed on a
 * terminal, or the VM is not here any more.
 */
UmzExit umz_view_guest (const UmzCliOptions *options, const char *vm, GCancellable *cancellable);

/* ---- names.c ---- */

/* What umzugd knows, for completion; NULL if it does not say so in time. */
GStrv umz_names_ask (const UmzCliOptions *options, const char *command, const char *member);

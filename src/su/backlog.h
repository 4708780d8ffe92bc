/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* backlog.h: console lines and job variables on their way to the records.
 *
 * What the records cannot take, as on a full disk, waits in memory and is written in its order as
 * soon as they can; so a procedure that waits for a job variable gets to know the end.  An end of
 * umzugd loses what waits then.
 */
#pragma once

#include "store/console-log.h"
#include "store/job-variables.h"

/* That may wait; of more the oldest lines go, but no job variable does. */
#define UMZ_BACKLOG_MAX 1024

typedef struct UmzBacklog UmzBacklog;

UmzBacklog *umz_backlog_new (UmzStore *store);

/* Tries once more. */
void umz_backlog_free (UmzBacklog *backlog);

/* These may be called from any thread, and take what they are given. */
void umz_backlog_add_line (UmzBacklog *backlog, UmzConsoleLine *line);
void umz_backlog_put_jv (UmzBacklog *backlog, UmzJobVariable *jv);

/* The job variable as it will be: the one that waits, or umz_store_dup_jv(). */
bool umz_backlog_dup_jv (UmzBacklog *backlog, const char *name, UmzJobVariable **ret_jv,
                         GError **error);

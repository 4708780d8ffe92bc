/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* history.h: the commands that were given, kept from one console to the next. */
#pragma once

#include <glib.h>

#define UMZ_HISTORY_LINES_MAX 1000

typedef enum {
  UMZ_KEEP_NOT,     /* it holds a secret */
  UMZ_KEEP_HERE,    /* until the console ends: it is wrong, and may hold a secret */
  UMZ_KEEP_IN_FILE, /* for the next console, too */
} UmzKeep;

UmzKeep umz_history_judge (const char *command);

/* ~/.local/state/umzug/console-history; the caller frees it. */
char *umz_history_dup_path (void);

/* The newest lines of the file, the oldest first; none if there is no file.  A file that has grown
 * to twice of that is cut.  The caller frees it.
 */
GStrv umz_history_load (const char *path);

/* Appends a line; makes file and folder for nobody but the user.  False: it could not. */
gboolean umz_history_append (const char *path, const char *line);

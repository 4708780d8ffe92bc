/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* editor.h: a line that is edited on the terminal while messages arrive.
 *
 * The terminal is that of stdin and stdout.  All functions belong to the main thread.
 */
#pragma once

#include <glib.h>

#include "console/complete.h"

typedef struct UmzEditor UmzEditor;

/* Asks for names of a kind, for completion; must not take long.  NULL: they are not known. */
typedef GStrv (*UmzEditorNames) (UmzNames kind, void *data);

UmzEditor *umz_editor_new (UmzEditorNames names, void *data);
void umz_editor_free (UmzEditor *editor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzEditor, umz_editor_free)

typedef enum {
  UMZ_READ_COMMAND,
  UMZ_READ_INTERRUPTED, /* what was typed is given up */
  UMZ_READ_END,         /* of the input */
} UmzRead;

/* Reads one command, of one or several lines, and runs the default main context meanwhile. */
UmzRead umz_editor_read (UmzEditor *editor, char **ret_command);

/* Has umz_editor_read() return with UMZ_READ_INTERRUPTED. */
void umz_editor_interrupt (UmzEditor *editor);

/* Prints lines; a line that is being edited stands behind them as before. */
void umz_editor_print (UmzEditor *editor, const char *lines);

/* Draws the line anew: the terminal has another size. */
void umz_editor_resize (UmzEditor *editor);

/* Puts a command into the history, as far as it may be kept. */
void umz_editor_remember (UmzEditor *editor, const char *command);

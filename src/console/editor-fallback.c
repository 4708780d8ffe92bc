/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* editor-fallback.c: stands for editor.c in a build without libedit.
 *
 * The line is edited by the terminal itself: there is no completion, no help by `?` and no history.
 * What is typed is known only when the line is complete.  So a message that comes meanwhile stands
 * in a line of its own, behind it a new prompt; what was typed before it is not shown again, but
 * still belongs to the line.
 */
#include "console/editor.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "console/record.h"

struct UmzEditor {
  GString *input;   /* owned; what was read of lines that are still to come */
  GString *records; /* owned; the earlier lines of the command that is read */
  bool is_waiting;
  bool is_interrupted; /* the wait is to end */
};

UmzEditor *
umz_editor_new (UmzEditorNames names, void *data)
{
  UmzEditor *editor = g_new0 (UmzEditor, 1);
  editor->input = g_string_new (NULL);
  editor->records = g_string_new (NULL);
  return editor;
}

void
umz_editor_free (UmzEditor *editor)
{
  if (editor == NULL)
    return;
  g_string_free (editor->input, TRUE);
  g_string_free (editor->records, TRUE);
  g_free (editor);
}

static void
show_prompt (UmzEditor *editor)
{
  fputs (editor->records->len > 0 ? "_" : "/", stdout);
  fflush (stdout);
}

void
umz_editor_print (UmzEditor *editor, const char *lines)
{
  printf ("%s%s", editor->is_waiting ? "\n" : "", lines);
  fflush (stdout);
  if (editor->is_waiting)
    show_prompt (editor);
}

void
umz_editor_resize (UmzEditor *editor)
{
  /* the terminal does it */
}

void
umz_editor_interrupt (UmzEditor *editor)
{
  editor->is_interrupted = true;
}

void
umz_editor_remember (UmzEditor *editor, const char *command)
{
  /* there is no history */
}

static gboolean
note_input (int fd, GIOCondition condition, void *data)
{
  *(bool *) data = true;
  return G_SOURCE_REMOVE;
}

/* False: interrupted. */
static bool
wait_for_input (UmzEditor *editor)
{
  bool has_input = false;
  guint source =
    g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, note_input, &has_input);
  editor->is_waiting = true;
  while (!has_input && !editor->is_interrupted)
    g_main_context_iteration (NULL, TRUE);
  editor->is_waiting = false;
  if (!has_input)
    g_source_remove (source);
  return !editor->is_interrupted;
}

static ssize_t
read_some (char *bytes, size_t size_bytes)
{
  ssize_t n;
  do
    n = read (STDIN_FILENO, bytes, size_bytes);
  while (n < 0 && errno == EINTR);
  return n;
}

/* Without its newline; what stands behind the last newline is a line, too. */
static UmzRead
read_line (UmzEditor *editor, char **ret_line)
{
  char *end;
  while ((end = memchr (editor->input->str, '\n', editor->input->len)) == NULL) {
    char bytes[4096];
    if (!wait_for_input (editor)) {
      g_string_truncate (editor->input, 0);
      fputs ("\n", stdout); /* behind the terminal's ^C */
      return UMZ_READ_INTERRUPTED;
    }
    ssize_t n = read_some (bytes, sizeof bytes);
    if (n <= 0 && editor->input->len == 0)
      return UMZ_READ_END;
    g_string_append_len (editor->input, n > 0 ? bytes : "\n", n > 0 ? n : 1);
  }
  gssize length = end - editor->input->str;
  *ret_line = g_strchomp (g_utf8_make_valid (editor->input->str, length));
  g_string_erase (editor->input, 0, length + 1);
  return UMZ_READ_COMMAND;
}

UmzRead
umz_editor_read (UmzEditor *editor, char **ret_command)
{
  bool is_continued = true;
  g_string_truncate (editor->records, 0);
  editor->is_interrupted = false;
  while (is_continued) {
    g_autofree char *line = NULL;
    show_prompt (editor);
    UmzRead result = read_line (editor, &line);
    if (result != UMZ_READ_COMMAND)
      return result;
    is_continued = umz_record_is_continued (line);
    umz_record_append (editor->records, line);
  }
  *ret_command = g_strdup (editor->records->str);
  return UMZ_READ_COMMAND;
}

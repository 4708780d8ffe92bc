/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* editor.c: libedit inside of the main loop.
 *
 * THEORY OF OPERATION
 *
 * libedit asks us for each character (EL_GETCFN).  There we run the main context until the terminal
 * has one, and so everything else happens while libedit waits: then what it knows of the screen is
 * true, and a line can be taken away, messages printed, and the line drawn again where the cursor
 * ends up.  The line may fill several rows; how many lie above the cursor follows from the width of
 * what stands before it.  A terminal that cannot move the cursor up gets a new line instead.
 *
 * While a line is edited the terminal sends no signals: Ctrl-C is a key, which comes in its turn.
 * umz_editor_interrupt() ends the wait for a character with EINTR.
 */
#include "console/editor.h"

#include <errno.h>
#include <glib-unix.h>
#include <histedit.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "console/explain.h"
#include "console/history.h"
#include "console/record.h"

#define PROMPT_WIDTH    1
#define COLUMNS_DEFAULT 80

struct UmzEditor {
  EditLine *el;         /* owned */
  HistoryW *history;    /* owned */
  char *history_path;   /* owned */
  GString *records;     /* owned; the earlier lines of the command that is read */
  UmzEditorNames names; /* and its data, borrowed */
  void *data;
  bool is_waiting;     /* for a character: a line stands on the terminal */
  bool is_interrupted; /* the wait is to end */
};

static UmzEditor *
get_editor (EditLine *el)
{
  UmzEditor *editor = NULL;
  el_wget (el, EL_CLIENTDATA, &editor);
  return editor;
}

static wchar_t *
get_prompt (EditLine *el)
{
  static wchar_t first[] = L"/", next[] = L"_";
  UmzEditor *editor = get_editor (el);
  return editor != NULL && editor->records->len > 0 ? next : first;
}

/* ---- the terminal ---- */

static size_t
get_columns (UmzEditor *editor)
{
  int n = 0;
  return el_get (editor->el, EL_GETTC, "co", &n) == 0 && n > 0 ? (size_t) n : COLUMNS_DEFAULT;
}

static bool
can_move_up (UmzEditor *editor)
{
  char *up = NULL, *clear = NULL;
  return el_get (editor->el, EL_GETTC, "up", &up) == 0 && up != NULL && up[0] != '\0' &&
         el_get (editor->el, EL_GETTC, "cd", &clear) == 0 && clear != NULL && clear[0] != '\0';
}

/* As libedit shows it: a control character as two. */
static size_t
measure_width (const wchar_t *text, const wchar_t *end)
{
  size_t width = 0;
  for (const wchar_t *c = text; c < end; c++)
    width += iswprint ((wint_t) *c) ? (size_t) wcwidth (*c) : 2;
  return width;
}

/* Takes the line that is edited from the terminal; the cursor stands at the beginning of a row. */
static void
erase_line (UmzEditor *editor)
{
  const LineInfoW *line = el_wline (editor->el);
  size_t width = PROMPT_WIDTH + measure_width (line->buffer, line->cursor);
  size_t n_rows = width / get_columns (editor);
  if (!can_move_up (editor))
    fputs ("\n", stdout);
  else if (n_rows > 0)
    printf ("\r\033[%zuA\033[J", n_rows);
  else
    fputs ("\r\033[J", stdout);
}

/* Prints around the line. */
static void
print_above (UmzEditor *editor, const char *lines)
{
  erase_line (editor);
  fputs (lines, stdout);
  fflush (stdout);
  el_wset (editor->el, EL_REFRESH);
}

void
umz_editor_print (UmzEditor *editor, const char *lines)
{
  if (editor->is_waiting) {
    print_above (editor, lines);
    return;
  }
  fputs (lines, stdout);
  fflush (stdout);
}

void
umz_editor_resize (UmzEditor *editor)
{
  if (!editor->is_waiting)
    return; /* libedit looks at the size before it reads */
  erase_line (editor);
  fflush (stdout);
  el_resize (editor->el);
  el_wset (editor->el, EL_REFRESH);
}

void
umz_editor_interrupt (UmzEditor *editor)
{
  editor->is_interrupted = true;
}

/* The line is left where it is. */
static void
show_interruption (UmzEditor *editor)
{
  erase_line (editor);
  (void) el_cursor (editor->el, G_MAXINT16); /* to the end of the line */
  fflush (stdout);
  el_wset (editor->el, EL_REFRESH);
  fputs ("^C\n", stdout);
  fflush (stdout);
}

/* ---- characters ---- */

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

/* One byte: 1, or what read() says. */
static ssize_t
read_byte (char *ret_byte)
{
  ssize_t n;
  do
    n = read (STDIN_FILENO, ret_byte, 1);
  while (n < 0 && errno == EINTR);
  return n;
}

/* A character in UTF-8, for libedit: 1, 0 at the end of the input, -1. */
static int
get_character (EditLine *el, wchar_t *ret_character)
{
  char bytes[6];
  gunichar c;
  gssize n = 0;
  UmzEditor *editor = get_editor (el);
  if (!wait_for_input (editor)) {
    show_interruption (editor);
    errno = EINTR;
    return -1;
  }
  do {
    ssize_t n_read = read_byte (&bytes[n]);
    if (n_read <= 0)
      return (int) n_read;
    n++;
    c = bytes[0] == '\0' ? 0 : g_utf8_get_char_validated (bytes, n);
  } while (c == (gunichar) -2 && n < (gssize) sizeof bytes);
  *ret_character = (wchar_t) (c < (gunichar) -2 ? c : 0xfffd);
  return 1;
}

/* ---- keys ---- */

/* The command up to the cursor. */
static char *
dup_before_cursor (UmzEditor *editor)
{
  const LineInfoW *line = el_wline (editor->el);
  g_autofree char *own = g_ucs4_to_utf8 ((const gunichar *) line->buffer,
                                         line->cursor - line->buffer, NULL, NULL, NULL);
  GString *text = g_string_new (editor->records->str);
  umz_record_append (text, own != NULL ? own : "");
  return g_string_free (text, FALSE);
}

static void
insert (UmzEditor *editor, const char *text)
{
  g_autofree gunichar *wide = g_utf8_to_ucs4_fast (text, -1, NULL);
  (void) el_winsertstr (editor->el, (const wchar_t *) wide); /* else the line is full */
}

/* Puts text in the place of what was typed; false: that began in an earlier line. */
static bool
replace (UmzEditor *editor, const char *typed, const char *text)
{
  const LineInfoW *line = el_wline (editor->el);
  glong n_typed = g_utf8_strlen (typed, -1);
  if (n_typed > line->cursor - line->buffer)
    return false;
  el_wdeletestr (editor->el, (int) n_typed);
  insert (editor, text);
  return true;
}

static void
ask_names (UmzEditor *editor, UmzCompletion *completion)
{
  g_auto (GStrv) names = completion->names != UMZ_NAMES_NONE
                           ? editor->names (completion->names, editor->data)
                           : NULL;
  if (names != NULL)
    umz_completion_add_names (completion, (const char *const *) names);
}

/* The Tab key. */
static unsigned char
complete (EditLine *el, int key)
{
  UmzEditor *editor = get_editor (el);
  g_autofree char *before = dup_before_cursor (editor);
  g_autoptr (UmzCompletion) completion = umz_complete (before);
  ask_names (editor, completion);
  g_autofree char *common = umz_completion_dup_common (completion);
  if (common != NULL && replace (editor, completion->typed, common))
    return CC_REFRESH;
  if (completion->candidates->len < 2)
    return CC_ERROR;
  g_autofree char *list = umz_completion_dup_list (completion, get_columns (editor));
  print_above (editor, list);
  return CC_NORM;
}

/* The question mark. */
static unsigned char
explain (EditLine *el, int key)
{
  UmzEditor *editor = get_editor (el);
  g_autofree char *before = dup_before_cursor (editor);
  g_autofree char *help = umz_explain (before);
  if (help == NULL) {
    insert (editor, "?");
    return CC_REFRESH;
  }
  print_above (editor, help);
  return CC_NORM;
}

/* Ctrl-C. */
static unsigned char
give_up (EditLine *el, int key)
{
  UmzEditor *editor = get_editor (el);
  editor->is_interrupted = true;
  show_interruption (editor);
  return CC_EOF;
}

/* ---- the history ---- */

static void
enter_history (UmzEditor *editor, const char *command)
{
  HistEventW event;
  g_autofree gunichar *wide = g_utf8_to_ucs4 (command, -1, NULL, NULL, NULL);
  if (wide != NULL)
    (void) history_w (editor->history, &event, H_ENTER, (const wchar_t *) wide); /* else it is
                                                                                    not there */
}

static void
load_history (UmzEditor *editor)
{
  HistEventW event;
  editor->history = history_winit ();
  editor->history_path = umz_history_dup_path ();
  (void) history_w (editor->history, &event, H_SETSIZE, UMZ_HISTORY_LINES_MAX); /* a number */
  (void) history_w (editor->history, &event, H_SETUNIQUE, 1);
  g_auto (GStrv) lines = umz_history_load (editor->history_path);
  for (char **line = lines; *line != NULL; line++)
    enter_history (editor, *line);
  el_wset (editor->el, EL_HIST, history_w, editor->history);
}

void
umz_editor_remember (UmzEditor *editor, const char *command)
{
  UmzKeep keep = umz_history_judge (command);
  if (keep != UMZ_KEEP_NOT)
    enter_history (editor, command);
  if (keep == UMZ_KEEP_IN_FILE)
    (void) umz_history_append (editor->history_path, command); /* else for this console only */
}

/* ---- the whole ---- */

UmzEditor *
umz_editor_new (UmzEditorNames names, void *data)
{
  UmzEditor *editor = g_new0 (UmzEditor, 1);
  editor->names = names;
  editor->data = data;
  editor->records = g_string_new (NULL);
  editor->el = el_init ("umzug", stdin, stdout, stderr);
  g_assert (editor->el != NULL); /* stdin is a terminal */
  el_wset (editor->el, EL_CLIENTDATA, editor);
  el_wset (editor->el, EL_GETCFN, get_character);
  el_wset (editor->el, EL_PROMPT, get_prompt);
  el_wset (editor->el, EL_EDITOR, L"emacs");
  el_wset (editor->el, EL_ADDFN, L"umzug-complete", L"Complete a name", complete);
  el_wset (editor->el, EL_ADDFN, L"umzug-explain", L"Explain what may stand here", explain);
  el_wset (editor->el, EL_ADDFN, L"umzug-give-up", L"Give up the line", give_up);
  el_wset (editor->el, EL_BIND, L"\t", L"umzug-complete", NULL);
  el_wset (editor->el, EL_BIND, L"?", L"umzug-explain", NULL);
  el_wset (editor->el, EL_BIND, L"^C", L"umzug-give-up", NULL);
  el_wset (editor->el, EL_SETTY, L"-d", L"-isig", NULL);
  load_history (editor);
  return editor;
}

void
umz_editor_free (UmzEditor *editor)
{
  if (editor == NULL)
    return;
  el_end (editor->el);
  history_wend (editor->history);
  g_string_free (editor->records, TRUE);
  g_free (editor->history_path);
  g_free (editor);
}

/* Without its newline. */
static char *
dup_line (const wchar_t *line, int n)
{
  g_autofree char *text = g_ucs4_to_utf8 ((const gunichar *) line, n, NULL, NULL, NULL);
  return g_strchomp (g_strdup (text != NULL ? text : ""));
}

UmzRead
umz_editor_read (UmzEditor *editor, char **ret_command)
{
  bool is_continued = true;
  g_string_truncate (editor->records, 0);
  while (is_continued) {
    int n = 0;
    editor->is_interrupted = false;
    el_wset (editor->el, EL_PREP_TERM, 1); /* what was typed meanwhile is edited, too */
    const wchar_t *line = el_wgets (editor->el, &n);
    if (editor->is_interrupted)
      return UMZ_READ_INTERRUPTED;
    if (line == NULL || n <= 0)
      return UMZ_READ_END;
    g_autofree char *text = dup_line (line, n);
    is_continued = umz_record_is_continued (text);
    umz_record_append (editor->records, text);
  }
  *ret_command = g_strdup (editor->records->str);
  return UMZ_READ_COMMAND;
}

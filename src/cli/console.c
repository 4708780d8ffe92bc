/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* console.c: the operator's dialog with umzugd.
 *
 * THEORY OF OPERATION
 *
 * On a terminal there are two states.  In the first one a line is edited, and the main loop runs
 * while the editor waits for a key; in the second one a command runs in a thread, and the main loop
 * runs until it ends.  In both, messages are shown as they come.  Ctrl-C gives up what is being
 * done, which is the line, the command or the view of a guest, and nothing else.
 *
 * Without a terminal, commands are read line by line, and nothing but their answers is shown.
 */
#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/console.h"
#include "console/editor.h"
#include "console/explain.h"
#include "console/record.h"
#include "console/word.h"
#include "describe/help.h"
#include "sdf/words.h"

typedef struct {
  UmzCliOptions options;  /* its language is owned, all else borrowed from our caller */
  UmzEditor *editor;      /* owned; NULL: there is no terminal */
  UmzNews *news;          /* owned; NULL with the editor */
  GCancellable *activity; /* owned; what Ctrl-C ends, besides the line; NULL: nothing */
  bool must_leave;        /* the terminal is gone, or a signal says so */
  UmzExit exit_code;      /* of the last command */
} Console;

/* ---- signals ---- */

static gboolean
interrupt (void *data)
{
  Console *console = data;
  if (console->activity != NULL)
    g_cancellable_cancel (console->activity);
  else if (console->editor != NULL)
    umz_editor_interrupt (console->editor);
  return G_SOURCE_CONTINUE;
}

static gboolean
leave (void *data)
{
  Console *console = data;
  console->must_leave = true;
  return interrupt (console);
}

static gboolean
resize (void *data)
{
  Console *console = data;
  if (console->editor != NULL)
    umz_editor_resize (console->editor);
  return G_SOURCE_CONTINUE;
}

static void
hear_signals (Console *console)
{
  g_unix_signal_add (SIGINT, interrupt, console);
  g_unix_signal_add (SIGTERM, leave, console);
  g_unix_signal_add (SIGHUP, leave, console);
  g_unix_signal_add (SIGWINCH, resize, console);
  (void) signal (SIGTSTP, SIG_IGN); /* a console that stands still would miss its messages */
}

/* ---- what the editor and the news ask for and say ---- */

static void
show_news (const char *lines, void *data)
{
  Console *console = data;
  umz_editor_print (console->editor, lines);
}

/* Definitions are for administrators, attributes for all. */
static GStrv
ask_names (UmzNames kind, void *data)
{
  const Console *console = data;
  GStrv names;
  switch (kind) {
  case UMZ_NAMES_NONE: return NULL;
  case UMZ_NAMES_VM:
    names = umz_names_ask (&console->options, "SHOW-VM-DEFINITION", "name");
    return names != NULL ? names
                         : umz_names_ask (&console->options, "SHOW-VM-ATTRIBUTES", "name");
  case UMZ_NAMES_SU: return umz_names_ask (&console->options, "SHOW-SU-CLUSTER", "su");
  case UMZ_NAMES_JV: return umz_names_ask (&console->options, "SHOW-JV-ATTRIBUTES", "name");
  }
  g_assert_not_reached ();
}

/* ---- a command ---- */

typedef struct {
  Console *console;
  const char *text;
} Run;

typedef struct {
  const UmzCliOptions *options;
  JsonNode *answer; /* owned */
} Shown;

static gboolean
show_answer (void *data)
{
  const Shown *shown = data;
  umz_cli_print_answer (shown->answer, (void *) shown->options);
  return G_SOURCE_REMOVE;
}

static void
free_shown (void *data)
{
  Shown *shown = data;
  json_node_unref (shown->answer);
  g_free (shown);
}

/* In the thread; all that is printed comes from the main loop. */
static void
hear_answer (JsonNode *answer, void *data)
{
  Run *run = data;
  Shown *shown = g_new (Shown, 1);
  *shown = (Shown){ &run->console->options, json_node_ref (answer) };
  g_idle_add_full (G_PRIORITY_DEFAULT, show_answer, shown, free_shown);
}

static void
run_in_thread (void *data)
{
  Run *run = data;
  Console *console = run->console;
  g_autoptr (JsonNode) answer = umz_cli_command (&console->options, run->text, hear_answer, run,
                                                 console->activity, &console->exit_code);
}

static void
run_command (Console *console, const char *text)
{
  Run run = { console, text };
  console->activity = g_cancellable_new ();
  umz_news_begin_command (console->news, text);
  umz_work_run (run_in_thread, &run);
  umz_news_end_command (console->news);
  if (g_cancellable_is_cancelled (console->activity))
    fputs ("\n", stdout); /* behind the terminal's ^C */
  g_clear_object (&console->activity);
}

static void
run_without_terminal (Console *console, const char *text)
{
  g_autoptr (JsonNode) answer =
    umz_cli_command (&console->options, text, umz_cli_print_answer, &console->options, NULL,
                     &console->exit_code);
}

/* ---- words of the console ---- */

static void
view_guest (Console *console, const char *vm)
{
  console->activity = g_cancellable_new ();
  if (console->news != NULL)
    umz_news_hold (console->news);
  console->exit_code = umz_view_guest (&console->options, vm, console->activity);
  if (console->news != NULL)
    umz_news_release (console->news);
  g_clear_object (&console->activity);
}

static void
print_help (const char *command)
{
  const UmzCommandSpec *spec = command[0] != '\0' ? umz_sdf_find_command (command) : NULL;
  g_autofree char *text = spec != NULL ? umz_describe_command (spec) : umz_explain_all ();
  fputs (text, stdout);
  fflush (stdout);
}

static void
set_language (Console *console, const char *argument)
{
  UmzLang language = UMZ_LANG_EN;
  (void) umz_lang_parse (argument, &language); /* checked with the word */
  g_free (console->options.language);
  console->options.language = g_strdup (language == UMZ_LANG_DE ? "de" : "en");
}

/* False: the console ends. */
static bool
obey (Console *console, const UmzWord *word, const char *argument)
{
  console->exit_code = UMZ_EXIT_DONE;
  switch (word->id) {
  case UMZ_WORD_END:
  case UMZ_WORD_EXIT: return false;
  case UMZ_WORD_GUEST: view_guest (console, argument); return true;
  case UMZ_WORD_HELP: print_help (argument); return true;
  case UMZ_WORD_LANGUAGE: set_language (console, argument); return true;
  }
  g_assert_not_reached ();
}

/* False: the console ends. */
static bool
take_command (Console *console, const char *text, void (*run) (Console *console, const char *text))
{
  g_autofree char *argument = NULL;
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  const UmzWord *word = umz_word_parse (stripped, &argument);
  if (word != NULL)
    return obey (console, word, argument);
  if (stripped[0] != '\0')
    run (console, stripped);
  return true;
}

/* ---- the dialog ---- */

static bool
read_and_do (Console *console)
{
  g_autofree char *text = NULL;
  switch (umz_editor_read (console->editor, &text)) {
  case UMZ_READ_COMMAND: break;
  case UMZ_READ_INTERRUPTED: return !console->must_leave;
  case UMZ_READ_END: fputs ("\n", stdout); return false;
  }
  if (text[0] != '\0')
    umz_editor_remember (console->editor, text);
  return take_command (console, text, run_command) && !console->must_leave;
}

static UmzExit
hold_dialog (Console *console)
{
  console->options.return_code = TRUE;
  console->editor = umz_editor_new (ask_names, console);
  console->news = umz_news_start (&console->options, show_news, console);
  while (read_and_do (console))
    ;
  umz_news_stop (console->news);
  umz_editor_free (console->editor);
  return UMZ_EXIT_DONE;
}

/* A command of one or several lines; NULL: there are no more. */
static char *
read_records (void)
{
  g_autofree char *line = NULL;
  size_t size = 0;
  bool is_continued = true, has_any = false;
  g_autoptr (GString) command = g_string_new (NULL);
  while (is_continued && getline (&line, &size, stdin) >= 0) {
    g_strchomp (line);
    is_continued = umz_record_is_continued (line);
    umz_record_append (command, line);
    has_any = true;
  }
  return has_any ? g_strdup (command->str) : NULL;
}

static UmzExit
obey_input (Console *console)
{
  for (;;) {
    g_autofree char *text = read_records ();
    if (text == NULL || !take_command (console, text, run_without_terminal))
      return console->exit_code;
  }
}

static UmzExit
run_console (Console *console, const char *guest)
{
  if (guest != NULL) {
    hear_signals (console);
    view_guest (console, guest);
    return console->exit_code;
  }
  if (!isatty (STDIN_FILENO) || !isatty (STDOUT_FILENO))
    return obey_input (console);
  hear_signals (console);
  return hold_dialog (console);
}

UmzExit
umz_cli_console (const UmzCliOptions *options, int argc, char **argv)
{
  g_autofree char *guest = NULL;
  const GOptionEntry entries[] = {
    { "guest", 0, 0, G_OPTION_ARG_STRING, &guest, "The console of this VM's guest", "VM" },
    { NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new ("- commands in a dialog");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1) {
    fprintf (stderr, "umzug console: %s\n", error != NULL ? error->message : "too many arguments");
    return UMZ_EXIT_WRONG_USE;
  }
  if (!g_get_charset (NULL))
    (void) setlocale (LC_CTYPE, "C.UTF-8"); /* umzugd speaks UTF-8 */
  Console console = { .options = *options };
  console.options.language = g_strdup (options->language);
  UmzExit exit_code = run_console (&console, guest);
  g_free (console.options.language);
  return exit_code;
}

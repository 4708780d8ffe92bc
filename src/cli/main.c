/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* main.c: umzug, the operator's command. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "describe/help.h"
#include "messages/catalogue.h"
#include "sdf/parse.h"
#include "sdf/words.h"

#define DEFAULT_SOCKET "/run/umzug/umzugd.sock"

/* What umzug does besides giving commands to umzugd. */
static const struct {
  const char *name;
  UmzExit (*run) (const UmzCliOptions *options, int argc, char **argv);
} subcommands[] = {
  { "completion", umz_cli_completion },
  { "console", umz_cli_console },
  { "log", umz_cli_log },
  { "pki", umz_cli_pki },
};

static char *
dup_summary (void)
{
  g_autofree char *commands = umz_describe_overview ();
  return g_strdup_printf (
    "  umzug '/MIGRATE-VM VM-ID=12,SERVER-UNIT-NAME=ABGSE701'\n"
    "  umzug migrate-vm 12 --server-unit-name ABGSE701 --wait\n"
    "  umzug console [--guest VM]              commands and messages in a dialog\n"
    "  umzug log [--follow] [--long]           the console log of this SU\n"
    "  umzug pki init | request | sign | revoke | issue   the certificates of the cluster\n"
    "  umzug completion bash | zsh             the completion of a shell\n"
    "\n"
    "%s\n"
    "Names may be shortened.  umzug COMMAND --help explains a command, umzug-commands(7) all.\n"
    "Exit status: 0 done or accepted, 1 rejected or failed, 2 wrong use, 3 umzugd not reachable,\n"
    "4 in doubt.",
    commands);
}

typedef UmzExit (*Subcommand) (const UmzCliOptions *options, int argc, char **argv);

static Subcommand
find_subcommand (const char *word)
{
  for (size_t i = 0; i < G_N_ELEMENTS (subcommands); i++)
    if (strcmp (word, subcommands[i].name) == 0)
      return subcommands[i].run;
  return NULL;
}

/* Options of a subcommand stay for it; those of umzug may also stand behind a command, whose own
 * --names are left for it.
 */
static bool
parse_options (GOptionContext *context, int *argc, char ***argv, GError **error)
{
  g_option_context_set_strict_posix (context, TRUE);
  if (!g_option_context_parse (context, argc, argv, error))
    return false;
  g_option_context_set_strict_posix (context, FALSE);
  g_option_context_set_ignore_unknown_options (context, TRUE);
  return *argc < 2 || find_subcommand ((*argv)[1]) != NULL ||
         g_option_context_parse (context, argc, argv, error);
}

static UmzExit
run (const UmzCliOptions *options, const char *const *words)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *command = umz_words_are_for_shell (words)
                               ? umz_words_dup_sdf (words, &error)
                               : g_strjoinv (" ", (char **) words);
  if (command != NULL)
    return umz_cli_run (options, command);
  umz_cli_print_error (options, error);
  return UMZ_EXIT_WRONG_USE;
}

/* Help for the command that was named, or that a whole command in one word gives. */
static UmzExit
explain (const UmzCliOptions *options, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzCommand) command = NULL;
  const UmzCommandSpec *spec = umz_sdf_find_command (word + (word[0] == '/'));
  if (spec == NULL && !umz_sdf_parse (word, &command, &error)) {
    umz_cli_print_error (options, error);
    return UMZ_EXIT_WRONG_USE;
  }
  if (spec == NULL)
    spec = umz_command_get_spec (command);
  g_autofree char *text = umz_describe_command (spec);
  fputs (text, stdout);
  return UMZ_EXIT_DONE;
}

static void
print_help (GOptionContext *context, FILE *out)
{
  g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);
  fputs (help, out);
}

static UmzExit
dispatch (const UmzCliOptions *options, int argc, char **argv)
{
  Subcommand subcommand = find_subcommand (argv[1]);
  return subcommand != NULL ? subcommand (options, argc - 1, argv + 1)
                            : run (options, (const char *const *) argv + 1);
}

static void
clear_options (UmzCliOptions *options)
{
  g_free (options->socket);
  g_free (options->language);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UmzCliOptions, clear_options)

int
main (int argc, char **argv)
{
  g_auto (UmzCliOptions) options = { 0 };
  UmzLang language;
  gboolean show_help = FALSE, show_version = FALSE;
  const GOptionEntry entries[] = {
    { "wait", 'w', 0, G_OPTION_ARG_NONE, &options.wait,
      "Stay until the move has ended, and show its messages of both SUs", NULL },
    { "socket", 's', 0, G_OPTION_ARG_FILENAME, &options.socket,
      "Socket of umzugd (default: " DEFAULT_SOCKET ")", "PATH" },
    { "language", 'L', 0, G_OPTION_ARG_STRING, &options.language,
      "en or de (default: $UMZUG_LANGUAGE, else as the SU has it)", "LANG" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "Print the answer as JSON", NULL },
    { "return-code", 0, 0, G_OPTION_ARG_NONE, &options.return_code,
      "Print the return code as well (NBR0740)", NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &show_help, "Explain umzug, or the command", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &show_version, "Print the version", NULL },
    { NULL },
  };
  setlocale (LC_ALL, "");
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new ("COMMAND - moves virtual machines");
  g_option_context_add_main_entries (context, entries, NULL);
  g_autofree char *summary = dup_summary ();
  g_option_context_set_summary (context, summary);
  g_option_context_set_help_enabled (context, FALSE); /* a command has help of its own */
  if (!parse_options (context, &argc, &argv, &error)) {
    fprintf (stderr, "umzug: %s\n", error->message);
    return UMZ_EXIT_WRONG_USE;
  }
  const char *environment = g_getenv ("UMZUG_LANGUAGE");
  if (options.language == NULL && environment != NULL && environment[0] != '\0')
    options.language = g_strdup (environment);
  if (show_version) {
    printf ("umzug %s\n", UMZ_VERSION);
    return UMZ_EXIT_DONE;
  }
  if (options.language != NULL && !umz_lang_parse (options.language, &language)) {
    fprintf (stderr, "umzug: language '%s' is unknown: use en or de\n", options.language);
    return UMZ_EXIT_WRONG_USE;
  }
  if (argc < 2) {
    print_help (context, show_help ? stdout : stderr);
    return show_help ? UMZ_EXIT_DONE : UMZ_EXIT_WRONG_USE;
  }
  if (show_help && find_subcommand (argv[1]) == NULL)
    return (int) explain (&options, argv[1]);
  if (show_help) {
    print_help (context, stdout);
    return UMZ_EXIT_DONE;
  }
  if (options.socket == NULL)
    options.socket = g_strdup (DEFAULT_SOCKET);
  return (int) dispatch (&options, argc, argv);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* main.c: umzug, the operator's command. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "messages/catalogue.h"
#include "sdf/shell.h"

#define DEFAULT_SOCKET "/run/umzug/umzugd.sock"

static const char summary[] =
  "  umzug '/MIGRATE-VM VM-ID=12,SERVER-UNIT-NAME=ABGSE701'   moves a VM to another SU\n"
  "  umzug '/CHECK-VM-MIGRATION VM-ID=12'                     says whether it could be moved\n"
  "  umzug '/CANCEL-VM-MIGRATION VM-ID=12'                    ends a move; the VM stays\n"
  "  umzug '/SHOW-VM-ATTRIBUTES'                              shows the VMs of this SU\n"
  "  umzug '/SHOW-JV JV-CONTENTS=MONJV.LM.VM12PROD'           shows a job variable\n"
  "  umzug '/HELP-MSG-INFORMATION VMS2437'                    explains a message\n"
  "  umzug log [--follow] [--long]                            shows the console log of this SU\n"
  "  umzug pki init | umzug pki issue NAME                    makes the cluster's certificates\n"
  "\n"
  "Further commands: START-VM, SHUTDOWN-VM, HOLD-VM, RESUME-VM, MODIFY-VM-DEFINITION,\n"
  "SHOW-VM-DEVICE-STATUS, CREATE-JV, MODIFY-JV, DELETE-JV, SHOW-JV-ATTRIBUTES.\n"
  "Names may be shortened, the slash may go, and so may the quotes where the shell allows.\n"
  "Exit status: 0 done or accepted, 1 rejected or failed, 2 wrong use, 3 umzugd not reachable,\n"
  "4 in doubt.";

static bool
is_subcommand (const char *word)
{
  return strcmp (word, "log") == 0 || strcmp (word, "pki") == 0;
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
  return *argc < 2 || is_subcommand ((*argv)[1]) ||
         g_option_context_parse (context, argc, argv, error);
}

static UmzExit
run (const UmzCliOptions *options, const char *const *words)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *command = umz_shell_is_spelling (words)
                               ? umz_shell_dup_sdf (words, &error)
                               : g_strjoinv (" ", (char **) words);
  if (command != NULL)
    return umz_cli_run (options, command);
  umz_cli_print_error (options, error);
  return UMZ_EXIT_WRONG_USE;
}

static UmzExit
dispatch (const UmzCliOptions *options, int argc, char **argv)
{
  if (strcmp (argv[1], "log") == 0)
    return umz_cli_log (options, argc - 1, argv + 1);
  if (strcmp (argv[1], "pki") == 0)
    return umz_cli_pki (argc - 1, argv + 1);
  return run (options, (const char *const *) argv + 1);
}

int
main (int argc, char **argv)
{
  UmzCliOptions options = { 0 };
  UmzLang language;
  gboolean show_version = FALSE;
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
    { "version", 0, 0, G_OPTION_ARG_NONE, &show_version, "Print the version", NULL },
    { NULL },
  };
  setlocale (LC_ALL, "");
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new ("COMMAND - moves virtual machines");
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (context, summary);
  if (!parse_options (context, &argc, &argv, &error)) {
    fprintf (stderr, "umzug: %s\n", error->message);
    return UMZ_EXIT_WRONG_USE;
  }
  if (options.language == NULL)
    options.language = g_strdup (g_getenv ("UMZUG_LANGUAGE"));
  if (show_version) {
    printf ("umzug %s\n", UMZ_VERSION);
    return UMZ_EXIT_DONE;
  }
  if (argc < 2 || (options.language != NULL && !umz_lang_parse (options.language, &language))) {
    g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);
    fputs (help, stderr);
    return UMZ_EXIT_WRONG_USE;
  }
  if (options.socket == NULL)
    options.socket = g_strdup (DEFAULT_SOCKET);
  UmzExit exit_code = dispatch (&options, argc, argv);
  g_free (options.socket);
  g_free (options.language);
  return (int) exit_code;
}

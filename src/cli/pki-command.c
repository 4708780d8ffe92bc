/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pki-command.c: makes a cluster's certificates. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "messages/catalogue.h"
#include "pki/pki.h"

#define DEFAULT_DIR "/etc/umzug/pki"

static UmzExit
init (const char *dir, const char *cluster, GError **error)
{
  if (!umz_pki_init (dir, cluster, error))
    return UMZ_EXIT_FAILED;
  printf (
    "The CA of cluster %s is in %s.\n"
    "Next: umzug pki issue NAME   for each SU.  Keep ca-key.pem here; it goes to no other SU.\n",
    cluster, dir);
  return UMZ_EXIT_DONE;
}

static UmzExit
issue (const char *dir, const char *name, GError **error)
{
  g_autofree char *upper = umz_text_dup_upper (name);
  if (!umz_pki_issue (dir, upper, error))
    return UMZ_EXIT_FAILED;
  printf ("Bring ca.pem, %s.pem and %s-key.pem from %s to %s on SU %s.\n", upper, upper, dir,
          DEFAULT_DIR, upper);
  return UMZ_EXIT_DONE;
}

UmzExit
umz_cli_pki (const UmzCliOptions *options, int argc, char **argv)
{
  char *dir = NULL, *cluster = NULL;
  const GOptionEntry entries[] = {
    { "dir", 'd', 0, G_OPTION_ARG_FILENAME, &dir, "Where the files are (default: " DEFAULT_DIR ")",
      "DIR" },
    { "cluster", 0, 0, G_OPTION_ARG_STRING, &cluster, "Name of the cluster (default: UMZUG)",
      "NAME" },
    { NULL },
  };
  UmzExit exit_code = UMZ_EXIT_WRONG_USE;
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context =
    g_option_context_new ("init | issue NAME - the cluster's certificates");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    fprintf (stderr, "umzug pki: %s\n", error->message);
  else if (argc == 2 && strcmp (argv[1], "init") == 0)
    exit_code = init (dir != NULL ? dir : DEFAULT_DIR, cluster != NULL ? cluster : "UMZUG", &error);
  else if (argc == 3 && strcmp (argv[1], "issue") == 0)
    exit_code = issue (dir != NULL ? dir : DEFAULT_DIR, argv[2], &error);
  else {
    g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);
    fputs (help, stderr);
  }
  if (exit_code == UMZ_EXIT_FAILED) {
    g_autofree char *text = umz_error_render (error, UMZ_LANG_EN);
    fprintf (stderr, "%% %s\n", text);
  }
  g_free (dir);
  g_free (cluster);
  return exit_code;
}

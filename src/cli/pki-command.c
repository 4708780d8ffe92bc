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
    "Next: umzug pki request NAME   on each SU.  Keep ca-key.pem here; it goes to no other SU.\n",
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

static UmzExit
make_request (const char *dir, const char *name, GError **error)
{
  g_autofree char *upper = umz_text_dup_upper (name);
  if (!umz_pki_request (dir, upper, error))
    return UMZ_EXIT_FAILED;
  printf ("The key of SU %s stays here, in %s.\n"
          "Bring %s.csr to the host of the CA.  Next, there: umzug pki sign %s FILE\n",
          upper, dir, upper, upper);
  return UMZ_EXIT_DONE;
}

static UmzExit
sign_request (const char *dir, const char *name, const char *path, GError **error)
{
  g_autofree char *upper = umz_text_dup_upper (name);
  if (!umz_pki_sign (dir, upper, path, error))
    return UMZ_EXIT_FAILED;
  printf ("Bring ca.pem and %s.pem from %s to %s on SU %s.\n"
          "If umzugd runs there: systemctl reload umzugd\n",
          upper, dir, DEFAULT_DIR, upper);
  return UMZ_EXIT_DONE;
}

static UmzExit
revoke_file (const char *dir, const char *path, GError **error)
{
  if (!umz_pki_revoke (dir, path, error))
    return UMZ_EXIT_FAILED;
  printf ("Bring revoked.pem from %s to %s on each SU, and there: systemctl reload umzugd\n", dir,
          DEFAULT_DIR);
  return UMZ_EXIT_DONE;
}

/* What argv asks for; UMZ_EXIT_WRONG_USE: nothing that there is. */
static UmzExit
carry_out (const char *dir, const char *cluster, int argc, char **argv, GError **error)
{
  const char *verb = argc > 1 ? argv[1] : "";
  if (argc == 2 && strcmp (verb, "init") == 0)
    return init (dir, cluster, error);
  if (argc == 3 && strcmp (verb, "issue") == 0)
    return issue (dir, argv[2], error);
  if (argc == 3 && strcmp (verb, "request") == 0)
    return make_request (dir, argv[2], error);
  if (argc == 4 && strcmp (verb, "sign") == 0)
    return sign_request (dir, argv[2], argv[3], error);
  if (argc == 3 && strcmp (verb, "revoke") == 0)
    return revoke_file (dir, argv[2], error);
  return UMZ_EXIT_WRONG_USE;
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
  g_autoptr (GOptionContext) context = g_option_context_new (
    "init | request NAME | sign NAME FILE | revoke FILE | issue NAME - the cluster's certificates");
  g_option_context_set_summary (
    context, "  init             makes the CA, on one host\n"
             "  request NAME     on SU NAME: its key, which stays there, and NAME.csr\n"
             "  sign NAME FILE   on the CA's host: the certificate, by that request\n"
             "  revoke FILE      on the CA's host: that certificate is good no more\n"
             "  issue NAME       key and certificate at once, on the CA's host");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    fprintf (stderr, "umzug pki: %s\n", error->message);
  else
    exit_code = carry_out (dir != NULL ? dir : DEFAULT_DIR, cluster != NULL ? cluster : "UMZUG",
                           argc, argv, &error);
  if (exit_code == UMZ_EXIT_WRONG_USE) {
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

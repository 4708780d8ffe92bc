/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* log.c: the SU's console log in the documents' form. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

#define LOOK_MS 250

typedef struct {
  gboolean follow;
  gboolean is_long;
} LogOptions;

static bool
print_news (const UmzCliOptions *options, bool is_long, uint64_t *after, UmzExit *ret_exit)
{
  guint n_lines;
  UmzCliLine line;
  g_autoptr (JsonNode) answer = umz_cli_ask_news (options, "/1/console", *after, ret_exit);
  if (answer == NULL)
    return false;
  const char *own_su = umz_cli_get_text (answer, "su");
  JsonArray *lines = umz_cli_get_lines (answer, &n_lines);
  for (guint i = 0; i < n_lines; i++) {
    if (!umz_cli_read_line (json_array_get_object_element (lines, i), &line))
      continue;
    *after = line.number;
    if (!is_long && strcmp (line.su, own_su) != 0)
      continue; /* the long form has the lines of the other SUs */
    g_autofree char *text =
      umz_cli_dup_line (&line, is_long ? UMZ_CLI_FORM_LONG : UMZ_CLI_FORM_SHORT);
    fputs (text, stdout);
  }
  fflush (stdout);
  return true;
}

UmzExit
umz_cli_log (const UmzCliOptions *options, int argc, char **argv)
{
  LogOptions log = { 0 };
  const GOptionEntry entries[] = {
    { "follow", 'f', 0, G_OPTION_ARG_NONE, &log.follow, "Go on with what comes", NULL },
    { "long", 'l', 0, G_OPTION_ARG_NONE, &log.is_long,
      "With date, milliseconds and SU, and the lines of the other SUs", NULL },
    { NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new ("- the console log of this SU");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1) {
    fprintf (stderr, "umzug log: %s\n", error != NULL ? error->message : "too many arguments");
    return UMZ_EXIT_WRONG_USE;
  }
  uint64_t after = 0;
  UmzExit exit_code = UMZ_EXIT_DONE;
  while (print_news (options, log.is_long, &after, &exit_code) && log.follow)
    g_usleep (LOOK_MS * 1000);
  return exit_code;
}

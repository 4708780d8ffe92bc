/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* log.c: the SU's console log in the documents' form. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "model/json.h"

#define LOOK_MS 250

typedef struct {
  gboolean follow;
  gboolean is_long;
} LogOptions;

char *
umz_cli_dup_local_time (int64_t time_us, const char *format)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = g_date_time_to_local (utc);
  return g_date_time_format (local, format);
}

/* hhmmss % VMSnnnn ...; a command's echo has no %.  The long form has the date, the SU, and the
 * lines of the other SUs.
 */
static void
print_line (JsonObject *line, const char *own_su, bool is_long)
{
  const char *text = "", *su = "";
  uint64_t time_us = 0, echo = 0;
  bool ok = umz_json_get_text (line, "text", 65536, &text) &&
            umz_json_get_text (line, "su", 64, &su) &&
            umz_json_get_number (line, "time_us", INT64_MAX, &time_us) &&
            umz_json_get_number (line, "echo", 1, &echo);
  if (!ok || (!is_long && strcmp (su, own_su) != 0))
    return;
  g_autofree char *time =
    umz_cli_dup_local_time ((int64_t) time_us, is_long ? "%F %H:%M:%S" : "%H%M%S");
  if (is_long)
    printf ("%s.%03u %-8s %s%s\n", time, (unsigned) (time_us / 1000 % 1000), su, echo ? "" : "% ",
            text);
  else
    printf ("%s %s%s\n", time, echo ? "" : "% ", text);
}

static bool
print_news (const UmzCliOptions *options, bool is_long, uint64_t *after, UmzExit *ret_exit)
{
  const char *own_su = "";
  g_autoptr (JsonNode) answer = umz_cli_ask_news (options, "/1/console", *after, ret_exit);
  if (answer == NULL)
    return false;
  (void) umz_json_get_text (json_node_get_object (answer), "su", 64,
                            &own_su); /* else none is ours */
  JsonArray *lines = umz_json_get_array (json_node_get_object (answer), "lines", 100000);
  for (guint i = 0; lines != NULL && i < json_array_get_length (lines); i++) {
    JsonObject *line = json_array_get_object_element (lines, i);
    print_line (line, own_su, is_long);
    (void) umz_json_get_number (line, "number", INT64_MAX, after); /* else it comes again */
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

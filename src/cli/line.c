/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* line.c: a line of the console log, as it is shown. */
#include "cli/cli.h"
#include "model/json.h"

bool
umz_cli_read_line (JsonObject *object, UmzCliLine *ret_line)
{
  uint64_t time_us = 0, echo = 0;
  if (!umz_json_get_text (object, "text", 65536, &ret_line->text) ||
      !umz_json_get_text (object, "su", 64, &ret_line->su) ||
      !umz_json_get_number (object, "number", INT64_MAX, &ret_line->number) ||
      !umz_json_get_number (object, "time_us", INT64_MAX, &time_us) ||
      !umz_json_get_number (object, "echo", 1, &echo))
    return false;
  ret_line->time_us = (int64_t) time_us;
  ret_line->is_echo = echo != 0;
  return true;
}

static char *
dup_local_time (int64_t time_us, const char *format)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = g_date_time_to_local (utc);
  return g_date_time_format (local, format);
}

char *
umz_cli_dup_line (const UmzCliLine *line, UmzCliForm form)
{
  bool is_long = form == UMZ_CLI_FORM_LONG;
  const char *mark = line->is_echo ? "" : "% ";
  g_autofree char *time = dup_local_time (line->time_us, is_long ? "%F %H:%M:%S" : "%H%M%S");
  if (is_long)
    return g_strdup_printf ("%s.%03u %-8s %s%s\n", time, (unsigned) (line->time_us / 1000 % 1000),
                            line->su, mark, line->text);
  return form == UMZ_CLI_FORM_NAMED
           ? g_strdup_printf ("%-8s %s %s%s\n", line->su, time, mark, line->text)
           : g_strdup_printf ("%s %s%s\n", time, mark, line->text);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/progress.h"

#include <string.h>

#define MIB (UINT64_C (1) << 20)

static const UmzCliProgress half = { .phase = "copy",
                                     .round = 1,
                                     .total_bytes = 200 * MIB,
                                     .remaining_bytes = 100 * MIB,
                                     .link_bytes = 50 * MIB,
                                     .guest_bytes_per_s = 25 * MIB,
                                     .left_ms = 4001 };

static void
a_line_fills_the_terminal (void)
{
  g_autofree char *line = umz_cli_dup_progress (&half, 80);
  g_assert_cmpstr (line, ==,
                   "copy       [#########----------]  50 %  "
                   "round 1, 50 MiB sent, 25 MiB/s, 5 s left");
  g_assert_cmpuint (strlen (line), <=, 80);
}

static void
a_narrow_terminal_has_no_bar (void)
{
  g_autofree char *narrow = umz_cli_dup_progress (&half, 64);
  g_autofree char *tiny = umz_cli_dup_progress (&half, 16);
  g_assert_cmpstr (narrow, ==, "copy        50 %  round 1, 50 MiB sent, 25 MiB/s, 5 s left");
  g_assert_cmpstr (tiny, ==, "copy        50 %");
}

static void
what_is_not_known_is_not_said (void)
{
  UmzCliProgress progress = half;
  progress.left_ms = 0;
  g_autofree char *line = umz_cli_dup_progress (&progress, 200);
  g_assert_null (strstr (line, "left"));
  progress.total_bytes = 0;
  g_autofree char *early = umz_cli_dup_progress (&progress, 200);
  g_assert_nonnull (strstr (early, "  0 %"));
}

static void
more_than_all_is_not_left (void)
{
  UmzCliProgress progress = half;
  progress.remaining_bytes = 300 * MIB;
  g_autofree char *line = umz_cli_dup_progress (&progress, 80);
  g_assert_nonnull (strstr (line, "[--"));
  progress.remaining_bytes = 0;
  g_autofree char *done = umz_cli_dup_progress (&progress, 80);
  g_assert_nonnull (strstr (done, "#] 100 %"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/progress/" name, function)
  ADD ("a-line-fills-the-terminal", a_line_fills_the_terminal);
  ADD ("a-narrow-terminal-has-no-bar", a_narrow_terminal_has_no_bar);
  ADD ("what-is-not-known-is-not-said", what_is_not_known_is_not_said);
  ADD ("more-than-all-is-not-left", more_than_all_is_not_left);
#undef ADD
  return g_test_run ();
}

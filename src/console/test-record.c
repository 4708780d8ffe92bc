/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-record.c: lines are joined as SDF joins them. */
#include "console/record.h"

static void
lines_are_joined_at_their_hyphens (void)
{
  static const struct {
    const char *lines[4];
    const char *command;
  } cases[] = {
    { { "MIGRATE-VM 12" }, "MIGRATE-VM 12" },
    { { "MIGRATE-VM 12,-", "SERVER-UNIT-NAME=A" }, "MIGRATE-VM 12,SERVER-UNIT-NAME=A" },
    { { "MIGRATE-VM 12,-  ", "  /  A" }, "MIGRATE-VM 12,  A" },
    { { "/MIGR-", "ATE-VM -", "12" }, "/MIGRATE-VM 12" },
    { { "-", "A" }, "A" },
    { { "MODIFY-JV A,'x -", "y'" }, "MODIFY-JV A,'x y'" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GString) command = g_string_new (NULL);
    const char *const *line = cases[i].lines;
    for (; line[1] != NULL; line++) {
      g_assert_true (umz_record_is_continued (*line));
      umz_record_append (command, *line);
    }
    g_assert_false (umz_record_is_continued (*line));
    umz_record_append (command, *line);
    g_assert_cmpstr (command->str, ==, cases[i].command);
  }
}

static void
an_empty_line_ends_a_command (void)
{
  g_assert_false (umz_record_is_continued (""));
  g_assert_false (umz_record_is_continued ("  "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/record/lines-are-joined-at-their-hyphens",
                   lines_are_joined_at_their_hyphens);
  g_test_add_func ("/record/an-empty-line-ends-a-command", an_empty_line_ends_a_command);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-explain.c: what a question mark explains. */
#include "console/explain.h"

#include <glib.h>

static void
what_stands_there_is_explained (void)
{
  static const struct {
    const char *before, *begin; /* of the explanation; NULL: the question mark is text */
  } cases[] = {
    { "", "  ACTIVATE-VM-DEFINITION  Make a VM" },
    { "/", "  ACTIVATE-VM-DEFINITION" },
    { "FLY", "  ACTIVATE-VM-DEFINITION" },
    { "MIGRATE-VM", "Move a VM to another SU while its guest runs.\n\nMIGRATE-VM\n" },
    { "SHOW-VM-D", "  SHOW-VM-DEFINITION\n      Show" },
    { "EX", "  EXIT      Leave the console.\n" },
    { "HELP MIGRATE-VM", "Move a VM to another SU" },
    { "GUEST ", "GUEST: View" },
    { "MIGRATE-VM ", "Move a VM to another SU" },
    { "MIGRATE-VM VM-ID=", "VM-IDENTIFICATION = " },
    { "MIGRATE-VM VM-ID=VM", "VM-IDENTIFICATION = " },
    { "MIGRATE-VM X", "VM-IDENTIFICATION = " },
    { "MIGRATE-VM 12,", "SERVER-UNIT-NAME = " },
    { "MIGRATE-VM 12,MON", "MONJV = " },
    { "MIGRATE-VM SERVER-UNIT=A,", "VM-IDENTIFICATION = " },
    { "MIGRATE-VM 12 ", "Move a VM to another SU" },
    { "MIGRATE-VM ((", "Move a VM to another SU" },
    { "MIGRATE-VM COLOUR=", "Move a VM to another SU" },
    { "SHOW-VM-DEVICE-STATUS SELECT=(", "STATE = " },
    { "WAIT-EVENT CONDITION=", "CONDITION = " },
    { "WAIT-EVENT CONDITION=(A)='", NULL },
    { "MODIFY-JV A,'what", NULL },
    { "MIGRATE-VM \"why", NULL },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = umz_explain (cases[i].before);
    g_test_message ("%s -> %s", cases[i].before, text != NULL ? text : "(text)");
    if (cases[i].begin == NULL)
      g_assert_null (text);
    else
      g_assert_true (text != NULL && g_str_has_prefix (text, cases[i].begin));
  }
}

static void
explanations_fit_80_columns (void)
{
  static const char *const cases[] = { "", "SHOW-VM-D", "S", "MIG", "MIGRATE-VM 12,SERVER=" };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = umz_explain (cases[i]);
    g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
      g_test_message ("%s", *line);
      g_assert_cmpint (g_utf8_strlen (*line, -1), <=, 80);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/explain/what-stands-there-is-explained", what_stands_there_is_explained);
  g_test_add_func ("/explain/explanations-fit-80-columns", explanations_fit_80_columns);
  return g_test_run ();
}

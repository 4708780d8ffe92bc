/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sdf/pattern.h"

#include <glib.h>
#include <string.h>

static void
test_selection (void)
{
  static const struct {
    const char *pattern, *selected, *others; /* names with blanks between */
  } rows[] = {
    { "VM12PROD", "VM12PROD vm12prod", "VM12PRO VM12PRODX" },
    { "VM*", "VM VM1 vm12prod", "V XVM" },
    { "*PROD", "PROD VM12PROD PRODPROD", "PRODX PRO" },
    { "*1*2*", "12 A1B2C 112", "21 A1 2" },
    { "VM/", "VM1 VMX", "VM VM12" },
    { "VM//PROD", "VM12PROD VMXYPROD", "VM1PROD VM123PROD" },
    { "VM<1:3>", "VM1 VM2 VM3", "VM0 VM4 VM VM12" },
    { "VM<08:12>", "VM08 VM09 VM10 VM12", "VM07 VM13 VM1" },
    { "VM<1,5>", "VM1 VM5", "VM2 VM15" },
    { "<A:C,X>*", "A B1 CC XYZ", "D Y" },
    { "VM<1:20>", "VM1 VM2 VM10 VM15 VM20", "VM21 VM3 VM0" },
    { "-VM*", "A DB2", "VM VM1" },
    { "MONJV.LM.*", "MONJV.LM.VM12PROD", "MONJV.XM.A MONJV" },
    { "A-*", "A-B", "AB" },
    { "-*", "", "A VM1" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (GStrv) selected = g_strsplit (rows[i].selected, " ", -1);
    g_auto (GStrv) others = g_strsplit (rows[i].others, " ", -1);
    g_test_message ("%s", rows[i].pattern);
    g_assert_true (umz_pattern_is_valid (rows[i].pattern));
    for (char **name = selected; *name != NULL; name++)
      g_assert_true (umz_pattern_selects (rows[i].pattern, *name));
    for (char **name = others; *name != NULL; name++)
      g_assert_false (umz_pattern_selects (rows[i].pattern, *name));
  }
}

static void
test_validity (void)
{
  static const char *const bad[] = { "", "-", "A B", "A_B", "<", "<>",
                                     "<A", "A>", "<A:>", "<:B>", "<A,>", "<,A>",
                                     "<A:B:C>", "<A*>", "<<A>>", "a*", "A:*", "A>*" };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_test_message ("%s", bad[i]);
    g_assert_false (umz_pattern_is_valid (bad[i]));
  }
}

/* With a way for each share of the stars this would not end. */
static void
test_many_stars (void)
{
  g_autofree char *name = g_strnfill (255, 'A');
  g_assert_false (umz_pattern_selects ("*A*A*A*A*A*A*A*A*A*B", name));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pattern/selects-what-it-says", test_selection);
  g_test_add_func ("/pattern/nonsense-is-not-valid", test_validity);
  g_test_add_func ("/pattern/many-stars-take-no-longer", test_many_stars);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/move-state.h"

#include <glib.h>

#include "model/side.h"

static void
test_states (void)
{
  UmzState state;
  for (UmzState wanted = UMZ_STATE_NONE; wanted <= UMZ_STATE_REFUSED; wanted++) {
    g_assert_true (umz_state_parse (umz_state_name (wanted), &state));
    g_assert_cmpint (state, ==, wanted);
  }
  g_assert_false (umz_state_parse ("runs", &state));
  g_assert_false (umz_state_parse ("", &state));
  g_assert_false (umz_state_parse (NULL, &state));
}

static void
test_sides (void)
{
  UmzSide side;
  for (UmzSide wanted = UMZ_SIDE_SOURCE; wanted <= UMZ_SIDE_TARGET; wanted++) {
    g_assert_true (umz_side_parse (umz_side_name (wanted), &side));
    g_assert_cmpint (side, ==, wanted);
  }
  g_assert_false (umz_side_parse ("", &side));
  g_assert_false (umz_side_parse (NULL, &side));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/move-state/a-state-is-known-by-its-name-and-by-nothing-else", test_states);
  g_test_add_func ("/move-state/a-side-is-known-by-its-name-and-by-nothing-else", test_sides);
  return g_test_run ();
}

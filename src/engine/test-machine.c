/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/machine.h"

static void
test_unambiguous (void)
{
  size_t n;
  const UmzTransition *t = umz_machine_get_transitions (&n);
  for (size_t i = 0; i < n; i++)
    for (size_t k = i + 1; k < n; k++)
      g_assert_false (t[i].side == t[k].side && t[i].from == t[k].from && t[i].on == t[k].on);
}

/* Set of the states that can be reached from `state`, as bits. */
static unsigned
reach (UmzSide side, UmzState state)
{
  size_t n;
  const UmzTransition *t = umz_machine_get_transitions (&n);
  unsigned found = 1u << state;
  for (size_t round = 0; round < n; round++)
    for (size_t i = 0; i < n; i++)
      if (t[i].side == side && (found & (1u << t[i].from)))
        found |= 1u << t[i].to;
  return found;
}

static void
test_reachable (void)
{
  g_assert_cmphex (reach (UMZ_SIDE_SOURCE, UMZ_STATE_NONE), ==,
                   1u << UMZ_STATE_NONE | 1u << UMZ_STATE_COPYING | 1u << UMZ_STATE_COMMITTED |
                     1u << UMZ_STATE_GONE | 1u << UMZ_STATE_ABORTED);
  g_assert_cmphex (reach (UMZ_SIDE_TARGET, UMZ_STATE_NONE), ==,
                   1u << UMZ_STATE_NONE | 1u << UMZ_STATE_RECEIVING | 1u << UMZ_STATE_OWNER |
                     1u << UMZ_STATE_RUNS | 1u << UMZ_STATE_REFUSED | 1u << UMZ_STATE_ABORTED);
}

static void
test_decisions_stay (void)
{
  g_assert_cmphex (reach (UMZ_SIDE_SOURCE, UMZ_STATE_GONE), ==, 1u << UMZ_STATE_GONE);
  /* But an operator may have decided otherwise at the target. */
  g_assert_cmphex (reach (UMZ_SIDE_SOURCE, UMZ_STATE_ABORTED), ==,
                   1u << UMZ_STATE_ABORTED | 1u << UMZ_STATE_GONE);
  g_assert_cmphex (reach (UMZ_SIDE_TARGET, UMZ_STATE_RUNS), ==, 1u << UMZ_STATE_RUNS);
  g_assert_cmphex (reach (UMZ_SIDE_TARGET, UMZ_STATE_ABORTED), ==, 1u << UMZ_STATE_ABORTED);
}

static void
test_commit_point (void)
{
  UmzState next;
  g_assert_false (umz_machine_next (UMZ_SIDE_SOURCE, UMZ_STATE_COMMITTED, UMZ_EVENT_FAIL, &next));
  g_assert_false (umz_machine_next (UMZ_SIDE_TARGET, UMZ_STATE_RECEIVING, UMZ_EVENT_RUNS, &next));
  g_assert_false (umz_machine_next (UMZ_SIDE_TARGET, UMZ_STATE_RUNS, UMZ_EVENT_REFUSED, &next));
  g_assert_false (umz_machine_next (UMZ_SIDE_TARGET, UMZ_STATE_OWNER, UMZ_EVENT_ABORT, &next));
}

static void
test_names (void)
{
  for (UmzState state = UMZ_STATE_NONE; state <= UMZ_STATE_REFUSED; state++) {
    UmzState back;
    g_assert_true (umz_state_parse (umz_state_name (state), &back));
    g_assert_cmpint (back, ==, state);
  }
  g_assert_false (umz_state_parse ("PARKED", &(UmzState){ 0 }));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/machine/no-state-and-event-has-two-rows", test_unambiguous);
  g_test_add_func ("/machine/every-state-of-a-side-is-reached", test_reachable);
  g_test_add_func ("/machine/a-decision-is-never-taken-back", test_decisions_stay);
  g_test_add_func ("/machine/nothing-fails-back-over-the-commit", test_commit_point);
  g_test_add_func ("/machine/states-are-known-by-name", test_names);
  return g_test_run ();
}

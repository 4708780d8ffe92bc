/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/guard.h"

#include <glib.h>

#define MIB (1024 * 1024)

/* The course of a copy: what remained at the end of each round, in MiB; 0 ends the list. */
static const struct {
  const char *name;
  unsigned remaining_mib[12];
  unsigned decided_in_round; /* 0: never */
} courses[] = {
  { "converges", { 512, 100, 40, 15, 5, 1 }, 0 },
  { "stands still", { 512, 100, 100, 100, 100, 100 }, 6 },
  { "gets worse", { 512, 100, 120, 130, 140, 150 }, 6 },
  { "progress in between", { 512, 100, 100, 100, 90, 90, 90, 90, 90 }, 9 },
  { "a twentieth is not progress", { 512, 100, 97, 96, 96, 96 }, 6 },
};

static unsigned
run (const unsigned *remaining_mib, UmzGuardPolicy policy, UmzGuardDecision *ret_decision)
{
  UmzGuard guard = { 0 };
  for (unsigned round = 1; remaining_mib[round - 1] != 0; round++) {
    uint64_t least = (uint64_t) remaining_mib[round - 1] * MIB;
    for (uint64_t look = 3; look >= 1; look--) {
      *ret_decision = umz_guard_look (&guard, policy, round, least * look);
      if (*ret_decision != UMZ_GUARD_GO_ON)
        return round;
    }
  }
  return 0;
}

static void
test_courses (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (courses); i++) {
    UmzGuardDecision decision;
    g_test_message ("%s", courses[i].name);
    g_assert_cmpuint (run (courses[i].remaining_mib, UMZ_GUARD_MUST_CONVERGE, &decision), ==,
                      courses[i].decided_in_round);
    g_assert_cmpint (decision, ==,
                     courses[i].decided_in_round ? UMZ_GUARD_GIVE_UP : UMZ_GUARD_GO_ON);
    g_assert_cmpuint (run (courses[i].remaining_mib, UMZ_GUARD_CARRIES_THROUGH, &decision), ==,
                      courses[i].decided_in_round);
    g_assert_cmpint (decision, ==,
                     courses[i].decided_in_round ? UMZ_GUARD_SUSPEND : UMZ_GUARD_GO_ON);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guard/it-decides-after-the-third-round-without-progress", test_courses);
  return g_test_run ();
}

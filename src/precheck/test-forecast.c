/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/forecast.h"

#include <glib.h>

#define MIB UINT64_C (1048576)
#define S   INT64_C (1000000)

#define CAME_THROUGH(total, mib)                                                      \
  {                                                                                   \
    .has_come_through = true, .is_coded = true, .total_us = (total) *S, .copy_us = S, \
    .stop_us = (total) *10000, .guest_bytes = 100 * MIB, .link_bytes = (mib) *MIB     \
  }

static UmzForecast
forecast (const UmzPastMove *past, size_t n_past, bool has_mirror, uint64_t dirty_mib_per_s,
          uint64_t link_mib_per_s)
{
  UmzForecastFacts facts = {
    .past = past,
    .n_past = n_past,
    .is_coded = true,
    .has_mirror = has_mirror,
    .memory_bytes = 400 * MIB,
    .dirty_bytes_per_s = dirty_mib_per_s * MIB,
    .link_bytes_per_s = link_mib_per_s * MIB,
    .suspension_us = 300000,
  };
  return umz_forecast (&facts);
}

static void
without_anything_nothing_is_said (void)
{
  g_assert_cmpint (forecast (NULL, 0, false, 10, 0).basis, ==, UMZ_FORECAST_NONE);
}

static void
the_middle_of_the_last_five_is_expected (void)
{
  const UmzPastMove past[] = { CAME_THROUGH (99, 999), CAME_THROUGH (4, 40), CAME_THROUGH (5, 50),
                               CAME_THROUGH (3, 30), CAME_THROUGH (30, 300), CAME_THROUGH (6, 60) };
  UmzForecast f = forecast (past, G_N_ELEMENTS (past), false, 10, 1);
  g_assert_cmpint (f.basis, ==, UMZ_FORECAST_HISTORY);
  g_assert_cmpint (f.total_us, ==, 5 * S);
  g_assert_cmpint (f.stop_us, ==, 50000);
  g_assert_cmpuint (f.link_bytes, ==, 50 * MIB);
  g_assert_false (f.is_hopeless);
}

static void
of_two_the_mean_is (void)
{
  const UmzPastMove past[] = { CAME_THROUGH (4, 40), CAME_THROUGH (6, 20) };
  UmzForecast f = forecast (past, 2, false, 10, 1);
  g_assert_cmpint (f.total_us, ==, 5 * S);
  g_assert_cmpuint (f.link_bytes, ==, 30 * MIB);
}

static void
moves_of_another_kind_do_not_count (void)
{
  UmzPastMove past[] = { CAME_THROUGH (4, 40), CAME_THROUGH (1, 1), CAME_THROUGH (9, 90),
                         CAME_THROUGH (8, 80) };
  past[1].has_mirror = true;
  past[2].has_come_through = false;
  past[3].is_coded = false;
  g_assert_cmpint (forecast (past, 4, false, 10, 1).total_us, ==, 4 * S);
  g_assert_cmpint (forecast (past, 4, true, 10, 1).total_us, ==, 1 * S);
}

static void
without_moves_rounds_are_reckoned (void)
{
  /* 400 MiB at 100 MiB/s; 160 that were changed meanwhile at 40; then 64, then 25.6 at the stop. */
  UmzForecast f = forecast (NULL, 0, false, 40, 100);
  g_assert_cmpint (f.basis, ==, UMZ_FORECAST_LINK);
  g_assert_cmpint (f.total_us, ==, 1500000 + 4000000 + 1600000 + 640000 + 256000);
  g_assert_cmpint (f.stop_us, ==, 100000 + 256000);
  g_assert_cmpuint (f.link_bytes / MIB, ==, 649);
}

static void
nothing_is_said_of_a_guest_that_changes_what_the_link_carries (void)
{
  const UmzPastMove past[] = { CAME_THROUGH (4, 40) };
  g_assert_cmpint (forecast (NULL, 0, false, 200, 100).basis, ==, UMZ_FORECAST_NONE);
  g_assert_cmpint (forecast (NULL, 0, false, 200, 100).total_us, ==, 0);
  g_assert_cmpint (forecast (NULL, 0, false, 90, 100).basis, ==, UMZ_FORECAST_NONE);
  g_assert_cmpint (forecast (NULL, 0, false, 89, 100).basis, ==, UMZ_FORECAST_LINK);
  /* It came through before. */
  g_assert_cmpint (forecast (past, 1, false, 200, 100).basis, ==, UMZ_FORECAST_HISTORY);
}

static void
what_was_given_up_is_hopeless_as_long_as_it_changes_as_much (void)
{
  const UmzPastMove past[] = {
    CAME_THROUGH (4, 40),
    { .is_given_up = true, .is_coded = true, .copy_us = 10 * S, .guest_bytes = 250 * MIB },
  };
  const UmzPastMove later[] = { past[1], past[0] };
  g_assert_true (forecast (past, 2, false, 25, 100).is_hopeless);
  g_assert_true (forecast (past, 2, false, 80, 100).is_hopeless);
  g_assert_true (forecast (past, 2, false, 23, 100).is_hopeless);
  g_assert_false (forecast (past, 2, false, 22, 100).is_hopeless);
  g_assert_false (forecast (later, 2, false, 80, 100).is_hopeless); /* it came through since */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/forecast/" name, function)
  ADD ("without-anything-nothing-is-said", without_anything_nothing_is_said);
  ADD ("the-middle-of-the-last-five-is-expected", the_middle_of_the_last_five_is_expected);
  ADD ("of-two-the-mean-is", of_two_the_mean_is);
  ADD ("moves-of-another-kind-do-not-count", moves_of_another_kind_do_not_count);
  ADD ("without-moves-rounds-are-reckoned", without_moves_rounds_are_reckoned);
  ADD ("nothing-is-said-of-a-guest-that-changes-what-the-link-carries",
       nothing_is_said_of_a_guest_that_changes_what_the_link_carries);
  ADD ("what-was-given-up-is-hopeless-as-long-as-it-changes-as-much",
       what_was_given_up_is_hopeless_as_long_as_it_changes_as_much);
#undef ADD
  return g_test_run ();
}

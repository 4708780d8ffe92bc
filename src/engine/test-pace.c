/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/pace.h"

#include <glib.h>

#define QUARTER_US 250000

static void
note_at_rate (UmzPace *pace, unsigned first, unsigned n, uint64_t bytes_each)
{
  uint64_t bytes = (first + 1) * UINT64_C (1000);

  for (unsigned i = first; i < first + n; i++, bytes += bytes_each)
    umz_pace_note (pace, (int64_t) i * QUARTER_US, bytes);
}

static void
one_look_tells_nothing (void)
{
  UmzPace pace = { 0 };

  g_assert_cmpuint (umz_pace_get (&pace), ==, 0);
  umz_pace_note (&pace, 1000, 1000);
  g_assert_cmpuint (umz_pace_get (&pace), ==, 0);
  umz_pace_note (&pace, 1000, 2000); /* at the same time */
  g_assert_cmpuint (umz_pace_get (&pace), ==, 0);
}

static void
what_was_before_the_first_byte_does_not_count (void)
{
  UmzPace pace = { 0 };

  umz_pace_note (&pace, 0, 0);
  note_at_rate (&pace, 100, 2, 1000);
  g_assert_cmpuint (umz_pace_get (&pace), ==, 4000);
}

static void
two_looks_are_enough (void)
{
  UmzPace pace = { 0 };

  note_at_rate (&pace, 0, 2, 1000);
  g_assert_cmpuint (umz_pace_get (&pace), ==, 4000);
}

static void
a_gust_is_spread (void)
{
  UmzPace pace = { 0 };

  note_at_rate (&pace, 0, 20, 1000);
  umz_pace_note (&pace, 20 * QUARTER_US, 20000 + 9000);
  g_assert_cmpuint (umz_pace_get (&pace), ==, 8000); /* 16000 in 2 s; the gust alone is 36000 */
}

static void
what_is_over_is_forgotten (void)
{
  UmzPace pace = { 0 };

  note_at_rate (&pace, 0, 20, 1000);
  for (unsigned i = 20; i < 20 + UMZ_PACE_SAMPLES; i++)
    umz_pace_note (&pace, i * QUARTER_US, 20000);
  g_assert_cmpuint (umz_pace_get (&pace), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pace/one-look-tells-nothing", one_look_tells_nothing);
  g_test_add_func ("/pace/what-was-before-the-first-byte-does-not-count",
                   what_was_before_the_first_byte_does_not_count);
  g_test_add_func ("/pace/two-looks-are-enough", two_looks_are_enough);
  g_test_add_func ("/pace/a-gust-is-spread", a_gust_is_spread);
  g_test_add_func ("/pace/what-is-over-is-forgotten", what_is_over_is_forgotten);
  return g_test_run ();
}

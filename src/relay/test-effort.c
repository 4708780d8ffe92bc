/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "relay/effort.h"

#include <glib.h>

#include "codec/codec.h"

static const struct {
  const char *name;
  int level;
  int64_t coding_us, blocked_us;
  uint64_t coded_bytes; /* of 1000 */
  int level_after;
  bool is_given_up;
} rows[] = {
  { "a-slow-link-is-coded-harder-for", 1, 25000, 25000, 400, 2, false },
  { "as-hard-as-it-pays-and-no-harder", 6, 10000, 90000, 400, 6, false },
  { "what-is-balanced-stays", 3, 40000, 10000, 400, 3, false },
  { "a-fast-link-is-coded-less-for", 3, 50000, 1000, 400, 2, false },
  { "down-to-not-at-all", 1, 50000, 0, 400, 0, false },
  { "differences-alone-may-save-enough", 0, 50000, 0, 100, 0, false },
  { "what-saves-nothing-is-given-up", 0, 50000, 0, 1000, 0, true },
  { "but-not-if-the-link-is-slow", 0, 25000, 25000, 1000, 1, false },
  { "nor-if-it-is-about-right", 0, 40000, 10000, 1000, 0, false },
};

static void
each_look_is_one_step (const void *data)
{
  size_t i = GPOINTER_TO_SIZE (data);
  UmzEffort effort;

  umz_effort_init (&effort);
  effort.level = rows[i].level;
  umz_effort_note_coding (&effort, rows[i].coding_us, 1000, rows[i].coded_bytes);
  umz_effort_note_blocked (&effort, rows[i].blocked_us);
  g_assert_true (umz_effort_look (&effort));
  g_assert_cmpint (effort.level, ==, rows[i].level_after);
  g_assert_true (effort.is_given_up == rows[i].is_given_up);
  g_assert_false (umz_effort_look (&effort)); /* it begins anew */
}

static int
look_at (UmzEffort *effort, int64_t coding_us, int64_t blocked_us, uint64_t raw_bytes)
{
  bool is_stored = effort->level == UMZ_CODEC_LEVEL_STORE;
  umz_effort_note_coding (effort, coding_us, raw_bytes, is_stored ? raw_bytes : raw_bytes / 2);
  umz_effort_note_blocked (effort, blocked_us);
  g_assert_true (umz_effort_look (effort));
  return effort->level;
}

/* Neither the coding nor the link is waited for much: the stream's own pace decides. */
static void
storing_has_to_be_faster (void)
{
  UmzEffort effort;

  umz_effort_init (&effort);
  g_assert_cmpint (look_at (&effort, 50000, 0, 1000), ==, UMZ_CODEC_LEVEL_STORE);
  g_assert_cmpint (look_at (&effort, 40000, 10000, 999), ==, UMZ_CODEC_LEVEL_MIN);
  g_assert_false (effort.is_given_up);

  umz_effort_init (&effort);
  g_assert_cmpint (look_at (&effort, 50000, 0, 1000), ==, UMZ_CODEC_LEVEL_STORE);
  g_assert_cmpint (look_at (&effort, 40000, 10000, 1001), ==, UMZ_CODEC_LEVEL_STORE);
}

static void
what_compressing_saved_nothing_of_is_stored (void)
{
  UmzEffort effort;

  umz_effort_init (&effort);
  umz_effort_note_coding (&effort, 50000, 1000, 1000);
  g_assert_true (umz_effort_look (&effort));
  g_assert_cmpint (effort.level, ==, UMZ_CODEC_LEVEL_STORE);
  g_assert_cmpint (look_at (&effort, 40000, 10000, 500), ==, UMZ_CODEC_LEVEL_STORE);
  g_assert_cmpint (look_at (&effort, 50000, 0, 500), ==, UMZ_CODEC_LEVEL_STORE);
  g_assert_true (effort.is_given_up);
}

static unsigned
count_looks_until_stored (UmzEffort *effort)
{
  unsigned n_looks = 1;

  while (look_at (effort, 50000, 0, 1000) == UMZ_CODEC_LEVEL_MIN)
    n_looks++;
  return n_looks;
}

static void
storing_in_vain_is_tried_more_and_more_rarely (void)
{
  UmzEffort effort;
  const unsigned looks[] = { 1, 21, 41, 81, 81 };

  umz_effort_init (&effort);
  for (size_t i = 0; i < G_N_ELEMENTS (looks); i++) {
    g_assert_cmpuint (count_looks_until_stored (&effort), ==, looks[i]);
    g_assert_cmpint (look_at (&effort, 10000, 40000, 400), ==, UMZ_CODEC_LEVEL_MIN);
  }
}

static void
a_look_takes_its_time (void)
{
  UmzEffort effort;

  umz_effort_init (&effort);
  umz_effort_note_coding (&effort, UMZ_EFFORT_LOOK_US / 2, 1000, 1000);
  umz_effort_note_blocked (&effort, UMZ_EFFORT_LOOK_US / 2 - 1);
  g_assert_false (umz_effort_look (&effort));
  umz_effort_note_blocked (&effort, 1);
  g_assert_true (umz_effort_look (&effort));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *name = g_strdup_printf ("/effort/each-look-is-one-step/%s", rows[i].name);
    g_test_add_data_func (name, GSIZE_TO_POINTER (i), each_look_is_one_step);
  }
  g_test_add_func ("/effort/storing-has-to-be-faster", storing_has_to_be_faster);
  g_test_add_func ("/effort/what-compressing-saved-nothing-of-is-stored",
                   what_compressing_saved_nothing_of_is_stored);
  g_test_add_func ("/effort/storing-in-vain-is-tried-more-and-more-rarely",
                   storing_in_vain_is_tried_more_and_more_rarely);
  g_test_add_func ("/effort/a-look-takes-its-time", a_look_takes_its_time);
  return g_test_run ();
}

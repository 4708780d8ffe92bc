/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/guard.h"

#include <glib.h>

#define MIB          (1024 * 1024)
#define PERMITTED_US 300000
#define ROUNDS_MAX   12

/* The course of a copy: what each round began with, how long it took, and rates. */
typedef struct {
  const char *name;
  unsigned remaining_mib[ROUNDS_MAX]; /* 0 ends the list */
  unsigned round_s;
  unsigned dirty_mib_per_s, rate_mib_per_s;
  unsigned given_up_in, suspended_in, raised_in; /* round; 0: never */
} Course;

/* clang-format off */
static const Course courses[] = {
  /* name                        begins with                      s  dirty rate  390 x86 raised */
  { "converges",                        { 512, 100, 40, 15, 5, 1 },    1, 10,   25,    0,  0,  0 },
  { "stands-still",                     { 512, 100, 100, 100, 100 },   1, 20,   25,    5,  5,  0 },
  { "gets-worse",                       { 512, 100, 120, 130, 140 },   1, 20,   25,    5,  5,  0 },
  { "progress-in-between",
    { 512, 100, 100, 100, 90, 90, 90, 90 },                            1, 20,   25,    8,  8,  0 },
  { "a-twentieth-is-not-progress",      { 512, 100, 97, 96, 96 },      1, 20,   25,    5,  5,  0 },
  /* 256 MiB that are rewritten all the time, at 200 Mbit/s */
  { "changes-all-that-is-carried",      { 768, 256, 256, 256 },        10, 25,  25,    3,  3,  0 },
  { "but-not-for-long",                 { 768, 256, 256, 100, 20 },    2, 25,   25,    0,  0,  0 },
  { "a-little-more-time-is-enough",     { 512, 20, 20, 20, 20, 20 },   1, 20,   25,    5,  0,  5 },
  { "but-not-for-more-than-that",
    { 512, 20, 20, 20, 20, 45, 45, 45 },                               1, 20,   25,    5,  8,  5 },
  { "what-is-permitted-is-no-case",     { 512, 5, 5, 5, 5, 5, 5, 5 },  6, 25,   25,    0,  0,  0 },
  { "but-it-has-to-come-to-an-end",     { 512, 5, 5, 5, 5 },           30, 25,  25,    4,  4,  0 },
  { "without-rates-rounds-decide",      { 512, 100, 100, 100, 100 },   9, 0,    0,     5,  5,  0 },
};
/* clang-format on */

static UmzGuardDecision
look (UmzGuard *guard, const Course *course, unsigned round)
{
  UmzGuardLook begun = {
    .time_us = (int64_t) round * course->round_s * G_USEC_PER_SEC,
    .round = round,
    .remaining_bytes = (uint64_t) course->remaining_mib[round - 1] * MIB,
    .dirty_bytes_per_s = (uint64_t) course->dirty_mib_per_s * MIB,
    .rate_bytes_per_s = (uint64_t) course->rate_mib_per_s * MIB,
  };
  UmzGuardLook later = begun;
  later.remaining_bytes /= 2;
  UmzGuardDecision decision = umz_guard_look (guard, &begun);
  g_assert_cmpint (umz_guard_look (guard, &later), ==, UMZ_GUARD_GO_ON);
  return decision;
}

/* Rounds; 0: never. */
typedef struct {
  uint64_t given_up_in, suspended_in, raised_in;
} Ends;

static void
note_first (uint64_t *first, uint64_t round)
{
  if (*first == 0)
    *first = round;
}

static void
note (Ends *ends, uint64_t round, UmzGuardDecision strict, UmzGuardDecision patient)
{
  g_assert_true (strict == UMZ_GUARD_GO_ON || strict == UMZ_GUARD_GIVE_UP);
  if (strict == UMZ_GUARD_GIVE_UP)
    note_first (&ends->given_up_in, round);
  if (patient == UMZ_GUARD_SUSPEND)
    note_first (&ends->suspended_in, round);
  if (patient == UMZ_GUARD_RAISE)
    note_first (&ends->raised_in, round);
}

static void
assert_ends (const Ends *ends, unsigned given_up_in, unsigned suspended_in, unsigned raised_in)
{
  g_assert_cmpuint (ends->given_up_in, ==, given_up_in);
  g_assert_cmpuint (ends->suspended_in, ==, suspended_in);
  g_assert_cmpuint (ends->raised_in, ==, raised_in);
}

static void
each_policy_has_its_end (const void *data)
{
  const Course *course = data;
  UmzGuard strict, patient;
  Ends ends = { 0 };
  umz_guard_init (&strict, UMZ_GUARD_MUST_CONVERGE, PERMITTED_US);
  umz_guard_init (&patient, UMZ_GUARD_CARRIES_THROUGH, PERMITTED_US);
  for (unsigned round = 1; round <= ROUNDS_MAX && course->remaining_mib[round - 1] != 0; round++)
    note (&ends, round, look (&strict, course, round), look (&patient, course, round));
  assert_ends (&ends, course->given_up_in, course->suspended_in, course->raised_in);
}

/* ---- courses of real moves ---- */

/* A round's first look, as umzugd logs it (G_MESSAGES_DEBUG); in tenths of a MiB. */
typedef struct {
  uint64_t round;
  int64_t time_ms;
  unsigned remaining, dirty_per_s, rate_per_s;
} Logged;

typedef struct {
  const char *name; /* the guest's load, MiB and MiB/s, over 200 Mbit/s */
  Logged looks[ROUNDS_MAX];
  unsigned given_up_in, suspended_in, raised_in; /* round; 0: never */
} Recorded;

/* clang-format off */
static const Recorded recorded[] = {
  { "rewrites-256-at-80",
    { { 1, 0, 7609, 0, 379 }, { 2, 11592, 2613, 218, 270 }, { 3, 22678, 2552, 226, 228 } },
    3, 3, 0 },
  /* QEMU's rate of changed pages and ours of what arrives are not taken at the same moment. */
  { "rewrites-256-at-80-seen-unevenly",
    { { 1, 0, 7601, 0, 385 }, { 2, 11607, 2609, 217, 1050 }, { 3, 22693, 2552, 226, 239 } },
    3, 3, 0 },
  { "rewrites-64-at-60",
    { { 1, 0, 5062, 0, 266 }, { 2, 6051, 636, 105, 228 }, { 3, 8819, 594, 213, 228 },
      { 4, 11336, 611, 227, 227 }, { 5, 13853, 626, 227, 228 } },
    5, 5, 0 },
  { "counts-24-at-60",
    { { 1, 0, 5062, 0, 198 }, { 2, 4292, 251, 54, 228 }, { 3, 5299, 199, 54, 228 },
      { 4, 6054, 209, 202, 227 }, { 5, 6809, 218, 202, 228 }, { 6, 7564, 231, 228, 228 } },
    6, 0, 6 },
  { "rewrites-64-at-15",
    { { 1, 0, 5047, 0, 363 }, { 2, 3279, 420, 147, 269 }, { 3, 4792, 244, 140, 309 },
      { 4, 5547, 174, 140, 258 }, { 5, 6051, 120, 151, 262 }, { 6, 6302, 113, 151, 262 },
      { 8, 6806, 59, 151, 253 }, { 12, 7251, 0, 154, 234 } },
    0, 0, 0 },
  { "counts-256-at-60-sent-as-differences",
    { { 1, 0, 7601, 0, 390 }, { 2, 11591, 2619, 217, 246 }, { 4, 12119, 0, 217, 1074 } },
    0, 0, 0 },
};
/* clang-format on */

static void
decides_as_recorded (const void *data)
{
  const Recorded *course = data;
  UmzGuard strict, patient;
  Ends ends = { 0 };
  umz_guard_init (&strict, UMZ_GUARD_MUST_CONVERGE, PERMITTED_US);
  umz_guard_init (&patient, UMZ_GUARD_CARRIES_THROUGH, PERMITTED_US);
  for (const Logged *logged = course->looks; logged->round != 0; logged++) {
    UmzGuardLook seen = {
      .time_us = logged->time_ms * 1000,
      .round = logged->round,
      .remaining_bytes = (uint64_t) logged->remaining * MIB / 10,
      .dirty_bytes_per_s = (uint64_t) logged->dirty_per_s * MIB / 10,
      .rate_bytes_per_s = (uint64_t) logged->rate_per_s * MIB / 10,
    };
    note (&ends, seen.round, umz_guard_look (&strict, &seen), umz_guard_look (&patient, &seen));
  }
  assert_ends (&ends, course->given_up_in, course->suspended_in, course->raised_in);
}

/* Rounds of a moment are no case, however many there are of them. */
static void
three_rounds_take_their_time (void)
{
  UmzGuard guard;
  umz_guard_init (&guard, UMZ_GUARD_MUST_CONVERGE, PERMITTED_US);
  for (uint64_t round = 1; round <= 11; round++) {
    UmzGuardLook short_one = { .time_us = (int64_t) round * 250000,
                               .round = round,
                               .remaining_bytes = 20 * MIB,
                               .dirty_bytes_per_s = 20 * MIB,
                               .rate_bytes_per_s = 25 * MIB };
    /* Round 2 is the first measure; 8 of a quarter of a second make two seconds. */
    g_assert_cmpint (umz_guard_look (&guard, &short_one), ==,
                     round < 10 ? UMZ_GUARD_GO_ON : UMZ_GUARD_GIVE_UP);
  }
}

static void
what_is_raised_is_what_is_needed (void)
{
  const Course course = { "", { 512, 20, 20, 20, 20 }, 1, 20, 25, 0, 0, 0 };
  UmzGuard guard;
  umz_guard_init (&guard, UMZ_GUARD_CARRIES_THROUGH, PERMITTED_US);
  for (unsigned round = 1; round <= 5; round++)
    (void) look (&guard, &course, round); /* each_policy_has_its_end() looks at that */
  g_assert_cmpuint (umz_guard_get_needed_us (&guard), ==, 800000);
  g_assert_cmpuint (guard.suspension_us, ==, 1000000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (courses); i++) {
    g_autofree char *name = g_strdup_printf ("/guard/each-policy-has-its-end/%s", courses[i].name);
    g_test_add_data_func (name, &courses[i], each_policy_has_its_end);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (recorded); i++) {
    g_autofree char *name = g_strdup_printf ("/guard/decides-as-recorded/%s", recorded[i].name);
    g_test_add_data_func (name, &recorded[i], decides_as_recorded);
  }
  g_test_add_func ("/guard/three-rounds-take-their-time", three_rounds_take_their_time);
  g_test_add_func ("/guard/what-is-raised-is-what-is-needed", what_is_raised_is_what_is_needed);
  return g_test_run ();
}

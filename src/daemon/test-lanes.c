/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/lanes.h"

#include <glib.h>

/* A job is answered when it is let go. */
typedef struct {
  GMutex lock;
  GCond changes;
  bool is_let_go;
  unsigned n_begun, n_done;
} Gate;

typedef struct {
  UmzLanes *lanes;
  Gate gate;
} Fixture;

static void
wait_at_gate (void *job)
{
  Gate *gate = job;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);
  gate->n_begun++;
  g_cond_broadcast (&gate->changes);
  while (!gate->is_let_go)
    g_cond_wait (&gate->changes, &gate->lock);
  gate->n_done++;
}

static void
set_up (Fixture *f, const void *unused)
{
  f->lanes = umz_lanes_new (wait_at_gate);
}

static void
let_go (Gate *gate)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);
  gate->is_let_go = true;
  g_cond_broadcast (&gate->changes);
}

static void
tear_down (Fixture *f, const void *unused)
{
  let_go (&f->gate);
  umz_lanes_free (f->lanes);
}

static void
await_begun (Gate *gate, unsigned n)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&gate->lock);
  while (gate->n_begun < n)
    g_cond_wait (&gate->changes, &gate->lock);
}

/* Pushes jobs of this caller until there is no room for one more. */
static unsigned
fill (Fixture *f, UmzLane lane, const char *caller)
{
  unsigned n = 0;
  while (umz_lanes_push (f->lanes, lane, caller, &f->gate))
    n++;
  return n;
}

/* However full all the others are, a word about a move has a thread. */
static void
no_lane_waits_for_another (Fixture *f, const void *unused)
{
  Gate quick = { .is_let_go = true };
  for (UmzLane lane = UMZ_LANE_MOVES + 1; lane < UMZ_N_LANES; lane++)
    for (int i = 0; i < 100; i++) {
      g_autofree char *caller = g_strdup_printf ("%d", i);
      fill (f, lane, caller);
    }
  g_assert_true (umz_lanes_push (f->lanes, UMZ_LANE_MOVES, "ABGSE701", &quick));
  await_begun (&quick, 1);
}

/* A caller has his share, and leaves threads for others. */
static void
one_caller_leaves_room (Fixture *f, const void *unused)
{
  static const UmzLane of_strangers[] = { UMZ_LANE_PARTNERS, UMZ_LANE_OPERATORS, UMZ_LANE_OTHERS };
  for (size_t i = 0; i < G_N_ELEMENTS (of_strangers); i++) {
    Gate quick = { .is_let_go = true };
    g_assert_cmpuint (fill (f, of_strangers[i], "1000"), >, 1);
    g_assert_true (umz_lanes_push (f->lanes, of_strangers[i], "1001", &quick));
    await_begun (&quick, 1);
  }
}

/* All callers together find an end, and what they left is room again. */
static void
a_full_lane_empties (Fixture *f, const void *unused)
{
  unsigned n = 0;
  for (int i = 0; i < 100; i++) {
    g_autofree char *caller = g_strdup_printf ("%d", i);
    n += fill (f, UMZ_LANE_OTHERS, caller);
  }
  g_assert_false (umz_lanes_push (f->lanes, UMZ_LANE_OTHERS, "new", &f->gate));
  let_go (&f->gate);
  umz_lanes_free (f->lanes);
  g_assert_cmpuint (f->gate.n_done, ==, n);
  f->lanes = umz_lanes_new (wait_at_gate);
}

/* A share is given back with each answer. */
static void
a_share_comes_back (Fixture *f, const void *unused)
{
  f->gate.is_let_go = true;
  for (unsigned i = 0; i < 1000; i++)
    while (!umz_lanes_push (f->lanes, UMZ_LANE_OTHERS, "1000", &f->gate))
      g_thread_yield ();
  umz_lanes_free (f->lanes);
  g_assert_cmpuint (f->gate.n_done, ==, 1000);
  f->lanes = umz_lanes_new (wait_at_gate);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add ("/lanes/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("none-waits-for-another", no_lane_waits_for_another);
  ADD ("one-caller-leaves-room-for-others", one_caller_leaves_room);
  ADD ("a-full-one-empties", a_full_lane_empties);
  ADD ("a-share-comes-back", a_share_comes_back);
  return g_test_run ();
}

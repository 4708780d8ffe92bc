/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-flow.c: window and rate. */
#include "relay/flow.h"

#include <glib.h>

#define MIB 1048576

static void
test_window (void)
{
  static const struct {
    const char *name;
    uint64_t limit_us, round_trip_us, rate_bytes_per_s, window_bytes;
  } cases[] = {
    { "no more than keeps the relays at work", 400000, 0, 200 * MIB, 2 * MIB },
    { "a quarter of a short suspension", 20000, 0, 200 * MIB, 1 * MIB },
    { "never less than the least", 1, 0, 40 * MIB, UMZ_FLOW_WINDOW_MIN_BYTES },
    { "never more than the most", 300000, 3600000000, 1000 * MIB, UMZ_FLOW_WINDOW_MAX_BYTES },
    { "a long line stays full", 40000, 100000, 10 * MIB, 2 * MIB },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    UmzFlow flow;
    g_test_message ("%s", cases[i].name);
    umz_flow_init (&flow, cases[i].limit_us);
    umz_flow_note_sent (&flow, cases[i].rate_bytes_per_s, 1000);
    g_assert_true (umz_flow_note_acked (&flow, cases[i].rate_bytes_per_s, 1001000));
    g_assert_true (umz_flow_is_sample_due (&flow));
    umz_flow_take_sample (&flow, cases[i].round_trip_us);
    g_assert_cmpuint (flow.rate_bytes_per_s, ==, cases[i].rate_bytes_per_s);
    g_assert_cmpuint (flow.window_bytes, ==, cases[i].window_bytes);
  }
}

static void
test_room (void)
{
  UmzFlow flow;

  umz_flow_init (&flow, 1000);
  g_assert_cmpuint (umz_flow_get_room_bytes (&flow), ==, MIB);
  umz_flow_note_sent (&flow, MIB - 65536, 0);
  g_assert_cmpuint (umz_flow_get_room_bytes (&flow), ==, 65536);
  umz_flow_note_sent (&flow, 1, 0);
  g_assert_cmpuint (umz_flow_get_room_bytes (&flow), ==, 0); /* not worth a call */
  umz_flow_note_sent (&flow, 2 * MIB, 0);
  g_assert_cmpuint (umz_flow_get_room_bytes (&flow), ==, 0);
  g_assert_cmpuint (flow.in_flight_max_bytes, ==, 3 * MIB - 65536 + 1);
}

static void
test_impossible_acks (void)
{
  UmzFlow flow;

  umz_flow_init (&flow, 1000);
  umz_flow_note_sent (&flow, 100, 0);
  g_assert_true (umz_flow_note_acked (&flow, 50, 1));
  g_assert_false (umz_flow_note_acked (&flow, 49, 2));
  g_assert_false (umz_flow_note_acked (&flow, 101, 2));
  g_assert_true (umz_flow_note_acked (&flow, 100, 2));
}

static void
test_idle_time (void)
{
  UmzFlow flow;

  umz_flow_init (&flow, 1000);
  umz_flow_note_sent (&flow, 1000, 0);
  g_assert_true (umz_flow_note_acked (&flow, 1000, 5000));
  g_assert_true (
    umz_flow_note_acked (&flow, 1000, 900000)); /* said again while nothing is under way */
  umz_flow_note_sent (&flow, 1000, 1000000);
  g_assert_false (umz_flow_is_sample_due (&flow));
  g_assert_true (umz_flow_note_acked (&flow, 2000, 1005000));
  g_assert_true (umz_flow_is_sample_due (&flow));
  umz_flow_take_sample (&flow, 0);
  g_assert_cmpuint (flow.rate_bytes_per_s, ==, 200000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/window-follows-rate-and-suspension", test_window);
  g_test_add_func ("/flow/room-is-what-the-window-leaves", test_room);
  g_test_add_func ("/flow/impossible-acks-are-refused", test_impossible_acks);
  g_test_add_func ("/flow/idle-time-does-not-lower-the-rate", test_idle_time);
  return g_test_run ();
}

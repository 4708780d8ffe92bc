/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/ticker.h"

#include <glib.h>

typedef struct {
  GMutex lock;
  GCond changed;
  int n;
} Count;

static void
add_one (void *data)
{
  Count *count = data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&count->lock);
  count->n++;
  g_cond_signal (&count->changed);
}

static void
wait_for (Count *count, int n)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&count->lock);
  while (count->n < n)
    g_cond_wait (&count->changed, &count->lock);
}

static void
test_ticks (void)
{
  Count count = { .n = 0 };
  UmzTicker *ticker = umz_ticker_start ("test", 0, add_one, &count);
  wait_for (&count, 3);
  umz_ticker_stop (ticker);
  int n = count.n;
  g_thread_yield ();
  g_assert_cmpint (count.n, ==, n);
}

/* It is not waited for. */
static void
test_stops_at_rest (void)
{
  Count count = { .n = 0 };
  UmzTicker *ticker = umz_ticker_start ("test", 86400, add_one, &count);
  wait_for (&count, 1);
  umz_ticker_stop (ticker);
  g_assert_cmpint (count.n, ==, 1);
  umz_ticker_stop (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ticker/calls-again-and-again-until-it-is-stopped", test_ticks);
  g_test_add_func ("/ticker/stops-while-it-rests", test_stops_at_rest);
  return g_test_run ();
}

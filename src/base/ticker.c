/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/ticker.h"

#include <glib.h>
#include <stdbool.h>

struct UmzTicker {
  int64_t period_us;
  UmzTick *tick;
  void *data;
  GThread *thread; /* owned */
  GMutex lock;     /* of the rest */
  GCond stop;
  bool must_stop;
};

/* False: it is time to stop. */
static bool
rest (UmzTicker *ticker)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&ticker->lock);
  int64_t end_us = g_get_monotonic_time () + ticker->period_us;
  while (!ticker->must_stop && g_cond_wait_until (&ticker->stop, &ticker->lock, end_us))
    ; /* woken for nothing */
  return !ticker->must_stop;
}

static void *
run (void *data)
{
  UmzTicker *ticker = data;
  do
    ticker->tick (ticker->data);
  while (rest (ticker));
  return NULL;
}

UmzTicker *
umz_ticker_start (const char *name, unsigned period_s, UmzTick *tick, void *data)
{
  UmzTicker *ticker = g_new0 (UmzTicker, 1);
  ticker->period_us = period_s * G_USEC_PER_SEC;
  ticker->tick = tick;
  ticker->data = data;
  g_mutex_init (&ticker->lock);
  g_cond_init (&ticker->stop);
  ticker->thread = g_thread_new (name, run, ticker);
  return ticker;
}

void
umz_ticker_stop (UmzTicker *ticker)
{
  if (ticker == NULL)
    return;
  g_mutex_lock (&ticker->lock);
  ticker->must_stop = true;
  g_cond_signal (&ticker->stop);
  g_mutex_unlock (&ticker->lock);
  g_thread_join (ticker->thread);
  g_cond_clear (&ticker->stop);
  g_mutex_clear (&ticker->lock);
  g_free (ticker);
}

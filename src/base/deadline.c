/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* deadline.c: a thread that waits for the end of the time, or of the deadline. */
#include "base/deadline.h"

#include <stdbool.h>
#include <stdint.h>

struct UmzDeadline {
  GCancellable *cancellable; /* owned */
  GCancellable *interrupt;   /* owned; may be NULL */
  gulong chained;            /* to interrupt; 0: it is not */
  GThread *thread;           /* owned */
  int64_t end_us;
  GMutex lock; /* of is_stopped */
  GCond stopped;
  bool is_stopped;
};

static gpointer
watch_time (gpointer data)
{
  UmzDeadline *deadline = data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&deadline->lock);
  while (!deadline->is_stopped)
    if (!g_cond_wait_until (&deadline->stopped, &deadline->lock, deadline->end_us)) {
      g_cancellable_cancel (deadline->cancellable);
      break;
    }
  return NULL;
}

static void
pass_on (GCancellable *interrupt, gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

UmzDeadline *
umz_deadline_new (unsigned limit_s, GCancellable *interrupt)
{
  UmzDeadline *deadline = g_new0 (UmzDeadline, 1);
  g_mutex_init (&deadline->lock);
  g_cond_init (&deadline->stopped);
  deadline->end_us = g_get_monotonic_time () + limit_s * G_USEC_PER_SEC;
  deadline->cancellable = g_cancellable_new ();
  if (interrupt != NULL) {
    deadline->interrupt = g_object_ref (interrupt);
    deadline->chained = g_cancellable_connect (
      interrupt, G_CALLBACK (pass_on), g_object_ref (deadline->cancellable), g_object_unref);
  }
  deadline->thread = g_thread_new ("deadline", watch_time, deadline);
  return deadline;
}

void
umz_deadline_free (UmzDeadline *deadline)
{
  if (deadline == NULL)
    return;
  g_mutex_lock (&deadline->lock);
  deadline->is_stopped = true;
  g_cond_signal (&deadline->stopped);
  g_mutex_unlock (&deadline->lock);
  g_thread_join (deadline->thread);
  g_cancellable_disconnect (deadline->interrupt, deadline->chained);
  g_clear_object (&deadline->interrupt);
  g_clear_object (&deadline->cancellable);
  g_cond_clear (&deadline->stopped);
  g_mutex_clear (&deadline->lock);
  g_free (deadline);
}

GCancellable *
umz_deadline_get_cancellable (UmzDeadline *deadline)
{
  return deadline->cancellable;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/queue.h"

#include <glib.h>

struct UmzQueue {
  unsigned n_max;
  GMutex lock;   /* of the rest */
  GQueue places; /* who, borrowed; it is the turn of the first n_max */
};

UmzQueue *
umz_queue_new (unsigned n_max)
{
  g_assert (n_max > 0);
  UmzQueue *queue = g_new0 (UmzQueue, 1);
  queue->n_max = n_max;
  g_mutex_init (&queue->lock);
  g_queue_init (&queue->places);
  return queue;
}

void
umz_queue_free (UmzQueue *queue)
{
  if (queue == NULL)
    return;
  g_assert (g_queue_is_empty (&queue->places));
  g_mutex_clear (&queue->lock);
  g_free (queue);
}

void
umz_queue_enter (UmzQueue *queue, const void *who)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&queue->lock);
  g_queue_push_tail (&queue->places, (void *) who);
}

void
umz_queue_leave (UmzQueue *queue, const void *who)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&queue->lock);
  (void) g_queue_remove (&queue->places, who); /* he may have left before */
}

unsigned
umz_queue_count_before (UmzQueue *queue, const void *who)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&queue->lock);
  int place = g_queue_index (&queue->places, who);
  return place >= (int) queue->n_max ? (unsigned) place - queue->n_max + 1 : 0;
}

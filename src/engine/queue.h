/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* queue.h: the moves away from this SU that copy, and those that wait until it is their turn.
 *
 * libvirt's migration keeps one of libvirtd's workers (max_workers, for all callers) as long as it
 * copies.  With none left libvirtd answers nobody: no guest that arrives could be resumed, no move
 * undone.  First come, first served.  For any thread.
 */
#pragma once

#include <stdbool.h>

typedef struct UmzQueue UmzQueue;

/* n_max > 0: that may copy at a time. */
UmzQueue *umz_queue_new (unsigned n_max);

/* Nobody is in it any more. */
void umz_queue_free (UmzQueue *queue);

/* Who, by a pointer of his own, comes last. */
void umz_queue_enter (UmzQueue *queue, const void *who);

/* After that his place is free.  Who is not in it leaves it again. */
void umz_queue_leave (UmzQueue *queue, const void *who);

/* How many have to leave before it is his turn; 0: it is. */
unsigned umz_queue_count_before (UmzQueue *queue, const void *who);

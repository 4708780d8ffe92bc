/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch.h: looks at libvirt's job of a move, for its progress and for the guard.
 *
 * A thread of its own, because libvirt may take long to answer.  While a QEMU is frozen nobody may
 * ask libvirt about its domain, so the watch is told to be quiet before.
 */
#pragma once

#include <glib.h>

#include "engine/move.h"

typedef struct UmzWatch UmzWatch;

/* What the guard decides is done, but to give up; the move hears of it: GIVE_UP, RAISED, SUSPENDED.
 */
UmzWatch *umz_watch_start (UmzMove *move);

/* From here on it begins to ask nothing.  A question that is on its way goes on. */
void umz_watch_forbid (UmzWatch *watch);

/* The same, and a question that QEMU has still to answer gets a moment for that.  One that waits
 * for libvirt's own job does not reach QEMU any more.
 */
void umz_watch_quiet (UmzWatch *watch);

/* umzugd ends: the thread asks nothing any more and is left behind.  NULL is
 * allowed.
 */
void umz_watch_abandon (UmzWatch *watch);

/* When a question is on its way, waits until that is answered.  NULL is allowed. */
void umz_watch_end (UmzWatch *watch);

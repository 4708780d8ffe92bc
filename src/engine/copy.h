/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* copy.h: the QEMU that has arrived on the target. */
#pragma once

#include "engine/move.h"

/* Finds it by its PID file, unless it is known: a restart of umzugd has forgotten it.  Lent; NULL:
 * there is none.
 */
UmzProcess *umz_copy_find (UmzMove *move);

/* It never was ours: ends its process; true too if there is none.  libvirt would wait for a frozen
 * one to end by itself.
 */
bool umz_copy_kill (UmzMove *move, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-fault.h: for tests: fault.h for several SUs in one process.
 *
 * A thread that comes to a point where its umzugd is to be killed never leaves it, nor does any
 * other thread of that side that comes to a point later.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "model/side.h"

typedef enum {
  UMZ_TEST_FAULT_NONE,
  UMZ_TEST_FAULT_FAIL,
  UMZ_TEST_FAULT_KILL,
} UmzTestFault;

/* Strikes once at the point; what happens to a side that is killed is up to `kill`, which is called
 * in the thread that has come there.
 */
void umz_test_fault_order (UmzTestFault fault, const char *point,
                           void (*kill) (UmzSide side, void *data), void *data);

/* Whether the point was come to, with that order. */
bool umz_test_fault_has_struck (void);

/* The side has been started again: its threads pass. */
void umz_test_fault_revive (void);

/* The relays are started with this fault of relay/control.h from now on. */
void umz_test_fault_arm_relays (int fault, uint64_t offset_bytes);

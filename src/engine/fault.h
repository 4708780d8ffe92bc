/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fault.h: named points where a test may strike.
 *
 * Dead unless umzugd was started with --allow-faults.  Then the file `fault` in its run folder says
 * what happens, a line each:
 *
 *   stop POINT            the daemon stops itself there with SIGSTOP; the test does what it came
 *                         for and sends SIGCONT
 *   kill POINT            the daemon ends there with SIGKILL
 *   fail POINT            what would be done there fails
 *   relay FAULT [OFFSET]  the next relays are started with that fault, see relay/control.h
 *
 * Each but the last strikes once; then its line is in `fault.hit`.  `umzugd --list-fault-points`
 * tells the points.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "relay/control.h"

/* Once, before any thread is started. */
void umz_fault_allow (const char *run_dir);
bool umz_fault_is_allowed (void);

/* Marks a point in the protocol. */
void umz_fault_point (const char *name);

/* Marks a point where something can fail; true: it shall, and the error is UMZ0122. */
bool umz_fault_fails (const char *name, GError **error);

/* One for each point: "NAME", or "NAME fail" where it can fail; in the order of a move. */
void umz_fault_print_points (void);

/* Fills the fault fields of a relay's start message. */
void umz_fault_arm_relay (UmzRelayStart *start);

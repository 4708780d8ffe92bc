/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fault.h: named points where a test may strike.
 *
 * Dead unless umzugd was started with --allow-faults.  Then the file `fault` in its run folder says
 * what happens: one line, "stop POINT" (the daemon stops itself there with SIGSTOP; the test does
 * what it came for and sends SIGCONT) or "relay FAULT [OFFSET]" (the next relays are started with
 * that fault, see relay/control.h).
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

/* Fills the fault fields of a relay's start message. */
void umz_fault_arm_relay (UmzRelayStart *start);

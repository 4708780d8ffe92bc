/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* machine.h: what happens to a move, and which state (model/move-state.h) follows which.
 *
 * The protocol is described in docs/protocol.md; names are the same there and here.  A state is in
 * the journal before anything that it allows is done.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/move-state.h"
#include "model/side.h"

typedef enum {
  UMZ_EVENT_BEGIN,
  UMZ_EVENT_COMMIT,  /* source: reply held, QEMU frozen, looked again */
  UMZ_EVENT_FAIL,    /* source: anything that ends the move before the commit */
  UMZ_EVENT_RUNS,    /* source: the target says RUNS; target: the copy was resumed.  In ABORTED: an
                      * operator has decided so there, and the guest has ended here */
  UMZ_EVENT_REFUSED, /* source: the target says REFUSED; target: the copy cannot run, and never did
                      */
  UMZ_EVENT_GO,      /* target: the source has committed */
  UMZ_EVENT_LOST,    /* target: the link was lost before the copy was complete */
  UMZ_EVENT_ABORT,   /* target: the source says ABORTED, or does not know this epoch */
  UMZ_EVENT_DECIDE,  /* an operator decides for this SU, for the other one cannot be asked */
} UmzEvent;

/* "BEGIN"; lives for ever. */
const char *umz_event_name (UmzEvent event);

/* Whether a move can be in this state on that side. */
bool umz_machine_is_state_of (UmzSide side, UmzState state);

/* The state that follows; false if the event is not allowed in this state. */
bool umz_machine_next (UmzSide side, UmzState state, UmzEvent event, UmzState *ret_next);

typedef struct {
  UmzSide side;
  UmzState from;
  UmzEvent on;
  UmzState to;
} UmzTransition;

/* The whole table, for tests and documents. */
const UmzTransition *umz_machine_get_transitions (size_t *ret_n);

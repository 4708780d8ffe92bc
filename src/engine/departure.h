/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* departure.h: a move on the SU that the guest leaves; its files are departure*.c. */
#pragma once

#include "engine/heartbeat.h"
#include "engine/move.h"
#include "engine/scribe.h"
#include "engine/watch.h"
#include "host/process.h"

#define UMZ_PEER_ANSWER_S 10 /* for an answer of the other SU */

/* The phases whose length is limited; that of quiescing is kept by devices.c. */
typedef enum {
  UMZ_LIMIT_INIT,
  UMZ_LIMIT_COPY,
  UMZ_LIMIT_FROZEN,
  UMZ_LIMIT_HANDOVER, /* all is copied */
} UmzLimit;

/* What lives as long as the course of a move at the source. */
typedef struct {
  UmzMove *move;               /* borrowed: the move's thread owns us */
  UmzProcess *process;         /* owned; the old QEMU; NULL when it is gone */
  UmzHeartbeat *heartbeat;     /* owned; of the target */
  UmzWatch *watch;             /* owned; NULL when not started */
  UmzLimit limit;              /* of the phase that goes on */
  int64_t begun_us;            /* monotonic */
  int64_t limit_us;            /* monotonic; when it is over, 0: never */
  int64_t copy_since_us;       /* monotonic; when memory began to be copied */
  int64_t stood_since_us;      /* monotonic; when the guest came to stand; 0: it runs */
  bool is_p2p_running;         /* its thread is nobody's: libvirt may keep it for long */
  bool is_done[UMZ_N_STREAMS]; /* the relay has ended in an orderly way */
  bool has_given_disks;        /* QEMU, for it has sent all that there is */
  bool is_overruled;           /* an operator has let the guest start at the target */
  UmzScribe *scribe;           /* owned; NULL: there is no arbiter */
  UmzNotice *cause;            /* owned; why the move failed */
} UmzDeparture;

/* The course of a move at the source, for umz_move_run(). */
void umz_departure_run (UmzMove *move);

/* ---- for its own files ---- */

/* The first cause is the one; the notice is taken. */
void umz_departure_take_cause (UmzDeparture *c, UmzNotice *notice);
void umz_departure_take_error (UmzDeparture *c, const GError *error);

UmzNotice *umz_departure_new_end_of_guest (UmzDeparture *c);

/* The guest runs again, on either side. */
void umz_departure_note_running (UmzDeparture *c);

/* It is its turn: what the operator is told, and who watches the job variable. */
void umz_departure_say_begun (UmzDeparture *c);

/* departure-copying.c: from BEGIN, when it may have to wait for its turn, to COMMITTED or ABORTED.
 */
void umz_departure_copy (UmzDeparture *c);

/* The definition, and with it the fence.  The fence goes last: without the definition nothing is
 * left to be started.  An UmzAttempt; its data is the UmzDeparture.
 */
bool umz_departure_remove_definition (void *data, GError **error);

/* The fence, with another reason than that the VM is on the move. */
bool umz_departure_raise_fence (UmzDeparture *c, UmzMessageId id, GError **error);

/* ABORTED by this event.  It lets the guest go on here, so it has to stand in a journal: in ours,
 * or, if that cannot be written, in the target's, whose word ends COMMITTED as well.  Tried until
 * one of both has it; false: umzugd ends first.
 */
bool umz_departure_abort (UmzDeparture *c, UmzEvent event);

/* Both SUs know the end. */
void umz_departure_close (UmzDeparture *c);

/* departure-overruled.c: ABORTED, and an operator has let the guest go on at the target. */
void umz_departure_run_overruled (UmzDeparture *c);

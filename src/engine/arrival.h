/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* arrival.h: a move on the SU that the guest comes to; its files are arrival-*.c. */
#pragma once

#include "engine/move.h"

/* What lives as long as the course of a move at the target. */
typedef struct {
  UmzMove *move;            /* borrowed: the move's thread owns us */
  bool is_copy_held;        /* frozen since it came, by us */
  bool is_defined;          /* the definition is with libvirt */
  bool is_told_to_run;      /* the copy, by us */
  bool may_have_run;        /* it was told to run, seen running, or others had it */
  bool is_ours_since_now;   /* it became OWNER in this run of umzugd */
  UmzNotice *end_of_stream; /* owned: why the relay here has ended it; or NULL */
  int64_t disks_due_us;     /* monotonic: when its disks are looked at again */
} UmzArrival;

/* The course of a move at the target, for umz_move_run(). */
void umz_arrival_run (UmzMove *move);

/* ---- for its own files ---- */

/* The copy is refused for this reason, which is taken: said, and told to the source.  False: umzugd
 * ends before it can be journaled.
 */
bool umz_arrival_refuse (UmzArrival *a, UmzNotice *why);

/* The same of one that can never run, whatever is journaled. */
void umz_arrival_refuse_dead (UmzArrival *a, UmzNotice *why);

/* Takes away all that came here for the move: an UmzAttempt with the UmzMove as data.  Once, of one
 * that is given up: what cannot go now goes when the source has said ABORTED.
 */
bool umz_arrival_clear_away (void *move, GError **error);
void umz_arrival_clear_now (UmzMove *move);

/* ---- arrival-receiving.c ---- */

/* The VM's place here is ready. */
void umz_arrival_say_prepared (UmzMove *move);

void umz_arrival_take_stream (UmzMove *move, UmzInput *input);
void umz_arrival_hear_relay (UmzArrival *a, const UmzInput *input);

/* Why the streams have ended, as far as the cause is here. */
void umz_arrival_say_ends (UmzArrival *a);

/* Before the guest is stopped, so that it need not be; and whether the journal can be written.  A
 * copy whose disks are lost is frozen, so that it cannot become complete any more, and refused: the
 * source hears of it with the next heartbeat.  One that libvirt has not begun yet must not come at
 * all.
 */
void umz_arrival_look_at_disks (UmzArrival *a);

/* ---- arrival-copy.c ----
 *
 * What arrives of a VM without QEMU is its definition alone.
 */

/* The copy is complete: freezes it, sees whether anybody was at it before, and defines the domain.
 */
void umz_arrival_receive (UmzArrival *a);

/* Of one that was found after a restart of umzugd, or shall not become complete; and back: in
 * OWNER, or while the Finish that was answered meanwhile is still to be heard.  That freezes it
 * again.
 */
void umz_arrival_freeze_copy (UmzArrival *a);
void umz_arrival_let_go (UmzArrival *a);

/* Ends a copy that has been frozen since it came: it never ran, and never will.  False: it is no
 * such copy.
 */
bool umz_arrival_end_held (UmzArrival *a);

typedef enum {
  UMZ_COPY_RUNS,       /* or stands still, or is off, as it did at the source */
  UMZ_COPY_CANNOT_RUN, /* and it is certain that it never did; error says why */
  UMZ_COPY_UNCLEAR,    /* error says why */
} UmzCopyFate;

/* Who runs the guest if the copy cannot. */
typedef enum {
  UMZ_FALLBACK_SOURCE,
  UMZ_FALLBACK_NONE, /* nobody any more */
} UmzFallback;

/* It is ours: defines and resumes it. */
UmzCopyFate umz_arrival_run_copy (UmzArrival *a, UmzFallback fallback, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* guard.h: decides over a copy that does not come to an end: a function of numbers, nothing else.
 *
 * QEMU copies in rounds; what the guest changed in one is copied in the next.  If it changes as
 * much as the link carries, rounds do not get shorter, and only a guest that stands still can be
 * copied to the end.  How long it would have to, is what there is at the beginning of a round, over
 * the rate: longer than is permitted, with no sign of becoming shorter, is the guard's case.  On an
 * SU /390 the move is given up.  On an SU x86 it is carried through: the permitted suspension is
 * raised, as long as nobody would call that standing still, and beyond that the guest is suspended.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Rounds without progress, and their least time; or time in them if the guest changes as much as is
 * carried.  A stop that is permitted is QEMU's to make; it gets longer for that.
 */
#define UMZ_GUARD_ROUNDS    3
#define UMZ_GUARD_CLEAR_US  5000000
#define UMZ_GUARD_ROUNDS_US 2000000
#define UMZ_GUARD_LOST_US   60000000
#define UMZ_GUARD_RAISED_US 2000000 /* a suspension is raised no further */

typedef enum {
  UMZ_GUARD_GO_ON,
  UMZ_GUARD_RAISE,   /* the permitted suspension, to guard->suspension_us */
  UMZ_GUARD_SUSPEND, /* stop the guest so that the rest can be copied */
  UMZ_GUARD_GIVE_UP, /* the guest cannot be moved without a noticeable stop: undo */
} UmzGuardDecision;

typedef enum {
  UMZ_GUARD_MUST_CONVERGE,   /* SU /390: gives up */
  UMZ_GUARD_CARRIES_THROUGH, /* SU x86: raises, suspends */
} UmzGuardPolicy;

/* One look at the copy. */
typedef struct {
  int64_t time_us; /* monotonic */
  uint64_t round;  /* QEMU counts from 1 */
  uint64_t remaining_bytes;
  uint64_t dirty_bytes_per_s; /* that the guest changes; 0: not known */
  uint64_t rate_bytes_per_s;  /* of guest memory that arrive; 0: not known */
} UmzGuardLook;

typedef struct {
  UmzGuardPolicy policy;
  uint64_t suspension_us;      /* permitted */
  UmzGuardLook last;           /* the first of its round */
  uint64_t best_bytes;         /* the least that a round but the first began with; 0: none */
  unsigned n_without_progress; /* rounds in a row */
  int64_t without_progress_us; /* that they took */
} UmzGuard;

void umz_guard_init (UmzGuard *guard, UmzGuardPolicy policy, uint64_t suspension_us);

/* Of each round the first look counts. */
UmzGuardDecision umz_guard_look (UmzGuard *guard, const UmzGuardLook *look);

/* How long the guest would have to stand now, as far as is known. */
uint64_t umz_guard_get_needed_us (const UmzGuard *guard);

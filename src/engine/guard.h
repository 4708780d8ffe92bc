/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* guard.h: decides over a copy that does not come to an end: a function of numbers, nothing else.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define UMZ_GUARD_ROUNDS_WITHOUT_PROGRESS 3

typedef enum {
  UMZ_GUARD_GO_ON,
  UMZ_GUARD_SUSPEND, /* stop the guest so that the rest can be copied: the move is carried through
                      */
  UMZ_GUARD_GIVE_UP, /* the guest cannot be moved without a noticeable stop: undo */
} UmzGuardDecision;

typedef enum {
  UMZ_GUARD_MUST_CONVERGE,   /* SU /390: gives up */
  UMZ_GUARD_CARRIES_THROUGH, /* SU x86: suspends */
} UmzGuardPolicy;

typedef struct {
  uint64_t round;           /* the round seen last; QEMU counts from 1 */
  uint64_t remaining_bytes; /* at its end so far */
  uint64_t best_bytes;      /* the least that ever remained at the end of a round; 0: none yet */
  unsigned n_without_progress;
} UmzGuard;

/* Takes one look at the job: `round` and what remains.  A round is over when the next one is seen;
 * the first one is no measure, and progress is a twentieth less than ever before.
 */
UmzGuardDecision umz_guard_look (UmzGuard *guard, UmzGuardPolicy policy, uint64_t round,
                                 uint64_t remaining_bytes);

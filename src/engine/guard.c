/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/guard.h"

static void
close_round (UmzGuard *guard)
{
  bool is_better =
    guard->best_bytes == 0 || guard->remaining_bytes < guard->best_bytes - guard->best_bytes / 20;
  if (guard->best_bytes != 0)
    guard->n_without_progress = is_better ? 0 : guard->n_without_progress + 1;
  if (is_better)
    guard->best_bytes = guard->remaining_bytes;
}

UmzGuardDecision
umz_guard_look (UmzGuard *guard, UmzGuardPolicy policy, uint64_t round, uint64_t remaining_bytes)
{
  if (round > guard->round && guard->round > 1)
    close_round (guard);
  if (round > guard->round) {
    guard->round = round;
    guard->remaining_bytes = remaining_bytes;
  }
  if (remaining_bytes < guard->remaining_bytes)
    guard->remaining_bytes = remaining_bytes;
  if (guard->n_without_progress < UMZ_GUARD_ROUNDS_WITHOUT_PROGRESS)
    return UMZ_GUARD_GO_ON;
  return policy == UMZ_GUARD_MUST_CONVERGE ? UMZ_GUARD_GIVE_UP : UMZ_GUARD_SUSPEND;
}

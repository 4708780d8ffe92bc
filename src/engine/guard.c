/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/guard.h"

#include <glib.h>

#define PROGRESS   0.95 /* of what remained at best */
#define NEARLY_ALL 0.90 /* of the rate: what the guest changes takes all of it (forecast.c) */
#define RAISE_BY   1.25 /* beyond what is needed: rounds are not alike */

void
umz_guard_init (UmzGuard *guard, UmzGuardPolicy policy, uint64_t suspension_us)
{
  *guard = (UmzGuard){ .policy = policy, .suspension_us = suspension_us };
}

uint64_t
umz_guard_get_needed_us (const UmzGuard *guard)
{
  const UmzGuardLook *last = &guard->last;
  return last->rate_bytes_per_s == 0
           ? 0
           : (uint64_t) ((double) last->remaining_bytes * 1e6 / (double) last->rate_bytes_per_s);
}

static void
begin_round (UmzGuard *guard, const UmzGuardLook *look)
{
  bool is_first = look->round == 1;
  bool is_better = guard->best_bytes == 0 || (double) look->remaining_bytes <
                                               PROGRESS * (double) guard->best_bytes;
  if (is_better) {
    guard->best_bytes = is_first ? 0 : look->remaining_bytes; /* the first one has to copy all */
    guard->n_without_progress = 0;
    guard->without_progress_us = 0;
  }
  else {
    guard->n_without_progress++;
    guard->without_progress_us += look->time_us - guard->last.time_us;
  }
  guard->last = *look;
}

static bool
changes_as_much_as_arrives (const UmzGuardLook *look)
{
  return look->rate_bytes_per_s > 0 && (double) look->dirty_bytes_per_s >=
                                         NEARLY_ALL * (double) look->rate_bytes_per_s;
}

static bool
is_permitted (const UmzGuard *guard)
{
  return guard->last.rate_bytes_per_s > 0 &&
         umz_guard_get_needed_us (guard) <= guard->suspension_us;
}

static bool
is_without_hope (const UmzGuard *guard)
{
  if (is_permitted (guard))
    return guard->without_progress_us >= UMZ_GUARD_LOST_US;
  if (guard->n_without_progress >= UMZ_GUARD_ROUNDS &&
      guard->without_progress_us >= UMZ_GUARD_ROUNDS_US)
    return true;
  return guard->without_progress_us >= UMZ_GUARD_CLEAR_US &&
         changes_as_much_as_arrives (&guard->last);
}

/* A new suspension gets rounds of its own to be reached in. */
static UmzGuardDecision
raise_or_suspend (UmzGuard *guard)
{
  double needed_us = RAISE_BY * (double) umz_guard_get_needed_us (guard);
  if (needed_us <= (double) guard->suspension_us || needed_us > UMZ_GUARD_RAISED_US)
    return UMZ_GUARD_SUSPEND;
  guard->suspension_us = (uint64_t) needed_us;
  guard->n_without_progress = 0;
  guard->without_progress_us = 0;
  return UMZ_GUARD_RAISE;
}

UmzGuardDecision
umz_guard_look (UmzGuard *guard, const UmzGuardLook *look)
{
  if (look->round <= guard->last.round)
    return UMZ_GUARD_GO_ON;
  begin_round (guard, look);
  if (!is_without_hope (guard))
    return UMZ_GUARD_GO_ON;
  return guard->policy == UMZ_GUARD_MUST_CONVERGE ? UMZ_GUARD_GIVE_UP : raise_or_suspend (guard);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* effort.c: one step up or down at a time. */
#include "relay/effort.h"

#include <glib.h>

#include "codec/codec.h"

#define BLOCKED_UP   0.35 /* of the time: the link is slower than the coding by far */
#define BLOCKED_DOWN 0.10
#define SAVES_BELOW  0.90 /* of the bytes */

/* Looks before it is tried once more whether storing is faster: twice as many after each try in
 * vain, for one alone says little.
 */
#define STAY_FIRST 20
#define STAY_MAX   80

void
umz_effort_init (UmzEffort *effort)
{
  *effort = (UmzEffort){ .level = UMZ_CODEC_LEVEL_MIN };
}

void
umz_effort_note_coding (UmzEffort *effort, int64_t time_us, uint64_t raw_bytes,
                        uint64_t coded_bytes)
{
  effort->coding_us += time_us;
  effort->raw_bytes += raw_bytes;
  effort->coded_bytes += coded_bytes;
}

void
umz_effort_note_blocked (UmzEffort *effort, int64_t time_us)
{
  effort->blocked_us += time_us;
}

static void
go_up (UmzEffort *effort)
{
  if (effort->level == UMZ_CODEC_LEVEL_STORE) {
    effort->n_in_vain = CLAMP (2 * effort->n_in_vain, STAY_FIRST, STAY_MAX);
    effort->n_stay = effort->n_in_vain;
  }
  effort->level = MIN (effort->level + 1, UMZ_EFFORT_MAX_LEVEL);
}

/* What compressing did not make smaller is not worth coming back to. */
static void
go_down (UmzEffort *effort, double rate, bool saves)
{
  if (effort->level == UMZ_CODEC_LEVEL_MIN && saves && effort->n_stay > 0) {
    effort->n_stay--;
    return;
  }
  if (effort->level == UMZ_CODEC_LEVEL_MIN)
    effort->rate_of_min = saves ? rate : 0;
  effort->level--;
}

bool
umz_effort_look (UmzEffort *effort)
{
  int64_t time_us = effort->coding_us + effort->blocked_us;
  if (time_us < UMZ_EFFORT_LOOK_US)
    return false;

  double blocked = (double) effort->blocked_us / time_us;
  double rate = (double) effort->raw_bytes / time_us;
  bool is_stored = effort->level == UMZ_CODEC_LEVEL_STORE;
  bool saves = effort->coded_bytes < effort->raw_bytes * SAVES_BELOW;
  if (blocked >= BLOCKED_UP || (is_stored && rate < effort->rate_of_min))
    go_up (effort);
  else if (blocked <= BLOCKED_DOWN && !is_stored)
    go_down (effort, rate, saves);
  else if (blocked <= BLOCKED_DOWN && !saves)
    effort->is_given_up = true;
  effort->coding_us = effort->blocked_us = 0;
  effort->raw_bytes = effort->coded_bytes = 0;
  return true;
}

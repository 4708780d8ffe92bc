/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* effort.h: how hard to compress, so that the link is the bottleneck and the coding is not.
 *
 * Time goes into coding, here or on the other side, or is lost because the link takes no more.  If
 * much is lost, coding harder costs nothing and saves time; if none is, coding holds the guest's
 * move up.  Whether not to compress at all is faster cannot be told from that, only tried: if the
 * stream then gets on more slowly, it is compressed again for a while.  Coding that neither saves
 * time nor bytes is given up, for good: plain forwarding is faster.
 *
 * Pure arithmetic; the caller brings the times.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define UMZ_EFFORT_LOOK_US   50000 /* of coding and waiting, between two looks */
#define UMZ_EFFORT_MAX_LEVEL 6     /* beyond that zstd gains little on pages */

typedef struct {
  int level; /* UMZ_CODEC_LEVEL_STORE to UMZ_EFFORT_MAX_LEVEL */
  bool is_given_up;
  unsigned n_in_vain; /* looks that n_stay began with after the last try to store in vain */
  unsigned n_stay;    /* looks at UMZ_CODEC_LEVEL_MIN before storing is tried again */
  double rate_of_min; /* bytes per µs there, before the last try; 0: it saved nothing */
  int64_t coding_us;  /* of this look */
  int64_t blocked_us;
  uint64_t raw_bytes; /* coded in this look, before and after */
  uint64_t coded_bytes;
} UmzEffort;

void umz_effort_init (UmzEffort *effort);

void umz_effort_note_coding (UmzEffort *effort, int64_t time_us, uint64_t raw_bytes,
                             uint64_t coded_bytes);

/* So long there was something to code, and the link had no room for it. */
void umz_effort_note_blocked (UmzEffort *effort, int64_t time_us);

/* Whether level or is_given_up may have changed. */
bool umz_effort_look (UmzEffort *effort);

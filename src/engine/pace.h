/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pace.h: how fast something grows, over the last two seconds or so: a function of numbers.
 *
 * A relay tells four times a second how much has arrived.  What it does in one moment says little:
 * pages of zeros take no time, and batches come in gusts.
 */
#pragma once

#include <stdint.h>

#define UMZ_PACE_SAMPLES 9

typedef struct {
  unsigned n_noted;
  struct {
    int64_t time_us; /* monotonic */
    uint64_t bytes;
  } samples[UMZ_PACE_SAMPLES]; /* a ring */
} UmzPace;

/* Begins with the first byte. */
void umz_pace_note (UmzPace *pace, int64_t time_us, uint64_t total_bytes);

/* Per second; 0: not known. */
uint64_t umz_pace_get (const UmzPace *pace);

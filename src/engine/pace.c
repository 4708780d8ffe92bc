/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/pace.h"

#include <glib.h>

void
umz_pace_note (UmzPace *pace, int64_t time_us, uint64_t total_bytes)
{
  if (total_bytes == 0)
    return;

  unsigned next = pace->n_noted++ % UMZ_PACE_SAMPLES;

  pace->samples[next].time_us = time_us;
  pace->samples[next].bytes = total_bytes;
}

uint64_t
umz_pace_get (const UmzPace *pace)
{
  if (pace->n_noted < 2)
    return 0;

  unsigned oldest =
    pace->n_noted <= UMZ_PACE_SAMPLES ? 0 : pace->n_noted % UMZ_PACE_SAMPLES;
  unsigned newest = (pace->n_noted - 1) % UMZ_PACE_SAMPLES;
  int64_t time_us = pace->samples[newest].time_us - pace->samples[oldest].time_us;
  uint64_t bytes = pace->samples[newest].bytes - pace->samples[oldest].bytes;
  return time_us > 0 ? (uint64_t) ((double) bytes * 1e6 / (double) time_us) : 0;
}

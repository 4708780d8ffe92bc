/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sampler.h: looks at all VMs three times a minute and remembers an hour of it: CPU, memory, and
 * how fast they change it.  While a VM moves, libvirt is left alone, and /proc alone tells.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "su/app.h"

typedef struct UmzSampler UmzSampler;

/* app is borrowed; it is not looked at yet. */
UmzSampler *umz_sampler_new (UmzApp *app);
void umz_sampler_free (UmzSampler *sampler);

/* The thread that looks; umz_sampler_free() stops it. */
void umz_sampler_start (UmzSampler *sampler);

typedef struct {
  int64_t time_us;         /* monotonic; of the last look */
  double span_s;           /* what the CPU time is the mean of; 0: there was one look only */
  double cpu_percent;      /* of one host CPU; may exceed 100 */
  uint64_t resident_bytes; /* of the last look */
  bool has_dirty_rate;
  double dirty_mib_per_s;
} UmzUsage;

/* Usage over the last so many minutes (0: since the look before), up to now.  False: it is not
 * active.
 */
bool umz_sampler_get_usage (UmzSampler *sampler, const UmzVm *vm, unsigned minutes,
                            UmzUsage *ret_usage);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* flow.h: how much may be under way in one direction, so that a guest's stop time stays short.
 *
 * QEMU counts what it hands to its socket as sent and derives its switch-over from that.  Whatever
 * lies in the two relays and on the link then has to drain while the guest stands still.  So what
 * was sent and is not acknowledged stays within
 *
 *    window = rate x max (span, 2 x shortest round trip)
 *    span   = min (UMZ_FLOW_SPAN_US, permitted suspension / 4)
 *
 * between UMZ_FLOW_WINDOW_MIN_BYTES and _MAX_BYTES.  The rate is what the other side delivers while
 * there is something to deliver, smoothed.  The span keeps both relays at work while the scheduler
 * runs somebody else; more than that would only lengthen the stop.  The round trip is in there
 * because on a long line a smaller window would be slower than the line, would then measure that
 * lower rate, and shrink.
 *
 * Pure arithmetic; the caller brings the time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UMZ_FLOW_WINDOW_START_BYTES (1024 * 1024)
#define UMZ_FLOW_WINDOW_MIN_BYTES   (256 * 1024)
#define UMZ_FLOW_WINDOW_MAX_BYTES   (16 * 1024 * 1024)
#define UMZ_FLOW_SAMPLE_US          10000 /* of busy time */
#define UMZ_FLOW_SPAN_US            10000

typedef struct {
  uint64_t limit_us;            /* permitted suspension */
  uint64_t sent_bytes;          /* from the start */
  uint64_t acked_bytes;         /* <= sent_bytes */
  uint64_t in_flight_max_bytes; /* the most there has been */
  uint64_t window_bytes;
  uint64_t rate_bytes_per_s; /* 0 before the first sample */
  int64_t busy_since_us;     /* the last time that is counted in sample_us */
  int64_t sample_us;         /* busy time of this sample */
  uint64_t sample_bytes;     /* acknowledged in it */
} UmzFlow;

void umz_flow_init (UmzFlow *flow, uint64_t limit_us);
void umz_flow_set_limit (UmzFlow *flow, uint64_t limit_us);

uint64_t umz_flow_get_in_flight_bytes (const UmzFlow *flow);

/* How much may be sent now; 0 also when it is too little to be worth a system call. */
size_t umz_flow_get_room_bytes (const UmzFlow *flow);

void umz_flow_note_sent (UmzFlow *flow, size_t n_bytes, int64_t now_us);

/* Whether the other side can have said that: totals neither shrink nor exceed what was sent. */
bool umz_flow_note_acked (UmzFlow *flow, uint64_t total_bytes, int64_t now_us);

/* Whether it is time for umz_flow_take_sample(), which sets rate and window anew. */
bool umz_flow_is_sample_due (const UmzFlow *flow);
void umz_flow_take_sample (UmzFlow *flow, uint64_t round_trip_us);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* flow.c: window and rate of one direction. */
#include "relay/flow.h"

#include <glib.h>

#define WORTH_A_CALL_BYTES (64 * 1024)

void
umz_flow_init (UmzFlow *flow, uint64_t limit_us)
{
  *flow = (UmzFlow){ .limit_us = limit_us, .window_bytes = UMZ_FLOW_WINDOW_START_BYTES };
}

/* In floating point: a hostile or absurd rate times an hour must not wrap round. */
static void
set_window (UmzFlow *flow, uint64_t round_trip_us)
{
  double span_us = MAX (MIN (flow->limit_us / 4.0, UMZ_FLOW_SPAN_US), 2.0 * round_trip_us);
  double wanted = flow->rate_bytes_per_s * span_us / 1e6;

  flow->window_bytes = CLAMP (wanted, UMZ_FLOW_WINDOW_MIN_BYTES, UMZ_FLOW_WINDOW_MAX_BYTES);
}

void
umz_flow_set_limit (UmzFlow *flow, uint64_t limit_us)
{
  flow->limit_us = limit_us;
  if (flow->rate_bytes_per_s > 0)
    set_window (flow, 0); /* the next sample, at most 10 ms of work away, knows the round trip */
}

uint64_t
umz_flow_get_in_flight_bytes (const UmzFlow *flow)
{
  return flow->sent_bytes - flow->acked_bytes;
}

size_t
umz_flow_get_room_bytes (const UmzFlow *flow)
{
  uint64_t in_flight = umz_flow_get_in_flight_bytes (flow);
  if (in_flight >= flow->window_bytes)
    return 0;

  uint64_t room = flow->window_bytes - in_flight;
  return room < WORTH_A_CALL_BYTES ? 0 : room;
}

void
umz_flow_note_sent (UmzFlow *flow, size_t n_bytes, int64_t now_us)
{
  if (flow->sent_bytes == flow->acked_bytes)
    flow->busy_since_us = now_us;
  flow->sent_bytes += n_bytes;
  flow->in_flight_max_bytes = MAX (flow->in_flight_max_bytes, umz_flow_get_in_flight_bytes (flow));
}

bool
umz_flow_note_acked (UmzFlow *flow, uint64_t total_bytes, int64_t now_us)
{
  if (total_bytes < flow->acked_bytes || total_bytes > flow->sent_bytes)
    return false;
  if (total_bytes == flow->acked_bytes)
    return true; /* perhaps nothing is under way: no busy time */

  flow->sample_us += now_us - flow->busy_since_us;
  flow->sample_bytes += total_bytes - flow->acked_bytes;
  flow->busy_since_us = now_us;
  flow->acked_bytes = total_bytes;
  return true;
}

bool
umz_flow_is_sample_due (const UmzFlow *flow)
{
  return flow->sample_us >= UMZ_FLOW_SAMPLE_US;
}

void
umz_flow_take_sample (UmzFlow *flow, uint64_t round_trip_us)
{
  uint64_t measured = flow->sample_bytes * 1e6 / flow->sample_us;

  flow->rate_bytes_per_s =
    flow->rate_bytes_per_s == 0 ? measured : (3 * flow->rate_bytes_per_s + measured) / 4;
  flow->sample_us = 0;
  flow->sample_bytes = 0;
  set_window (flow, round_trip_us);
}

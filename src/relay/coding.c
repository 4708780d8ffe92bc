/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* coding.c: encoder and decoder, with the figures that steer them. */
#include "relay/coding.h"

#include <string.h>

#include "relay/effort.h"
#include "relay/flow.h"
#include "relay/frame.h"

/* A frame that is under way: where it ends, in the stream and in coded bytes. */
typedef struct {
  uint64_t raw_end, coded_end;
} Frame;

struct UmzCoding {
  UmzEncoder *encoder; /* owned; source */
  UmzDecoder *decoder; /* owned; target */
  GByteArray *out;     /* owned; what was made last */
  UmzEffort effort;
  UmzFlow flow;   /* of coded bytes */
  GQueue *frames; /* owned, of owned Frames: not acknowledged as a whole */
};

UmzCoding *
umz_coding_new (const UmzRelayStart *start, int mirror_fd)
{
  UmzCoding *coding = g_new0 (UmzCoding, 1);
  UmzDigest before;
  UmzMirror *mirror =
    mirror_fd < 0 ? NULL : umz_mirror_new (mirror_fd, start->mirror_max_bytes, start->mirror_key);

  memcpy (before.bytes, start->mirror_digest, sizeof before.bytes);
  if (start->side == UMZ_RELAY_SIDE_SOURCE)
    coding->encoder = umz_encoder_new (mirror, &before);
  else
    coding->decoder = umz_decoder_new (mirror, &before);
  coding->out = g_byte_array_new ();
  coding->frames = g_queue_new ();
  umz_effort_init (&coding->effort);
  umz_flow_init (&coding->flow, start->limit_us);
  return coding;
}

void
umz_coding_free (UmzCoding *coding)
{
  if (coding == NULL)
    return;
  umz_encoder_free (coding->encoder);
  umz_decoder_free (coding->decoder);
  g_byte_array_unref (coding->out);
  g_queue_free_full (coding->frames, g_free);
  g_free (coding);
}

UmzCodecStats
umz_coding_get_stats (const UmzCoding *coding)
{
  return coding->encoder != NULL ? umz_encoder_get_stats (coding->encoder)
                                 : umz_decoder_get_stats (coding->decoder);
}

bool
umz_coding_get_digest (UmzCoding *coding, UmzDigest *ret_digest)
{
  return coding->encoder != NULL ? umz_encoder_get_digest (coding->encoder, ret_digest)
                                 : umz_decoder_get_digest (coding->decoder, ret_digest);
}

/* ---- source ---- */

static void
note_sent (UmzCoding *coding, uint64_t raw_end)
{
  Frame *frame = g_new (Frame, 1);

  umz_flow_note_sent (&coding->flow, coding->out->len, g_get_monotonic_time ());
  *frame = (Frame){ .raw_end = raw_end, .coded_end = coding->flow.sent_bytes };
  g_queue_push_tail (coding->frames, frame);
}

const GByteArray *
umz_coding_encode (UmzCoding *coding, const uint8_t *bytes, size_t n_bytes, UmzCodecNext next,
                   size_t *ret_raw_bytes)
{
  int64_t start_us = g_get_monotonic_time ();
  uint64_t raw_before = umz_encoder_get_stats (coding->encoder).raw_bytes;

  *ret_raw_bytes = 0;
  g_byte_array_set_size (coding->out, UMZ_FRAME_HEADER_BYTES);
  umz_encoder_encode (coding->encoder, bytes, n_bytes, next, coding->out);
  if (coding->out->len == UMZ_FRAME_HEADER_BYTES)
    return NULL;

  uint64_t raw_end = umz_encoder_get_stats (coding->encoder).raw_bytes;
  umz_frame_encode_coded_header (coding->out->len - UMZ_FRAME_HEADER_BYTES, coding->out->data);
  note_sent (coding, raw_end);
  *ret_raw_bytes = raw_end - raw_before;
  umz_effort_note_coding (&coding->effort, g_get_monotonic_time () - start_us, *ret_raw_bytes,
                          coding->out->len);
  if (umz_effort_look (&coding->effort))
    umz_encoder_set_level (coding->encoder, coding->effort.level);
  return coding->out;
}

bool
umz_coding_is_given_up (const UmzCoding *coding)
{
  return coding->effort.is_given_up;
}

bool
umz_coding_is_blocked (const UmzCoding *coding)
{
  return umz_flow_get_in_flight_bytes (&coding->flow) >= coding->flow.window_bytes;
}

void
umz_coding_note_waited (UmzCoding *coding, int64_t time_us, uint64_t queued_bytes)
{
  if (queued_bytes > umz_flow_get_in_flight_bytes (&coding->flow) / 2)
    umz_effort_note_blocked (&coding->effort, time_us);
  else
    umz_effort_note_coding (&coding->effort, time_us, 0, 0);
}

void
umz_coding_note_acked (UmzCoding *coding, uint64_t raw_bytes, uint64_t round_trip_us)
{
  const Frame *frame;
  uint64_t coded_bytes = coding->flow.acked_bytes;

  while ((frame = g_queue_peek_head (coding->frames)) != NULL && frame->raw_end <= raw_bytes) {
    coded_bytes = frame->coded_end;
    g_free (g_queue_pop_head (coding->frames));
  }
  (void) umz_flow_note_acked (&coding->flow, coded_bytes, g_get_monotonic_time ()); /* our own */
  if (umz_flow_is_sample_due (&coding->flow))
    umz_flow_take_sample (&coding->flow, round_trip_us);
}

void
umz_coding_set_limit (UmzCoding *coding, uint64_t limit_us)
{
  umz_flow_set_limit (&coding->flow, limit_us);
}

/* ---- target ---- */

const GByteArray *
umz_coding_decode (UmzCoding *coding, const uint8_t *batch, size_t n_bytes, GError **error)
{
  g_autoptr (GError) why = NULL;

  g_byte_array_set_size (coding->out, 0);
  if (umz_decoder_decode (coding->decoder, batch, n_bytes, coding->out, &why))
    return coding->out;
  g_set_error_literal (error, UMZ_RELAY_ERROR, UMZ_RELAY_END_CODEC, why->message);
  return NULL;
}

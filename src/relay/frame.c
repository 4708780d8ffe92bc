/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* frame.c: DATA, END, ACK and CODED between two relays. */
#include "relay/frame.h"

#include <string.h>

#include "relay/control.h"

static void
encode_header (uint32_t length_bytes, UmzFrameType type, uint8_t *bytes)
{
  uint32_t length = GUINT32_TO_BE (length_bytes);

  memcpy (bytes, &length, sizeof length);
  bytes[4] = type;
}

void
umz_frame_encode_data_header (uint32_t length_bytes, uint8_t ret_bytes[UMZ_FRAME_HEADER_BYTES])
{
  g_assert (length_bytes >= 1 && length_bytes <= UMZ_FRAME_DATA_MAX_BYTES);
  encode_header (length_bytes, UMZ_FRAME_DATA, ret_bytes);
}

void
umz_frame_encode_coded_header (uint32_t length_bytes, uint8_t ret_bytes[UMZ_FRAME_HEADER_BYTES])
{
  g_assert (length_bytes >= 1 && length_bytes <= UMZ_CODEC_BATCH_MAX_BYTES);
  encode_header (length_bytes, UMZ_FRAME_CODED, ret_bytes);
}

void
umz_frame_encode_end (uint8_t ret_bytes[UMZ_FRAME_HEADER_BYTES])
{
  encode_header (0, UMZ_FRAME_END, ret_bytes);
}

void
umz_frame_encode_ack (uint64_t total_bytes, uint8_t ret_bytes[UMZ_FRAME_ACK_BYTES])
{
  uint64_t total = GUINT64_TO_BE (total_bytes);

  encode_header (sizeof total, UMZ_FRAME_ACK, ret_bytes);
  memcpy (ret_bytes + UMZ_FRAME_HEADER_BYTES, &total, sizeof total);
}

/* Moves bytes into the head until it holds `wanted`; whether it does. */
static bool
fill_head (UmzFrameDecoder *decoder, UmzReader *bytes, uint32_t wanted)
{
  size_t n = MIN (wanted - decoder->head_bytes, umz_reader_get_left_bytes (bytes));
  const uint8_t *piece;

  if (n > 0 && umz_reader_get_bytes (bytes, n, &piece)) {
    memcpy (decoder->head + decoder->head_bytes, piece, n);
    decoder->head_bytes += n;
  }
  return decoder->head_bytes == wanted;
}

static bool
check_header (uint32_t length, uint8_t type, GError **error)
{
  bool ok = false;

  switch ((UmzFrameType) type) {
  case UMZ_FRAME_DATA: ok = length >= 1 && length <= UMZ_FRAME_DATA_MAX_BYTES; break;
  case UMZ_FRAME_END: ok = length == 0; break;
  case UMZ_FRAME_ACK: ok = length == 8; break;
  case UMZ_FRAME_CODED: ok = length >= 1 && length <= UMZ_CODEC_BATCH_MAX_BYTES; break;
  }
  if (!ok)
    g_set_error (error, UMZ_RELAY_ERROR, UMZ_RELAY_END_HOSTILE,
                 "the other relay sent a frame of type %u with %u bytes", type, length);
  return ok;
}

static void
take_data (UmzFrameDecoder *decoder, UmzReader *bytes, UmzFrame *ret_frame)
{
  size_t n = MIN (decoder->data_left_bytes, umz_reader_get_left_bytes (bytes));

  if (n == 0 || !umz_reader_get_bytes (bytes, n, &ret_frame->data))
    return;
  decoder->data_left_bytes -= n;
  ret_frame->length_bytes = n;
  ret_frame->type = UMZ_FRAME_DATA;
}

/* A batch that lies in the bytes as a whole is not copied. */
static void
take_coded (UmzFrameDecoder *decoder, UmzReader *bytes, UmzFrame *ret_frame)
{
  size_t left = umz_reader_get_left_bytes (bytes);
  uint32_t gathered = decoder->coded->len;
  size_t n = MIN (decoder->coded_bytes - gathered, left);
  const uint8_t *piece = NULL;

  if (n == 0 || !umz_reader_get_bytes (bytes, n, &piece))
    return;
  if (n < decoder->coded_bytes) {
    g_byte_array_append (decoder->coded, piece, n);
    if (decoder->coded->len < decoder->coded_bytes)
      return;
    piece = decoder->coded->data;
  }
  *ret_frame = (UmzFrame){
    .type = UMZ_FRAME_CODED,
    .data = piece,
    .length_bytes = decoder->coded_bytes,
  };
  decoder->coded_bytes = 0;
}

static void
begin_coded (UmzFrameDecoder *decoder, uint32_t length_bytes)
{
  if (decoder->coded == NULL)
    decoder->coded = g_byte_array_new ();
  g_byte_array_set_size (decoder->coded, 0);
  decoder->coded_bytes = length_bytes;
}

void
umz_frame_decoder_clear (UmzFrameDecoder *decoder)
{
  g_clear_pointer (&decoder->coded, g_byte_array_unref);
}

bool
umz_frame_decoder_next (UmzFrameDecoder *decoder, UmzReader *bytes, UmzFrame *ret_frame,
                        GError **error)
{
  *ret_frame = (UmzFrame){ 0 };
  if (decoder->data_left_bytes > 0) {
    take_data (decoder, bytes, ret_frame);
    return true;
  }
  if (decoder->coded_bytes > 0) {
    take_coded (decoder, bytes, ret_frame);
    return true;
  }
  if (decoder->head_bytes < UMZ_FRAME_HEADER_BYTES &&
      !fill_head (decoder, bytes, UMZ_FRAME_HEADER_BYTES))
    return true;

  UmzReader head;
  uint32_t length = 0;
  uint8_t type = 0;
  umz_reader_init (&head, decoder->head, sizeof decoder->head);
  (void) umz_reader_get_u32 (&head, &length); /* both fit: head is longer */
  (void) umz_reader_get_u8 (&head, &type);
  if (!check_header (length, type, error))
    return false;

  if (type == UMZ_FRAME_ACK) {
    if (!fill_head (decoder, bytes, UMZ_FRAME_ACK_BYTES))
      return true;
    (void) umz_reader_get_u64 (&head, &ret_frame->total_bytes); /* just filled */
  }
  decoder->head_bytes = 0;
  if (type == UMZ_FRAME_DATA) {
    decoder->data_left_bytes = length;
    take_data (decoder, bytes, ret_frame);
    return true;
  }
  if (type == UMZ_FRAME_CODED) {
    begin_coded (decoder, length);
    take_coded (decoder, bytes, ret_frame);
    return true;
  }
  ret_frame->type = type;
  return true;
}

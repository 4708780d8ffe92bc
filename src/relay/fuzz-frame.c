/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What another relay may send, cut anywhere: every way of cutting finds the same frames. */
#include <string.h>

#include "relay/frame.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n_bytes);

/* Of DATA, which may come in pieces, the bytes; of the others the frame as a whole. */
static bool
note_frames (UmzFrameDecoder *decoder, const uint8_t *bytes, size_t n_bytes, GByteArray *found)
{
  g_autofree uint8_t *copy = g_memdup2 (bytes, n_bytes);
  UmzReader reader;
  UmzFrame frame = { 0 };

  umz_reader_init (&reader, copy, n_bytes);
  do {
    if (!umz_frame_decoder_next (decoder, &reader, &frame, NULL))
      return false;
    if (frame.type != UMZ_FRAME_DATA && frame.type != 0) {
      const uint64_t note[] = { frame.type, frame.length_bytes, frame.total_bytes };
      g_byte_array_append (found, (const uint8_t *) note, sizeof note);
    }
    if (frame.data != NULL)
      g_byte_array_append (found, frame.data, frame.length_bytes);
  } while (frame.type != 0);
  return true;
}

static GByteArray *
decode (const uint8_t *bytes, size_t n_bytes, size_t piece_bytes)
{
  UmzFrameDecoder decoder = { 0 };
  GByteArray *found = g_byte_array_new ();
  bool ok = true;

  for (size_t at = 0; ok && at < n_bytes; at += piece_bytes)
    ok = note_frames (&decoder, bytes + at, MIN (piece_bytes, n_bytes - at), found);
  g_byte_array_append (found, (const uint8_t *) &ok, sizeof ok);
  umz_frame_decoder_clear (&decoder);
  return found;
}

/* The first byte says how the rest is cut. */
int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n_bytes)
{
  if (n_bytes < 2)
    return 0;

  g_autoptr (GByteArray) whole = decode (bytes + 1, n_bytes - 1, n_bytes);
  g_autoptr (GByteArray) cut = decode (bytes + 1, n_bytes - 1, 1 + bytes[0] % 64);
  g_assert_cmpmem (whole->data, whole->len, cut->data, cut->len);
  return 0;
}

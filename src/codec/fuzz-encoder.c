/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any stream, cut anywhere, arrives as it was; a second time through the same mirrors as well. */
#include <string.h>

#include "codec/fuzz-pair.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n_bytes);

static void
carry (UmzEncoder *encoder, UmzDecoder *decoder, const uint8_t *bytes, size_t n_bytes, size_t piece)
{
  g_autoptr (GByteArray) batch = g_byte_array_new (), arrived = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  for (size_t at = 0; at < n_bytes; at += piece) {
    size_t n = MIN (piece, n_bytes - at);
    g_byte_array_set_size (batch, 0);
    umz_encoder_encode (encoder, bytes + at, n, at + n == n_bytes ? UMZ_CODEC_END : UMZ_CODEC_MORE,
                        batch);
    if (batch->len > 0)
      umz_decoder_decode (decoder, batch->data, batch->len, arrived, &error);
    g_assert_no_error (error);
  }
  g_assert_cmpmem (arrived->data, arrived->len, bytes, n_bytes);
}

/* The first byte says how the rest is cut. */
int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n_bytes)
{
  if (n_bytes < 2)
    return 0;

  g_autoptr (UmzEncoder) encoder = umz_encoder_new (umz_fuzz_mirror (), &(UmzDigest){ 0 });
  g_autoptr (UmzDecoder) decoder = umz_decoder_new (umz_fuzz_mirror (), &(UmzDigest){ 0 });
  carry (encoder, decoder, bytes + 1, n_bytes - 1, 1 + bytes[0] * 97);
  return 0;
}

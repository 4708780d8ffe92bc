/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a coded file (umzug-codec): batches, each with its length in front.  Whatever they
 * are, the decoder takes them or refuses them.  Built without the comparison of hashes, which
 * nothing that is made up would pass.
 */
#include "base/reader.h"
#include "codec/fuzz-pair.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n_bytes);

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n_bytes)
{
  g_autoptr (UmzDecoder) decoder = umz_decoder_new (umz_fuzz_mirror (), &(UmzDigest){ 0 });
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  UmzReader reader;
  uint32_t length = 0;
  const uint8_t *batch = NULL;

  umz_reader_init (&reader, bytes, n_bytes);
  while (umz_reader_get_u32 (&reader, &length) && umz_reader_get_bytes (&reader, length, &batch)) {
    g_autoptr (GError) error = NULL;
    g_byte_array_set_size (stream, 0);
    if (!umz_decoder_decode (decoder, batch, length, stream, &error)) {
      g_assert_cmpuint (stream->len, ==, 0);
      break;
    }
  }
  return 0;
}

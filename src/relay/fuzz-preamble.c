/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-preamble.c: any bytes are those of a stream id, or refused. */
#include "relay/preamble.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  uint8_t bytes[UMZ_PREAMBLE_BYTES] = { 0 }, encoded[UMZ_PREAMBLE_BYTES];
  uint8_t id[UMZ_RELAY_STREAM_ID_BYTES];
  g_autoptr (GError) error = NULL;
  memcpy (bytes, data, MIN (size, sizeof bytes));
  if (umz_preamble_decode (bytes, id, &error)) {
    umz_preamble_encode (id, encoded);
    g_assert_cmpmem (encoded, sizeof encoded, bytes, sizeof bytes);
  }
  else
    g_assert_error (error, UMZ_RELAY_ERROR, UMZ_RELAY_END_HOSTILE);
  return 0;
}

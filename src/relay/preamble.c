/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* preamble.c: the stream id in front of TLS. */
#include "relay/preamble.h"

#include <string.h>

#include "base/reader.h"

static const uint8_t magic[4] = { 'U', 'M', 'Z', 'D' };

void
umz_preamble_encode (const uint8_t stream_id[UMZ_RELAY_STREAM_ID_BYTES],
                     uint8_t ret_bytes[UMZ_PREAMBLE_BYTES])
{
  uint32_t version = GUINT32_TO_BE (UMZ_PREAMBLE_VERSION);

  memcpy (ret_bytes, magic, sizeof magic);
  memcpy (ret_bytes + 4, &version, sizeof version);
  memcpy (ret_bytes + 8, stream_id, UMZ_RELAY_STREAM_ID_BYTES);
}

bool
umz_preamble_decode (const uint8_t bytes[UMZ_PREAMBLE_BYTES],
                     uint8_t ret_stream_id[UMZ_RELAY_STREAM_ID_BYTES], GError **error)
{
  UmzReader reader;
  const uint8_t *word = NULL, *id = NULL;
  uint32_t version = 0;

  umz_reader_init (&reader, bytes, UMZ_PREAMBLE_BYTES);
  (void) umz_reader_get_bytes (&reader, sizeof magic, &word);
  (void) umz_reader_get_u32 (&reader, &version);
  (void) umz_reader_get_bytes (&reader, UMZ_RELAY_STREAM_ID_BYTES, &id);
  g_assert (umz_reader_is_at_end (&reader)); /* the length is a constant */

  if (memcmp (word, magic, sizeof magic) != 0) {
    g_set_error_literal (error, UMZ_RELAY_ERROR, UMZ_RELAY_END_HOSTILE,
                         "not an Umzug data connection");
    return false;
  }
  if (version != UMZ_PREAMBLE_VERSION) {
    g_set_error (error, UMZ_RELAY_ERROR, UMZ_RELAY_END_HOSTILE,
                 "data connection of version %u, not %d", version, UMZ_PREAMBLE_VERSION);
    return false;
  }
  memcpy (ret_stream_id, id, UMZ_RELAY_STREAM_ID_BYTES);
  return true;
}

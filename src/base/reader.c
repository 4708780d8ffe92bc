/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reader.c: bounds are checked in one place, claim(); everything else is built on it. */
#include "base/reader.h"

#include <string.h>

void
umz_reader_init (UmzReader *reader, const void *data, size_t length_bytes)
{
  g_assert (data != NULL || length_bytes == 0);
  *reader = (UmzReader){ .data = data, .length_bytes = length_bytes };
}

/* Steps over n_bytes and lends their beginning, or fails and returns NULL. */
static const uint8_t *
claim (UmzReader *reader, size_t n_bytes)
{
  static const uint8_t nothing[1]; /* so that claiming 0 bytes of a NULL buffer is no failure */

  if (reader->failed || n_bytes > reader->length_bytes - reader->position_bytes) {
    reader->failed = true;
    return NULL;
  }
  if (reader->data == NULL)
    return nothing;

  const uint8_t *bytes = reader->data + reader->position_bytes;
  reader->position_bytes += n_bytes;
  return bytes;
}

static bool
get_integer (UmzReader *reader, size_t n_bytes, uint64_t *ret_value)
{
  const uint8_t *bytes = claim (reader, n_bytes);
  if (bytes == NULL)
    return false;

  uint64_t value = 0;
  for (size_t i = 0; i < n_bytes; i++)
    value = value << 8 | bytes[i];
  *ret_value = value;
  return true;
}

bool
umz_reader_get_u8 (UmzReader *reader, uint8_t *ret_value)
{
  uint64_t value;
  if (!get_integer (reader, sizeof *ret_value, &value))
    return false;
  *ret_value = (uint8_t) value;
  return true;
}

bool
umz_reader_get_u16 (UmzReader *reader, uint16_t *ret_value)
{
  uint64_t value;
  if (!get_integer (reader, sizeof *ret_value, &value))
    return false;
  *ret_value = (uint16_t) value;
  return true;
}

bool
umz_reader_get_u32 (UmzReader *reader, uint32_t *ret_value)
{
  uint64_t value;
  if (!get_integer (reader, sizeof *ret_value, &value))
    return false;
  *ret_value = (uint32_t) value;
  return true;
}

bool
umz_reader_get_u64 (UmzReader *reader, uint64_t *ret_value)
{
  return get_integer (reader, sizeof *ret_value, ret_value);
}

bool
umz_reader_get_bytes (UmzReader *reader, size_t n_bytes, const uint8_t **ret_bytes)
{
  const uint8_t *bytes = claim (reader, n_bytes);
  if (bytes == NULL)
    return false;
  *ret_bytes = bytes;
  return true;
}

bool
umz_reader_get_part (UmzReader *reader, size_t n_bytes, UmzReader *ret_part)
{
  const uint8_t *bytes = claim (reader, n_bytes);
  if (bytes == NULL)
    return false;
  umz_reader_init (ret_part, bytes, n_bytes);
  return true;
}

bool
umz_reader_skip (UmzReader *reader, size_t n_bytes)
{
  return claim (reader, n_bytes) != NULL;
}

static bool
skip_zeros (UmzReader *reader, size_t n_bytes)
{
  const uint8_t *bytes = claim (reader, n_bytes);
  if (bytes == NULL)
    return false;
  for (size_t i = 0; i < n_bytes; i++)
    if (bytes[i] != 0)
      reader->failed = true;
  return !reader->failed;
}

bool
umz_reader_get_xdr_opaque (UmzReader *reader, uint32_t limit_bytes,
                           const uint8_t **ret_bytes, uint32_t *ret_length_bytes)
{
  uint32_t length_bytes;
  if (!umz_reader_get_u32 (reader, &length_bytes))
    return false;
  if (length_bytes > limit_bytes) {
    reader->failed = true;
    return false;
  }
  const uint8_t *bytes = claim (reader, length_bytes);
  if (bytes == NULL || !skip_zeros (reader, (4 - length_bytes % 4) % 4))
    return false;

  *ret_bytes = bytes;
  *ret_length_bytes = length_bytes;
  return true;
}

bool
umz_reader_dup_xdr_string (UmzReader *reader, uint32_t limit_bytes, char **ret_text)
{
  const uint8_t *bytes;
  uint32_t length_bytes;
  if (!umz_reader_get_xdr_opaque (reader, limit_bytes, &bytes, &length_bytes))
    return false;
  if (memchr (bytes, '\0', length_bytes) != NULL) {
    reader->failed = true;
    return false;
  }
  *ret_text = g_strndup ((const char *) bytes, length_bytes);
  return true;
}

size_t
umz_reader_get_left_bytes (const UmzReader *reader)
{
  return reader->failed ? 0 : reader->length_bytes - reader->position_bytes;
}

bool
umz_reader_has_failed (const UmzReader *reader)
{
  return reader->failed;
}

bool
umz_reader_is_at_end (const UmzReader *reader)
{
  return !reader->failed && reader->position_bytes == reader->length_bytes;
}

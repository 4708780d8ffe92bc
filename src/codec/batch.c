/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* batch.c: the head of a batch, and what encoder and decoder share. */
#include "codec/batch.h"

#include <string.h>
#include <xxhash.h>

G_DEFINE_QUARK (umz_codec_error, umz_codec_error)

bool
umz_codec_damaged (const char *what, GError **error)
{
  g_set_error (error, UMZ_CODEC_ERROR, UMZ_CODEC_ERROR_DAMAGED, "damaged batch: %s", what);
  return false;
}

static uint8_t *
put_u32 (uint8_t *bytes, uint32_t value)
{
  uint32_t be = GUINT32_TO_BE (value);

  return (uint8_t *) memcpy (bytes, &be, sizeof be) + sizeof be;
}

void
umz_batch_header_encode (const UmzBatchHeader *header, uint8_t ret_bytes[UMZ_BATCH_HEADER_BYTES])
{
  uint8_t *next = ret_bytes;

  *next++ = header->form | (header->mirror_ends ? UMZ_BATCH_MIRROR_ENDS : 0);
  next = put_u32 (next, header->raw_bytes);
  next = put_u32 (next, header->record_bytes);
  next = put_u32 (next, header->n_pages);
  next = put_u32 (next, header->n_sent_pages);
  memcpy (next, header->hash.bytes, sizeof header->hash.bytes);
}

static bool
is_consistent (const UmzBatchHeader *header)
{
  uint64_t in_pages = (uint64_t) header->n_pages * UMZ_PAGE_BYTES;

  return (header->form == UMZ_BODY_STORED || header->form == UMZ_BODY_ZSTD) &&
         header->raw_bytes >= 1 && header->raw_bytes <= UMZ_CODEC_RAW_MAX_BYTES &&
         header->n_sent_pages <= header->n_pages &&
         header->record_bytes + in_pages == header->raw_bytes;
}

bool
umz_batch_header_decode (UmzReader *bytes, UmzBatchHeader *ret_header, GError **error)
{
  UmzBatchHeader header = { 0 };
  uint8_t form = 0;
  const uint8_t *hash = NULL;

  (void) umz_reader_get_u8 (bytes, &form); /* the last one tells of all */
  (void) umz_reader_get_u32 (bytes, &header.raw_bytes);
  (void) umz_reader_get_u32 (bytes, &header.record_bytes);
  (void) umz_reader_get_u32 (bytes, &header.n_pages);
  (void) umz_reader_get_u32 (bytes, &header.n_sent_pages);
  if (!umz_reader_get_bytes (bytes, sizeof header.hash.bytes, &hash))
    return umz_codec_damaged ("too short", error);
  memcpy (header.hash.bytes, hash, sizeof header.hash.bytes);
  header.mirror_ends = (form & UMZ_BATCH_MIRROR_ENDS) != 0;
  header.form = form & ~UMZ_BATCH_MIRROR_ENDS;
  if (!is_consistent (&header))
    return umz_codec_damaged ("its numbers do not fit together", error);
  *ret_header = header;
  return true;
}

size_t
umz_batch_header_get_body_bytes (const UmzBatchHeader *header)
{
  return (size_t) header->record_bytes + header->n_pages +
         (size_t) header->n_sent_pages * UMZ_PAGE_BYTES;
}

UmzDigest
umz_digest_after (const UmzDigest *before, const UmzDigest *hash)
{
  UmzDigest both[2] = { *before, *hash }, after;

  XXH128_canonicalFromHash ((XXH128_canonical_t *) after.bytes, XXH3_128bits (both, sizeof both));
  return after;
}

void
umz_xor (uint8_t *a, const uint8_t *b, size_t n_bytes)
{
  for (size_t i = 0; i < n_bytes; i++)
    a[i] ^= b[i];
}

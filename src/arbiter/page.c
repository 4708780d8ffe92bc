/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "arbiter/page.h"

#include <string.h>

#include "base/reader.h"

#define MAGIC        "UMZUGARB"
#define MAGIC_BYTES  8
#define VERSION      1
#define DIGEST_BYTES 32
#define SUMMED_BYTES (UMZ_PAGE_BYTES - DIGEST_BYTES)

static void
make_digest (const void *bytes, size_t n_bytes, uint8_t *ret_digest)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (checksum, bytes, n_bytes);
  gsize length_bytes = DIGEST_BYTES;
  g_checksum_get_digest (checksum, ret_digest, &length_bytes);
  g_assert (length_bytes == DIGEST_BYTES);
}

/* ---- keys ---- */

UmzPageKey
umz_page_make_key (const char *uuid, uint64_t epoch)
{
  g_autofree char *text = g_strdup_printf ("%s/%" G_GUINT64_FORMAT, uuid, epoch);
  uint8_t digest[DIGEST_BYTES];
  make_digest (text, strlen (text), digest);
  UmzPageKey key;
  memcpy (key.bytes, digest, sizeof key.bytes);
  return key;
}

unsigned
umz_page_get_bucket (const UmzPageKey *key)
{
  return (key->bytes[0] << 8 | key->bytes[1]) % UMZ_PAGE_BUCKETS;
}

static UmzPageRecord *
find_record (const UmzPage *page, const UmzPageKey *key)
{
  for (unsigned i = 0; i < page->n_records; i++)
    if (memcmp (&page->records[i].key, key, sizeof *key) == 0)
      return (UmzPageRecord *) &page->records[i];
  return NULL;
}

/* ---- the bytes ---- */

static bool
is_blank (const uint8_t *bytes, size_t n_bytes)
{
  for (size_t i = 0; i < n_bytes; i++)
    if (bytes[i] != 0)
      return false;
  return true;
}

static bool
parse_head (UmzReader *reader, unsigned bucket, UmzPage *page)
{
  const uint8_t *magic;
  uint32_t version, found_bucket, zero;
  return umz_reader_get_bytes (reader, MAGIC_BYTES, &magic) &&
         memcmp (magic, MAGIC, MAGIC_BYTES) == 0 && umz_reader_get_u32 (reader, &version) &&
         version == VERSION && umz_reader_get_u32 (reader, &found_bucket) &&
         found_bucket == bucket && umz_reader_get_u64 (reader, &page->generation) &&
         umz_reader_get_u32 (reader, &page->n_records) &&
         page->n_records <= UMZ_PAGE_RECORDS_MAX && umz_reader_get_u32 (reader, &zero) && zero == 0;
}

/* The record behind those that the page has by now. */
static bool
parse_record (UmzReader *reader, UmzPage *page)
{
  UmzPageKey key;
  const uint8_t *bytes;
  uint8_t verdict;
  if (!umz_reader_get_bytes (reader, sizeof key.bytes, &bytes) ||
      !umz_reader_get_u8 (reader, &verdict))
    return false;
  memcpy (key.bytes, bytes, sizeof key.bytes);
  return (verdict == UMZ_VERDICT_COMMITTED || verdict == UMZ_VERDICT_ABORTED) &&
         umz_page_get_bucket (&key) == page->bucket && find_record (page, &key) == NULL &&
         umz_page_add (page, &key, verdict);
}

static bool
parse_records (UmzReader *reader, UmzPage *page)
{
  unsigned n_records = page->n_records;
  page->n_records = 0;
  for (unsigned i = 0; i < n_records; i++)
    if (!parse_record (reader, page))
      return false;
  size_t left_bytes = umz_reader_get_left_bytes (reader);
  const uint8_t *rest;
  return umz_reader_get_bytes (reader, left_bytes, &rest) && is_blank (rest, left_bytes);
}

bool
umz_page_parse (const uint8_t *bytes, unsigned bucket, UmzPage *ret_page)
{
  *ret_page = (UmzPage){ .bucket = bucket };
  if (is_blank (bytes, UMZ_PAGE_BYTES))
    return true;
  uint8_t digest[DIGEST_BYTES];
  make_digest (bytes, SUMMED_BYTES, digest);
  UmzReader reader;
  umz_reader_init (&reader, bytes, SUMMED_BYTES);
  return memcmp (digest, bytes + SUMMED_BYTES, DIGEST_BYTES) == 0 &&
         parse_head (&reader, bucket, ret_page) && parse_records (&reader, ret_page);
}

static uint8_t *
put (uint8_t *to, const void *bytes, size_t n_bytes)
{
  memcpy (to, bytes, n_bytes);
  return to + n_bytes;
}

static uint8_t *
put_u32 (uint8_t *to, uint32_t value)
{
  uint32_t big_endian = GUINT32_TO_BE (value);
  return put (to, &big_endian, sizeof big_endian);
}

void
umz_page_format (const UmzPage *page, uint8_t *ret_bytes)
{
  uint64_t generation = GUINT64_TO_BE (page->generation);
  memset (ret_bytes, 0, UMZ_PAGE_BYTES);
  uint8_t *to = put (ret_bytes, MAGIC, MAGIC_BYTES);
  to = put_u32 (to, VERSION);
  to = put_u32 (to, page->bucket);
  to = put (to, &generation, sizeof generation);
  to = put_u32 (to, page->n_records);
  to = put_u32 (to, 0);
  for (unsigned i = 0; i < page->n_records; i++) {
    to = put (to, page->records[i].key.bytes, UMZ_PAGE_KEY_BYTES);
    *to++ = page->records[i].verdict;
  }
  make_digest (ret_bytes, SUMMED_BYTES, ret_bytes + SUMMED_BYTES);
}

/* ---- the records ---- */

UmzVerdict
umz_page_find (const UmzPage *page, const UmzPageKey *key)
{
  const UmzPageRecord *record = find_record (page, key);
  return record != NULL ? record->verdict : UMZ_VERDICT_NONE;
}

bool
umz_page_add (UmzPage *page, const UmzPageKey *key, UmzVerdict verdict)
{
  if (page->n_records == UMZ_PAGE_RECORDS_MAX)
    return false;
  page->records[page->n_records++] = (UmzPageRecord){ .key = *key, .verdict = verdict };
  return true;
}

void
umz_page_remove (UmzPage *page, const UmzPageKey *key)
{
  UmzPageRecord *record = find_record (page, key);
  if (record != NULL)
    *record = page->records[--page->n_records];
}

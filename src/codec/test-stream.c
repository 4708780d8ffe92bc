/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-stream.c: records of a migration stream. */
#include "codec/test-stream.h"

#include <string.h>

#define RAM_ID    2
#define STATTR_ID 3
#define ALL_BYTES ((UMZ_TEST_PAGES_A + UMZ_TEST_PAGES_B) * (uint64_t) UMZ_PAGE_BYTES)

void
umz_test_put_u8 (GByteArray *stream, uint8_t value)
{
  g_byte_array_append (stream, &value, 1);
}

void
umz_test_put_u16 (GByteArray *stream, uint16_t value)
{
  uint16_t be = GUINT16_TO_BE (value);

  g_byte_array_append (stream, (const uint8_t *) &be, sizeof be);
}

void
umz_test_put_u32 (GByteArray *stream, uint32_t value)
{
  uint32_t be = GUINT32_TO_BE (value);

  g_byte_array_append (stream, (const uint8_t *) &be, sizeof be);
}

void
umz_test_put_u64 (GByteArray *stream, uint64_t value)
{
  uint64_t be = GUINT64_TO_BE (value);

  g_byte_array_append (stream, (const uint8_t *) &be, sizeof be);
}

void
umz_test_put_name (GByteArray *stream, const char *name)
{
  umz_test_put_u8 (stream, strlen (name));
  g_byte_array_append (stream, (const uint8_t *) name, strlen (name));
}

static void
put_command (GByteArray *stream, uint16_t command, uint16_t n_bytes)
{
  umz_test_put_u8 (stream, 0x08);
  umz_test_put_u16 (stream, command);
  umz_test_put_u16 (stream, n_bytes);
  for (uint16_t i = 0; i < n_bytes; i++)
    umz_test_put_u8 (stream, i);
}

static void
put_section (GByteArray *stream, uint32_t id, const char *name, uint32_t version)
{
  umz_test_put_u8 (stream, 0x01);
  umz_test_put_u32 (stream, id);
  umz_test_put_name (stream, name);
  umz_test_put_u32 (stream, 0);
  umz_test_put_u32 (stream, version);
}

static void
put_footer_of (GByteArray *stream, uint32_t id)
{
  umz_test_put_u8 (stream, 0x7e);
  umz_test_put_u32 (stream, id);
}

void
umz_test_put_start (GByteArray *stream)
{
  static const char machine[] = "s390-ccw-virtio-7.2";

  umz_test_put_u32 (stream, 0x5145564d);
  umz_test_put_u32 (stream, 3);
  umz_test_put_u8 (stream, 0x07);
  umz_test_put_u32 (stream, strlen (machine));
  g_byte_array_append (stream, (const uint8_t *) machine, strlen (machine));
  put_command (stream, 1, 0);
  put_command (stream, 2, 4);
  put_section (stream, RAM_ID, "ram", 4);
  umz_test_put_u64 (stream, ALL_BYTES | 0x04);
  umz_test_put_name (stream, UMZ_TEST_BLOCK_A);
  umz_test_put_u64 (stream, UMZ_TEST_PAGES_A * UMZ_PAGE_BYTES);
  umz_test_put_name (stream, UMZ_TEST_BLOCK_B);
  umz_test_put_u64 (stream, UMZ_TEST_PAGES_B * UMZ_PAGE_BYTES);
  umz_test_put_footer (stream);
}

static void
put_word (GByteArray *stream, const char *block, uint64_t page, uint64_t flag)
{
  umz_test_put_u64 (stream, page * UMZ_PAGE_BYTES | flag | (block == NULL ? 0x20 : 0));
  if (block != NULL)
    umz_test_put_name (stream, block);
}

void
umz_test_put_page (GByteArray *stream, const char *block, uint64_t page,
                   const uint8_t bytes[UMZ_PAGE_BYTES])
{
  put_word (stream, block, page, 0x08);
  g_byte_array_append (stream, bytes, UMZ_PAGE_BYTES);
}

void
umz_test_put_zero_page (GByteArray *stream, const char *block, uint64_t page)
{
  put_word (stream, block, page, 0x02);
  umz_test_put_u8 (stream, 0);
}

void
umz_test_put_part (GByteArray *stream)
{
  umz_test_put_u8 (stream, 0x02);
  umz_test_put_u32 (stream, RAM_ID);
}

void
umz_test_put_footer (GByteArray *stream)
{
  umz_test_put_u64 (stream, 0x10);
  put_footer_of (stream, RAM_ID);
}

void
umz_test_put_attributes (GByteArray *stream)
{
  put_section (stream, STATTR_ID, "s390-storage_attributes", 0);
  umz_test_put_u64 (stream, 0x1000 | 0x02);
  umz_test_put_u64 (stream, 5);
  for (unsigned i = 0; i < 5; i++)
    umz_test_put_u8 (stream, 0x7e); /* what looks like a footer is none */
  umz_test_put_u64 (stream, 0x01);
  put_footer_of (stream, STATTR_ID);
  umz_test_put_u8 (stream, 0x03);
  umz_test_put_u32 (stream, STATTR_ID);
  umz_test_put_u64 (stream, 0x08);
  put_footer_of (stream, STATTR_ID);
}

void
umz_test_put_end (GByteArray *stream)
{
  umz_test_put_u8 (stream, 0x03);
  umz_test_put_u32 (stream, RAM_ID);
  umz_test_put_footer (stream);
  umz_test_put_u8 (stream, 0x04);
  umz_test_put_u32 (stream, 7);
  umz_test_put_name (stream, "timer");
  for (unsigned i = 0; i < 40; i++)
    umz_test_put_u8 (stream, i);
  umz_test_put_u8 (stream, 0x00);
}

void
umz_test_fill (uint8_t bytes[UMZ_PAGE_BYTES], uint32_t seed)
{
  for (size_t i = 0; i < UMZ_PAGE_BYTES; i++) {
    seed = seed * 1664525 + 1013904223;
    bytes[i] = seed >> 24;
  }
}

GByteArray *
umz_test_stream (uint32_t seed)
{
  GByteArray *stream = g_byte_array_new ();
  uint8_t page[UMZ_PAGE_BYTES];

  umz_test_put_start (stream);
  umz_test_put_attributes (stream);
  umz_test_put_part (stream);
  for (unsigned i = 0; i < UMZ_TEST_PAGES_A; i++) {
    umz_test_fill (page, seed + i);
    if (i % 4 == 3)
      umz_test_put_zero_page (stream, i == 0 ? UMZ_TEST_BLOCK_A : NULL, i);
    else
      umz_test_put_page (stream, i == 0 ? UMZ_TEST_BLOCK_A : NULL, i, page);
  }
  for (unsigned i = 0; i < UMZ_TEST_PAGES_B; i++) {
    memset (page, i, sizeof page);
    umz_test_put_page (stream, i == 0 ? UMZ_TEST_BLOCK_B : NULL, i, page);
  }
  umz_test_put_footer (stream);
  umz_test_put_part (stream);
  for (unsigned i = 0; i < UMZ_TEST_PAGES_A; i += 2) {
    umz_test_fill (page, seed + i + (i % 3 == 0) * 1000);
    page[17] += i % 3 == 1;
    umz_test_put_page (stream, i == 0 ? UMZ_TEST_BLOCK_A : NULL, i, page);
  }
  umz_test_put_footer (stream);
  umz_test_put_end (stream);
  return stream;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-reader.c: no byte behind the end is ever looked at. */
#include "base/reader.h"

#include <string.h>

#define NAME_LIMIT_BYTES 5

/* One record that uses every get. */
static const uint8_t record[] = {
  0x01,                                           /* u8 */
  0x02, 0x03,                                     /* u16 */
  0x04, 0x05, 0x06, 0x07,                         /* u32 */
  0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, /* u64 */
  0x10, 0x11,                                     /* bytes */
  0x12,                                           /* skipped */
  0x13, 0x14,                                     /* part */
  0, 0, 0, 3, 'a', 'b', 'c', 0,                   /* opaque */
  0, 0, 0, 5, 'h', 'e', 'l', 'l', 'o', 0, 0, 0,   /* string */
};

typedef struct {
  uint8_t u8;
  uint16_t u16;
  uint32_t u32;
  uint64_t u64;
  const uint8_t *bytes;
  UmzReader part;
  const uint8_t *opaque;
  uint32_t opaque_length;
  char *string;
} Record;

static bool
read_record (UmzReader *reader, Record *record_out)
{
  return umz_reader_get_u8 (reader, &record_out->u8) &&
         umz_reader_get_u16 (reader, &record_out->u16) &&
         umz_reader_get_u32 (reader, &record_out->u32) &&
         umz_reader_get_u64 (reader, &record_out->u64) &&
         umz_reader_get_bytes (reader, 2, &record_out->bytes) &&
         umz_reader_skip (reader, 1) &&
         umz_reader_get_part (reader, 2, &record_out->part) &&
         umz_reader_get_xdr_opaque (reader, NAME_LIMIT_BYTES, &record_out->opaque,
                                    &record_out->opaque_length) &&
         umz_reader_dup_xdr_string (reader, NAME_LIMIT_BYTES, &record_out->string);
}

static void
reads_every_kind (void)
{
  UmzReader reader;
  Record got = { 0 };
  umz_reader_init (&reader, record, sizeof record);

  g_assert_true (read_record (&reader, &got));
  g_assert_cmphex (got.u8, ==, 0x01);
  g_assert_cmphex (got.u16, ==, 0x0203);
  g_assert_cmphex (got.u32, ==, 0x04050607);
  g_assert_cmphex (got.u64, ==, 0x08090a0b0c0d0e0f);
  g_assert_cmpmem (got.bytes, 2, "\x10\x11", 2);
  g_assert_cmpuint (umz_reader_get_left_bytes (&got.part), ==, 2);
  g_assert_cmpmem (got.opaque, got.opaque_length, "abc", 3);
  g_assert_cmpstr (got.string, ==, "hello");
  g_assert_true (umz_reader_is_at_end (&reader));
  g_free (got.string);
}

static void
fails_when_truncated_at_any_byte (void)
{
  for (size_t length = 0; length < sizeof record; length++) {
    g_autofree uint8_t *heap = g_memdup2 (record, length); /* so that ASan sees an over-read */
    UmzReader reader;
    Record got = { 0 };
    umz_reader_init (&reader, heap, length);

    g_assert_false (read_record (&reader, &got));
    g_assert_true (umz_reader_has_failed (&reader));
    g_assert_false (umz_reader_is_at_end (&reader));
    g_assert_null (got.string);
  }
}

static void
stays_failed (void)
{
  UmzReader reader;
  uint32_t u32 = 42;
  uint8_t u8 = 42;
  umz_reader_init (&reader, record, 3);

  g_assert_false (umz_reader_get_u32 (&reader, &u32));
  g_assert_cmpuint (u32, ==, 42);
  g_assert_false (umz_reader_get_u8 (&reader, &u8));
  g_assert_cmpuint (u8, ==, 42);
  g_assert_false (umz_reader_skip (&reader, 0));
  g_assert_cmpuint (umz_reader_get_left_bytes (&reader), ==, 0);
}

static void
a_huge_length_does_not_wrap (void)
{
  UmzReader reader;
  const uint8_t *bytes = NULL;
  umz_reader_init (&reader, record, sizeof record);
  g_assert_true (umz_reader_skip (&reader, 4));
  g_assert_false (umz_reader_get_bytes (&reader, SIZE_MAX - 1, &bytes));
  g_assert_null (bytes);
}

static void
nothing_can_be_read_from_nothing (void)
{
  UmzReader reader;
  const uint8_t *bytes = NULL;
  umz_reader_init (&reader, NULL, 0);
  g_assert_true (umz_reader_is_at_end (&reader));
  g_assert_true (umz_reader_get_bytes (&reader, 0, &bytes));
  g_assert_nonnull (bytes);
  g_assert_false (umz_reader_get_bytes (&reader, 1, &bytes));
}

static void
refuses_bad_xdr (void)
{
  static const struct {
    const char *why;
    uint8_t bytes[16];
    size_t length;
  } cases[] = {
    { "above the limit", { 0, 0, 0, 6, 'a', 'b', 'c', 'd', 'e', 'f' }, 12 },
    { "length of 4 GiB", { 255, 255, 255, 255, 'a', 'b', 'c', 'd' }, 8 },
    { "padding not zero", { 0, 0, 0, 3, 'a', 'b', 'c', 'd' }, 8 },
    { "padding missing", { 0, 0, 0, 3, 'a', 'b', 'c' }, 7 },
    { "NUL inside", { 0, 0, 0, 4, 'a', 0, 'c', 'd' }, 8 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    UmzReader reader;
    g_autofree char *text = NULL;
    g_test_message ("%s", cases[i].why);
    umz_reader_init (&reader, cases[i].bytes, cases[i].length);
    g_assert_false (umz_reader_dup_xdr_string (&reader, NAME_LIMIT_BYTES, &text));
    g_assert_null (text);
    g_assert_true (umz_reader_has_failed (&reader));
  }
}

static void
a_part_fails_alone (void)
{
  UmzReader reader;
  UmzReader part;
  uint32_t u32;
  umz_reader_init (&reader, record, sizeof record);
  g_assert_true (umz_reader_get_part (&reader, 2, &part));
  g_assert_false (umz_reader_get_u32 (&part, &u32));
  g_assert_true (umz_reader_get_u32 (&reader, &u32));
  g_assert_cmphex (u32, ==, 0x03040506);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reader/reads-every-kind", reads_every_kind);
  g_test_add_func ("/reader/fails-when-truncated-at-any-byte", fails_when_truncated_at_any_byte);
  g_test_add_func ("/reader/stays-failed", stays_failed);
  g_test_add_func ("/reader/a-huge-length-does-not-wrap", a_huge_length_does_not_wrap);
  g_test_add_func ("/reader/nothing-can-be-read-from-nothing", nothing_can_be_read_from_nothing);
  g_test_add_func ("/reader/refuses-bad-xdr", refuses_bad_xdr);
  g_test_add_func ("/reader/a-part-fails-alone", a_part_fails_alone);
  return g_test_run ();
}

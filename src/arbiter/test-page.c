/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-page.c: whatever stands on the disk, it is a page or refused. */
#include "arbiter/page.h"

#include <string.h>

#define UUID "0d5a3ea0-8bd5-4d2c-9a43-6a1d7ad6c5b1"

/* Keys of one bucket, and a page that has them all. */
typedef struct {
  UmzPageKey keys[UMZ_PAGE_RECORDS_MAX + 1];
  UmzPage page;
  uint8_t bytes[UMZ_PAGE_BYTES];
} Fixture;

static UmzVerdict
get_verdict (unsigned number)
{
  return number % 2 == 0 ? UMZ_VERDICT_COMMITTED : UMZ_VERDICT_ABORTED;
}

static void
set_up (Fixture *fixture, const void *data)
{
  unsigned n_keys = 0;
  fixture->page = (UmzPage){ .bucket = 3, .generation = 7 };
  for (uint64_t epoch = 1; n_keys <= UMZ_PAGE_RECORDS_MAX; epoch++) {
    UmzPageKey key = umz_page_make_key (UUID, epoch);
    if (umz_page_get_bucket (&key) == 3)
      fixture->keys[n_keys++] = key;
  }
  for (unsigned i = 0; i < UMZ_PAGE_RECORDS_MAX; i++)
    g_assert_true (umz_page_add (&fixture->page, &fixture->keys[i], get_verdict (i)));
  umz_page_format (&fixture->page, fixture->bytes);
}

static void
tear_down (Fixture *fixture, const void *data)
{
}

static void
set_sum (uint8_t *bytes)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize length_bytes = 32;
  g_checksum_update (checksum, bytes, 480);
  g_checksum_get_digest (checksum, bytes + 480, &length_bytes);
}

static void
what_is_written_is_read (Fixture *fixture, const void *data)
{
  UmzPage page;
  g_assert_true (umz_page_parse (fixture->bytes, 3, &page));
  g_assert_cmpuint (page.generation, ==, 7);
  for (unsigned i = 0; i < UMZ_PAGE_RECORDS_MAX; i++)
    g_assert_cmpint (umz_page_find (&page, &fixture->keys[i]), ==, get_verdict (i));
  g_assert_cmpint (umz_page_find (&page, &fixture->keys[UMZ_PAGE_RECORDS_MAX]), ==,
                   UMZ_VERDICT_NONE);
}

static void
a_full_page_takes_one_more_when_one_is_removed (Fixture *fixture, const void *data)
{
  const UmzPageKey *one_more = &fixture->keys[UMZ_PAGE_RECORDS_MAX];
  g_assert_false (umz_page_add (&fixture->page, one_more, UMZ_VERDICT_COMMITTED));
  umz_page_remove (&fixture->page, one_more);
  g_assert_false (umz_page_add (&fixture->page, one_more, UMZ_VERDICT_COMMITTED));
  umz_page_remove (&fixture->page, &fixture->keys[0]);
  g_assert_cmpint (umz_page_find (&fixture->page, &fixture->keys[0]), ==, UMZ_VERDICT_NONE);
  g_assert_true (umz_page_add (&fixture->page, one_more, UMZ_VERDICT_COMMITTED));
  g_assert_cmpint (umz_page_find (&fixture->page, &fixture->keys[13]), ==, UMZ_VERDICT_ABORTED);
}

static void
zeros_are_an_empty_page (Fixture *fixture, const void *data)
{
  static const uint8_t zeros[UMZ_PAGE_BYTES];
  UmzPage page;
  g_assert_true (umz_page_parse (zeros, 3, &page));
  g_assert_cmpuint (page.n_records, ==, 0);
  g_assert_cmpuint (page.generation, ==, 0);
  g_assert_cmpuint (page.bucket, ==, 3);
}

static void
a_page_that_is_torn_at_any_byte_is_refused (Fixture *fixture, const void *data)
{
  UmzPage page;
  for (unsigned i = 1; i < UMZ_PAGE_BYTES; i++) {
    uint8_t torn[UMZ_PAGE_BYTES] = { 0 };
    memcpy (torn, fixture->bytes, i);
    g_assert_false (umz_page_parse (torn, 3, &page));
  }
}

static void
a_page_with_any_byte_changed_is_refused (Fixture *fixture, const void *data)
{
  UmzPage page;
  for (unsigned i = 0; i < UMZ_PAGE_BYTES; i++) {
    fixture->bytes[i] ^= 1;
    g_assert_false (umz_page_parse (fixture->bytes, 3, &page));
    fixture->bytes[i] ^= 1;
  }
  g_assert_true (umz_page_parse (fixture->bytes, 3, &page));
}

static void
a_page_of_another_bucket_is_refused (Fixture *fixture, const void *data)
{
  UmzPage page;
  g_assert_false (umz_page_parse (fixture->bytes, 4, &page));
}

static void
what_no_page_says_is_refused_though_the_sum_is_right (Fixture *fixture, const void *data)
{
  static const struct {
    unsigned at;
    uint8_t change;
  } table[] = {
    { 0, 1 },     /* magic */
    { 11, 1 },    /* version 0 */
    { 11, 3 },    /* version 2 */
    { 15, 7 },    /* bucket */
    { 24, 0xff }, /* far too many records */
    { 27, 1 },    /* one too many */
    { 27, 3 },    /* one less: something is behind the last one */
    { 31, 1 },    /* zero */
    { 32, 1 },    /* a key of another bucket */
    { 63, 1 },    /* verdict 0 */
    { 63, 2 },    /* verdict 3 */
    { 479, 1 },   /* the end */
  };
  UmzPage page;
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    uint8_t bytes[UMZ_PAGE_BYTES];
    memcpy (bytes, fixture->bytes, sizeof bytes);
    bytes[table[i].at] ^= table[i].change;
    set_sum (bytes);
    g_assert_false (umz_page_parse (bytes, 3, &page));
  }
}

static void
a_key_that_is_there_twice_is_refused (Fixture *fixture, const void *data)
{
  UmzPage page;
  memcpy (fixture->bytes + 64, fixture->bytes + 32, 32);
  set_sum (fixture->bytes);
  g_assert_false (umz_page_parse (fixture->bytes, 3, &page));
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/page/what-is-written-is-read", what_is_written_is_read);
  ADD ("/page/a-full-page-takes-one-more-when-one-is-removed",
       a_full_page_takes_one_more_when_one_is_removed);
  ADD ("/page/zeros-are-an-empty-page", zeros_are_an_empty_page);
  ADD ("/page/a-page-that-is-torn-at-any-byte-is-refused",
       a_page_that_is_torn_at_any_byte_is_refused);
  ADD ("/page/a-page-with-any-byte-changed-is-refused", a_page_with_any_byte_changed_is_refused);
  ADD ("/page/a-page-of-another-bucket-is-refused", a_page_of_another_bucket_is_refused);
  ADD ("/page/what-no-page-says-is-refused-though-the-sum-is-right",
       what_no_page_says_is_refused_though_the_sum_is_right);
  ADD ("/page/a-key-that-is-there-twice-is-refused", a_key_that_is_there_twice_is_refused);
  return g_test_run ();
}

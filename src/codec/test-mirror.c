/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/mirror.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "codec/codec.h"
#include "codec/test-stream.h"

#define N_PAGES 600 /* their hashes take more than one page */
#define LAYOUT  0x1234

static const uint8_t key[UMZ_MIRROR_KEY_BYTES] = "a key of thirty-two bytes, and eight";

/* A second mirror of the same file is what the next relay makes of it. */
static int
make_file (void)
{
  int fd = memfd_create ("mirror", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

static UmzMirror *
open_mirror (int fd)
{
  g_autoptr (GError) error = NULL;
  UmzMirror *mirror = umz_mirror_new (dup (fd), G_MAXUINT64, key);

  umz_mirror_prepare (mirror, N_PAGES, LAYOUT, &error);
  g_assert_no_error (error);
  return mirror;
}

static void
assert_page (UmzMirror *mirror, uint64_t page, const uint8_t *wanted)
{
  uint8_t bytes[UMZ_PAGE_BYTES];
  g_autoptr (GError) error = NULL;

  umz_mirror_read (mirror, page, bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (bytes, sizeof bytes, wanted, UMZ_PAGE_BYTES);
}

static void
an_empty_mirror_is_all_zero (void)
{
  int fd = make_file ();
  g_autoptr (UmzMirror) mirror = open_mirror (fd);
  const uint8_t zero[UMZ_PAGE_BYTES] = { 0 };

  for (uint64_t page = 0; page < N_PAGES; page++) {
    g_assert_true (umz_mirror_is_zero (mirror, page));
    g_assert_false (umz_mirror_has (mirror, page, zero)); /* it has no bytes of it */
    assert_page (mirror, page, zero);
  }
  close (fd);
}

static void
what_was_written_is_there_for_the_next_move (void)
{
  int fd = make_file ();
  uint8_t first[UMZ_PAGE_BYTES], last[UMZ_PAGE_BYTES];

  umz_test_fill (first, 1);
  umz_test_fill (last, 2);
  g_autoptr (UmzMirror) mirror = open_mirror (fd);
  g_assert_true (umz_mirror_write (mirror, 0, last, NULL));
  g_assert_true (umz_mirror_write (mirror, 0, first, NULL));
  g_assert_true (umz_mirror_write (mirror, N_PAGES - 1, last, NULL));
  g_assert_true (umz_mirror_write (mirror, 5, last, NULL));
  umz_mirror_set_zero (mirror, 5);
  assert_page (mirror, 0, first); /* before it is in the file, and after */
  g_assert_true (umz_mirror_flush (mirror, NULL));
  g_clear_pointer (&mirror, umz_mirror_free);

  mirror = open_mirror (fd);
  assert_page (mirror, 0, first);
  assert_page (mirror, N_PAGES - 1, last);
  g_assert_true (umz_mirror_is_zero (mirror, 5));
  g_assert_true (umz_mirror_has (mirror, 0, first));
  g_assert_false (umz_mirror_has (mirror, 0, last));
  g_assert_false (umz_mirror_has (mirror, 5, last));
  close (fd);
}

static void
the_file_holds_neither_the_memory_nor_which_pages_are_equal (void)
{
  static const char secret[] = "what a guest would not like to be read";
  int fd = make_file ();
  g_autoptr (UmzMirror) mirror = open_mirror (fd);
  uint8_t page[UMZ_PAGE_BYTES] = { 0 };

  memcpy (page + 100, secret, sizeof secret);
  g_assert_true (umz_mirror_write (mirror, 1, page, NULL));
  g_assert_true (umz_mirror_write (mirror, 2, page, NULL));
  g_assert_true (umz_mirror_flush (mirror, NULL));

  off_t size = lseek (fd, 0, SEEK_END);
  g_autofree uint8_t *bytes = g_malloc (size);
  g_assert_cmpint (pread (fd, bytes, size, 0), ==, size);
  g_assert_null (memmem (bytes, size, secret, 8));
  g_assert_cmpint (memcmp (bytes + size - 2 * UMZ_PAGE_BYTES, bytes + size - UMZ_PAGE_BYTES,
                           UMZ_PAGE_BYTES),
                   !=, 0);
  uint64_t hashes[3];
  memcpy (hashes, bytes + UMZ_PAGE_BYTES, sizeof hashes);
  g_assert_cmpuint (hashes[1], !=, hashes[2]);
  close (fd);
}

/* In any order, with and without gaps: each page is where it belongs. */
static void
pages_that_are_written_together_are_told_apart (void)
{
  static const uint64_t order[] = { 3, 4, 5, 5, 4, 100, 99, 101, 102, 3 };
  int fd = make_file ();
  g_autoptr (UmzMirror) mirror = open_mirror (fd);
  uint8_t page[UMZ_PAGE_BYTES];
  uint32_t last[N_PAGES] = { 0 };

  for (uint32_t i = 0; i < 300 + G_N_ELEMENTS (order); i++) {
    uint64_t number = i < 300 ? i : order[i - 300];
    umz_test_fill (page, i + 1);
    last[number] = i + 1;
    g_assert_true (umz_mirror_write (mirror, number, page, NULL));
    if (i % 7 == 0)
      assert_page (mirror, number, page);
  }
  for (uint64_t number = 0; number < 300; number++) {
    umz_test_fill (page, last[number]);
    assert_page (mirror, number, page);
  }
  close (fd);
}

static void
a_guest_of_another_layout_gets_an_empty_mirror (const void *data)
{
  bool other_size = GPOINTER_TO_INT (data);
  int fd = make_file ();
  uint8_t page[UMZ_PAGE_BYTES];

  umz_test_fill (page, 1);
  g_autoptr (UmzMirror) mirror = open_mirror (fd);
  g_assert_true (umz_mirror_write (mirror, 0, page, NULL));
  g_assert_true (umz_mirror_flush (mirror, NULL));
  g_clear_pointer (&mirror, umz_mirror_free);
  mirror = umz_mirror_new (dup (fd), G_MAXUINT64, key);
  g_assert_true (umz_mirror_prepare (mirror, N_PAGES + other_size, LAYOUT + !other_size, NULL));
  g_assert_true (umz_mirror_is_zero (mirror, 0));
  close (fd);
}

#define assert_failed(done, error)                                   \
  G_STMT_START                                                       \
  {                                                                  \
    g_assert_false (done);                                           \
    g_assert_error (error, UMZ_CODEC_ERROR, UMZ_CODEC_ERROR_MIRROR); \
  }                                                                  \
  G_STMT_END

static void
a_file_that_was_cut_short_is_an_error (void)
{
  int fd = make_file ();
  uint8_t page[UMZ_PAGE_BYTES];
  g_autoptr (GError) error = NULL;

  umz_test_fill (page, 1);
  g_autoptr (UmzMirror) mirror = open_mirror (fd);
  g_assert_true (umz_mirror_write (mirror, 9, page, NULL));
  g_assert_true (umz_mirror_flush (mirror, NULL));
  g_clear_pointer (&mirror, umz_mirror_free);
  g_assert_cmpint (ftruncate (fd, 2 * UMZ_PAGE_BYTES), ==, 0); /* hashes of the first 512 */
  mirror = open_mirror (fd);
  assert_failed (umz_mirror_read (mirror, 9, page, &error), error);
  close (fd);
}

static void
it_stays_within_its_limit (void)
{
  uint64_t limit = umz_mirror_get_max_bytes (N_PAGES);

  for (unsigned less = 0; less <= 1; less++) {
    g_autoptr (UmzMirror) mirror = umz_mirror_new (make_file (), limit - less, key);
    g_autoptr (GError) error = NULL;
    bool done = umz_mirror_prepare (mirror, N_PAGES, LAYOUT, &error);
    if (less == 0)
      g_assert_true (done);
    else
      assert_failed (done, error);
  }
}

static void
a_file_that_cannot_be_written_is_an_error (void)
{
  g_autoptr (GError) error = NULL;
  int fd = make_file ();
  g_autoptr (UmzMirror) mirror = open_mirror (fd);
  const uint8_t page[UMZ_PAGE_BYTES] = { 1 };

  g_assert_cmpint (fcntl (fd, F_ADD_SEALS, F_SEAL_GROW), ==, 0); /* as a full disk */
  g_assert_true (umz_mirror_write (mirror, 3, page, NULL));
  assert_failed (umz_mirror_flush (mirror, &error), error);
  g_clear_error (&error);
  assert_failed (umz_mirror_write (mirror, 9, page, &error), error); /* the earlier one's */
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/mirror/" name, function)
  ADD ("an-empty-mirror-is-all-zero", an_empty_mirror_is_all_zero);
  ADD ("what-was-written-is-there-for-the-next-move", what_was_written_is_there_for_the_next_move);
  ADD ("the-file-holds-neither-the-memory-nor-which-pages-are-equal",
       the_file_holds_neither_the_memory_nor_which_pages_are_equal);
  ADD ("a-file-that-was-cut-short-is-an-error", a_file_that_was_cut_short_is_an_error);
  ADD ("pages-that-are-written-together-are-told-apart",
       pages_that_are_written_together_are_told_apart);
  ADD ("it-stays-within-its-limit", it_stays_within_its_limit);
  ADD ("a-file-that-cannot-be-written-is-an-error", a_file_that_cannot_be_written_is_an_error);
#undef ADD
  g_test_add_data_func ("/mirror/a-guest-of-another-layout-gets-an-empty-mirror/size",
                        GINT_TO_POINTER (1), a_guest_of_another_layout_gets_an_empty_mirror);
  g_test_add_data_func ("/mirror/a-guest-of-another-layout-gets-an-empty-mirror/names",
                        GINT_TO_POINTER (0), a_guest_of_another_layout_gets_an_empty_mirror);
  return g_test_run ();
}

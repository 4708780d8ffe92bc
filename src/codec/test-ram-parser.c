/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/ram-parser.h"

#include <string.h>

#include "codec/test-stream.h"

typedef struct {
  unsigned pages, zero_pages;
  uint64_t last_page;
  size_t opaque_bytes;
} Found;

/* Feeds the stream in pieces of at most piece_bytes. */
static Found
parse (UmzRamParser *parser, const uint8_t *bytes, size_t n_bytes, size_t piece_bytes)
{
  Found found = { 0 };

  while (n_bytes > 0) {
    UmzRun run = umz_ram_parser_next (parser);
    size_t n = MIN (MIN (run.n_bytes, n_bytes), piece_bytes);
    bool is_whole = n == run.n_bytes;
    g_assert_cmpuint (run.n_bytes, >, 0);
    found.pages += run.kind == UMZ_RUN_PAGE && is_whole;
    found.zero_pages += run.kind == UMZ_RUN_ZERO_PAGE;
    found.opaque_bytes += run.kind == UMZ_RUN_OPAQUE ? n : 0;
    if (run.kind == UMZ_RUN_PAGE || run.kind == UMZ_RUN_ZERO_PAGE) {
      g_assert_cmpuint (run.page, <, umz_ram_parser_get_pages (parser));
      found.last_page = run.page;
    }
    umz_ram_parser_feed (parser, bytes, n);
    bytes += n;
    n_bytes -= n;
  }
  return found;
}

static void
pages_are_found_however_the_stream_is_cut (void)
{
  static const size_t pieces[] = { 1, 3, 8, 4095, 4096, 4097, 1 << 20 };
  g_autoptr (GByteArray) stream = umz_test_stream (1);

  for (size_t i = 0; i < G_N_ELEMENTS (pieces); i++) {
    g_autoptr (UmzRamParser) parser = umz_ram_parser_new ();
    const Found found = parse (parser, stream->data, stream->len, pieces[i]);
    g_assert_cmpuint (found.pages, ==, 48 + 16 + 32);
    g_assert_cmpuint (found.zero_pages, ==, 16);
    /* "timer", its 40 bytes and header, and EOF; its type byte still belonged to a record. */
    g_assert_cmpuint (found.opaque_bytes, ==, 4 + 6 + 40 + 1);
    g_assert_cmpuint (umz_ram_parser_get_pages (parser), ==, UMZ_TEST_PAGES_A + UMZ_TEST_PAGES_B);
  }
}

static void
the_next_page_is_expected_behind_the_last (void)
{
  g_autoptr (UmzRamParser) parser = umz_ram_parser_new ();
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  const uint8_t page[UMZ_PAGE_BYTES] = { 1 };
  const uint8_t next[] = { 0, 0, 0, 0, 0, 0, 0x80, 0x28 };

  umz_test_put_start (stream);
  umz_test_put_part (stream);
  umz_test_put_page (stream, UMZ_TEST_BLOCK_A, 7, page);
  parse (parser, stream->data, stream->len, 100);
  UmzRun run = umz_ram_parser_next (parser);
  g_assert_cmpmem (run.expected, run.n_bytes, next, sizeof next);
  umz_ram_parser_feed (parser, next, 6);
  run = umz_ram_parser_next (parser);
  g_assert_cmpmem (run.expected, run.n_bytes, next + 6, 2);
}

static void
layouts_differ_by_names_and_sizes (void)
{
  const struct {
    const char *name;
    uint64_t n_pages;
  } rows[] = { { "s390.ram", 4 }, { "s390.ram", 5 }, { "s390.rom", 4 } };
  uint64_t layouts[G_N_ELEMENTS (rows)];

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (UmzRamParser) parser = umz_ram_parser_new ();
    g_autoptr (GByteArray) stream = g_byte_array_new ();
    umz_test_put_start (stream);
    g_byte_array_set_size (stream, 8);
    umz_test_put_u8 (stream, 0x01);
    umz_test_put_u32 (stream, 2);
    umz_test_put_name (stream, "ram");
    umz_test_put_u32 (stream, 0);
    umz_test_put_u32 (stream, 4);
    umz_test_put_u64 (stream, rows[i].n_pages * UMZ_PAGE_BYTES | 0x04);
    umz_test_put_name (stream, rows[i].name);
    umz_test_put_u64 (stream, rows[i].n_pages * UMZ_PAGE_BYTES);
    parse (parser, stream->data, stream->len, 100);
    g_assert_cmpuint (umz_ram_parser_get_pages (parser), ==, rows[i].n_pages);
    layouts[i] = umz_ram_parser_get_layout (parser);
  }
  g_assert_cmpuint (layouts[0], !=, layouts[1]);
  g_assert_cmpuint (layouts[0], !=, layouts[2]);
}

typedef void (*Put) (GByteArray *stream);

static void
put_wrong_magic (GByteArray *stream)
{
  g_byte_array_set_size (stream, 0);
  umz_test_put_u32 (stream, 0x11223344); /* multifd */
  umz_test_put_u32 (stream, 1);
}

static void
put_other_version (GByteArray *stream)
{
  g_byte_array_set_size (stream, 4);
  umz_test_put_u32 (stream, 4);
}

static void
put_unknown_section (GByteArray *stream)
{
  umz_test_put_u8 (stream, 0x01);
  umz_test_put_u32 (stream, 9);
  umz_test_put_name (stream, "dirty-bitmap");
  umz_test_put_u32 (stream, 0);
  umz_test_put_u32 (stream, 1);
}

static void
put_part_of_unknown_section (GByteArray *stream)
{
  umz_test_put_u8 (stream, 0x02);
  umz_test_put_u32 (stream, 99);
}

static void
put_postcopy (GByteArray *stream)
{
  umz_test_put_u8 (stream, 0x08);
  umz_test_put_u16 (stream, 3);
  umz_test_put_u16 (stream, 16);
}

static void
put_word_in_part (GByteArray *stream, uint64_t word)
{
  umz_test_put_part (stream);
  umz_test_put_u64 (stream, word);
}

static void
put_page_without_block (GByteArray *stream)
{
  put_word_in_part (stream, 0x28);
}

static void
put_page_of_unknown_block (GByteArray *stream)
{
  put_word_in_part (stream, 0x08);
  umz_test_put_name (stream, "pc.rom");
}

static void
put_block_without_a_name (GByteArray *stream)
{
  put_word_in_part (stream, 0x08);
  umz_test_put_u8 (stream, 0);
}

static void
put_page_behind_the_last (GByteArray *stream)
{
  put_word_in_part (stream, UMZ_TEST_PAGES_B * UMZ_PAGE_BYTES | 0x08);
  umz_test_put_name (stream, UMZ_TEST_BLOCK_B);
}

static void
put_xbzrle (GByteArray *stream)
{
  put_word_in_part (stream, 0x40);
}

static void
put_compressed_page (GByteArray *stream)
{
  put_word_in_part (stream, 0x100);
}

static void
put_multifd_flush (GByteArray *stream)
{
  put_word_in_part (stream, 0x200);
}

static void
put_second_list_of_blocks (GByteArray *stream)
{
  put_word_in_part (stream, UMZ_PAGE_BYTES | 0x04);
}

static void
put_wrong_footer (GByteArray *stream)
{
  put_word_in_part (stream, 0x10);
  umz_test_put_u8 (stream, 0x7e);
  umz_test_put_u32 (stream, 1);
}

static void
put_failed_attributes (GByteArray *stream)
{
  umz_test_put_u8 (stream, 0x01);
  umz_test_put_u32 (stream, 3);
  umz_test_put_name (stream, "s390-storage_attributes");
  umz_test_put_u32 (stream, 0);
  umz_test_put_u32 (stream, 0);
  umz_test_put_u64 (stream, 0x04);
}

static void
put_ram_of_another_version (GByteArray *stream)
{
  umz_test_put_u8 (stream, 0x01);
  umz_test_put_u32 (stream, 4);
  umz_test_put_name (stream, "ram");
  umz_test_put_u32 (stream, 0);
  umz_test_put_u32 (stream, 5);
}

static void
put_list_of_blocks (GByteArray *stream, uint64_t all_bytes, uint64_t block_bytes)
{
  g_byte_array_set_size (stream, 8);
  umz_test_put_u8 (stream, 0x01);
  umz_test_put_u32 (stream, 2);
  umz_test_put_name (stream, "ram");
  umz_test_put_u32 (stream, 0);
  umz_test_put_u32 (stream, 4);
  umz_test_put_u64 (stream, all_bytes | 0x04);
  umz_test_put_name (stream, "pc.ram");
  umz_test_put_u64 (stream, block_bytes);
}

static void
put_block_that_is_too_large (GByteArray *stream)
{
  put_list_of_blocks (stream, UMZ_PAGE_BYTES, UMZ_PAGE_BYTES + 1);
}

static void
put_block_of_nothing (GByteArray *stream)
{
  put_list_of_blocks (stream, UMZ_PAGE_BYTES, 0);
}

static void
put_memory_without_end (GByteArray *stream)
{
  put_list_of_blocks (stream, UMZ_RAM_PAGES_MAX * UMZ_PAGE_BYTES + UMZ_PAGE_BYTES, 1);
}

static const struct {
  const char *name;
  Put put;
} opaque[] = {
  { "wrong-magic", put_wrong_magic },
  { "other-version", put_other_version },
  { "unknown-section", put_unknown_section },
  { "part-of-unknown-section", put_part_of_unknown_section },
  { "postcopy", put_postcopy },
  { "page-without-block", put_page_without_block },
  { "page-of-unknown-block", put_page_of_unknown_block },
  { "block-without-a-name", put_block_without_a_name },
  { "page-behind-the-last", put_page_behind_the_last },
  { "xbzrle", put_xbzrle },
  { "compressed-page", put_compressed_page },
  { "multifd-flush", put_multifd_flush },
  { "second-list-of-blocks", put_second_list_of_blocks },
  { "wrong-footer", put_wrong_footer },
  { "failed-attributes", put_failed_attributes },
  { "ram-of-another-version", put_ram_of_another_version },
  { "block-that-is-too-large", put_block_that_is_too_large },
  { "block-of-nothing", put_block_of_nothing },
  { "memory-without-end", put_memory_without_end },
};

static void
what_it_does_not_know_makes_the_rest_opaque (const void *data)
{
  const Put put = *(const Put *) data;
  g_autoptr (UmzRamParser) parser = umz_ram_parser_new ();
  g_autoptr (GByteArray) stream = g_byte_array_new ();

  umz_test_put_start (stream);
  put (stream);
  const Found before = parse (parser, stream->data, stream->len, 7);
  UmzRun run = umz_ram_parser_next (parser);
  g_assert_cmpuint (before.pages, ==, 0);
  g_assert_cmpint (run.kind, ==, UMZ_RUN_OPAQUE);
  g_assert_null (run.expected);
  /* For good: a stream that would be understood is not. */
  g_autoptr (GByteArray) second = umz_test_stream (1);
  const Found after = parse (parser, second->data, second->len, 1 << 20);
  g_assert_cmpuint (after.opaque_bytes, ==, second->len);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ram-parser/pages-are-found-however-the-stream-is-cut",
                   pages_are_found_however_the_stream_is_cut);
  g_test_add_func ("/ram-parser/the-next-page-is-expected-behind-the-last",
                   the_next_page_is_expected_behind_the_last);
  g_test_add_func ("/ram-parser/layouts-differ-by-names-and-sizes",
                   layouts_differ_by_names_and_sizes);
  for (size_t i = 0; i < G_N_ELEMENTS (opaque); i++) {
    g_autofree char *name = g_strdup_printf (
      "/ram-parser/what-it-does-not-know-makes-the-rest-opaque/%s", opaque[i].name);
    g_test_add_data_func (name, &opaque[i].put, what_it_does_not_know_makes_the_rest_opaque);
  }
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ram-parser.h: where in QEMU's migration stream the pages of the guest's memory are.
 *
 * The parser is told of the stream piece by piece and says of what comes next: these bytes belong
 * to a record, this is the body of a page.  It knows CONFIGURATION, the commands that a plain move
 * sends, and the sections "ram" version 4 and "s390-storage_attributes" (QEMU 7.2: migration/
 * savevm.c, migration/ram.c, hw/s390x/s390-stattrib.c).  Whatever it does not know, or would have
 * to guess at, makes the rest of the stream OPAQUE: bytes without a meaning, for good.  That is no
 * error.  A guest chooses much of what goes through here; nothing in it is believed but lengths,
 * and those are bounded.
 *
 * The encoder reads the stream with one parser, the decoder what it has put together with another:
 * both are told the same bytes and so know the same.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define UMZ_PAGE_BYTES         4096
#define UMZ_RAM_BLOCKS_MAX     256
#define UMZ_RAM_PAGES_MAX      (G_GUINT64_CONSTANT (1) << 32) /* 16 TiB */
#define UMZ_RAM_EXPECTED_BYTES 8

typedef enum {
  UMZ_RUN_RECORD,    /* bytes of records */
  UMZ_RUN_PAGE,      /* the body of page `page`: UMZ_PAGE_BYTES that come together */
  UMZ_RUN_ZERO_PAGE, /* the one byte that stands for page `page`, which is all zero */
  UMZ_RUN_OPAQUE,    /* all the rest */
} UmzRunKind;

typedef struct {
  UmzRunKind kind;
  uint64_t n_bytes; /* so many are of this kind, at least 1; of RECORD perhaps more after them */
  uint64_t page;    /* of the memory as a whole; less than what umz_ram_parser_get_pages() says */
  /* What the n_bytes most likely are; NULL: nothing is known.  A guess, good only for compressing.
   * Borrowed until the next feed.
   */
  const uint8_t *expected;
} UmzRun;

typedef struct UmzRamParser UmzRamParser;

UmzRamParser *umz_ram_parser_new (void);
void umz_ram_parser_free (UmzRamParser *parser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzRamParser, umz_ram_parser_free)

/* What comes next. */
UmzRun umz_ram_parser_next (const UmzRamParser *parser);

/* Tells the parser the next n_bytes of the stream, at most those of umz_ram_parser_next().  Of a
 * page they are counted, not looked at.
 */
void umz_ram_parser_feed (UmzRamParser *parser, const uint8_t *bytes, uint64_t n_bytes);

/* Pages of the guest's memory; 0 until the stream has said how its memory is laid out. */
uint64_t umz_ram_parser_get_pages (const UmzRamParser *parser);

/* A number that tells one layout of the memory (names and sizes of its blocks) from another. */
uint64_t umz_ram_parser_get_layout (const UmzRamParser *parser);

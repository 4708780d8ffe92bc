/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-stream.h: QEMU's migration streams, made by hand; see ram-parser.h. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "codec/ram-parser.h"

/* Two blocks of different size; pages of the second come after the first's. */
#define UMZ_TEST_BLOCK_A "pc.ram"
#define UMZ_TEST_PAGES_A 64
#define UMZ_TEST_BLOCK_B "0000:00:01.0/vga.vram"
#define UMZ_TEST_PAGES_B 16

void umz_test_put_u8 (GByteArray *stream, uint8_t value);
void umz_test_put_u16 (GByteArray *stream, uint16_t value);
void umz_test_put_u32 (GByteArray *stream, uint32_t value);
void umz_test_put_u64 (GByteArray *stream, uint64_t value);
void umz_test_put_name (GByteArray *stream, const char *name);

/* Magic, CONFIGURATION, commands, and the start of "ram" with both blocks. */
void umz_test_put_start (GByteArray *stream);

/* block NULL: the same as of the page before. */
void umz_test_put_page (GByteArray *stream, const char *block, uint64_t page,
                        const uint8_t bytes[UMZ_PAGE_BYTES]);
void umz_test_put_zero_page (GByteArray *stream, const char *block, uint64_t page);

/* The start of a round, and its end. */
void umz_test_put_part (GByteArray *stream);
void umz_test_put_footer (GByteArray *stream);

/* The storage attributes of an s390x guest as its KVM sends them. */
void umz_test_put_attributes (GByteArray *stream);

/* The last round's start and end, devices, and the description behind them. */
void umz_test_put_end (GByteArray *stream);

/* Deterministic noise. */
void umz_test_fill (uint8_t bytes[UMZ_PAGE_BYTES], uint32_t seed);

/* A whole stream of three rounds: all pages; some of them changed a little, some wholly, some not
 * at all; and the end.  The caller frees it.
 */
GByteArray *umz_test_stream (uint32_t seed);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* batch.h: one batch of a stream in coded form.  Integers are big-endian.
 *
 *     0  u8      1 STORED, 2 ZSTD; + 0x80: the mirror ends with this batch
 *     1  be32    bytes of the stream that it stands for, 1 to UMZ_CODEC_RAW_MAX_BYTES
 *     5  be32    of these, bytes that are no page's (r)
 *     9  be32    pages (p)
 *    13  be32    pages of which bytes follow (d)
 *    17  u8[16]  XXH3-128 of the stream's bytes
 *    33  ...     the body, as it is or as one frame of zstd:
 *                  u8[r]       what is no page's, XORed with what the parser expects
 *                  u8[p]       for each page, an UmzPageForm
 *                  page[d]     for each page that is not SAME, its bytes or the difference
 *
 * The pages' places in the stream are not sent: the decoder's parser finds them.  Only the last
 * batch of a stream may end in the middle of a page; those bytes count to r, and come last.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/reader.h"
#include "codec/codec.h"

#define UMZ_BATCH_HEADER_BYTES 33
#define UMZ_BATCH_MIRROR_ENDS  0x80

typedef enum {
  UMZ_BODY_STORED = 1,
  UMZ_BODY_ZSTD = 2,
} UmzBodyForm;

typedef enum {
  UMZ_PAGE_FRESH = 0,
  UMZ_PAGE_SAME = 1,
  UMZ_PAGE_DELTA = 2,
} UmzPageForm;

typedef struct {
  UmzBodyForm form;
  bool mirror_ends;
  uint32_t raw_bytes;
  uint32_t record_bytes;
  uint32_t n_pages;
  uint32_t n_sent_pages;
  UmzDigest hash;
} UmzBatchHeader;

void umz_batch_header_encode (const UmzBatchHeader *header,
                              uint8_t ret_bytes[UMZ_BATCH_HEADER_BYTES]);

/* Steps over it.  Errors: UMZ_CODEC_ERROR_DAMAGED, also for numbers that do not fit together. */
bool umz_batch_header_decode (UmzReader *bytes, UmzBatchHeader *ret_header, GError **error);

/* Length of the body before it is compressed. */
size_t umz_batch_header_get_body_bytes (const UmzBatchHeader *header);

/* The digest of a mirror after one more batch of that hash. */
UmzDigest umz_digest_after (const UmzDigest *before, const UmzDigest *hash);

bool umz_codec_damaged (const char *what, GError **error);

/* a = a ^ b */
void umz_xor (uint8_t *a, const uint8_t *b, size_t n_bytes);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* page.h: the decisions that stand in the value of one lease of sanlock, read by somebody who does
 * not trust the disk.
 *
 * A decision belongs into one of UMZ_PAGE_BUCKETS pages, which its key names.  A page is
 *
 *   8 bytes  "UMZUGARB"
 *   u32      version, 1
 *   u32      bucket
 *   u64      generation
 *   u32      number of records
 *   u32      0
 *   14 x     31 bytes key, u8 verdict (1 COMMITTED, 2 ABORTED); zeros behind the last one
 *   32 bytes SHA-256 of all that
 *
 * or nothing but zeros, as sanlock leaves it: generation 0, without records.
 */
#pragma once

#include "arbiter/arbiter.h"

#define UMZ_PAGE_BYTES       512
#define UMZ_PAGE_BUCKETS     31
#define UMZ_PAGE_RECORDS_MAX 14
#define UMZ_PAGE_KEY_BYTES   31

/* Stands for a UUID and an epoch: the beginning of the SHA-256 of "UUID/EPOCH". */
typedef struct {
  uint8_t bytes[UMZ_PAGE_KEY_BYTES];
} UmzPageKey;

typedef struct {
  UmzPageKey key;
  UmzVerdict verdict; /* never NONE */
} UmzPageRecord;

typedef struct {
  unsigned bucket;
  uint64_t generation; /* one more each time that the page is written */
  unsigned n_records;
  UmzPageRecord records[UMZ_PAGE_RECORDS_MAX]; /* no key twice */
} UmzPage;

UmzPageKey umz_page_make_key (const char *uuid, uint64_t epoch);
unsigned umz_page_get_bucket (const UmzPageKey *key);

/* False if these UMZ_PAGE_BYTES are no page of that bucket, and then *ret_page means nothing. */
bool umz_page_parse (const uint8_t *bytes, unsigned bucket, UmzPage *ret_page);

/* Fills UMZ_PAGE_BYTES. */
void umz_page_format (const UmzPage *page, uint8_t *ret_bytes);

/* NONE if the page has no such key. */
UmzVerdict umz_page_find (const UmzPage *page, const UmzPageKey *key);

/* The key is not there yet; false if the page is full. */
bool umz_page_add (UmzPage *page, const UmzPageKey *key, UmzVerdict verdict);

void umz_page_remove (UmzPage *page, const UmzPageKey *key);

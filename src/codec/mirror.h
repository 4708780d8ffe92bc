/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mirror.h: the last version of each page of a guest that went through a relay, in a file.
 *
 *       0  8 bytes  "UMZMIRR1"
 *       8  u64      number of pages, host order as all here: the file never leaves the host
 *      16  u64      layout of the guest's memory
 *    4096  u64[]    for each page a keyed hash of it; 0: the page is all zero, and has no bytes
 *     ...  page[]   from the next multiple of 4096 on; encrypted: AES-XTS, the page is the sector
 *
 * A guest's memory holds its secrets, so the file is worth nothing without the key, which is kept
 * in memory alone.  The file may be damaged or old: who uses a page compares what comes of it with
 * a hash that was taken where the page came from (codec.h).
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "codec/ram-parser.h"

#define UMZ_MIRROR_KEY_BYTES 40 /* 32 for the pages, 8 for the hashes */

typedef struct UmzMirror UmzMirror;

/* fd: a file to read and write, taken over; it may be empty.  It never grows beyond max_bytes.  The
 * key is copied.
 */
UmzMirror *umz_mirror_new (int fd, uint64_t max_bytes, const uint8_t key[UMZ_MIRROR_KEY_BYTES]);

/* Closes the file and wipes the key.  NULL is fine. */
void umz_mirror_free (UmzMirror *mirror);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzMirror, umz_mirror_free)

/* What the file can grow to for a guest of so many pages. */
uint64_t umz_mirror_get_max_bytes (uint64_t n_pages);

/* Makes it ready for a guest of that many pages (at least 1) and that layout.  A mirror of another
 * one is emptied.  Call it before anything below; a second call does nothing.
 * Errors of all here: UMZ_CODEC_ERROR_MIRROR.
 */
bool umz_mirror_prepare (UmzMirror *mirror, uint64_t n_pages, uint64_t layout, GError **error);

/* Whether the mirror has exactly these bytes of the page, as far as a keyed hash of 64 bits tells:
 * the guest does not know the key.
 */
bool umz_mirror_has (const UmzMirror *mirror, uint64_t page, const uint8_t bytes[UMZ_PAGE_BYTES]);

/* Whether the mirror's version is all zero: no file is read for it. */
bool umz_mirror_is_zero (const UmzMirror *mirror, uint64_t page);

bool umz_mirror_read (UmzMirror *mirror, uint64_t page, uint8_t ret_bytes[UMZ_PAGE_BYTES],
                      GError **error);

/* Pages that follow each other are written together: an error may be one of an earlier page.  So
 * what is written is in the file when umz_mirror_flush() says so.
 */
bool umz_mirror_write (UmzMirror *mirror, uint64_t page, const uint8_t bytes[UMZ_PAGE_BYTES],
                       GError **error);
bool umz_mirror_flush (UmzMirror *mirror, GError **error);
void umz_mirror_set_zero (UmzMirror *mirror, uint64_t page);

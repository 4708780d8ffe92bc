/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reader.h: the only way we look at bytes that came from outside.
 *
 * A reader walks once over a buffer it does not own.  Each get checks the bounds first.  A get
 * that cannot be satisfied returns false, leaves its ret_ argument alone and marks the reader as
 * failed; from then on every get fails.  So a parser may read a whole record and ask once, at the
 * end, whether all of it was there.
 *
 * Integers are big-endian, as in XDR and in QEMU's migration stream.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lives on the stack; look at it through the functions only. */
typedef struct {
  const uint8_t *data;   /* borrowed from the caller of umz_reader_init */
  size_t length_bytes;   /* of data */
  size_t position_bytes; /* <= length_bytes */
  bool failed;           /* sticky */
} UmzReader;

/* Starts at the first of length_bytes bytes.  data may be NULL when length_bytes is 0; it must
 * outlive the reader and everything borrowed through it.
 */
void umz_reader_init (UmzReader *reader, const void *data, size_t length_bytes);

bool umz_reader_get_u8 (UmzReader *reader, uint8_t *ret_value);
bool umz_reader_get_u16 (UmzReader *reader, uint16_t *ret_value);
bool umz_reader_get_u32 (UmzReader *reader, uint32_t *ret_value);
bool umz_reader_get_u64 (UmzReader *reader, uint64_t *ret_value);

/* Lends the next n_bytes of the buffer itself; no copy is made. */
bool umz_reader_get_bytes (UmzReader *reader, size_t n_bytes, const uint8_t **ret_bytes);

/* Makes *ret_part a reader of its own over the next n_bytes and steps over them.  A failure of the
 * part does not touch this reader.
 */
bool umz_reader_get_part (UmzReader *reader, size_t n_bytes, UmzReader *ret_part);

bool umz_reader_skip (UmzReader *reader, size_t n_bytes);

/* XDR variable-length opaque: a u32 length of at most limit_bytes, the bytes (lent), and zeros up
 * to the next multiple of four.  Fails too on padding that is not zero.
 */
bool umz_reader_get_xdr_opaque (UmzReader *reader, uint32_t limit_bytes, const uint8_t **ret_bytes,
                                uint32_t *ret_length_bytes);

/* XDR string, copied and terminated; the caller frees it.  Fails on more than limit_bytes and on a
 * NUL inside.  The bytes need not be UTF-8.
 */
bool umz_reader_dup_xdr_string (UmzReader *reader, uint32_t limit_bytes, char **ret_text);

/* How many bytes are left; 0 once the reader has failed. */
size_t umz_reader_get_left_bytes (const UmzReader *reader);

/* Whether a get has ever failed. */
bool umz_reader_has_failed (const UmzReader *reader);

/* Whether everything was read and nothing failed. */
bool umz_reader_is_at_end (const UmzReader *reader);

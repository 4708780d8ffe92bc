/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text.h: the few things about text that several rooms must agree on.
 *
 * Case is that of ASCII, whatever the locale: commands and SU names are made of it, and two hosts
 * with different locales must come to the same answer.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest SU name: SDF's <composed-name 1..64>. */
#define UMZ_SU_NAME_LENGTH_MAX 64

/* Whether both texts are the same when case is ignored.  NULL equals only NULL. */
bool umz_text_is_same_name (const char *a, const char *b);

/* A copy with a-z turned into A-Z; all other bytes stay.  The caller frees it. */
char *umz_text_dup_upper (const char *text);

/* Whether text is an SDF <composed-name 1..length_max>: A-Z 0-9 $ # @ in non-empty parts that are
 * separated by single '.' or '-'.  Lower case is refused: turn it into upper case first.
 */
bool umz_text_is_composed_name (const char *text, size_t length_max);

/* The bytes as upper-case hexadecimal digits.  The caller frees it. */
char *umz_text_dup_hex (const void *bytes, size_t n_bytes);

/* The bytes that an even number of hexadecimal digits (any case) stands for; NULL if text is
 * anything else.  Empty text gives no bytes.  The caller unrefs it.
 */
GBytes *umz_text_new_bytes_from_hex (const char *text);

/* What a foreign program wrote, as text that a terminal shows and does not obey: valid UTF-8 in
 * which newline, tab and carriage return are the only control characters.  Each other one, and
 * each that would change the order or the lines of the text, becomes '.'; a byte that is no UTF-8
 * becomes U+FFFD.  A character whose end has not come yet is left out: *ret_n_used bytes were
 * read, at most 3 less than n_bytes.  The caller frees it.
 */
char *umz_text_dup_harmless (const void *bytes, size_t n_bytes, size_t *ret_n_used);

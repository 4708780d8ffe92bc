/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source.h: the input as one line, and the way back to where each byte of it stood. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* A longer command is refused unread. */
#define UMZ_SDF_INPUT_BYTES_MAX (16 * 1024)

typedef struct {
  char *text;           /* owned: one line without comments; each comment is as many blanks */
  GArray *origins;      /* owned: of size_t, the offset in original of each byte of text */
  const char *original; /* borrowed from the caller of umz_source_new, for as long as we live */
} UmzSource;

/* Joins the records of original and takes the comments out.  Fails on input that is too long, is no
 * UTF-8, has a line that is not continued, or a comment without an end.
 */
UmzSource *umz_source_new (const char *original, GError **error);
void umz_source_free (UmzSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzSource, umz_source_free)

/* The column of text[offset] for a message, counted in characters from 1; "line:column" from the
 * second line on.  offset may be that of the final NUL.  The caller frees it.
 */
char *umz_source_dup_column (const UmzSource *source, size_t offset);

/* What stands at text[offset], at most length_bytes of it, shortened for a message.  The caller
 * frees it.
 */
char *umz_source_dup_excerpt (const UmzSource *source, size_t offset, size_t length_bytes);

/* Sets UMZ0006 for text[offset]. */
void umz_source_set_syntax_error (const UmzSource *source, size_t offset, const char *expected,
                                  GError **error);

/* Sets UMZ0004: what stands there abbreviates each of the candidates, "A, B". */
void umz_source_set_ambiguous (const UmzSource *source, size_t offset, size_t length_bytes,
                               const char *candidates, GError **error);

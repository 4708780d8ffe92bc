/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* token.h: the pieces of a command's text. */
#pragma once

#include "sdf/source.h"
#include "sdf/value.h"

/* Where we are in the input. */
typedef struct {
  const UmzSource *source; /* borrowed */
  size_t offset;
} UmzCursor;

/* A piece of the input. */
typedef struct {
  char *text; /* owned; without quotes */
  UmzQuotes quotes;
  size_t offset;
  size_t length_bytes; /* as it was written */
} UmzToken;

void umz_token_clear (UmzToken *token);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UmzToken, umz_token_clear)

/* Lends what is still to be read; it ends with NUL. */
const char *umz_cursor_get_rest (const UmzCursor *cursor);

void umz_cursor_skip_blanks (UmzCursor *cursor);

/* Steps over c and the blanks after it, if it comes next. */
bool umz_cursor_accept (UmzCursor *cursor, char c);

/* Whether a word and '=' come next. */
bool umz_cursor_is_at_keyword (const UmzCursor *cursor);

/* A word may be empty.  The caller clears what any of these has read. */
void umz_cursor_read_word (UmzCursor *cursor, UmzToken *ret_token);

/* A word or a string in quotes, which has to end. */
bool umz_cursor_read_value (UmzCursor *cursor, UmzToken *ret_token, GError **error);

/* A condition has commas, blanks and quotes of its own; it ends where the level does. */
bool umz_cursor_read_condition (UmzCursor *cursor, UmzToken *ret_token, GError **error);

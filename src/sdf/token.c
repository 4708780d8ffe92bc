/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sdf/token.h"

#include <string.h>

/* What ends a word. */
#define DELIMITERS " \t\r,=()'\""

void
umz_token_clear (UmzToken *token)
{
  g_free (token->text);
}

const char *
umz_cursor_get_rest (const UmzCursor *cursor)
{
  return cursor->source->text + cursor->offset;
}

void
umz_cursor_skip_blanks (UmzCursor *cursor)
{
  cursor->offset += strspn (umz_cursor_get_rest (cursor), " \t\r");
}

bool
umz_cursor_accept (UmzCursor *cursor, char c)
{
  if (*umz_cursor_get_rest (cursor) != c)
    return false;
  cursor->offset++;
  umz_cursor_skip_blanks (cursor);
  return true;
}

/* A comma between the angle brackets of a pattern does not end the word. */
static size_t
measure_word (const char *rest)
{
  size_t length = 0;
  for (;;) {
    length += strcspn (rest + length, DELIMITERS "<");
    if (rest[length] != '<')
      return length;
    size_t to_end = strcspn (rest + length, ">"
                                            " \t\r=()'\"");
    length += rest[length + to_end] == '>' ? to_end + 1 : 1;
  }
}

void
umz_cursor_read_word (UmzCursor *cursor, UmzToken *ret_token)
{
  size_t length_bytes = measure_word (umz_cursor_get_rest (cursor));
  *ret_token = (UmzToken){
    .text = g_strndup (umz_cursor_get_rest (cursor), length_bytes),
    .quotes = UMZ_QUOTES_NONE,
    .offset = cursor->offset,
    .length_bytes = length_bytes,
  };
  cursor->offset += length_bytes;
}

/* Reads from a quote to the one that ends the string; a doubled one stands for itself. */
static bool
read_quoted (UmzCursor *cursor, UmzQuotes quotes, UmzToken *ret_token, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  size_t begin = cursor->offset;
  cursor->offset += quotes == UMZ_QUOTES_X || *umz_cursor_get_rest (cursor) != '\'' ? 2 : 1;

  while (*umz_cursor_get_rest (cursor) != '\'' || umz_cursor_get_rest (cursor)[1] == '\'') {
    if (*umz_cursor_get_rest (cursor) == '\0') {
      umz_source_set_syntax_error (cursor->source, cursor->offset, "'", error);
      return false;
    }
    g_string_append_c (text, *umz_cursor_get_rest (cursor));
    cursor->offset += *umz_cursor_get_rest (cursor) == '\'' ? 2 : 1;
  }
  cursor->offset++;
  *ret_token = (UmzToken){
    .text = g_string_free (g_steal_pointer (&text), FALSE),
    .quotes = quotes,
    .offset = begin,
    .length_bytes = cursor->offset - begin,
  };
  return true;
}

bool
umz_cursor_read_condition (UmzCursor *cursor, UmzToken *ret_token, GError **error)
{
  const char *rest = umz_cursor_get_rest (cursor);
  size_t length_bytes = 0, n_open = 0;
  bool in_quotes = false;
  for (; rest[length_bytes] != '\0'; length_bytes++) {
    char c = rest[length_bytes];
    if (!in_quotes && n_open == 0 && (c == ',' || c == ')'))
      break;
    in_quotes ^= c == '\'';
    if (!in_quotes)
      n_open += c == '(' ? 1 : c == ')' ? -1
                                        : 0;
  }
  if (in_quotes || n_open > 0) {
    umz_source_set_syntax_error (cursor->source, cursor->offset + length_bytes,
                                 in_quotes ? "'" : ")", error);
    return false;
  }
  *ret_token = (UmzToken){
    .text = g_strchomp (g_strndup (rest, length_bytes)),
    .quotes = UMZ_QUOTES_NONE,
    .offset = cursor->offset,
    .length_bytes = length_bytes,
  };
  cursor->offset += length_bytes;
  return true;
}

bool
umz_cursor_is_at_keyword (const UmzCursor *cursor)
{
  const char *rest = umz_cursor_get_rest (cursor);
  size_t length_bytes = strcspn (rest, DELIMITERS);
  return length_bytes > 0 && rest[length_bytes + strspn (rest + length_bytes, " \t\r")] == '=';
}

bool
umz_cursor_read_value (UmzCursor *cursor, UmzToken *ret_token, GError **error)
{
  const char *rest = umz_cursor_get_rest (cursor);
  if (rest[0] == '\'' || (g_ascii_tolower (rest[0]) == 'c' && rest[1] == '\''))
    return read_quoted (cursor, UMZ_QUOTES_C, ret_token, error);
  if (g_ascii_tolower (rest[0]) == 'x' && rest[1] == '\'')
    return read_quoted (cursor, UMZ_QUOTES_X, ret_token, error);
  umz_cursor_read_word (cursor, ret_token);
  return true;
}

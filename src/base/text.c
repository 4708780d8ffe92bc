/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text.c: names and digits, in ASCII's idea of case. */
#include "base/text.h"

#include <string.h>

bool
umz_text_is_same_name (const char *a, const char *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return g_ascii_strcasecmp (a, b) == 0;
}

char *
umz_text_dup_upper (const char *text)
{
  return g_ascii_strup (text, -1);
}

static bool
is_name_character (char c)
{
  return g_ascii_isupper (c) || g_ascii_isdigit (c) || c == '$' || c == '#' || c == '@';
}

bool
umz_text_is_composed_name (const char *text, size_t length_max)
{
  size_t length = strlen (text);
  if (length > length_max)
    return false;

  bool in_part = false; /* the character before belongs to a part, so this part is not empty */
  for (size_t i = 0; i < length; i++) {
    bool separates = text[i] == '.' || text[i] == '-';
    if (separates ? !in_part : !is_name_character (text[i]))
      return false;
    in_part = !separates;
  }
  return in_part;
}

char *
umz_text_dup_hex (const void *bytes, size_t n_bytes)
{
  static const char digits[] = "0123456789ABCDEF";
  const uint8_t *in = bytes;

  GString *text = g_string_sized_new (n_bytes * 2);
  for (size_t i = 0; i < n_bytes; i++) {
    g_string_append_c (text, digits[in[i] >> 4]);
    g_string_append_c (text, digits[in[i] & 15]);
  }
  return g_string_free (text, FALSE);
}

GBytes *
umz_text_new_bytes_from_hex (const char *text)
{
  size_t length = strlen (text);
  if (length % 2 != 0)
    return NULL;

  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  for (size_t i = 0; i < length; i += 2) {
    int high = g_ascii_xdigit_value (text[i]);
    int low = g_ascii_xdigit_value (text[i + 1]);
    if (high < 0 || low < 0)
      return NULL;
    uint8_t byte = (uint8_t) (high << 4 | low);
    g_byte_array_append (bytes, &byte, 1);
  }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

static size_t
measure_character (uint8_t first)
{
  return first < 0xe0 ? 2 : first < 0xf0 ? 3
                                         : 4;
}

static bool
is_harmless (gunichar c)
{
  static const GUnicodeType harmful[] = { G_UNICODE_CONTROL, G_UNICODE_FORMAT,
                                          G_UNICODE_LINE_SEPARATOR,
                                          G_UNICODE_PARAGRAPH_SEPARATOR };
  if (c == '\n' || c == '\t' || c == '\r')
    return true;
  GUnicodeType type = g_unichar_type (c);
  for (size_t i = 0; i < G_N_ELEMENTS (harmful); i++)
    if (type == harmful[i])
      return false;
  return true;
}

/* Appends the character that p begins with and returns its length; 0: its end has not come. */
static size_t
append_harmless (GString *text, const char *p, size_t n_bytes)
{
  /* GLib takes a NUL for the end of the text. */
  gunichar c = *p == '\0' ? 0 : g_utf8_get_char_validated (p, (gssize) n_bytes);
  if (c == (gunichar) -2 && n_bytes < measure_character ((uint8_t) *p))
    return 0;
  if (c == (gunichar) -1 || c == (gunichar) -2) {
    g_string_append_unichar (text, 0xfffd);
    return 1;
  }
  g_string_append_unichar (text, is_harmless (c) ? c : '.');
  return *p == '\0' ? 1 : (size_t) (g_utf8_next_char (p) - p);
}

char *
umz_text_dup_harmless (const void *bytes, size_t n_bytes, size_t *ret_n_used)
{
  GString *text = g_string_sized_new (n_bytes);
  size_t n_used = 0, length = 1;
  for (; n_used < n_bytes && length > 0; n_used += length)
    length = append_harmless (text, (const char *) bytes + n_used, n_bytes - n_used);
  *ret_n_used = n_used;
  return g_string_free (text, FALSE);
}

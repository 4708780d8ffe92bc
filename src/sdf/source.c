/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source.c: records joined at their hyphens, comments blanked out.
 *
 * A record is a line.  A hyphen as its last character that is not blank joins the next one to it:
 * hyphen and line end vanish, and so do the blanks and the slash that the next record may begin
 * with.  Records are joined before anything else is looked at, also within quotes, as SDF does.
 */
#include "sdf/source.h"

#include "messages/catalogue.h"

#include <string.h>

#define EXCERPT_CHARACTERS_MAX 40

static bool
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

void
umz_source_free (UmzSource *source)
{
  if (source == NULL)
    return;
  g_free (source->text);
  g_array_unref (source->origins);
  g_free (source);
}

char *
umz_source_dup_column (const UmzSource *source, size_t offset)
{
  size_t origin = g_array_index (source->origins, size_t, offset);
  size_t line = 1;
  const char *line_start = source->original;
  for (const char *p = source->original; p < source->original + origin; p++) {
    if (*p == '\n') {
      line++;
      line_start = p + 1;
    }
  }
  long column = 1 + g_utf8_pointer_to_offset (line_start, source->original + origin);
  return line == 1 ? g_strdup_printf ("%ld", column) : g_strdup_printf ("%zu:%ld", line, column);
}

char *
umz_source_dup_excerpt (const UmzSource *source, size_t offset, size_t length_bytes)
{
  g_autofree char *whole = g_strndup (source->text + offset, length_bytes);
  if (g_utf8_strlen (whole, -1) <= EXCERPT_CHARACTERS_MAX)
    return g_steal_pointer (&whole);
  g_autofree char *beginning = g_utf8_substring (whole, 0, EXCERPT_CHARACTERS_MAX);
  return g_strconcat (beginning, "...", NULL);
}

void
umz_source_set_syntax_error (const UmzSource *source, size_t offset, const char *expected,
                             GError **error)
{
  g_autofree char *column = umz_source_dup_column (source, offset);
  size_t length_bytes = strcspn (source->text + offset, " \t\r,");
  if (length_bytes == 0 && source->text[offset] != '\0')
    length_bytes = 1;
  g_autofree char *excerpt = umz_source_dup_excerpt (source, offset, length_bytes);
  umz_set_error (error, UMZ_MSG_UMZ0006, column, excerpt, expected, NULL);
}

/* How many bytes a record begins with that do not belong to the command. */
static size_t
count_lead (const char *record, size_t length_bytes)
{
  size_t n = 0;
  while (n < length_bytes && is_blank (record[n]))
    n++;
  return n < length_bytes && record[n] == '/' ? n + 1 : n;
}

/* Appends original[from..to). */
static void
append_range (GString *text, UmzSource *source, size_t from, size_t to)
{
  for (size_t i = from; i < to; i++) {
    g_string_append_c (text, source->original[i]);
    g_array_append_val (source->origins, i);
  }
}

/* Joins the records of original[0..end), which does not end with blanks or line ends. */
static bool
join_records (UmzSource *source, size_t end, GError **error)
{
  GString *text = g_string_new (NULL);
  bool is_last = false;
  bool is_continued = true;
  for (size_t begin = 0, stop, line_end; is_continued && !is_last; begin = line_end + 1) {
    const char *newline = memchr (source->original + begin, '\n', end - begin);
    is_last = newline == NULL;
    line_end = is_last ? end : (size_t) (newline - source->original);
    stop = line_end;
    while (stop > begin && is_blank (source->original[stop - 1]))
      stop--;
    begin += count_lead (source->original + begin, stop - begin);
    is_continued = !is_last && stop > begin && source->original[stop - 1] == '-';
    stop -= is_continued;
    append_range (text, source, begin, stop);
    if (is_last || !is_continued)
      g_array_append_val (source->origins, stop); /* for the NUL */
  }

  source->text = g_string_free (text, FALSE);
  if (is_last)
    return true;
  umz_source_set_syntax_error (source, strlen (source->text), "-", error);
  return false;
}

/* Overwrites each comment with blanks.  A double quote within quotes begins none. */
static bool
blank_comments (UmzSource *source, GError **error)
{
  bool in_quotes = false;
  for (char *p = source->text; *p != '\0'; p++) {
    if (*p == '\'')
      in_quotes = !in_quotes;
    if (in_quotes || *p != '"')
      continue;

    char *end = strchr (p + 1, '"');
    if (end == NULL) {
      umz_source_set_syntax_error (source, strlen (source->text), "\"", error);
      return false;
    }
    memset (p, ' ', (size_t) (end - p) + 1);
    p = end;
  }
  return true;
}

UmzSource *
umz_source_new (const char *original, GError **error)
{
  size_t end = strnlen (original, UMZ_SDF_INPUT_BYTES_MAX + 1);
  if (end > UMZ_SDF_INPUT_BYTES_MAX) {
    g_autofree char *limit = g_strdup_printf ("%d", UMZ_SDF_INPUT_BYTES_MAX);
    umz_set_error (error, UMZ_MSG_UMZ0011, limit, NULL);
    return NULL;
  }
  const char *invalid;
  if (!g_utf8_validate (original, (gssize) end, &invalid)) {
    g_autofree char *column = g_strdup_printf ("%td", invalid - original + 1);
    umz_set_error (error, UMZ_MSG_UMZ0006, column, "?", "UTF-8", NULL);
    return NULL;
  }
  while (end > 0 && (is_blank (original[end - 1]) || original[end - 1] == '\n'))
    end--;

  g_autoptr (UmzSource) source = g_new0 (UmzSource, 1);
  source->original = original;
  source->origins = g_array_new (FALSE, FALSE, sizeof (size_t));
  if (!join_records (source, end, error) || !blank_comments (source, error))
    return NULL;
  return g_steal_pointer (&source);
}

void
umz_source_set_ambiguous (const UmzSource *source, size_t offset, size_t length_bytes,
                          const char *candidates, GError **error)
{
  g_autofree char *column = umz_source_dup_column (source, offset);
  g_autofree char *read = umz_source_dup_excerpt (source, offset, length_bytes);
  umz_set_error (error, UMZ_MSG_UMZ0004, read, column, candidates, NULL);
}

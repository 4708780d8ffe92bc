/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* value.c: SDF's data types.
 *
 * A bare word is a variable value if one of the operand's types can hold it, and only if none can
 * it is tried as a constant without its star: SERVER-UNIT-NAME=UNIQUE is an SU called UNIQUE.  With
 * its star it is tried as a constant first, and as a pattern after that.
 */
#include "sdf/value.h"

#include "base/text.h"
#include "sdf/pattern.h"

#include <string.h>

#define CATALOG_ID_LENGTH_MAX 4

static bool
is_length_within (const char *text, const UmzAlternative *alternative)
{
  int64_t length = g_utf8_strlen (text, -1);
  return length >= alternative->from && length <= alternative->to;
}

static bool
is_integer (const char *text, const UmzAlternative *alternative, int64_t *ret_integer)
{
  gint64 integer;
  const char *digits = *text == '+' || *text == '-' ? text + 1 : text;
  if (*digits == '\0' || digits[strspn (digits, "0123456789")] != '\0')
    return false;
  if (!g_ascii_string_to_signed (*text == '+' ? digits : text, 10, alternative->from,
                                 alternative->to, &integer, NULL))
    return false;
  *ret_integer = integer;
  return true;
}

static bool
is_alphanum_name (const char *upper)
{
  return strpbrk (upper, ".-") == NULL && umz_text_is_composed_name (upper, SIZE_MAX);
}

static bool
is_name (const char *upper)
{
  return !g_ascii_isdigit (*upper) && is_alphanum_name (upper);
}

static bool
is_cat_id (const char *upper)
{
  return upper[strspn (upper, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")] == '\0' &&
         !g_str_has_prefix (upper, "PUB");
}

/* [:cat:][$user.]name: a $user. looks like the first part of a composed name. */
static bool
is_filename (const char *upper)
{
  if (*upper == ':') {
    const char *catalog_id = upper + 1;
    size_t length =
      strspn (catalog_id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    if (length == 0 || length > CATALOG_ID_LENGTH_MAX || catalog_id[length] != ':')
      return false;
    upper = catalog_id + length + 1;
  }
  return umz_text_is_composed_name (upper, SIZE_MAX);
}

static bool
has_control_characters (const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      return true;
  return false;
}

static bool
is_hex (const char *text)
{
  return text[strspn (text, "0123456789abcdefABCDEF")] == '\0';
}

/* Whether a value written like this can be of the alternative's type; length and range count. */
static bool
can_hold (const UmzAlternative *alternative, const char *text, const char *upper,
          UmzQuotes quotes, int64_t *ret_integer)
{
  switch (alternative->kind) {
  case UMZ_OPERAND_CONSTANT:
    return false; /* not variable */
  case UMZ_OPERAND_INTEGER:
    return quotes == UMZ_QUOTES_NONE && is_integer (text, alternative, ret_integer);
  case UMZ_OPERAND_NAME:
    return quotes == UMZ_QUOTES_NONE && is_name (upper) && is_length_within (text, alternative);
  case UMZ_OPERAND_ALPHANUM_NAME:
    return quotes == UMZ_QUOTES_NONE && is_alphanum_name (upper) &&
           is_length_within (text, alternative);
  case UMZ_OPERAND_COMPOSED_NAME:
    return quotes == UMZ_QUOTES_NONE && umz_text_is_composed_name (upper, SIZE_MAX) &&
           is_length_within (text, alternative);
  case UMZ_OPERAND_FILENAME:
    return quotes == UMZ_QUOTES_NONE && is_filename (upper) && is_length_within (text, alternative);
  case UMZ_OPERAND_C_STRING:
    return quotes == UMZ_QUOTES_C && !has_control_characters (text) &&
           is_length_within (text, alternative);
  case UMZ_OPERAND_X_STRING:
    return quotes == UMZ_QUOTES_X && is_hex (text) && is_length_within (text, alternative);
  case UMZ_OPERAND_X_TEXT:
    return quotes == UMZ_QUOTES_NONE && is_hex (text) && is_length_within (text, alternative);
  case UMZ_OPERAND_CAT_ID:
    return quotes == UMZ_QUOTES_NONE && is_cat_id (upper) && is_length_within (text, alternative);
  case UMZ_OPERAND_CONDITION:
    return !has_control_characters (text) && is_length_within (text, alternative);
  }
  g_assert_not_reached ();
}

static bool
can_be_pattern (const UmzAlternative *alternative, const char *upper)
{
  return umz_pattern_has_wildcards (upper) && (int64_t) strlen (upper) <= alternative->wild_to &&
         umz_pattern_is_valid (upper);
}

static bool
fit_variable (const UmzOperandSpec *spec, const char *text, UmzQuotes quotes,
              UmzOperand *ret_operand)
{
  g_autofree char *upper = umz_text_dup_upper (text);
  for (size_t i = 0; i < spec->n_alternatives; i++) {
    int64_t integer = 0;
    const UmzAlternative *alternative = &spec->alternatives[i];
    UmzOperandKind kind = alternative->kind;
    bool is_pattern = quotes == UMZ_QUOTES_NONE && can_be_pattern (alternative, upper);
    if (is_pattern || can_hold (alternative, text, upper, quotes, &integer)) {
      ret_operand->alternative = alternative;
      ret_operand->kind = kind;
      ret_operand->is_pattern = is_pattern;
      ret_operand->integer = integer;
      ret_operand->text =
        kind == UMZ_OPERAND_C_STRING || kind == UMZ_OPERAND_CONDITION ? g_strdup (text)
                                                                      : g_steal_pointer (&upper);
      return true;
    }
  }
  return false;
}

/* How word, with or without star, stands for a constant alternative. */
static UmzMatch
match_constant (const UmzAlternative *alternative, const char *word)
{
  if (alternative->kind != UMZ_OPERAND_CONSTANT)
    return UMZ_MATCH_NONE;
  return umz_sdf_match_name (*word == '*' ? word + 1 : word, alternative->constant + 1);
}

static UmzFit
fit_constant (const UmzOperandSpec *spec, const char *word, UmzOperand *ret_operand)
{
  const UmzAlternative *found = NULL;
  size_t n_found = 0;
  for (size_t i = 0; i < spec->n_alternatives; i++) {
    UmzMatch match = match_constant (&spec->alternatives[i], word);
    if (match == UMZ_MATCH_NONE)
      continue;
    found = &spec->alternatives[i];
    n_found++;
    if (match == UMZ_MATCH_EXACT) {
      n_found = 1;
      break;
    }
  }
  if (n_found != 1)
    return n_found == 0 ? UMZ_FIT_NONE : UMZ_FIT_AMBIGUOUS;

  ret_operand->alternative = found;
  ret_operand->kind = UMZ_OPERAND_CONSTANT;
  ret_operand->text = g_strdup (found->constant);
  ret_operand->integer = 0;
  return UMZ_FIT_ONE;
}

UmzFit
umz_value_fit (const UmzOperandSpec *spec, const char *text, UmzQuotes quotes,
               UmzOperand *ret_operand)
{
  bool has_star = quotes == UMZ_QUOTES_NONE && text[0] == '*';
  UmzFit fit = has_star ? fit_constant (spec, text, ret_operand) : UMZ_FIT_NONE;
  if (fit == UMZ_FIT_NONE && fit_variable (spec, text, quotes, ret_operand))
    return UMZ_FIT_ONE;
  return fit == UMZ_FIT_NONE && quotes == UMZ_QUOTES_NONE
           ? fit_constant (spec, text, ret_operand)
           : fit;
}

char *
umz_value_dup_candidates (const UmzOperandSpec *spec, const char *word)
{
  GString *candidates = g_string_new (NULL);
  for (size_t i = 0; i < spec->n_alternatives; i++)
    if (match_constant (&spec->alternatives[i], word) != UMZ_MATCH_NONE)
      g_string_append_printf (candidates, "%s%s", candidates->len > 0 ? ", " : "",
                              spec->alternatives[i].constant);
  return g_string_free (candidates, FALSE);
}

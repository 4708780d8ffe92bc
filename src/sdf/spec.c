/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* spec.c: SDF's rule of abbreviation, and how a data type is written in the manual. */
#include "sdf/spec.h"

#include <inttypes.h>
#include <string.h>

/* Whether word's subname of that length cuts name's subname of that length short, or is it. */
static bool
is_beginning (const char *word, size_t word_length, const char *name, size_t name_length)
{
  return word_length > 0 && word_length <= name_length &&
         g_ascii_strncasecmp (word, name, word_length) == 0;
}

UmzMatch
umz_sdf_match_name (const char *word, const char *name)
{
  if (g_ascii_strcasecmp (word, name) == 0)
    return UMZ_MATCH_EXACT;

  for (;;) {
    size_t word_length = strcspn (word, "-");
    size_t name_length = strcspn (name, "-");
    if (!is_beginning (word, word_length, name, name_length))
      return UMZ_MATCH_NONE;
    word += word_length;
    name += name_length;
    if (*word == '\0')
      return UMZ_MATCH_ABBREVIATION;
    if (*name == '\0')
      return UMZ_MATCH_NONE;
    word++;
    name++;
  }
}

static const char *
get_type_name (UmzOperandKind kind)
{
  switch (kind) {
  case UMZ_OPERAND_CONSTANT: return "constant";
  case UMZ_OPERAND_INTEGER: return "integer";
  case UMZ_OPERAND_NAME: return "name";
  case UMZ_OPERAND_ALPHANUM_NAME: return "alphanum-name";
  case UMZ_OPERAND_COMPOSED_NAME: return "composed-name";
  case UMZ_OPERAND_FILENAME: return "filename";
  case UMZ_OPERAND_C_STRING: return "c-string";
  case UMZ_OPERAND_X_STRING: return "x-string";
  case UMZ_OPERAND_X_TEXT: return "x-text";
  case UMZ_OPERAND_CAT_ID: return "cat-id";
  case UMZ_OPERAND_CONDITION: return "cond-expr";
  }
  g_assert_not_reached ();
}

static void
append_alternative (GString *syntax, const UmzAlternative *alternative)
{
  if (alternative->kind == UMZ_OPERAND_CONSTANT)
    g_string_append (syntax, alternative->constant);
  else
    g_string_append_printf (syntax, "<%s %" PRId64 "..%" PRId64, get_type_name (alternative->kind),
                            alternative->from, alternative->to);
  if (alternative->wild_to > 0)
    g_string_append_printf (syntax, " with-wild(%" PRId64 ")", alternative->wild_to);
  if (alternative->kind != UMZ_OPERAND_CONSTANT)
    g_string_append_c (syntax, '>');
  if (alternative->n_members > 0)
    g_string_append (syntax, "(...)");
}

char *
umz_operand_spec_dup_syntax (const UmzOperandSpec *spec)
{
  GString *syntax = g_string_new (NULL);
  if (spec->list_max > 0)
    g_string_append_printf (syntax, "list-poss(%zu): ", spec->list_max);
  for (size_t i = 0; i < spec->n_alternatives; i++) {
    if (i > 0)
      g_string_append (syntax, " / ");
    append_alternative (syntax, &spec->alternatives[i]);
  }
  return g_string_free (syntax, FALSE);
}

const UmzCommandSpec *
umz_sdf_find_command (const char *word)
{
  size_t n;
  const UmzCommandSpec *found = NULL, *commands = umz_sdf_get_commands (&n);
  for (size_t i = 0; i < n; i++) {
    UmzMatch match = umz_sdf_match_name (word, commands[i].name);
    if (match == UMZ_MATCH_EXACT)
      return &commands[i];
    if (match == UMZ_MATCH_NONE)
      continue;
    if (found != NULL)
      return NULL;
    found = &commands[i];
  }
  return found;
}

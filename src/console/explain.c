/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "console/explain.h"

#include <string.h>

#include "console/complete.h"
#include "console/place.h"
#include "describe/help.h"
#include "sdf/keyword.h"
#include "sdf/words.h"

static void
append_words (GString *text, const char *typed)
{
  size_t n_words;
  const UmzWord *words = umz_word_get_all (&n_words);
  for (size_t i = 0; i < n_words; i++)
    if (umz_complete_fits (typed, words[i].name))
      g_string_append_printf (text, "  %-8s  %s\n", words[i].name, words[i].summary);
}

char *
umz_explain_all (void)
{
  g_autofree char *commands = umz_describe_overview ();
  GString *text = g_string_new (commands);
  g_string_append (text, "\nAnd of the console:\n");
  append_words (text, "");
  return g_string_free (text, FALSE);
}

static char *
explain_name (const char *typed)
{
  size_t n_commands;
  const UmzCommandSpec *command = umz_sdf_find_command (typed);
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  if (command != NULL)
    return umz_describe_command (command);
  if (typed[0] == '\0')
    return umz_explain_all ();
  GString *text = g_string_new (NULL);
  for (size_t i = 0; i < n_commands; i++)
    if (umz_complete_fits (typed, commands[i].name))
      g_string_append_printf (text, "  %s\n      %s\n", commands[i].name, commands[i].summary);
  append_words (text, typed);
  bool is_empty = text->len == 0;
  char *found = g_string_free (text, FALSE);
  if (!is_empty)
    return found;
  g_free (found);
  return umz_explain_all ();
}

/* Those that were not given yet. */
static char *
explain_operands (const UmzCursorPlace *place)
{
  GString *text = g_string_new (NULL);
  for (size_t i = 0; i < place->n_specs; i++) {
    if ((place->given >> i & 1) != 0)
      continue;
    g_autofree char *operand = umz_describe_operand (&place->specs[i]);
    g_string_append (text, operand);
  }
  bool is_empty = text->len == 0;
  char *found = g_string_free (text, FALSE);
  if (!is_empty)
    return found;
  g_free (found);
  return umz_describe_command (place->command);
}

static char *
explain_operand (const UmzCursorPlace *place)
{
  UmzKeywordPath path;
  if (place->typed[0] != '\0' &&
      umz_sdf_find_keyword (place->specs, place->n_specs, place->typed, &path) == 1)
    return umz_describe_operand (path.spec);
  bool is_begin = place->typed[0] == '\0' && place->is_first &&
                  place->specs == place->command->operands;
  if (is_begin)
    return umz_describe_command (place->command);
  return place->operand != NULL ? umz_describe_operand (place->operand)
                                : explain_operands (place);
}

static char *
explain_argument (const UmzCursorPlace *place)
{
  if (place->word->argument == UMZ_ARGUMENT_COMMAND)
    return explain_name (place->typed);
  return g_strdup_printf ("%s: %s\n", place->word->name, place->word->summary);
}

char *
umz_explain (const char *before_cursor)
{
  UmzCursorPlace place;
  umz_place_find (before_cursor, &place);
  if (place.is_quoted)
    return NULL;
  switch (place.kind) {
  case UMZ_PLACE_COMMAND: return explain_name (place.typed);
  case UMZ_PLACE_ARGUMENT: return explain_argument (&place);
  case UMZ_PLACE_OPERAND: return explain_operand (&place);
  case UMZ_PLACE_TEXT: return NULL;
  case UMZ_PLACE_VALUE:
  case UMZ_PLACE_NOWHERE: break;
  }
  if (place.kind == UMZ_PLACE_VALUE && place.operand != NULL)
    return umz_describe_operand (place.operand);
  return place.command != NULL ? umz_describe_command (place.command) : umz_explain_all ();
}

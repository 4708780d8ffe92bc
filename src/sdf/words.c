/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sdf/words.h"

#include "messages/catalogue.h"
#include "sdf/echo.h"
#include "sdf/keyword.h"
#include "sdf/parse.h"
#include "sdf/value.h"

#include <string.h>

static bool
is_option (const char *word)
{
  return g_str_has_prefix (word, "--") && g_ascii_isalpha (word[2]);
}

bool
umz_words_are_for_shell (const char *const *words)
{
  bool has_sdf = false;
  if (words[0][0] == '/' || strpbrk (words[0], " ,=(") != NULL)
    return false;
  for (const char *const *word = words + 1; *word != NULL; word++) {
    if (is_option (*word))
      return true;
    has_sdf |= strpbrk (*word, ",=(") != NULL;
  }
  return words[1] != NULL && !has_sdf;
}

static bool
has_c_string (const UmzOperandSpec *spec)
{
  for (size_t i = 0; i < spec->n_alternatives; i++)
    if (spec->alternatives[i].kind == UMZ_OPERAND_C_STRING)
      return true;
  return false;
}

/* A constant has its star: the password "no" is not *NONE. */
static bool
fits_without_quotes (const UmzOperandSpec *spec, const char *value)
{
  UmzOperand operand = { 0 };
  UmzFit fit = umz_value_fit (spec, value, UMZ_QUOTES_NONE, &operand);
  g_free (operand.text);
  return fit == UMZ_FIT_ONE && (operand.kind != UMZ_OPERAND_CONSTANT || value[0] == '*');
}

/* Written in SDF's own way: quoted, a list or a structure. */
static bool
is_written_as_sdf (const char *value)
{
  const char *rest = value[0] != '\0' && value[1] == '\'' && strchr ("cCxX", value[0]) != NULL
                       ? value + 1
                       : value;
  return *rest == '\'' || *rest == '(' || *rest == '*';
}

static void
append_value (GString *text, const UmzOperandSpec *spec, const char *value)
{
  if (spec == NULL || !has_c_string (spec) || is_written_as_sdf (value) ||
      fits_without_quotes (spec, value))
    g_string_append (text, value);
  else
    umz_sdf_append_quoted (text, value);
}

static bool
append_option (GString *text, const UmzCommandSpec *command, const char *const **word,
               GError **error)
{
  UmzKeywordPath path;
  const char *option = **word + 2, *equals = strchr (option, '=');
  g_autofree char *name =
    equals != NULL ? g_strndup (option, (size_t) (equals - option)) : g_strdup (option);
  const char *value = equals != NULL ? equals + 1 : *++*word;
  if (value == NULL) {
    umz_set_error (error, UMZ_MSG_UMZ0022, name, NULL);
    return false;
  }
  bool is_known = command != NULL && umz_sdf_find_keyword (command->operands, command->n_operands,
                                                           name, &path) == 1;
  g_string_append_printf (text, "%s=", name);
  append_value (text, is_known ? path.spec : NULL, value);
  return true;
}

char *
umz_words_dup_sdf (const char *const *words, GError **error)
{
  g_autoptr (GString) text = g_string_new (words[0]);
  const UmzCommandSpec *command = umz_sdf_find_command (words[0]);
  char before = ' ';
  size_t position = 0;
  for (const char *const *word = words + 1; *word != NULL; word++, before = ',') {
    g_string_append_c (text, before);
    if (!is_option (*word)) {
      bool is_known = command != NULL && position < command->n_operands;
      append_value (text, is_known ? &command->operands[position++] : NULL, *word);
    }
    else if (!append_option (text, command, &word, error))
      return NULL;
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

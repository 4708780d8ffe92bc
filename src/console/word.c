/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "console/word.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#include "messages/catalogue.h"
#include "sdf/words.h"

/* clang-format off */
static const UmzWord words[] = {
  { UMZ_WORD_END,      "END",      UMZ_ARGUMENT_NONE,     "Leave the console." },
  { UMZ_WORD_EXIT,     "EXIT",     UMZ_ARGUMENT_NONE,     "Leave the console." },
  { UMZ_WORD_GUEST,    "GUEST",    UMZ_ARGUMENT_VM,       "View the console of a VM's guest." },
  { UMZ_WORD_HELP,     "HELP",     UMZ_ARGUMENT_COMMAND,  "Explain a command, or list them." },
  { UMZ_WORD_LANGUAGE, "LANGUAGE", UMZ_ARGUMENT_LANGUAGE, "D or E from now on." },
};
/* clang-format on */

const UmzWord *
umz_word_get_all (size_t *ret_n_words)
{
  *ret_n_words = G_N_ELEMENTS (words);
  return words;
}

const UmzWord *
umz_word_find (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (name, words[i].name) == 0)
      return &words[i];
  return NULL;
}

/* HELP VMS2437 is an abbreviated command. */
static bool
takes (const UmzWord *word, const char *argument)
{
  UmzLang language;
  switch (word->argument) {
  case UMZ_ARGUMENT_NONE: return argument[0] == '\0';
  case UMZ_ARGUMENT_COMMAND: return argument[0] == '\0' || umz_sdf_find_command (argument) != NULL;
  case UMZ_ARGUMENT_LANGUAGE: return umz_lang_parse (argument, &language);
  case UMZ_ARGUMENT_VM: return argument[0] != '\0';
  }
  g_assert_not_reached ();
}

const UmzWord *
umz_word_parse (const char *line, char **ret_argument)
{
  line += strspn (line, " \t");
  line += *line == '/';
  size_t length = strcspn (line, " \t");
  g_autofree char *name = g_strndup (line, length);
  g_autofree char *argument = g_strstrip (g_strdup (line + length));
  const UmzWord *word = umz_word_find (name);
  if (word == NULL || !takes (word, argument))
    return NULL;
  *ret_argument = g_steal_pointer (&argument);
  return word;
}

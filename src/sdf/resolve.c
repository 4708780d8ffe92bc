/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sdf/resolve.h"

#include "messages/catalogue.h"

/* Names of commands that the word abbreviates, of all without a word: "A, B". */
static char *
dup_names (const char *word)
{
  size_t n;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n);
  GString *names = g_string_new (NULL);
  for (size_t i = 0; i < n; i++)
    if (word == NULL || umz_sdf_match_name (word, commands[i].name) != UMZ_MATCH_NONE)
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", commands[i].name);
  return g_string_free (names, FALSE);
}

/* Those that begin with the same letter as an unknown word; all if there are none. */
static char *
dup_similar_names (const char *word)
{
  const char letter[] = { word[0], '\0' };
  g_autofree char *names = dup_names (letter);
  return names[0] != '\0' ? g_steal_pointer (&names) : dup_names (NULL);
}

const UmzCommandSpec *
umz_sdf_resolve_command (const UmzSource *source, const UmzToken *word, GError **error)
{
  const UmzCommandSpec *command = umz_sdf_find_command (word->text);
  if (command != NULL)
    return command;
  g_autofree char *candidates = dup_names (word->text);
  if (candidates[0] != '\0') {
    umz_source_set_ambiguous (source, word->offset, word->length_bytes, candidates, error);
    return NULL;
  }
  g_autofree char *similar = dup_similar_names (word->text);
  g_autofree char *read = umz_source_dup_excerpt (source, word->offset, word->length_bytes);
  umz_set_error (error, UMZ_MSG_UMZ0002, read, similar, NULL);
  return NULL;
}

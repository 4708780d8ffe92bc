/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "console/complete.h"

#include <string.h>

#include "describe/shell.h"
#include "sdf/echo.h"
#include "sdf/parse.h"

bool
umz_complete_fits (const char *word, const char *name)
{
  for (;;) {
    size_t word_length = strcspn (word, "-");
    size_t name_length = strcspn (name, "-");
    if (word_length > name_length || g_ascii_strncasecmp (word, name, word_length) != 0)
      return false;
    word += word_length;
    name += name_length;
    if (*word == '\0')
      return true;
    if (*name == '\0')
      return false;
    word++;
    name++;
  }
}

static void
add (UmzCompletion *completion, const char *name, const char *end)
{
  g_ptr_array_add (completion->candidates, g_strconcat (name, end, NULL));
}

/* ---- commands and words ---- */

static void
add_commands (UmzCompletion *completion, const char *typed, bool with_end)
{
  size_t n_commands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  for (size_t i = 0; i < n_commands; i++)
    if (umz_complete_fits (typed, commands[i].name))
      add (completion, commands[i].name, with_end && commands[i].n_operands > 0 ? " " : "");
}

static void
add_words (UmzCompletion *completion, const char *typed)
{
  size_t n_words;
  const UmzWord *words = umz_word_get_all (&n_words);
  for (size_t i = 0; i < n_words; i++)
    if (umz_complete_fits (typed, words[i].name))
      add (completion, words[i].name, words[i].argument != UMZ_ARGUMENT_NONE ? " " : "");
}

static void
complete_argument (UmzCompletion *completion, const UmzCursorPlace *place)
{
  switch (place->word->argument) {
  case UMZ_ARGUMENT_NONE: break;
  case UMZ_ARGUMENT_COMMAND: add_commands (completion, place->typed, false); break;
  case UMZ_ARGUMENT_LANGUAGE:
    if (place->typed[0] == '\0') {
      add (completion, "D", "");
      add (completion, "E", "");
    }
    break;
  case UMZ_ARGUMENT_VM:
    completion->names = UMZ_NAMES_VM;
    completion->may_be_bare = true;
    break;
  }
}

/* ---- operands ---- */

/* Whether one of them fits. */
static bool
add_operands (UmzCompletion *completion, const UmzCursorPlace *place)
{
  guint n_before = completion->candidates->len;
  for (size_t i = 0; i < place->n_specs; i++)
    if ((place->given >> i & 1) == 0 && umz_complete_fits (place->typed, place->specs[i].name))
      add (completion, place->specs[i].name, "=");
  return completion->candidates->len > n_before;
}

/* Those of structures, which may be given without them. */
static void
add_members (UmzCompletion *completion, const char *typed, const UmzOperandSpec *specs,
             size_t n_specs)
{
  for (size_t i = 0; i < n_specs; i++)
    for (size_t k = 0; specs[i].list_max == 0 && k < specs[i].n_alternatives; k++) {
      const UmzAlternative *alternative = &specs[i].alternatives[k];
      for (size_t m = 0; m < alternative->n_members; m++)
        if (umz_complete_fits (typed, alternative->members[m].name))
          add (completion, alternative->members[m].name, "=");
      add_members (completion, typed, alternative->members, alternative->n_members);
    }
}

static void
add_constants (UmzCompletion *completion, const UmzOperandSpec *spec, const char *typed)
{
  typed += *typed == '*';
  for (size_t i = 0; i < spec->n_alternatives; i++) {
    const UmzAlternative *alternative = &spec->alternatives[i];
    if (alternative->constant != NULL && umz_complete_fits (typed, alternative->constant + 1))
      add (completion, alternative->constant, alternative->n_members > 0 ? "(" : "");
  }
}

static bool
takes (const UmzOperandSpec *spec, UmzOperandKind kind)
{
  for (size_t i = 0; i < spec->n_alternatives; i++)
    if (spec->alternatives[i].kind == kind)
      return true;
  return false;
}

static UmzNames
get_names (const UmzOperandSpec *spec)
{
  if (strcmp (umz_shell_get_value (spec), "VM") == 0)
    return UMZ_NAMES_VM;
  if (takes (spec, UMZ_OPERAND_FILENAME))
    return UMZ_NAMES_JV;
  return takes (spec, UMZ_OPERAND_COMPOSED_NAME) ? UMZ_NAMES_SU : UMZ_NAMES_NONE;
}

static void
complete_value (UmzCompletion *completion, const UmzCursorPlace *place)
{
  completion->names = get_names (place->operand);
  completion->may_be_bare = !place->is_quoted;
  completion->may_be_quoted = takes (place->operand, UMZ_OPERAND_C_STRING);
  if (!place->is_quoted)
    add_constants (completion, place->operand, place->typed);
}

static void
complete_operand (UmzCompletion *completion, const UmzCursorPlace *place)
{
  if (!add_operands (completion, place) && place->typed[0] != '\0')
    add_members (completion, place->typed, place->specs, place->n_specs);
  if (place->operand != NULL)
    complete_value (completion, place);
}

UmzCompletion *
umz_complete (const char *before_cursor)
{
  UmzCursorPlace place;
  UmzCompletion *completion = g_new0 (UmzCompletion, 1);
  umz_place_find (before_cursor, &place);
  completion->typed = g_strconcat (place.is_quoted ? "'" : "", place.typed, NULL);
  completion->candidates = g_ptr_array_new_with_free_func (g_free);
  switch (place.kind) {
  case UMZ_PLACE_COMMAND:
    add_commands (completion, place.typed, true);
    add_words (completion, place.typed);
    break;
  case UMZ_PLACE_ARGUMENT: complete_argument (completion, &place); break;
  case UMZ_PLACE_OPERAND: complete_operand (completion, &place); break;
  case UMZ_PLACE_VALUE:
    if (place.operand != NULL)
      complete_value (completion, &place);
    break;
  case UMZ_PLACE_TEXT:
  case UMZ_PLACE_NOWHERE: break;
  }
  return completion;
}

void
umz_completion_free (UmzCompletion *completion)
{
  if (completion == NULL)
    return;
  g_free (completion->typed);
  g_ptr_array_unref (completion->candidates);
  g_free (completion);
}

/* ---- names ---- */

/* Of the signs that every kind of name may have; a name that begins with a digit is an index. */
static bool
is_bare (const char *name, UmzNames names)
{
  const char *signs = names == UMZ_NAMES_VM ? "$#@" : "$#@.-:";
  if (names == UMZ_NAMES_VM && g_ascii_isdigit (name[0]))
    return false;
  for (const char *p = name; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr (signs, *p) == NULL)
      return false;
  return name[0] != '\0';
}

static void
add_name (UmzCompletion *completion, const char *name)
{
  bool is_quoted = completion->typed[0] == '\'';
  const char *typed = completion->typed + is_quoted;
  if (g_ascii_strncasecmp (typed, name, strlen (typed)) != 0)
    return;
  if (completion->may_be_bare && is_bare (name, completion->names))
    add (completion, name, "");
  else if (completion->may_be_quoted) {
    g_autoptr (GString) quoted = g_string_new (NULL);
    umz_sdf_append_quoted (quoted, name);
    add (completion, quoted->str, "");
  }
}

void
umz_completion_add_names (UmzCompletion *completion, const char *const *names)
{
  for (const char *const *name = names; *name != NULL; name++)
    add_name (completion, *name);
}

/* ---- what to do with them ---- */

char *
umz_completion_dup_common (const UmzCompletion *completion)
{
  if (completion->candidates->len == 0)
    return NULL;
  const char *first = completion->candidates->pdata[0];
  size_t length = strlen (first);
  for (guint i = 1; i < completion->candidates->len; i++) {
    const char *other = completion->candidates->pdata[i];
    size_t n_same = 0;
    while (n_same < length && first[n_same] == other[n_same])
      n_same++;
    length = n_same;
  }
  while (length > 0 && ((uint8_t) first[length] & 0xc0) == 0x80)
    length--; /* no half of a character */
  g_autofree char *common = g_strndup (first, length);
  bool is_new = length >= strlen (completion->typed) && strcmp (common, completion->typed) != 0;
  return is_new ? g_steal_pointer (&common) : NULL;
}

char *
umz_completion_dup_list (const UmzCompletion *completion, size_t n_columns)
{
  size_t width = 0;
  guint n = MIN (completion->candidates->len, UMZ_COMPLETION_LISTED_MAX);
  for (guint i = 0; i < n; i++)
    width = MAX (width, (size_t) g_utf8_strlen (completion->candidates->pdata[i], -1) + 2);
  size_t n_in_row = MAX (n_columns / MAX (width, 1), 1);
  GString *list = g_string_new (NULL);
  for (guint i = 0; i < n; i++) {
    const char *text = completion->candidates->pdata[i];
    bool ends_row = (i + 1) % n_in_row == 0 || i + 1 == n;
    int pad = ends_row ? 0 : (int) (width - (size_t) g_utf8_strlen (text, -1));
    g_string_append_printf (list, "%s%*s%s", text, pad, "", ends_row ? "\n" : "");
  }
  if (n < completion->candidates->len)
    g_string_append (list, "...\n");
  return g_string_free (list, FALSE);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "describe/test-table.h"

#include <string.h>
#include <unistd.h>

static void
add_operand (GArray *operands, const UmzCommandSpec *command, const UmzOperandSpec *spec,
             bool is_member)
{
  UmzTestOperand operand = { command, spec, is_member };
  g_array_append_val (operands, operand);
  for (size_t a = 0; a < spec->n_alternatives; a++)
    for (size_t m = 0; m < spec->alternatives[a].n_members; m++)
      add_operand (operands, command, &spec->alternatives[a].members[m], true);
}

GArray *
umz_test_list_operands (void)
{
  size_t n_commands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  GArray *operands = g_array_new (FALSE, FALSE, sizeof (UmzTestOperand));
  for (size_t c = 0; c < n_commands; c++)
    for (size_t i = 0; i < commands[c].n_operands; i++)
      add_operand (operands, &commands[c], &commands[c].operands[i], false);
  return operands;
}

static unsigned
count_operands (const UmzCommandSpec *command, const char *name)
{
  unsigned n = 0;
  g_autoptr (GArray) operands = umz_test_list_operands ();
  for (guint i = 0; i < operands->len; i++) {
    const UmzTestOperand *operand = &g_array_index (operands, UmzTestOperand, i);
    n += operand->command == command && g_ascii_strcasecmp (operand->spec->name, name) == 0;
  }
  return n;
}

bool
umz_test_has_operand (const UmzCommandSpec *command, const char *name)
{
  return count_operands (command, name) > 0;
}

bool
umz_test_is_ambiguous (const UmzCommandSpec *command, const char *name)
{
  return count_operands (command, name) > 1;
}

bool
umz_test_has_constant (const UmzCommandSpec *command, const char *constant)
{
  g_autoptr (GArray) operands = umz_test_list_operands ();
  for (guint i = 0; i < operands->len; i++) {
    const UmzTestOperand *operand = &g_array_index (operands, UmzTestOperand, i);
    for (size_t a = 0; a < operand->spec->n_alternatives; a++)
      if (operand->command == command &&
          g_strcmp0 (operand->spec->alternatives[a].constant, constant) == 0)
        return true;
  }
  return false;
}

char *
umz_test_dup_option (const UmzOperandSpec *spec)
{
  g_autofree char *lower = g_ascii_strdown (spec->name, -1);
  return g_strconcat ("--", lower, NULL);
}

/* ---- texts ---- */

static bool
is_of_word (char c)
{
  return g_ascii_isalnum (c) || c == '-' || c == '*';
}

bool
umz_test_has_word (const char *text, const char *word)
{
  for (const char *p = strstr (text, word); p != NULL; p = strstr (p + 1, word))
    if ((p == text || !is_of_word (p[-1])) && !is_of_word (p[strlen (word)]))
      return true;
  return false;
}

char *
umz_test_dup_section (const char *text, const char *begin, const char *end)
{
  const char *from = strstr (text, begin);
  g_test_message ("section '%s'", begin);
  g_assert_nonnull (from);
  from += strlen (begin);
  const char *to = strstr (from, end);
  g_assert_nonnull (to);
  return g_strndup (from, (gsize) (to - from));
}

GStrv
umz_test_dup_matches (const char *text, const char *expression)
{
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();
  g_autoptr (GRegex) regex = g_regex_new (expression, G_REGEX_MULTILINE, 0, NULL);
  g_assert_nonnull (regex);
  for (g_regex_match (regex, text, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL)) {
    g_autofree char *group = g_match_info_fetch (match, 1);
    g_strv_builder_add (found, group);
  }
  return g_strv_builder_end (found);
}

/* ---- programs ---- */

char *
umz_test_dup_output (const char *const *argv)
{
  char *output = NULL;
  int status;
  g_autofree char *errors = NULL;
  g_autoptr (GError) error = NULL;
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, &errors,
                &status, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (errors, ==, "");
  g_assert_true (g_spawn_check_wait_status (status, &error));
  return output;
}

char *
umz_test_write_file (const char *text)
{
  char *path = NULL;
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("umzug-XXXXXX", &path, &error);
  g_assert_no_error (error);
  close (fd);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return path;
}

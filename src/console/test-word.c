/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-word.c: the words of the console hide no command. */
#include "console/word.h"

#include <glib.h>

#include "sdf/spec.h"

static void
words_are_matched_only_in_full (void)
{
  static const struct {
    const char *line, *name, *argument; /* NULL: a command */
  } cases[] = {
    { "END", "END", "" },
    { " / exit ", NULL, NULL },
    { " /exit ", "EXIT", "" },
    { "EN", NULL, NULL },
    { "END NOW", NULL, NULL },
    { "HELP", "HELP", "" },
    { "help migrate-vm", "HELP", "migrate-vm" },
    { "HELP VMS2437", NULL, NULL },
    { "HELP-MSG VMS2437", NULL, NULL },
    { "LANGUAGE D", "LANGUAGE", "D" },
    { "language de", "LANGUAGE", "de" },
    { "LANGUAGE", NULL, NULL },
    { "LANGUAGE F", NULL, NULL },
    { "GUEST  VM 12", "GUEST", "VM 12" },
    { "GUEST", NULL, NULL },
    { "", NULL, NULL },
    { "MODIFY-JV A,'END'", NULL, NULL },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *argument = NULL;
    const UmzWord *word = umz_word_parse (cases[i].line, &argument);
    g_test_message ("%s", cases[i].line);
    g_assert_cmpstr (word != NULL ? word->name : NULL, ==, cases[i].name);
    g_assert_cmpstr (argument, ==, cases[i].argument);
  }
}

static void
no_word_is_a_command (void)
{
  size_t n_words, n_commands;
  const UmzWord *words = umz_word_get_all (&n_words);
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  for (size_t i = 0; i < n_words; i++)
    for (size_t k = 0; k < n_commands; k++)
      g_assert_cmpint (umz_sdf_match_name (words[i].name, commands[k].name), !=, UMZ_MATCH_EXACT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/word/words-are-matched-only-in-full", words_are_matched_only_in_full);
  g_test_add_func ("/word/no-word-is-a-command", no_word_is_a_command);
  return g_test_run ();
}

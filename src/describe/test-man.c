/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-man.c: the made pages have all of the tables and nothing else, and the page that was
 * written by hand names the same options.  The argument is umzug.1.
 */
#include "describe/man.h"

#include <string.h>

#include "describe/shell.h"
#include "describe/test-table.h"
#include "messages/catalogue.h"

static const char *umzug_page_path;

/* The page as text: what roff would turn into characters. */
static char *
dup_plain (const char *page)
{
  GString *plain = g_string_new (page);
  g_string_replace (plain, "\\-", "-", 0);
  g_string_replace (plain, "\\ ", " ", 0);
  g_string_replace (plain, "\\%", "", 0);
  g_string_replace (plain, "\\&", "", 0);
  g_string_replace (plain, "\\(aq", "'", 0);
  g_string_replace (plain, "\\(dq", "\"", 0);
  g_string_replace (plain, "\\(ga", "`", 0);
  g_string_replace (plain, "\\(ha", "^", 0);
  g_string_replace (plain, "\\(ti", "~", 0);
  g_string_replace (plain, "\\e", "\\", 0);
  return g_string_free (plain, FALSE);
}

static char *
dup_commands (void)
{
  g_autofree char *page = umz_describe_man_commands ();
  g_autofree char *plain = dup_plain (page);
  return umz_test_dup_section (plain, "\n.SH COMMANDS", "\n.SH SEE ALSO");
}

/* ---- commands ---- */

/* From the heading of the command to its line for the shell. */
static char *
dup_command (const char *page, const UmzCommandSpec *command)
{
  g_autofree char *begin = g_strdup_printf ("\n.SS %s\n", command->name);
  return umz_test_dup_section (page, begin, "\nIn the shell:\n");
}

static void
every_operand_and_constant_is_in_the_page (void)
{
  g_autofree char *page = dup_commands ();
  g_autoptr (GArray) operands = umz_test_list_operands ();
  for (guint i = 0; i < operands->len; i++) {
    const UmzTestOperand *operand = &g_array_index (operands, UmzTestOperand, i);
    const UmzOperandSpec *spec = operand->spec;
    g_autofree char *section = dup_command (page, operand->command);
    g_autofree char *form = umz_test_dup_section (section, "\n.EX\n", ".EE\n");
    g_autofree char *entry = g_strdup_printf ("\n.TP\n.B %s\n%s", spec->name, spec->summary);
    g_test_message ("%s %s", operand->command->name, spec->name);
    g_assert_true (g_str_has_prefix (section, operand->command->summary));
    g_assert_true (umz_test_has_word (form, spec->name));
    g_assert_nonnull (strstr (section, entry));
    for (size_t a = 0; a < spec->n_alternatives; a++)
      if (spec->alternatives[a].constant != NULL)
        g_assert_true (umz_test_has_word (form, spec->alternatives[a].constant));
  }
}

static void
nothing_is_in_the_page_that_the_table_has_not (void)
{
  size_t n_commands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  g_autofree char *page = dup_commands ();
  g_auto (GStrv) sections = umz_test_dup_matches (page, "^\\.SS (.+)$");
  g_assert_cmpuint (g_strv_length (sections), ==, n_commands);
  for (size_t i = 0; i < n_commands; i++) {
    g_autofree char *section = dup_command (page, &commands[i]);
    g_auto (GStrv) names = umz_test_dup_matches (section, "^\\.B (.+)$");
    g_auto (GStrv) constants = umz_test_dup_matches (section, "(\\*[A-Z][A-Z0-9-]*)");
    g_test_message ("%s", section);
    for (char **name = names; *name != NULL; name++)
      g_assert_true (umz_test_has_operand (&commands[i], *name));
    for (char **constant = constants; *constant != NULL; constant++)
      g_assert_true (umz_test_has_constant (&commands[i], *constant));
  }
}

static void
return_codes_are_messages (void)
{
  g_autofree char *page = umz_describe_man_commands ();
  g_autofree char *codes = umz_test_dup_section (page, "\n.SH RETURN CODES", "\n.SH COMMANDS");
  g_auto (GStrv) found = umz_test_dup_matches (codes, "\\b([A-Z]{3}[0-9]{4})\\b");
  g_assert_cmpuint (g_strv_length (found), >, 0);
  for (char **code = found; *code != NULL; code++) {
    UmzMessageId id;
    g_test_message ("%s", *code);
    g_assert_true (umz_message_lookup (*code, &id));
  }
}

/* ---- messages ---- */

static void
assert_has_language (const char *section, UmzMessageId id, UmzLang language)
{
  const char *response = umz_message_response (id, language);
  g_auto (GStrv) meaning = g_strsplit (umz_message_meaning (id, language), "\n", -1);
  g_autofree char *text = g_strdup_printf (".B %s\n", umz_message_text (id, language));
  g_assert_nonnull (strstr (section, text));
  for (char **line = meaning; *line != NULL; line++)
    g_assert_nonnull (strstr (section, *line));
  if (*response != '\0') {
    g_autofree char *marked = g_strconcat ("\n! ", response, NULL);
    char *end = strchr (marked + 1, '\n');
    if (end != NULL)
      *end = '\0';
    g_assert_nonnull (strstr (section, marked));
  }
}

static void
every_message_is_told_in_both_languages (void)
{
  g_autofree char *page = umz_describe_man_messages ();
  g_autofree char *plain = dup_plain (page);
  g_autofree char *messages = umz_test_dup_section (plain, "\n.SH MESSAGES", "\n.SH SEE ALSO");
  g_auto (GStrv) sections = g_strsplit (messages, "\n.SS ", -1);
  g_assert_cmpuint (g_strv_length (sections), ==, umz_message_count () + 1);
  for (size_t i = 0; i < umz_message_count (); i++) {
    UmzMessageId id = (UmzMessageId) i;
    g_test_message ("%s: %s", umz_message_code (id), sections[i + 1]);
    g_assert_true (g_str_has_prefix (sections[i + 1], umz_message_code (id)));
    assert_has_language (sections[i + 1], id, UMZ_LANG_EN);
    assert_has_language (sections[i + 1], id, UMZ_LANG_DE);
  }
}

/* No line begins like a macro by accident, and no quote is lost in the argument of one. */
static void
texts_cannot_become_macros (void)
{
  g_autofree char *commands = umz_describe_man_commands ();
  g_autofree char *messages = umz_describe_man_messages ();
  const char *const pages[] = { commands, messages };
  for (size_t i = 0; i < G_N_ELEMENTS (pages); i++) {
    g_autofree char *page = g_strdup (strstr (pages[i], "\n.SH NAME"));
    g_auto (GStrv) macros = umz_test_dup_matches (page, "^([.'][^ \n]*)");
    static const char *const known[] = { ".SH", ".SS", ".PP", ".TP", ".B", ".BR", ".RS",
                                         ".RE", ".EX", ".EE", ".br", NULL };
    g_assert_null (strchr (page, '"'));
    for (char **macro = macros; *macro != NULL; macro++) {
      g_test_message ("%s", *macro);
      g_assert_true (g_strv_contains (known, *macro));
    }
  }
}

/* ---- umzug(1) ---- */

static char *
dup_umzug_page (void)
{
  char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_file_get_contents (umzug_page_path, &text, NULL, &error);
  g_assert_no_error (error);
  g_autofree char *page = text;
  return dup_plain (page);
}

static void
assert_has_options (const char *page, const UmzShellOption *options, size_t n_options)
{
  for (size_t i = 0; i < n_options; i++) {
    g_test_message ("%s", options[i].name);
    g_assert_true (umz_test_has_word (page, options[i].name));
    if (options[i].short_name != NULL)
      g_assert_true (umz_test_has_word (page, options[i].short_name));
  }
}

static void
umzug_1_has_every_option_and_subcommand (void)
{
  size_t n_options, n_subcommands;
  const UmzShellOption *options = umz_shell_get_options (&n_options);
  const UmzSubcommand *subcommands = umz_shell_get_subcommands (&n_subcommands);
  g_autofree char *page = dup_umzug_page ();
  assert_has_options (page, options, n_options);
  for (size_t i = 0; i < n_subcommands; i++) {
    g_autofree char *heading = g_strdup_printf ("umzug %s", subcommands[i].name);
    g_auto (GStrv) words =
      g_strsplit (subcommands[i].words != NULL ? subcommands[i].words : "", " ", -1);
    g_test_message ("%s", heading);
    g_assert_true (umz_test_has_word (page, heading));
    assert_has_options (page, subcommands[i].options, subcommands[i].n_options);
    for (char **word = words; *word != NULL; word++)
      g_assert_true (umz_test_has_word (page, *word));
  }
}

static bool
is_option (const UmzShellOption *options, size_t n_options, const char *name)
{
  for (size_t i = 0; i < n_options; i++)
    if (strcmp (options[i].name + strlen ("--"), name) == 0)
      return true;
  return false;
}

static bool
is_known (const char *name)
{
  size_t n_options, n_subcommands, n_commands;
  const UmzShellOption *options = umz_shell_get_options (&n_options);
  const UmzSubcommand *subcommands = umz_shell_get_subcommands (&n_subcommands);
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  if (is_option (options, n_options, name))
    return true;
  for (size_t i = 0; i < n_subcommands; i++)
    if (is_option (subcommands[i].options, subcommands[i].n_options, name))
      return true;
  for (size_t i = 0; i < n_commands; i++)
    if (umz_test_has_operand (&commands[i], name))
      return true;
  return false;
}

/* Options are set in bold. */
static void
umzug_1_has_no_option_that_umzug_has_not (void)
{
  g_autofree char *page = dup_umzug_page ();
  g_auto (GStrv) names = umz_test_dup_matches (page, "^\\.R?B.*?--([a-z][a-z0-9-]*)");
  g_assert_cmpuint (g_strv_length (names), >, 0);
  for (char **name = names; *name != NULL; name++) {
    g_test_message ("--%s", *name);
    g_assert_true (is_known (*name));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  umzug_page_path = argv[1];
  g_test_add_func ("/man/every-operand-and-constant-is-in-the-page",
                   every_operand_and_constant_is_in_the_page);
  g_test_add_func ("/man/nothing-is-in-the-page-that-the-table-has-not",
                   nothing_is_in_the_page_that_the_table_has_not);
  g_test_add_func ("/man/return-codes-are-messages", return_codes_are_messages);
  g_test_add_func ("/man/every-message-is-told-in-both-languages",
                   every_message_is_told_in_both_languages);
  g_test_add_func ("/man/texts-cannot-become-macros", texts_cannot_become_macros);
  g_test_add_func ("/man/umzug.1-has-every-option-and-subcommand",
                   umzug_1_has_every_option_and_subcommand);
  g_test_add_func ("/man/umzug.1-has-no-option-that-umzug-has-not",
                   umzug_1_has_no_option_that_umzug_has_not);
  return g_test_run ();
}

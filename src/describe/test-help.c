/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-help.c: the help says what the table says, no more and no less. */
#include "describe/help.h"

#include <string.h>

#include "describe/fill.h"
#include "describe/form.h"
#include "describe/shell.h"
#include "describe/test-table.h"

#define COLUMNS_MAX 80

/* ---- both ways between the table and the help ---- */

/* The text with a blank for each gap, also between lines. */
static char *
dup_unfilled (const char *text)
{
  g_autoptr (GRegex) gap = g_regex_new ("\\s+", 0, 0, NULL);
  return g_strstrip (g_regex_replace_literal (gap, text, -1, 0, " ", 0, NULL));
}

static void
every_command_is_in_the_overview (void)
{
  size_t n_commands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  g_autofree char *overview = umz_describe_overview ();
  g_autofree char *found = dup_unfilled (overview);
  g_autoptr (GString) expected = g_string_new (NULL);
  for (size_t i = 0; i < n_commands; i++)
    g_string_append_printf (expected, "%s%s %s", i > 0 ? " " : "", commands[i].name,
                            commands[i].summary);
  g_assert_cmpstr (found, ==, expected->str);
}

/* "NAME   = values", at the beginning of a line or behind the signs of a form. */
static bool
has_form_of (const char *form, const UmzOperandSpec *spec)
{
  g_autofree char *expression = g_strdup_printf ("^[ |,]*%s += ", spec->name);
  return g_regex_match_simple (expression, form, G_REGEX_MULTILINE, 0);
}

static void
every_operand_and_constant_is_in_the_help (void)
{
  g_autoptr (GArray) operands = umz_test_list_operands ();
  for (guint i = 0; i < operands->len; i++) {
    const UmzTestOperand *operand = &g_array_index (operands, UmzTestOperand, i);
    const UmzOperandSpec *spec = operand->spec;
    g_autofree char *help = umz_describe_command (operand->command);
    g_autofree char *form = umz_test_dup_section (help, "\n\n", "\nOperands:\n");
    g_autofree char *list = umz_test_dup_section (help, "\nOperands:\n", "\nIn the shell:\n");
    g_test_message ("%s %s", operand->command->name, spec->name);
    g_assert_true (g_str_has_prefix (help, operand->command->summary));
    g_assert_true (g_str_has_prefix (form, operand->command->name));
    g_assert_true (has_form_of (form, spec));
    g_assert_true (umz_test_has_word (list, spec->name));
    for (size_t a = 0; a < spec->n_alternatives; a++)
      if (spec->alternatives[a].constant != NULL)
        g_assert_true (umz_test_has_word (form, spec->alternatives[a].constant));
  }
}

static void
nothing_is_in_the_help_that_the_table_has_not (void)
{
  size_t n_commands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  for (size_t i = 0; i < n_commands; i++) {
    g_autofree char *help = umz_describe_command (&commands[i]);
    g_auto (GStrv) names = umz_test_dup_matches (help, "^[ |,]*([A-Z0-9-]+) += ");
    g_auto (GStrv) listed = umz_test_dup_matches (help, "^ +([A-Z][A-Z0-9-]+)  ");
    g_auto (GStrv) options = umz_test_dup_matches (help, "--([a-z0-9-]+)");
    g_auto (GStrv) constants = umz_test_dup_matches (help, "(\\*[A-Z][A-Z0-9-]*)");
    g_test_message ("%s", help);
    for (char **name = names; *name != NULL; name++)
      g_assert_true (umz_test_has_operand (&commands[i], *name));
    for (char **name = listed; *name != NULL; name++)
      g_assert_true (umz_test_has_operand (&commands[i], *name));
    for (char **name = options; *name != NULL; name++)
      g_assert_true (umz_test_has_operand (&commands[i], *name));
    for (char **constant = constants; *constant != NULL; constant++)
      g_assert_true (umz_test_has_constant (&commands[i], *constant));
  }
}

static void
a_meaning_ends_with_the_default (void)
{
  g_autoptr (GArray) operands = umz_test_list_operands ();
  for (guint i = 0; i < operands->len; i++) {
    const UmzOperandSpec *spec = g_array_index (operands, UmzTestOperand, i).spec;
    g_autofree char *meaning = umz_describe_meaning (spec);
    g_autofree char *end = spec->default_value != NULL
                             ? g_strdup_printf (" Default %s.", spec->default_value)
                             : g_strdup (" Mandatory.");
    g_test_message ("%s", spec->name);
    g_assert_true (g_str_has_prefix (meaning, spec->summary));
    g_assert_true (g_str_has_suffix (meaning, end));
  }
}

static void
an_operand_is_explained_in_a_few_lines (void)
{
  g_autoptr (GArray) operands = umz_test_list_operands ();
  for (guint i = 0; i < operands->len; i++) {
    const UmzOperandSpec *spec = g_array_index (operands, UmzTestOperand, i).spec;
    g_autofree char *help = umz_describe_operand (spec);
    g_test_message ("%s", help);
    g_assert_true (has_form_of (help, spec));
    for (size_t a = 0; a < spec->n_alternatives; a++)
      if (spec->alternatives[a].constant != NULL)
        g_assert_true (umz_test_has_word (help, spec->alternatives[a].constant));
  }
}

static void
assert_fits (const char *help)
{
  g_auto (GStrv) lines = g_strsplit (help, "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    g_test_message ("%s", *line);
    g_assert_cmpuint (strlen (*line), <=, COLUMNS_MAX);
  }
}

static void
help_fits_80_columns (void)
{
  size_t n_commands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  g_autofree char *overview = umz_describe_overview ();
  assert_fits (overview);
  for (size_t i = 0; i < n_commands; i++) {
    g_autofree char *help = umz_describe_command (&commands[i]);
    assert_fits (help);
  }
}

/* ---- forms and spellings, word by word ---- */

#define ONE_OF(...)                                        \
  .alternatives = (const UmzAlternative[]){ __VA_ARGS__ }, \
  .n_alternatives = sizeof ((const UmzAlternative[]){ __VA_ARGS__ }) / sizeof (UmzAlternative)

#define A_NAME                   \
  {                              \
    UMZ_OPERAND_NAME, NULL, 1, 8 \
  }

static const UmzOperandSpec range[] = {
  { "FROM", ONE_OF (A_NAME), .summary = "The first." },
  { "LAST-ONE", ONE_OF (A_NAME), .summary = "The last." },
};

static const UmzOperandSpec no_range[] = {
  { "FROM", "*ANY", ONE_OF ({ UMZ_OPERAND_CONSTANT, "*ANY" }), .summary = "The first." },
};

static const UmzOperandSpec units[] = {
  { "VM-NAME", ONE_OF (A_NAME), .summary = "The VM." },
  { "UNITS", "*ALL",
    ONE_OF ({ UMZ_OPERAND_CONSTANT, "*ALL" },
            { UMZ_OPERAND_CONSTANT, "*RANGE", .members = range, .n_members = 2 },
            { UMZ_OPERAND_CONSTANT, "*BUT-NOT-THE-RANGE", .members = no_range, .n_members = 1,
              .may_be_omitted = true },
            { UMZ_OPERAND_FILENAME, NULL, 1, 54 }),
    .summary = "The devices." },
  { "FORCE", ONE_OF ({ UMZ_OPERAND_CONSTANT, "*NO" }), .summary = "Against its will." },
};

static const UmzCommandSpec take_units = { "TAKE-UNITS", units, 3, "Take devices." };
static const UmzCommandSpec rest = { "REST", NULL, 0, "Do nothing." };

static void
a_form_is_written_as_in_the_manual (void)
{
  g_autofree char *form = umz_describe_form (&take_units);
  g_assert_cmpstr (form, ==,
                   "TAKE-UNITS\n"
                   "  VM-NAME = <name 1..8>\n"
                   " ,UNITS   = *ALL / *RANGE(...) / *BUT-NOT-THE-RANGE(...) / <filename 1..54>\n"
                   "     *RANGE(...)\n"
                   "        |  FROM     = <name 1..8>\n"
                   "        | ,LAST-ONE = <name 1..8>\n"
                   "     [*BUT-NOT-THE-RANGE](...)\n"
                   "        |  FROM = *ANY\n"
                   " ,FORCE   = *NO\n");
}

static void
a_command_without_operands_has_help_too (void)
{
  g_autofree char *help = umz_describe_command (&rest);
  g_assert_cmpstr (help, ==, "Do nothing.\n\nREST\n\nIn the shell:\n  umzug rest\n");
}

/* FROM is ambiguous; FORCE is mandatory, but an operand that may be left out stands before it. */
static void
the_shell_takes_words_first_and_unique_members (void)
{
  g_auto (GStrv) usage = umz_shell_dup_usage (&take_units);
  g_autofree char *line = g_strjoinv (" ", usage);
  g_assert_cmpstr (line, ==,
                   "umzug take-units VM-NAME [--units VALUE] [--last-one VALUE] --force VALUE");
}

static void
a_full_line_goes_on_below (void)
{
  char *items[] = { "12345678901234567890123456789012345678901234567890123456789012345678901234",
                    "78", "80", "no room", NULL };
  g_autoptr (GString) text = g_string_new ("above\n");
  umz_describe_fill (text, items, " ", "+ ");
  g_assert_cmpstr (
    text->str, ==,
    "above\n12345678901234567890123456789012345678901234567890123456789012345678901234 78 80\n"
    "+ no room");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/help/every-command-is-in-the-overview", every_command_is_in_the_overview);
  g_test_add_func ("/help/every-operand-and-constant-is-in-the-help",
                   every_operand_and_constant_is_in_the_help);
  g_test_add_func ("/help/nothing-is-in-the-help-that-the-table-has-not",
                   nothing_is_in_the_help_that_the_table_has_not);
  g_test_add_func ("/help/a-meaning-ends-with-the-default", a_meaning_ends_with_the_default);
  g_test_add_func ("/help/an-operand-is-explained-in-a-few-lines",
                   an_operand_is_explained_in_a_few_lines);
  g_test_add_func ("/help/help-fits-80-columns", help_fits_80_columns);
  g_test_add_func ("/help/a-form-is-written-as-in-the-manual", a_form_is_written_as_in_the_manual);
  g_test_add_func ("/help/a-command-without-operands-has-help-too",
                   a_command_without_operands_has_help_too);
  g_test_add_func ("/help/the-shell-takes-words-first-and-unique-members",
                   the_shell_takes_words_first_and_unique_members);
  g_test_add_func ("/help/a-full-line-goes-on-below", a_full_line_goes_on_below);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-zsh.c: the script has all of the table and nothing else, and zsh takes it. */
#include "describe/zsh.h"

#include <glib/gstdio.h>
#include <string.h>

#include "describe/shell.h"
#include "describe/test-table.h"

/* ---- both ways between the table and the script ---- */

static char *
dup_branch (const char *script, const UmzCommandSpec *command)
{
  g_autofree char *name = g_ascii_strdown (command->name, -1);
  g_autofree char *begin = g_strdup_printf ("\n  (%s)\n", name);
  return umz_test_dup_section (script, begin, ";;\n");
}

static char *
dup_common (const char *script)
{
  return umz_test_dup_section (script, "local -a common=(\n", "\n  )\n");
}

/* The line "'--option=[...]:NAME:...'" or "'POSITION:NAME:...'". */
static char *
dup_line (const char *branch, const char *begin)
{
  g_autofree char *from = g_strdup_printf ("    '%s", begin);
  return umz_test_dup_section (branch, from, "'\n");
}

static void
assert_has_constants (const char *line, const UmzOperandSpec *spec)
{
  for (size_t a = 0; a < spec->n_alternatives; a++) {
    if (spec->alternatives[a].constant == NULL)
      continue;
    g_autofree char *escaped = g_strconcat ("\\", spec->alternatives[a].constant, NULL);
    g_test_message ("%s in %s", escaped, line);
    g_assert_true (umz_test_has_word (line, escaped));
  }
}

static void
every_operand_and_constant_is_in_the_script (void)
{
  g_autofree char *script = umz_describe_zsh ();
  g_autofree char *common = dup_common (script);
  g_autoptr (GArray) operands = umz_test_list_operands ();
  for (guint i = 0; i < operands->len; i++) {
    const UmzTestOperand *operand = &g_array_index (operands, UmzTestOperand, i);
    g_autofree char *branch = dup_branch (script, operand->command);
    g_autofree char *option = umz_test_dup_option (operand->spec);
    if (umz_test_has_word (common, option) ||
        (operand->is_member && umz_test_is_ambiguous (operand->command, operand->spec->name)))
      continue;
    g_autofree char *begin = g_strconcat (option, "=[", NULL);
    g_autofree char *line = dup_line (branch, begin);
    assert_has_constants (line, operand->spec);
  }
}

static void
every_position_has_its_constants (void)
{
  size_t n_commands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  g_autofree char *script = umz_describe_zsh ();
  g_autofree char *summaries = umz_test_dup_section (script, "local -a commands=(\n", "\n  )\n");
  for (size_t c = 0; c < n_commands; c++) {
    g_autofree char *name = g_ascii_strdown (commands[c].name, -1);
    g_autofree char *branch = dup_branch (script, &commands[c]);
    g_assert_true (umz_test_has_word (summaries, name));
    for (size_t i = 0; i < commands[c].n_operands; i++) {
      const UmzOperandSpec *spec = &commands[c].operands[i];
      g_autofree char *begin = g_strdup_printf (
        "%zu%s%s:", i + 1, spec->default_value != NULL ? "::" : ":", spec->name);
      g_autofree char *line = dup_line (branch, begin);
      assert_has_constants (line, spec);
    }
  }
}

static void
nothing_is_in_the_script_that_the_table_has_not (void)
{
  size_t n_commands, n_subcommands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  (void) umz_shell_get_subcommands (&n_subcommands); /* their number */
  g_autofree char *script = umz_describe_zsh ();
  g_auto (GStrv) branches = umz_test_dup_matches (script, "^  \\(([a-z-]+)\\)$");
  for (size_t c = 0; c < n_commands; c++) {
    g_autofree char *branch = dup_branch (script, &commands[c]);
    g_auto (GStrv) options = umz_test_dup_matches (branch, "^ *'--([a-z0-9-]+)=");
    g_auto (GStrv) names = umz_test_dup_matches (branch, "^ *'[0-9]+:+([A-Z0-9-]+):");
    g_auto (GStrv) constants = umz_test_dup_matches (branch, "\\\\(\\*[A-Z][A-Z0-9-]*)");
    g_test_message ("%s", branch);
    g_assert_cmpuint (g_strv_length (names), ==, commands[c].n_operands);
    for (char **option = options; *option != NULL; option++)
      g_assert_true (umz_test_has_operand (&commands[c], *option));
    for (char **name = names; *name != NULL; name++)
      g_assert_true (umz_test_has_operand (&commands[c], *name));
    for (char **constant = constants; *constant != NULL; constant++)
      g_assert_true (umz_test_has_constant (&commands[c], *constant));
  }
  g_assert_cmpuint (g_strv_length (branches), ==, n_commands + n_subcommands);
}

/* ---- zsh itself ---- */

/* What zsh prints when it runs the text with the script as $1; NULL: there is no zsh. */
static char *
dup_answer (const char *option, const char *text)
{
  g_autofree char *zsh = g_find_program_in_path ("zsh");
  if (zsh == NULL) {
    g_test_skip ("zsh is not installed (Debian package zsh)");
    return NULL;
  }
  g_autofree char *script = umz_describe_zsh ();
  g_autofree char *path = umz_test_write_file (script);
  const char *const argv[] = { zsh, "-f", option, text != NULL ? text : path, "zsh", path, NULL };
  char *output = umz_test_dup_output (argv);
  (void) g_unlink (path); /* a file of the test */
  return output;
}

static void
zsh_can_read_it (void)
{
  g_autofree char *answer = dup_answer ("-n", NULL);
  g_assert_true (answer == NULL || *answer == '\0');
}

/* The functions of zsh's completion, replaced by some that tell what they were called with. */
#define OBSERVED                                                                       \
  "_arguments () { [[ $1 == -C ]] && state=rest || print -rl -- \"$@\"; return 0; }\n" \
  "compadd () { print -r -- \"$@\"; }\n"

static void
an_abbreviated_command_has_its_operands (void)
{
  g_autofree char *answer = dup_answer ("-c", OBSERVED "words=(Che-VM); source $1");
  if (answer == NULL)
    return;
  g_assert_nonnull (strstr (answer, "\n--server-unit-name=["));
  g_assert_nonnull (strstr (answer, "1:VM-IDENTIFICATION:_umzug_vms\n"));
  g_assert_nonnull (strstr (answer, "2::SERVER-UNIT-NAME:(\\*UNIQUE)\n"));
  g_assert_null (strstr (answer, "--monjv"));
}

static void
vms_are_found_behind_the_constants (void)
{
  g_autofree char *answer = dup_answer (
    "-c", OBSERVED "umzug () { [[ $* == show-vm-attributes ]] || return 1\n"
                   "  print -l '% VM-ID' '%  2 VM02TEST  X' '%  - OSD11TST  X' }\n"
                   "words=(nothing); source $1; _umzug_vms '*ALL'");
  g_assert_true (answer == NULL || strcmp (answer, "*ALL VM02TEST OSD11TST\n") == 0);
}

static void
without_umzugd_it_is_silent (void)
{
  g_autofree char *answer =
    dup_answer ("-c", OBSERVED "umzug () { print '% UMZ0001' >&2; return 3 }\n"
                               "words=(nothing); source $1; _umzug_vms '*ALL'");
  g_assert_true (answer == NULL || strcmp (answer, "*ALL\n") == 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/zsh/every-operand-and-constant-is-in-the-script",
                   every_operand_and_constant_is_in_the_script);
  g_test_add_func ("/zsh/every-position-has-its-constants", every_position_has_its_constants);
  g_test_add_func ("/zsh/nothing-is-in-the-script-that-the-table-has-not",
                   nothing_is_in_the_script_that_the_table_has_not);
  g_test_add_func ("/zsh/zsh-can-read-it", zsh_can_read_it);
  g_test_add_func ("/zsh/an-abbreviated-command-has-its-operands",
                   an_abbreviated_command_has_its_operands);
  g_test_add_func ("/zsh/vms-are-found-behind-the-constants", vms_are_found_behind_the_constants);
  g_test_add_func ("/zsh/without-umzugd-it-is-silent", without_umzugd_it_is_silent);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-bash.c: the script has all of the table and nothing else, and bash completes with it. */
#include "describe/bash.h"

#include <glib/gstdio.h>
#include <string.h>

#include "describe/shell.h"
#include "describe/test-table.h"

/* ---- both ways between the table and the script ---- */

/* The script knows it as an option of umzug already. */
static bool
is_option_of_umzug (const char *script, const char *option)
{
  g_autofree char *common = umz_test_dup_section (script, "  esac\n  echo '", "'\n");
  return umz_test_has_word (common, option);
}

static char *
dup_command (const UmzCommandSpec *command)
{
  return g_ascii_strdown (command->name, -1);
}

static void
assert_has_constants (const char *script, const char *command, const char *place,
                      const UmzOperandSpec *spec)
{
  for (size_t a = 0; a < spec->n_alternatives; a++) {
    const char *constant = spec->alternatives[a].constant;
    if (constant == NULL)
      continue;
    g_autofree char *begin = g_strdup_printf ("\n  %s:%s)", command, place);
    g_autofree char *values = umz_test_dup_section (script, begin, "\n");
    g_test_message ("%s:%s %s", command, place, constant);
    g_assert_true (umz_test_has_word (values, constant));
  }
}

static void
every_operand_and_constant_is_in_the_script (void)
{
  g_autofree char *script = umz_describe_bash ();
  g_autoptr (GArray) operands = umz_test_list_operands ();
  for (guint i = 0; i < operands->len; i++) {
    const UmzTestOperand *operand = &g_array_index (operands, UmzTestOperand, i);
    g_autofree char *command = dup_command (operand->command);
    g_autofree char *begin = g_strdup_printf ("\n  %s) echo '", command);
    g_autofree char *options = umz_test_dup_section (script, begin, "'");
    g_autofree char *option = umz_test_dup_option (operand->spec);
    if (is_option_of_umzug (script, option) ||
        (operand->is_member && umz_test_is_ambiguous (operand->command, operand->spec->name)))
      continue;
    g_test_message ("%s %s", command, option);
    g_assert_true (umz_test_has_word (options, option));
    assert_has_constants (script, command, option, operand->spec);
  }
}

static void
every_position_has_its_constants (void)
{
  size_t n_commands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  g_autofree char *script = umz_describe_bash ();
  g_autofree char *first_words = umz_test_dup_section (script, "\n_umzug_commands='", "'");
  for (size_t c = 0; c < n_commands; c++) {
    g_autofree char *command = dup_command (&commands[c]);
    g_assert_true (umz_test_has_word (first_words, command));
    for (size_t i = 0; i < commands[c].n_operands; i++) {
      g_autofree char *position = g_strdup_printf ("%zu", i + 1);
      assert_has_constants (script, command, position, &commands[c].operands[i]);
    }
  }
}

static const UmzCommandSpec *
find_command (const char *name)
{
  size_t n_commands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  for (size_t i = 0; i < n_commands; i++)
    if (g_ascii_strcasecmp (commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}

static bool
is_subcommand (const char *name)
{
  size_t n_subcommands;
  const UmzSubcommand *subcommands = umz_shell_get_subcommands (&n_subcommands);
  for (size_t i = 0; i < n_subcommands; i++)
    if (strcmp (subcommands[i].name, name) == 0)
      return true;
  return false;
}

/* The lines of one command have the form "  migrate-vm) ..." or "  migrate-vm:PLACE) ...". */
static void
assert_line_is_known (const char *line)
{
  g_auto (GStrv) first_word = umz_test_dup_matches (line, "^  ([a-z-]+)[):]");
  g_auto (GStrv) options = umz_test_dup_matches (line, "--([a-z0-9-]+)");
  g_auto (GStrv) constants = umz_test_dup_matches (line, "(\\*[A-Z][A-Z0-9-]*)");
  if (first_word[0] == NULL || is_subcommand (first_word[0]))
    return;
  const UmzCommandSpec *command = find_command (first_word[0]);
  g_test_message ("%s", line);
  g_assert_nonnull (command);
  for (char **option = options; *option != NULL; option++)
    g_assert_true (umz_test_has_operand (command, *option));
  for (char **constant = constants; *constant != NULL; constant++)
    g_assert_true (umz_test_has_constant (command, *constant));
}

static void
nothing_is_in_the_script_that_the_table_has_not (void)
{
  g_autofree char *script = umz_describe_bash ();
  g_auto (GStrv) lines = g_strsplit (script, "\n", -1);
  g_autofree char *words = umz_test_dup_section (script, "\n_umzug_commands='", "'");
  g_auto (GStrv) first_words = g_strsplit (words, " ", -1);
  for (char **word = first_words; *word != NULL; word++)
    g_assert_true (find_command (*word) != NULL || is_subcommand (*word));
  for (char **line = lines; *line != NULL; line++)
    assert_line_is_known (*line);
}

/* ---- bash itself ---- */

/* Prints the replies to the words of a command line, the last of which is being typed. */
#define COMPLETE                                 \
  "source \"$1\"; shift\n"                       \
  "COMP_WORDS=(\"$@\") COMP_CWORD=$(($# - 1))\n" \
  "COMP_LINE=\"$*\" COMP_POINT=${#COMP_LINE}\n"  \
  "_umzug\n"                                     \
  "(IFS=,; printf '%s' \"${COMPREPLY[*]}\")\n"

/* An SU with two VMs, whose definitions are not for this user; and none at all. */
#define SOME_VMS                                                                   \
  "umzug () {\n"                                                                   \
  "  [[ $* == show-vm-attributes ]] || return 1\n"                                 \
  "  printf '%s\\n' '%               CPU-POOL(P)' '% VM-ID  VM-GROUP(G)'\n"        \
  "  printf '%s\\n' '%  2 VM02TEST   *STDPOOL(P)' '% 12 VM12PROD   *STDPOOL(P)'\n" \
  "  printf '%s\\n' '%  - OSD11TST   *STDPOOL(P)'\n"                               \
  "}\n"
#define NO_UMZUGD "umzug () { echo '% UMZ0001' >&2; return 3; }\n"

static void
assert_completes (const char *umzug, const char *line, const char *replies)
{
  g_autofree char *script = umz_describe_bash ();
  g_autofree char *path = umz_test_write_file (script);
  g_autofree char *program = g_strconcat (umzug, COMPLETE, NULL);
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  const char *const start[] = { "bash", "--norc", "-c", program, "bash", path };
  for (size_t i = 0; i < G_N_ELEMENTS (start); i++)
    g_ptr_array_add (argv, (void *) start[i]);
  for (char **word = words; *word != NULL; word++)
    g_ptr_array_add (argv, *word);
  g_ptr_array_add (argv, NULL);
  g_test_message ("%s", line);
  g_autofree char *output = umz_test_dup_output ((const char *const *) argv->pdata);
  g_assert_cmpstr (output, ==, replies);
  (void) g_unlink (path); /* a file of the test */
}

static void
bash_completes_what_was_begun (void)
{
  static const struct {
    const char *line; /* a blank ends a word, as readline sees them */
    const char *replies;
  } cases[] = {
    { "umzug check-vm-m", "check-vm-migration" },
    { "umzug CHECK-VM-M", "check-vm-migration" },
    { "umzug complet", "completion" },
    { "umzug nothing-like-it --", "" },
    { "umzug migrate-vm --ser", "--server-unit-name" },
    { "umzug CHE-V --SER", "--server-unit-name" },
    { "umzug c-v-m --ser", "" }, /* cancel or check */
    { "umzug --wait migrate-vm --mon", "--monjv" },
    { "umzug --language de migrate-vm --mon", "--monjv" },
    { "umzug -L de migrate-vm --mon", "--monjv" },
    { "umzug migrate-vm --js", "--json" },
    { "umzug show-jv --pos", "--position" },
    /* values */
    { "umzug migrate-vm --server-unit-name ", "\\*UNIQUE" },
    { "umzug migrate-vm --ser ", "\\*UNIQUE" },
    { "umzug migrate-vm --server-unit-name =", "\\*UNIQUE" },
    { "umzug migrate-vm --server-unit-name = ", "\\*UNIQUE" },
    { "umzug migrate-vm --server-unit-name = \\*UN", "\\*UNIQUE" },
    { "umzug migrate-vm --server-unit-name \\*un", "\\*UNIQUE" },
    { "umzug migrate-vm --server-unit-name '*UN", "*UNIQUE" },
    { "umzug migrate-vm --server-unit-name OTHER", "" },
    { "umzug migrate-vm VM12PROD ", "\\*UNIQUE" },
    { "umzug migrate-vm --monjv = J VM12PROD ", "\\*UNIQUE" },
    { "umzug show-jv --length ", "\\*REST-LENGTH" },
    { "umzug start-vm --hold ", "\\*NO,\\*YES" },
    /* VMs */
    { "umzug migrate-vm ", "VM02TEST,VM12PROD,OSD11TST" },
    { "umzug migrate-vm vm1", "VM12PROD" },
    { "umzug hold-vm --vm-id ", "\\*ALL,VM02TEST,VM12PROD,OSD11TST" },
    { "umzug console --guest VM0", "VM02TEST" },
    /* umzug's own */
    { "umzug --lang", "--language" },
    { "umzug --language ", "en,de" },
    { "umzug hold-vm -L d", "de" },
    { "umzug log --fo", "--follow" },
    { "umzug pki ", "init,issue" },
    { "umzug completion ", "bash,zsh" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_completes (SOME_VMS, cases[i].line, cases[i].replies);
}

static void
without_umzugd_it_is_silent (void)
{
  assert_completes (NO_UMZUGD, "umzug migrate-vm ", "");
  assert_completes (NO_UMZUGD, "umzug hold-vm ", "\\*ALL");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bash/every-operand-and-constant-is-in-the-script",
                   every_operand_and_constant_is_in_the_script);
  g_test_add_func ("/bash/every-position-has-its-constants", every_position_has_its_constants);
  g_test_add_func ("/bash/nothing-is-in-the-script-that-the-table-has-not",
                   nothing_is_in_the_script_that_the_table_has_not);
  g_test_add_func ("/bash/bash-completes-what-was-begun", bash_completes_what_was_begun);
  g_test_add_func ("/bash/without-umzugd-it-is-silent", without_umzugd_it_is_silent);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-complete.c: what may stand where the cursor is. */
#include "console/complete.h"

#include <string.h>

static const char *const vms[] = { "VM12PROD", "VM13TEST", "web-1", "o'neill", "12", NULL };
static const char *const sus[] = { "ABGSE501", "ABGSE701", NULL };
static const char *const jvs[] = { "MONJV.A", "$TSOS.JV", NULL };

static void
add_names (UmzCompletion *completion)
{
  switch (completion->names) {
  case UMZ_NAMES_NONE: break;
  case UMZ_NAMES_VM: umz_completion_add_names (completion, vms); break;
  case UMZ_NAMES_SU: umz_completion_add_names (completion, sus); break;
  case UMZ_NAMES_JV: umz_completion_add_names (completion, jvs); break;
  }
}

static char *
dup_candidates (const UmzCompletion *completion)
{
  g_ptr_array_add (completion->candidates, NULL);
  return g_strjoinv ("|", (char **) completion->candidates->pdata);
}

/* clang-format off */
#define TERMS "MAX-SUSPENSION=|MAX-TIME=|ENGINE=|NON-CONVERGENCE="

static const struct {
  const char *before;     /* the cursor */
  const char *candidates; /* joined by '|' */
} cases[] = {
  /* commands and words */
  { "MIG", "MIGRATE-VM |MIGRATE-VM-DEFINITION " },
  { "/mig", "MIGRATE-VM |MIGRATE-VM-DEFINITION " },
  { "  / migrate-vm-", "MIGRATE-VM-DEFINITION " },
  { "MIGRATE-VM", "MIGRATE-VM |MIGRATE-VM-DEFINITION " },
  { "S-VM-DEV", "SHOW-VM-DEVICE-STATUS |SWITCH-VM-DEVICES " },
  { "SHOW-VM-D", "SHOW-VM-DEFINITION |SHOW-VM-DEVICE-STATUS " },
  { "SHOW-S", "SHOW-SU-CLUSTER" },
  { "HELP", "HELP-MSG-INFORMATION |HELP " },
  { "E", "END|EXIT" },
  { "FLY", "" },
  { "HELP RESUME", "RESUME-VM" },
  { "HELP-M", "HELP-MSG-INFORMATION " },
  { "GUEST VM", "VM12PROD|VM13TEST" },
  { "LANGUAGE ", "D|E" },
  { "END ", "" },
  { "FLY-VM ", "" },

  /* names of operands, and values by position */
  { "MIGRATE-VM S", "SERVER-UNIT-NAME=" },
  { "MIGRATE-VM serv-u", "SERVER-UNIT-NAME=" },
  { "MIGRATE-VM VM-", "VM-IDENTIFICATION=" },
  { "MIGRATE-VM VM1", "VM12PROD|VM13TEST" },
  { "MIGRATE-VM ", "VM-IDENTIFICATION=|SERVER-UNIT-NAME=|MONJV=|JV-PASSWORD=|" TERMS "|"
                   "VM12PROD|VM13TEST|'web-1'|'o''neill'|'12'" },
  { "MIGRATE-VM 12,", "SERVER-UNIT-NAME=|MONJV=|JV-PASSWORD=|" TERMS "|*UNIQUE|ABGSE501|ABGSE701" },
  { "MIGRATE-VM 12 , A", "ABGSE501|ABGSE701" },
  { "MIGRATE-VM 12,,", "SERVER-UNIT-NAME=|MONJV=|JV-PASSWORD=|" TERMS "|*NONE|MONJV.A|$TSOS.JV" },
  { "MIGRATE-VM 12,,,,", "SERVER-UNIT-NAME=|MONJV=|JV-PASSWORD=|" TERMS "|*STD" },
  { "MIGRATE-VM 12,,,,,,,,", "SERVER-UNIT-NAME=|MONJV=|JV-PASSWORD=|" TERMS },
  { "MIGRATE-VM VM-ID=12,", "SERVER-UNIT-NAME=|MONJV=|JV-PASSWORD=|" TERMS },
  { "MIGRATE-VM MONJV=A,VM-ID=12,", "SERVER-UNIT-NAME=|JV-PASSWORD=|" TERMS },
  { "MIGRATE-VM MONJV=A,VM-ID=12,VM", "" },
  { "MIGRATE-VM 12 ", "" },
  { "MIGRATE-VM 12 S", "" },
  { "SHOW-SU-CLUSTER ", "" },

  /* values */
  { "MIGRATE-VM VM-ID=vm12", "VM12PROD" },
  { "MIGRATE-VM VM-ID =vm12", "VM12PROD" },
  { "MIGRATE-VM VM-ID= vm12", "VM12PROD" },
  { "MIGRATE-VM 12,SERVER=", "*UNIQUE|ABGSE501|ABGSE701" },
  { "MIGRATE-VM 12,SERVER=*", "*UNIQUE" },
  { "MIGRATE-VM 12,SERVER=UN", "*UNIQUE" },
  { "MIGRATE-VM 12,MONJV=mon", "MONJV.A" },
  { "MIGRATE-VM 12,MONJV=$", "$TSOS.JV" },
  { "MIGRATE-VM COLOUR=", "" },
  { "MIGRATE-VM 12,JV-P=", "*NONE" },
  { "SHOW-VM-ATTRIBUTES INF=", "*STD|*CPU|*UNITS|*MEMORY|*MONJV|*ALL" },
  { "SHOW-VM-ATTRIBUTES *M", "*MEMORY|*MONJV" },

  /* quotes */
  { "MIGRATE-VM 'web", "'web-1'" },
  { "MIGRATE-VM '", "'VM12PROD'|'VM13TEST'|'web-1'|'o''neill'|'12'" },
  { "MIGRATE-VM VM-ID=C'vm13", "'VM13TEST'" },
  { "MIGRATE-VM WE", "'web-1'" },
  { "MIGRATE-VM 'a,b'", "" },
  { "MIGRATE-VM 'a,b''=',S", "SERVER-UNIT-NAME=" },
  { "MIGRATE-VM 12,SERVER-UNIT-NAME='", "" },
  { "MIGRATE-VM \"a, b=", "" },
  { "MIGRATE-VM \"the guest, of \" VM12", "VM12PROD" },
  { "MIGRATE-VM 12 \"the guest\",S", "SERVER-UNIT-NAME=" },

  /* structures and lists */
  { "SHOW-VM-DEVICE-STATUS *D", "*DEVICE-RANGE(" },
  { "SHOW-VM-DEVICE-STATUS *DEV(", "FROM=|TO=" },
  { "SHOW-VM-DEVICE-STATUS *DEV(FAA4,", "TO=" },
  { "SHOW-VM-DEVICE-STATUS (CS,*D", "*DEVICE-RANGE(" },
  { "SHOW-VM-DEVICE-STATUS (CS,*DEV(FAA4,FAA5),*", "*ALL|*DEVICE-RANGE(" },
  { "SHOW-VM-DEVICE-STATUS (CS,FAA4),SEL", "SELECT=" },
  { "SHOW-VM-DEVICE-STATUS (CS,FAA4) ", "" },
  { "SHOW-VM-DEVICE-STATUS <A:B,C>,SEL", "SELECT=" },
  { "SHOW-VM-DEVICE-STATUS SELECT=(ST", "STATE=" },
  { "SHOW-VM-DEVICE-STATUS SELECT=*PAR(STATE=*A", "*ANY|*ASSIGNED(" },
  { "SHOW-VM-DEVICE-STATUS SELECT=(*AS(VM-ID=VM13", "VM13TEST" },
  { "SHOW-VM-DEVICE-STATUS SELECT=(*AS(*SHARED,", "VM-IDENTIFICATION=|*ANY|VM12PROD|VM13TEST|"
                                                 "'web-1'|'o''neill'|'12'" },
  { "SHOW-VM-DEVICE-STATUS SELECT=(*AS(*SHARED)),U", "UNITS=" },
  { "SHOW-VM-DEVICE-STATUS USAGE=*S", "*SHARED" },
  { "SHOW-VM-DEVICE-STATUS US", "USAGE=" },
  { "SHOW-VM-DEVICE-STATUS )", "" },
  { "SHOW-VM-DEVICE-STATUS ((", "" },
  { "MIGRATE-VM (", "" },
  { "CREATE-JV A,*PAR(", "WRITE-PASSWORD=|*NONE" },
  { "SHOW-JV *SUB(MON", "MONJV.A" },

  /* conditions */
  { "WAIT-EVENT COND", "CONDITION=" },
  { "WAIT-EVENT CONDITION=(A,1,2)='x", "" },
  { "WAIT-EVENT CONDITION=(A,1,2)='$T' OR (B)='x, y',TIME", "TIME-LIMIT=" },
  { "WAIT-EVENT *JV((A,1)='x',T", "TIME-LIMIT=" },
  { "WAIT-EVENT ((A,1)='x',*", "*UNLIMITED" },
};
/* clang-format on */

static void
candidates_come_from_the_table (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (UmzCompletion) completion = umz_complete (cases[i].before);
    add_names (completion);
    g_autofree char *candidates = dup_candidates (completion);
    g_test_message ("%s", cases[i].before);
    g_assert_cmpstr (candidates, ==, cases[i].candidates);
  }
}

/* Each beginning of each line is understood as well as it can be, with the table's depths. */
static void
every_beginning_can_be_completed (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    for (size_t n = 0; n <= strlen (cases[i].before); n++) {
      g_autofree char *before = g_strndup (cases[i].before, n);
      g_autoptr (UmzCompletion) completion = umz_complete (before);
      add_names (completion);
      g_autofree char *common = umz_completion_dup_common (completion);
      g_test_message ("%s", before);
      g_assert_cmpuint (strlen (completion->typed), <=, n);
      g_assert_true (common == NULL || g_utf8_validate (common, -1, NULL));
    }
}

static void
what_is_common_takes_the_place_of_the_word (void)
{
  static const struct {
    const char *before, *common;
  } rows[] = {
    { "mig", "MIGRATE-VM" },
    { "sh", "SH" },
    { "SH", NULL }, /* SHOW and SHUTDOWN */
    { "sho", "SHOW-" },
    { "SHOW-", NULL },
    { "show-", "SHOW-" },
    { "S-VM", NULL },
    { "MIGRATE-VM ser-u", "SERVER-UNIT-NAME=" },
    { "MIGRATE-VM VM1", NULL },
    { "MIGRATE-VM VM13", "VM13TEST" },
    { "MIGRATE-VM VM13TEST", NULL },
    { "MIGRATE-VM 'we", "'web-1'" },
    { "FLY", NULL },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (UmzCompletion) completion = umz_complete (rows[i].before);
    add_names (completion);
    g_autofree char *common = umz_completion_dup_common (completion);
    g_test_message ("%s", rows[i].before);
    g_assert_cmpstr (common, ==, rows[i].common);
  }
}

static void
no_character_is_cut (void)
{
  static const char *const names[] = { "x\303\244", "x\303\266", NULL };
  g_autoptr (UmzCompletion) completion = umz_complete ("MIGRATE-VM VM-ID='x");
  umz_completion_add_names (completion, names);
  g_autofree char *common = umz_completion_dup_common (completion);
  g_assert_cmpuint (completion->candidates->len, ==, 2);
  g_assert_null (common);
}

static void
a_list_has_columns (void)
{
  g_autoptr (UmzCompletion) completion = umz_complete ("SHOW-VM-ATTRIBUTES ");
  g_autofree char *wide = umz_completion_dup_list (completion, 80);
  g_autofree char *narrow = umz_completion_dup_list (completion, 40);
  g_autofree char *tiny = umz_completion_dup_list (completion, 5);
  g_assert_cmpstr (wide, ==,
                   "INFORMATION=        VM-IDENTIFICATION=  *STD                *CPU\n"
                   "*UNITS              *MEMORY             *MONJV              *ALL\n");
  g_assert_cmpstr (narrow, ==,
                   "INFORMATION=        VM-IDENTIFICATION=\n"
                   "*STD                *CPU\n"
                   "*UNITS              *MEMORY\n"
                   "*MONJV              *ALL\n");
  g_assert_cmpstr (tiny, ==,
                   "INFORMATION=\nVM-IDENTIFICATION=\n*STD\n*CPU\n*UNITS\n*MEMORY\n*MONJV\n"
                   "*ALL\n");
}

static void
a_list_is_bounded (void)
{
  g_autoptr (UmzCompletion) completion = umz_complete ("MIGRATE-VM VM-ID=A");
  for (unsigned i = 0; i < UMZ_COMPLETION_LISTED_MAX + 1; i++)
    g_ptr_array_add (completion->candidates, g_strdup ("A"));
  g_autofree char *list = umz_completion_dup_list (completion, 1);
  g_auto (GStrv) lines = g_strsplit (list, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, UMZ_COMPLETION_LISTED_MAX + 2);
  g_assert_cmpstr (lines[UMZ_COMPLETION_LISTED_MAX], ==, "...");
}

/* A candidate, put in the place of the word, is a name that the parser would find. */
static void
every_command_completes_to_itself (void)
{
  size_t n_commands;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n_commands);
  for (size_t i = 0; i < n_commands; i++) {
    g_autofree char *before = g_strdup_printf ("%s ", commands[i].name);
    g_autoptr (UmzCompletion) completion = umz_complete (before);
    g_test_message ("%s", before);
    g_assert_cmpuint (completion->candidates->len, >=, commands[i].n_operands);
    for (size_t k = 0; k < commands[i].n_operands; k++)
      g_assert_true (g_str_has_prefix (completion->candidates->pdata[k],
                                       commands[i].operands[k].name));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/complete/candidates-come-from-the-table", candidates_come_from_the_table);
  g_test_add_func ("/complete/every-beginning-can-be-completed", every_beginning_can_be_completed);
  g_test_add_func ("/complete/what-is-common-takes-the-place-of-the-word",
                   what_is_common_takes_the_place_of_the_word);
  g_test_add_func ("/complete/no-character-is-cut", no_character_is_cut);
  g_test_add_func ("/complete/a-list-has-columns", a_list_has_columns);
  g_test_add_func ("/complete/a-list-is-bounded", a_list_is_bounded);
  g_test_add_func ("/complete/every-command-completes-to-itself",
                   every_command_completes_to_itself);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-words.c: what a shell hands over, and the SDF that it means. */
#include "sdf/words.h"

#include "messages/catalogue.h"
#include "sdf/keyword.h"
#include "sdf/parse.h"
#include "sdf/echo.h"

#define WORDS(...)      \
  (const char *const[]) \
  {                     \
    __VA_ARGS__, NULL   \
  }

static const struct {
  const char *const *words;
  const char *sdf;
  const char *echo; /* what the parser makes of it */
} rows[] = {
  { WORDS ("migrate-vm", "--vm-id", "12", "--server-unit-name", "ABGSE701"),
    "migrate-vm vm-id=12,server-unit-name=ABGSE701",
    "MIGRATE-VM VM-IDENTIFICATION=12,SERVER-UNIT-NAME=ABGSE701" },
  { WORDS ("migrate-vm", "12", "ABGSE701", "--monjv=MONJV.A"),
    "migrate-vm 12,ABGSE701,monjv=MONJV.A",
    "MIGRATE-VM VM-IDENTIFICATION=12,SERVER-UNIT-NAME=ABGSE701,MONJV=MONJV.A" },
  { WORDS ("migrate-vm", "web server"), "migrate-vm 'web server'",
    "MIGRATE-VM VM-IDENTIFICATION='web server'" },
  { WORDS ("migrate-vm", "it's"), "migrate-vm 'it''s'", "MIGRATE-VM VM-IDENTIFICATION='it''s'" },
  { WORDS ("migrate-vm", "'web server'"), "migrate-vm 'web server'",
    "MIGRATE-VM VM-IDENTIFICATION='web server'" },
  { WORDS ("migrate-vm", "--vm-id", "web-1"), "migrate-vm vm-id='web-1'",
    "MIGRATE-VM VM-IDENTIFICATION='web-1'" },
  { WORDS ("show-vm-attributes", "--vm-id=vm*", "--inf", "units"),
    "show-vm-attributes vm-id=vm*,inf=units",
    "SHOW-VM-ATTRIBUTES INFORMATION=*UNITS,VM-IDENTIFICATION=VM*" },
  { WORDS ("modify-jv", "A", "--set-value", "hello world"),
    "modify-jv A,set-value='hello world'", "MODIFY-JV JV-CONTENTS=A,SET-VALUE='hello world'" },
  { WORDS ("modify-jv", "A", "--set-value", "x'4142'"), "modify-jv A,set-value=x'4142'",
    "MODIFY-JV JV-CONTENTS=A,SET-VALUE=X'4142'" },
  { WORDS ("modify-jv", "--jv-contents", "*SUBSTRING(A,1,3)", "--set-value", "abc"),
    "modify-jv jv-contents=*SUBSTRING(A,1,3),set-value='abc'",
    "MODIFY-JV JV-CONTENTS=*SUBSTRING(JV-NAME=A,POSITION=1,LENGTH=3),SET-VALUE='abc'" },
  { WORDS ("show-vm-device-status", "--units", "(FAA4,FA<A,B>5)"),
    "show-vm-device-status units=(FAA4,FA<A,B>5)",
    "SHOW-VM-DEVICE-STATUS UNITS=(FAA4,FA<A,B>5)" },
  { WORDS ("show-vm-device-status", "--usage", "shared"), "show-vm-device-status usage=shared",
    "SHOW-VM-DEVICE-STATUS SELECT=*PARAMETERS(STATE=*ASSIGNED(USAGE=*SHARED))" },
  { WORDS ("wait-event", "--condition", "(A,1,2)='$T' OR (A,1,2)='$A'", "--time-limit", "600"),
    "wait-event condition=(A,1,2)='$T' OR (A,1,2)='$A',time-limit=600",
    "WAIT-EVENT UNTIL=*JV(CONDITION=(A,1,2)='$T' OR (A,1,2)='$A',TIME-LIMIT=600)" },
  { WORDS ("start-vm", "--hold", "yes", "--vm-id", "VM12PROD"),
    "start-vm hold=yes,vm-id=VM12PROD", "START-VM VM-IDENTIFICATION=VM12PROD,HOLD=*YES" },
};

static void
a_shell_command_means_the_same_in_sdf (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (UmzCommand) command = NULL;
    g_test_message ("%s", rows[i].sdf);
    g_assert_true (umz_words_are_for_shell (rows[i].words));
    g_autofree char *sdf = umz_words_dup_sdf (rows[i].words, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (sdf, ==, rows[i].sdf);
    (void) umz_sdf_parse (sdf, &command, &error);
    g_assert_no_error (error);
    g_autofree char *echo = umz_command_dup_echo (command);
    g_assert_cmpstr (echo, ==, rows[i].echo);
  }
}

static void check_options (const UmzCommandSpec *command, const UmzOperandSpec *specs, size_t n);

/* A name that several structures have is no option; every other one is, and means this operand. */
static void
check_option (const UmzCommandSpec *command, const UmzOperandSpec *spec)
{
  UmzKeywordPath path;
  g_autofree char *option = g_ascii_strdown (spec->name, -1);
  size_t n_found =
    umz_sdf_find_keyword (command->operands, command->n_operands, option, &path);
  g_test_message ("%s --%s", command->name, option);
  g_assert_cmpuint (n_found, ==, 1);
  g_assert_cmpstr (path.spec->name, ==, spec->name);
  for (size_t i = 0; spec->list_max == 0 && i < spec->n_alternatives; i++)
    check_options (command, spec->alternatives[i].members, spec->alternatives[i].n_members);
}

static void
check_options (const UmzCommandSpec *command, const UmzOperandSpec *specs, size_t n)
{
  for (size_t i = 0; i < n; i++)
    check_option (command, &specs[i]);
}

static void
every_operand_of_every_command_is_an_option (void)
{
  size_t n;
  const UmzCommandSpec *commands = umz_sdf_get_commands (&n);
  for (size_t i = 0; i < n; i++) {
    g_autofree char *word = g_ascii_strdown (commands[i].name, -1);
    g_assert_true (umz_sdf_find_command (word) == &commands[i]);
    check_options (&commands[i], commands[i].operands, commands[i].n_operands);
  }
}

static void
sdf_stays_sdf (void)
{
  g_assert_false (umz_words_are_for_shell (WORDS ("/MIGRATE-VM", "VM-ID=12,", "MONJV=A")));
  g_assert_false (umz_words_are_for_shell (WORDS ("MIGRATE-VM", "VM-ID=12")));
  g_assert_false (umz_words_are_for_shell (WORDS ("MIGRATE-VM", "12,ABGSE701")));
  g_assert_false (umz_words_are_for_shell (WORDS ("MIGRATE-VM VM-ID=12")));
  g_assert_false (umz_words_are_for_shell (WORDS ("SHOW-VM-ATTRIBUTES")));
  g_assert_false (umz_words_are_for_shell (WORDS ("SHOW-JV", "*SUBSTRING(A,1)")));
}

static void
an_option_without_a_value_is_refused (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (umz_words_dup_sdf (WORDS ("migrate-vm", "12", "--monjv"), &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0022);
}

static void
a_secret_may_be_a_plain_word (void)
{
  g_autofree char *sdf =
    umz_words_dup_sdf (WORDS ("delete-jv", "A", "--jv-password", "abcd"), NULL);
  g_assert_cmpstr (sdf, ==, "delete-jv A,jv-password='abcd'");
  g_autofree char *no =
    umz_words_dup_sdf (WORDS ("create-jv", "A", "--write-password", "no"), NULL);
  g_assert_cmpstr (no, ==, "create-jv A,write-password='no'");
  g_autofree char *none = umz_words_dup_sdf (WORDS ("delete-jv", "A", "--jv-password=*NONE"), NULL);
  g_assert_cmpstr (none, ==, "delete-jv A,jv-password=*NONE");
}

static void
a_command_is_found_by_its_abbreviation (void)
{
  g_assert_cmpstr (umz_sdf_find_command ("migrate-vm")->name, ==, "MIGRATE-VM");
  g_assert_cmpstr (umz_sdf_find_command ("wait")->name, ==, "WAIT-EVENT");
  g_assert_null (umz_sdf_find_command ("show"));
  g_assert_null (umz_sdf_find_command ("fly"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/words/a-command-means-the-same-in-sdf", a_shell_command_means_the_same_in_sdf);
  g_test_add_func ("/words/every-operand-of-every-command-is-an-option",
                   every_operand_of_every_command_is_an_option);
  g_test_add_func ("/words/sdf-stays-sdf", sdf_stays_sdf);
  g_test_add_func ("/words/an-option-without-a-value-is-refused",
                   an_option_without_a_value_is_refused);
  g_test_add_func ("/words/a-secret-may-be-a-plain-word", a_secret_may_be_a_plain_word);
  g_test_add_func ("/words/a-command-is-found-by-its-abbreviation",
                   a_command_is_found_by_its_abbreviation);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-commands.c: what holds for every command, whatever it does: commands are made from the
 * table of the language, and given.
 */
#include "commands/test-desk.h"

#include <string.h>

#include "sdf/parse.h"
#include "store/console-log.h"

/* ---- commands made from the table ---- */

static void append_operands (GString *text, const UmzOperandSpec *specs, size_t n_specs);

/* A value that the alternative takes.  Numbers are 2 where they may be, for a VM of that index. */
static char *
dup_value (const UmzAlternative *alternative)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *letters = g_strnfill ((size_t) MAX (alternative->from, 1), 'A');
  switch (alternative->kind) {
  case UMZ_OPERAND_CONSTANT:
    g_string_append (text, alternative->constant);
    if (alternative->n_members > 0)
      append_operands (text, alternative->members, alternative->n_members);
    break;
  case UMZ_OPERAND_INTEGER:
    g_string_printf (text, "%" G_GINT64_FORMAT, CLAMP (2, alternative->from, alternative->to));
    break;
  case UMZ_OPERAND_C_STRING: g_string_printf (text, "'%s'", letters); break;
  case UMZ_OPERAND_X_STRING: g_string_printf (text, "X'%s'", letters); break;
  case UMZ_OPERAND_CONDITION: g_string_append (text, "((A,1,1)='A')"); break;
  case UMZ_OPERAND_NAME:
  case UMZ_OPERAND_ALPHANUM_NAME:
  case UMZ_OPERAND_COMPOSED_NAME:
  case UMZ_OPERAND_FILENAME:
  case UMZ_OPERAND_X_TEXT:
  case UMZ_OPERAND_CAT_ID: g_string_append (text, letters); break;
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* What has to be given, in its simplest form. */
static void
append_operands (GString *text, const UmzOperandSpec *specs, size_t n_specs)
{
  g_string_append_c (text, '(');
  for (size_t i = 0; i < n_specs; i++) {
    if (specs[i].default_value != NULL)
      continue;
    g_autofree char *value = dup_value (&specs[i].alternatives[0]);
    g_string_append_printf (text, "%s%s=%s", text->str[text->len - 1] == '(' ? "" : ",",
                            specs[i].name, value);
  }
  g_string_append_c (text, ')');
}

/* The command with this value of one operand (NULL: of none), and else with what it must have. */
static char *
dup_command (const UmzCommandSpec *spec, const UmzOperandSpec *operand, const char *value)
{
  g_autoptr (GString) text = g_string_new (spec->name);
  const char *separator = " ";
  for (size_t i = 0; i < spec->n_operands; i++) {
    const UmzOperandSpec *other = &spec->operands[i];
    g_autofree char *given = NULL;
    if (operand != NULL && other == operand)
      given = g_strdup (value);
    else if (other->default_value == NULL)
      given = dup_value (&other->alternatives[0]);
    if (given == NULL)
      continue;
    g_string_append_printf (text, "%s%s=%s", separator, other->name, given);
    separator = ",";
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
give_each_value (UmzApp *app, const UmzCommandSpec *spec, const UmzOperandSpec *operand)
{
  for (size_t i = 0; i < operand->n_alternatives; i++) {
    g_autofree char *value = dup_value (&operand->alternatives[i]);
    g_autofree char *command = dup_command (spec, operand, value);
    g_autoptr (UmzCommand) parsed = NULL;
    g_test_message ("/%s", command);
    g_assert_true (umz_sdf_parse (command, &parsed, NULL));
    umz_test_answer_free (umz_test_desk_give (app, command));
  }
}

static UmzTestSite *
make_site (void)
{
  UmzTestSite *site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  umz_test_unit_add (&site->here, &(UmzTestVm){ "A", 2, UMZ_VM_STATE_DOWN });
  umz_test_unit_add (&site->here, &(UmzTestVm){ "B", 3, UMZ_VM_STATE_RUNNING });
  return site;
}

/* A command without a handler would end the test, as would one whose handler asks for an operand
 * by a name that it has not.
 */
static void
test_handlers (void)
{
  size_t n;
  const UmzCommandSpec *specs = umz_sdf_get_commands (&n);
  g_autoptr (UmzTestSite) site = make_site ();
  for (size_t i = 0; i < n; i++) {
    g_autofree char *simplest = dup_command (&specs[i], NULL, NULL);
    umz_test_answer_free (umz_test_desk_give (site->here.app, simplest));
    for (size_t k = 0; k < specs[i].n_operands; k++)
      give_each_value (site->here.app, &specs[i], &specs[i].operands[k]);
  }
}

/* ---- who may give them ---- */

static bool
looks_only (const char *command)
{
  return g_str_has_prefix (command, "SHOW-") || g_str_has_prefix (command, "HELP-") ||
         g_str_has_prefix (command, "WAIT-");
}

static void
test_others (void)
{
  size_t n;
  const UmzCommandSpec *specs = umz_sdf_get_commands (&n);
  g_autoptr (UmzTestSite) site = make_site ();
  for (size_t i = 0; i < n; i++) {
    g_autofree char *command = dup_command (&specs[i], NULL, NULL);
    UmzReply *reply = umz_reply_new (site->here.app, "MISSMPL", UMZ_LANG_EN);
    g_autoptr (UmzTestAnswer) answer = umz_test_desk_give_by (reply, command);
    g_test_message ("/%s", command);
    if (looks_only (specs[i].name))
      g_assert_cmpstr (answer->end, !=, "0 64 CMD0216");
    else
      g_assert_cmpstr (answer->end, ==, "0 64 CMD0216");
  }
  g_autoptr (GPtrArray) log =
    umz_store_list_console (site->here.app->store, 0, NULL, 1, NULL);
  g_assert_cmpuint (log->len, ==, 0);
}

/* ---- their echo ---- */

/* The echo of what was given last; "" if nothing was logged. */
static char *
dup_echo (UmzApp *app, const char *command)
{
  umz_test_answer_free (umz_test_desk_give (app, command));
  g_autoptr (GPtrArray) log = umz_store_list_console (app->store, 0, NULL, 1, NULL);
  const UmzConsoleLine *line = log->len > 0 ? log->pdata[0] : NULL;
  return g_strdup (line != NULL && line->code[0] == '\0' ? line->inserts[0] : "");
}

static void
test_echo (void)
{
  static const struct {
    const char *command;
    const char *echo; /* "": none */
  } rows[] = {
    { "SHOW-VM-ATTRIBUTES", "" },
    { "CREATE-JV A", "" }, /* job variables are everybody's daily bread */
    { "hold-vm 3", "hold-vm 3" },
    { "  /HOLD-VM 3  ", "HOLD-VM 3" },
    { "HOLD-VM -\n3", "HOLD-VM - 3" },
    { "MIGRATE-VM X,MONJV=MON.A", "MIGRATE-VM X,MONJV=MON.A" },
    { "MIGRATE-VM X,MONJV=MON.A,JV-PASS='key'",
      "MIGRATE-VM VM-IDENTIFICATION=X,MONJV=MON.A,JV-PASSWORD=P" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (UmzTestSite) site = make_site ();
    g_autofree char *echo = dup_echo (site->here.app, rows[i].command);
    g_assert_cmpstr (echo, ==, rows[i].echo);
  }
}

/* ---- wrong ones ---- */

static void
test_wrong (void)
{
  static const struct {
    const char *command;
    const char *name; /* as far as it is known */
  } rows[] = {
    { "", "" },
    { "NOSUCH-COMMAND", "" },
    { "SHOW-VM", "" },
    { "HOLD-VM", "HOLD-VM" },
    { "START-VM A,HOLD=*MAYBE", "START-VM" },
    { "MIGRATE-VM 10000", "MIGRATE-VM" },
    { "/hold-vm a,b", "HOLD-VM" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (UmzTestAnswer) answer = umz_test_desk_give (site->here.app, rows[i].command);
    g_assert_cmpstr (answer->command, ==, rows[i].name);
    g_assert_cmpstr (answer->end, ==, "0 1 CMD0202");
    g_assert_cmpstr (answer->said, !=, "");
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/commands/each-has-a-handler-that-knows-its-operands", test_handlers);
  g_test_add_func ("/commands/change-nothing-for-who-is-no-administrator", test_others);
  g_test_add_func ("/commands/are-logged-without-their-secrets", test_echo);
  g_test_add_func ("/commands/say-what-is-wrong-with-them", test_wrong);
  return g_test_run ();
}

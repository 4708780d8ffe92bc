/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/commands.h"

#include <string.h>

#include "base/text.h"

void
umz_reply_say (UmzReply *reply, UmzNotice *notice)
{
  g_autoptr (UmzNotice) owned = notice;
  g_autofree char *text = umz_notice_render (owned, reply->language);
  umz_reply_print (reply, "%s", text);
}

void
umz_reply_print (UmzReply *reply, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_autofree char *line = g_strconcat ("% ", text, NULL);
  g_strv_builder_add (reply->lines, line);
}

void
umz_reply_end (UmzReply *reply, unsigned sc2, unsigned sc1, const char *maincode)
{
  reply->sc2 = sc2;
  reply->sc1 = sc1;
  g_strlcpy (reply->maincode, maincode, sizeof reply->maincode);
}

void
umz_reply_fail (UmzReply *reply, const GError *error)
{
  UmzNotice *notice = umz_error_to_notice (error);
  umz_reply_end (reply, 0, 64, umz_message_code (umz_notice_get_id (notice)));
  umz_reply_say (reply, notice);
}

/* ---- finding a VM ---- */

static bool
is_meant (const UmzVm *vm, const UmzOperand *operand, const char *uuid, bool by_exact_name)
{
  if (operand->kind == UMZ_OPERAND_INTEGER)
    return g_strcmp0 (vm->uuid, uuid) == 0;
  return by_exact_name ? strcmp (vm->name, operand->original) == 0
                       : umz_text_is_same_name (vm->name, operand->text);
}

/* Takes the one VM out of the list that is meant; *ret_names: all that fit. */
static UmzVm *
take_meant (GPtrArray *vms, const UmzOperand *operand, const char *uuid, bool by_exact_name,
            char **ret_names)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  guint n = 0, found = 0;
  for (guint i = 0; i < vms->len; i++) {
    const UmzVm *vm = vms->pdata[i];
    if (!is_meant (vm, operand, uuid, by_exact_name))
      continue;
    found = i;
    n++;
    g_strv_builder_add (names, vm->name);
  }
  g_auto (GStrv) list = g_strv_builder_end (names);
  *ret_names = n > 1 ? g_strjoinv (", ", list) : NULL;
  return n == 1 ? g_ptr_array_steal_index (vms, found) : NULL;
}

static void
say_no_vm (UmzReply *reply, const UmzOperand *operand)
{
  g_autofree char *label = operand->kind == UMZ_OPERAND_INTEGER
                             ? g_strdup_printf ("(%s,)", operand->text)
                             : g_strdup_printf ("(,%s)", operand->original);
  umz_reply_end (reply, 0, 64, "VMS4000");
  umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS4000, label, NULL));
}

UmzVm *
umz_reply_find_vm (UmzReply *reply, const UmzOperand *operand)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) vms = NULL;
  g_autofree char *uuid = NULL, *names = NULL;
  if (operand->kind == UMZ_OPERAND_INTEGER && operand->integer == 1) {
    umz_reply_end (reply, 0, 64, "VMS9001");
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS9001, NULL));
    return NULL;
  }
  if (operand->kind == UMZ_OPERAND_INTEGER)
    uuid = umz_store_dup_uuid (reply->app->store, (unsigned) operand->integer, &error);
  if (error != NULL || !umz_hypervisor_list (reply->app->hypervisor, &vms, &error)) {
    umz_reply_fail (reply, error);
    return NULL;
  }
  UmzVm *vm = take_meant (vms, operand, uuid, true, &names);
  g_clear_pointer (&names, g_free);
  if (vm == NULL)
    vm = take_meant (vms, operand, uuid, false, &names);
  if (vm == NULL && names != NULL) {
    umz_reply_end (reply, 0, 64, "UMZ0020");
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_UMZ0020, operand->original, names, NULL));
  }
  else if (vm == NULL)
    say_no_vm (reply, operand);
  else if (!umz_store_get_index (reply->app->store, vm->uuid, UMZ_VM_INDEX_MAX, &vm->index,
                                 &error)) {
    umz_reply_fail (reply, error);
    g_clear_pointer (&vm, umz_vm_free);
  }
  return vm;
}

/* ---- the commands ---- */

static void
check_vm_migration (UmzReply *reply, const UmzCommand *command)
{
  g_autofree char *su = NULL;
  g_autoptr (UmzVm) vm = umz_reply_find_vm (reply, umz_command_get (command, "VM-IDENTIFICATION"));
  if (vm == NULL)
    return;
  UmzCheckResult result =
    umz_check_migration (reply, vm, umz_command_get (command, "SERVER-UNIT-NAME"), &su);
  if (result == UMZ_CHECK_FAILED)
    return;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  bool is_possible = result == UMZ_CHECK_POSSIBLE;
  umz_reply_say (reply,
                 umz_notice_new (is_possible ? UMZ_MSG_VMS2460 : UMZ_MSG_VMS2461, label, su, NULL));
  umz_reply_end (reply, is_possible ? 0 : 2, 0, is_possible ? "CMD0001" : "VMS2461");
}

/* The MONJV operand as a name, or NULL for *NONE. */
static const char *
monjv_of (const UmzCommand *command)
{
  const UmzOperand *operand = umz_command_get (command, "MONJV");
  return operand->kind == UMZ_OPERAND_CONSTANT ? NULL : operand->text;
}

static bool
can_use_monjv (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  const UmzOperand *password = umz_command_get (command, "JV-PASSWORD");
  if (monjv_of (command) == NULL ||
      umz_monitor_can_use (reply->app, monjv_of (command),
                           password->kind == UMZ_OPERAND_CONSTANT ? NULL : password->text, &error))
    return true;
  umz_reply_fail (reply, error);
  return false;
}

/* Checks and begins; the VM is taken.  False: said and ended.  *ret_su: of the target, if known. */
static bool
begin_move (UmzReply *reply, const UmzCommand *command, UmzVm *vm, char **ret_su)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzVm) owned = vm;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  UmzCheckResult result =
    umz_check_migration (reply, vm, umz_command_get (command, "SERVER-UNIT-NAME"), ret_su);
  if (result == UMZ_CHECK_NOT_POSSIBLE) {
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS2461, label, *ret_su, NULL));
    umz_reply_end (reply, 0, 64, "VMS2461");
  }
  if (result != UMZ_CHECK_POSSIBLE)
    return false;
  if (umz_engine_migrate (reply->app->engine, g_steal_pointer (&owned), *ret_su,
                          monjv_of (command), &reply->move_id, &error))
    return true;
  umz_reply_fail (reply, error);
  return false;
}

/* Whoever waits for the job variable learns of every rejection; of a VM that was not found it says
 * what was typed.
 */
static void
migrate_vm (UmzReply *reply, const UmzCommand *command)
{
  g_autofree char *su = NULL;
  const UmzOperand *typed = umz_command_get (command, "VM-IDENTIFICATION");
  const UmzOperand *typed_su = umz_command_get (command, "SERVER-UNIT-NAME");
  if (!can_use_monjv (reply, command))
    return;
  UmzVm *vm = umz_reply_find_vm (reply, typed);
  unsigned index = vm != NULL ? vm->index : (unsigned) typed->integer;
  const char *typed_name = typed->kind == UMZ_OPERAND_INTEGER ? "" : typed->original;
  g_autofree char *name = g_strdup (vm != NULL ? vm->name : typed_name);
  if ((vm != NULL && begin_move (reply, command, vm, &su)) || monjv_of (command) == NULL)
    return;
  if (su == NULL && typed_su->kind != UMZ_OPERAND_CONSTANT)
    su = g_strdup (typed_su->text);
  umz_monitor_reject (reply->app, monjv_of (command), index, name, su != NULL ? su : "",
                      reply->maincode);
}

static void
cancel_vm_migration (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzVm) vm = umz_reply_find_vm (reply, umz_command_get (command, "VM-IDENTIFICATION"));
  if (vm == NULL)
    return;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  if (umz_engine_cancel (reply->app->engine, vm->uuid, reply->operator_name, &error))
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_UMZ0135, label, NULL));
  else if (g_error_matches (error, UMZ_ERROR, UMZ_MSG_UMZ0133)) {
    umz_reply_end (reply, 0, 64, "UMZ0133");
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_UMZ0133, label, NULL));
  }
  else
    umz_reply_fail (reply, error);
}

static void
modify_vm_definition (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  const UmzOperand *index = umz_command_get (command, "VM-INDEX");
  g_autoptr (UmzVm) vm = umz_reply_find_vm (reply, umz_command_get (command, "VM-NAME"));
  if (vm == NULL || index->kind == UMZ_OPERAND_CONSTANT)
    return;
  if (vm->state != UMZ_VM_STATE_DOWN) {
    g_autofree char *label = umz_vm_label (vm->index, vm->name);
    umz_reply_end (reply, 0, 64, "VMS4015");
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS4015, label, "MODIFY-VM-DEFINITION", NULL));
  }
  else if (!umz_store_set_index (reply->app->store, vm->uuid, (unsigned) index->integer, &error))
    umz_reply_fail (reply, error);
}

typedef struct {
  const char *name;
  bool needs_administrator;
  bool is_logged; /* its echo stands in the console log */
  void (*execute) (UmzReply *reply, const UmzCommand *command);
} Handler;

static const Handler handlers[] = {
  { "CANCEL-VM-MIGRATION", true, true, cancel_vm_migration },
  { "CHECK-VM-MIGRATION", true, true, check_vm_migration },
  { "CREATE-JV", true, false, umz_create_jv },
  { "DELETE-JV", true, false, umz_delete_jv },
  { "HELP-MSG-INFORMATION", false, false, umz_help_message },
  { "HOLD-VM", true, true, umz_hold_vm },
  { "MIGRATE-VM", true, true, migrate_vm },
  { "MODIFY-JV", true, false, umz_modify_jv },
  { "MODIFY-VM-DEFINITION", true, true, modify_vm_definition },
  { "RESUME-VM", true, true, umz_resume_vm },
  { "SHOW-JV", false, false, umz_show_jv },
  { "SHOW-JV-ATTRIBUTES", false, false, umz_show_jv_attributes },
  { "SHOW-VM-ATTRIBUTES", false, false, umz_show_vm_attributes },
  { "SHOW-VM-DEVICE-STATUS", false, false, umz_show_vm_device_status },
  { "SHUTDOWN-VM", true, true, umz_shutdown_vm },
  { "START-VM", true, true, umz_start_vm },
};

static const Handler *
find_handler (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (handlers); i++)
    if (strcmp (handlers[i].name, name) == 0)
      return &handlers[i];
  g_assert_not_reached (); /* the command table has no others */
}

/* As it was typed, without the slash; if it holds a secret, in full names with the secret hidden.
 */
static char *
dup_echo (const UmzCommand *command, const char *text)
{
  const UmzCommandSpec *spec = umz_command_get_spec (command);
  for (size_t i = 0; i < spec->n_operands; i++)
    if (spec->operands[i].is_secret &&
        !umz_command_get (command, spec->operands[i].name)->is_default)
      return umz_command_dup_echo (command);
  text += strspn (text, " ");
  return g_strchomp (g_strdup (text + (text[0] == '/')));
}

void
umz_commands_execute (UmzReply *reply, const char *text)
{
  g_autoptr (UmzCommand) command = NULL;
  g_autoptr (GError) error = NULL;
  umz_reply_end (reply, 0, 0, "CMD0001");
  if (!umz_sdf_parse (text, &command, &error)) {
    umz_reply_fail (reply, error);
    umz_reply_end (reply, 0, 1, "CMD0202");
    return;
  }
  const Handler *handler = find_handler (umz_command_get_name (command));
  if (handler->needs_administrator && !reply->is_administrator) {
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_CMD0216, NULL));
    umz_reply_end (reply, 0, 64, "CMD0216");
    return;
  }
  if (handler->is_logged) {
    g_autofree char *echo = dup_echo (command, text);
    umz_monitor_echo (reply->app, echo);
  }
  handler->execute (reply, command);
}

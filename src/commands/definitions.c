/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* definitions.c: from a definition to a VM and back: ACTIVATE-, MODIFY-, MIGRATE- and DELETE-VM-
 * DEFINITION, and DELETE-VM.  An initialised VM has its memory and devices; a definition takes
 * nothing.
 */
#include <string.h>

#include "commands/check.h"
#include "commands/definition-words.h"
#include "commands/find.h"
#include "commands/handlers.h"
#include "store/vms.h"
#include "su/admission.h"
#include "su/ownership.h"
#include "su/takeovers.h"
#include "su/vms.h"

#define SETTLE_S 30 /* for a move that DELETE-VM has canceled */
#define MOVE_S   30 /* for a definition to get to another SU */

/* The definition of a VM that is not initialised; NULL: said and ended. */
static UmzVm *
find_inactive (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (UmzVm) vm = umz_find_definition (reply, umz_command_get (command, "VM-NAME"));
  bool is_moving = vm != NULL && umz_vms_is_moving (reply->app, vm);
  if (vm == NULL || (!is_moving && !umz_vms_is_initialized (vm)))
    return g_steal_pointer (&vm);
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  umz_reply_reject (reply, umz_notice_new (umz_vms_is_initialized (vm) ? UMZ_MSG_VMS4015
                                                                       : UMZ_MSG_VMS3042,
                                           label, reply->command, NULL));
  return NULL;
}

/* ---- ACTIVATE-VM-DEFINITION ---- */

/* Whether the SU has room for the VM that is made of it; else every reason was said. */
static bool
has_room (UmzReply *reply, const UmzVm *definition)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzVm) vm = umz_vm_copy (definition);
  g_autoptr (GPtrArray) findings =
    g_ptr_array_new_with_free_func ((GDestroyNotify) umz_notice_free);
  vm->state = UMZ_VM_STATE_INIT_ONLY;
  if (!umz_admission_look (reply->app, vm, findings, &error)) {
    umz_reply_fail (reply, error);
    return false;
  }
  for (guint i = 0; i < findings->len; i++)
    umz_reply_reject (reply, umz_notice_copy (findings->pdata[i]));
  return findings->len == 0;
}

/* INIT-ONLY is noted first: a paused domain that nobody knows of would be IN HOLD. */
static bool
activate (UmzApp *app, UmzVm *vm, GError **error)
{
  if (!umz_ownership_may_start (app, vm, error) ||
      !umz_store_get_index (app->store, vm->uuid, app->config->index_max, &vm->index, error) ||
      !umz_store_set_life (app->store, vm->uuid, UMZ_LIFE_INIT_ONLY, error))
    return false;
  if (umz_hypervisor_start_held (app->hypervisor, vm->uuid, error))
    return true;
  (void) umz_store_delete_vm (app->store, vm->uuid, NULL);
  return false;
}

static void
say_devices (UmzReply *reply, const UmzVm *vm, const char *label)
{
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *device = vm->devices->pdata[i];
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS4005, device->mn, label,
                                          device->is_shared ? " (TYPE=SD)" : "", NULL));
  }
}

void
umz_execute_activate_vm_definition (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzVm) vm = find_inactive (reply, command);
  if (vm == NULL)
    return;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&reply->app->admission_lock);
  if (!has_room (reply, vm))
    return;
  if (!activate (reply->app, vm, &error)) {
    umz_reply_fail (reply, error);
    return;
  }
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS3050, label, NULL));
  say_devices (reply, vm, label);
}

/* ---- MODIFY- and DELETE-VM-DEFINITION ---- */

void
umz_execute_modify_vm_definition (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  const UmzOperand *index = umz_command_get (command, "VM-INDEX");
  g_autoptr (UmzVm) vm = find_inactive (reply, command);
  if (vm == NULL || strcmp (index->text, "*UNCHANGED") == 0)
    return;
  if ((uint64_t) index->integer > reply->app->config->index_max)
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS4012, index->text, NULL));
  else if (!umz_store_fix_index (reply->app->store, vm->uuid, (unsigned) index->integer, &error))
    umz_reply_fail (reply, error); /* of *ANY the integer is 0 */
}

void
umz_execute_delete_vm_definition (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzVm) vm = find_inactive (reply, command);
  if (vm == NULL)
    return;
  if (!umz_hypervisor_undefine (reply->app->hypervisor, vm->uuid, &error) ||
      !umz_store_forget_vm (reply->app->store, vm->uuid, &error)) {
    umz_reply_fail (reply, error);
    return;
  }
  g_autofree char *label = g_strdup_printf ("(,%s)", vm->name);
  umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS3000, reply->command, label, NULL));
}

/* ---- MIGRATE-VM-DEFINITION ---- */

/* The end of its move, or that there is none yet: the journal then sees to it. */
static void
say_outcome (UmzReply *reply, const UmzVm *vm, const char *su)
{
  UmzMonjvState status;
  g_autoptr (UmzNotice) cause = NULL;
  if (!umz_engine_wait (reply->app->engine, reply->move_id, MOVE_S, &status, &cause))
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2325, vm->name, su, NULL));
  else if (cause != NULL)
    umz_reply_definition_failed (reply, vm, su, cause);
  else if (status == UMZ_MONJV_ENDED)
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS2320, vm->name, su, NULL));
  else {
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS2321, vm->name, su, NULL));
    umz_reply_end (reply, 2, 0, "VMS2321");
  }
}

/* Its definition is all that moves: by the same states as a VM does, so that a crash of either SU
 * leaves it on one of them.
 */
static void
migrate_definition (UmzReply *reply, const UmzVm *vm, const char *su)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzVm) moved = NULL;
  if (!umz_hypervisor_find (reply->app->hypervisor, vm->uuid, &moved, &error)) {
    umz_reply_storage_failed (reply, error);
    return;
  }
  if (moved == NULL) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2300, vm->name, NULL));
    return;
  }
  moved->index = vm->index;
  moved->is_index_fixed = vm->is_index_fixed;
  moved->state = UMZ_VM_STATE_DEFINED_ONLY;
  UmzMoveOrder order = {
    .target_su = su,
    .terms = umz_terms_of_su_type (reply->app->config->su_type),
  };
  if (umz_engine_migrate (reply->app->engine, g_steal_pointer (&moved), &order, &reply->move_id,
                          &error))
    say_outcome (reply, vm, su);
  else {
    g_autoptr (UmzNotice) cause = umz_error_to_notice (error);
    umz_reply_say (reply, umz_notice_copy (cause));
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2323, vm->name, su, NULL));
  }
}

void
umz_execute_migrate_vm_definition (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) vms = umz_vms_list (reply->app, &error);
  if (vms == NULL) {
    umz_reply_storage_failed (reply, error);
    return;
  }
  g_autoptr (UmzVm) vm = find_inactive (reply, command);
  if (vm == NULL)
    return;
  if (!umz_takeovers_may_run (reply->app, vm, &error)) {
    umz_reply_fail (reply, error);
    return;
  }
  g_autofree char *su =
    umz_check_definition (reply, vm, umz_command_get (command, "SERVER-UNIT-NAME"));
  if (su != NULL)
    migrate_definition (reply, vm, su);
}

/* ---- DELETE-VM ---- */

/* Nobody may see it before and note it after. */
static bool
end_and_note (UmzApp *app, const char *uuid, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&app->vms_lock);
  return umz_hypervisor_destroy (app->hypervisor, uuid, error) &&
         umz_store_delete_vm (app->store, uuid, error);
}

static void
delete_vm (UmzReply *reply, const UmzVm *vm)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  if (!end_and_note (reply->app, vm->uuid, &error)) {
    umz_reply_fail (reply, error);
    return;
  }
  for (guint i = 0; i < vm->devices->len; i++)
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS4009,
                                          ((UmzDevice *) vm->devices->pdata[i])->mn, label, NULL));
  umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS4024, label, NULL));
}

/* A move away is ended first; NULL: it is, or there was none. */
static UmzNotice *
end_move (UmzReply *reply, const UmzVm *vm, bool is_checked)
{
  UmzSide side;
  g_autoptr (GError) error = NULL;
  UmzEngine *engine = reply->app->engine;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  if (!umz_engine_is_moving (engine, vm->uuid, &side, NULL))
    return NULL;
  if (is_checked || side == UMZ_SIDE_TARGET)
    return umz_notice_new (UMZ_MSG_VMS3042, label, reply->command, NULL);
  if (umz_engine_cancel (engine, vm->uuid, reply->operator_name, &error) &&
      umz_engine_settle (engine, vm->uuid, SETTLE_S))
    return NULL;
  return error != NULL ? umz_error_to_notice (error)
                       : umz_notice_new (UMZ_MSG_VMS3042, label, reply->command, NULL);
}

static bool
may_be_deleted (const UmzVm *vm)
{
  return vm->state == UMZ_VM_STATE_DOWN || vm->state == UMZ_VM_STATE_INIT_ONLY;
}

static void
delete_one (UmzReply *reply, const UmzVm *vm, bool is_checked)
{
  g_autoptr (UmzNotice) refusal = end_move (reply, vm, is_checked);
  if (refusal == NULL && is_checked && !may_be_deleted (vm)) {
    g_autofree char *label = umz_vm_label (vm->index, vm->name);
    refusal = umz_notice_new (UMZ_MSG_VMS4612, label, NULL);
  }
  if (refusal != NULL)
    umz_reply_reject (reply, g_steal_pointer (&refusal));
  else
    delete_vm (reply, vm);
}

static void
delete_all (UmzReply *reply, bool is_checked)
{
  g_autoptr (GPtrArray) vms = umz_find_all (reply);
  if (vms == NULL)
    return;
  for (guint i = 0; i < vms->len; i++) {
    const UmzVm *vm = vms->pdata[i];
    if (umz_vms_is_moving (reply->app, vm) && is_checked)
      umz_find_say_moving (reply, vm);
    else if (umz_vms_is_initialized (vm) && (!is_checked || may_be_deleted (vm)))
      delete_one (reply, vm, is_checked);
  }
}

void
umz_execute_delete_vm (UmzReply *reply, const UmzCommand *command)
{
  const UmzOperand *wanted = umz_command_get (command, "VM-IDENTIFICATION");
  bool is_checked = strcmp (umz_command_get (command, "CHECK-VM-STATE")->text, "*YES") == 0;
  if (wanted->kind == UMZ_OPERAND_CONSTANT) {
    delete_all (reply, is_checked);
    return;
  }
  g_autoptr (UmzVm) vm = umz_find_vm (reply, wanted);
  if (vm != NULL)
    delete_one (reply, vm, is_checked);
}

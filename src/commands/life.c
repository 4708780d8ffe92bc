/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* life.c: START-VM, SHUTDOWN-VM, HOLD-VM and RESUME-VM.
 *
 * A VM that moves is left alone: VMS3042 for one that was named, VMS3041 and VMS9005 for those that
 * *ALL means.
 */
#include "commands/find.h"
#include "commands/handlers.h"
#include "store/vms.h"
#include "su/ownership.h"
#include "su/takeovers.h"
#include "su/vms.h"

#define STATE(state) (1u << UMZ_VM_STATE_##state)

typedef struct {
  const char *command;
  unsigned from;        /* the states that it changes: a set of STATE() */
  UmzVmState to;        /* in which there is nothing to do */
  UmzMessageId done;    /* VMS3000, or one with the VM alone */
  const char *only_390; /* what an SU x86 does not have: VMS3011; NULL: it has it */
  bool (*act) (UmzApp *app, const UmzVm *vm, GError **error);
} Action;

/* Noted first: a guest that may have run is not INIT-ONLY any more. */
static bool
start (UmzApp *app, const UmzVm *vm, GError **error)
{
  if (!umz_takeovers_may_run (app, vm, error))
    return false;
  if (vm->state == UMZ_VM_STATE_DOWN)
    return umz_ownership_may_start (app, vm, error) &&
           umz_hypervisor_start (app->hypervisor, vm->uuid, error);
  return umz_store_set_life (app->store, vm->uuid, UMZ_LIFE_RAN, error) &&
         umz_hypervisor_resume (app->hypervisor, vm->uuid, NULL, error);
}

/* One that is INIT-ONLY stands still already; from now on it counts as held. */
static bool
start_held (UmzApp *app, const UmzVm *vm, GError **error)
{
  return umz_takeovers_may_run (app, vm, error) &&
         (vm->state == UMZ_VM_STATE_INIT_ONLY ||
          (umz_ownership_may_start (app, vm, error) &&
           umz_hypervisor_start_held (app->hypervisor, vm->uuid, error))) &&
         umz_store_set_life (app->store, vm->uuid, UMZ_LIFE_RAN, error);
}

static bool
hold (UmzApp *app, const UmzVm *vm, GError **error)
{
  return umz_hypervisor_suspend (app->hypervisor, vm->uuid, error);
}

static bool
resume (UmzApp *app, const UmzVm *vm, GError **error)
{
  return umz_takeovers_may_run (app, vm, error) &&
         umz_hypervisor_resume (app->hypervisor, vm->uuid, NULL, error);
}

static bool
shut_down (UmzApp *app, const UmzVm *vm, GError **error)
{
  return umz_hypervisor_shutdown (app->hypervisor, vm->uuid, error);
}

/* clang-format off */
static const Action hold_action = {
  "HOLD-VM", STATE (RUNNING), UMZ_VM_STATE_IN_HOLD, UMZ_MSG_VMS2000, "HOLD-VM", hold };
static const Action resume_action = {
  "RESUME-VM", STATE (IN_HOLD), UMZ_VM_STATE_RUNNING, UMZ_MSG_VMS2012, "RESUME-VM", resume };
static const Action shutdown_action = {
  "SHUTDOWN-VM", STATE (RUNNING), UMZ_VM_STATE_DOWN, UMZ_MSG_VMS3000, NULL, shut_down };
static const Action start_action = {
  "START-VM", STATE (DOWN) | STATE (INIT_ONLY), UMZ_VM_STATE_RUNNING, UMZ_MSG_VMS3000, NULL,
  start };
static const Action start_held_action = {
  "START-VM", STATE (DOWN) | STATE (INIT_ONLY), UMZ_VM_STATE_IN_HOLD, UMZ_MSG_VMS3000,
  "START-VM HOLD=*YES", start_held };
/* clang-format on */

static void
say_done (UmzReply *reply, const Action *action, const char *label)
{
  umz_reply_say (reply, action->done == UMZ_MSG_VMS3000
                          ? umz_notice_new (action->done, action->command, label, NULL)
                          : umz_notice_new (action->done, label, NULL));
}

static void
act (UmzReply *reply, const Action *action, const UmzVm *vm)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  if (action->act (reply->app, vm, &error))
    say_done (reply, action, label);
  else
    umz_reply_fail (reply, error);
}

static bool
is_from (const Action *action, const UmzVm *vm)
{
  return (action->from & (1u << vm->state)) != 0;
}

static void
act_on_one (UmzReply *reply, const Action *action, const UmzVm *vm)
{
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  if (umz_vms_is_moving (reply->app, vm))
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS3042, label, action->command, NULL));
  else if (vm->state == action->to)
    umz_reply_end (reply, 1, 0, "CMD0001"); /* nothing to do */
  else if (!is_from (action, vm))
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS4612, label, NULL));
  else
    act (reply, action, vm);
}

static void
act_on_all (UmzReply *reply, const Action *action)
{
  g_autoptr (GPtrArray) vms = umz_find_all (reply);
  if (vms == NULL)
    return;
  for (guint i = 0; i < vms->len; i++) {
    const UmzVm *vm = vms->pdata[i];
    if (umz_vms_is_moving (reply->app, vm))
      umz_find_say_moving (reply, vm);
    else if (is_from (action, vm))
      act (reply, action, vm);
  }
}

static void
execute (UmzReply *reply, const UmzCommand *command, const Action *action)
{
  const UmzOperand *wanted = umz_command_get (command, "VM-IDENTIFICATION");
  if (action->only_390 != NULL && reply->app->config->su_type != UMZ_SU_TYPE_390) {
    umz_reply_end (reply, 0, 64, "VMS9004");
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS3011, action->only_390, NULL));
    return;
  }
  if (wanted->kind == UMZ_OPERAND_CONSTANT) {
    act_on_all (reply, action);
    return;
  }
  g_autoptr (UmzVm) vm = umz_find_vm (reply, wanted);
  if (vm != NULL)
    act_on_one (reply, action, vm);
}

void
umz_execute_hold_vm (UmzReply *reply, const UmzCommand *command)
{
  execute (reply, command, &hold_action);
}

void
umz_execute_resume_vm (UmzReply *reply, const UmzCommand *command)
{
  execute (reply, command, &resume_action);
}

void
umz_execute_shutdown_vm (UmzReply *reply, const UmzCommand *command)
{
  execute (reply, command, &shutdown_action);
}

void
umz_execute_start_vm (UmzReply *reply, const UmzCommand *command)
{
  bool is_held = g_str_equal (umz_command_get (command, "HOLD")->text, "*YES");
  execute (reply, command, is_held ? &start_held_action : &start_action);
}

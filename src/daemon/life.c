/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* life.c: START-VM, SHUTDOWN-VM, HOLD-VM and RESUME-VM.
 *
 * A VM that moves is left alone: VMS3042 for one that was named, VMS3041 and VMS9005 for those that
 * *ALL means.
 */
#include "daemon/commands.h"

typedef struct {
  const char *command;
  UmzVmState from;   /* the state that it changes */
  UmzVmState to;     /* in which there is nothing to do */
  UmzMessageId done; /* VMS3000, or one with the VM alone */
  bool is_for_390;   /* a named VM on an SU x86: VMS3011 */
  bool (*act) (UmzHypervisor *hypervisor, const char *uuid, GError **error);
} Action;

static bool
start (UmzHypervisor *hypervisor, const char *uuid, GError **error)
{
  return umz_hypervisor_start (hypervisor, uuid, false, error);
}

static bool
start_held (UmzHypervisor *hypervisor, const char *uuid, GError **error)
{
  return umz_hypervisor_start (hypervisor, uuid, true, error);
}

static bool
resume (UmzHypervisor *hypervisor, const char *uuid, GError **error)
{
  return umz_hypervisor_resume (hypervisor, uuid, NULL, error);
}

/* clang-format off */
static const Action hold_action = {
  "HOLD-VM", UMZ_VM_STATE_RUNNING, UMZ_VM_STATE_IN_HOLD, UMZ_MSG_VMS2000, true,
  umz_hypervisor_suspend };
static const Action resume_action = {
  "RESUME-VM", UMZ_VM_STATE_IN_HOLD, UMZ_VM_STATE_RUNNING, UMZ_MSG_VMS2012, true, resume };
static const Action shutdown_action = {
  "SHUTDOWN-VM", UMZ_VM_STATE_RUNNING, UMZ_VM_STATE_DOWN, UMZ_MSG_VMS3000, false,
  umz_hypervisor_shutdown };
static const Action start_action = {
  "START-VM", UMZ_VM_STATE_DOWN, UMZ_VM_STATE_RUNNING, UMZ_MSG_VMS3000, false, start };
static const Action start_held_action = {
  "START-VM", UMZ_VM_STATE_DOWN, UMZ_VM_STATE_IN_HOLD, UMZ_MSG_VMS3000, true, start_held };
/* clang-format on */

static bool
is_moving (UmzReply *reply, const UmzVm *vm)
{
  UmzSide side;
  return umz_engine_is_moving (reply->app->engine, vm->uuid, &side, NULL);
}

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
  if (action->act (reply->app->hypervisor, vm->uuid, &error))
    say_done (reply, action, label);
  else
    umz_reply_fail (reply, error);
}

static void
act_on_one (UmzReply *reply, const Action *action, const UmzVm *vm)
{
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  if (is_moving (reply, vm)) {
    umz_reply_end (reply, 0, 64, "VMS3042");
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS3042, label, action->command, NULL));
  }
  else if (vm->state == action->to)
    umz_reply_end (reply, 1, 0, "CMD0001"); /* nothing to do */
  else if (vm->state != action->from) {
    umz_reply_end (reply, 0, 64, "VMS4612");
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS4612, label, NULL));
  }
  else
    act (reply, action, vm);
}

static void
act_on_all (UmzReply *reply, const Action *action)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) vms = umz_show_list_vms (reply, &error);
  if (vms == NULL) {
    umz_reply_fail (reply, error);
    return;
  }
  for (guint i = 0; i < vms->len; i++) {
    const UmzVm *vm = vms->pdata[i];
    if (is_moving (reply, vm)) {
      g_autofree char *label = umz_vm_label (vm->index, vm->name);
      umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS3041, label, NULL));
      umz_reply_end (reply, 0, 64, "VMS9005");
    }
    else if (vm->state == action->from)
      act (reply, action, vm);
  }
}

static void
execute (UmzReply *reply, const UmzCommand *command, const Action *action)
{
  const UmzOperand *wanted = umz_command_get (command, "VM-IDENTIFICATION");
  if (action->is_for_390 && reply->app->config->su_type != UMZ_SU_TYPE_390) {
    umz_reply_end (reply, 0, 64, "VMS9004");
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS3011, action->command, NULL));
    return;
  }
  if (wanted->kind == UMZ_OPERAND_CONSTANT) {
    act_on_all (reply, action);
    return;
  }
  g_autoptr (UmzVm) vm = umz_reply_find_vm (reply, wanted);
  if (vm != NULL)
    act_on_one (reply, action, vm);
}

void
umz_hold_vm (UmzReply *reply, const UmzCommand *command)
{
  execute (reply, command, &hold_action);
}

void
umz_resume_vm (UmzReply *reply, const UmzCommand *command)
{
  execute (reply, command, &resume_action);
}

void
umz_shutdown_vm (UmzReply *reply, const UmzCommand *command)
{
  execute (reply, command, &shutdown_action);
}

void
umz_start_vm (UmzReply *reply, const UmzCommand *command)
{
  bool is_held = g_str_equal (umz_command_get (command, "HOLD")->text, "*YES");
  execute (reply, command, is_held ? &start_held_action : &start_action);
}

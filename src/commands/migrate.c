/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* migrate.c: MIGRATE-VM, and what is said of a move before and while it runs: CHECK-, CANCEL- and
 * RESOLVE-VM-MIGRATION.
 */
#include <string.h>

#include "base/text.h"
#include "commands/check.h"
#include "commands/find.h"
#include "commands/handlers.h"
#include "su/monitor.h"
#include "su/takeovers.h"

void
umz_execute_check_vm_migration (UmzReply *reply, const UmzCommand *command)
{
  g_autofree char *su = NULL;
  g_autoptr (UmzVm) vm = umz_find_vm (reply, umz_command_get (command, "VM-IDENTIFICATION"));
  if (vm == NULL)
    return;
  UmzMoveOrder order = { .terms = umz_terms_of_su_type (reply->app->config->su_type) };
  UmzCheckResult result =
    umz_check_migration (reply, vm, umz_command_get (command, "SERVER-UNIT-NAME"), &order, &su);
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

/* What was not given is as the type of the SU has it. */
static UmzMoveTerms
terms_of (UmzReply *reply, const UmzCommand *command)
{
  UmzMoveTerms terms = umz_terms_of_su_type (reply->app->config->su_type);
  const UmzOperand *suspension = umz_command_get (command, "MAX-SUSPENSION");
  const UmzOperand *time = umz_command_get (command, "MAX-TIME");
  const char *engine = umz_command_get (command, "ENGINE")->text;
  const char *policy = umz_command_get (command, "NON-CONVERGENCE")->text;
  if (suspension->kind == UMZ_OPERAND_INTEGER)
    terms.suspension_us = (uint64_t) suspension->integer * 1000;
  if (time->kind == UMZ_OPERAND_INTEGER)
    terms.total_s = (uint64_t) time->integer;
  if (strcmp (engine, "*STD") != 0)
    terms.is_coded = strcmp (engine, "*VM2000") == 0;
  if (strcmp (policy, "*STD") != 0)
    terms.policy =
      strcmp (policy, "*ABORT") == 0 ? UMZ_GUARD_MUST_CONVERGE : UMZ_GUARD_CARRIES_THROUGH;
  return terms;
}

/* Checks and begins; the VM is taken.  False: said and ended.  *ret_su: of the target, if known. */
static bool
begin_move (UmzReply *reply, const UmzCommand *command, UmzVm *vm, char **ret_su)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzVm) owned = vm;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  if (!umz_takeovers_may_run (reply->app, vm, &error)) {
    umz_reply_fail (reply, error);
    return false;
  }
  UmzMoveOrder order = { .terms = terms_of (reply, command), .monjv = monjv_of (command) };
  UmzCheckResult result = umz_check_migration (
    reply, vm, umz_command_get (command, "SERVER-UNIT-NAME"), &order, ret_su);
  if (result == UMZ_CHECK_NOT_POSSIBLE) {
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS2461, label, *ret_su, NULL));
    umz_reply_end (reply, 0, 64, "VMS2461");
  }
  if (result != UMZ_CHECK_POSSIBLE)
    return false;
  order.target_su = *ret_su;
  if (umz_engine_migrate (reply->app->engine, g_steal_pointer (&owned), &order, &reply->move_id,
                          &error))
    return true;
  umz_reply_fail (reply, error);
  return false;
}

/* Whoever waits for the job variable learns of every rejection; of a VM that was not found it says
 * what was typed.
 */
void
umz_execute_migrate_vm (UmzReply *reply, const UmzCommand *command)
{
  g_autofree char *su = NULL;
  const UmzOperand *typed = umz_command_get (command, "VM-IDENTIFICATION");
  const UmzOperand *typed_su = umz_command_get (command, "SERVER-UNIT-NAME");
  if (!can_use_monjv (reply, command))
    return;
  UmzVm *vm = umz_find_vm (reply, typed);
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

void
umz_execute_cancel_vm_migration (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzVm) vm = umz_find_vm (reply, umz_command_get (command, "VM-IDENTIFICATION"));
  if (vm == NULL)
    return;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  if (umz_engine_cancel (reply->app->engine, vm->uuid, reply->operator_name, &error))
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_UMZ0135, label, NULL));
  else if (g_error_matches (error, UMZ_ERROR, UMZ_MSG_UMZ0133))
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_UMZ0133, label, NULL));
  else
    umz_reply_fail (reply, error);
}

static UmzMessageId
get_warning (UmzDecision decision)
{
  switch (decision) {
  case UMZ_DECISION_COLD: return UMZ_MSG_UMZ0208;
  case UMZ_DECISION_RESUME:
  case UMZ_DECISION_THAW: return UMZ_MSG_UMZ0209;
  case UMZ_DECISION_DISCARD: return UMZ_MSG_UMZ0246;
  }
  g_assert_not_reached ();
}

/* What may happen is told before, with what is known of the other SU; its name, typed, is the
 * operator's word.
 */
void
umz_execute_resolve_vm_migration (UmzReply *reply, const UmzCommand *command)
{
  static const UmzDecision decisions[] = { UMZ_DECISION_COLD, UMZ_DECISION_RESUME,
                                           UMZ_DECISION_THAW, UMZ_DECISION_DISCARD };
  g_autoptr (GError) error = NULL;
  g_auto (UmzDoubt) doubt = { 0 };
  const UmzOperand *confirmation = umz_command_get (command, "CONFIRMATION");
  const char *typed = umz_command_get (command, "DECISION")->text;
  UmzDecision decision = UMZ_DECISION_COLD;
  for (size_t i = 0; i < G_N_ELEMENTS (decisions); i++)
    if (strcmp (umz_decision_text (decisions[i]), typed) == 0)
      decision = decisions[i];
  g_autoptr (UmzVm) vm = umz_find_vm (reply, umz_command_get (command, "VM-IDENTIFICATION"));
  if (vm == NULL)
    return;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  UmzEngine *engine = reply->app->engine;
  if (!umz_engine_get_doubt (engine, vm->uuid, decision, &doubt, &error)) {
    umz_reply_fail (reply, error);
    return;
  }
  if (confirmation->kind == UMZ_OPERAND_CONSTANT ||
      !umz_text_is_same_name (confirmation->text, doubt.peer)) {
    g_autoptr (GDateTime) heard = g_date_time_new_from_unix_local (doubt.heard_us / G_USEC_PER_SEC);
    g_autofree char *time = g_date_time_format (heard, "%F %T");
    umz_reply_reject (reply,
                      umz_notice_new (get_warning (decision), label, doubt.peer, time, NULL));
    return;
  }
  if (umz_engine_decide (engine, vm->uuid, decision, reply->operator_name, &error))
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_UMZ0210, label, typed, reply->operator_name,
                                          NULL));
  else
    umz_reply_fail (reply, error);
}

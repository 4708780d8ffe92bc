/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/text.h"
#include "daemon/commands.h"
#include "daemon/herald.h"
#include "daemon/takeovers.h"
#include "sdf/words.h"

#include <string.h>

static void
check_vm_migration (UmzReply *reply, const UmzCommand *command)
{
  g_autofree char *su = NULL;
  g_autoptr (UmzVm) vm = umz_vms_find (reply, umz_command_get (command, "VM-IDENTIFICATION"));
  if (vm == NULL)
    return;
  UmzMoveOrder order = { .terms = umz_engine_get_terms (reply->app->engine) };
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
  UmzMoveTerms terms = umz_engine_get_terms (reply->app->engine);
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
static void
migrate_vm (UmzReply *reply, const UmzCommand *command)
{
  g_autofree char *su = NULL;
  const UmzOperand *typed = umz_command_get (command, "VM-IDENTIFICATION");
  const UmzOperand *typed_su = umz_command_get (command, "SERVER-UNIT-NAME");
  if (!can_use_monjv (reply, command))
    return;
  UmzVm *vm = umz_vms_find (reply, typed);
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
  g_autoptr (UmzVm) vm = umz_vms_find (reply, umz_command_get (command, "VM-IDENTIFICATION"));
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

/* What may happen is told before, with what is known of the other SU; its name, typed, is the
 * operator's word.
 */
static void
resolve_vm_migration (UmzReply *reply, const UmzCommand *command)
{
  static const UmzDecision decisions[] = { UMZ_DECISION_COLD, UMZ_DECISION_RESUME,
                                           UMZ_DECISION_THAW };
  g_autoptr (GError) error = NULL;
  g_auto (UmzDoubt) doubt = { 0 };
  const UmzOperand *confirmation = umz_command_get (command, "CONFIRMATION");
  const char *typed = umz_command_get (command, "DECISION")->text;
  UmzDecision decision = UMZ_DECISION_COLD;
  for (size_t i = 0; i < G_N_ELEMENTS (decisions); i++)
    if (strcmp (umz_decision_text (decisions[i]), typed) == 0)
      decision = decisions[i];
  g_autoptr (UmzVm) vm = umz_vms_find (reply, umz_command_get (command, "VM-IDENTIFICATION"));
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
    umz_reply_reject (reply, umz_notice_new (decision == UMZ_DECISION_COLD ? UMZ_MSG_UMZ0208
                                                                           : UMZ_MSG_UMZ0209,
                                             label, doubt.peer, time, NULL));
    return;
  }
  if (umz_engine_decide (engine, vm->uuid, decision, reply->operator_name, &error))
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_UMZ0210, label, typed, reply->operator_name,
                                          NULL));
  else
    umz_reply_fail (reply, error);
}

typedef enum {
  LOOKS,      /* anybody may give it */
  CHANGES,    /* administrators may */
  LOGGED,     /* the same, and its echo stands in the console log */
  ONE_BY_ONE, /* the same, and no other such command changes VMs meanwhile */
} HandlerKind;

typedef struct {
  const char *name;
  HandlerKind kind;
  void (*execute) (UmzReply *reply, const UmzCommand *command);
} Handler;

/* clang-format off */
static const Handler handlers[] = {
  { "ACTIVATE-VM-DEFINITION", ONE_BY_ONE, umz_activate_vm_definition },
  { "ADD-VM-DEVICES",         ONE_BY_ONE, umz_add_vm_devices         },
  { "CANCEL-VM-MIGRATION",    LOGGED,     cancel_vm_migration        },
  { "CHECK-VM-MIGRATION",     LOGGED,     check_vm_migration         },
  { "CONFIRM-VM-OWNERSHIP",   ONE_BY_ONE, umz_confirm_vm_ownership   },
  { "CREATE-JV",              CHANGES,    umz_create_jv              },
  { "DELETE-JV",              CHANGES,    umz_delete_jv              },
  { "DELETE-VM",              ONE_BY_ONE, umz_delete_vm              },
  { "DELETE-VM-DEFINITION",   ONE_BY_ONE, umz_delete_vm_definition   },
  { "DELETE-VM-MIRROR",       LOGGED,     umz_delete_vm_mirror       },
  { "HELP-MSG-INFORMATION",   LOOKS,      umz_help_message           },
  { "HOLD-VM",                ONE_BY_ONE, umz_hold_vm                },
  { "MIGRATE-VM",             ONE_BY_ONE, migrate_vm                 },
  { "MIGRATE-VM-DEFINITION",  ONE_BY_ONE, umz_migrate_vm_definition  },
  { "MODIFY-JV",              CHANGES,    umz_modify_jv              },
  { "MODIFY-VM-DEFINITION",   ONE_BY_ONE, umz_modify_vm_definition   },
  { "RECOVER-VM-DEFINITION",  ONE_BY_ONE, umz_recover_vm_definition  },
  { "REMOVE-VM-DEVICES",      ONE_BY_ONE, umz_remove_vm_devices      },
  { "RESOLVE-VM-MIGRATION",   LOGGED,     resolve_vm_migration       },
  { "RESUME-VM",              ONE_BY_ONE, umz_resume_vm              },
  { "SHOW-JV",                LOOKS,      umz_show_jv                },
  { "SHOW-JV-ATTRIBUTES",     LOOKS,      umz_show_jv_attributes     },
  { "SHOW-SU-CLUSTER",        LOOKS,      umz_show_su_cluster        },
  { "SHOW-VM-ATTRIBUTES",     LOOKS,      umz_show_vm_attributes     },
  { "SHOW-VM-DEFINITION",     LOOKS,      umz_show_vm_definition     },
  { "SHOW-VM-DEVICE-STATUS",  LOOKS,      umz_show_vm_device_status  },
  { "SHOW-VM-MIGRATION",      LOOKS,      umz_show_vm_migration      },
  { "SHOW-VM-MIRROR",         LOOKS,      umz_show_vm_mirror         },
  { "SHOW-VM-RESOURCES",      LOOKS,      umz_show_vm_resources      },
  { "SHOW-VM-STATUS",         LOOKS,      umz_show_vm_status         },
  { "SHUTDOWN-VM",            ONE_BY_ONE, umz_shutdown_vm            },
  { "START-VM",               ONE_BY_ONE, umz_start_vm               },
  { "SWITCH-VM-DEVICES",      ONE_BY_ONE, umz_switch_vm_devices      },
  { "WAIT-EVENT",             LOOKS,      umz_wait_event             },
};
/* clang-format on */

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
  char *echo = g_strchomp (g_strdup (text + (text[0] == '/')));
  for (char *p = echo; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = ' '; /* one line, whatever was typed */
  return echo;
}

/* The command's full name, if the text begins with one; else "". */
static const char *
find_name (const char *text)
{
  text += strspn (text, " /");
  g_autofree char *word = g_strndup (text, strcspn (text, " ,=(\n"));
  const UmzCommandSpec *spec = word[0] != '\0' ? umz_sdf_find_command (word) : NULL;
  return spec != NULL ? spec->name : "";
}

void
umz_commands_execute (UmzReply *reply, const char *text)
{
  g_autoptr (UmzCommand) command = NULL;
  g_autoptr (GError) error = NULL;
  reply->command = find_name (text);
  if (!umz_sdf_parse (text, &command, &error)) {
    umz_reply_fail (reply, error);
    umz_reply_end (reply, 0, 1, "CMD0202");
    return;
  }
  reply->command = umz_command_get_name (command);
  const Handler *handler = find_handler (reply->command);
  if (handler->kind != LOOKS && !reply->is_administrator) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_CMD0216, NULL));
    return;
  }
  if (handler->kind == LOGGED || handler->kind == ONE_BY_ONE) {
    g_autofree char *echo = dup_echo (command, text);
    umz_monitor_echo (reply->app, echo);
  }
  g_autoptr (GMutexLocker) locker =
    handler->kind == ONE_BY_ONE ? g_mutex_locker_new (&reply->app->change_lock) : NULL;
  handler->execute (reply, command);
  if (handler->kind == ONE_BY_ONE)
    umz_herald_look (reply->app->herald);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* confirm.c: CONFIRM-VM-OWNERSHIP. */
#include "commands/find.h"
#include "commands/handlers.h"
#include "host/confirmation.h"
#include "su/ownership.h"

/* What may happen is told before; the name of an SU that does not answer is the operator's word. */
void
umz_execute_confirm_vm_ownership (UmzReply *reply, const UmzCommand *command)
{
  UmzApp *app = reply->app;
  g_autoptr (GError) error = NULL;
  const UmzOperand *typed = umz_command_get (command, "CONFIRMATION");
  g_autoptr (UmzVm) vm = umz_find_definition (reply, umz_command_get (command, "VM-NAME"));
  if (vm == NULL)
    return;
  if (umz_confirmation_is_given (app->config, vm->uuid)) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_UMZ0216, vm->name, NULL));
    return;
  }
  g_autofree char *partners = umz_ownership_dup_partners (app->config);
  bool is_sure = typed->kind != UMZ_OPERAND_CONSTANT &&
                 umz_config_find_peer (app->config, typed->text) != NULL;
  if (!is_sure)
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_UMZ0214, vm->name, partners, NULL));
  else if (umz_confirmation_give (app->config, vm->uuid, &error))
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_UMZ0215, vm->name, reply->operator_name, NULL));
  else
    umz_reply_fail (reply, error);
}

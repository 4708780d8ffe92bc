/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands/definition-words.h"

void
umz_reply_storage_failed (UmzReply *reply, const GError *error)
{
  umz_reply_say (reply, umz_error_to_notice (error));
  umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2332, NULL));
}

static void
reject_for (UmzReply *reply, const UmzVm *vm, const char *su, const char *reason)
{
  umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2324, vm->name, su, reason, NULL));
}

void
umz_reply_definition_failed (UmzReply *reply, const UmzVm *vm, const char *su,
                             const UmzNotice *cause)
{
  UmzMessageId id = umz_notice_get_id (cause);
  g_autofree char *reason = umz_notice_reason (cause);
  if (id == UMZ_MSG_VMS2410)
    umz_reply_reject (reply, umz_notice_copy (cause));
  else if (id == UMZ_MSG_UMZ0124) /* says what the target said */
    reject_for (reply, vm, su, umz_notice_get_inserts (cause)[1]);
  else if (g_str_has_prefix (umz_message_code (id), "VMS"))
    reject_for (reply, vm, su, reason);
  else {
    umz_reply_say (reply, umz_notice_copy (cause));
    if (id == UMZ_MSG_UMZ0320)
      umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2325, vm->name, su, NULL));
    else if (id == UMZ_MSG_UMZ0321)
      umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2403, su, NULL));
    else
      umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2323, vm->name, su, NULL));
  }
}

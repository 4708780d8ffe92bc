/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mirrors.c: SHOW-VM-MIRROR and DELETE-VM-MIRROR: what this SU has kept of guests that have moved.
 */
#include "commands/handlers.h"

#include "commands/show.h"
#include "mirrors/mirrors.h"
#include "model/json.h"

static GPtrArray *
list_mirrors (UmzReply *reply)
{
  return umz_mirrors_list (reply->app->mirrors);
}

static void
show (UmzReply *reply, const UmzMirrorInfo *mirror)
{
  JsonBuilder *b = reply->data;
  umz_reply_print (reply, "%-15s %-10s %7" G_GUINT64_FORMAT " %7" G_GINT64_FORMAT " %s",
                   mirror->name, mirror->peer, umz_show_mib (mirror->bytes),
                   mirror->age_us / (60 * G_USEC_PER_SEC), mirror->is_in_use ? "IN USE" : "READY");
  json_builder_begin_object (b);
  umz_json_set_text (b, "uuid", mirror->uuid);
  umz_json_set_text (b, "name", mirror->name);
  umz_json_set_text (b, "su", mirror->peer);
  umz_json_set_number (b, "bytes", mirror->bytes);
  umz_json_set_number (b, "age_us", (uint64_t) mirror->age_us);
  umz_json_set_bool (b, "in_use", mirror->is_in_use);
  json_builder_end_object (b);
}

void
umz_execute_show_vm_mirror (UmzReply *reply, const UmzCommand *command)
{
  const UmzOperand *wanted = umz_command_get (command, "VM-NAME");
  g_autoptr (GPtrArray) mirrors = list_mirrors (reply);
  umz_reply_print (reply, "VM-NAME         SU              MB MINUTES STATE");
  for (guint i = 0; i < mirrors->len; i++) {
    const UmzMirrorInfo *mirror = mirrors->pdata[i];
    if (umz_operand_selects (wanted, mirror->name))
      show (reply, mirror);
  }
}

void
umz_execute_delete_vm_mirror (UmzReply *reply, const UmzCommand *command)
{
  const UmzOperand *wanted = umz_command_get (command, "VM-NAME");
  g_autoptr (GPtrArray) mirrors = list_mirrors (reply);
  unsigned n_deleted = 0;
  for (guint i = 0; i < mirrors->len; i++) {
    const UmzMirrorInfo *mirror = mirrors->pdata[i];
    if (!umz_operand_selects (wanted, mirror->name) ||
        !umz_mirrors_drop (reply->app->mirrors, mirror->uuid))
      continue;
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_UMZ0250, mirror->name, mirror->peer, NULL));
    n_deleted++;
  }
  if (n_deleted == 0 && wanted->kind != UMZ_OPERAND_CONSTANT)
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_UMZ0251, wanted->original, NULL));
}

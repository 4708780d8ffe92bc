/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands/remote-definitions.h"

#include "model/json.h"
#include "store/partners.h"

static char *
dup_time (int64_t time_us)
{
  if (time_us == 0)
    return g_strdup ("-");
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (time_us / G_USEC_PER_SEC);
  return g_date_time_format (time, "%F %H:%M:%S");
}

static void
show_definition (UmzReply *reply, const UmzDefinitionRecord *record, int64_t heard_us)
{
  g_autofree char *time = dup_time (heard_us);
  g_autofree char *index =
    record->index != 0 ? g_strdup_printf ("%u", record->index) : g_strdup ("-");
  umz_reply_print (reply, "%-10s %3s %-10s %-3s  %s", record->owner, index, record->name,
                   record->is_active ? "YES" : "NO", time);
  JsonBuilder *b = reply->data;
  json_builder_begin_object (b);
  umz_json_set_text (b, "su", record->owner);
  umz_json_set_number (b, "index", record->index);
  umz_json_set_text (b, "name", record->name);
  umz_json_set_text (b, "uuid", record->uuid);
  umz_json_set_bool (b, "active", record->is_active);
  umz_json_set_number (b, "as_of_us", (uint64_t) heard_us);
  json_builder_end_object (b);
}

/* Those of one SU; false: none is wanted. */
static bool
show_su (UmzReply *reply, const UmzConfigPeer *su, const UmzOperand *wanted, GError **error)
{
  bool is_any = false;
  int64_t heard_us = 0;
  g_autoptr (GPtrArray) known = umz_store_list_definitions (reply->app->store, su->name, error);
  if (known == NULL || !umz_store_get_heard (reply->app->store, su->name, &heard_us, error))
    return false;
  for (guint i = 0; i < known->len; i++) {
    const UmzDefinitionRecord *record = known->pdata[i];
    if (wanted->kind != UMZ_OPERAND_CONSTANT && !umz_operand_selects (wanted, record->name))
      continue;
    show_definition (reply, record, heard_us);
    is_any = true;
  }
  return is_any;
}

void
umz_remote_definitions_show (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  bool is_any = false;
  const UmzConfig *config = reply->app->config;
  const UmzOperand *wanted = umz_command_get (command, "VM-NAME");
  const UmzOperand *named = umz_command_get (command, "SERVER-UNIT-NAME");
  bool is_all = named->kind == UMZ_OPERAND_CONSTANT;
  const UmzConfigPeer *only = is_all ? NULL : umz_config_find_peer (config, named->text);
  if (!is_all && only == NULL) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2400, named->text, NULL));
    return;
  }
  umz_reply_print (reply, "SU          VM-ID         ACT  AS-OF");
  for (guint i = 0; i < config->peers->len && error == NULL; i++)
    if (is_all || config->peers->pdata[i] == only)
      is_any |= show_su (reply, config->peers->pdata[i], wanted, &error);
  if (error != NULL)
    umz_reply_fail (reply, error);
  else if (!is_any && wanted->kind != UMZ_OPERAND_CONSTANT && !wanted->is_pattern)
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2300, wanted->original, NULL));
}

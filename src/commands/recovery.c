/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* recovery.c: RECOVER-VM-DEFINITION. */
#include <gio/gio.h>
#include <string.h>

#include "commands/definition-words.h"
#include "commands/handlers.h"
#include "engine/fault.h"
#include "host/confirmation.h"
#include "model/json.h"
#include "partners/recovery.h"
#include "store/vms.h"
#include "su/vms.h"

#define PROBE_S 5

/* ---- whether the SU is down ---- */

typedef enum {
  SU_IS_SILENT,
  SU_REFUSES, /* its host is there, and nobody listens */
  SU_ANSWERS,
} Sign;

/* Whoever accepts is a running umzugd, even if it could not speak to us. */
static Sign
look_for_su (const UmzConfigPeer *su)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_timeout (client, PROBE_S);
  g_autoptr (GSocketConnection) connection =
    g_socket_client_connect_to_host (client, su->address, (guint16) su->port, NULL, &cause);
  if (connection != NULL)
    return SU_ANSWERS;
  return g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED) ? SU_REFUSES
                                                                            : SU_IS_SILENT;
}

/* ---- RECOVER-VM-DEFINITION ---- */

/* Lent by the list.  NULL: said and ended. */
static const UmzDefinitionRecord *
find_definition (UmzReply *reply, const char *su, const char *name, const GPtrArray *known)
{
  int64_t heard_us = 0;
  g_autoptr (GError) error = NULL;
  if (!umz_store_get_heard (reply->app->store, su, &heard_us, &error)) {
    umz_reply_storage_failed (reply, error);
    return NULL;
  }
  if (heard_us == 0) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2345, name, su, NULL));
    return NULL;
  }
  const UmzDefinitionRecord *record = umz_recovery_find (known, su, name, &error);
  if (record == NULL)
    umz_reply_fail (reply, error);
  return record;
}

static bool
fits (UmzReply *reply, const UmzDefinitionRecord *record)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) vms = umz_vms_list (reply->app, &error);
  if (vms == NULL || !umz_store_has_room (reply->app->store, &error)) {
    umz_reply_storage_failed (reply, error);
    return false;
  }
  if (umz_recovery_fits (record, vms, &error) &&
      umz_engine_settle (reply->app->engine, record->uuid, 0))
    return true;
  umz_reply_reject (reply, error != NULL ? umz_error_to_notice (error)
                                         : umz_notice_new (UMZ_MSG_VMS4013, record->name, NULL));
  return false;
}

/* Without the index it had, if another VM has that here, or no VM can have it. */
static void
take_index (UmzReply *reply, const UmzDefinitionRecord *record)
{
  g_autoptr (GError) error = NULL;
  if (record->index > reply->app->config->index_max) {
    g_autofree char *index = g_strdup_printf ("%u", record->index);
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS4012, index, NULL));
  }
  else if (record->is_index_fixed &&
           !umz_store_fix_index (reply->app->store, record->uuid, record->index, &error))
    umz_reply_say (reply, umz_error_to_notice (error));
}

/* From the first word in the store on a crash leaves either nothing or a definition that is ours
 * (see takeovers.h).
 */
static void
take_over (UmzReply *reply, const UmzDefinitionRecord *record)
{
  UmzApp *app = reply->app;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = g_uuid_string_random ();
  g_autoptr (UmzTakeover) takeover =
    umz_takeover_new (id, record->owner, record->uuid, record->name, UMZ_TAKEOVER_BEGUN);
  if (!umz_store_raise_epoch (app->store, record->uuid, record->epoch, &error) ||
      !umz_store_put_takeover (app->store, takeover, &error)) {
    umz_reply_storage_failed (reply, error);
    return;
  }
  umz_fault_point ("recover-begun");
  bool is_defined = umz_hypervisor_define (app->hypervisor, record->xml, &error);
  umz_fault_point ("recover-defined");
  takeover->state = is_defined ? UMZ_TAKEOVER_TAKEN : UMZ_TAKEOVER_OVER;
  if (!umz_store_put_takeover (app->store, takeover, is_defined ? &error : NULL) && is_defined) {
    /* It is ours all the same: the herald notes it later. */
    umz_reply_storage_failed (reply, error);
    return;
  }
  if (!is_defined) {
    umz_reply_say (reply, umz_error_to_notice (error));
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2345, record->name, record->owner, NULL));
    return;
  }
  (void) umz_store_delete_definition (app->store, record->owner, record->uuid,
                                      NULL); /* else with the owner's next list */
  take_index (reply, record);
  if (!umz_confirmation_give (app->config, record->uuid, &error))
    umz_reply_say (reply, umz_error_to_notice (error));
  umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS2340, record->name, record->owner, NULL));
}

void
umz_execute_recover_vm_definition (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  UmzApp *app = reply->app;
  const UmzOperand *name = umz_command_get (command, "VM-NAME");
  const UmzOperand *named = umz_command_get (command, "SERVER-UNIT-NAME");
  const UmzConfigPeer *su = umz_recovery_find_su (
    app->config, named->kind == UMZ_OPERAND_CONSTANT ? NULL : named->text, &error);
  if (su == NULL) {
    umz_reply_fail (reply, error);
    return;
  }
  g_autoptr (GPtrArray) known = umz_store_list_definitions (app->store, NULL, &error);
  if (known == NULL) {
    umz_reply_storage_failed (reply, error);
    return;
  }
  Sign sign = look_for_su (su);
  if (sign == SU_ANSWERS) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2344, su->name, NULL));
    return;
  }
  const UmzDefinitionRecord *record = find_definition (reply, su->name, name->original, known);
  if (record == NULL || !fits (reply, record))
    return;
  if (sign == SU_REFUSES && record->is_active) {
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_UMZ0236, su->name, record->name, NULL));
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2344, su->name, NULL));
    return;
  }
  if (sign == SU_REFUSES)
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_UMZ0230, su->name, record->name, NULL));
  take_over (reply, record);
}

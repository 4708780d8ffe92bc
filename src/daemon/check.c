/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check.c: gathers the facts of both SUs and has them judged (precheck). */
#include <string.h>

#include "base/text.h"
#include "daemon/commands.h"
#include "hypervisor/host.h"
#include "hypervisor/storage.h"
#include "model/json.h"
#include "partners/exchange.h"
#include "peer/client.h"
#include "precheck/precheck.h"

#define CHECK_S      20
#define SETTLE_S     5
#define FINDINGS_MAX 1000

static GPtrArray *
new_notices (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) umz_notice_free);
}

static void
judge_room (UmzApp *app, GPtrArray *findings)
{
  g_autoptr (GError) error = NULL;
  if (!umz_store_has_room (app->store, &error))
    g_ptr_array_add (findings, umz_error_to_notice (error));
}

/* ---- on the target ---- */

/* What guests there may still touch: of a running one what it has not touched yet; all of it of one
 * that arrives, and of one that is down and may be started again.
 */
uint64_t
umz_check_sum_promised (UmzApp *app, const GPtrArray *vms)
{
  uint64_t promised = 0;
  g_autoptr (GPtrArray) arrivals = umz_engine_list_arrivals (app->engine);
  for (guint i = 0; i < arrivals->len; i++) {
    const UmzVm *arrival = arrivals->pdata[i];
    promised += umz_vms_is_initialized (arrival) ? arrival->memory_bytes : 0;
  }
  for (guint i = 0; i < vms->len; i++) {
    const UmzVm *vm = vms->pdata[i];
    int64_t pid = 0;
    if (!umz_vms_is_initialized (vm) || umz_vms_is_moving (app, vm))
      continue;
    bool has_process = umz_hypervisor_get_pid (vm->name, vm->uuid, &pid, NULL);
    uint64_t resident = has_process ? umz_host_get_resident_bytes (pid) : 0;
    promised += vm->memory_bytes > resident ? vm->memory_bytes - resident : 0;
  }
  return promised;
}

static bool
judge_arrival (UmzApp *app, const UmzVm *vm, GPtrArray *findings, GError **error)
{
  g_autofree char *index_owner = umz_store_dup_uuid (app->store, vm->index, NULL);
  g_autofree uint64_t *sizes = g_new0 (uint64_t, vm->devices->len + 1);
  UmzTargetFacts facts = { .reserve_bytes = app->config->reserve_mib * 1024 * 1024,
                           .index_owner = index_owner,
                           .sizes_bytes = sizes };
  g_autoptr (GPtrArray) vms = umz_vms_list_with_arrivals (app, error);
  if (vms == NULL || !umz_host_get_available_bytes (&facts.available_bytes, error))
    return false;
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *device = vm->devices->pdata[i];
    if (umz_device_has_storage (device))
      (void) umz_storage_get_size (device->source, &sizes[i], NULL); /* unreachable is size 0 */
  }
  facts.vms = vms;
  facts.promised_bytes = umz_check_sum_promised (app, vms);
  umz_precheck_target (vm, &facts, findings);
  judge_room (app, findings);
  return umz_hypervisor_check_host (app->hypervisor, vm, findings, error);
}

/* The same of a VM that is only defined. */
static bool
judge_definition (UmzApp *app, const UmzVm *vm, GPtrArray *findings, GError **error)
{
  g_autofree char *index_owner = umz_store_dup_uuid (app->store, vm->index, NULL);
  g_autoptr (GPtrArray) vms = umz_vms_list (app, error);
  if (vms == NULL)
    return false;
  umz_precheck_definition (vm, &(UmzTargetFacts){ .vms = vms, .index_owner = index_owner },
                           findings);
  if (vms->len >= UMZ_DEFINITIONS_MAX)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS2311, NULL));
  judge_room (app, findings);
  return true;
}

JsonNode *
umz_check_handle (UmzApp *app, JsonObject *request, GError **error)
{
  g_autoptr (GPtrArray) findings = new_notices ();
  g_autoptr (JsonBuilder) b = json_builder_new ();
  g_autoptr (UmzVm) vm = umz_vm_from_json (json_object_get_member (request, "vm"), error);
  if (vm == NULL || !(umz_vms_is_initialized (vm) ? judge_arrival (app, vm, findings, error)
                                                  : judge_definition (app, vm, findings, error)))
    return NULL;
  json_builder_begin_object (b);
  umz_json_set_text (b, "type", umz_su_type_text (app->config->su_type));
  umz_json_set_number (b, "active", app->config->is_active);
  json_builder_set_member_name (b, "findings");
  json_builder_begin_array (b);
  for (guint i = 0; i < findings->len; i++)
    json_builder_add_value (b, umz_json_from_notice (findings->pdata[i]));
  json_builder_end_array (b);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

/* ---- on the source ---- */

/* The target SU's name, or NULL: said and ended. */
static char *
resolve_su (UmzReply *reply, const UmzOperand *operand)
{
  const UmzConfig *config = reply->app->config;
  if (operand->kind == UMZ_OPERAND_CONSTANT) {
    if (config->peers->len == 1)
      return g_strdup (((const UmzConfigPeer *) config->peers->pdata[0])->name);
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2341, NULL));
    return NULL;
  }
  if (umz_text_is_same_name (operand->text, config->su_name) ||
      umz_config_find_peer (config, operand->text) != NULL)
    return g_strdup (operand->text);
  umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2400, operand->text, NULL));
  return NULL;
}

/* One finding in VM2000's words; the source's with target_su NULL. */
static UmzNotice *
word (const UmzVm *vm, const char *target_su, const UmzNotice *finding)
{
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  g_autofree char *reason = umz_notice_reason (finding);
  if (umz_notice_get_id (finding) == UMZ_MSG_VMS2471)
    return umz_notice_copy (finding);
  if (target_su == NULL)
    return umz_notice_new (UMZ_MSG_VMS2401, label, reason, NULL);
  return umz_notice_new (UMZ_MSG_VMS2404, label, target_su, reason, NULL);
}

static void
say_findings (UmzReply *reply, const UmzVm *vm, const char *target_su, const GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++)
    umz_reply_say (reply, word (vm, target_su, findings->pdata[i]));
}

/* What this SU reaches of the disks goes along as facts. */
static void
look_at_storage (UmzVm *vm)
{
  for (guint i = 0; i < vm->devices->len; i++) {
    UmzDevice *device = vm->devices->pdata[i];
    if (!umz_device_has_storage (device))
      continue;
    g_free (device->identity);
    device->identity = umz_storage_dup_identity (device->source);
    device->is_local = umz_storage_is_local (device->source);
    (void) umz_storage_get_size (device->source, &device->size_bytes, NULL); /* shows there */
  }
}

static void
judge_here (UmzReply *reply, UmzVm *vm, const char *su, GPtrArray *findings)
{
  look_at_storage (vm);
  if (!umz_engine_can_name_socket (reply->app->engine, vm->name))
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0113, "ITS NAME IS TOO LONG", NULL));
  if (umz_text_is_same_name (su, reply->app->config->su_name))
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0101, su, NULL));
  umz_precheck_source (vm, &(UmzSourceFacts){ su }, findings);
  judge_room (reply->app, findings);
}

static bool
read_verdict (UmzReply *reply, JsonNode *answer, GPtrArray *here, GPtrArray *there, GError **error)
{
  const char *type = "";
  JsonObject *object = json_node_get_object (answer);
  JsonArray *array = umz_json_get_array (object, "findings", FINDINGS_MAX);
  if (array == NULL || !umz_json_get_text (object, "type", 16, &type)) {
    umz_set_error (error, UMZ_MSG_UMZ0310, "verdict of the target SU", NULL);
    return false;
  }
  const char *own = umz_su_type_text (reply->app->config->su_type);
  if (strcmp (type, own) != 0)
    g_ptr_array_add (here, umz_notice_new (UMZ_MSG_UMZ0102, own, type, NULL));
  for (guint i = 0; i < json_array_get_length (array); i++) {
    UmzNotice *notice = umz_json_to_notice (json_array_get_element (array, i), error);
    if (notice == NULL)
      return false;
    g_ptr_array_add (there, notice);
  }
  return true;
}

static bool
ask_target (UmzReply *reply, const UmzVm *vm, const char *su, GPtrArray *here, GPtrArray *there,
            GError **error)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  g_autoptr (UmzPeerClient) client = umz_peer_client_new (reply->app->config, su, error);
  if (client == NULL)
    return false;
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "vm");
  json_builder_add_value (b, umz_vm_to_json (vm));
  json_builder_end_object (b);
  g_autoptr (JsonNode) request = json_builder_get_root (b);
  g_autoptr (JsonNode) answer = umz_peer_call (client, "/check", request, CHECK_S, NULL, error);
  return answer != NULL && read_verdict (reply, answer, here, there, error);
}

/* A target that cannot be asked is a conflict in VM2000's words, and then the cause. */
static void
say_unreachable (UmzReply *reply, const UmzVm *vm, const char *su, const GError *error)
{
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  if (g_error_matches (error, UMZ_ERROR, UMZ_MSG_UMZ0320))
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS2405, label, su, NULL));
  else if (g_error_matches (error, UMZ_ERROR, UMZ_MSG_UMZ0321))
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS2403, su, NULL));
  umz_reply_say (reply, umz_error_to_notice (error));
}

UmzCheckResult
umz_check_migration (UmzReply *reply, UmzVm *vm, const UmzOperand *operand, char **ret_su)
{
  UmzSide side;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) here = new_notices (), there = new_notices ();
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  g_autofree char *su = resolve_su (reply, operand);
  if (su == NULL)
    return UMZ_CHECK_FAILED;
  if (umz_engine_is_moving (reply->app->engine, vm->uuid, &side, NULL)) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS3042, label, reply->command, NULL));
    return UMZ_CHECK_FAILED;
  }
  if (!reply->app->config->is_active) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2402, su, NULL));
    return UMZ_CHECK_FAILED;
  }
  (void) umz_engine_settle (reply->app->engine, vm->uuid, SETTLE_S); /* else the target objects */
  judge_here (reply, vm, su, here);
  bool is_local = umz_text_is_same_name (su, reply->app->config->su_name);
  bool could_ask = is_local || ask_target (reply, vm, su, here, there, &error);
  say_findings (reply, vm, NULL, here);
  say_findings (reply, vm, su, there);
  if (!could_ask)
    say_unreachable (reply, vm, su, error);
  *ret_su = g_steal_pointer (&su);
  bool has_conflict = umz_precheck_has_conflict (here) || umz_precheck_has_conflict (there);
  return could_ask && !has_conflict ? UMZ_CHECK_POSSIBLE : UMZ_CHECK_NOT_POSSIBLE;
}

/* ---- for a definition ---- */

/* Neither SU changes anything: every finding, and then the word for it. */
static void
reject_definition (UmzReply *reply, const UmzVm *vm, const char *su, const GPtrArray *here,
                   const GPtrArray *there)
{
  for (guint i = 0; i < there->len; i++) {
    g_autofree char *reason = umz_notice_reason (there->pdata[i]);
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2324, vm->name, su, reason, NULL));
  }
  for (guint i = 0; i < here->len; i++)
    umz_reply_say (reply, umz_notice_copy (here->pdata[i]));
  if (here->len > 0)
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2323, vm->name, su, NULL));
}

/* What is not about the connection, the target has said. */
static UmzNotice *
make_cause (const char *su, const GError *error)
{
  UmzNotice *cause = umz_error_to_notice (error);
  UmzMessageId id = umz_notice_get_id (cause);
  if (id == UMZ_MSG_UMZ0320 || id == UMZ_MSG_UMZ0321 || id == UMZ_MSG_VMS2410)
    return cause;
  g_autoptr (UmzNotice) owned = cause;
  g_autofree char *reason = umz_notice_reason (owned);
  return umz_notice_new (UMZ_MSG_UMZ0124, su, reason, NULL);
}

char *
umz_check_definition (UmzReply *reply, const UmzVm *vm, const UmzOperand *operand)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) here = new_notices (), there = new_notices ();
  g_autofree char *su = resolve_su (reply, operand);
  if (su == NULL)
    return NULL;
  if (!reply->app->config->is_active) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2402, su, NULL));
    return NULL;
  }
  (void) umz_engine_settle (reply->app->engine, vm->uuid, SETTLE_S); /* else the target objects */
  if (umz_text_is_same_name (su, reply->app->config->su_name))
    g_ptr_array_add (here, umz_notice_new (UMZ_MSG_UMZ0101, su, NULL));
  else if (!ask_target (reply, vm, su, here, there, &error)) {
    g_autoptr (UmzNotice) cause = make_cause (su, error);
    umz_definition_failed (reply, vm, su, cause);
    return NULL;
  }
  reject_definition (reply, vm, su, here, there);
  return here->len + there->len == 0 ? g_steal_pointer (&su) : NULL;
}

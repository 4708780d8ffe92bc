/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands/check.h"

#include <string.h>

#include "base/text.h"
#include "commands/definition-words.h"
#include "hypervisor/facts.h"
#include "model/json.h"
#include "peer/client.h"
#include "su/facts.h"
#include "su/judgement.h"
#include "su/vms.h"

#define CHECK_S      20
#define SETTLE_S     5
#define FINDINGS_MAX 1000

static GPtrArray *
new_notices (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) umz_notice_free);
}

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

/* A check on its way through both SUs. */
typedef struct {
  UmzReply *reply;         /* borrowed, as vm and su */
  UmzVm *vm;               /* completed with what only this SU can tell */
  const char *su;          /* the target */
  UmzSuFacts own;          /* owned; of this SU */
  GPtrArray *here, *there; /* owned; findings of each side */
} Check;

static void
check_clear (Check *check)
{
  umz_model_su_facts_clear (&check->own);
  g_clear_pointer (&check->here, g_ptr_array_unref);
  g_clear_pointer (&check->there, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Check, check_clear)

static bool
judge_here (Check *check, GError **error)
{
  UmzApp *app = check->reply->app;
  if (!umz_engine_can_name_socket (app->engine, check->vm->name))
    g_ptr_array_add (check->here, umz_notice_new (UMZ_MSG_UMZ0113, "ITS NAME IS TOO LONG", NULL));
  if (umz_text_is_same_name (check->su, app->config->su_name))
    g_ptr_array_add (check->here, umz_notice_new (UMZ_MSG_UMZ0101, check->su, NULL));
  umz_facts_get_su (app, check->vm, &check->own);
  umz_judgement_add_room (app, check->here);
  g_auto (UmzSourceFacts) facts = { 0 };
  if (!umz_facts_get_source (app, check->vm, check->su, &check->own, &facts, error))
    return false;
  umz_precheck_source (check->vm, &facts, check->here);
  return true;
}

/* Side by side; the clocks as they were when the answer came. */
static bool
compare_sus (Check *check, JsonObject *answer, GError **error)
{
  UmzPairFacts target;
  check->own.pair.time_us = g_get_real_time ();
  if (!umz_facts_pair_from_json (json_object_get_member (answer, "su"), &target, error))
    return false;
  umz_precheck_pair (&check->own.pair, &target, check->there);
  return true;
}

static bool
read_verdict (Check *check, JsonObject *answer, GError **error)
{
  const char *type = "";
  JsonArray *array = umz_json_get_array (answer, "findings", FINDINGS_MAX);
  if (array == NULL || !umz_json_get_text (answer, "type", 16, &type)) {
    umz_set_error (error, UMZ_MSG_UMZ0310, "verdict of the target SU", NULL);
    return false;
  }
  const char *own = umz_su_type_text (check->reply->app->config->su_type);
  if (strcmp (type, own) != 0)
    g_ptr_array_add (check->here, umz_notice_new (UMZ_MSG_UMZ0102, own, type, NULL));
  for (guint i = 0; i < json_array_get_length (array); i++) {
    UmzNotice *notice = umz_json_to_notice (json_array_get_element (array, i), error);
    if (notice == NULL)
      return false;
    g_ptr_array_add (check->there, notice);
  }
  return !umz_vms_is_initialized (check->vm) || compare_sus (check, answer, error);
}

static bool
ask_target (Check *check, GError **error)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  g_autoptr (UmzPeerClient) client =
    umz_peer_client_new (check->reply->app->config, check->su, error);
  if (client == NULL)
    return false;
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "vm");
  json_builder_add_value (b, umz_vm_to_json (check->vm));
  json_builder_end_object (b);
  g_autoptr (JsonNode) request = json_builder_get_root (b);
  g_autoptr (JsonNode) answer = umz_peer_call (client, "/check", request, CHECK_S, NULL, error);
  return answer != NULL && read_verdict (check, json_node_get_object (answer), error);
}

/* ---- what is said ---- */

/* One finding in VM2000's words. */
static UmzNotice *
word (const Check *check, UmzSide side, const UmzNotice *finding)
{
  g_autofree char *label = umz_vm_label (check->vm->index, check->vm->name);
  g_autofree char *reason = umz_notice_reason (finding);
  if (umz_notice_get_id (finding) == UMZ_MSG_VMS2471)
    return umz_notice_copy (finding);
  if (umz_message_severity (umz_notice_get_id (finding)) == UMZ_SEVERITY_WARNING)
    return umz_notice_new (UMZ_MSG_VMS2470, label, check->su, reason, NULL);
  return side == UMZ_SIDE_SOURCE
           ? umz_notice_new (UMZ_MSG_VMS2401, label, reason, NULL)
           : umz_notice_new (UMZ_MSG_VMS2404, label, check->su, reason, NULL);
}

static void
say_findings (const Check *check, UmzSide side, const GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++)
    umz_reply_say (check->reply, word (check, side, findings->pdata[i]));
}

/* A target that cannot be asked is a conflict in VM2000's words, and then the cause. */
static void
say_unreachable (const Check *check, const GError *error)
{
  g_autofree char *label = umz_vm_label (check->vm->index, check->vm->name);
  if (g_error_matches (error, UMZ_ERROR, UMZ_MSG_UMZ0320))
    umz_reply_say (check->reply, umz_notice_new (UMZ_MSG_VMS2405, label, check->su, NULL));
  else if (g_error_matches (error, UMZ_ERROR, UMZ_MSG_UMZ0321))
    umz_reply_say (check->reply, umz_notice_new (UMZ_MSG_VMS2403, check->su, NULL));
  umz_reply_say (check->reply, umz_error_to_notice (error));
}

/* Whether there is anything to check: said and ended otherwise. */
static bool
can_begin (UmzReply *reply, const UmzVm *vm, const char *su)
{
  UmzSide side;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  if (umz_engine_is_moving (reply->app->engine, vm->uuid, &side, NULL)) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS3042, label, reply->command, NULL));
    return false;
  }
  if (!reply->app->config->is_active) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2402, su, NULL));
    return false;
  }
  return true;
}

/* Only a VM that was given up before is refused for that. */
static UmzForecast
forecast_move (Check *check, const UmzMoveTerms *terms)
{
  UmzApp *app = check->reply->app;
  if (check->vm->state != UMZ_VM_STATE_RUNNING)
    return (UmzForecast){ .basis = UMZ_FORECAST_NONE };
  UmzForecast forecast = umz_facts_forecast (app, check->vm, check->su, terms);
  UmzMoveTerms usual = umz_terms_of_su_type (app->config->su_type);
  bool is_patient = terms->policy != UMZ_GUARD_MUST_CONVERGE ||
                    terms->suspension_us > usual.suspension_us;
  if (forecast.is_hopeless && !is_patient)
    g_ptr_array_add (check->here, umz_facts_new_hopeless (app, check->vm, check->su, &forecast));
  return forecast;
}

static void
expect (UmzReply *reply, const UmzForecast *forecast, UmzMoveOrder *order)
{
  if (forecast->basis == UMZ_FORECAST_NONE || forecast->is_hopeless)
    return;
  order->expected = (UmzExpectation){ .total_us = forecast->total_us,
                                      .stop_us = forecast->stop_us,
                                      .link_bytes = forecast->link_bytes };
  umz_reply_say (reply, umz_facts_new_expectation (forecast));
}

UmzCheckResult
umz_check_migration (UmzReply *reply, UmzVm *vm, const UmzOperand *operand, UmzMoveOrder *order,
                     char **ret_su)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *su = resolve_su (reply, operand);
  if (su == NULL || !can_begin (reply, vm, su))
    return UMZ_CHECK_FAILED;
  (void) umz_engine_settle (reply->app->engine, vm->uuid, SETTLE_S); /* else the target objects */
  g_auto (Check) check = {
    .reply = reply, .vm = vm, .su = su, .here = new_notices (), .there = new_notices ()
  };
  if (!judge_here (&check, &error)) {
    umz_reply_fail (reply, error);
    return UMZ_CHECK_FAILED;
  }
  UmzForecast forecast = forecast_move (&check, &order->terms);
  bool is_local = umz_text_is_same_name (su, reply->app->config->su_name);
  bool could_ask = is_local || ask_target (&check, &error);
  say_findings (&check, UMZ_SIDE_SOURCE, check.here);
  say_findings (&check, UMZ_SIDE_TARGET, check.there);
  if (!could_ask)
    say_unreachable (&check, error);
  *ret_su = g_strdup (su);
  bool has_conflict =
    umz_precheck_has_conflict (check.here) || umz_precheck_has_conflict (check.there);
  if (!could_ask || has_conflict)
    return UMZ_CHECK_NOT_POSSIBLE;
  expect (reply, &forecast, order);
  return UMZ_CHECK_POSSIBLE;
}

/* ---- for a definition ---- */

/* Neither SU changes anything: every finding, and then the word for it. */
static void
reject_definition (const Check *check)
{
  UmzReply *reply = check->reply;
  const char *name = check->vm->name;
  for (guint i = 0; i < check->there->len; i++) {
    g_autofree char *reason = umz_notice_reason (check->there->pdata[i]);
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2324, name, check->su, reason, NULL));
  }
  for (guint i = 0; i < check->here->len; i++)
    umz_reply_say (reply, umz_notice_copy (check->here->pdata[i]));
  if (check->here->len > 0)
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2323, name, check->su, NULL));
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
umz_check_definition (UmzReply *reply, UmzVm *vm, const UmzOperand *operand)
{
  g_auto (UmzDomainFacts) domain = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *su = resolve_su (reply, operand);
  if (su == NULL)
    return NULL;
  if (!reply->app->config->is_active) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS2402, su, NULL));
    return NULL;
  }
  (void) umz_engine_settle (reply->app->engine, vm->uuid, SETTLE_S); /* else the target objects */
  g_auto (Check) check = {
    .reply = reply, .vm = vm, .su = su, .here = new_notices (), .there = new_notices ()
  };
  if (!umz_hypervisor_get_domain_facts (reply->app->hypervisor, vm, &domain, &error)) {
    umz_reply_fail (reply, error);
    return NULL;
  }
  umz_precheck_definition_here (vm, &domain, check.here);
  if (umz_text_is_same_name (su, reply->app->config->su_name))
    g_ptr_array_add (check.here, umz_notice_new (UMZ_MSG_UMZ0101, su, NULL));
  else if (!ask_target (&check, &error)) {
    g_autoptr (UmzNotice) cause = make_cause (su, error);
    umz_reply_definition_failed (reply, vm, su, cause);
    return NULL;
  }
  reject_definition (&check);
  return check.here->len + check.there->len == 0 ? g_steal_pointer (&su) : NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "su/judgement.h"

#include "model/json.h"
#include "partners/exchange.h"
#include "su/facts.h"
#include "su/vms.h"

void
umz_judgement_add_room (UmzApp *app, GPtrArray *findings)
{
  g_autoptr (GError) error = NULL;
  if (!umz_store_has_room (app->store, &error))
    g_ptr_array_add (findings, umz_error_to_notice (error));
}

/* Of a VM that is only defined: it takes nothing but its name. */
static bool
judge_definition (UmzApp *app, const UmzVm *vm, GPtrArray *findings, GError **error)
{
  g_auto (UmzNameFacts) facts = { 0 };
  GPtrArray *vms = umz_vms_list (app, error);
  if (vms == NULL || !umz_facts_get_names (app, vm, vms, &facts, error))
    return false;
  umz_precheck_definition (vm, &facts, findings);
  if (vms->len >= UMZ_DEFINITIONS_MAX)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS2311, NULL));
  return true;
}

static bool
judge_vm (UmzApp *app, const UmzVm *vm, const UmzSuFacts *su, GPtrArray *findings, GError **error)
{
  g_auto (UmzTargetFacts) facts = { 0 };
  if (!umz_facts_get_target (app, vm, su, &facts, error))
    return false;
  umz_precheck_target (vm, &facts, findings);
  return true;
}

JsonNode *
umz_judgement_hear (UmzApp *app, const char *su_name, JsonObject *request, GError **error)
{
  g_auto (UmzSuFacts) su = { 0 };
  g_autoptr (GPtrArray) findings =
    g_ptr_array_new_with_free_func ((GDestroyNotify) umz_notice_free);
  g_autoptr (JsonBuilder) b = json_builder_new ();
  g_autoptr (UmzVm) vm = umz_vm_from_json (json_object_get_member (request, "vm"), error);
  if (vm == NULL)
    return NULL;
  umz_facts_get_su (app, vm, &su);
  if (!(umz_vms_is_initialized (vm) ? judge_vm (app, vm, &su, findings, error)
                                    : judge_definition (app, vm, findings, error)))
    return NULL;
  umz_judgement_add_room (app, findings);
  su.pair.time_us = g_get_real_time ();
  json_builder_begin_object (b);
  umz_json_set_text (b, "type", umz_su_type_text (app->config->su_type));
  json_builder_set_member_name (b, "su");
  json_builder_add_value (b, umz_facts_pair_to_json (&su.pair));
  json_builder_set_member_name (b, "findings");
  json_builder_begin_array (b);
  for (guint i = 0; i < findings->len; i++)
    json_builder_add_value (b, umz_json_from_notice (findings->pdata[i]));
  json_builder_end_array (b);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

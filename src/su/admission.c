/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "su/admission.h"

#include "model/json.h"
#include "su/facts.h"
#include "su/monitor.h"
#include "su/vms.h"

bool
umz_admission_look (UmzApp *app, const UmzVm *vm, GPtrArray *findings, GError **error)
{
  g_auto (UmzRoomFacts) facts = { 0 };
  GPtrArray *vms = umz_vms_list_with_arrivals (app, error);
  if (vms == NULL)
    return false;
  for (guint i = 0; i < vms->len; i++)
    if (g_str_equal (((const UmzVm *) vms->pdata[i])->uuid, vm->uuid))
      g_ptr_array_remove_index (vms, i--); /* it is not in its own way */
  if (!umz_facts_get_room (app, vm, vms, &facts, error))
    return false;
  if (vm->state == UMZ_VM_STATE_DEFINED_ONLY)
    umz_precheck_definition (vm, &facts.names, findings);
  else
    umz_precheck_room (vm, &facts, findings);
  return true;
}

/* The source hears the first reason: an answer has room for one. */
static bool
has_room (UmzApp *app, const UmzVm *vm, GError **error)
{
  g_autoptr (GPtrArray) findings =
    g_ptr_array_new_with_free_func ((GDestroyNotify) umz_notice_free);
  if (!umz_admission_look (app, vm, findings, error))
    return false;
  if (findings->len == 0)
    return true;
  umz_set_error_from_notice (error, findings->pdata[0]);
  return false;
}

/* The console of this SU tells what the source is told. */
static void
say_refusal (UmzApp *app, const UmzVm *vm, const GError *error)
{
  g_autoptr (UmzNotice) why = umz_error_to_notice (error);
  g_autofree char *reason = umz_notice_reason (why);
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  umz_monitor_say (app,
                   umz_notice_new (UMZ_MSG_VMS2404, label, app->config->su_name, reason, NULL));
}

JsonNode *
umz_admission_hear_begin (UmzApp *app, const char *su, const char *id, JsonObject *request,
                          GError **error)
{
  g_autoptr (GError) refusal = NULL;
  g_autoptr (UmzVm) vm = umz_vm_from_json (json_object_get_member (request, "vm"), error);
  if (vm == NULL)
    return NULL;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&app->admission_lock);
  JsonNode *answer = umz_engine_knows (app->engine, id) || has_room (app, vm, &refusal)
                       ? umz_engine_handle_move (app->engine, su, id, "begin", request, &refusal)
                       : NULL;
  if (answer == NULL) {
    say_refusal (app, vm, refusal);
    g_propagate_error (error, g_steal_pointer (&refusal));
  }
  return answer;
}

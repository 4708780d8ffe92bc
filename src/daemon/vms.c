/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/vms.h"

#include <string.h>

#include "base/text.h"
#include "daemon/ownership.h"
#include "engine/fence.h"

bool
umz_vms_is_initialized (const UmzVm *vm)
{
  return vm->state != UMZ_VM_STATE_DEFINED_ONLY;
}

bool
umz_vms_is_moving (UmzApp *app, const UmzVm *vm)
{
  UmzSide side;
  return umz_engine_is_moving (app->engine, vm->uuid, &side, NULL);
}

void
umz_vms_say_moving (UmzReply *reply, const UmzVm *vm)
{
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS3041, label, NULL));
  umz_reply_end (reply, 0, 64, "VMS9005");
}

/* ---- the list ---- */

static UmzVmState
refine_state (const UmzVm *vm, UmzLife life)
{
  if (vm->state == UMZ_VM_STATE_IN_HOLD && life == UMZ_LIFE_INIT_ONLY)
    return UMZ_VM_STATE_INIT_ONLY;
  bool has_run = life == UMZ_LIFE_RAN || (life == UMZ_LIFE_NONE && vm->has_ended);
  return vm->state == UMZ_VM_STATE_DOWN && !has_run ? UMZ_VM_STATE_DEFINED_ONLY : vm->state;
}

/* One that moves leaves no trace of its own: if the move is undone there was no VM here. */
static bool
note_life (UmzApp *app, const UmzVm *vm, const UmzVmRecord *known, GError **error)
{
  bool stands = vm->state == UMZ_VM_STATE_IN_HOLD || vm->state == UMZ_VM_STATE_INIT_ONLY;
  bool has_run = vm->state == UMZ_VM_STATE_RUNNING || vm->state == UMZ_VM_STATE_IN_HOLD;
  if (umz_vms_is_moving (app, vm))
    return true;
  return (!known->must_run || stands ||
          umz_store_set_must_run (app->store, vm->uuid, false, error)) &&
         (!has_run || known->life == UMZ_LIFE_RAN ||
          umz_store_set_life (app->store, vm->uuid, UMZ_LIFE_RAN, error));
}

static bool
complete (UmzApp *app, UmzVm *vm, GError **error)
{
  UmzVmRecord record;
  if (!umz_store_get_vm (app->store, vm->uuid, &record, error))
    return false;
  vm->index = record.index;
  vm->is_index_fixed = record.is_index_fixed;
  vm->state = refine_state (vm, record.life);
  vm->must_run = record.must_run && vm->state == UMZ_VM_STATE_IN_HOLD;
  if (!note_life (app, vm, &record, error))
    return false;
  return vm->index != 0 || !umz_vms_is_initialized (vm) ||
         umz_store_get_index (app->store, vm->uuid, UMZ_VM_INDEX_MAX, &vm->index, error);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const UmzVm *left = *(UmzVm *const *) a, *right = *(UmzVm *const *) b;
  if (left->index == right->index)
    return strcmp (left->name, right->name);
  /* unsigned: 0 becomes the largest */
  return left->index - 1 < right->index - 1 ? -1 : 1;
}

static bool
complete_all (UmzApp *app, GPtrArray *vms, GError **error)
{
  for (guint i = 0; i < vms->len; i++)
    if (!complete (app, vms->pdata[i], error))
      return false;
  g_ptr_array_sort (vms, compare);
  return true;
}

GPtrArray *
umz_vms_list (UmzApp *app, GError **error)
{
  g_autoptr (GPtrArray) vms = NULL;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&app->vms_lock);
  return umz_hypervisor_list (app->hypervisor, &vms, error) && complete_all (app, vms, error)
           ? g_steal_pointer (&vms)
           : NULL;
}

bool
umz_vms_has (const GPtrArray *vms, const char *uuid)
{
  for (guint i = 0; i < vms->len; i++)
    if (strcmp (((const UmzVm *) vms->pdata[i])->uuid, uuid) == 0)
      return true;
  return false;
}

/* What an arriving VM is not known by here. */
static void
complete_arrival (UmzVm *vm)
{
  vm->boot = g_strdup ("");
  umz_vm_sort_devices (vm);
}

GPtrArray *
umz_vms_list_with_arrivals (UmzApp *app, GError **error)
{
  GPtrArray *vms = umz_vms_list (app, error);
  if (vms == NULL)
    return NULL;
  g_autoptr (GPtrArray) arrivals = umz_engine_list_arrivals (app->engine);
  while (arrivals->len > 0) {
    g_autoptr (UmzVm) arrival = g_ptr_array_steal_index (arrivals, 0);
    if (umz_vms_has (vms, arrival->uuid))
      continue;
    complete_arrival (arrival);
    g_ptr_array_add (vms, g_steal_pointer (&arrival));
  }
  g_ptr_array_sort (vms, compare);
  return vms;
}

GPtrArray *
umz_vms_list_all (UmzReply *reply)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *vms = umz_vms_list_with_arrivals (reply->app, &error);
  if (vms == NULL)
    umz_reply_fail (reply, error);
  return vms;
}

char *
umz_vms_dup_obstacle (UmzApp *app, const UmzVm *vm)
{
  g_autoptr (GError) error = NULL;
  bool is_off = vm->state == UMZ_VM_STATE_DOWN || vm->state == UMZ_VM_STATE_DEFINED_ONLY;
  if (!is_off || umz_vms_is_moving (app, vm))
    return NULL;
  char *reason = umz_fence_dup_reason (app->config->fence_dir, vm->uuid);
  if (reason != NULL || umz_ownership_may_start (app, vm, &error))
    return reason;
  g_autoptr (UmzNotice) notice = umz_error_to_notice (error);
  return umz_notice_render (notice, app->config->language);
}

char *
umz_vms_dup_state (UmzApp *app, const UmzVm *vm)
{
  UmzSide side;
  g_autofree char *obstacle = umz_vms_dup_obstacle (app, vm);
  if (obstacle != NULL)
    return g_strdup ("NOT RUNNABLE");
  if (umz_engine_is_in_doubt (app->engine, vm->uuid))
    return g_strdup ("IN DOUBT(MIGR)");
  if (!umz_engine_is_moving (app->engine, vm->uuid, &side, NULL))
    return g_strdup (umz_vm_state_name (vm->state));
  return side == UMZ_SIDE_TARGET ? g_strdup ("SETUP(MIGR)")
                                 : g_strdup_printf ("%s(MIGR)", umz_vm_state_name (vm->state));
}

/* ---- finding one ---- */

typedef bool (*Filter) (const UmzVm *vm);

static bool
has_definition (const UmzVm *vm)
{
  return vm->is_persistent;
}

typedef enum {
  BY_EXACT_NAME,
  BY_NAME_IN_ANY_CASE,
} NameRule;

static bool
is_meant (const UmzVm *vm, const UmzOperand *operand, NameRule rule)
{
  if (operand->kind == UMZ_OPERAND_INTEGER)
    return vm->index == operand->integer;
  return rule == BY_EXACT_NAME ? strcmp (vm->name, operand->original) == 0
                               : umz_text_is_same_name (vm->name, operand->text);
}

/* Takes the one VM out of the list that is meant; *ret_names: all that fit, if they are several. */
static UmzVm *
take_meant (GPtrArray *vms, const UmzOperand *operand, Filter filter, NameRule rule,
            char **ret_names)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  guint n = 0, found = 0;
  for (guint i = 0; i < vms->len; i++) {
    const UmzVm *vm = vms->pdata[i];
    if (!filter (vm) || !is_meant (vm, operand, rule))
      continue;
    found = i;
    n++;
    g_strv_builder_add (names, vm->name);
  }
  g_auto (GStrv) list = g_strv_builder_end (names);
  *ret_names = n > 1 ? g_strjoinv (", ", list) : NULL;
  return n == 1 ? g_ptr_array_steal_index (vms, found) : NULL;
}

static UmzNotice *
make_no_vm (const UmzOperand *operand)
{
  g_autofree char *label = operand->kind == UMZ_OPERAND_INTEGER
                             ? g_strdup_printf ("(%s,)", operand->text)
                             : g_strdup_printf ("(,%s)", operand->original);
  return umz_notice_new (UMZ_MSG_VMS4000, label, NULL);
}

static UmzNotice *
make_no_definition (const UmzOperand *operand)
{
  return umz_notice_new (UMZ_MSG_VMS2300, operand->original, NULL);
}

static UmzVm *
find (UmzReply *reply, const UmzOperand *operand, Filter filter,
      UmzNotice *(*make_missing) (const UmzOperand *operand))
{
  g_autofree char *names = NULL;
  g_autoptr (GPtrArray) vms = umz_vms_list_all (reply);
  if (vms == NULL)
    return NULL;
  UmzVm *vm = take_meant (vms, operand, filter, BY_EXACT_NAME, &names);
  if (vm == NULL && names == NULL)
    vm = take_meant (vms, operand, filter, BY_NAME_IN_ANY_CASE, &names);
  if (vm == NULL)
    umz_reply_reject (reply, names != NULL ? umz_notice_new (UMZ_MSG_UMZ0020, operand->original,
                                                             names, NULL)
                                           : make_missing (operand));
  return vm;
}

UmzVm *
umz_vms_find (UmzReply *reply, const UmzOperand *operand)
{
  if (operand->kind == UMZ_OPERAND_INTEGER && operand->integer == 1) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS9001, NULL));
    return NULL;
  }
  return find (reply, operand, umz_vms_is_initialized, make_no_vm);
}

UmzVm *
umz_vms_find_definition (UmzReply *reply, const UmzOperand *operand)
{
  return find (reply, operand, has_definition, make_no_definition);
}

bool
umz_vms_is_wanted (const UmzOperand *operand, const UmzVm *vm)
{
  return operand->kind == UMZ_OPERAND_INTEGER ? operand->integer == vm->index
                                              : umz_operand_selects (operand, vm->name);
}

bool
umz_vms_is_missing (UmzReply *reply, const UmzOperand *operand, UmzVmKind kind,
                    const GPtrArray *found)
{
  if (found->len > 0 || operand->kind == UMZ_OPERAND_CONSTANT || operand->is_pattern)
    return false;
  umz_reply_reject (reply, kind == UMZ_VM_INITIALIZED ? make_no_vm (operand)
                                                      : make_no_definition (operand));
  return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "su/vms.h"

#include <string.h>

#include "base/text.h"
#include "host/fence.h"
#include "store/vms.h"
#include "su/ownership.h"

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
          umz_store_note_has_run (app->store, vm->uuid, error)) &&
         (!has_run || known->life == UMZ_LIFE_RAN ||
          umz_store_set_life (app->store, vm->uuid, UMZ_LIFE_RAN, error));
}

/* When all are taken it has none: its name does as well, and nobody else is concerned. */
static bool
give_index (UmzApp *app, UmzVm *vm, GError **error)
{
  g_autoptr (GError) cause = NULL;
  if (umz_store_get_index (app->store, vm->uuid, app->config->index_max, &vm->index, &cause) ||
      g_error_matches (cause, UMZ_ERROR, UMZ_MSG_UMZ0110))
    return true;
  g_propagate_error (error, g_steal_pointer (&cause));
  return false;
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
  return vm->index != 0 || !umz_vms_is_initialized (vm) || give_index (app, vm, error);
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
    umz_vm_sort_devices (arrival); /* the other SU may have sent them in any order */
    g_ptr_array_add (vms, g_steal_pointer (&arrival));
  }
  g_ptr_array_sort (vms, compare);
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

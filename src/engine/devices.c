/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/devices.h"

#include "engine/ledger.h"
#include "hypervisor/device-xml.h"
#include "model/device-rule.h"
#include "store/vms.h"

/* In the ledger, in the place of a move: devices that guests may still release; the step is the
 * VM's UUID.
 */
#define LATE "LATE"

bool
umz_devices_travels (const UmzDevice *device)
{
  return umz_device_get_rule (device) == UMZ_DEVICE_RULE_TRAVELS;
}

static void
say_removed (UmzMove *move, const char *mn)
{
  umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_VMS4009, mn, move->label, NULL));
}

static void
say_assigned (UmzMove *move, const char *mn)
{
  umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_VMS4005, mn, move->label, "", NULL));
}

/* ---- source ---- */

static bool
wait_for_release (UmzMove *move, const char *mn, bool (*may_go_on) (void *data), void *data,
                  GError **error)
{
  UmzHypervisor *hypervisor = move->hypervisor;
  uint64_t limit_s = move->means->config->quiesce_limit_s;
  int64_t end_us = g_get_monotonic_time () + (int64_t) limit_s * G_USEC_PER_SEC;
  bool has = true;
  while (umz_hypervisor_has_device (hypervisor, move->record->uuid, mn, &has, error) && has) {
    if (!may_go_on (data))
      return false;
    if (limit_s == 0 || g_get_monotonic_time () < end_us)
      continue;
    g_autofree char *reason = g_strdup_printf ("VMS4003,%s", mn);
    umz_set_error (error, UMZ_MSG_VMS2406, move->label, reason, NULL);
    return false;
  }
  return !has;
}

static bool
eject (UmzMove *move, const char *cd_xml, GError **error)
{
  g_autofree char *empty = umz_xml_device_dup_empty (cd_xml);
  return umz_ledger_note (move, UMZ_STEP_MEDIUM, cd_xml, error) &&
         umz_hypervisor_set_medium (move->hypervisor, move->record->uuid, empty, error);
}

static bool
detach (UmzMove *move, const UmzDevice *device, const char *device_xml,
        bool (*may_go_on) (void *data), void *data, GError **error)
{
  UmzHypervisor *hypervisor = move->hypervisor;
  if (device->kind == UMZ_DEVICE_CD)
    return eject (move, device_xml, error);
  return umz_ledger_note (move, UMZ_STEP_DEVICE, device_xml, error) &&
         umz_hypervisor_detach_live (hypervisor, move->record->uuid, device_xml, error) &&
         wait_for_release (move, device->mn, may_go_on, data, error);
}

/* libvirt answers and the guest runs, but what it had does not come back: the rest of the undo must
 * not wait for that.  False: libvirt itself does not answer, and it is tried again.
 */
static bool
say_lost (UmzMove *move, const char *mn, GError *why, GError **error)
{
  bool is_active;
  g_autoptr (GError) owned = why;
  if (!umz_hypervisor_is_active (move->hypervisor, move->record->uuid, &is_active, error))
    return false;
  g_autoptr (UmzNotice) notice = umz_error_to_notice (owned);
  g_autofree char *reason = umz_notice_reason (notice);
  if (is_active)
    umz_lines_say (move->lines,
                   umz_notice_new (UMZ_MSG_UMZ0204, mn, move->label, reason, NULL));
  return true;
}

/* The guest was asked for it and has it still: nobody can take the question back. */
static bool
keep_as_late (UmzMove *move, const char *mn, const char *device_xml, GError **error)
{
  if (!umz_store_note_step (move->means->store, LATE, move->record->uuid, device_xml, error))
    return false;
  umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_UMZ0205, mn, move->label, NULL));
  return true;
}

bool
umz_devices_give_back (UmzMove *move, const char *device_xml, GError **error)
{
  UmzHypervisor *hypervisor = move->hypervisor;
  const char *uuid = move->record->uuid;
  bool has = false, is_active = false;
  GError *why = NULL;
  g_autofree char *mn = umz_xml_device_dup_mn (device_xml);
  if (!umz_hypervisor_is_active (hypervisor, uuid, &is_active, error))
    return false;
  if (!is_active)
    return true; /* its definition has all devices */
  if (!umz_hypervisor_has_device (hypervisor, uuid, mn, &has, error))
    return false;
  if (has)
    return keep_as_late (move, mn, device_xml, error);
  if (!umz_hypervisor_attach_live (hypervisor, uuid, device_xml, &why))
    return say_lost (move, mn, why, error);
  say_assigned (move, mn);
  return true;
}

bool
umz_devices_insert (UmzMove *move, const char *cd_xml, GError **error)
{
  bool is_active = false;
  GError *why = NULL;
  g_autofree char *mn = umz_xml_device_dup_mn (cd_xml);
  if (!umz_hypervisor_is_active (move->hypervisor, move->record->uuid, &is_active, error))
    return false;
  if (!is_active)
    return true;
  if (!umz_hypervisor_set_medium (move->hypervisor, move->record->uuid, cd_xml, &why))
    return say_lost (move, mn, why, error);
  say_assigned (move, mn);
  return true;
}

/* ---- what a guest releases after the end of its move ---- */

static void
say_of_late (const UmzMeans *means, const UmzVm *vm, const char *mn, const GError *error)
{
  UmzVmRecord record = { 0 };
  (void) umz_store_get_vm (means->store, vm->uuid, &record, NULL); /* else without its index */
  g_autofree char *label = umz_vm_label (record.index, vm->name);
  g_autoptr (UmzNotice) why = error != NULL ? umz_error_to_notice (error) : NULL;
  g_autofree char *reason = why != NULL ? umz_notice_reason (why) : NULL;
  g_autoptr (UmzNotice) notice =
    why != NULL ? umz_notice_new (UMZ_MSG_UMZ0204, mn, label, reason, NULL)
                : umz_notice_new (UMZ_MSG_VMS4005, mn, label, "", NULL);
  UmzLine line = { .su = means->config->su_name,
                   .notice = notice,
                   .move_id = "",
                   .time_us = g_get_real_time () };
  means->listener.line (&line, means->listener_data);
}

/* Whether nothing is left to be done about it. */
static bool
settle_late (const UmzMeans *means, const char *uuid, const char *device_xml)
{
  bool has = false;
  g_autoptr (GError) error = NULL;
  g_autofree char *mn = umz_xml_device_dup_mn (device_xml);
  g_autoptr (UmzVm) vm = NULL;
  if (!umz_hypervisor_find (means->hypervisor, uuid, &vm, NULL))
    return false;
  if (vm == NULL || vm->state == UMZ_VM_STATE_DOWN)
    return true;
  if (!umz_hypervisor_has_device (means->hypervisor, uuid, mn, &has, NULL) || has)
    return false;
  (void) umz_hypervisor_attach_live (means->hypervisor, uuid, device_xml, &error); /* is told */
  say_of_late (means, vm, mn, error);
  return true;
}

void
umz_devices_give_back_late (const UmzMeans *means)
{
  g_autoptr (GPtrArray) entries = umz_store_list_steps (means->store, LATE, NULL);
  for (guint i = 0; entries != NULL && i < entries->len; i++) {
    const UmzLedgerEntry *entry = entries->pdata[i];
    if (settle_late (means, entry->step, entry->detail))
      (void) umz_store_strike_step (means->store, entry->number, NULL); /* else once more */
  }
}

/* Of a guest that moves again, which is asked for it once more. */
static bool
forget_late (UmzMove *move, GError **error)
{
  g_autoptr (GPtrArray) entries = umz_store_list_steps (move->means->store, LATE, error);
  for (guint i = 0; entries != NULL && i < entries->len; i++) {
    const UmzLedgerEntry *entry = entries->pdata[i];
    if (g_str_equal (entry->step, move->record->uuid) &&
        !umz_store_strike_step (move->means->store, entry->number, error))
      return false;
  }
  return entries != NULL;
}

bool
umz_devices_detach (UmzMove *move, bool (*may_go_on) (void *data), void *data, GError **error)
{
  const GPtrArray *devices = move->vm->devices;
  g_autofree char *domain_xml = NULL;
  if (!forget_late (move, error))
    return false;
  for (guint i = 0; i < devices->len; i++) {
    const UmzDevice *device = devices->pdata[i];
    if (umz_devices_travels (device))
      continue;
    if (domain_xml == NULL)
      domain_xml =
        umz_hypervisor_dup_xml (move->hypervisor, move->record->uuid, error);
    if (domain_xml == NULL)
      return false;
    g_autofree char *device_xml = umz_xml_device_find (domain_xml, device->mn);
    if (device_xml == NULL)
      continue; /* somebody has taken it away since the check */
    if (!detach (move, device, device_xml, may_go_on, data, error))
      return false;
    say_removed (move, device->mn);
  }
  return true;
}

char *
umz_devices_dup_definition (const UmzVm *vm, const char *definition)
{
  char *trimmed = g_strdup (definition);
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *device = vm->devices->pdata[i];
    if (umz_device_get_rule (device) != UMZ_DEVICE_RULE_DETACHED)
      continue;
    char *rest = device->kind == UMZ_DEVICE_CD
                   ? umz_xml_device_dup_ejected (trimmed, device->mn)
                   : umz_xml_device_dup_without (trimmed, device->mn);
    g_free (trimmed);
    trimmed = rest;
  }
  return trimmed;
}

/* ---- target ---- */

/* One that is there was attached before umzugd was restarted. */
static bool
attach_alias (UmzMove *move, const char *mn, GError **error)
{
  bool has = false;
  if (!umz_hypervisor_has_device (move->hypervisor, move->record->uuid, mn, &has, error))
    return false;
  if (has)
    return true;
  g_autofree char *device_xml =
    move->record->definition != NULL ? umz_xml_device_find (move->record->definition, mn) : NULL;
  if (device_xml == NULL) {
    umz_set_error (error, UMZ_MSG_VMS4034, mn, NULL);
    return false;
  }
  return umz_hypervisor_attach_live (move->hypervisor, move->record->uuid, device_xml,
                                     error);
}

void
umz_devices_attach_aliases (UmzMove *move)
{
  for (guint i = 0; i < move->vm->devices->len; i++) {
    g_autoptr (GError) error = NULL;
    const UmzDevice *device = move->vm->devices->pdata[i];
    if (umz_device_get_rule (device) != UMZ_DEVICE_RULE_REATTACHED)
      continue;
    if (attach_alias (move, device->mn, &error)) {
      say_assigned (move, device->mn);
      continue;
    }
    g_autoptr (UmzNotice) notice = umz_error_to_notice (error);
    g_autofree char *reason = umz_notice_reason (notice);
    umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_UMZ0202, device->mn, move->label, reason,
                                                NULL));
  }
}

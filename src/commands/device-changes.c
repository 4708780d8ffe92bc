/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* device-changes.c: ADD-, REMOVE- and SWITCH-VM-DEVICES. */
#include <string.h>

#include "commands/units.h"
#include "commands/find.h"
#include "commands/handlers.h"
#include "hypervisor/device-xml.h"
#include "store/free-devices.h"
#include "su/vms.h"

#define RELEASE_MS 5000 /* for a guest that was asked to release a device */

/* Of VMS3042 or none: said and ended. */
static bool
is_moving (UmzReply *reply, const UmzVm *vm)
{
  if (!umz_vms_is_moving (reply->app, vm))
    return false;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS3042, label, reply->command, NULL));
  return true;
}

/* The initialised VM, which does not move; NULL: said and ended. */
static UmzVm *
find_changeable (UmzReply *reply, const UmzOperand *operand)
{
  g_autoptr (UmzVm) vm = umz_find_vm (reply, operand);
  return vm == NULL || is_moving (reply, vm) ? NULL : g_steal_pointer (&vm);
}

static const UmzDevice *
find_device (const UmzVm *vm, const char *mn)
{
  for (guint i = 0; i < vm->devices->len; i++)
    if (strcmp (((UmzDevice *) vm->devices->pdata[i])->mn, mn) == 0)
      return vm->devices->pdata[i];
  return NULL;
}

/* A console belongs to the definition: libvirt does not take it away. */
static bool
can_change (const UmzDevice *device)
{
  return device->kind != UMZ_DEVICE_CONSOLE;
}

/* Names given one by one for which nothing was done: VMS4034, or why not. */
static void
say_unknown (UmzReply *reply, const UmzOperand *units, const UmzVm *vm, const GPtrArray *chosen)
{
  for (; units != NULL; units = units->next) {
    bool names_one = units->kind == UMZ_OPERAND_ALPHANUM_NAME && !units->is_pattern;
    if (!names_one ||
        g_ptr_array_find_with_equal_func ((GPtrArray *) chosen, units->text, g_str_equal, NULL))
      continue;
    const UmzDevice *device = find_device (vm, units->text);
    g_autofree char *label = umz_vm_label (vm->index, vm->name);
    if (device != NULL && !can_change (device))
      umz_reply_reject (reply, umz_notice_new (UMZ_MSG_UMZ0026, units->text, label, NULL));
    else if (device != NULL)
      umz_reply_reject (reply, umz_notice_new (UMZ_MSG_UMZ0023, units->text, label, NULL));
    else
      umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS4034, units->text, NULL));
  }
}

/* Gives the VM a device that it has not, and says so by the name that the device has there; on
 * failure nothing has changed.
 */
static bool
attach (UmzReply *reply, const UmzVm *vm, const char *device_xml, UmzSharing sharing,
        GError **error)
{
  UmzHypervisor *hypervisor = reply->app->hypervisor;
  g_autofree char *domain_xml = umz_hypervisor_dup_xml (hypervisor, vm->uuid, error);
  if (domain_xml == NULL)
    return false;
  g_autofree char *adapted = umz_xml_device_adapt (device_xml, domain_xml, sharing, error);
  if (adapted == NULL || !umz_hypervisor_attach (hypervisor, vm->uuid, adapted, error))
    return false;
  g_autofree char *mn = umz_xml_device_dup_mn (adapted);
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  umz_reply_say (reply,
                 umz_notice_new (UMZ_MSG_VMS4005, mn, label,
                                 sharing == UMZ_SHARING_SHARED ? " (TYPE=SD)" : "", NULL));
  return true;
}

/* Where a device that is to be added comes from. */
typedef struct {
  char *mn;
  char *xml;
  bool is_free; /* no VM has it */
} Supply;

static void
free_supply (void *data)
{
  Supply *supply = data;
  g_free (supply->mn);
  g_free (supply->xml);
  g_free (supply);
}

static bool
has_supply (const GPtrArray *supplies, const char *mn)
{
  for (guint i = 0; i < supplies->len; i++)
    if (strcmp (((Supply *) supplies->pdata[i])->mn, mn) == 0)
      return true;
  return false;
}

/* Adds what another VM has to the supplies, if it is shared; says who has it otherwise. */
static void
take_from_vm (UmzReply *reply, const UmzOperand *units, const UmzVm *other, bool is_shared,
              GPtrArray *supplies)
{
  g_autofree char *label = umz_vm_label (other->index, other->name);
  g_autofree char *xml = umz_hypervisor_dup_xml (reply->app->hypervisor, other->uuid, NULL);
  for (guint k = 0; xml != NULL && k < other->devices->len; k++) {
    const UmzDevice *device = other->devices->pdata[k];
    if (!can_change (device) || !umz_units_has (units, device->mn) ||
        has_supply (supplies, device->mn))
      continue;
    Supply *supply = g_new0 (Supply, 1);
    supply->mn = g_strdup (device->mn);
    if (is_shared && device->is_shared)
      supply->xml = umz_xml_device_find (xml, device->mn);
    else
      umz_reply_reject (reply, umz_notice_new (UMZ_MSG_UMZ0023, device->mn, label, NULL));
    g_ptr_array_add (supplies, supply); /* without XML it is known, and no more */
  }
}

/* All devices of the operand that are free or shared, the free ones first: names that come from a
 * target name are each VM's own.  NULL: said and ended.
 */
static GPtrArray *
find_supplies (UmzReply *reply, const UmzOperand *units, const UmzVm *vm, bool is_shared)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) vms = umz_vms_list_with_arrivals (reply->app, &error);
  g_autoptr (GPtrArray) devices =
    vms != NULL ? umz_store_list_devices (reply->app->store, &error) : NULL;
  g_autoptr (GPtrArray) supplies = g_ptr_array_new_with_free_func (free_supply);
  if (devices == NULL) {
    umz_reply_fail (reply, error);
    return NULL;
  }
  for (guint i = 0; i < devices->len; i++) {
    const UmzFreeDevice *device = devices->pdata[i];
    if (!umz_units_has (units, device->mn) ||
        umz_units_have (vms, NULL, device->mn, device->source))
      continue;
    Supply *supply = g_new0 (Supply, 1);
    *supply = (Supply){ g_strdup (device->mn), g_strdup (device->xml), true };
    g_ptr_array_add (supplies, supply);
  }
  for (guint i = 0; i < vms->len; i++) {
    const UmzVm *other = vms->pdata[i];
    if (umz_vms_is_initialized (other) && strcmp (other->uuid, vm->uuid) != 0)
      take_from_vm (reply, units, other, is_shared, supplies);
  }
  return g_steal_pointer (&supplies);
}

static void
add_one (UmzReply *reply, const UmzVm *vm, const Supply *supply, UmzSharing sharing)
{
  g_autoptr (GError) error = NULL;
  if (!attach (reply, vm, supply->xml, sharing, &error)) {
    umz_reply_fail (reply, error);
    return;
  }
  if (supply->is_free && !umz_store_delete_device (reply->app->store, supply->mn, &error))
    umz_reply_fail (reply, error);
}

void
umz_execute_add_vm_devices (UmzReply *reply, const UmzCommand *command)
{
  const UmzOperand *units = umz_command_get (command, "UNITS");
  bool is_shared = strcmp (umz_command_get (command, "TYPE")->text, "*SD") == 0;
  g_autoptr (UmzVm) vm = find_changeable (reply, umz_command_get (command, "VM-IDENTIFICATION"));
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&reply->app->admission_lock);
  g_autoptr (GPtrArray) supplies =
    vm != NULL ? find_supplies (reply, units, vm, is_shared) : NULL;
  if (supplies == NULL)
    return;
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  for (guint i = 0; i < supplies->len; i++) {
    const Supply *supply = supplies->pdata[i];
    bool has_it = !supply->is_free && find_device (vm, supply->mn) != NULL;
    if (!has_it)
      g_ptr_array_add (known, supply->mn);
    if (supply->xml != NULL && !has_it)
      add_one (reply, vm, supply, is_shared ? UMZ_SHARING_SHARED : UMZ_SHARING_EXCLUSIVE);
  }
  say_unknown (reply, units, vm, known);
}

/* Nobody can ask a guest on s390x: a channel device is gone at once, used or not.  A guest that
 * stands still does not answer.
 */
static bool
can_ask (const UmzVm *vm)
{
  return vm->state == UMZ_VM_STATE_RUNNING && strcmp (vm->arch, "s390x") != 0;
}

static bool
needs_no_question (const UmzVm *vm, bool is_forced)
{
  return is_forced || vm->state == UMZ_VM_STATE_DOWN || vm->state == UMZ_VM_STATE_INIT_ONLY;
}

/* False: the VM has it still; said and ended. */
static bool
take_away (UmzReply *reply, const UmzVm *vm, const UmzDevice *device, bool is_forced)
{
  bool is_gone = false;
  g_autoptr (GError) error = NULL;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  if (!needs_no_question (vm, is_forced) && !can_ask (vm)) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS4003, device->mn, label, NULL));
    return false;
  }
  if (!umz_hypervisor_detach (reply->app->hypervisor, vm->uuid, device->mn, RELEASE_MS, &is_gone,
                              &error)) {
    umz_reply_fail (reply, error);
    return false;
  }
  if (is_gone)
    umz_reply_say (reply, umz_notice_new (UMZ_MSG_VMS4009, device->mn, label, NULL));
  else
    umz_reply_reject (reply, umz_notice_new (is_forced ? UMZ_MSG_VMS4031 : UMZ_MSG_VMS4003,
                                             device->mn, label, NULL));
  return is_gone;
}

/* Whether the store already keeps another device of this name, which would be lost. */
static bool
is_name_taken (const GPtrArray *devices, const UmzDevice *device)
{
  for (guint i = 0; i < devices->len; i++) {
    const UmzFreeDevice *kept = devices->pdata[i];
    if (strcmp (kept->mn, device->mn) == 0 && strcmp (kept->source, device->source) != 0)
      return true;
  }
  return false;
}

/* What is noted in the store before the VM loses it is not lost by a crash.  One that a VM has
 * still does not count as free there.
 */
static char *
note (UmzReply *reply, const UmzVm *vm, const UmzDevice *device, bool is_kept, GError **error)
{
  UmzStore *store = reply->app->store;
  g_autofree char *domain_xml = umz_hypervisor_dup_xml (reply->app->hypervisor, vm->uuid, error);
  if (domain_xml == NULL)
    return NULL;
  g_autofree char *xml = umz_xml_device_find (domain_xml, device->mn);
  if (xml == NULL) {
    umz_set_error (error, UMZ_MSG_VMS4034, device->mn, NULL);
    return NULL;
  }
  bool ok = is_kept || (umz_store_has_room (store, error) &&
                        umz_store_put_device (store, device->mn, device->source, xml, error));
  return ok ? g_steal_pointer (&xml) : NULL;
}

static void
remove_one (UmzReply *reply, const UmzVm *vm, const UmzDevice *device, bool is_forced)
{
  g_autoptr (GError) error = NULL;
  UmzStore *store = reply->app->store;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  g_autoptr (GPtrArray) vms = umz_vms_list_with_arrivals (reply->app, &error);
  g_autoptr (GPtrArray) devices = vms != NULL ? umz_store_list_devices (store, &error) : NULL;
  if (devices == NULL) {
    umz_reply_fail (reply, error);
    return;
  }
  bool is_kept = umz_units_have (vms, vm, device->mn, device->source);
  if (!is_kept && is_name_taken (devices, device)) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_UMZ0027, device->mn, label, NULL));
    return;
  }
  g_autofree char *xml = note (reply, vm, device, is_kept, &error);
  if (xml == NULL)
    umz_reply_fail (reply, error);
  else if (!take_away (reply, vm, device, is_forced) && !is_kept)
    (void) umz_store_delete_device (store, device->mn, NULL); /* it does not count anyway */
}

/* Goes from one VM to the other, or back if the other one cannot take it. */
static void
switch_one (UmzReply *reply, const UmzVm *from, const UmzVm *to, const UmzDevice *device,
            bool is_forced)
{
  g_autoptr (GError) error = NULL, lost = NULL;
  UmzStore *store = reply->app->store;
  UmzSharing sharing = device->is_shared ? UMZ_SHARING_SHARED : UMZ_SHARING_EXCLUSIVE;
  g_autoptr (GPtrArray) devices = umz_store_list_devices (store, &error);
  bool is_kept = devices != NULL && is_name_taken (devices, device);
  g_autofree char *xml = devices != NULL ? note (reply, from, device, is_kept, &error) : NULL;
  if (xml == NULL) {
    umz_reply_fail (reply, error);
    return;
  }
  bool is_with_a_vm = !take_away (reply, from, device, is_forced) ||
                      attach (reply, to, xml, sharing, &error);
  if (error != NULL) {
    umz_reply_fail (reply, error);
    is_with_a_vm = attach (reply, from, xml, sharing, &lost);
  }
  if (is_with_a_vm && !is_kept)
    (void) umz_store_delete_device (store, device->mn, NULL); /* it does not count anyway */
  if (lost != NULL && is_kept)
    umz_reply_fail (reply, lost); /* nobody has it, and its name is another one's in the store */
}

typedef struct {
  const UmzVm *from, *to; /* to NULL: nobody */
  bool is_forced;
} Change;

static void
change_each (UmzReply *reply, const UmzOperand *units, const Change *change)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  for (guint i = 0; i < change->from->devices->len; i++) {
    const UmzDevice *device = change->from->devices->pdata[i];
    if (!can_change (device) || !umz_units_has (units, device->mn))
      continue;
    g_ptr_array_add (known, device->mn);
    if (change->to != NULL)
      switch_one (reply, change->from, change->to, device, change->is_forced);
    else
      remove_one (reply, change->from, device, change->is_forced);
  }
  say_unknown (reply, units, change->from, known);
}

static bool
is_forced (const UmzCommand *command)
{
  return strcmp (umz_command_get (command, "FORCE")->text, "*YES") == 0;
}

void
umz_execute_remove_vm_devices (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (UmzVm) vm = find_changeable (reply, umz_command_get (command, "VM-IDENTIFICATION"));
  if (vm != NULL)
    change_each (reply, umz_command_get (command, "UNITS"),
                 &(Change){ .from = vm, .is_forced = is_forced (command) });
}

void
umz_execute_switch_vm_devices (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (UmzVm) from = find_changeable (reply, umz_command_get (command, "FROM-VM"));
  g_autoptr (UmzVm) to =
    from != NULL ? find_changeable (reply, umz_command_get (command, "TO-VM")) : NULL;
  if (to != NULL)
    change_each (reply, umz_command_get (command, "UNITS"),
                 &(Change){ .from = from, .to = to, .is_forced = is_forced (command) });
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* units.c: devices, and which VM has them.
 *
 * An SU knows a device when a VM of it has it, or had it: one that REMOVE-VM-DEVICES has taken away
 * stays in the store, ready for ADD-VM-DEVICES.  Domains get their first devices with the tools
 * that define them.
 */
#include "commands/units.h"

#include <string.h>

#include "commands/find.h"
#include "commands/handlers.h"
#include "commands/show.h"
#include "model/json.h"
#include "model/vm.h"
#include "store/free-devices.h"
#include "su/vms.h"

/* A range takes names of the same length as its ends. */
static bool
is_in_range (const UmzOperand *range, const char *mn)
{
  const char *from = umz_operand_get (range, "FROM")->text;
  const char *to = umz_operand_get (range, "TO")->text;
  return strlen (mn) == strlen (from) && strlen (mn) == strlen (to) && strcmp (from, mn) <= 0 &&
         strcmp (mn, to) <= 0;
}

bool
umz_units_has (const UmzOperand *units, const char *mn)
{
  for (; units != NULL; units = units->next)
    if (units->members != NULL ? is_in_range (units, mn) : umz_operand_selects (units, mn))
      return true;
  return false;
}

bool
umz_units_have (const GPtrArray *vms, const UmzVm *but_for, const char *mn, const char *source)
{
  for (guint i = 0; source[0] != '\0' && i < vms->len; i++) {
    const UmzVm *vm = vms->pdata[i];
    if (!umz_vms_is_initialized (vm) || (but_for != NULL && g_str_equal (vm->uuid, but_for->uuid)))
      continue;
    for (guint k = 0; k < vm->devices->len; k++) {
      const UmzDevice *device = vm->devices->pdata[k];
      if (strcmp (device->mn, mn) == 0 && strcmp (device->source, source) == 0)
        return true;
    }
  }
  return false;
}

/* ---- SHOW-VM-DEVICE-STATUS ---- */

typedef struct {
  const UmzOperand *units; /* NULL: all */
  const UmzOperand *usage; /* NULL: any */
  const UmzOperand *vm;    /* NULL: any */
  bool shows_assigned, shows_free;
  unsigned n_shown;
} Selection;

static Selection
make_selection (const UmzCommand *command)
{
  const UmzOperand *state = umz_operand_get (umz_command_get (command, "SELECT"), "STATE");
  bool has_members = state->members != NULL;
  return (Selection){
    .units = umz_command_get (command, "UNITS"),
    .usage = has_members ? umz_operand_get (state, "USAGE") : NULL,
    .vm = has_members ? umz_operand_get (state, "VM-IDENTIFICATION") : NULL,
    .shows_assigned = strcmp (state->text, "*DISPOSABLE") != 0,
    .shows_free = strcmp (state->text, "*ASSIGNED") != 0,
  };
}

static bool
is_wanted (const Selection *selection, const char *mn)
{
  return selection->units == NULL || umz_units_has (selection->units, mn);
}

static bool
is_selected (const Selection *selection, const UmzDevice *device)
{
  const char *usage = selection->usage != NULL ? selection->usage->text : "*ANY";
  bool fits = strcmp (usage, "*ANY") == 0 ||
              device->is_shared == (strcmp (usage, "*SHARED") == 0);
  return fits && is_wanted (selection, device->mn);
}

static void
add_assigned_data (JsonBuilder *b, const UmzDevice *device, const UmzVm *vm)
{
  umz_json_set_text (b, "kind", umz_device_kind_name (device->kind));
  umz_json_set_bool (b, "shared", device->is_shared);
  umz_json_set_number (b, "vm_index", vm->index);
  umz_json_set_text (b, "vm_name", vm->name);
}

/* device and vm NULL: no VM has it. */
static void
add_data (UmzReply *reply, const char *mn, const UmzDevice *device, const UmzVm *vm)
{
  JsonBuilder *b = reply->data;
  json_builder_begin_object (b);
  umz_json_set_text (b, "mn", mn);
  umz_json_set_text (b, "state", vm != NULL ? "ASSIGNED" : "UNASSIGNED");
  if (vm != NULL)
    add_assigned_data (b, device, vm);
  json_builder_end_object (b);
}

static void
show_devices_of (UmzReply *reply, Selection *selection, const UmzVm *vm)
{
  g_autofree char *index = umz_show_dup_index (vm);
  for (guint k = 0; k < vm->devices->len; k++) {
    const UmzDevice *device = vm->devices->pdata[k];
    if (!is_selected (selection, device))
      continue;
    umz_reply_print (reply, "%-9s %-8s ASSIGNED    VM-ADMIN  %-9s %2s %s", device->mn,
                     umz_device_kind_name (device->kind),
                     device->is_shared ? "SHARED" : "EXCLUSIVE", index, vm->name);
    add_data (reply, device->mn, device, vm);
    selection->n_shown++;
  }
}

static void
show_free (UmzReply *reply, Selection *selection, const GPtrArray *devices, const GPtrArray *vms)
{
  for (guint i = 0; i < devices->len; i++) {
    const UmzFreeDevice *device = devices->pdata[i];
    const char *mn = device->mn;
    if (!is_wanted (selection, mn) || umz_units_have (vms, NULL, mn, device->source))
      continue;
    umz_reply_print (reply, "%-9s %-8s UNASSIGNED  -         -          - -", mn, "-");
    add_data (reply, mn, NULL, NULL);
    selection->n_shown++;
  }
}

/* False: said and ended. */
static bool
show (UmzReply *reply, Selection *selection)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) vms = umz_find_all (reply);
  if (vms == NULL)
    return false;
  g_autoptr (GPtrArray) free_devices = umz_store_list_devices (reply->app->store, &error);
  if (free_devices == NULL) {
    umz_reply_fail (reply, error);
    return false;
  }
  umz_reply_print (reply, "MN        TYPE     STATE       BY        USAGE      VM-ID");
  for (guint i = 0; selection->shows_assigned && i < vms->len; i++) {
    const UmzVm *vm = vms->pdata[i];
    if (umz_vms_is_initialized (vm) &&
        (selection->vm == NULL || umz_find_is_wanted (selection->vm, vm)))
      show_devices_of (reply, selection, vm);
  }
  if (selection->shows_free)
    show_free (reply, selection, free_devices, vms);
  return true;
}

static bool
names_one (const UmzOperand *units)
{
  return units->kind == UMZ_OPERAND_ALPHANUM_NAME && !units->is_pattern && units->next == NULL;
}

void
umz_execute_show_vm_device_status (UmzReply *reply, const UmzCommand *command)
{
  Selection selection = make_selection (command);
  if (show (reply, &selection) && selection.n_shown == 0 && names_one (selection.units))
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_VMS4034, selection.units->text, NULL));
}

void
umz_units_show_all (UmzReply *reply)
{
  Selection all = { .shows_assigned = true, .shows_free = true };
  (void) show (reply, &all); /* says itself what is wrong */
}

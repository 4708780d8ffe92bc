/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* devices.c: devices and who has them. */
#include <string.h>

#include "daemon/commands.h"

static const char *
kind_name (UmzDeviceKind kind)
{
  switch (kind) {
  case UMZ_DEVICE_DISK: return "DISK";
  case UMZ_DEVICE_CONSOLE: return "CONSOLE";
  case UMZ_DEVICE_LAN: return "LAN";
  case UMZ_DEVICE_HOST: return "HOST";
  }
  g_assert_not_reached ();
}

/* A range takes names of the same length as its ends. */
static bool
is_in_range (const UmzOperand *range, const char *mn)
{
  const char *from = umz_operand_get (range, "FROM")->text;
  const char *to = umz_operand_get (range, "TO")->text;
  return strlen (mn) == strlen (from) && strlen (mn) == strlen (to) && strcmp (from, mn) <= 0 &&
         strcmp (mn, to) <= 0;
}

static bool
is_one_of (const UmzOperand *units, const char *mn)
{
  for (; units != NULL; units = units->next) {
    if (units->members != NULL ? is_in_range (units, mn) : umz_operand_selects (units, mn))
      return true;
  }
  return false;
}

typedef struct {
  const UmzOperand *units;
  const UmzOperand *usage; /* NULL: any */
  const UmzOperand *vm;    /* NULL: any */
} Selection;

static Selection
make_selection (const UmzCommand *command)
{
  const UmzOperand *state = umz_operand_get (umz_command_get (command, "SELECT"), "STATE");
  bool is_any = state->members == NULL;
  return (Selection){
    .units = umz_command_get (command, "UNITS"),
    .usage = is_any ? NULL : umz_operand_get (state, "USAGE"),
    .vm = is_any ? NULL : umz_operand_get (state, "VM-IDENTIFICATION"),
  };
}

static bool
is_selected (const Selection *selection, const UmzDevice *device)
{
  const char *usage = selection->usage != NULL ? selection->usage->text : "*ANY";
  bool fits = strcmp (usage, "*ANY") == 0 ||
              device->is_shared == (strcmp (usage, "*SHARED") == 0);
  return fits && is_one_of (selection->units, device->mn);
}

void
umz_show_vm_device_status (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  Selection selection = make_selection (command);
  g_autoptr (GPtrArray) vms = umz_show_list_vms (reply, &error);
  if (vms == NULL) {
    umz_reply_fail (reply, error);
    return;
  }
  umz_reply_print (reply, "MN        TYPE     STATE     BY        USAGE      VM-ID");
  for (guint i = 0; i < vms->len; i++) {
    const UmzVm *vm = vms->pdata[i];
    if (selection.vm != NULL && !umz_show_is_wanted (selection.vm, vm))
      continue;
    for (guint k = 0; k < vm->devices->len; k++) {
      const UmzDevice *device = vm->devices->pdata[k];
      if (is_selected (&selection, device))
        umz_reply_print (reply, "%-9s %-8s ASSIGNED  VM-ADMIN  %-9s %2u %s", device->mn,
                         kind_name (device->kind), device->is_shared ? "SHARED" : "EXCLUSIVE",
                         vm->index, vm->name);
    }
  }
}

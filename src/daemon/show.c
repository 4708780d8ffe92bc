/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* show.c: the commands that only look. */
#include <string.h>

#include "daemon/commands.h"

bool
umz_show_is_wanted (const UmzOperand *operand, const UmzVm *vm)
{
  return operand->kind == UMZ_OPERAND_INTEGER ? operand->integer == vm->index
                                              : umz_operand_selects (operand, vm->name);
}

static int
compare_index (gconstpointer a, gconstpointer b)
{
  return (int) (*(UmzVm *const *) a)->index - (int) (*(UmzVm *const *) b)->index;
}

/* A VM that is on its way here is shown from the first moment, whether libvirt has it or not. */
static void
add_arrivals (UmzApp *app, GPtrArray *vms)
{
  g_autoptr (GPtrArray) arrivals = umz_engine_list_arrivals (app->engine);
  for (guint i = 0; i < arrivals->len; i++) {
    const UmzArrival *arrival = arrivals->pdata[i];
    bool is_there = false;
    for (guint k = 0; k < vms->len && !is_there; k++)
      is_there = strcmp (((UmzVm *) vms->pdata[k])->uuid, arrival->uuid) == 0;
    if (is_there)
      continue;
    UmzVm *vm = umz_vm_new ();
    vm->name = g_strdup (arrival->name);
    vm->uuid = g_strdup (arrival->uuid);
    vm->memory_bytes = arrival->memory_bytes;
    vm->n_vcpus = arrival->n_vcpus;
    g_ptr_array_add (vms, vm);
  }
}

GPtrArray *
umz_show_list_vms (UmzReply *reply, GError **error)
{
  g_autoptr (GPtrArray) vms = NULL;
  if (!umz_hypervisor_list (reply->app->hypervisor, &vms, error))
    return NULL;
  add_arrivals (reply->app, vms);
  for (guint i = 0; i < vms->len; i++) {
    UmzVm *vm = vms->pdata[i];
    if (!umz_store_get_index (reply->app->store, vm->uuid, UMZ_VM_INDEX_MAX, &vm->index, error))
      return NULL;
  }
  g_ptr_array_sort (vms, compare_index);
  return g_steal_pointer (&vms);
}

static char *
dup_state (UmzReply *reply, const UmzVm *vm)
{
  UmzSide side;
  if (!umz_engine_is_moving (reply->app->engine, vm->uuid, &side, NULL))
    return g_strdup (umz_vm_state_name (vm->state));
  return side == UMZ_SIDE_TARGET ? g_strdup ("SETUP(MIGR)")
                                 : g_strdup_printf ("%s(MIGR)", umz_vm_state_name (vm->state));
}

static void
show_std (UmzReply *reply, const UmzVm *vm)
{
  g_autofree char *state = dup_state (reply, vm);
  umz_reply_print (
    reply, "%2u %-10s *STDPOOL(P)    1.00 100.00 %5u %9" G_GUINT64_FORMAT "  %-3s  %s", vm->index,
    vm->name, vm->n_vcpus, vm->memory_bytes >> 20, vm->is_persistent ? "YES" : "NO", state);
}

static void
show_device_group (UmzReply *reply, const UmzVm *vm, bool is_shared, const char *title)
{
  GString *names = g_string_new (NULL);
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *device = vm->devices->pdata[i];
    if (device->is_shared == is_shared)
      g_string_append_printf (names, "%s%s", names->len > 0 ? "," : "", device->mn);
  }
  if (names->len > 0)
    umz_reply_print (reply, "             %-7s %s", title, names->str);
  g_string_free (names, TRUE);
}

static void
show_units (UmzReply *reply, const UmzVm *vm)
{
  umz_reply_print (reply, "%2u %-9s ASSIGNED BY VM-ADMIN", vm->index, vm->name);
  show_device_group (reply, vm, false, "EXCL:");
  show_device_group (reply, vm, true, "SHARED:");
}

static void
show_monjv (UmzReply *reply, const UmzVm *vm)
{
  UmzSide side;
  g_autofree char *id = NULL;
  g_autoptr (UmzMoveRecord) record = NULL;
  if (umz_engine_is_moving (reply->app->engine, vm->uuid, &side, &id))
    record = umz_store_dup_move (reply->app->store, id, NULL);
  umz_reply_print (reply, "%2u %-9s MIGR-MONJV: %s", vm->index, vm->name,
                   record != NULL && record->monjv != NULL ? record->monjv : "*NONE");
}

typedef struct {
  const char *information;
  const char *const *header;
  void (*show) (UmzReply *reply, const UmzVm *vm);
} Layout;

/* clang-format off */
static const char *const std_header[] = {
  "              CPU-POOL(P)",
  "VM-ID         VM-GROUP(G)    CPU-Q  MAX-U  PROC  MEM-SIZE  PER  VM-STATE", NULL };
static const char *const units_header[] = { "VM-ID        UNITS", NULL };
static const char *const monjv_header[] = { "VM-ID        MONJV", NULL };

static const Layout layouts[] = {
  { "*STD",   std_header,   show_std   },
  { "*UNITS", units_header, show_units },
  { "*MONJV", monjv_header, show_monjv },
};
/* clang-format on */

void
umz_show_vm_attributes (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  const char *information = umz_command_get (command, "INFORMATION")->text;
  const UmzOperand *wanted = umz_command_get (command, "VM-IDENTIFICATION");
  g_autoptr (GPtrArray) vms = umz_show_list_vms (reply, &error);
  if (vms == NULL) {
    umz_reply_fail (reply, error);
    return;
  }
  for (guint i = vms->len; i > 0; i--)
    if (!umz_show_is_wanted (wanted, vms->pdata[i - 1]))
      g_ptr_array_remove_index (vms, i - 1);
  if (vms->len == 0 && wanted->kind != UMZ_OPERAND_CONSTANT && !wanted->is_pattern) {
    umz_vm_free (umz_reply_find_vm (reply, wanted)); /* says which VM there is not */
    return;
  }
  for (size_t l = 0; l < G_N_ELEMENTS (layouts); l++) {
    if (strcmp (information, "*ALL") != 0 && strcmp (information, layouts[l].information) != 0)
      continue;
    for (const char *const *line = layouts[l].header; *line != NULL; line++)
      umz_reply_print (reply, "%s", *line);
    for (guint i = 0; i < vms->len; i++)
      layouts[l].show (reply, vms->pdata[i]);
  }
}

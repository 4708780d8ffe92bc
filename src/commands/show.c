/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* show.c: SHOW-VM-ATTRIBUTES and SHOW-VM-DEFINITION. */
#include "commands/show.h"

#include <string.h>

#include "commands/find.h"
#include "commands/handlers.h"
#include "commands/remote-definitions.h"
#include "model/json.h"
#include "su/vms.h"

uint64_t
umz_show_mib (uint64_t bytes)
{
  return bytes >> 20;
}

const char *
umz_show_yes_or_no (bool is_so)
{
  return is_so ? "YES" : "NO";
}

char *
umz_show_dup_index (const UmzVm *vm)
{
  return vm->index != 0 ? g_strdup_printf ("%u", vm->index) : g_strdup ("-");
}

/* The job variable of the VM's move, or NULL. */
static char *
dup_monjv (UmzReply *reply, const UmzVm *vm)
{
  UmzSide side;
  g_autofree char *id = NULL;
  if (!umz_engine_is_moving (reply->app->engine, vm->uuid, &side, &id))
    return NULL;
  g_autoptr (UmzMoveRecord) record = NULL;
  (void) umz_store_dup_move (reply->app->store, id, &record, NULL); /* else it is not shown */
  return record != NULL ? g_strdup (record->monjv) : NULL;
}

/* ---- as data ---- */

static void
add_devices (JsonBuilder *b, const UmzVm *vm)
{
  json_builder_set_member_name (b, "devices");
  json_builder_begin_array (b);
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *device = vm->devices->pdata[i];
    json_builder_begin_object (b);
    umz_json_set_text (b, "mn", device->mn);
    umz_json_set_text (b, "kind", umz_device_kind_name (device->kind));
    umz_json_set_bool (b, "shared", device->is_shared);
    umz_json_set_text (b, "source", device->source);
    json_builder_end_object (b);
  }
  json_builder_end_array (b);
}

void
umz_show_add_data (UmzReply *reply, const UmzVm *vm)
{
  JsonBuilder *b = reply->data;
  g_autofree char *state = umz_vms_dup_state (reply->app, vm);
  g_autofree char *monjv = dup_monjv (reply, vm);
  json_builder_begin_object (b);
  umz_json_set_number (b, "index", vm->index);
  umz_json_set_text (b, "name", vm->name);
  umz_json_set_text (b, "uuid", vm->uuid);
  umz_json_set_text (b, "state", state);
  umz_json_set_bool (b, "active", umz_vms_is_initialized (vm));
  umz_json_set_bool (b, "persistent", vm->is_persistent);
  umz_json_set_bool (b, "autostart", vm->is_autostart);
  umz_json_set_text (b, "boot", vm->boot);
  umz_json_set_text (b, "cpu_pool", vm->cpu_pool);
  umz_json_set_text (b, "architecture", vm->arch);
  umz_json_set_text (b, "cpu_model", vm->cpu_model);
  umz_json_set_number (b, "processors", vm->n_vcpus);
  umz_json_set_number (b, "memory_mib", umz_show_mib (vm->memory_bytes));
  umz_json_set_number (b, "current_memory_mib", umz_show_mib (vm->current_memory_bytes));
  umz_json_set_number (b, "max_io_percent", vm->max_io_percent);
  umz_json_set_text (b, "monjv", monjv != NULL ? monjv : "");
  add_devices (b, vm);
  json_builder_end_object (b);
}

/* ---- layouts ---- */

/* Below the row of one that may not start. */
static void
show_obstacle (UmzReply *reply, const UmzVm *vm)
{
  g_autofree char *obstacle = umz_vms_dup_obstacle (reply->app, vm);
  if (obstacle != NULL)
    umz_reply_print (reply, "   NOT RUNNABLE: %s", obstacle);
}

static void
show_attributes (UmzReply *reply, const UmzVm *vm)
{
  g_autofree char *state = umz_vms_dup_state (reply->app, vm);
  g_autofree char *pool = g_strconcat (vm->cpu_pool, "(P)", NULL);
  umz_reply_print (reply, "%2u %-10s %-13s  1.00  100.00  %3u  %8" G_GUINT64_FORMAT "  %-3s  %s",
                   vm->index, vm->name, pool, vm->n_vcpus, umz_show_mib (vm->memory_bytes),
                   umz_show_yes_or_no (vm->is_persistent), state);
  show_obstacle (reply, vm);
}

static void
show_definition (UmzReply *reply, const UmzVm *vm)
{
  g_autofree char *index = umz_show_dup_index (vm);
  g_autofree char *pool = g_strconcat (vm->cpu_pool, "(P)", NULL);
  umz_reply_print (reply, "%3s %-10s %-3s  %-3s  NO       %-12s %5u %9" G_GUINT64_FORMAT " %7u",
                   index, vm->name, umz_show_yes_or_no (umz_vms_is_initialized (vm)),
                   umz_show_yes_or_no (vm->is_persistent), pool, vm->n_vcpus,
                   umz_show_mib (vm->memory_bytes), vm->max_io_percent);
  show_obstacle (reply, vm);
}

static void
show_cpu (UmzReply *reply, const UmzVm *vm)
{
  g_autofree char *index = umz_show_dup_index (vm);
  umz_reply_print (reply, "%2s %-10s %4u  %-8s %s", index, vm->name, vm->n_vcpus, vm->arch,
                   vm->cpu_model[0] != '\0' ? vm->cpu_model : "*STD");
}

static void
show_memory (UmzReply *reply, const UmzVm *vm)
{
  g_autofree char *index = umz_show_dup_index (vm);
  umz_reply_print (reply, "%2s %-10s %9" G_GUINT64_FORMAT " %9" G_GUINT64_FORMAT, index, vm->name,
                   umz_show_mib (vm->memory_bytes), umz_show_mib (vm->current_memory_bytes));
}

static void
show_ipl (UmzReply *reply, const UmzVm *vm)
{
  g_autofree char *index = umz_show_dup_index (vm);
  g_autofree char *boot = g_ascii_strup (vm->boot[0] != '\0' ? vm->boot : "*STD", -1);
  umz_reply_print (reply, "%2s %-10s %-8s %s", index, vm->name, boot,
                   umz_show_yes_or_no (vm->is_autostart));
}

static void
show_device_group (UmzReply *reply, const UmzVm *vm, bool is_shared, const char *title)
{
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *device = vm->devices->pdata[i];
    if (device->is_shared == is_shared)
      g_string_append_printf (names, "%s%s", names->len > 0 ? "," : "", device->mn);
  }
  if (names->len > 0)
    umz_reply_print (reply, "             %-7s %s", title, names->str);
}

static void
show_units (UmzReply *reply, const UmzVm *vm)
{
  g_autofree char *index = umz_show_dup_index (vm);
  umz_reply_print (reply, "%2s %-9s %s", index, vm->name,
                   vm->devices->len > 0 ? "ASSIGNED BY VM-ADMIN" : "*NONE");
  show_device_group (reply, vm, false, "EXCL:");
  show_device_group (reply, vm, true, "SHARED:");
}

static void
show_monjv (UmzReply *reply, const UmzVm *vm)
{
  g_autofree char *index = umz_show_dup_index (vm);
  g_autofree char *monjv = dup_monjv (reply, vm);
  umz_reply_print (reply, "%2s %-9s MIGR-MONJV: %s", index, vm->name,
                   monjv != NULL ? monjv : "*NONE");
}

/* clang-format off */
static const char *const attributes_header[] = {
  "              CPU-POOL(P)",
  "VM-ID         VM-GROUP(G)   CPU-Q  MAX-U  PROC  MEM-SIZE  PER  VM-STATE", NULL };
static const char *const definition_header[] = {
  "                                  CPU-POOL(P)",
  " VM-ID         ACT  PER  HA       VM-GROUP(G)   PROC  MEM-SIZE  MAX-IO", NULL };
static const char *const cpu_header[] = { "VM-ID         PROC  ARCH     CPU-MODEL", NULL };
static const char *const memory_header[] = { "VM-ID          MEM-SIZE   CURRENT", NULL };
static const char *const ipl_header[] = { "VM-ID         IPL      AUTO-IPL", NULL };
static const char *const units_header[] = { "VM-ID        UNITS", NULL };
static const char *const monjv_header[] = { "VM-ID        MONJV", NULL };

static const UmzLayout attributes_layout = { "*STD", attributes_header, show_attributes };
static const UmzLayout definition_layout = { "*STD", definition_header, show_definition };
static const UmzLayout ipl_layout        = { "*IPL", ipl_header, show_ipl };
const UmzLayout umz_layout_cpu    = { "*CPU",    cpu_header,    show_cpu    };
const UmzLayout umz_layout_memory = { "*MEMORY", memory_header, show_memory };
const UmzLayout umz_layout_units  = { "*UNITS",  units_header,  show_units  };
const UmzLayout umz_layout_monjv  = { "*MONJV",  monjv_header,  show_monjv  };
/* clang-format on */

static void
show_layout (UmzReply *reply, const UmzLayout *layout, const GPtrArray *vms)
{
  for (const char *const *line = layout->header; *line != NULL; line++)
    umz_reply_print (reply, "%s", *line);
  for (guint i = 0; i < vms->len; i++)
    layout->show (reply, vms->pdata[i]);
}

void
umz_show_attributes_of (UmzReply *reply, const GPtrArray *vms)
{
  show_layout (reply, &attributes_layout, vms);
}

void
umz_show_layouts (UmzReply *reply, const UmzOperand *information, const GPtrArray *vms,
                  const UmzLayout *layouts, size_t n_layouts)
{
  for (size_t l = 0; l < n_layouts; l++)
    if (strcmp (information->text, "*ALL") == 0 ||
        strcmp (information->text, layouts[l].information) == 0)
      show_layout (reply, &layouts[l], vms);
}

/* ---- the commands ---- */

GPtrArray *
umz_show_list_wanted (UmzReply *reply, const UmzOperand *wanted, UmzVmKind kind)
{
  g_autoptr (GPtrArray) vms = umz_find_all (reply);
  if (vms == NULL)
    return NULL;
  for (guint i = vms->len; i > 0; i--) {
    const UmzVm *vm = vms->pdata[i - 1];
    bool is_shown = kind == UMZ_VM_DEFINED || umz_vms_is_initialized (vm);
    if (!is_shown || !umz_find_is_wanted (wanted, vm))
      g_ptr_array_remove_index (vms, i - 1);
  }
  return umz_find_is_missing (reply, wanted, kind, vms) ? NULL : g_steal_pointer (&vms);
}

void
umz_execute_show_vm_attributes (UmzReply *reply, const UmzCommand *command)
{
  const UmzLayout layouts[] = { attributes_layout, umz_layout_cpu, umz_layout_memory,
                                umz_layout_units, umz_layout_monjv };
  g_autoptr (GPtrArray) vms = umz_show_list_wanted (
    reply, umz_command_get (command, "VM-IDENTIFICATION"), UMZ_VM_INITIALIZED);
  if (vms == NULL)
    return;
  umz_show_layouts (reply, umz_command_get (command, "INFORMATION"), vms, layouts,
                    G_N_ELEMENTS (layouts));
  for (guint i = 0; i < vms->len; i++)
    umz_show_add_data (reply, vms->pdata[i]);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(UmzVm *const *) a)->name, (*(UmzVm *const *) b)->name);
}

void
umz_execute_show_vm_definition (UmzReply *reply, const UmzCommand *command)
{
  const UmzLayout layouts[] = { definition_layout, umz_layout_cpu, umz_layout_memory, ipl_layout,
                                umz_layout_units };
  if (strcmp (umz_command_get (command, "SERVER-UNIT-NAME")->text, "*LOCAL") != 0) {
    umz_remote_definitions_show (reply, command);
    return;
  }
  g_autoptr (GPtrArray) vms =
    umz_show_list_wanted (reply, umz_command_get (command, "VM-NAME"), UMZ_VM_DEFINED);
  if (vms == NULL)
    return;
  g_ptr_array_sort (vms, compare_names);
  umz_show_layouts (reply, umz_command_get (command, "INFORMATION"), vms, layouts,
                    G_N_ELEMENTS (layouts));
  for (guint i = 0; i < vms->len; i++)
    umz_show_add_data (reply, vms->pdata[i]);
}

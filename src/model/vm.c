/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/vm.h"

#include <string.h>

#include "messages/catalogue.h"
#include "model/json.h"

#define DEVICES_MAX    1024
#define TEXT_BYTES_MAX 4096
#define TEXTS_MAX      1024

UmzVm *
umz_vm_new (void)
{
  UmzVm *vm = g_new0 (UmzVm, 1);
  vm->devices = g_ptr_array_new_with_free_func ((GDestroyNotify) umz_device_free);
  vm->cpu_features = g_new0 (char *, 1);
  vm->files = g_new0 (char *, 1);
  vm->graphics_ports = g_new0 (char *, 1);
  return vm;
}

void
umz_vm_free (UmzVm *vm)
{
  if (vm == NULL)
    return;
  g_free (vm->name);
  g_free (vm->uuid);
  g_free (vm->boot);
  g_free (vm->cpu_pool);
  g_free (vm->virt_type);
  g_free (vm->arch);
  g_free (vm->machine);
  g_free (vm->emulator);
  g_free (vm->cpu_model);
  g_strfreev (vm->cpu_features);
  g_strfreev (vm->files);
  g_strfreev (vm->graphics_ports);
  g_free (vm->numa_nodes);
  g_free (vm->pinned_cpus);
  g_ptr_array_unref (vm->devices);
  g_free (vm);
}

/* What is not known of a VM is "". */
static char *
dup_known (const char *text)
{
  return g_strdup (text != NULL ? text : "");
}

static void *
copy_device (const void *source, void *unused)
{
  const UmzDevice *device = source;
  UmzDevice *copy = g_memdup2 (device, sizeof *device);
  copy->mn = g_strdup (device->mn);
  copy->target = g_strdup (device->target);
  copy->source = g_strdup (device->source);
  copy->backing = g_strdupv (device->backing);
  copy->cache = g_strdup (device->cache);
  copy->network = g_strdup (device->network);
  copy->identity = g_strdup (device->identity);
  return copy;
}

UmzVm *
umz_vm_copy (const UmzVm *vm)
{
  UmzVm *copy = g_memdup2 (vm, sizeof *vm);
  copy->name = g_strdup (vm->name);
  copy->uuid = g_strdup (vm->uuid);
  copy->boot = dup_known (vm->boot);
  copy->cpu_pool = dup_known (vm->cpu_pool);
  copy->virt_type = dup_known (vm->virt_type);
  copy->arch = dup_known (vm->arch);
  copy->machine = dup_known (vm->machine);
  copy->emulator = dup_known (vm->emulator);
  copy->cpu_model = dup_known (vm->cpu_model);
  copy->cpu_features = g_strdupv (vm->cpu_features);
  copy->files = g_strdupv (vm->files);
  copy->graphics_ports = g_strdupv (vm->graphics_ports);
  copy->numa_nodes = dup_known (vm->numa_nodes);
  copy->pinned_cpus = dup_known (vm->pinned_cpus);
  copy->devices = g_ptr_array_copy (vm->devices, copy_device, NULL);
  return copy;
}

UmzDevice *
umz_device_new (const char *mn, UmzDeviceKind kind)
{
  UmzDevice *device = g_new0 (UmzDevice, 1);
  device->mn = g_strdup (mn);
  device->kind = kind;
  device->source = g_strdup ("");
  device->cache = g_strdup ("");
  device->backing = g_new0 (char *, 1);
  device->network = g_strdup ("");
  device->identity = g_strdup ("");
  return device;
}

void
umz_device_free (UmzDevice *device)
{
  if (device == NULL)
    return;
  g_free (device->mn);
  g_free (device->target);
  g_free (device->source);
  g_free (device->cache);
  g_strfreev (device->backing);
  g_free (device->network);
  g_free (device->identity);
  g_free (device);
}

bool
umz_device_has_storage (const UmzDevice *device)
{
  return (device->kind == UMZ_DEVICE_DISK || device->kind == UMZ_DEVICE_CD) &&
         device->source[0] != '\0';
}

static int
compare_devices (gconstpointer a, gconstpointer b)
{
  const char *mn_a = (*(UmzDevice *const *) a)->mn, *mn_b = (*(UmzDevice *const *) b)->mn;
  bool is_long_a = strlen (mn_a) > 2, is_long_b = strlen (mn_b) > 2;
  return is_long_a != is_long_b ? is_long_a - is_long_b : strcmp (mn_a, mn_b);
}

void
umz_vm_sort_devices (UmzVm *vm)
{
  g_ptr_array_sort (vm->devices, compare_devices);
}

bool
umz_vm_has_device (const UmzVm *vm, const char *mn)
{
  for (guint i = 0; i < vm->devices->len; i++)
    if (strcmp (((const UmzDevice *) vm->devices->pdata[i])->mn, mn) == 0)
      return true;
  return false;
}

char *
umz_vm_label (unsigned index, const char *name)
{
  return g_strdup_printf ("(%u,%s)", index, name);
}

const char *
umz_device_kind_name (UmzDeviceKind kind)
{
  switch (kind) {
  case UMZ_DEVICE_DISK: return "DISK";
  case UMZ_DEVICE_CONSOLE: return "CONSOLE";
  case UMZ_DEVICE_LAN: return "LAN";
  case UMZ_DEVICE_HOST: return "HOST";
  case UMZ_DEVICE_CD: return "CD";
  }
  g_assert_not_reached ();
}

const char *
umz_vm_state_name (UmzVmState state)
{
  switch (state) {
  case UMZ_VM_STATE_DOWN: return "DOWN";
  case UMZ_VM_STATE_RUNNING: return "RUNNING";
  case UMZ_VM_STATE_IN_HOLD: return "IN HOLD";
  case UMZ_VM_STATE_INIT_ONLY: return "INIT-ONLY";
  case UMZ_VM_STATE_DEFINED_ONLY: return "DEFINED-ONLY";
  }
  g_assert_not_reached ();
}

bool
umz_vm_state_parse (const char *text, UmzVmState *ret_state)
{
  for (UmzVmState state = UMZ_VM_STATE_DOWN; state <= UMZ_VM_STATE_DEFINED_ONLY; state++) {
    if (g_strcmp0 (text, umz_vm_state_name (state)) != 0)
      continue;
    *ret_state = state;
    return true;
  }
  return false;
}

bool
umz_vm_state_has_qemu (UmzVmState state)
{
  return state != UMZ_VM_STATE_DOWN && state != UMZ_VM_STATE_DEFINED_ONLY;
}

bool
umz_vm_state_has_memory (UmzVmState state)
{
  return state == UMZ_VM_STATE_RUNNING || state == UMZ_VM_STATE_IN_HOLD;
}

static void
add_texts (JsonBuilder *b, const char *name, char *const *texts)
{
  json_builder_set_member_name (b, name);
  json_builder_begin_array (b);
  for (; *texts != NULL; texts++)
    json_builder_add_string_value (b, *texts);
  json_builder_end_array (b);
}

static void
add_device (JsonBuilder *b, const UmzDevice *device)
{
  json_builder_begin_object (b);
  umz_json_set_text (b, "mn", device->mn);
  umz_json_set_number (b, "kind", device->kind);
  umz_json_set_number (b, "shared", device->is_shared);
  umz_json_set_number (b, "read_only", device->is_read_only);
  umz_json_set_number (b, "boot", device->is_boot);
  umz_json_set_number (b, "alias", device->is_alias);
  umz_json_set_number (b, "detachable", device->is_detachable);
  umz_json_set_text (b, "source", device->source);
  add_texts (b, "backing", device->backing);
  umz_json_set_text (b, "cache", device->cache);
  umz_json_set_text (b, "network", device->network);
  umz_json_set_number (b, "unexamined", device->is_unexamined);
  umz_json_set_number (b, "local", device->is_local);
  umz_json_set_number (b, "size_bytes", device->size_bytes);
  umz_json_set_text (b, "identity", device->identity);
  json_builder_end_object (b);
}

/* What is not known of a VM is "". */
static void
set_text (JsonBuilder *b, const char *name, const char *text)
{
  umz_json_set_text (b, name, text != NULL ? text : "");
}

JsonNode *
umz_vm_to_json (const UmzVm *vm)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  set_text (b, "name", vm->name);
  set_text (b, "uuid", vm->uuid);
  umz_json_set_number (b, "index", vm->index);
  umz_json_set_number (b, "index_fixed", vm->is_index_fixed);
  umz_json_set_number (b, "state", vm->state);
  umz_json_set_number (b, "persistent", vm->is_persistent);
  umz_json_set_number (b, "memory_bytes", vm->memory_bytes);
  umz_json_set_number (b, "vcpus", vm->n_vcpus);
  set_text (b, "cpu_pool", vm->cpu_pool);
  umz_json_set_number (b, "max_io_percent", vm->max_io_percent);
  set_text (b, "virt_type", vm->virt_type);
  set_text (b, "arch", vm->arch);
  set_text (b, "machine", vm->machine);
  set_text (b, "emulator", vm->emulator);
  set_text (b, "cpu_model", vm->cpu_model);
  add_texts (b, "cpu_features", vm->cpu_features);
  add_texts (b, "files", vm->files);
  add_texts (b, "graphics_ports", vm->graphics_ports);
  set_text (b, "numa_nodes", vm->numa_nodes);
  set_text (b, "pinned_cpus", vm->pinned_cpus);
  umz_json_set_number (b, "huge_page_kib", vm->huge_page_kib);
  umz_json_set_number (b, "tpm", vm->has_tpm);
  json_builder_set_member_name (b, "devices");
  json_builder_begin_array (b);
  for (guint i = 0; i < vm->devices->len; i++)
    add_device (b, vm->devices->pdata[i]);
  json_builder_end_array (b);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

/* Both take a member that fits; *ok turns false otherwise. */
static char *
take_text (JsonObject *object, const char *name, bool *ok)
{
  const char *text = "";
  *ok = umz_json_get_text (object, name, TEXT_BYTES_MAX, &text) && *ok;
  return g_strdup (text);
}

static uint64_t
take_number (JsonObject *object, const char *name, uint64_t max, bool *ok)
{
  uint64_t number = 0;
  *ok = umz_json_get_number (object, name, max, &number) && *ok;
  return number;
}

static void
take_texts (JsonObject *object, const char *name, char ***texts, bool *ok)
{
  JsonArray *array = umz_json_get_array (object, name, TEXTS_MAX);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  *ok = array != NULL && *ok;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);
    const char *text =
      json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
    *ok = text != NULL && strlen (text) <= TEXT_BYTES_MAX && *ok;
    g_strv_builder_add (builder, text != NULL ? text : "");
  }
  g_strfreev (*texts);
  *texts = g_strv_builder_end (builder);
}

static void
take_device (JsonArray *array, guint i, UmzVm *vm, bool *ok)
{
  JsonNode *node = json_array_get_element (array, i);
  if (!JSON_NODE_HOLDS_OBJECT (node)) {
    *ok = false;
    return;
  }
  JsonObject *object = json_node_get_object (node);
  UmzDevice *device = g_new0 (UmzDevice, 1);
  device->mn = take_text (object, "mn", ok);
  device->kind = (UmzDeviceKind) take_number (object, "kind", UMZ_DEVICE_CD, ok);
  device->is_shared = take_number (object, "shared", 1, ok);
  device->is_read_only = take_number (object, "read_only", 1, ok);
  device->is_boot = take_number (object, "boot", 1, ok);
  device->is_alias = take_number (object, "alias", 1, ok);
  device->is_detachable = take_number (object, "detachable", 1, ok);
  device->source = take_text (object, "source", ok);
  take_texts (object, "backing", &device->backing, ok);
  device->cache = take_text (object, "cache", ok);
  device->network = take_text (object, "network", ok);
  device->is_unexamined = take_number (object, "unexamined", 1, ok);
  device->is_local = take_number (object, "local", 1, ok);
  device->size_bytes = take_number (object, "size_bytes", INT64_MAX, ok);
  device->identity = take_text (object, "identity", ok);
  g_ptr_array_add (vm->devices, device);
}

static bool
take_vm (JsonObject *object, UmzVm *vm)
{
  bool ok = true;
  vm->name = take_text (object, "name", &ok);
  vm->uuid = take_text (object, "uuid", &ok);
  vm->index = (unsigned) take_number (object, "index", 9999, &ok);
  vm->is_index_fixed = take_number (object, "index_fixed", 1, &ok);
  vm->state = (UmzVmState) take_number (object, "state", UMZ_VM_STATE_DEFINED_ONLY, &ok);
  vm->is_persistent = take_number (object, "persistent", 1, &ok);
  vm->memory_bytes = take_number (object, "memory_bytes", INT64_MAX, &ok);
  vm->n_vcpus = (unsigned) take_number (object, "vcpus", 65536, &ok);
  vm->cpu_pool = take_text (object, "cpu_pool", &ok);
  vm->max_io_percent = (unsigned) take_number (object, "max_io_percent", 100, &ok);
  vm->virt_type = take_text (object, "virt_type", &ok);
  vm->arch = take_text (object, "arch", &ok);
  vm->machine = take_text (object, "machine", &ok);
  vm->emulator = take_text (object, "emulator", &ok);
  vm->cpu_model = take_text (object, "cpu_model", &ok);
  take_texts (object, "cpu_features", &vm->cpu_features, &ok);
  take_texts (object, "files", &vm->files, &ok);
  take_texts (object, "graphics_ports", &vm->graphics_ports, &ok);
  vm->numa_nodes = take_text (object, "numa_nodes", &ok);
  vm->pinned_cpus = take_text (object, "pinned_cpus", &ok);
  vm->huge_page_kib = take_number (object, "huge_page_kib", UINT32_MAX, &ok);
  vm->has_tpm = take_number (object, "tpm", 1, &ok);
  JsonArray *devices = umz_json_get_array (object, "devices", DEVICES_MAX);
  if (devices == NULL)
    return false;
  for (guint i = 0; i < json_array_get_length (devices); i++)
    take_device (devices, i, vm, &ok);
  return ok && g_uuid_string_is_valid (vm->uuid) && vm->name[0] != '\0';
}

UmzVm *
umz_vm_from_json (JsonNode *node, GError **error)
{
  g_autoptr (UmzVm) vm = umz_vm_new ();
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node) ||
      !take_vm (json_node_get_object (node), vm)) {
    umz_set_error (error, UMZ_MSG_UMZ0310, "VM", NULL);
    return NULL;
  }
  return g_steal_pointer (&vm);
}

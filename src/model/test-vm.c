/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/vm.h"

#include "messages/catalogue.h"

static UmzVm *
make_vm (void)
{
  UmzVm *vm = umz_vm_new ();
  vm->name = g_strdup ("VM12PROD");
  vm->uuid = g_strdup ("0d5a2ad0-0f0a-4d4c-8b9a-9d7f1c0b5a11");
  vm->index = 12;
  vm->state = UMZ_VM_STATE_RUNNING;
  vm->is_persistent = true;
  vm->memory_bytes = 256 << 20;
  vm->n_vcpus = 1;
  vm->cpu_pool = g_strdup ("*STDPOOL");
  vm->max_io_percent = 100;
  vm->virt_type = g_strdup ("qemu");
  vm->arch = g_strdup ("s390x");
  vm->machine = g_strdup ("s390-ccw-virtio-7.2");
  vm->emulator = g_strdup ("/usr/bin/qemu-system-s390x");
  vm->cpu_model = g_strdup ("qemu");
  vm->numa_nodes = g_strdup ("0-1");
  vm->pinned_cpus = g_strdup ("");
  g_strfreev (vm->files);
  vm->files = g_strsplit ("/boot/vmlinuz /boot/initrd", " ", 0);
  const char *names[] = { "FAA5", "ZZ", "FAA4", "CS" };
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    g_ptr_array_add (vm->devices, umz_device_new (names[i], UMZ_DEVICE_DISK));
  return vm;
}

static void
test_order (void)
{
  g_autoptr (UmzVm) vm = make_vm ();
  umz_vm_sort_devices (vm);
  const char *expected[] = { "CS", "ZZ", "FAA4", "FAA5" };
  for (size_t i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpstr (((UmzDevice *) vm->devices->pdata[i])->mn, ==, expected[i]);
}

static void
test_has_device (void)
{
  g_autoptr (UmzVm) vm = make_vm ();
  g_assert_true (umz_vm_has_device (vm, "FAA5"));
  g_assert_true (umz_vm_has_device (vm, "CS"));
  g_assert_false (umz_vm_has_device (vm, "FAA"));
  g_assert_false (umz_vm_has_device (vm, ""));
}

static void
test_round_trip (void)
{
  g_autoptr (UmzVm) vm = make_vm ();
  UmzDevice *device = vm->devices->pdata[0];
  device->kind = UMZ_DEVICE_CD;
  device->is_shared = device->is_boot = device->is_local = true;
  device->is_alias = device->is_detachable = device->is_unexamined = true;
  device->size_bytes = 4096;
  g_strfreev (device->backing);
  device->backing = g_strsplit ("file:/a file:/b", " ", 0);
  g_autoptr (JsonNode) node = umz_vm_to_json (vm);
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzVm) back = umz_vm_from_json (node, &error);
  g_assert_no_error (error);
  const UmzDevice *arrived = back->devices->pdata[0];
  g_assert_true (arrived->is_boot && arrived->is_local && arrived->is_alias);
  g_assert_true (arrived->is_detachable && arrived->is_unexamined);
  g_assert_cmpint (arrived->kind, ==, UMZ_DEVICE_CD);
  g_autoptr (JsonNode) again = umz_vm_to_json (back);
  g_autofree char *a = json_to_string (node, FALSE), *b = json_to_string (again, FALSE);
  g_assert_cmpstr (a, ==, b);
}

static void
test_missing (void)
{
  g_autoptr (UmzVm) vm = make_vm ();
  g_autoptr (JsonNode) node = umz_vm_to_json (vm);
  g_autoptr (GList) members = json_object_get_members (json_node_get_object (node));
  g_autoptr (GList) copies =
    g_list_copy_deep (members, (GCopyFunc) (void (*) (void)) g_strdup, NULL);
  for (GList *m = copies; m != NULL; m = m->next) {
    g_autoptr (JsonNode) broken = umz_vm_to_json (vm);
    g_autoptr (GError) error = NULL;
    json_object_remove_member (json_node_get_object (broken), m->data);
    g_assert_null (umz_vm_from_json (broken, &error));
    g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0310);
  }
  g_list_foreach (copies, (GFunc) (void (*) (void)) g_free, NULL);
}

/* Each member once missing, once of a wrong type. */
static void
test_broken_device (void)
{
  static const char *const members[] = { "mn", "kind", "shared", "read_only",
                                         "boot", "alias", "detachable", "source",
                                         "cache", "backing", "network", "unexamined", "local",
                                         "size_bytes", "identity" };
  for (size_t i = 0; i < 2 * G_N_ELEMENTS (members); i++) {
    const char *member = members[i / 2];
    g_autoptr (UmzVm) vm = make_vm ();
    g_autoptr (JsonNode) node = umz_vm_to_json (vm);
    JsonObject *device = json_array_get_object_element (
      json_object_get_array_member (json_node_get_object (node), "devices"), 0);
    if (i % 2 == 0)
      json_object_remove_member (device, member);
    else
      json_object_set_double_member (device, member, -1);
    g_assert_null (umz_vm_from_json (node, NULL));
  }
}

/* As after a restart, when the journal has only the name. */
static void
test_copy_of_little (void)
{
  g_autoptr (UmzVm) vm = umz_vm_new ();
  vm->name = g_strdup ("VM12PROD");
  vm->uuid = g_strdup ("8a5f0c1e-6f4c-4a66-9a6a-27d1f0f0a001");
  g_autoptr (UmzVm) copy = umz_vm_copy (vm);
  g_assert_cmpstr (copy->name, ==, "VM12PROD");
  g_assert_cmpstr (copy->machine, ==, "");
}

/* Such as a definition may hold; see umz_vm_from_json() for what travels. */
static void
test_copy_of_much (void)
{
  g_autoptr (UmzVm) vm = make_vm ();
  UmzDevice *device = vm->devices->pdata[0];
  g_free (device->source);
  device->source = g_strnfill (100000, 'x');
  device->target = g_strdup ("vda");
  vm->memory_bytes = UINT64_MAX;
  vm->boot = g_strdup ("hd");
  g_autoptr (UmzVm) copy = umz_vm_copy (vm);
  const UmzDevice *copied = copy->devices->pdata[0];
  g_assert_cmpstr (copied->source, ==, device->source);
  g_assert_cmpstr (copied->target, ==, "vda");
  g_assert_cmpstr (copy->boot, ==, "hd");
  g_assert_cmpuint (copy->memory_bytes, ==, UINT64_MAX);
}

static void
test_bad_list (void)
{
  g_autoptr (UmzVm) vm = make_vm ();
  g_autoptr (JsonNode) node = umz_vm_to_json (vm);
  JsonArray *files = json_object_get_array_member (json_node_get_object (node), "files");
  json_array_add_int_element (files, 3);
  g_assert_null (umz_vm_from_json (node, NULL));
}

static void
test_bad_uuid (void)
{
  g_autoptr (UmzVm) vm = make_vm ();
  g_free (vm->uuid);
  vm->uuid = g_strdup ("../../etc/passwd");
  g_autoptr (JsonNode) node = umz_vm_to_json (vm);
  g_assert_null (umz_vm_from_json (node, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vm/devices-stand-in-the-order-of-vm2000", test_order);
  g_test_add_func ("/vm/a-device-is-known-by-its-whole-name", test_has_device);
  g_test_add_func ("/vm/facts-survive-the-way-to-the-other-su", test_round_trip);
  g_test_add_func ("/vm/facts-with-a-member-missing-are-refused", test_missing);
  g_test_add_func ("/vm/a-device-with-a-member-missing-or-wrong-is-refused", test_broken_device);
  g_test_add_func ("/vm/a-vm-of-which-little-is-known-can-be-copied", test_copy_of_little);
  g_test_add_func ("/vm/a-vm-that-is-too-large-to-travel-can-be-copied", test_copy_of_much);
  g_test_add_func ("/vm/a-list-of-anything-but-texts-is-refused", test_bad_list);
  g_test_add_func ("/vm/a-uuid-that-is-none-is-refused", test_bad_uuid);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hypervisor/definition.h"

#include "messages/catalogue.h"

static const char definition[] =
  "<domain type='qemu'><name>VM12PROD</name><uuid>0d5a2ad0-0f0a-4d4c-8b9a-9d7f1c0b5a11</uuid>"
  "<memory unit='KiB'>262144</memory><vcpu placement='static'>2</vcpu>"
  "<os><type arch='s390x' machine='s390-ccw-virtio-7.2'>hvm</type></os>"
  "<cpu mode='custom'><model>qemu</model></cpu>"
  "<devices><emulator>/usr/bin/qemu-system-s390x</emulator>"
  "<disk type='network' device='disk'><source protocol='nbd' name='FAA5'><host name='10.0.0.1'"
  " port='10809'/></source><target dev='vda'/><shareable/><address type='ccw' cssid='0xfe'"
  " ssid='0x0' devno='0xfaa5'/></disk>"
  "<disk type='file' device='cdrom'><source file='/x.iso'/><target dev='sda'/><readonly/></disk>"
  "<serial type='file'><target port='0'/><alias name='ua-CS'/></serial>"
  "<console type='file'><target type='serial' port='0'/><alias name='ua-CS'/></console>"
  "</devices></domain>";

static void
test_facts (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzVm) vm = umz_definition_parse (definition, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vm->name, ==, "VM12PROD");
  g_assert_cmpuint (vm->memory_bytes, ==, 256u << 20);
  g_assert_cmpuint (vm->n_vcpus, ==, 2);
  g_assert_cmpstr (vm->arch, ==, "s390x");
  g_assert_cmpstr (vm->cpu_model, ==, "qemu");
}

static void
test_devices (void)
{
  static const struct {
    const char *mn, *source;
    bool is_shared;
  } expected[] = {
    { "CS", "", false },
    { "SDA", "file:/x.iso", false },
    { "FAA5", "nbd://10.0.0.1:10809/FAA5", true },
  };
  g_autoptr (UmzVm) vm = umz_definition_parse (definition, NULL);
  const char *order[] = { "CS", "FAA5", "SDA" };
  g_assert_cmpuint (vm->devices->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *device = vm->devices->pdata[i];
    g_assert_cmpstr (device->mn, ==, order[i]);
    for (size_t k = 0; k < G_N_ELEMENTS (expected); k++) {
      if (g_strcmp0 (expected[k].mn, device->mn) != 0)
        continue;
      g_assert_cmpstr (device->source, ==, expected[k].source);
      g_assert_cmpint (device->is_shared, ==, expected[k].is_shared);
    }
  }
}

static void
test_rubbish (void)
{
  static const char *const bad[] = { "", "<", "<network/>", "<domain/>",
                                     "<domain><name>x</name><uuid>1</uuid></domain>" };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (umz_definition_parse (bad[i], &error));
    g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0310);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/definition/the-facts-of-a-vm-are-read", test_facts);
  g_test_add_func ("/definition/devices-have-their-names-and-sources", test_devices);
  g_test_add_func ("/definition/what-is-no-domain-is-refused", test_rubbish);
  return g_test_run ();
}

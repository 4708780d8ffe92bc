/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hypervisor/definition.h"

#include "messages/catalogue.h"

#define UUID "11111111-2222-3333-4444-555555555555"

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
test_truncated (void)
{
  for (size_t length = 0; length + 1 < sizeof definition; length++) {
    g_autofree char *beginning = g_strndup (definition, length);
    g_autoptr (GError) error = NULL;
    g_assert_null (umz_definition_parse (beginning, &error));
    g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0310);
  }
}

/* A domain with these devices, as libvirt 9.0 writes them. */
static UmzDevice *
parse_device (const char *os, const char *xml, UmzVm **ret_vm)
{
  g_autofree char *text = g_strdup_printf (
    "<domain><name>x</name><uuid>0d5a2ad0-0f0a-4d4c-8b9a-9d7f1c0b5a11</uuid><os>%s</os>"
    "<devices>%s</devices></domain>",
    os, xml);
  *ret_vm = umz_definition_parse (text, NULL);
  g_assert_nonnull (*ret_vm);
  return (*ret_vm)->devices->pdata[0];
}

static void
test_kinds (void)
{
  static const struct {
    const char *xml;
    UmzDeviceKind kind;
    bool is_alias, is_detachable, is_boot;
    const char *source, *network;
  } rows[] = {
    { "<disk type='file' device='disk'><source file='/d'/><target dev='vda' bus='virtio'/></disk>",
      UMZ_DEVICE_DISK, .is_detachable = true, .source = "file:/d" },
    { "<disk type='file' device='disk'><source file='/d'/><target dev='hda' bus='ide'/></disk>",
      UMZ_DEVICE_DISK, .source = "file:/d" },
    { "<disk type='block' device='lun'><source dev='/dev/sdb'/><target dev='sda' bus='scsi'/>"
      "<boot order='1'/></disk>",
      UMZ_DEVICE_DISK, .is_detachable = true, .is_boot = true, .source = "block:/dev/sdb" },
    { "<disk type='volume' device='disk'><source pool='p' volume='v'/><target dev='vda'/></disk>",
      UMZ_DEVICE_DISK, .source = "volume:" },
    { "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>", UMZ_DEVICE_CD,
      .source = "" },
    { "<disk type='file' device='cdrom'><source file='/i'/><target dev='sda' bus='scsi'/></disk>",
      UMZ_DEVICE_CD, .is_detachable = true, .source = "file:/i" },
    { "<disk type='file' device='floppy'><source file='/f'/><target dev='fda' bus='fdc'/></disk>",
      UMZ_DEVICE_CD, .source = "file:/f" },
    { "<interface type='bridge'><source bridge='br0'/></interface>", UMZ_DEVICE_LAN,
      .network = "bridge:br0" },
    { "<interface type='network'><source network='default' bridge='virbr0'/>"
      "<teaming type='persistent'/></interface>",
      UMZ_DEVICE_LAN, .network = "network:default" },
    { "<interface type='direct'><source dev='eth0' mode='bridge'/></interface>", UMZ_DEVICE_LAN,
      .network = "direct:eth0" },
    { "<interface type='user'/>", UMZ_DEVICE_LAN, .network = "" },
    { "<interface type='hostdev' managed='yes'/>", UMZ_DEVICE_HOST, .is_detachable = true },
    { "<interface type='hostdev'><teaming type='transient' persistent='ua-LAN1'/></interface>",
      UMZ_DEVICE_HOST, .is_alias = true, .is_detachable = true },
    { "<interface type='network'><source network='vfs'/>"
      "<teaming type='transient' persistent='ua-LAN1'/></interface>",
      UMZ_DEVICE_HOST, .is_alias = true, .is_detachable = true },
    { "<hostdev mode='subsystem' type='pci'><teaming type='transient' persistent='ua-LAN1'/>"
      "</hostdev>",
      UMZ_DEVICE_HOST, .is_alias = true, .is_detachable = true },
    { "<hostdev mode='subsystem' type='scsi'><boot order='2'/></hostdev>", UMZ_DEVICE_HOST,
      .is_detachable = true, .is_boot = true },
    { "<hostdev mode='subsystem' type='usb'/>", UMZ_DEVICE_HOST, .is_detachable = true },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (UmzVm) vm = NULL;
    const UmzDevice *device = parse_device ("<boot dev='network'/>", rows[i].xml, &vm);
    g_test_message ("%s", rows[i].xml);
    g_assert_cmpint (device->kind, ==, rows[i].kind);
    g_assert_cmpint (device->is_alias, ==, rows[i].is_alias);
    g_assert_cmpint (device->is_detachable, ==, rows[i].is_detachable);
    g_assert_cmpint (device->is_boot, ==, rows[i].is_boot);
    g_assert_cmpstr (device->source, ==, rows[i].source != NULL ? rows[i].source : "");
    g_assert_cmpstr (device->network, ==, rows[i].network != NULL ? rows[i].network : "");
  }
}

/* Of two disks, which the guest boots from. */
static void
test_boot (void)
{
  static const struct {
    const char *os, *order;
    bool is_first, is_second;
  } rows[] = {
    { "<boot dev='hd'/>", "", true, false },
    { "<boot dev='cdrom'/><boot dev='hd'/>", "", true, false },
    { "<boot dev='network'/>", "", false, false },
    { "", "", true, false },
    { "", "<boot order='1'/>", false, true },
    { "<kernel>/k</kernel>", "", false, false },
    { "<kernel>/k</kernel><cmdline>console=ttyS0 root=/dev/vda1</cmdline>", "", true, false },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (UmzVm) vm = NULL;
    g_autofree char *xml = g_strdup_printf (
      "<disk device='disk'><target dev='vda'/></disk>"
      "<disk device='disk'><target dev='vdb'/>%s</disk>"
      "<disk device='cdrom'><target dev='sda'/></disk>",
      rows[i].order);
    const UmzDevice *first = parse_device (rows[i].os, xml, &vm);
    /* in VM2000's order: SDA, VDA, VDB */
    g_assert_cmpint (first->kind, ==, UMZ_DEVICE_CD);
    g_assert_false (first->is_boot);
    g_assert_cmpint (((UmzDevice *) vm->devices->pdata[1])->is_boot, ==, rows[i].is_first);
    g_assert_cmpint (((UmzDevice *) vm->devices->pdata[2])->is_boot, ==, rows[i].is_second);
  }
}

/* What each element of the domain asks of its host. */
static void
test_backing (void)
{
  g_autoptr (UmzVm) vm = NULL;
  const UmzDevice *disk = parse_device (
    "",
    "<disk type='file' device='disk'><source file='/top'/><backingStore type='file'>"
    "<format type='qcow2'/><source file='/middle'/><backingStore type='block'>"
    "<source dev='/dev/base'/><backingStore/></backingStore></backingStore>"
    "<target dev='vda' bus='virtio'/></disk>",
    &vm);
  g_autofree char *joined = g_strjoinv (" ", disk->backing);
  g_assert_cmpstr (disk->source, ==, "file:/top");
  g_assert_cmpstr (joined, ==, "file:/middle block:/dev/base");
}

static void
test_needs (void)
{
  static const struct {
    const char *xml, *files, *ports, *nodes, *cpus;
    uint64_t huge_page_kib;
    bool has_tpm, may_block;
  } rows[] = {
    { "", "", "", "", "" },
    { "<os><kernel>/k</kernel><initrd>/i</initrd></os>", "/k /i", "", "", "" },
    { "<os><loader>/l</loader><nvram template='/t'>/n</nvram></os>", "/l /t", "", "", "" },
    { "<devices><graphics type='vnc' port='5901' autoport='no'/></devices>", "", "5901", "", "" },
    { "<devices><graphics type='vnc' port='5900' autoport='yes'/></devices>", "", "", "", "" },
    { "<devices><graphics type='vnc' port='-1' autoport='no'/></devices>", "", "", "", "" },
    { "<numatune><memory nodeset='0-1'/><memnode nodeset='3'/></numatune>", "", "", "0-1,3", "" },
    { "<vcpu cpuset='2'>1</vcpu><cputune><vcpupin vcpu='0' cpuset='4-5'/></cputune>", "", "", "",
      "2,4-5" },
    { "<memoryBacking><hugepages/></memoryBacking>", "", "", "", "", 2048 },
    { "<memoryBacking><hugepages><page size='1' unit='G'/></hugepages></memoryBacking>", "", "",
      "", "", 1048576 },
    { "<memoryBacking><hugepages><page size='2048' unit='KiB'/></hugepages></memoryBacking>", "",
      "", "", "", 2048 },
    { "<devices><tpm><backend type='emulator'/></tpm></devices>", "", "", "", "", 0, true },
    { "<devices><tpm><backend type='passthrough'/></tpm></devices>", "", "", "", "",
      .may_block = true },
    { "<devices><shmem name='x'/></devices>", "", "", "", "", .may_block = true },
    { "<devices><disk type='nvme'/></devices>", "", "", "", "", .may_block = true },
    { "<devices><disk type='file'/><hostdev/></devices>", "", "", "", "" },
    { "<cpu><feature policy='require' name='invtsc'/></cpu>", "", "", "", "", .may_block = true },
    { "<q:commandline xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'/>", "", "", "", "",
      .may_block = true },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strdup_printf (
      "<domain><name>x</name><uuid>0d5a2ad0-0f0a-4d4c-8b9a-9d7f1c0b5a11</uuid>%s</domain>",
      rows[i].xml);
    g_autoptr (UmzVm) vm = umz_definition_parse (text, NULL);
    g_test_message ("%s", rows[i].xml);
    g_autofree char *files = g_strjoinv (" ", vm->files);
    g_autofree char *ports = g_strjoinv (" ", vm->graphics_ports);
    g_assert_cmpstr (files, ==, rows[i].files);
    g_assert_cmpstr (ports, ==, rows[i].ports);
    g_assert_cmpstr (vm->numa_nodes, ==, rows[i].nodes);
    g_assert_cmpstr (vm->pinned_cpus, ==, rows[i].cpus);
    g_assert_cmpuint (vm->huge_page_kib, ==, rows[i].huge_page_kib);
    g_assert_cmpint (vm->has_tpm, ==, rows[i].has_tpm);
    g_assert_cmpint (vm->may_block, ==, rows[i].may_block);
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

static void
test_nvram (void)
{
  static const struct {
    const char *os, *expected;
  } rows[] = {
    { "<nvram template='/t'>/n</nvram>", "/n" },
    { "<nvram type='file'><source file='/n'/></nvram>", "/n" },
    { "<nvram type='network'><source protocol='nbd' name='n'/></nvram>", NULL },
    { "<nvram template='/t'/>", NULL },
    { "", NULL },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *xml = g_strdup_printf ("<domain><os>%s</os></domain>", rows[i].os);
    g_autofree char *path = umz_definition_dup_nvram (xml);
    g_assert_cmpstr (path, ==, rows[i].expected);
  }
  g_assert_null (umz_definition_dup_nvram ("no xml"));
}

static void
test_user (void)
{
  static const struct {
    const char *labels, *expected;
  } rows[] = {
    { "<seclabel type='static' model='dac'><label>+107:+108</label></seclabel>", "+107" },
    { "<seclabel type='static' model='dac'><label>db</label></seclabel>", "db" },
    { "<seclabel type='static' model='selinux'><label>a:b:c</label></seclabel>", NULL },
    { "<seclabel type='dynamic' model='dac'><label>+107:+108</label></seclabel>", NULL },
    { "<seclabel type='none' model='dac'/>", NULL },
    { "", NULL },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *xml = g_strdup_printf ("<domain>%s</domain>", rows[i].labels);
    g_autofree char *user = umz_definition_dup_user (xml);
    g_assert_cmpstr (user, ==, rows[i].expected);
  }
}

/* A peer's definition: 26 KB would become some 80 MiB, were it read as far as the name. */
static void
test_entities (void)
{
  static const char *const documents[] = {
    "<!DOCTYPE domain><domain><name>A</name><uuid>" UUID "</uuid></domain>",
    "<!DOCTYPE domain [<!ENTITY a 'A'>]><domain><name>&a;</name><uuid>" UUID "</uuid></domain>",
    "<!DOCTYPE domain SYSTEM 'a.dtd'><domain><name>A</name><uuid>" UUID "</uuid></domain>",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (documents); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (umz_definition_parse (documents[i], &error));
    g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0310);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/definition/the-facts-of-a-vm-are-read", test_facts);
  g_test_add_func ("/definition/devices-have-their-names-and-sources", test_devices);
  g_test_add_func ("/definition/each-kind-of-device-is-known", test_kinds);
  g_test_add_func ("/definition/what-the-guest-boots-from-is-known", test_boot);
  g_test_add_func ("/definition/the-images-below-a-disk-are-known", test_backing);
  g_test_add_func ("/definition/what-it-asks-of-its-host-is-known", test_needs);
  g_test_add_func ("/definition/what-is-no-domain-is-refused", test_rubbish);
  g_test_add_func ("/definition/the-file-of-firmware-variables-is-known", test_nvram);
  g_test_add_func ("/definition/the-user-of-its-qemu-is-known", test_user);
  g_test_add_func ("/definition/one-that-declares-entities-is-refused", test_entities);
  g_test_add_func ("/definition/a-part-of-one-is-refused", test_truncated);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* definition-needs.c: what a domain asks of its host beside its devices. */
#include <stdlib.h>
#include <string.h>

#include "hypervisor/definition-private.h"

#define FILES                                                                         \
  "os/kernel | os/initrd | os/dtb | os/loader | os/nvram/@template | os/acpi/table |" \
  " devices/*/rom/@file"

#define FIXED_PORTS \
  "devices/graphics[@autoport='no']/@port[. > 0] | devices/graphics[@autoport='no']/@tlsPort[. > 0]"

/* Devices that no QEMU has ever refused to move, or that have a rule of ours. */
#define ORDINARY                                                                            \
  "self::emulator or self::disk or self::interface or self::hostdev or self::controller or" \
  " self::serial or self::console or self::channel or self::parallel or self::input or"     \
  " self::graphics or self::video or self::sound or self::audio or self::memballoon or"     \
  " self::rng or self::watchdog or self::panic or self::hub or self::redirdev or"           \
  " self::redirfilter or self::vsock or self::iommu or self::memory or"                     \
  " self::tpm[backend/@type='emulator']"

#define MAY_BLOCK                                                     \
  "devices/*[not(" ORDINARY ")] |"                                    \
  " devices/disk[@type='nvme' or @type='vhostuser' or @type='dir'] |" \
  " devices/interface[@type='vhostuser' or @type='vdpa'] |"           \
  " devices/video/model/acceleration[@accel3d='yes'] |"               \
  " cpu/feature[@name='invtsc' and @policy='require'] | *[local-name()='commandline']"

/* libvirt's default size is the host's, which is the smallest one unless its kernel is told. */
static uint64_t
find_huge_page_kib (const UmzVm *vm, xmlXPathContext *context, xmlNode *root)
{
  if (!umz_definition_has (context, root, "memoryBacking/hugepages"))
    return 0;
  g_autofree char *size =
    umz_definition_dup_text (context, root, "memoryBacking/hugepages/page[1]/@size");
  g_autofree char *unit =
    umz_definition_dup_text (context, root, "memoryBacking/hugepages/page[1]/@unit");
  uint64_t number = strtoull (size, NULL, 10) & UINT32_MAX;
  if (number == 0)
    return strcmp (vm->arch, "s390x") == 0 ? 1024 : 2048;
  if (unit[0] == 'M')
    return number * 1024;
  return unit[0] == 'G' ? number * 1024 * 1024 : number;
}

static char *
join_texts (xmlXPathContext *context, xmlNode *root, const char *path)
{
  g_auto (GStrv) texts = umz_definition_list_texts (context, root, path);
  return g_strjoinv (",", texts);
}

void
umz_definition_add_needs (UmzVm *vm, xmlXPathContext *context, xmlNode *root)
{
  g_strfreev (vm->files);
  g_strfreev (vm->graphics_ports);
  vm->files = umz_definition_list_texts (context, root, FILES);
  vm->graphics_ports = umz_definition_list_texts (context, root, FIXED_PORTS);
  vm->numa_nodes = join_texts (context, root, "numatune/*/@nodeset");
  vm->pinned_cpus =
    join_texts (context, root, "vcpu[not(@placement='auto')]/@cpuset | cputune/*/@cpuset");
  vm->huge_page_kib = find_huge_page_kib (vm, context, root);
  vm->has_tpm = umz_definition_has (context, root, "devices/tpm/backend[@type='emulator']");
  vm->may_block = umz_definition_has (context, root, MAY_BLOCK);
}

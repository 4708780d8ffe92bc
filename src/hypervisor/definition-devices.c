/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* definition-devices.c: the devices of a domain as facts. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "hypervisor/definition-private.h"

#define CD_PATH "@device='cdrom' or @device='floppy'"

/* A function of a network card that has a partner is written as an interface or as a host device;
 * libvirt calls it the transient one of the two.
 */
#define TRANSIENT "teaming[@type='transient' and @persistent]"
#define HOST_LAN  "@type='hostdev' or " TRANSIENT

char *
umz_definition_dup_mn (xmlXPathContext *context, xmlNode *node)
{
  g_autofree char *devno = umz_definition_dup_text (context, node, "address[@type='ccw']/@devno");
  g_autofree char *alias = umz_definition_dup_text (context, node, "alias/@name");
  if (g_str_has_prefix (alias, "ua-") && alias[3] != '\0')
    return umz_text_dup_upper (alias + 3);
  if (g_str_has_prefix (devno, "0x"))
    return g_strdup_printf ("%04X", (unsigned) strtoul (devno + 2, NULL, 16) & 0xffff);
  g_autofree char *target = umz_definition_dup_text (context, node, "target/@dev");
  if (target[0] != '\0')
    return umz_text_dup_upper (target);
  return umz_text_dup_upper (alias[0] != '\0' ? alias : (const char *) node->name);
}

static char *
find_network_source (xmlXPathContext *context, xmlNode *disk)
{
  g_autofree char *protocol = umz_definition_dup_text (context, disk, "source/@protocol");
  g_autofree char *name = umz_definition_dup_text (context, disk, "source/@name");
  g_autofree char *host = umz_definition_dup_text (context, disk, "source/host[1]/@name");
  g_autofree char *port = umz_definition_dup_text (context, disk, "source/host[1]/@port");
  g_autofree char *socket = umz_definition_dup_text (context, disk, "source/host[1]/@socket");
  if (socket[0] != '\0')
    return g_strdup_printf ("%s+unix:%s/%s", protocol, socket, name);
  return g_strdup_printf ("%s://%s:%s/%s", protocol, host, port, name);
}

/* "" for a drive without a medium. */
static char *
find_source (xmlXPathContext *context, xmlNode *disk)
{
  g_autofree char *type = umz_definition_dup_text (context, disk, "@type");
  if (!umz_definition_has (context, disk, "source/@*"))
    return g_strdup ("");
  if (strcmp (type, "network") == 0)
    return find_network_source (context, disk);
  if (strcmp (type, "file") == 0 || strcmp (type, "block") == 0) {
    g_autofree char *path = umz_definition_dup_text (
      context, disk, strcmp (type, "file") == 0 ? "source/@file" : "source/@dev");
    return g_strdup_printf ("%s:%s", type, path);
  }
  return g_strdup_printf ("%s:", type);
}

/* libvirt shows the images below a disk of a running guest one in the other. */
static char **
list_backing (xmlXPathContext *context, xmlNode *disk)
{
  g_autoptr (GStrvBuilder) sources = g_strv_builder_new ();
  xmlXPathSetContextNode (disk, context);
  xmlXPathObject *found =
    xmlXPathEvalExpression ((const xmlChar *) "descendant::backingStore[source]", context);
  for (int i = 0; found != NULL && i < xmlXPathNodeSetGetLength (found->nodesetval); i++) {
    g_autofree char *source = find_source (context, xmlXPathNodeSetItem (found->nodesetval, i));
    g_strv_builder_add (sources, source);
  }
  xmlXPathFreeObject (found);
  return g_strv_builder_end (sources);
}

/* "bridge:br0"; "" for one that is connected to nothing of the host by name. */
static char *
find_network (xmlXPathContext *context, xmlNode *interface)
{
  static const char *const types[] = { "bridge", "network", "direct" };
  g_autofree char *type = umz_definition_dup_text (context, interface, "@type");
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++) {
    g_autofree char *path =
      g_strdup_printf ("source/@%s", strcmp (types[i], "direct") == 0 ? "dev" : types[i]);
    if (strcmp (type, types[i]) != 0)
      continue;
    g_autofree char *name = umz_definition_dup_text (context, interface, path);
    return g_strdup_printf ("%s:%s", type, name);
  }
  return g_strdup ("");
}

/* What QEMU can take away from a running guest: not from an IDE, SATA or floppy controller. */
static bool
is_disk_detachable (xmlXPathContext *context, xmlNode *disk)
{
  if (umz_definition_has (context, disk, "self::*[" CD_PATH "]"))
    return umz_definition_has (context, disk, "target[@bus='scsi' or @bus='usb']");
  return umz_definition_has (context, disk, "target[@bus='virtio' or @bus='scsi' or @bus='usb']");
}

static void
read_disk (UmzDevice *device, xmlXPathContext *context, xmlNode *node)
{
  g_free (device->source);
  g_free (device->cache);
  g_strfreev (device->backing);
  device->backing = list_backing (context, node);
  device->target = umz_definition_dup_text (context, node, "target/@dev");
  device->source = find_source (context, node);
  device->cache = umz_definition_dup_text (context, node, "driver/@cache");
  device->is_shared = umz_definition_has (context, node, "shareable");
  device->is_read_only = umz_definition_has (context, node, "readonly");
  device->is_boot = umz_definition_has (context, node, "boot");
  device->is_detachable = is_disk_detachable (context, node);
}

static void
read_device (UmzDevice *device, xmlXPathContext *context, xmlNode *node)
{
  switch (device->kind) {
  case UMZ_DEVICE_DISK:
  case UMZ_DEVICE_CD: read_disk (device, context, node); break;
  case UMZ_DEVICE_LAN:
    g_free (device->network);
    device->network = find_network (context, node);
    break;
  case UMZ_DEVICE_HOST:
    device->is_alias = umz_definition_has (context, node, TRANSIENT);
    /* One that could be started from the network has its disks elsewhere. */
    device->is_boot = umz_definition_has (context, node, "self::hostdev/boot");
    device->is_detachable = true;
    break;
  case UMZ_DEVICE_CONSOLE: break;
  }
}

static void
add_devices (UmzVm *vm, xmlXPathContext *context, xmlNode *root, const char *path,
             UmzDeviceKind kind)
{
  xmlXPathSetContextNode (root, context);
  xmlXPathObject *found = xmlXPathEvalExpression ((const xmlChar *) path, context);
  for (int i = 0; found != NULL && i < xmlXPathNodeSetGetLength (found->nodesetval); i++) {
    xmlNode *node = xmlXPathNodeSetItem (found->nodesetval, i);
    g_autofree char *mn = umz_definition_dup_mn (context, node);
    UmzDevice *device = umz_device_new (mn, kind);
    g_ptr_array_add (vm->devices, device);
    read_device (device, context, node);
  }
  xmlXPathFreeObject (found);
}

/* Without an order per device the guest boots from its first disk; and one whose kernel comes from
 * the host may have its root file system there.
 */
static bool
boots_from_first_disk (xmlXPathContext *context, xmlNode *root)
{
  if (umz_definition_has (context, root, "os/kernel"))
    return umz_definition_has (context, root, "os/cmdline[contains(., 'root=')]");
  return umz_definition_has (context, root, "os/boot[@dev='hd']") ||
         !umz_definition_has (context, root, "os/boot | devices/*/boot");
}

static void
mark_first_disk (UmzVm *vm)
{
  for (guint i = 0; i < vm->devices->len; i++) {
    UmzDevice *device = vm->devices->pdata[i];
    if (device->kind != UMZ_DEVICE_DISK)
      continue;
    device->is_boot = true;
    return;
  }
}

void
umz_definition_add_devices (UmzVm *vm, xmlXPathContext *context, xmlNode *root)
{
  add_devices (vm, context, root, "devices/disk[not(" CD_PATH ")]", UMZ_DEVICE_DISK);
  if (boots_from_first_disk (context, root))
    mark_first_disk (vm);
  add_devices (vm, context, root, "devices/disk[" CD_PATH "]", UMZ_DEVICE_CD);
  /* libvirt shows a serial console a second time as <console>: one device, one name. */
  add_devices (vm, context, root, "devices/serial", UMZ_DEVICE_CONSOLE);
  add_devices (vm, context, root, "devices/console[not(target/@type='serial')]",
               UMZ_DEVICE_CONSOLE);
  add_devices (vm, context, root, "devices/interface[not(" HOST_LAN ")]", UMZ_DEVICE_LAN);
  add_devices (vm, context, root, "devices/interface[" HOST_LAN "]", UMZ_DEVICE_HOST);
  add_devices (vm, context, root, "devices/hostdev", UMZ_DEVICE_HOST);
}

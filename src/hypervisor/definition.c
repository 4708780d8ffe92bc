/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hypervisor/definition.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "hypervisor/definition-private.h"
#include "messages/catalogue.h"

#define DEFINITION_BYTES_MAX (4 * 1024 * 1024)
#define DEFAULT_PARTITION    "/machine" /* what libvirt writes for a domain that names none */

/* The text that an XPath expression selects below `node`, or "". */
static char *
select_text (xmlXPathContext *context, xmlNode *node, const char *path)
{
  xmlXPathSetContextNode (node, context);
  g_autofree char *expression = g_strdup_printf ("string(%s)", path);
  xmlXPathObject *found = xmlXPathEvalExpression ((const xmlChar *) expression, context);
  char *text =
    g_strdup (found != NULL && found->stringval != NULL ? (char *) found->stringval : "");
  xmlXPathFreeObject (found);
  return text;
}

static bool
has_node (xmlXPathContext *context, xmlNode *node, const char *path)
{
  xmlXPathSetContextNode (node, context);
  xmlXPathObject *found = xmlXPathEvalExpression ((const xmlChar *) path, context);
  bool has = found != NULL && !xmlXPathNodeSetIsEmpty (found->nodesetval);
  xmlXPathFreeObject (found);
  return has;
}

/* libvirt itself always writes KiB into <memory unit='KiB'>; other units come from hand-written
 * XML. */
static uint64_t
select_bytes (xmlXPathContext *context, xmlNode *root, const char *path)
{
  static const struct {
    const char *unit;
    uint64_t bytes;
  } units[] = {
    { "b", 1 },
    { "bytes", 1 },
    { "KiB", 1024 },
    { "MiB", 1024 * 1024 },
    { "GiB", 1024 * 1024 * 1024 },
  };
  g_autofree char *unit_path = g_strdup_printf ("%s/@unit", path);
  g_autofree char *amount = select_text (context, root, path);
  g_autofree char *unit = select_text (context, root, unit_path);
  uint64_t factor = 1024;
  for (size_t i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (unit, units[i].unit) == 0)
      factor = units[i].bytes;
  return strtoull (amount, NULL, 10) * factor;
}

char *
umz_definition_dup_mn (xmlXPathContext *context, xmlNode *node)
{
  g_autofree char *devno = select_text (context, node, "address[@type='ccw']/@devno");
  g_autofree char *alias = select_text (context, node, "alias/@name");
  if (g_str_has_prefix (alias, "ua-") && alias[3] != '\0')
    return umz_text_dup_upper (alias + 3);
  if (g_str_has_prefix (devno, "0x"))
    return g_strdup_printf ("%04X", (unsigned) strtoul (devno + 2, NULL, 16) & 0xffff);
  g_autofree char *target = select_text (context, node, "target/@dev");
  if (target[0] != '\0')
    return umz_text_dup_upper (target);
  return umz_text_dup_upper (alias[0] != '\0' ? alias : (const char *) node->name);
}

static char *
find_source (xmlXPathContext *context, xmlNode *disk)
{
  g_autofree char *type = select_text (context, disk, "@type");
  if (strcmp (type, "network") == 0) {
    g_autofree char *protocol = select_text (context, disk, "source/@protocol");
    g_autofree char *name = select_text (context, disk, "source/@name");
    g_autofree char *host = select_text (context, disk, "source/host[1]/@name");
    g_autofree char *port = select_text (context, disk, "source/host[1]/@port");
    g_autofree char *socket = select_text (context, disk, "source/host[1]/@socket");
    if (socket[0] != '\0')
      return g_strdup_printf ("%s+unix:%s/%s", protocol, socket, name);
    return g_strdup_printf ("%s://%s:%s/%s", protocol, host, port, name);
  }
  if (strcmp (type, "file") == 0 || strcmp (type, "block") == 0) {
    g_autofree char *path =
      select_text (context, disk, strcmp (type, "file") == 0 ? "source/@file" : "source/@dev");
    return g_strdup_printf ("%s:%s", type, path);
  }
  return g_strdup_printf ("%s:", type);
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
    if (kind != UMZ_DEVICE_DISK)
      continue;
    g_free (device->source);
    device->source = find_source (context, node);
    device->is_shared = has_node (context, node, "shareable");
    device->is_read_only = has_node (context, node, "readonly");
  }
  xmlXPathFreeObject (found);
}

/* libvirt's weight goes to 1000. */
static unsigned
select_io_percent (xmlXPathContext *context, xmlNode *root)
{
  g_autofree char *weight = select_text (context, root, "blkiotune/weight");
  unsigned long percent = strtoul (weight, NULL, 10) / 10;
  return percent == 0 || percent > 100 ? 100 : (unsigned) percent;
}

static char *
find_boot (xmlXPathContext *context, xmlNode *root)
{
  if (has_node (context, root, "os/kernel"))
    return g_strdup ("kernel");
  if (has_node (context, root, "devices/*/boot"))
    return g_strdup ("order");
  return select_text (context, root, "os/boot[1]/@dev");
}

static UmzVm *
read_vm (xmlXPathContext *context, xmlNode *root)
{
  UmzVm *vm = umz_vm_new ();
  vm->name = select_text (context, root, "name");
  vm->uuid = select_text (context, root, "uuid");
  vm->virt_type = select_text (context, root, "@type");
  vm->arch = select_text (context, root, "os/type/@arch");
  vm->machine = select_text (context, root, "os/type/@machine");
  vm->emulator = select_text (context, root, "devices/emulator");
  vm->cpu_model = select_text (context, root, "cpu/model");
  vm->memory_bytes = select_bytes (context, root, "memory");
  vm->current_memory_bytes = select_bytes (context, root, "currentMemory");
  vm->cpu_pool = select_text (context, root, "resource/partition");
  if (vm->cpu_pool[0] == '\0' || strcmp (vm->cpu_pool, DEFAULT_PARTITION) == 0) {
    g_free (vm->cpu_pool);
    vm->cpu_pool = g_strdup ("*STDPOOL");
  }
  vm->max_io_percent = select_io_percent (context, root);
  vm->boot = find_boot (context, root);
  g_autofree char *vcpus = select_text (context, root, "vcpu");
  vm->n_vcpus = (unsigned) strtoul (vcpus, NULL, 10);
  add_devices (vm, context, root, "devices/disk", UMZ_DEVICE_DISK);
  /* libvirt shows a serial console a second time as <console>: one device, one name. */
  add_devices (vm, context, root, "devices/serial", UMZ_DEVICE_CONSOLE);
  add_devices (vm, context, root, "devices/console[not(target/@type='serial')]",
               UMZ_DEVICE_CONSOLE);
  add_devices (vm, context, root, "devices/interface", UMZ_DEVICE_LAN);
  add_devices (vm, context, root, "devices/hostdev", UMZ_DEVICE_HOST);
  umz_vm_sort_devices (vm);
  return vm;
}

UmzVm *
umz_definition_parse (const char *xml, GError **error)
{
  size_t length = strnlen (xml, DEFINITION_BYTES_MAX + 1);
  xmlDoc *document = length > DEFINITION_BYTES_MAX
                       ? NULL
                       : xmlReadMemory (xml, (int) length, "domain.xml", NULL,
                                        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  xmlNode *root = document != NULL ? xmlDocGetRootElement (document) : NULL;
  g_autoptr (UmzVm) vm = NULL;
  if (root != NULL && strcmp ((const char *) root->name, "domain") == 0) {
    xmlXPathContext *context = xmlXPathNewContext (document);
    vm = read_vm (context, root);
    xmlXPathFreeContext (context);
  }
  xmlFreeDoc (document);
  if (vm == NULL || vm->name[0] == '\0' || !g_uuid_string_is_valid (vm->uuid)) {
    umz_set_error (error, UMZ_MSG_UMZ0310, "domain XML", NULL);
    return NULL;
  }
  return g_steal_pointer (&vm);
}

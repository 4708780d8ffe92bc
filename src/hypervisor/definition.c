/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hypervisor/definition.h"

#include <stdlib.h>
#include <string.h>

#include "hypervisor/definition-private.h"
#include "messages/catalogue.h"

#define DEFAULT_PARTITION "/machine" /* what libvirt writes for a domain that names none */

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
  g_autofree char *amount = umz_definition_dup_text (context, root, path);
  g_autofree char *unit = umz_definition_dup_text (context, root, unit_path);
  uint64_t factor = 1024;
  for (size_t i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (unit, units[i].unit) == 0)
      factor = units[i].bytes;
  return strtoull (amount, NULL, 10) * factor;
}

/* libvirt's weight goes to 1000. */
static unsigned
select_io_percent (xmlXPathContext *context, xmlNode *root)
{
  g_autofree char *weight = umz_definition_dup_text (context, root, "blkiotune/weight");
  unsigned long percent = strtoul (weight, NULL, 10) / 10;
  return percent == 0 || percent > 100 ? 100 : (unsigned) percent;
}

static char *
find_boot (xmlXPathContext *context, xmlNode *root)
{
  if (umz_definition_has (context, root, "os/kernel"))
    return g_strdup ("kernel");
  if (umz_definition_has (context, root, "devices/*/boot"))
    return g_strdup ("order");
  return umz_definition_dup_text (context, root, "os/boot[1]/@dev");
}

/* As an arrival has left it there.  What is beyond the bound nobody has given. */
static uint64_t
select_epoch (xmlXPathContext *context, xmlNode *root)
{
  uint64_t epoch = 0;
  g_autofree char *text = umz_definition_dup_text (
    context, root,
    "metadata/*[local-name()='move'][namespace-uri()='" UMZ_DEFINITION_URI "']/@epoch");
  return g_ascii_string_to_unsigned (text, 10, 1, UMZ_EPOCH_MAX, &epoch, NULL) ? epoch : 0;
}

static UmzVm *
read_vm (xmlXPathContext *context, xmlNode *root)
{
  UmzVm *vm = umz_vm_new ();
  vm->name = umz_definition_dup_text (context, root, "name");
  vm->uuid = umz_definition_dup_text (context, root, "uuid");
  vm->virt_type = umz_definition_dup_text (context, root, "@type");
  vm->arch = umz_definition_dup_text (context, root, "os/type/@arch");
  vm->machine = umz_definition_dup_text (context, root, "os/type/@machine");
  vm->emulator = umz_definition_dup_text (context, root, "devices/emulator");
  vm->cpu_model = umz_definition_dup_text (context, root, "cpu/model");
  vm->memory_bytes = select_bytes (context, root, "memory");
  vm->current_memory_bytes = select_bytes (context, root, "currentMemory");
  vm->cpu_pool = umz_definition_dup_text (context, root, "resource/partition");
  if (vm->cpu_pool[0] == '\0' || strcmp (vm->cpu_pool, DEFAULT_PARTITION) == 0) {
    g_free (vm->cpu_pool);
    vm->cpu_pool = g_strdup ("*STDPOOL");
  }
  vm->max_io_percent = select_io_percent (context, root);
  vm->epoch = select_epoch (context, root);
  vm->boot = find_boot (context, root);
  g_autofree char *vcpus = umz_definition_dup_text (context, root, "vcpu");
  vm->n_vcpus = (unsigned) strtoul (vcpus, NULL, 10);
  umz_definition_add_devices (vm, context, root);
  umz_definition_add_needs (vm, context, root);
  umz_vm_sort_devices (vm);
  return vm;
}

/* "" too if it is no document. */
static char *
dup_one_text (const char *xml, const char *xpath)
{
  xmlDoc *document = umz_definition_read (xml);
  xmlNode *root = document != NULL ? xmlDocGetRootElement (document) : NULL;
  xmlXPathContext *context = document != NULL ? xmlXPathNewContext (document) : NULL;
  char *text = root != NULL ? umz_definition_dup_text (context, root, xpath) : g_strdup ("");
  xmlXPathFreeContext (context);
  xmlFreeDoc (document);
  return text;
}

char *
umz_definition_dup_nvram (const char *xml)
{
  g_autofree char *path =
    dup_one_text (xml, "os/nvram[not(@type)] | os/nvram[@type='file']/source/@file");
  return path[0] == '/' ? g_steal_pointer (&path) : NULL;
}

char *
umz_definition_dup_user (const char *xml)
{
  g_autofree char *label = dup_one_text (xml, "seclabel[@model='dac'][@type='static']/label");
  g_auto (GStrv) parts = g_strsplit (label, ":", 2); /* USER:GROUP */
  return label[0] != '\0' ? g_strdup (parts[0]) : NULL;
}

UmzVm *
umz_definition_parse (const char *xml, GError **error)
{
  xmlDoc *document = umz_definition_read (xml);
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cpu-facts.c: CPUs, feature by feature.
 *
 * libvirt expands a CPU to the list of its features (hypervisor-cpu-baseline): the one of a guest
 * as it runs, and the best one that a host can give, its host-model.  What the first has and the
 * second has not is missing.  That is done for x86 only: for s390x libvirt would start a QEMU for
 * each answer, and without KVM it has no best CPU.  There the list of usable models has to do.
 */
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hypervisor/definition-private.h"
#include "hypervisor/facts.h"
#include "hypervisor/hypervisor-private.h"

/* The texts that an expression selects in a document. */
static char **
list_texts (const char *xml, const char *path)
{
  xmlDoc *document = umz_definition_read (xml);
  if (document == NULL)
    return g_new0 (char *, 1);
  xmlXPathContext *context = xmlXPathNewContext (document);
  char **texts = umz_definition_list_texts (context, xmlDocGetRootElement (document), path);
  xmlXPathFreeContext (context);
  xmlFreeDoc (document);
  return texts;
}

/* The first element that the expression selects, renamed <cpu>; NULL: none. */
static char *
dup_cpu (const char *xml, const char *path)
{
  char *text = NULL;
  xmlDoc *document = umz_definition_read (xml);
  if (document == NULL)
    return NULL;
  xmlXPathContext *context = xmlXPathNewContext (document);
  xmlXPathObject *found = xmlXPathEvalExpression ((const xmlChar *) path, context);
  if (found != NULL && !xmlXPathNodeSetIsEmpty (found->nodesetval)) {
    xmlNode *node = found->nodesetval->nodeTab[0];
    xmlBuffer *buffer = xmlBufferCreate ();
    xmlNodeSetName (node, (const xmlChar *) "cpu");
    (void) xmlNodeDump (buffer, document, node, 0, 0); /* into memory: cannot fail */
    text = g_strdup ((const char *) xmlBufferContent (buffer));
    xmlBufferFree (buffer);
  }
  xmlXPathFreeObject (found);
  xmlXPathFreeContext (context);
  xmlFreeDoc (document);
  return text;
}

static char **
expand (virConnectPtr connection, const UmzVm *vm, const char *cpu_xml)
{
  const char *cpus[] = { cpu_xml };
  if (strcmp (vm->arch, "x86_64") != 0 && strcmp (vm->arch, "i686") != 0)
    return g_new0 (char *, 1);
  char *xml = virConnectBaselineHypervisorCPU (connection, vm->emulator, vm->arch, vm->machine,
                                               vm->virt_type, cpus, 1,
                                               VIR_CONNECT_BASELINE_CPU_EXPAND_FEATURES);
  if (xml == NULL)
    return g_new0 (char *, 1);
  char **features = list_texts (xml, "feature[@policy='require']/@name");
  free (xml);
  return features;
}

static char **
list_host_features (virConnectPtr connection, const UmzVm *vm, const char *caps)
{
  g_autofree char *cpu =
    dup_cpu (caps, "/domainCapabilities/cpu/mode[@name='host-model' and @supported='yes']");
  return cpu != NULL ? expand (connection, vm, cpu) : g_new0 (char *, 1);
}

char **
umz_hypervisor_list_vm_features (UmzHypervisor *hypervisor, const UmzVm *vm)
{
  g_auto (virDomainPtr) domain = umz_hypervisor_look_up (hypervisor, vm->uuid, NULL);
  char *xml = domain != NULL ? virDomainGetXMLDesc (domain, VIR_DOMAIN_XML_UPDATE_CPU) : NULL;
  if (xml == NULL)
    return g_new0 (char *, 1);
  virConnectPtr connection = virDomainGetConnect (domain);
  char **features = NULL;
  g_autofree char *cpu = dup_cpu (xml, "/domain/cpu[model]");
  if (cpu != NULL)
    features = expand (connection, vm, cpu);
  free (xml);
  return features != NULL ? features : g_new0 (char *, 1);
}

bool
umz_hypervisor_get_guest_facts (UmzHypervisor *hypervisor, const UmzVm *vm,
                                UmzGuestFacts *ret_facts, GError **error)
{
  g_auto (virConnectPtr) connection = umz_hypervisor_connect (hypervisor, error);
  if (connection == NULL)
    return false;
  *ret_facts = (UmzGuestFacts){ .has_emulator = access (vm->emulator, X_OK) == 0 };
  char *caps = ret_facts->has_emulator
                 ? virConnectGetDomainCapabilities (connection, vm->emulator, vm->arch,
                                                    vm->machine, vm->virt_type, 0)
                 : NULL;
  if (caps == NULL)
    return true;
  ret_facts->has_machine = true;
  ret_facts->models = list_texts (caps, "cpu/mode[@name='custom']/model[@usable='yes']");
  ret_facts->features = list_host_features (connection, vm, caps);
  free (caps);
  return true;
}

void
umz_hypervisor_guest_facts_clear (UmzGuestFacts *facts)
{
  g_strfreev (facts->models);
  g_strfreev (facts->features);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hypervisor/device-xml.h"

#include <string.h>

#include "hypervisor/definition-private.h"
#include "messages/catalogue.h"

#define DEVICES "/domain/devices/*[self::disk or self::interface or self::hostdev]"

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (xmlDocPtr, xmlFreeDoc, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (xmlXPathContextPtr, xmlXPathFreeContext, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (xmlXPathObjectPtr, xmlXPathFreeObject, NULL)

static char *
dup_element (xmlDoc *document, xmlNode *node)
{
  xmlBuffer *buffer = xmlBufferCreate ();
  (void) xmlNodeDump (buffer, document, node, 0, 0); /* into memory: cannot fail */
  char *text = g_strdup ((const char *) xmlBufferContent (buffer));
  xmlBufferFree (buffer);
  return text;
}

/* The element of the device in a domain; NULL if there is none. */
static xmlNode *
find (xmlDoc *domain, const char *mn)
{
  g_auto (xmlXPathContextPtr) context = xmlXPathNewContext (domain);
  g_auto (xmlXPathObjectPtr) found =
    xmlXPathEvalExpression ((const xmlChar *) DEVICES, context);
  for (int i = 0; found != NULL && i < xmlXPathNodeSetGetLength (found->nodesetval); i++) {
    xmlNode *node = xmlXPathNodeSetItem (found->nodesetval, i);
    g_autofree char *name = umz_definition_dup_mn (context, node);
    if (strcmp (name, mn) == 0)
      return node;
  }
  return NULL;
}

char *
umz_xml_device_find (const char *domain_xml, const char *mn)
{
  g_auto (xmlDocPtr) document = umz_definition_read (domain_xml);
  xmlNode *node = document != NULL ? find (document, mn) : NULL;
  return node != NULL ? dup_element (document, node) : NULL;
}

char *
umz_xml_device_dup_without (const char *domain_xml, const char *mn)
{
  g_auto (xmlDocPtr) document = umz_definition_read (domain_xml);
  xmlNode *node = document != NULL ? find (document, mn) : NULL;
  if (node == NULL)
    return g_strdup (domain_xml);
  xmlUnlinkNode (node);
  xmlFreeNode (node);
  return dup_element (document, xmlDocGetRootElement (document));
}

static void
eject (xmlNode *drive)
{
  for (xmlNode *child = drive->children, *next; child != NULL; child = next) {
    next = child->next;
    if (xmlStrcmp (child->name, (const xmlChar *) "source") != 0 &&
        xmlStrcmp (child->name, (const xmlChar *) "backingStore") != 0)
      continue;
    xmlUnlinkNode (child);
    xmlFreeNode (child);
  }
}

char *
umz_xml_device_dup_ejected (const char *domain_xml, const char *mn)
{
  g_auto (xmlDocPtr) document = umz_definition_read (domain_xml);
  xmlNode *node = document != NULL ? find (document, mn) : NULL;
  if (node == NULL)
    return g_strdup (domain_xml);
  eject (node);
  return dup_element (document, xmlDocGetRootElement (document));
}

char *
umz_xml_device_dup_empty (const char *cd_xml)
{
  g_auto (xmlDocPtr) document = umz_definition_read (cd_xml);
  xmlNode *root = document != NULL ? xmlDocGetRootElement (document) : NULL;
  if (root == NULL)
    return g_strdup (cd_xml);
  eject (root);
  return dup_element (document, root);
}

char *
umz_xml_device_dup_mn (const char *device_xml)
{
  g_auto (xmlDocPtr) document = umz_definition_read (device_xml);
  xmlNode *root = document != NULL ? xmlDocGetRootElement (document) : NULL;
  if (root == NULL)
    return g_strdup ("");
  g_auto (xmlXPathContextPtr) context = xmlXPathNewContext (document);
  return umz_definition_dup_mn (context, root);
}

char *
umz_xml_device_dup_alias (const char *device_xml)
{
  g_auto (xmlDocPtr) document = umz_definition_read (device_xml);
  xmlNode *root = document != NULL ? xmlDocGetRootElement (document) : NULL;
  if (root == NULL)
    return g_strdup ("");
  g_auto (xmlXPathContextPtr) context = xmlXPathNewContext (document);
  return umz_definition_dup_text (context, root, "alias/@name");
}

/* Removes every element that the expression selects below the root. */
static void
remove_nodes (xmlDoc *document, const char *expression)
{
  g_auto (xmlXPathContextPtr) context = xmlXPathNewContext (document);
  g_auto (xmlXPathObjectPtr) found =
    xmlXPathEvalExpression ((const xmlChar *) expression, context);
  for (int i = 0; found != NULL && i < xmlXPathNodeSetGetLength (found->nodesetval); i++) {
    xmlNode *node = xmlXPathNodeSetItem (found->nodesetval, i);
    xmlUnlinkNode (node);
    xmlFreeNode (node);
  }
}

static bool
is_target_taken (xmlDoc *domain, const char *target)
{
  g_autofree char *path = g_strdup_printf ("/domain/devices/disk/target[@dev='%s']", target);
  g_auto (xmlXPathContextPtr) context = xmlXPathNewContext (domain);
  g_auto (xmlXPathObjectPtr) found = xmlXPathEvalExpression ((const xmlChar *) path, context);
  return found != NULL && !xmlXPathNodeSetIsEmpty (found->nodesetval);
}

/* "vda" of the first domain may be another disk in the second one. */
static void
choose_target (xmlNode *disk, xmlDoc *domain)
{
  for (xmlNode *child = disk->children; child != NULL; child = child->next) {
    if (xmlStrcmp (child->name, (const xmlChar *) "target") != 0)
      continue;
    xmlChar *present = xmlGetProp (child, (const xmlChar *) "dev");
    char target[] = { present != NULL ? (char) present[0] : 'v', 'd', 'a', '\0' };
    bool has_to_change = present == NULL || is_target_taken (domain, (const char *) present);
    xmlFree (present);
    while (target[2] < 'z' && is_target_taken (domain, target))
      target[2]++;
    if (has_to_change)
      xmlSetProp (child, (const xmlChar *) "dev", (const xmlChar *) target);
  }
}

char *
umz_xml_device_adapt (const char *device_xml, const char *domain_xml, UmzSharing sharing,
                      GError **error)
{
  g_auto (xmlDocPtr) device = umz_definition_read (device_xml);
  g_auto (xmlDocPtr) domain = umz_definition_read (domain_xml);
  xmlNode *root = device != NULL ? xmlDocGetRootElement (device) : NULL;
  if (root == NULL || domain == NULL) {
    umz_set_error (error, UMZ_MSG_UMZ0310, "device XML", NULL);
    return NULL;
  }
  remove_nodes (device, "/*/address[@type!='ccw'] | /*/alias[not(starts-with(@name, 'ua-'))] |"
                        " /*/shareable | /*/backingStore");
  if (xmlStrcmp (root->name, (const xmlChar *) "disk") == 0) {
    choose_target (root, domain);
    if (sharing == UMZ_SHARING_SHARED)
      xmlNewChild (root, NULL, (const xmlChar *) "shareable", NULL);
  }
  return dup_element (device, root);
}

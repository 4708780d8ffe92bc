/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* definition-text.c: what an XPath expression selects in a domain's XML. */
#include <libxml/parser.h>
#include <string.h>

#include "hypervisor/definition-private.h"

#define BYTES_MAX (4 * 1024 * 1024)

xmlDoc *
umz_definition_read (const char *xml)
{
  size_t length = strnlen (xml, BYTES_MAX + 1);
  xmlDoc *document = length > BYTES_MAX
                       ? NULL
                       : xmlReadMemory (xml, (int) length, "libvirt.xml", NULL,
                                        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  if (document == NULL || document->intSubset == NULL)
    return document;
  xmlFreeDoc (document);
  return NULL;
}

char *
umz_definition_dup_text (xmlXPathContext *context, xmlNode *node, const char *path)
{
  xmlXPathSetContextNode (node, context);
  g_autofree char *expression = g_strdup_printf ("string(%s)", path);
  xmlXPathObject *found = xmlXPathEvalExpression ((const xmlChar *) expression, context);
  char *text =
    g_strdup (found != NULL && found->stringval != NULL ? (char *) found->stringval : "");
  xmlXPathFreeObject (found);
  return text;
}

bool
umz_definition_has (xmlXPathContext *context, xmlNode *node, const char *path)
{
  xmlXPathSetContextNode (node, context);
  xmlXPathObject *found = xmlXPathEvalExpression ((const xmlChar *) path, context);
  bool has = found != NULL && !xmlXPathNodeSetIsEmpty (found->nodesetval);
  xmlXPathFreeObject (found);
  return has;
}

char **
umz_definition_list_texts (xmlXPathContext *context, xmlNode *node, const char *path)
{
  xmlXPathSetContextNode (node, context);
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();
  xmlXPathObject *found = xmlXPathEvalExpression ((const xmlChar *) path, context);
  for (int i = 0; found != NULL && i < xmlXPathNodeSetGetLength (found->nodesetval); i++) {
    xmlChar *text = xmlXPathCastNodeToString (xmlXPathNodeSetItem (found->nodesetval, i));
    if (text[0] != '\0')
      g_strv_builder_add (texts, (const char *) text);
    xmlFree (text);
  }
  xmlXPathFreeObject (found);
  return g_strv_builder_end (texts);
}

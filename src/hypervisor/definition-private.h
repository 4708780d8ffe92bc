/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* definition-private.h: what the files that read domain XML share. */
#pragma once

#include <libxml/xpath.h>
#include <stdbool.h>

#include "model/vm.h"

/* ---- definition-text.c ---- */

/* XML as libvirt writes it; NULL: it is none, it is longer than a definition can be, or it declares
 * anything itself: a few entities that name each other become gigabytes when they are read.  The
 * caller frees it.
 */
xmlDoc *umz_definition_read (const char *xml);

/* The text that an XPath expression selects below `node`, or "".  The caller frees it. */
char *umz_definition_dup_text (xmlXPathContext *context, xmlNode *node, const char *path);

/* Whether the expression selects anything below `node`. */
bool umz_definition_has (xmlXPathContext *context, xmlNode *node, const char *path);

/* The texts that an expression selects below the node: NULL-terminated, without empty ones.  The
 * caller frees them.
 */
char **umz_definition_list_texts (xmlXPathContext *context, xmlNode *node, const char *path);

/* ---- definition-devices.c, definition-needs.c ---- */

/* The mnemonic name of a device's element: its user alias, else on s390x the CCW device number,
 * else the target name in upper case.  The caller frees it.
 */
char *umz_definition_dup_mn (xmlXPathContext *context, xmlNode *node);

/* Reads the devices of the domain element `root` into the VM, in the order of the XML. */
void umz_definition_add_devices (UmzVm *vm, xmlXPathContext *context, xmlNode *root);

/* Reads what the domain element `root` asks of its host into the VM; its arch is known. */
void umz_definition_add_needs (UmzVm *vm, xmlXPathContext *context, xmlNode *root);

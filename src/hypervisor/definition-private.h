/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* definition-private.h: what the files that read domain XML share. */
#pragma once

#include <libxml/xpath.h>

/* The mnemonic name of a device's element: its user alias, else on s390x the CCW device number,
 * else the target name in upper case.  The caller frees it.
 */
char *umz_definition_dup_mn (xmlXPathContext *context, xmlNode *node);

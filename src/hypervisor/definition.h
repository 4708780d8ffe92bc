/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* definition.h: reads the facts of a VM out of a libvirt domain definition. */
#pragma once

#include "model/vm.h"

#define UMZ_DEFINITION_URI "urn:umzug:move" /* of what is ours in a domain's metadata */

/* Name, UUID, memory, vCPUs, architecture, machine, CPU and devices; the rest stays zero. */
UmzVm *umz_definition_parse (const char *xml, GError **error);

/* The file that holds the VM's firmware variables, which libvirt makes when it starts the VM; NULL
 * if the definition names none.  The caller frees it.
 */
char *umz_definition_dup_nvram (const char *xml);

/* The user whom the definition itself makes its QEMU run as, a name or a number as libvirt writes
 * it; NULL: the host's.  The caller frees it.
 */
char *umz_definition_dup_user (const char *xml);

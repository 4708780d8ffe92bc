/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include <string.h>

#include "messages/catalogue.h"

/* QEMU's own words.  What a host device adds goes with the device, which is detached. */
void
umz_check_blockers (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings)
{
  bool has_host_device = false;
  for (guint i = 0; i < vm->devices->len; i++)
    has_host_device |= ((const UmzDevice *) vm->devices->pdata[i])->kind == UMZ_DEVICE_HOST;
  for (char **text = facts->domain->blockers; text != NULL && *text != NULL; text++)
    if (!has_host_device || strcasestr (*text, "vfio") == NULL)
      g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0113, *text, NULL));
}

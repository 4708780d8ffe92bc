/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

void
umz_check_network (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *device = vm->devices->pdata[i];
    if (device->kind == UMZ_DEVICE_LAN && !facts->has_network[i])
      g_ptr_array_add (findings,
                       umz_notice_new (UMZ_MSG_UMZ0108, device->mn, device->network, NULL));
  }
}

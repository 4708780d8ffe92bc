/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

void
umz_check_devices_travel (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *conflicts)
{
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *device = vm->devices->pdata[i];
    if (device->kind == UMZ_DEVICE_HOST)
      g_ptr_array_add (conflicts, umz_notice_new (UMZ_MSG_UMZ0109, device->mn, NULL));
    if (device->kind == UMZ_DEVICE_DISK && !facts->is_shared[i])
      g_ptr_array_add (conflicts,
                       umz_notice_new (UMZ_MSG_UMZ0106, device->mn, device->source, NULL));
  }
}

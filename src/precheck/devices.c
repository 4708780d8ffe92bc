/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"
#include "model/device-rule.h"

static UmzNotice *
judge (const UmzVm *vm, const UmzDevice *device, const char *target_su)
{
  if (umz_device_get_rule (device) == UMZ_DEVICE_RULE_TRAVELS) {
    if (device->kind == UMZ_DEVICE_HOST)
      return umz_notice_new (UMZ_MSG_UMZ0109, device->mn, NULL);
    if (device->is_local)
      return umz_notice_new (UMZ_MSG_UMZ0106, device->mn, device->source, NULL);
    return NULL;
  }
  if (!device->is_detachable)
    return umz_notice_new (UMZ_MSG_UMZ0109, device->mn, NULL);
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  return umz_notice_new (UMZ_MSG_VMS2471, label, target_su, device->mn, NULL);
}

void
umz_check_devices (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings)
{
  for (guint i = 0; i < vm->devices->len; i++) {
    UmzNotice *notice = judge (vm, vm->devices->pdata[i], facts->target_su);
    if (notice != NULL)
      g_ptr_array_add (findings, notice);
  }
}

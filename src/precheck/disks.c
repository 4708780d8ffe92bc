/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include <string.h>

#include "messages/catalogue.h"
#include "model/device-rule.h"

/* Whether an initialised VM of the target has the disk, and one of both insists on having it alone.
 */
static bool
is_held (const UmzDevice *disk, const GPtrArray *vms)
{
  for (guint i = 0; i < vms->len; i++) {
    const UmzVm *vm = vms->pdata[i];
    for (guint k = 0; vm->state != UMZ_VM_STATE_DEFINED_ONLY && k < vm->devices->len; k++) {
      const UmzDevice *other = vm->devices->pdata[k];
      bool may_share =
        (disk->is_shared && other->is_shared) || (disk->is_read_only && other->is_read_only);
      if (umz_device_has_storage (other) && strcmp (other->source, disk->source) == 0 && !may_share)
        return true;
    }
  }
  return false;
}

void
umz_check_disks (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *disk = vm->devices->pdata[i];
    uint64_t there = facts->sizes_bytes[i];
    if (!umz_device_has_storage (disk) || umz_device_get_rule (disk) != UMZ_DEVICE_RULE_TRAVELS)
      continue;
    if (there == 0)
      g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS4034, disk->mn, NULL));
    else if (there != disk->size_bytes) {
      g_autofree char *size_here =
        g_strdup_printf ("%" G_GUINT64_FORMAT " BYTES", disk->size_bytes);
      g_autofree char *size_there = g_strdup_printf ("%" G_GUINT64_FORMAT " BYTES", there);
      g_ptr_array_add (findings,
                       umz_notice_new (UMZ_MSG_UMZ0105, disk->mn, size_here, size_there, NULL));
    }
    if (is_held (disk, facts->vms))
      g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS2437, disk->mn, NULL));
  }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include <string.h>

#include "messages/catalogue.h"
#include "model/device-rule.h"

/* With "unsafe" QEMU ignores the guest's flushes: what was not written would stay in this host's
 * memory.  In the other modes it writes and drops its cache before the target opens the disk.
 */
void
umz_check_cache (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings)
{
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *disk = vm->devices->pdata[i];
    bool does_travel = umz_device_get_rule (disk) == UMZ_DEVICE_RULE_TRAVELS;
    if (does_travel && !disk->is_read_only && strcmp (disk->cache, "unsafe") == 0)
      g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0153, disk->mn, disk->cache, NULL));
  }
}

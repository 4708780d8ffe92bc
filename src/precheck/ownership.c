/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

/* When a copy ends there, libvirt takes the image's ownership back, and with it from the source. */
void
umz_check_ownership (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  for (guint i = 0; facts->su->has_dynamic_ownership && i < vm->devices->len; i++) {
    const UmzDevice *disk = vm->devices->pdata[i];
    if (g_str_has_prefix (disk->source, "file:") && !disk->is_local)
      g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0166, disk->mn, facts->su_name, NULL));
  }
}

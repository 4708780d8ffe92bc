/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

void
umz_check_memory (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  uint64_t taken = facts->reserve_bytes + facts->promised_bytes;
  uint64_t free_bytes = facts->available_bytes > taken ? facts->available_bytes - taken : 0;
  if (vm->memory_bytes <= free_bytes)
    return;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS4011, label, NULL));
}

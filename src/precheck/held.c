/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

void
umz_check_held (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings)
{
  if (!vm->must_run)
    return;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0201, label, NULL));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

void
umz_check_machine (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  if (!facts->has_emulator)
    g_ptr_array_add (findings,
                     umz_notice_new (UMZ_MSG_UMZ0103, vm->arch, vm->emulator, NULL));
  else if (!facts->has_machine)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0107, vm->machine, NULL));
}

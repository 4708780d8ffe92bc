/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

void
umz_check_state (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings)
{
  if (vm->state != UMZ_VM_STATE_RUNNING)
    g_ptr_array_add (findings,
                     umz_notice_new (UMZ_MSG_UMZ0100, umz_vm_state_name (vm->state), NULL));
}

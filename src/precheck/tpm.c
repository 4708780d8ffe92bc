/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

/* The state of an emulated TPM goes along with the memory, and with nothing else.
 *
 * With the state of emulated TPMs on shared storage libvirt 9.0 refuses the move, unless swtpm is
 * newer than Debian 12's.
 */
void
umz_check_tpm_state (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings)
{
  if (vm->has_tpm && facts->is_tpm_state_shared)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0170, NULL));
  else if (vm->has_tpm && !umz_vm_state_has_memory (vm->state))
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0173, NULL));
}

void
umz_check_tpm_emulator (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  if (vm->has_tpm && !facts->has_tpm_emulator)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0159, NULL));
}

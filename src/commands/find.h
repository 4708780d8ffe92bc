/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* find.h: from an operand to the VMs that it means.  What cannot be found is said and ended. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "commands/reply.h"
#include "model/vm.h"

/* All VMs and definitions, those on their way here too; UmzVm, owned.  NULL: said and ended. */
GPtrArray *umz_find_all (UmzReply *reply);

/* Of a command for *ALL: it is not executed for this VM, which moves: VMS3041 and VMS9005. */
void umz_find_say_moving (UmzReply *reply, const UmzVm *vm);

/* Finds the initialised VM that an operand names; NULL: said and ended, with VMS4000 if there is
 * none, VMS9001 for the monitor VM, UMZ0020 if it is not clear which.
 */
UmzVm *umz_find_vm (UmzReply *reply, const UmzOperand *operand);

/* The same of all that have a definition; VMS2300 if there is none. */
UmzVm *umz_find_definition (UmzReply *reply, const UmzOperand *operand);

/* Whether a VM operand of a SHOW command means this VM: a constant means all. */
bool umz_find_is_wanted (const UmzOperand *operand, const UmzVm *vm);

/* What a SHOW command shows. */
typedef enum {
  UMZ_VM_INITIALIZED,
  UMZ_VM_DEFINED, /* those too that only have a definition */
} UmzVmKind;

/* Whether nothing was found though the operand names one VM: said and ended. */
bool umz_find_is_missing (UmzReply *reply, const UmzOperand *operand, UmzVmKind kind,
                          const GPtrArray *found);

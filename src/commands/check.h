/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check.h: has both SUs judge their facts (su/facts.h, precheck), and says what they found. */
#pragma once

#include "commands/reply.h"
#include "engine/engine.h"
#include "model/vm.h"

typedef enum {
  UMZ_CHECK_POSSIBLE,
  UMZ_CHECK_NOT_POSSIBLE, /* conflicts were printed */
  UMZ_CHECK_FAILED,       /* could not be made; said and ended */
} UmzCheckResult;

/* Prints every conflict and warning.  The VM's facts are completed with what this SU reaches of its
 * disks.  *ret_su: name of the target SU, owned by the caller, set unless FAILED.
 */
UmzCheckResult umz_check_migration (UmzReply *reply, UmzVm *vm, const UmzOperand *su,
                                    UmzMoveOrder *order, char **ret_su);

/* Whether the definition of a VM that is not initialised may move: the name of the target SU, which
 * the caller frees.  NULL: said and ended.
 */
char *umz_check_definition (UmzReply *reply, UmzVm *vm, const UmzOperand *su);

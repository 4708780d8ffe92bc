/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* checks.h: the checks, for precheck.c. */
#pragma once

#include "precheck/precheck.h"

typedef void (*UmzTargetCheck) (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);
typedef void (*UmzSourceCheck) (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings);

/* held.c: UMZ0201 */
void umz_check_held (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings);

/* devices.c: cannot travel UMZ0106, UMZ0109; will be detached VMS2471 */
void umz_check_devices (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings);

/* memory.c: VMS4011 */
void umz_check_memory (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* identity.c: name VMS4013, index VMS4012, UUID UMZ0112 */
void umz_check_identity (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* disks.c: there VMS4034, the same UMZ0105, not held VMS2437 */
void umz_check_disks (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* checks.h: the checks, for precheck.c. */
#pragma once

#include "precheck/precheck.h"

typedef void (*UmzTargetCheck) (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *conflicts);
typedef void (*UmzSourceCheck) (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *conflicts);

/* held.c: UMZ0201 */
void umz_check_held (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *conflicts);

/* source.c */
void umz_check_devices_travel (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *conflicts);

/* memory.c: VMS4011 */
void umz_check_memory (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *conflicts);

/* identity.c: name VMS4013, index VMS4012, UUID UMZ0112 */
void umz_check_identity (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *conflicts);

/* disks.c: there VMS4034, the same UMZ0105, not held VMS2437 */
void umz_check_disks (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *conflicts);

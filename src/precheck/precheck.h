/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* precheck.h: what stands against a move, found before anything is touched.
 *
 * A check is a function from facts to findings; it asks nobody and changes nothing.  All of them
 * run, so that the operator sees everything at once.  One check, one file.
 *
 * A finding is a message.  One of severity ERROR is a conflict, the reason of a VMS2401 or VMS2404;
 * one of severity WARNING does not stop the move and is the reason of a VMS2470, unless it is one
 * that names the VM itself (VMS2471).
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "model/vm.h"

/* What is true of the target SU when a VM wants to come. */
typedef struct {
  const GPtrArray *vms;        /* UmzVm, the domains that are there */
  uint64_t available_bytes;    /* of memory, as the kernel sees it */
  uint64_t reserve_bytes;      /* that are never given away */
  uint64_t promised_bytes;     /* what guests there, running or arriving, may still touch */
  const char *index_owner;     /* UUID of the VM that has the wanted index there, or NULL */
  const uint64_t *sizes_bytes; /* of each device of the VM, as that SU reaches it; 0: it does not */
} UmzTargetFacts;

/* What is true of the source SU. */
typedef struct {
  const char *target_su;
} UmzSourceFacts;

/* Appends each finding as an UmzNotice. */
void umz_precheck_source (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings);
/* Only whether the VM's place is free: memory, name, index, and disks that nobody else holds. */
void umz_precheck_room (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);
void umz_precheck_target (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* What stands against a definition: it takes nothing but its name, UUID and index. */
void umz_precheck_definition (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* Whether one of the findings is a conflict. */
bool umz_precheck_has_conflict (const GPtrArray *findings);

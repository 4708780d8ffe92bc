/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* precheck.h: what stands against a move, found before anything is touched.
 *
 * A check is a function from facts to conflicts; it asks nobody and changes nothing.  All of them
 * run, so that the operator sees every conflict at once.  One check, one file.
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
  const bool
    *is_shared; /* of each device of the VM: whether its storage is reached by other hosts */
} UmzSourceFacts;

/* Appends each conflict as an UmzNotice: the reasons of VMS2401 and VMS2404. */
void umz_precheck_source (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *conflicts);
void umz_precheck_target (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *conflicts);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vms.h: the VMs of this SU as an operator sees them: libvirt's domains, with their indexes and
 * with the two states that libvirt does not know.
 *
 *   libvirt    the store   VM2000
 *   running    any         RUNNING
 *   paused     INIT_ONLY   INIT-ONLY: made by ACTIVATE-VM-DEFINITION, never run
 *   paused     other       IN HOLD
 *   shut off   RAN, NONE   DOWN: keeps index, memory and devices until DELETE-VM; NONE only if
 *                          libvirt knows that it ran
 *   shut off   other       DEFINED-ONLY: a definition, which takes nothing
 *
 * The store learns that a VM runs whenever somebody looks; the sampler looks three times a minute.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "su/app.h"

/* Whether it is initialised, in VM2000's word: it has resources of this SU. */
bool umz_vms_is_initialized (const UmzVm *vm);

/* All VMs and definitions here; UmzVm, owned.  Every initialised one has an index.  In the order of
 * their indexes, those without one at the end by name.
 */
GPtrArray *umz_vms_list (UmzApp *app, GError **error);

/* Whether one of the VMs has this UUID. */
bool umz_vms_has (const GPtrArray *vms, const char *uuid);

/* Those on their way here as well, from the first moment, whether libvirt has them or not. */
GPtrArray *umz_vms_list_with_arrivals (UmzApp *app, GError **error);

/* "RUNNING(MIGR)", "SETUP(MIGR)", "DOWN" and so on.  The caller frees it. */
char *umz_vms_dup_state (UmzApp *app, const UmzVm *vm);

/* Why a VM that is off and does not move may not start here; NULL if it may.  The caller frees it.
 */
char *umz_vms_dup_obstacle (UmzApp *app, const UmzVm *vm);

bool umz_vms_is_moving (UmzApp *app, const UmzVm *vm);

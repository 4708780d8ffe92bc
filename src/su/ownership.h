/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ownership.h: after a start of the host no VM starts here until it is confirmed that it is still
 * ours; see host/confirmation.h.
 */
#pragma once

#include "su/app.h"

/* At the start of umzugd: from now on libvirt's hook demands it, if there is another SU.  What
 * cannot be written now is a warning: guests may wait for the moves that are taken up next.
 */
void umz_ownership_begin (UmzApp *app);

/* Every other SU has just been heard, and none has to tell us of a VM that it has taken over: all
 * is ours.
 */
void umz_ownership_confirm_all (UmzApp *app);

/* Once all is confirmed, starts the VMs that were to start with the host, and were refused. */
void umz_ownership_start_late (UmzApp *app);

/* Whether the VM may start here; else UMZ0213. */
bool umz_ownership_may_start (UmzApp *app, const UmzVm *vm, GError **error);

/* The names of all other SUs, which have to confirm; the caller frees it. */
char *umz_ownership_dup_partners (const UmzConfig *config);

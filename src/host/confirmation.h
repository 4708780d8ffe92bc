/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* confirmation.h: which VMs a host that has started anew may start.
 *
 * While it was off another SU may have taken its VMs over, or an operator may have decided a move
 * there.  So once this SU has partners, libvirt's start hook (hooks/qemu.d/umzug) refuses each
 * start, autostart included, until it is confirmed that the VM is still ours: by the other SUs, for
 * all, or by an operator's word, for one.  What demands this is a file beside the fence folder,
 * which survives everything; the confirmations are files under the run folder, which do not survive
 * a start of the host.  The hook notes there which starts it has refused.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "config/config.h"

/* From now on starts need a confirmation; text says, in a line, why one is refused. */
bool umz_confirmation_demand (const UmzConfig *config, const char *text, GError **error);

/* From now on they do not. */
bool umz_confirmation_waive (const UmzConfig *config, GError **error);

/* Until the host starts anew the VM (NULL: every VM) may start. */
bool umz_confirmation_give (const UmzConfig *config, const char *uuid, GError **error);

/* The VM has left. */
void umz_confirmation_withdraw (const UmzConfig *config, const char *uuid);

/* Whether the VM (NULL: every VM) may start. */
bool umz_confirmation_is_given (const UmzConfig *config, const char *uuid);

/* UUIDs of the VMs whose start was refused and not forgotten yet; the caller frees the list. */
GStrv umz_confirmation_list_refused (const UmzConfig *config);
void umz_confirmation_forget_refused (const UmzConfig *config, const char *uuid);

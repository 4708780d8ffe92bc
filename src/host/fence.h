/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fence.h: the markers that keep anybody from starting a VM which is on the move.
 *
 * A marker is a file named by the domain's UUID in the fence folder; its first line says why.
 * libvirt's start hook (hooks/qemu.d/umzug) looks for it and refuses the start: it needs no daemon,
 * and it survives a reboot.  On the target the arriving copy itself must pass: libvirt announces it
 * with the hook `migrate begin`, and the hook lets exactly one start through for it when the marker
 * says so.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/side.h"

/* Puts the marker up; when true is returned it is on disk. */
bool umz_fence_raise (const char *folder, const char *uuid, UmzSide side, const char *text,
                      GError **error);

/* Lets the next start of the VM through. */
bool umz_fence_let_pass (const char *folder, const char *uuid, GError **error);

/* Why the VM may not start: the marker's first line, for the caller to free.  NULL: there is none.
 */
char *umz_fence_dup_reason (const char *folder, const char *uuid);

/* Takes it down; true too if there is none. */
bool umz_fence_lower (const char *folder, const char *uuid, GError **error);

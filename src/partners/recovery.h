/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* recovery.h: whether a definition of an SU that is down may be taken over.  Pure functions. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "config/config.h"
#include "store/partners.h"

/* The SU that is meant: su_name as given, or NULL for *UNIQUE.  Lent; NULL with VMS2341 (there are
 * several), VMS2342 (this one), VMS2343 (of another type), VMS2347 (there are none) or VMS2400.
 */
const UmzConfigPeer *umz_recovery_find_su (const UmzConfig *config, const char *su_name,
                                           GError **error);

/* The definition of this name, of that owner; in any case of its letters if that is clear.  Lent;
 * NULL with VMS2300, UMZ0020 or, if another SU has one of the same name or UUID, VMS2346.
 */
const UmzDefinitionRecord *umz_recovery_find (const GPtrArray *known, const char *owner,
                                              const char *name, GError **error);

/* Whether it fits among the VMs that are here (UmzVm): VMS4013 if its name or UUID is taken,
 * VMS2311 if there are too many.
 */
bool umz_recovery_fits (const UmzDefinitionRecord *record, const GPtrArray *vms, GError **error);

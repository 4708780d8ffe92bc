/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resolve.h: the command that a word means. */
#pragma once

#include "sdf/spec.h"
#include "sdf/token.h"

/* The one of this name, or the only one that the word abbreviates.  NULL with UMZ0002, which names
 * similar commands, or UMZ0004, which names those that it may mean.
 */
const UmzCommandSpec *umz_sdf_resolve_command (const UmzSource *source, const UmzToken *word,
                                               GError **error);

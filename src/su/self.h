/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* self.h: what an SU tells others about itself. */
#pragma once

#include <json-glib/json-glib.h>

#include "su/app.h"

/* POST /su: {"su", "type", "configuration", "version", "active", "vms", "available_mib"}.  The
 * caller frees it.
 */
JsonNode *umz_self_describe (UmzApp *app);

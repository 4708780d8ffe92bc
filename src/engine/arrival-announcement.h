/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* arrival-announcement.h: another SU announces a VM. */
#pragma once

#include "engine/registry.h"

/* POST /moves/ID/begin of the SU `su`: takes in what the request says, keeps the VM's place here,
 * and starts the course of the move.  NULL: refused, and nothing is left of it.
 */
JsonNode *umz_announcement_take (const UmzMeans *means, UmzRegistry *registry, const char *su,
                                 const char *id, JsonObject *request, GError **error);

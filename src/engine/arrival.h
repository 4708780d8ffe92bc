/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* arrival.h: another SU announces a VM. */
#pragma once

#include "engine/engine.h"

/* POST /moves/ID/begin of the SU `su`: takes in what the request says, keeps the VM's place here,
 * and starts the course of the move.  NULL: refused, and nothing is left of it.
 */
JsonNode *umz_arrival_begin (UmzEngine *engine, const char *su, const char *id,
                             JsonObject *request, GError **error);

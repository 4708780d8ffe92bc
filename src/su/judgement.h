/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* judgement.h: whether a VM that another SU wants to move can come here. */
#pragma once

#include <json-glib/json-glib.h>

#include "su/app.h"

/* What the source asks: POST /check, with the VM.  Every conflict and warning of this SU, and what
 * the source compares with itself.  NULL: could not be made.
 */
JsonNode *umz_judgement_hear (UmzApp *app, const char *su_name, JsonObject *request,
                              GError **error);

/* Appends why this SU could not note one move more, if its store is full. */
void umz_judgement_add_room (UmzApp *app, GPtrArray *findings);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* admission.h: whether this SU has memory, index and devices for one VM more, and takes it in.
 *
 * What a check has found free may be gone when the VM comes: another move, or a VM that was
 * activated here.  So whoever takes a VM in looks again, and holds admission_lock until it is
 * taken.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "su/app.h"

/* Appends the reasons why this SU has no room for the VM; false: that could not be found out. */
bool umz_admission_look (UmzApp *app, const UmzVm *vm, GPtrArray *findings, GError **error);

/* What the source asks: POST /moves/ID/begin.  NULL: refused. */
JsonNode *umz_admission_hear_begin (UmzApp *app, const char *su, const char *id,
                                    JsonObject *request, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* herald.h: tells the other SUs which VM definitions this one owns (see partners/exchange.h), and
 * which it has taken over from them; keeps what they tell.
 *
 * A thread of its own: an SU that does not answer keeps it waiting, and nobody else.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "su/app.h"

typedef struct UmzHerald UmzHerald;

/* app is borrowed; of it only the configuration is there yet. */
UmzHerald *umz_herald_new (UmzApp *app);
void umz_herald_free (UmzHerald *herald);

/* The thread; to stop what was not started changes nothing. */
void umz_herald_start (UmzHerald *herald);
void umz_herald_stop (UmzHerald *herald);

/* Something has changed: the next look is now. */
void umz_herald_look (UmzHerald *herald);

/* What the SU `su` tells: POST /definitions (its list), POST /definition (one of them).  NULL:
 * refused, with the reason.
 */
JsonNode *umz_herald_hear_list (UmzApp *app, const char *su, JsonObject *request, GError **error);
JsonNode *umz_herald_hear_definition (UmzApp *app, const char *su, JsonObject *request,
                                      GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* peers.h: what other SUs ask for, one function for each route (routes.c) of the control port.
 * docs/wire-format.md tells what each takes and answers.
 */
#pragma once

#include "daemon/request.h"

/* argument: what stands in the path, or NULL.  NULL: refused, with the reason. */
typedef JsonNode *(*UmzHearer) (const UmzRequest *request, const char *argument, JsonObject *body,
                                GError **error);

JsonNode *umz_peers_hear_begin (const UmzRequest *request, const char *id, JsonObject *body,
                                GError **error);
JsonNode *umz_peers_hear_check (const UmzRequest *request, const char *unused, JsonObject *body,
                                GError **error);
JsonNode *umz_peers_hear_definition (const UmzRequest *request, const char *unused,
                                     JsonObject *body, GError **error);
JsonNode *umz_peers_hear_definitions (const UmzRequest *request, const char *unused,
                                      JsonObject *body, GError **error);
JsonNode *umz_peers_hear_move (const UmzRequest *request, const char *id, JsonObject *body,
                               GError **error);
JsonNode *umz_peers_hear_su (const UmzRequest *request, const char *unused, JsonObject *body,
                             GError **error);
JsonNode *umz_peers_hear_takeover (const UmzRequest *request, const char *unused, JsonObject *body,
                                   GError **error);

/* Answers with what the hearer says. */
void umz_peers_serve (UmzRequest *request, UmzHearer hearer, const char *argument);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/peers.h"

#include <string.h>

#include "su/admission.h"
#include "su/herald.h"
#include "su/judgement.h"
#include "su/self.h"
#include "su/takeovers.h"

JsonNode *
umz_peers_hear_begin (const UmzRequest *request, const char *id, JsonObject *body, GError **error)
{
  return umz_admission_hear_begin (request->app, request->peer, id, body, error);
}

JsonNode *
umz_peers_hear_check (const UmzRequest *request, const char *unused, JsonObject *body,
                      GError **error)
{
  return umz_judgement_hear (request->app, request->peer, body, error);
}

JsonNode *
umz_peers_hear_definition (const UmzRequest *request, const char *unused, JsonObject *body,
                           GError **error)
{
  return umz_herald_hear_definition (request->app, request->peer, body, error);
}

JsonNode *
umz_peers_hear_definitions (const UmzRequest *request, const char *unused, JsonObject *body,
                            GError **error)
{
  return umz_herald_hear_list (request->app, request->peer, body, error);
}

/* The verb is the end of the path. */
JsonNode *
umz_peers_hear_move (const UmzRequest *request, const char *id, JsonObject *body, GError **error)
{
  const char *verb = strrchr (request->path, '/') + 1;
  return umz_engine_handle_move (request->app->engine, request->peer, id, verb, body, error);
}

JsonNode *
umz_peers_hear_su (const UmzRequest *request, const char *unused, JsonObject *body, GError **error)
{
  return umz_self_describe (request->app);
}

JsonNode *
umz_peers_hear_takeover (const UmzRequest *request, const char *unused, JsonObject *body,
                         GError **error)
{
  return umz_takeovers_hear (request->app, request->peer, body, error);
}

void
umz_peers_serve (UmzRequest *request, UmzHearer hearer, const char *argument)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) body = umz_request_parse_body (request, &error);
  if (body != NULL)
    request->answer = hearer (request, argument, json_node_get_object (body), &error);
  if (request->answer == NULL)
    umz_request_fail (request, SOUP_STATUS_CONFLICT, umz_error_to_notice (error));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cluster.c: SHOW-SU-CLUSTER: this SU, and what the others answer. */
#include "commands/handlers.h"

#include <string.h>

#include "commands/show.h"
#include "model/json.h"
#include "peer/client.h"
#include "su/self.h"

#define ANSWER_S 5

static const char *
get_text (JsonObject *object, const char *name)
{
  const char *text = "-";
  (void) umz_json_get_text (object, name, 256, &text); /* else "-" */
  return text;
}

static uint64_t
get_number (JsonObject *object, const char *name)
{
  uint64_t number = 0;
  (void) umz_json_get_number (object, name, INT64_MAX, &number); /* else 0 */
  return number;
}

static void
add_data (UmzReply *reply, const char *su, const char *state, JsonObject *answer)
{
  JsonBuilder *b = reply->data;
  json_builder_begin_object (b);
  umz_json_set_text (b, "su", su);
  umz_json_set_text (b, "state", state);
  if (answer != NULL) {
    umz_json_set_text (b, "type", get_text (answer, "type"));
    umz_json_set_text (b, "configuration", get_text (answer, "configuration"));
    umz_json_set_text (b, "version", get_text (answer, "version"));
    umz_json_set_number (b, "vms", get_number (answer, "vms"));
    umz_json_set_number (b, "available_mib", get_number (answer, "available_mib"));
  }
  json_builder_end_object (b);
}

static void
show (UmzReply *reply, const char *su, const char *state, JsonObject *answer)
{
  if (answer == NULL)
    umz_reply_print (reply, "%-10s %-14s", su, state);
  else
    umz_reply_print (reply, "%-10s %-14s %-4s %-16s %3u %9" G_GUINT64_FORMAT "  %s", su, state,
                     get_text (answer, "type"), get_text (answer, "configuration"),
                     (unsigned) get_number (answer, "vms"), get_number (answer, "available_mib"),
                     get_text (answer, "version"));
  add_data (reply, su, state, answer);
}

static void
ask (UmzReply *reply, const UmzConfigPeer *peer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) request = json_from_string ("{}", NULL);
  g_autoptr (UmzPeerClient) client =
    umz_peer_client_new (reply->app->config, peer->name, &error);
  g_autoptr (JsonNode) answer =
    client != NULL ? umz_peer_call (client, "/su", request, ANSWER_S, NULL, &error) : NULL;
  JsonObject *object = answer != NULL ? json_node_get_object (answer) : NULL;
  if (object == NULL) {
    show (reply, peer->name, "NOT REACHABLE", NULL);
    umz_reply_say (reply, umz_error_to_notice (error));
    return;
  }
  bool is_active = get_number (object, "active") != 0;
  show (reply, peer->name, is_active ? "ACTIVE" : "DEACTIVATED", object);
}

void
umz_execute_show_su_cluster (UmzReply *reply, const UmzCommand *command)
{
  const UmzConfig *config = reply->app->config;
  g_autoptr (JsonNode) own = umz_self_describe (reply->app);
  umz_reply_print (reply, "SU         STATE          TYPE CONFIGURATION    VMS  FREE-MEM  VERSION");
  show (reply, config->su_name, config->is_active ? "LOCAL" : "DEACTIVATED",
        json_node_get_object (own));
  for (guint i = 0; i < config->peers->len; i++)
    ask (reply, config->peers->pdata[i]);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* names.c: a SHOW command, asked by the console for its own sake. */
#include "cli/console.h"
#include "model/json.h"

#define ANSWER_S  2
#define NAMES_MAX 10000

static JsonNode *
make_request (const char *command)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_text (b, "text", command);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

GStrv
umz_names_ask (const UmzCliOptions *options, const char *command, const char *member)
{
  g_autoptr (JsonNode) body = make_request (command);
  g_autoptr (JsonNode) answer = umz_cli_ask (
    options, &(UmzCliRequest){ .path = "/1/commands", .body = body, .timeout_s = ANSWER_S }, NULL);
  JsonArray *data = answer != NULL
                      ? umz_json_get_array (json_node_get_object (answer), "data", NAMES_MAX)
                      : NULL;
  if (data == NULL)
    return NULL;
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  for (guint i = 0; i < json_array_get_length (data); i++) {
    const char *name = umz_cli_get_text (json_array_get_element (data, i), member);
    if (name[0] != '\0')
      g_strv_builder_add (names, name);
  }
  return g_strv_builder_end (names);
}

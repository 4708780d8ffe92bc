/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands/test-desk.h"

#include <string.h>

#include "hypervisor/test-libvirt.h"

void
umz_test_answer_free (UmzTestAnswer *answer)
{
  g_free (answer->command);
  g_free (answer->end);
  g_free (answer->said);
  g_free (answer->lines);
  g_free (answer->data);
  g_free (answer->move);
  g_free (answer->resume);
  g_free (answer);
}

static char *
join (JsonArray *array, const char *member, const char *separator)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < json_array_get_length (array); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? separator : "",
                            member == NULL
                              ? json_array_get_string_element (array, i)
                              : json_object_get_string_member (
                                  json_array_get_object_element (array, i), member));
  return g_string_free (text, FALSE);
}

UmzTestAnswer *
umz_test_desk_give_by (UmzReply *reply, const char *command)
{
  g_autoptr (UmzReply) owned = reply;
  UmzTestAnswer *answer = g_new0 (UmzTestAnswer, 1);
  umz_commands_execute (owned, command);
  g_autoptr (JsonNode) node = umz_reply_to_json (owned);
  JsonObject *object = json_node_get_object (node);
  answer->command = g_strdup (owned->command);
  answer->end = g_strdup_printf ("%u %u %s", owned->sc2, owned->sc1, owned->maincode);
  answer->said = join (json_object_get_array_member (object, "messages"), "code", " ");
  answer->lines = join (json_object_get_array_member (object, "lines"), NULL, "\n");
  answer->data = json_to_string (json_object_get_member (object, "data"), FALSE);
  answer->move = g_strdup (json_object_get_string_member (object, "move"));
  answer->again_ms = owned->again_ms;
  answer->resume = g_strdup (json_object_get_string_member (object, "resume"));
  return answer;
}

UmzTestAnswer *
umz_test_desk_give (UmzApp *app, const char *command)
{
  UmzReply *reply = umz_reply_new (app, "TSOS", UMZ_LANG_EN);
  reply->is_administrator = true;
  return umz_test_desk_give_by (reply, command);
}

static void
try (UmzTestSite *site, const UmzTestStep *step)
{
  if (step->fails != NULL)
    umz_test_libvirt_fail_once (site->here.uri, step->fails, 0, "not today");
  const char *said = step->said != NULL ? step->said : "";
  const char *end = step->end != NULL ? step->end : "0 0 CMD0001";
  g_autoptr (UmzTestAnswer) answer = umz_test_desk_give (site->here.app, step->command);
  g_test_message ("/%s\n%s", step->command, answer->lines);
  g_assert_cmpstr (answer->said, ==, said);
  g_assert_cmpstr (answer->end, ==, end);
  g_assert_true (step->shows == NULL || strstr (answer->lines, step->shows) != NULL);
  g_assert_true (step->hides == NULL || strstr (answer->lines, step->hides) == NULL);
  if (step->fails != NULL)
    umz_test_libvirt_fail (site->here.uri, step->fails, NULL);
}

void
umz_test_desk_play (UmzTestSite *site, const UmzTestStep *steps, size_t n_steps)
{
  for (size_t i = 0; i < n_steps; i++)
    try (site, &steps[i]);
}

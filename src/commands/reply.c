/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands/reply.h"

#include <string.h>

#include "model/json.h"

static JsonBuilder *
new_array (void)
{
  JsonBuilder *builder = json_builder_new ();
  return json_builder_begin_array (builder);
}

UmzReply *
umz_reply_new (UmzApp *app, const char *operator_name, UmzLang language)
{
  UmzReply *reply = g_new (UmzReply, 1);
  *reply = (UmzReply){ .app = app,
                       .language = language,
                       .operator_name = operator_name,
                       .resume = "",
                       .command = "",
                       .lines = g_strv_builder_new (),
                       .messages = new_array (),
                       .data = new_array () };
  umz_reply_end (reply, 0, 0, "CMD0001");
  return reply;
}

void
umz_reply_free (UmzReply *reply)
{
  if (reply == NULL)
    return;
  g_strv_builder_unref (reply->lines);
  g_object_unref (reply->messages);
  g_object_unref (reply->data);
  g_free (reply->move_id);
  g_free (reply->resume_answer);
  g_free (reply);
}

/* ---- as JSON ---- */

static void
add_array (JsonBuilder *b, const char *name, JsonBuilder *array)
{
  json_builder_end_array (array);
  json_builder_set_member_name (b, name);
  json_builder_add_value (b, json_builder_get_root (array));
}

static void
add_lines (JsonBuilder *b, UmzReply *reply)
{
  g_auto (GStrv) lines = g_strv_builder_end (reply->lines);
  json_builder_set_member_name (b, "lines");
  json_builder_begin_array (b);
  for (char **line = lines; *line != NULL; line++)
    json_builder_add_string_value (b, *line);
  json_builder_end_array (b);
}

/* NBR0740, as an operator's console shows it at the end of a command. */
static char *
dup_completed (const UmzReply *reply)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *date = g_date_time_format (now, "%F");
  g_autofree char *sc2 = g_strdup_printf ("%03u", reply->sc2);
  g_autofree char *sc1 = g_strdup_printf ("%03u", reply->sc1);
  g_autoptr (UmzNotice) notice = umz_notice_new (UMZ_MSG_NBR0740, reply->command, sc2, sc1,
                                                 reply->maincode, date, NULL);
  return umz_notice_render (notice, reply->language);
}

JsonNode *
umz_reply_to_json (UmzReply *reply)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  g_autofree char *completed = dup_completed (reply);
  json_builder_begin_object (b);
  umz_json_set_text (b, "command", reply->command);
  add_lines (b, reply);
  add_array (b, "messages", reply->messages);
  add_array (b, "data", reply->data);
  umz_json_set_number (b, "sc2", reply->sc2);
  umz_json_set_number (b, "sc1", reply->sc1);
  umz_json_set_text (b, "maincode", reply->maincode);
  umz_json_set_text (b, "completed", completed);
  umz_json_set_text (b, "move", reply->move_id != NULL ? reply->move_id : "");
  umz_json_set_number (b, "again_ms", reply->again_ms);
  umz_json_set_text (b, "resume", reply->resume_answer != NULL ? reply->resume_answer : "");
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

/* ---- while it is made ---- */

void
umz_reply_say (UmzReply *reply, UmzNotice *notice)
{
  g_autoptr (UmzNotice) owned = notice;
  g_autofree char *text = umz_notice_render (owned, reply->language);
  g_autoptr (JsonNode) message = umz_json_from_notice (owned);
  json_object_set_string_member (json_node_get_object (message), "text", text);
  json_builder_add_value (reply->messages, g_steal_pointer (&message));
  umz_reply_print (reply, "%s", text);
}

void
umz_reply_print (UmzReply *reply, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_autofree char *line = g_strconcat ("% ", text, NULL);
  umz_reply_print_raw (reply, line);
}

void
umz_reply_print_raw (UmzReply *reply, const char *line)
{
  g_strv_builder_add (reply->lines, line);
}

void
umz_reply_end (UmzReply *reply, unsigned sc2, unsigned sc1, const char *maincode)
{
  reply->sc2 = sc2;
  reply->sc1 = sc1;
  g_strlcpy (reply->maincode, maincode, sizeof reply->maincode);
}

void
umz_reply_reject (UmzReply *reply, UmzNotice *notice)
{
  umz_reply_end (reply, 0, 64, umz_message_code (umz_notice_get_id (notice)));
  umz_reply_say (reply, notice);
}

void
umz_reply_fail (UmzReply *reply, const GError *error)
{
  umz_reply_reject (reply, umz_error_to_notice (error));
}

void
umz_reply_again (UmzReply *reply, unsigned again_ms, char *resume)
{
  reply->again_ms = again_ms;
  g_free (reply->resume_answer);
  reply->resume_answer = resume;
}

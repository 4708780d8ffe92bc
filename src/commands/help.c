/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* help.c: HELP-MSG-INFORMATION. */
#include "commands/handlers.h"
#include "model/json.h"

/* The first line behind the mark, the others below it. */
static void
print_block (UmzReply *reply, char mark, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    umz_reply_print (reply, "%c %s", i == 0 ? mark : ' ', lines[i]);
}

static bool
read_language (UmzReply *reply, const UmzOperand *operand, UmzLang *ret_language)
{
  *ret_language = reply->language;
  if (operand->kind == UMZ_OPERAND_CONSTANT || umz_lang_parse (operand->text, ret_language))
    return true;
  umz_reply_end (reply, 0, 1, "CMD0202");
  umz_reply_say (reply, umz_notice_new (UMZ_MSG_UMZ0019, operand->text, NULL));
  return false;
}

void
umz_execute_help_msg_information (UmzReply *reply, const UmzCommand *command)
{
  UmzLang language;
  UmzMessageId id;
  const char *code = umz_command_get (command, "MSG-IDENTIFICATION")->text;
  if (!read_language (reply, umz_command_get (command, "LANGUAGE"), &language))
    return;
  if (!umz_message_lookup (code, &id)) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_UMZ0021, code, NULL));
    return;
  }
  umz_reply_print (reply, "%s %s", umz_message_code (id), umz_message_text (id, language));
  print_block (reply, '?', umz_message_meaning (id, language));
  if (umz_message_response (id, language)[0] != '\0')
    print_block (reply, '!', umz_message_response (id, language));
  json_builder_begin_object (reply->data);
  umz_json_set_text (reply->data, "code", umz_message_code (id));
  umz_json_set_text (reply->data, "text", umz_message_text (id, language));
  umz_json_set_text (reply->data, "meaning", umz_message_meaning (id, language));
  umz_json_set_text (reply->data, "response", umz_message_response (id, language));
  json_builder_end_object (reply->data);
}

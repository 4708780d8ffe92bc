/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* jv.c: the commands that make, change, show and delete job variables. */
#include <string.h>

#include "base/text.h"
#include "commands/handlers.h"
#include "commands/show.h"
#include "jobvar/layout.h"
#include "model/json.h"
#include "store/job-variables.h"

/* The whole of a job variable, or a part of it. */
typedef struct {
  const char *name;
  size_t offset, length; /* within UMZ_JV_BYTES */
} Part;

static Part
read_part (const UmzOperand *contents)
{
  if (contents->kind != UMZ_OPERAND_CONSTANT)
    return (Part){ contents->text, 0, UMZ_JV_BYTES };
  const UmzOperand *length = umz_operand_get (contents, "LENGTH");
  size_t offset = (size_t) umz_operand_get (contents, "POSITION")->integer - 1;
  size_t rest = UMZ_JV_BYTES - offset;
  return (Part){
    .name = umz_operand_get (contents, "JV-NAME")->text,
    .offset = offset,
    .length = length->kind == UMZ_OPERAND_CONSTANT ? rest : MIN (rest, (size_t) length->integer),
  };
}

/* NULL: said and ended. */
static UmzJobVariable *
find (UmzReply *reply, const char *name)
{
  g_autoptr (GError) error = NULL;
  UmzJobVariable *jv = NULL;
  bool could_look = umz_store_dup_jv (reply->app->store, name, &jv, &error);
  if (jv != NULL)
    return jv;
  if (could_look)
    umz_set_error (&error, UMZ_MSG_UMZ0030, name, NULL);
  umz_reply_fail (reply, error);
  return NULL;
}

static const char *
password_of (const UmzOperand *operand)
{
  return operand->kind == UMZ_OPERAND_CONSTANT ? NULL : operand->text;
}

/* The job variable, if the password that was given lets it be changed; NULL: said and ended. */
static UmzJobVariable *
find_for_change (UmzReply *reply, const char *name, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzJobVariable) jv = find (reply, name);
  const char *given = password_of (umz_command_get (command, "JV-PASSWORD"));
  if (jv == NULL || jv->password == NULL || g_strcmp0 (jv->password, given) == 0)
    return g_steal_pointer (&jv);
  umz_set_error (&error, UMZ_MSG_UMZ0031, name, NULL);
  umz_reply_fail (reply, error);
  return NULL;
}

static void
end_with (UmzReply *reply, bool ok, const GError *error)
{
  if (!ok)
    umz_reply_fail (reply, error);
}

void
umz_execute_create_jv (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  const UmzOperand *protection = umz_command_get (command, "PROTECTION");
  g_autoptr (UmzJobVariable) jv =
    umz_job_variable_new (umz_command_get (command, "JV-NAME")->text);
  if (protection->members != NULL)
    jv->password = g_strdup (password_of (umz_operand_get (protection, "WRITE-PASSWORD")));
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&reply->app->jv_lock);
  g_autoptr (UmzJobVariable) present = NULL;
  bool ok = umz_store_dup_jv (reply->app->store, jv->name, &present, &error);
  if (present != NULL)
    umz_set_error (&error, UMZ_MSG_UMZ0035, jv->name, NULL);
  ok = ok && present == NULL && umz_store_put_jv (reply->app->store, jv, &error);
  end_with (reply, ok, error);
}

void
umz_execute_delete_jv (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  const char *name = umz_command_get (command, "JV-NAME")->text;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&reply->app->jv_lock);
  g_autoptr (UmzJobVariable) jv = find_for_change (reply, name, command);
  if (jv == NULL)
    return;
  if (jv->monitor != NULL)
    umz_set_error (&error, UMZ_MSG_UMZ0032, name, NULL);
  bool ok = error == NULL && umz_store_delete_jv (reply->app->store, name, &error);
  end_with (reply, ok, error);
}

/* ---- MODIFY-JV ---- */

/* An odd number of digits has a zero before it, as in SDF. */
static GBytes *
read_value (const UmzOperand *operand)
{
  if (operand->kind != UMZ_OPERAND_X_STRING)
    return g_bytes_new (operand->text, strlen (operand->text));
  bool is_odd = strlen (operand->text) % 2 != 0;
  g_autofree char *digits = g_strconcat (is_odd ? "0" : "", operand->text, NULL);
  return umz_text_new_bytes_from_hex (digits);
}

/* Puts the value into the part, with blanks behind it. */
static bool
write_part (UmzJobVariable *jv, const Part *part, GBytes *value, GError **error)
{
  size_t n_bytes = g_bytes_get_size (value);
  if (n_bytes > part->length) {
    g_autofree char *most = g_strdup_printf ("%zu", part->length);
    umz_set_error (error, UMZ_MSG_UMZ0036, jv->name, most, NULL);
    return false;
  }
  if (jv->monitor != NULL && part->offset < UMZ_MONJV_SYSTEM_BYTES) {
    umz_set_error (error, UMZ_MSG_UMZ0037, jv->name, NULL);
    return false;
  }
  memset (jv->value + part->offset, ' ', part->length);
  if (n_bytes > 0)
    memcpy (jv->value + part->offset, g_bytes_get_data (value, NULL), n_bytes);
  return true;
}

void
umz_execute_modify_jv (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  Part part = read_part (umz_command_get (command, "JV-CONTENTS"));
  g_autoptr (GBytes) value = read_value (umz_command_get (command, "SET-VALUE"));
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&reply->app->jv_lock);
  g_autoptr (UmzJobVariable) jv = find_for_change (reply, part.name, command);
  if (jv == NULL)
    return;
  bool ok =
    write_part (jv, &part, value, &error) && umz_store_put_jv (reply->app->store, jv, &error);
  end_with (reply, ok, error);
}

/* ---- looking ---- */

/* As text that a terminal can show: what is none becomes a period. */
static char *
dup_printable (const uint8_t *bytes, size_t n_bytes)
{
  g_autoptr (GString) text = g_string_sized_new (n_bytes);
  for (size_t i = 0; i < n_bytes; i++)
    g_string_append_c (text, g_ascii_iscntrl (bytes[i]) || bytes[i] == '\0' ? '.' : bytes[i]);
  return g_utf8_make_valid (text->str, (gssize) text->len);
}

void
umz_execute_show_jv (UmzReply *reply, const UmzCommand *command)
{
  Part part = read_part (umz_command_get (command, "JV-CONTENTS"));
  g_autoptr (UmzJobVariable) jv = find (reply, part.name);
  if (jv == NULL)
    return;
  g_autofree char *text = dup_printable (jv->value + part.offset, part.length);
  g_autofree char *line = g_strconcat ("%", g_strchomp (text), NULL); /* byte 1 is its first */
  umz_reply_print_raw (reply, line);
  json_builder_begin_object (reply->data);
  umz_json_set_text (reply->data, "name", jv->name);
  umz_json_set_text (reply->data, "value", line + 1);
  json_builder_end_object (reply->data);
}

static void
add_attributes_data (UmzReply *reply, const UmzJobVariable *jv)
{
  JsonBuilder *b = reply->data;
  json_builder_begin_object (b);
  umz_json_set_text (b, "name", jv->name);
  umz_json_set_number (b, "size", UMZ_JV_BYTES);
  umz_json_set_bool (b, "password", jv->password != NULL);
  umz_json_set_bool (b, "monitors", jv->monitor != NULL);
  json_builder_end_object (b);
}

static bool
has_name (const GPtrArray *jvs, const char *name)
{
  for (guint i = 0; i < jvs->len; i++)
    if (umz_text_is_same_name (((UmzJobVariable *) jvs->pdata[i])->name, name))
      return true;
  return false;
}

void
umz_execute_show_jv_attributes (UmzReply *reply, const UmzCommand *command)
{
  g_autoptr (GError) error = NULL;
  const UmzOperand *wanted = umz_command_get (command, "JV-NAME");
  g_autoptr (GPtrArray) jvs = umz_store_list_jvs (reply->app->store, &error);
  if (jvs == NULL) {
    umz_reply_fail (reply, error);
    return;
  }
  bool names_one = wanted->kind == UMZ_OPERAND_FILENAME && !wanted->is_pattern;
  if (names_one && !has_name (jvs, wanted->text)) {
    umz_reply_reject (reply, umz_notice_new (UMZ_MSG_UMZ0030, wanted->text, NULL));
    return;
  }
  umz_reply_print (reply, "SIZE  PASSWORD  MONITOR  JV-NAME");
  for (guint i = 0; i < jvs->len; i++) {
    const UmzJobVariable *jv = jvs->pdata[i];
    if (!umz_operand_selects (wanted, jv->name))
      continue;
    umz_reply_print (reply, "%4d  %-8s  %-7s  %s", UMZ_JV_BYTES,
                     umz_show_yes_or_no (jv->password != NULL),
                     umz_show_yes_or_no (jv->monitor != NULL), jv->name);
    add_attributes_data (reply, jv);
  }
}

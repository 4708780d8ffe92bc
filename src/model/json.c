/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/json.h"

#include <string.h>

#define INSERT_BYTES_MAX 4096
#define DEPTH_MAX        32

/* What json-glib should not see.  It recurses for each level.  And it takes more than JSON: several
 * values, assignments and comments; with two values 1.10 ends the program, for the first one is not
 * immutable.
 */
static bool
is_one_shallow_object (const char *text, size_t length_bytes)
{
  unsigned depth = 0;
  bool is_in_string = false, has_ended = false;
  for (size_t i = 0; i < length_bytes; i++) {
    char c = text[i];
    if (is_in_string && c == '\\')
      i++;
    else if (c == '"' && depth > 0)
      is_in_string = !is_in_string;
    else if (is_in_string || g_ascii_isspace (c))
      continue;
    else if (has_ended || (depth == 0 && c != '{') || c == '/')
      return false;
    else if ((c == '[' || c == '{') && ++depth > DEPTH_MAX)
      return false;
    else if (c == ']' || c == '}')
      has_ended = --depth == 0;
  }
  return has_ended;
}

JsonNode *
umz_json_parse (const char *text, size_t length_bytes, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonNode *root = is_one_shallow_object (text, length_bytes) &&
                       json_parser_load_from_data (parser, text, (gssize) length_bytes, NULL)
                     ? json_parser_get_root (parser)
                     : NULL;
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    return json_node_copy (root);
  umz_set_error (error, UMZ_MSG_UMZ0310, "JSON", NULL);
  return NULL;
}

bool
umz_json_get_text (JsonObject *object, const char *name, size_t max_bytes, const char **ret_text)
{
  JsonNode *node = json_object_get_member (object, name);
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_STRING ||
      strlen (json_node_get_string (node)) > max_bytes)
    return false;
  *ret_text = json_node_get_string (node);
  return true;
}

bool
umz_json_get_number (JsonObject *object, const char *name, uint64_t max, uint64_t *ret_number)
{
  JsonNode *node = json_object_get_member (object, name);
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_INT64 || json_node_get_int (node) < 0 ||
      (uint64_t) json_node_get_int (node) > max)
    return false;
  *ret_number = (uint64_t) json_node_get_int (node);
  return true;
}

JsonArray *
umz_json_get_array (JsonObject *object, const char *name, guint max_elements)
{
  JsonNode *node = json_object_get_member (object, name);
  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node) ||
      json_array_get_length (json_node_get_array (node)) > max_elements)
    return NULL;
  return json_node_get_array (node);
}

void
umz_json_set_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

void
umz_json_set_number (JsonBuilder *builder, const char *name, uint64_t number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (int64_t) number);
}

void
umz_json_set_double (JsonBuilder *builder, const char *name, double number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, number);
}

void
umz_json_set_bool (JsonBuilder *builder, const char *name, bool value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

JsonNode *
umz_json_from_notice (const UmzNotice *notice)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_text (b, "code", umz_message_code (umz_notice_get_id (notice)));
  json_builder_set_member_name (b, "inserts");
  json_builder_begin_array (b);
  for (const char *const *insert = umz_notice_get_inserts (notice); *insert != NULL; insert++)
    json_builder_add_string_value (b, *insert);
  json_builder_end_array (b);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

/* NULL if one of them is no text. */
static GStrv
read_inserts (JsonArray *array)
{
  g_autoptr (GStrvBuilder) inserts = g_strv_builder_new ();
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);
    if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING ||
        strlen (json_node_get_string (node)) > INSERT_BYTES_MAX)
      return NULL;
    g_strv_builder_add (inserts, json_node_get_string (node));
  }
  return g_strv_builder_end (inserts);
}

UmzNotice *
umz_json_to_notice (JsonNode *node, GError **error)
{
  const char *code = NULL;
  g_auto (GStrv) inserts = NULL;
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node)) {
    JsonObject *object = json_node_get_object (node);
    JsonArray *array = umz_json_get_array (object, "inserts", UMZ_MESSAGE_INSERTS_MAX);
    if (array != NULL && umz_json_get_text (object, "code", 16, &code))
      inserts = read_inserts (array);
  }
  if (inserts != NULL)
    return umz_notice_new_from_code (code, (const char *const *) inserts, error);
  umz_set_error (error, UMZ_MSG_UMZ0310, "notice", NULL);
  return NULL;
}

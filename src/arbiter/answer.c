/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "arbiter/answer.h"

#include <string.h>

#include "model/json.h"

#define REVISION_BYTES_MAX 20
#define VALUE_BYTES_MAX    64

char *
umz_etcd_dup_base64 (const char *text)
{
  return g_base64_encode ((const guchar *) text, strlen (text));
}

/* etcd's answers begin with a header; without it an empty object would be a good answer to two
 * questions out of three, and anybody's.
 */
static bool
has_header (JsonObject *answer)
{
  JsonNode *header = json_object_get_member (answer, "header");
  const char *revision;
  return header != NULL && JSON_NODE_HOLDS_OBJECT (header) &&
         umz_json_get_text (json_node_get_object (header), "revision", REVISION_BYTES_MAX,
                            &revision);
}

static bool
read_value (const char *value, UmzVerdict *ret_decided)
{
  static const UmzVerdict verdicts[] = { UMZ_VERDICT_COMMITTED, UMZ_VERDICT_ABORTED };
  for (size_t i = 0; i < G_N_ELEMENTS (verdicts); i++) {
    g_autofree char *known = umz_etcd_dup_base64 (umz_verdict_text (verdicts[i]));
    if (strcmp (value, known) == 0) {
      *ret_decided = verdicts[i];
      return true;
    }
  }
  return false;
}

/* The result of a range of one key: without "kvs" when it does not exist. */
static bool
read_range (JsonObject *range, const char *wanted_key, UmzVerdict *ret_decided)
{
  if (!json_object_has_member (range, "kvs")) {
    *ret_decided = UMZ_VERDICT_NONE;
    return true;
  }
  JsonArray *pairs = umz_json_get_array (range, "kvs", 1);
  if (pairs == NULL || json_array_get_length (pairs) != 1 ||
      !JSON_NODE_HOLDS_OBJECT (json_array_get_element (pairs, 0)))
    return false;
  JsonObject *pair = json_array_get_object_element (pairs, 0);
  const char *key, *value;
  return umz_json_get_text (pair, "key", strlen (wanted_key), &key) &&
         strcmp (key, wanted_key) == 0 &&
         umz_json_get_text (pair, "value", VALUE_BYTES_MAX, &value) &&
         read_value (value, ret_decided);
}

bool
umz_etcd_read_get (JsonObject *answer, const char *key, UmzVerdict *ret_decided)
{
  return has_header (answer) && read_range (answer, key, ret_decided);
}

/* The last thing that the transaction does is to read the key. */
bool
umz_etcd_read_decide (JsonObject *answer, const char *key, UmzVerdict *ret_decided)
{
  JsonArray *responses = umz_json_get_array (answer, "responses", 2);
  if (!has_header (answer) || responses == NULL || json_array_get_length (responses) == 0)
    return false;
  JsonNode *last = json_array_get_element (responses, json_array_get_length (responses) - 1);
  JsonNode *range = JSON_NODE_HOLDS_OBJECT (last)
                      ? json_object_get_member (json_node_get_object (last), "response_range")
                      : NULL;
  return range != NULL && JSON_NODE_HOLDS_OBJECT (range) &&
         read_range (json_node_get_object (range), key, ret_decided) &&
         *ret_decided != UMZ_VERDICT_NONE;
}

bool
umz_etcd_read_forget (JsonObject *answer, const char *key, UmzVerdict *ret_decided)
{
  *ret_decided = UMZ_VERDICT_NONE;
  return has_header (answer);
}

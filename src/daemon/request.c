/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/request.h"

#include "model/json.h"

void
umz_request_clear (UmzRequest *request)
{
  g_clear_pointer (&request->query, g_hash_table_unref);
  g_clear_pointer (&request->body, g_bytes_unref);
  g_clear_pointer (&request->answer, json_node_unref);
  g_clear_pointer (&request->path, g_free);
  g_clear_pointer (&request->peer, g_free);
}

void
umz_request_fail (UmzRequest *request, unsigned status, UmzNotice *notice)
{
  g_autoptr (UmzNotice) owned = notice;
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "error");
  json_builder_add_value (b, umz_json_from_notice (owned));
  json_builder_end_object (b);
  request->answer = json_builder_get_root (b);
  request->status = status;
}

void
umz_request_refuse (UmzRequest *request)
{
  umz_request_fail (request, SOUP_STATUS_SERVICE_UNAVAILABLE,
                    umz_notice_new (UMZ_MSG_UMZ0028, NULL));
}

const char *
umz_request_get_query (const UmzRequest *request, const char *name)
{
  return request->query != NULL ? g_hash_table_lookup (request->query, name) : NULL;
}

JsonNode *
umz_request_parse_body (const UmzRequest *request, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (request->body, &length);
  return umz_json_parse (text != NULL ? text : "", length, error);
}

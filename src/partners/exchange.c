/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "partners/exchange.h"

#include <string.h>

#include "hypervisor/definition.h"
#include "messages/catalogue.h"
#include "model/json.h"

#define NAME_BYTES_MAX 255
#define UUID_BYTES     36
#define DIGEST_BYTES   64                  /* SHA-256 as text */
#define INDEX_MAX      99999               /* of another SU, which may have a wider range */
#define EPOCH_MAX      (INT64_C (1) << 53) /* exact in every JSON */

/* ---- one definition ---- */

JsonNode *
umz_exchange_definition_to_json (const UmzDefinitionRecord *record)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_text (b, "uuid", record->uuid);
  umz_json_set_text (b, "name", record->name);
  umz_json_set_text (b, "xml", record->xml);
  umz_json_set_number (b, "index", record->index);
  umz_json_set_number (b, "fixed", record->is_index_fixed);
  umz_json_set_number (b, "active", record->is_active);
  umz_json_set_number (b, "epoch", record->epoch);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

/* 1 is the monitor system's; 0 is none, and cannot be fixed. */
static bool
is_vm_index (uint64_t index, uint64_t is_fixed)
{
  return index >= 2 || (index == 0 && is_fixed == 0);
}

/* It is shown to operators, and becomes part of paths. */
static bool
is_plain_name (const char *name)
{
  if (name[0] == '\0' || !g_utf8_validate (name, -1, NULL))
    return false;
  for (const char *p = name; *p != '\0'; p = g_utf8_next_char (p))
    if (*p == '/' || !g_unichar_isprint (g_utf8_get_char (p)))
      return false;
  return true;
}

static bool
is_plain_uuid (const char *uuid)
{
  g_autofree char *lower = g_ascii_strdown (uuid, -1);
  return g_uuid_string_is_valid (uuid) && strcmp (lower, uuid) == 0;
}

static bool
defines (const char *xml, const char *uuid, const char *name)
{
  g_autoptr (UmzVm) vm = umz_definition_parse (xml, NULL);
  return vm != NULL && strcmp (vm->uuid, uuid) == 0 && strcmp (vm->name, name) == 0;
}

UmzDefinitionRecord *
umz_exchange_definition_from_json (JsonNode *node, const char *owner, GError **error)
{
  const char *uuid, *name, *xml;
  uint64_t index, is_fixed, is_active, epoch;
  JsonObject *object =
    node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  if (object == NULL || !umz_json_get_text (object, "uuid", UUID_BYTES, &uuid) ||
      !umz_json_get_text (object, "name", NAME_BYTES_MAX, &name) ||
      !umz_json_get_text (object, "xml", UMZ_DEFINITION_BYTES_MAX, &xml) ||
      !umz_json_get_number (object, "index", INDEX_MAX, &index) ||
      !umz_json_get_number (object, "fixed", 1, &is_fixed) ||
      !umz_json_get_number (object, "active", 1, &is_active) ||
      !umz_json_get_number (object, "epoch", EPOCH_MAX, &epoch) || !is_plain_uuid (uuid) ||
      !is_vm_index (index, is_fixed) || !is_plain_name (name) || !defines (xml, uuid, name)) {
    umz_set_error (error, UMZ_MSG_UMZ0310, "definition of a VM", NULL);
    return NULL;
  }
  UmzDefinitionRecord *record = umz_store_definition_record_new ();
  record->owner = g_strdup (owner);
  record->uuid = g_strdup (uuid);
  record->name = g_strdup (name);
  record->xml = g_strdup (xml);
  record->index = (unsigned) index;
  record->is_index_fixed = is_fixed == 1;
  record->is_active = is_active == 1;
  record->epoch = epoch;
  return record;
}

/* ---- the list ---- */

static char *
dup_digest (const UmzDefinitionRecord *record)
{
  g_autoptr (JsonNode) node = umz_exchange_definition_to_json (record);
  g_autofree char *text = json_to_string (node, FALSE);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

JsonNode *
umz_exchange_list_to_json (const GPtrArray *records)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "definitions");
  json_builder_begin_array (b);
  for (guint i = 0; i < records->len; i++) {
    const UmzDefinitionRecord *record = records->pdata[i];
    g_autofree char *digest = dup_digest (record);
    json_builder_begin_object (b);
    umz_json_set_text (b, "uuid", record->uuid);
    umz_json_set_text (b, "digest", digest);
    json_builder_end_object (b);
  }
  json_builder_end_array (b);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

static bool
read_entry (JsonNode *node, GHashTable *list)
{
  const char *uuid, *digest;
  if (!JSON_NODE_HOLDS_OBJECT (node) ||
      !umz_json_get_text (json_node_get_object (node), "uuid", UUID_BYTES, &uuid) ||
      !umz_json_get_text (json_node_get_object (node), "digest", DIGEST_BYTES, &digest) ||
      !is_plain_uuid (uuid))
    return false;
  g_hash_table_insert (list, g_strdup (uuid), g_strdup (digest));
  return true;
}

GHashTable *
umz_exchange_list_from_json (JsonObject *object, GError **error)
{
  g_autoptr (GHashTable) list = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  JsonArray *array = umz_json_get_array (object, "definitions", UMZ_DEFINITIONS_MAX);
  bool ok = array != NULL;
  for (guint i = 0; ok && i < json_array_get_length (array); i++)
    ok = read_entry (json_array_get_element (array, i), list);
  if (ok)
    return g_steal_pointer (&list);
  umz_set_error (error, UMZ_MSG_UMZ0310, "list of definitions", NULL);
  return NULL;
}

/* ---- what is wanted of it ---- */

static bool
is_known (const char *uuid, const char *digest, const GPtrArray *known)
{
  for (guint i = 0; i < known->len; i++) {
    const UmzDefinitionRecord *record = known->pdata[i];
    if (strcmp (record->uuid, uuid) != 0)
      continue;
    g_autofree char *own = dup_digest (record);
    return strcmp (own, digest) == 0;
  }
  return false;
}

JsonNode *
umz_exchange_answer_to_json (GHashTable *list, const GPtrArray *known, unsigned n_taken)
{
  GHashTableIter iter;
  gpointer uuid, digest;
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "wanted");
  json_builder_begin_array (b);
  g_hash_table_iter_init (&iter, list);
  while (g_hash_table_iter_next (&iter, &uuid, &digest))
    if (!is_known (uuid, digest, known))
      json_builder_add_string_value (b, uuid);
  json_builder_end_array (b);
  umz_json_set_number (b, "taken", n_taken);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

bool
umz_exchange_is_nothing_taken (JsonObject *answer)
{
  uint64_t n_taken = 0;
  return umz_json_get_number (answer, "taken", UMZ_DEFINITIONS_MAX, &n_taken) && n_taken == 0;
}

bool
umz_exchange_is_wanted (JsonObject *answer, const char *uuid)
{
  JsonArray *array = umz_json_get_array (answer, "wanted", UMZ_DEFINITIONS_MAX);
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);
    if (JSON_NODE_HOLDS_VALUE (node) && g_strcmp0 (json_node_get_string (node), uuid) == 0)
      return true;
  }
  return false;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-exchange.c: any bytes of another SU are a definition, a list, or refused. */
#include "partners/exchange.h"

#include "model/json.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (JsonNode) node = umz_json_parse (text, size, NULL);
  if (node == NULL)
    return 0;
  g_autoptr (GPtrArray) known =
    g_ptr_array_new_with_free_func ((GDestroyNotify) umz_store_definition_record_free);
  UmzDefinitionRecord *record = umz_exchange_definition_from_json (node, "A", NULL);
  if (record != NULL)
    g_ptr_array_add (known, record);
  g_autoptr (GHashTable) list = umz_exchange_list_from_json (json_node_get_object (node), NULL);
  if (list != NULL)
    json_node_unref (umz_exchange_answer_to_json (list, known, 0));
  (void) umz_exchange_is_wanted (json_node_get_object (node), ""); /* either will do */
  (void) umz_exchange_is_nothing_taken (json_node_get_object (node));
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json.h: JSON that came from outside is read through these: each says whether the member is there,
 * of the right type, and within its limit.  A get that fails leaves its ret_ argument alone.
 */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "messages/catalogue.h"

/* Parses one object, nested 32 levels at most.  UMZ0310 otherwise. */
JsonNode *umz_json_parse (const char *text, size_t length_bytes, GError **error);

/* Lent; at most max_bytes long. */
bool umz_json_get_text (JsonObject *object, const char *name, size_t max_bytes,
                        const char **ret_text);
bool umz_json_get_number (JsonObject *object, const char *name, uint64_t max, uint64_t *ret_number);

/* NULL if it is no array of at most max_elements; lent. */
JsonArray *umz_json_get_array (JsonObject *object, const char *name, guint max_elements);

void umz_json_set_text (JsonBuilder *builder, const char *name, const char *text);
void umz_json_set_number (JsonBuilder *builder, const char *name, uint64_t number);
void umz_json_set_double (JsonBuilder *builder, const char *name, double number);
void umz_json_set_bool (JsonBuilder *builder, const char *name, bool value);

/* {"code": "VMS2437", "inserts": ["4683"]} */
JsonNode *umz_json_from_notice (const UmzNotice *notice);

/* NULL with UMZ0310 or UMZ0091: not a notice, or one that is not known here. */
UmzNotice *umz_json_to_notice (JsonNode *node, GError **error);

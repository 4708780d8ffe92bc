/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exchange.h: how one SU tells another which VM definitions it owns.
 *
 * THEORY OF OPERATION
 *
 * The owner says its whole list, each definition by UUID and digest, three times a minute and
 * whenever something changed.  The other SU forgets what is not in the list and names what it does
 * not have in this very form; the owner sends that.  Neither remembers what the other has: a
 * message that was lost, a restart of either side and a contact that begins again all end with the
 * next list.
 *
 * What came from another SU is bounded and checked here; what it says counts for itself only.
 */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "store/partners.h"

/* libvirt knows no limit, what is kept for others has one: of one SU. */
#define UMZ_DEFINITIONS_MAX      1000
#define UMZ_DEFINITION_BYTES_MAX (256 * 1024)

/* The owner is not said: the certificate tells who speaks. */
JsonNode *umz_exchange_definition_to_json (const UmzDefinitionRecord *record);

/* NULL with UMZ0310: a member is missing or beyond its limit, or the XML defines another VM. */
UmzDefinitionRecord *umz_exchange_definition_from_json (JsonNode *node, const char *owner,
                                                        GError **error);

/* {"definitions": [{"uuid", "digest"}, …]} of UmzDefinitionRecord. */
JsonNode *umz_exchange_list_to_json (const GPtrArray *records);

/* Digests (owned) by UUID (owned); NULL with UMZ0310. */
GHashTable *umz_exchange_list_from_json (JsonObject *object, GError **error);

/* {"wanted": [uuid, …], "taken": n}: those of the list that are not among the known ones in this
 * form; and how many were taken over from the owner, which it has still to hear of.
 */
JsonNode *umz_exchange_answer_to_json (GHashTable *list, const GPtrArray *known, unsigned n_taken);

/* Whether the answer says that nothing was taken over that the owner does not know of. */
bool umz_exchange_is_nothing_taken (JsonObject *answer);

/* Whether the answer wants this one. */
bool umz_exchange_is_wanted (JsonObject *answer, const char *uuid);

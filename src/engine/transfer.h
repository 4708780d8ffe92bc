/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* transfer.h: how the memory of a move travels: as it is, or coded; with a mirror or without one.
 *
 * The source says what it would like when it announces the VM, and the target what there will be.
 * A mirror is KEPT if both have the one that the same earlier move has left.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "engine/move.h"

/* Source: into the announcement of the memory stream. */
void umz_transfer_add_offer (UmzMove *move, JsonBuilder *builder);

/* Target: reads the offer out of it; false: it has not our form.  Opens a mirror if there is to be
 * one.
 */
bool umz_transfer_take_offer (UmzMove *move, JsonObject *memory);

/* Target: into the answer, as often as it is asked for. */
void umz_transfer_add_answer (UmzMove *move, JsonBuilder *builder);

/* Source: reads it.  A target that has answered more than it was offered has no mirror. */
void umz_transfer_take_answer (UmzMove *move, JsonNode *answer);

/* Into START of the memory relay; returns the descriptor of the mirror, which the caller closes, or
 * -1.
 */
int umz_transfer_begin (UmzMove *move, UmzRelayStart *start);

/* The move has come to its end: the mirror is kept for the next one, or removed. */
void umz_transfer_end (UmzMove *move);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* transfer.h: how the memory of a move travels: as it is, or coded; with a mirror or without one.
 *
 * The source says what it would like when it announces the VM, and the target what there will be.
 * A mirror is KEPT if both have the one that the same earlier move has left.
 */
#pragma once

#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "engine/means.h"
#include "relay/control.h"

typedef enum {
  UMZ_MIRROR_NONE,
  UMZ_MIRROR_EMPTY,
  UMZ_MIRROR_KEPT, /* of an earlier move of this VM between the same SUs */
} UmzMirrorUse;

/* Of the move's thread. */
typedef struct {
  const UmzMeans *means; /* borrowed, as the next one */
  const UmzMoveRecord *record;
  uint64_t memory_bytes; /* of the VM */
  UmzRelayEngine engine;
  UmzMirrorUse offered; /* source: the most that the target may answer */
  UmzMirrorUse use;
  UmzMirrorFile file; /* if there is one; the descriptor is owned, or -1 */
} UmzTransfer;

void umz_transfer_init (UmzTransfer *transfer, const UmzMeans *means, const UmzMoveRecord *record,
                        uint64_t memory_bytes);

/* Source: into the announcement of the memory stream. */
void umz_transfer_add_offer (UmzTransfer *transfer, bool is_coded, JsonBuilder *builder);

/* Target: reads the offer out of it; false: it has not our form.  Opens a mirror if there is to be
 * one.
 */
bool umz_transfer_take_offer (UmzTransfer *transfer, JsonObject *memory);

/* Target: into the answer, as often as it is asked for. */
void umz_transfer_add_answer (const UmzTransfer *transfer, JsonBuilder *builder);

/* Source: reads it.  A target that has answered more than it was offered has no mirror. */
void umz_transfer_take_answer (UmzTransfer *transfer, JsonNode *answer);

/* Into START of the memory relay; returns the descriptor of the mirror, which the caller closes, or
 * -1.
 */
int umz_transfer_begin (UmzTransfer *transfer, UmzRelayStart *start);

/* The move has come to its end: the mirror, which the relay has left like this, is kept for the
 * next one if the guest has come through, and removed if not.
 */
void umz_transfer_end (UmzTransfer *transfer, bool has_come_through, const UmzRelayMirror *left);

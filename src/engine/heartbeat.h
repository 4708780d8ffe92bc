/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* heartbeat.h: the target SU as the source of a move hears it: its heartbeat and what it says. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

#include "engine/move.h"

typedef struct UmzHeartbeat UmzHeartbeat;

UmzHeartbeat *umz_heartbeat_new (UmzMove *move);

/* A thread asks it twice a second whether it is there and what it has to say.  Without an answer
 * for UMZ_HEARTBEAT_BEAT_S, or when it has given the move up, the move gets UMZ_INPUT_LINK_LOST.
 */
#define UMZ_HEARTBEAT_BEAT_S 4
void umz_heartbeat_listen (UmzHeartbeat *heartbeat);

/* Asks it a last time and ends the thread. */
void umz_heartbeat_end (UmzHeartbeat *heartbeat);
void umz_heartbeat_free (UmzHeartbeat *heartbeat);

/* What it has said in an answer goes to our console log too, each line once. */
void umz_heartbeat_take_lines (UmzHeartbeat *heartbeat, JsonNode *answer);

/* The guest came to stand now.  VMS2452 says so only after GO is on its way, for nothing that can
 * wait may lengthen the stop; but before any line of the target that follows it.
 */
void umz_heartbeat_note_suspended (UmzHeartbeat *heartbeat);
void umz_heartbeat_say_suspended (UmzHeartbeat *heartbeat);

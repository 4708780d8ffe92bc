/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* partner.h: the target SU as the source of a move hears it: its heartbeat and what it says. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

#include "engine/move.h"

typedef struct UmzPartner UmzPartner;

UmzPartner *umz_partner_new (UmzMove *move);

/* A thread asks it twice a second whether it is there and what it has to say.  Without an answer
 * for UMZ_PARTNER_BEAT_S, or when it has given the move up, the move gets UMZ_INPUT_LINK_LOST.
 */
#define UMZ_PARTNER_BEAT_S 4
void umz_partner_listen (UmzPartner *partner);

/* Asks it a last time and ends the thread. */
void umz_partner_end (UmzPartner *partner);
void umz_partner_free (UmzPartner *partner);

/* What it has said in an answer goes to our console log too, each line once. */
void umz_partner_take_lines (UmzPartner *partner, JsonNode *answer);

/* The guest came to stand now.  VMS2452 says so only after GO is on its way, for nothing that can
 * wait may lengthen the stop; but before any line of the target that follows it.
 */
void umz_partner_note_suspended (UmzPartner *partner);
void umz_partner_say_suspended (UmzPartner *partner);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lines.h: what is said of a move on the consoles of both SUs.
 *
 * Each SU numbers the lines that it says and sends them to the other one with its requests and
 * answers, again and again until the other SU has told how many it has; so each line comes there
 * once and in its order, whatever is lost on the way.  For any thread.
 */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "engine/means.h"

typedef struct UmzLines UmzLines;

/* All is borrowed; label is the VM insert. */
UmzLines *umz_lines_new (const UmzMeans *means, const UmzMoveRecord *record, const char *label);
void umz_lines_free (UmzLines *lines);

/* ---- what is said here ---- */

/* Says something on this SU's console; the notice is taken.  VM2000's messages about a migration
 * are those of a VM: who moves a definition is told by the command, and the target by VMS2322.
 */
void umz_lines_say (UmzLines *lines, UmzNotice *notice);
void umz_lines_say_at (UmzLines *lines, int64_t real_time_us, UmzNotice *notice);

/* Whether this run of umzugd has said such a message of this move. */
bool umz_lines_has_said (UmzLines *lines, UmzMessageId id);

/* Says a message that has only the VM insert, if it was not said yet. */
void umz_lines_say_once (UmzLines *lines, UmzMessageId id);

/* Adds "lines", those said here that the other SU does not have yet, and "first", the number of the
 * first of them.
 */
void umz_lines_add (UmzLines *lines, JsonBuilder *builder);

/* Notes how many of our lines the other SU has: "seen". */
void umz_lines_hear_seen (UmzLines *lines, JsonObject *sent);

/* ---- what the other SU says ---- */

/* Puts the lines that the other SU has sent on this console, each once; `before` (may be NULL) is
 * called before each of them.
 */
void umz_lines_take (UmzLines *lines, JsonObject *sent, void (*before) (void *data), void *data);

/* How many of them are here. */
uint64_t umz_lines_count_taken (UmzLines *lines);

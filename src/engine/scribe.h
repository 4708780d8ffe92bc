/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scribe.h: the source's decision in a second place, the arbiter, if the configuration has one.
 *
 * What the source has journaled it writes there too as long as the target does not answer; nobody
 * else writes.  So a target that cannot ask the source may take what stands there for its word, and
 * if nothing stands there it knows as much as before.
 */
#pragma once

#include "arbiter/arbiter.h"
#include "engine/move.h"

/* The writing of one decision, in a thread of its own: nobody waits for the arbiter. */
typedef struct UmzScribe UmzScribe;

/* NULL if there is no arbiter. */
UmzScribe *umz_scribe_new (UmzMove *move);

/* Writes it, unless that is done or under way.  Another one that stands there is replaced. */
void umz_scribe_write (UmzScribe *scribe, UmzVerdict verdict);

/* The same in this thread: true when it stands there, or if there is no arbiter. */
bool umz_scribe_write_now (UmzScribe *scribe, UmzVerdict verdict, GError **error);

/* Waits for the end of the writing, and takes away what was written. */
void umz_scribe_forget (UmzScribe *scribe);

/* Waits for the end of the writing. */
void umz_scribe_free (UmzScribe *scribe);

/* What the source has written; NONE if nothing, or if there is no arbiter, or none that answers. */
UmzVerdict umz_scribe_read (UmzMove *move);

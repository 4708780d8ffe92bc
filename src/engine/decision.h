/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* decision.h: what becomes of a move that was in doubt, for its course on either side. */
#pragma once

#include "engine/move.h"

/* An operator's decision, journaled with the step that it causes.  False: it cannot be written,
 * which is said, and nothing is decided.
 */
bool umz_decision_step (UmzMove *move, UmzDecision decision, UmzEvent event);

/* The same of the step DECIDE; before it, with *COLD, that the VM is taken over from the other SU.
 */
bool umz_decision_take (UmzMove *move, UmzDecision decision);
bool umz_decision_is_taken (const UmzMove *move, UmzDecision decision);

/* Source: the guest runs at the target too, and is frozen here until an operator says more.
 * Journaled.
 */
bool umz_decision_note_conflict (UmzMove *move, GError **error);
bool umz_decision_is_conflict (const UmzMove *move);

/* What was in doubt is decided by this word of the other SU; says nothing if nothing was. */
void umz_decision_end_doubt (UmzMove *move, UmzState word);

/* The other SU is silent: from now on the move is in doubt, which is said once. */
void umz_decision_enter_doubt (UmzMove *move);

/* The other SU answers that it knows nothing of the move.  Each SU journals a move before it speaks
 * of it, so it has lost its journal.  That decides nothing: the move is in doubt from now on, which
 * is said once.
 */
void umz_decision_note_forgotten (UmzMove *move);

/* The other SU is there, and will say more. */
void umz_decision_leave_doubt (UmzMove *move);

/* *COLD: the guest starts from its disks, if it ran; an error is said. */
void umz_decision_start_cold (UmzMove *move);

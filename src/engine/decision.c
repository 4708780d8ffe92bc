/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/decision.h"

#include "host/confirmation.h"
#include "store/partners.h"

#define CONFLICT "CONFLICT"

/* Told to the other SU when the move is over, and then it gives the VM up, whatever it thinks. */
static bool
note_takeover (void *data, GError **error)
{
  UmzMove *move = data;
  const UmzMoveRecord *record = move->record;
  g_autofree char *id = g_uuid_string_random ();
  g_autoptr (UmzTakeover) takeover =
    umz_takeover_new (id, record->peer, record->uuid, record->name, UMZ_TAKEOVER_TAKEN);
  return umz_store_put_takeover (move->means->store, takeover, error);
}

/* The operator's word goes for the start that follows as well. */
static bool
confirm (void *data, GError **error)
{
  UmzMove *move = data;
  return umz_confirmation_give (move->means->config, move->record->uuid, error);
}

/* Gives one of the move's flags a value, and says which one it had. */
static bool
exchange (UmzMove *move, bool *flag, bool value)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  bool before = *flag;
  *flag = value;
  return before;
}

bool
umz_decision_step (UmzMove *move, UmzDecision decision, UmzEvent event)
{
  g_autoptr (GError) error = NULL;
  umz_move_set_decision (move, umz_decision_text (decision));
  if (umz_move_step (move, event, &error)) {
    (void) exchange (move, &move->has_doubted, false);
    return true;
  }
  umz_move_set_decision (move, NULL);
  umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_UMZ0249, move->label, error->message, NULL));
  return false;
}

bool
umz_decision_take (UmzMove *move, UmzDecision decision)
{
  if (decision == UMZ_DECISION_COLD && (!umz_move_insist_on (move, note_takeover, move) ||
                                        !umz_move_insist_on (move, confirm, move)))
    return false;
  return umz_decision_step (move, decision, UMZ_EVENT_DECIDE);
}

bool
umz_decision_is_taken (const UmzMove *move, UmzDecision decision)
{
  return g_strcmp0 (move->record->decision, umz_decision_text (decision)) == 0;
}

bool
umz_decision_note_conflict (UmzMove *move, GError **error)
{
  return umz_move_journal_decision (move, CONFLICT, error);
}

bool
umz_decision_is_conflict (const UmzMove *move)
{
  return g_strcmp0 (move->record->decision, CONFLICT) == 0;
}

/* The other SU may have been heard since, and not have known yet. */
void
umz_decision_end_doubt (UmzMove *move, UmzState word)
{
  if (!exchange (move, &move->has_doubted, false) && !umz_move_is_in_doubt (move))
    return;
  umz_move_set_phase (move, UMZ_PHASE_SWITCH);
  umz_lines_say (move->lines,
                 umz_notice_new (UMZ_MSG_UMZ0219, move->label, move->record->peer,
                                 umz_state_name (word), NULL));
}

void
umz_decision_enter_doubt (UmzMove *move)
{
  if (umz_move_is_in_doubt (move))
    return;
  umz_move_set_phase (move, UMZ_PHASE_DOUBT);
  (void) exchange (move, &move->has_doubted, true);
  umz_lines_say (move->lines,
                 umz_notice_new (UMZ_MSG_UMZ0127, move->label, move->record->peer, NULL));
}

void
umz_decision_note_forgotten (UmzMove *move)
{
  if (!umz_move_is_in_doubt (move))
    umz_move_set_phase (move, UMZ_PHASE_DOUBT);
  (void) exchange (move, &move->has_doubted, true);
  if (!exchange (move, &move->is_forgotten, true))
    umz_lines_say (move->lines,
                   umz_notice_new (UMZ_MSG_UMZ0244, move->label, move->record->peer, NULL));
}

void
umz_decision_leave_doubt (UmzMove *move)
{
  (void) exchange (move, &move->is_forgotten, false);
  if (umz_move_is_in_doubt (move))
    umz_move_set_phase (move, UMZ_PHASE_SWITCH);
}

void
umz_decision_start_cold (UmzMove *move)
{
  g_autoptr (GError) error = NULL;
  if (umz_vm_state_has_memory (move->vm_state) &&
      !umz_hypervisor_start (move->hypervisor, move->record->uuid, &error))
    umz_lines_say (move->lines, umz_error_to_notice (error));
}

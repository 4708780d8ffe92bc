/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doubt.c: the moves that are in doubt, as an operator sees them. */
#include "engine/decision.h"
#include "engine/engine-private.h"

bool
umz_engine_has_untold_undo (UmzEngine *engine)
{
  g_autoptr (GPtrArray) moves = umz_registry_list (engine->registry);
  for (guint i = 0; i < moves->len; i++) {
    UmzMove *move = moves->pdata[i];
    if (move->side == UMZ_SIDE_SOURCE && umz_move_get_state (move) == UMZ_STATE_ABORTED &&
        !umz_move_is_closed (move))
      return true;
  }
  return false;
}

void
umz_doubt_clear (UmzDoubt *doubt)
{
  g_clear_pointer (&doubt->peer, g_free);
}

/* ABORTED is in doubt when the guest runs at the target as well.  Without a definition there is
 * nothing that could be started.
 */
static bool
is_decision_of (UmzMove *move, UmzDecision decision)
{
  UmzState state = umz_move_get_state (move);
  bool is_given = state == UMZ_STATE_COMMITTED;
  bool is_here = state == UMZ_STATE_RECEIVING || state == UMZ_STATE_REFUSED;
  bool is_unclear = state == UMZ_STATE_OWNER;
  switch (decision) {
  case UMZ_DECISION_COLD: return (is_given || is_here) && move->record->definition != NULL;
  case UMZ_DECISION_RESUME: return state == UMZ_STATE_RECEIVING;
  case UMZ_DECISION_THAW: return is_given || state == UMZ_STATE_ABORTED;
  case UMZ_DECISION_DISCARD: return is_given || is_here || is_unclear;
  }
  g_assert_not_reached ();
}

bool
umz_engine_is_in_doubt (UmzEngine *engine, const char *uuid)
{
  g_autoptr (UmzMove) move = umz_registry_find_unsettled (engine->registry, uuid);
  return move != NULL && umz_move_is_in_doubt (move);
}

/* It will say itself what there is to know: unless both run the guest, it has forgotten the move,
 * or the doubt is about the copy here.
 */
static bool
is_other_heard (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return move->heard_us > move->doubt_us && !umz_decision_is_conflict (move) &&
         !move->is_forgotten && move->state != UMZ_STATE_OWNER;
}

/* A reference; NULL with an error. */
static UmzMove *
ref_in_doubt (UmzEngine *engine, const char *uuid, UmzDecision decision, GError **error)
{
  g_autoptr (UmzMove) move = umz_registry_find_unsettled (engine->registry, uuid);
  if (move == NULL || !umz_move_is_in_doubt (move) || is_other_heard (move)) {
    umz_set_error (error, UMZ_MSG_UMZ0206, NULL);
    return NULL;
  }
  if (is_decision_of (move, decision))
    return g_steal_pointer (&move);
  umz_set_error (error, UMZ_MSG_UMZ0207, umz_decision_text (decision), move->label,
                 NULL);
  return NULL;
}

bool
umz_engine_get_doubt (UmzEngine *engine, const char *uuid, UmzDecision decision,
                      UmzDoubt *ret_doubt, GError **error)
{
  g_autoptr (UmzMove) move = ref_in_doubt (engine, uuid, decision, error);
  if (move == NULL)
    return false;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  int64_t silent_us = g_get_monotonic_time () - move->heard_us;
  ret_doubt->peer = g_strdup (move->record->peer);
  ret_doubt->heard_us =
    move->heard_us != 0 ? g_get_real_time () - silent_us : move->record->begun_us;
  return true;
}

bool
umz_engine_decide (UmzEngine *engine, const char *uuid, UmzDecision decision,
                   const char *operator_name, GError **error)
{
  g_autoptr (UmzMove) move = ref_in_doubt (engine, uuid, decision, error);
  if (move == NULL)
    return false;
  umz_inputs_push_decision (move->inputs, decision,
                            umz_notice_new (UMZ_MSG_UMZ0210, move->label,
                                            umz_decision_text (decision), operator_name, NULL));
  return true;
}

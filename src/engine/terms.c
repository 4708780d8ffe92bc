/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/terms.h"

UmzMoveTerms
umz_terms_of_su_type (UmzSuType type)
{
  bool is_390 = type == UMZ_SU_TYPE_390;
  return (UmzMoveTerms){
    .is_coded = is_390,
    .policy = is_390 ? UMZ_GUARD_MUST_CONVERGE : UMZ_GUARD_CARRIES_THROUGH,
    .suspension_us = UMZ_PERMITTED_SUSPENSION_US,
  };
}

const char *
umz_phase_name (UmzPhase phase)
{
  switch (phase) {
  case UMZ_PHASE_QUEUED: return "queued";
  case UMZ_PHASE_SETUP: return "setup";
  case UMZ_PHASE_COPY: return "copy";
  case UMZ_PHASE_SWITCH: return "switch";
  case UMZ_PHASE_CLEAN_UP: return "clean-up";
  case UMZ_PHASE_UNDO: return "undo";
  case UMZ_PHASE_DOUBT: return "in doubt";
  case UMZ_PHASE_ENDED: return "ended";
  }
  g_assert_not_reached ();
}

const char *
umz_decision_text (UmzDecision decision)
{
  switch (decision) {
  case UMZ_DECISION_COLD: return "*COLD";
  case UMZ_DECISION_RESUME: return "*RESUME";
  case UMZ_DECISION_THAW: return "*THAW";
  case UMZ_DECISION_DISCARD: return "*DISCARD";
  }
  g_assert_not_reached ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/machine.h"

/* clang-format off */
static const UmzTransition transitions[] = {
  /* side             from                 on                 to                  */
  { UMZ_SIDE_SOURCE, UMZ_STATE_NONE,      UMZ_EVENT_BEGIN,   UMZ_STATE_COPYING   },
  { UMZ_SIDE_SOURCE, UMZ_STATE_COPYING,   UMZ_EVENT_COMMIT,  UMZ_STATE_COMMITTED },
  { UMZ_SIDE_SOURCE, UMZ_STATE_COPYING,   UMZ_EVENT_FAIL,    UMZ_STATE_ABORTED   },
  { UMZ_SIDE_SOURCE, UMZ_STATE_COMMITTED, UMZ_EVENT_RUNS,    UMZ_STATE_GONE      },
  { UMZ_SIDE_SOURCE, UMZ_STATE_COMMITTED, UMZ_EVENT_REFUSED, UMZ_STATE_ABORTED   },
  { UMZ_SIDE_SOURCE, UMZ_STATE_COMMITTED, UMZ_EVENT_DECIDE,  UMZ_STATE_ABORTED   },
  { UMZ_SIDE_SOURCE, UMZ_STATE_ABORTED,   UMZ_EVENT_RUNS,    UMZ_STATE_GONE      },

  { UMZ_SIDE_TARGET, UMZ_STATE_NONE,      UMZ_EVENT_BEGIN,   UMZ_STATE_RECEIVING },
  { UMZ_SIDE_TARGET, UMZ_STATE_RECEIVING, UMZ_EVENT_GO,      UMZ_STATE_OWNER     },
  { UMZ_SIDE_TARGET, UMZ_STATE_RECEIVING, UMZ_EVENT_DECIDE,  UMZ_STATE_OWNER     },
  { UMZ_SIDE_TARGET, UMZ_STATE_RECEIVING, UMZ_EVENT_REFUSED, UMZ_STATE_REFUSED   },
  { UMZ_SIDE_TARGET, UMZ_STATE_RECEIVING, UMZ_EVENT_LOST,    UMZ_STATE_REFUSED   },
  { UMZ_SIDE_TARGET, UMZ_STATE_RECEIVING, UMZ_EVENT_ABORT,   UMZ_STATE_ABORTED   },
  { UMZ_SIDE_TARGET, UMZ_STATE_OWNER,     UMZ_EVENT_RUNS,    UMZ_STATE_RUNS      },
  { UMZ_SIDE_TARGET, UMZ_STATE_OWNER,     UMZ_EVENT_REFUSED, UMZ_STATE_REFUSED   },
  { UMZ_SIDE_TARGET, UMZ_STATE_REFUSED,   UMZ_EVENT_GO,      UMZ_STATE_OWNER     },
  { UMZ_SIDE_TARGET, UMZ_STATE_REFUSED,   UMZ_EVENT_DECIDE,  UMZ_STATE_OWNER     },
  { UMZ_SIDE_TARGET, UMZ_STATE_REFUSED,   UMZ_EVENT_ABORT,   UMZ_STATE_ABORTED   },
};
/* clang-format on */

const char *
umz_event_name (UmzEvent event)
{
  switch (event) {
  case UMZ_EVENT_BEGIN: return "BEGIN";
  case UMZ_EVENT_COMMIT: return "COMMIT";
  case UMZ_EVENT_FAIL: return "FAIL";
  case UMZ_EVENT_RUNS: return "RUNS";
  case UMZ_EVENT_REFUSED: return "REFUSED";
  case UMZ_EVENT_GO: return "GO";
  case UMZ_EVENT_LOST: return "LOST";
  case UMZ_EVENT_ABORT: return "ABORT";
  case UMZ_EVENT_DECIDE: return "DECIDE";
  }
  g_assert_not_reached ();
}

bool
umz_machine_is_state_of (UmzSide side, UmzState state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (transitions); i++)
    if (transitions[i].side == side && (transitions[i].from == state || transitions[i].to == state))
      return true;
  return false;
}

bool
umz_machine_next (UmzSide side, UmzState state, UmzEvent event, UmzState *ret_next)
{
  for (size_t i = 0; i < G_N_ELEMENTS (transitions); i++) {
    const UmzTransition *t = &transitions[i];
    if (t->side != side || t->from != state || t->on != event)
      continue;
    *ret_next = t->to;
    return true;
  }
  return false;
}

const UmzTransition *
umz_machine_get_transitions (size_t *ret_n)
{
  *ret_n = G_N_ELEMENTS (transitions);
  return transitions;
}

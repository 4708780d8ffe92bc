/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/move-state.h"

#include <glib.h>

const char *
umz_state_name (UmzState state)
{
  switch (state) {
  case UMZ_STATE_NONE: return "NONE";
  case UMZ_STATE_COPYING: return "COPYING";
  case UMZ_STATE_COMMITTED: return "COMMITTED";
  case UMZ_STATE_GONE: return "GONE";
  case UMZ_STATE_ABORTED: return "ABORTED";
  case UMZ_STATE_RECEIVING: return "RECEIVING";
  case UMZ_STATE_OWNER: return "OWNER";
  case UMZ_STATE_RUNS: return "RUNS";
  case UMZ_STATE_REFUSED: return "REFUSED";
  }
  g_assert_not_reached ();
}

bool
umz_state_parse (const char *text, UmzState *ret_state)
{
  for (UmzState state = UMZ_STATE_NONE; state <= UMZ_STATE_REFUSED; state++) {
    if (g_strcmp0 (text, umz_state_name (state)) != 0)
      continue;
    *ret_state = state;
    return true;
  }
  return false;
}

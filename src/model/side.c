/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/side.h"

#include <glib.h>

const char *
umz_side_name (UmzSide side)
{
  switch (side) {
  case UMZ_SIDE_SOURCE: return "source";
  case UMZ_SIDE_TARGET: return "target";
  }
  g_assert_not_reached ();
}

bool
umz_side_parse (const char *text, UmzSide *ret_side)
{
  for (UmzSide side = UMZ_SIDE_SOURCE; side <= UMZ_SIDE_TARGET; side++) {
    if (g_strcmp0 (text, umz_side_name (side)) != 0)
      continue;
    *ret_side = side;
    return true;
  }
  return false;
}

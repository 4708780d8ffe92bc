/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "arbiter/verdict.h"

#include <string.h>

const char *
umz_verdict_text (UmzVerdict verdict)
{
  switch (verdict) {
  case UMZ_VERDICT_NONE: return "NONE";
  case UMZ_VERDICT_COMMITTED: return "COMMITTED";
  case UMZ_VERDICT_ABORTED: return "ABORTED";
  }
  g_assert_not_reached ();
}

bool
umz_verdict_parse (const char *text, UmzVerdict *ret_verdict)
{
  static const UmzVerdict verdicts[] = { UMZ_VERDICT_NONE, UMZ_VERDICT_COMMITTED,
                                         UMZ_VERDICT_ABORTED };
  for (size_t i = 0; i < G_N_ELEMENTS (verdicts); i++) {
    if (strcmp (text, umz_verdict_text (verdicts[i])) == 0) {
      *ret_verdict = verdicts[i];
      return true;
    }
  }
  return false;
}

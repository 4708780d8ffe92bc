/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

/* The move does without it; only what is in doubt waits for the other SU, or for an operator. */
void
umz_check_arbiter (const UmzSuFacts *su, const char *su_name, GPtrArray *findings)
{
  if (su->arbiter_silence[0] != '\0')
    g_ptr_array_add (findings,
                     umz_notice_new (UMZ_MSG_UMZ0243, su_name, su->arbiter_silence, NULL));
}

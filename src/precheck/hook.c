/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

void
umz_check_hook (const UmzSuFacts *su, const char *su_name, GPtrArray *findings)
{
  const char *why = su->hook == UMZ_HOOK_MISSING ? "MISSING" : "NOT SEEN BY LIBVIRT";
  if (su->hook != UMZ_HOOK_ACTIVE)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0161, su_name, why, NULL));
}

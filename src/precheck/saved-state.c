/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

void
umz_check_saved_state (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings)
{
  if (facts->domain->has_saved_state)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0172, NULL));
}

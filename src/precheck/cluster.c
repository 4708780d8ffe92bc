/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

void
umz_check_cluster (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  if (!facts->is_active)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS2402, facts->su_name, NULL));
  if (!facts->can_define)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS2331, facts->su_name, NULL));
}

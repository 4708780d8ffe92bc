/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

void
umz_check_snapshots (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings)
{
  g_autofree char *number = g_strdup_printf ("%u", facts->domain->n_snapshots);
  if (facts->domain->n_snapshots > 0)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0150, number, NULL));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

void
umz_check_busy (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings)
{
  const UmzDomainFacts *domain = facts->domain;
  if (domain->job != NULL)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0111, domain->job, NULL));
  for (char **mn = domain->block_jobs; mn != NULL && *mn != NULL; mn++)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0155, *mn, NULL));
}

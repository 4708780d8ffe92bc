/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

void
umz_check_io_errors (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings)
{
  for (char **mn = facts->domain->io_errors; mn != NULL && *mn != NULL; mn++)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0154, *mn, NULL));
}

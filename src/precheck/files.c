/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

void
umz_check_files (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  for (char **path = facts->missing_files; path != NULL && *path != NULL; path++)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0158, *path, NULL));
}

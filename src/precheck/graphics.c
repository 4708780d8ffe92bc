/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

void
umz_check_graphics (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  for (char **port = facts->taken_ports; port != NULL && *port != NULL; port++)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0160, *port, NULL));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include <string.h>

#include "messages/catalogue.h"

void
umz_check_identity (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  for (guint i = 0; i < facts->vms->len; i++) {
    const UmzVm *other = facts->vms->pdata[i];
    if (strcmp (other->uuid, vm->uuid) == 0)
      g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0112, vm->uuid, other->name, NULL));
    else if (strcmp (other->name, vm->name) == 0)
      g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS4013, vm->name, NULL));
  }
  if (facts->index_owner != NULL && strcmp (facts->index_owner, vm->uuid) != 0) {
    g_autofree char *index = g_strdup_printf ("%u", vm->index);
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS4012, index, NULL));
    if (facts->n_indexes_free == 0)
      g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS2311, NULL));
  }
}

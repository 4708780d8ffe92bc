/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

/* Huge pages are set aside by the host and no part of what is available. */
static void
check_huge_pages (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, vm->huge_page_kib);
  g_autofree char *needed =
    g_strdup_printf ("%" G_GUINT64_FORMAT, vm->memory_bytes / (1024 * 1024));
  g_autofree char *there =
    g_strdup_printf ("%" G_GUINT64_FORMAT, facts->free_huge_bytes / (1024 * 1024));
  if (facts->free_huge_bytes < vm->memory_bytes)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0157, size, needed, there, NULL));
}

void
umz_check_memory (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  if (vm->huge_page_kib > 0) {
    check_huge_pages (vm, facts, findings);
    return;
  }
  uint64_t taken = facts->reserve_bytes + facts->promised_bytes;
  uint64_t free_bytes = facts->available_bytes > taken ? facts->available_bytes - taken : 0;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  if (vm->memory_bytes > free_bytes)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS4011, label, NULL));
}

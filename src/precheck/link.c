/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"
#include "precheck/forecast.h"

/* From earlier moves to that SU and the last looks at the VM; nothing is measured now. */
void
umz_check_link (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings)
{
  if (facts->link_bytes_per_s == 0 ||
      !umz_forecast_is_too_much (facts->dirty_bytes_per_s, facts->link_bytes_per_s))
    return;
  g_autofree char *dirty =
    g_strdup_printf ("%" G_GUINT64_FORMAT, facts->dirty_bytes_per_s / (1024 * 1024));
  g_autofree char *link =
    g_strdup_printf ("%" G_GUINT64_FORMAT, facts->link_bytes_per_s / (1024 * 1024));
  g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0171, dirty, link, NULL));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

#define WARN_DAYS 30
#define DAY_S     86400

void
umz_check_certificate (const UmzSuFacts *su, const char *su_name, GPtrArray *findings)
{
  if (su->certificate_left_s >= WARN_DAYS * DAY_S)
    return;
  int64_t left_s = MAX (su->certificate_left_s, 0);
  g_autofree char *days = g_strdup_printf ("%" G_GINT64_FORMAT, left_s / DAY_S);
  g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0162, su_name, days, NULL));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"

#define CLOCK_S 5

static void
check_clocks (const UmzSuFacts *source, const UmzSuFacts *target, GPtrArray *findings)
{
  int64_t apart_s = ABS (source->time_us - target->time_us) / G_USEC_PER_SEC;
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, apart_s);
  if (apart_s >= CLOCK_S)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0167, text, NULL));
}

/* From newer to older mostly works.  Where it cannot, machine type or CPU are conflicts. */
static void
check_version (const char *what, unsigned source, unsigned target, GPtrArray *findings)
{
  g_autofree char *here = umz_version_dup_text (source);
  g_autofree char *there = umz_version_dup_text (target);
  if (source != 0 && target != 0 && target < source)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0168, what, here, there, NULL));
}

void
umz_precheck_pair (const UmzSuFacts *source, const UmzSuFacts *target, GPtrArray *findings)
{
  check_clocks (source, target, findings);
  check_version ("LIBVIRT", source->libvirt_version, target->libvirt_version, findings);
  check_version ("QEMU", source->emulator_version, target->emulator_version, findings);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include <string.h>

#include "messages/catalogue.h"

/* One that waits behind our job: the migration's own calls, the sampler's, an operator's. */
#define QUEUE_MIN 8

/* The releases of libvirt whose migration calls the lab has seen.  The relay refuses what it does
 * not understand, untouched.
 */
#define RPC_MIN 9000000
#define RPC_MAX 9000999

void
umz_check_libvirt (const UmzSuFacts *su, const char *su_name, GPtrArray *findings)
{
  g_autofree char *queued = g_strdup_printf ("%u", su->max_queued);
  g_autofree char *version = umz_version_dup_text (su->libvirt_version);
  if (su->max_queued > 0 && su->max_queued < QUEUE_MIN)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0164, su_name, queued, NULL));
  if (su->lock_manager[0] != '\0' && strcmp (su->lock_manager, "nop") != 0)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0165, su_name, su->lock_manager, NULL));
  if (su->libvirt_version != 0 &&
      (su->libvirt_version < RPC_MIN || su->libvirt_version > RPC_MAX))
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0169, su_name, version, NULL));
}

/* The source's libvirtd connects to the target's as nobody in particular: it has no password. */
void
umz_check_auth (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  if (strcmp (facts->su->libvirt_auth, "sasl") == 0)
    g_ptr_array_add (
      findings, umz_notice_new (UMZ_MSG_UMZ0163, facts->su_name, facts->su->libvirt_auth, NULL));
}

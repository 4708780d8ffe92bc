/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source-checks.c: what on its own SU keeps a VM from leaving it. */
#include "precheck/precheck.h"

#include <string.h>

#include "messages/catalogue.h"
#include "model/device-rule.h"
#include "precheck/forecast.h"

/* UMZ0201 */
static void
check_held (const UmzVm *vm, GPtrArray *findings)
{
  if (!vm->must_run)
    return;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0201, label, NULL));
}

/* ---- what libvirt and QEMU do with it ---- */

/* UMZ0111, UMZ0155 */
static void
check_busy (const UmzDomainFacts *domain, GPtrArray *findings)
{
  if (domain->job != NULL)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0111, domain->job, NULL));
  for (char **mn = domain->block_jobs; mn != NULL && *mn != NULL; mn++)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0155, *mn, NULL));
}

/* UMZ0150 */
static void
check_snapshots (const UmzDomainFacts *domain, GPtrArray *findings)
{
  g_autofree char *number = g_strdup_printf ("%u", domain->n_snapshots);
  if (domain->n_snapshots > 0)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0150, number, NULL));
}

/* UMZ0172 */
static void
check_saved_state (const UmzDomainFacts *domain, GPtrArray *findings)
{
  if (domain->has_saved_state)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0172, NULL));
}

/* UMZ0154 */
static void
check_io_errors (const UmzDomainFacts *domain, GPtrArray *findings)
{
  for (char **mn = domain->io_errors; mn != NULL && *mn != NULL; mn++)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0154, *mn, NULL));
}

/* UMZ0113: QEMU's own words.  What a host device adds goes with the device, which is detached. */
static void
check_blockers (const UmzVm *vm, const UmzDomainFacts *domain, GPtrArray *findings)
{
  bool has_host_device = false;
  for (guint i = 0; i < vm->devices->len; i++)
    has_host_device |= ((const UmzDevice *) vm->devices->pdata[i])->kind == UMZ_DEVICE_HOST;
  for (char **text = domain->blockers; text != NULL && *text != NULL; text++)
    if (!has_host_device || strcasestr (*text, "vfio") == NULL)
      g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0113, *text, NULL));
}

/* ---- its devices ---- */

static UmzNotice *
judge_device (const UmzVm *vm, const UmzDevice *device, const char *target_su)
{
  if (umz_device_get_rule (device) == UMZ_DEVICE_RULE_TRAVELS) {
    if (device->kind == UMZ_DEVICE_HOST)
      return umz_notice_new (UMZ_MSG_UMZ0109, device->mn, NULL);
    if (device->is_local)
      return umz_notice_new (UMZ_MSG_UMZ0106, device->mn, device->source, NULL);
    return NULL;
  }
  if (!device->is_detachable)
    return umz_notice_new (UMZ_MSG_UMZ0109, device->mn, NULL);
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  return umz_notice_new (UMZ_MSG_VMS2471, label, target_su, device->mn, NULL);
}

/* Cannot travel UMZ0106, UMZ0109; will be detached VMS2471. */
static void
check_devices (const UmzVm *vm, const char *target_su, GPtrArray *findings)
{
  for (guint i = 0; i < vm->devices->len; i++) {
    UmzNotice *notice = judge_device (vm, vm->devices->pdata[i], target_su);
    if (notice != NULL)
      g_ptr_array_add (findings, notice);
  }
}

/* UMZ0153.  With "unsafe" QEMU ignores the guest's flushes: what was not written would stay in this
 * host's memory.  In the other modes it writes and drops its cache before the target opens the
 * disk.
 */
static void
check_cache (const UmzVm *vm, GPtrArray *findings)
{
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *disk = vm->devices->pdata[i];
    bool does_travel = umz_device_get_rule (disk) == UMZ_DEVICE_RULE_TRAVELS;
    if (does_travel && !disk->is_read_only && strcmp (disk->cache, "unsafe") == 0)
      g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0153, disk->mn, disk->cache, NULL));
  }
}

/* UMZ0173: the state of an emulated TPM goes along with the memory, and with nothing else. */
static void
check_tpm (const UmzVm *vm, GPtrArray *findings)
{
  if (vm->has_tpm && !umz_vm_state_has_memory (vm->state))
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0173, NULL));
}

/* UMZ0170, or else UMZ0173.  With the state of emulated TPMs on shared storage libvirt 9.0 refuses
 * the move, unless swtpm is newer than Debian 12's.
 */
static void
check_tpm_state (const UmzVm *vm, bool is_shared, GPtrArray *findings)
{
  if (vm->has_tpm && is_shared)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0170, NULL));
  else
    check_tpm (vm, findings);
}

/* ---- the link ---- */

/* UMZ0171.  From earlier moves to that SU and the last looks at the VM; nothing is measured now. */
static void
check_link (const UmzSourceFacts *facts, GPtrArray *findings)
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

/* ---- in this order ---- */

void
umz_precheck_source (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings)
{
  check_held (vm, findings);
  check_busy (&facts->domain, findings);
  check_snapshots (&facts->domain, findings);
  check_saved_state (&facts->domain, findings);
  check_io_errors (&facts->domain, findings);
  check_devices (vm, facts->target_su, findings);
  check_cache (vm, findings);
  check_tpm_state (vm, facts->is_tpm_state_shared, findings);
  check_blockers (vm, &facts->domain, findings);
  check_link (facts, findings);
  umz_precheck_su (facts->su, facts->su_name, findings);
}

void
umz_precheck_definition_here (const UmzVm *vm, const UmzDomainFacts *domain, GPtrArray *findings)
{
  check_snapshots (domain, findings);
  check_saved_state (domain, findings);
  check_tpm (vm, findings);
}

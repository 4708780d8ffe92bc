/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/text.h"
#include "host/storage.h"
#include "hypervisor/facts.h"
#include "su/facts.h"
#include "su/sampler.h"

#define TPM_STATES    "file:/var/lib/libvirt/swtpm"
#define OUTCOMES_MAX  100
#define DIRTY_MINUTES 5
#define MEASURE_BYTES (UINT64_C (256) << 20) /* less than that says nothing about a link */

/* It is as local as the most local of its images. */
static bool
is_local (const UmzDevice *disk)
{
  bool is_local = umz_storage_is_local (disk->source);
  for (char **source = disk->backing; *source != NULL; source++)
    is_local |= umz_storage_is_local (*source);
  return is_local;
}

static void
look_at_storage (UmzVm *vm)
{
  for (guint i = 0; i < vm->devices->len; i++) {
    UmzDevice *device = vm->devices->pdata[i];
    if (!umz_device_has_storage (device))
      continue;
    g_free (device->identity);
    device->identity = umz_storage_dup_identity (device->source);
    device->is_local = is_local (device);
    device->is_unexamined = !umz_storage_can_examine (device->source);
    (void) umz_storage_get_size (device->source, &device->size_bytes, NULL); /* shows there */
  }
}

uint64_t
umz_facts_get_link_rate (UmzApp *app, const char *su)
{
  uint64_t rate = 0;
  g_autoptr (GPtrArray) outcomes = umz_store_list_outcomes (app->store, OUTCOMES_MAX, NULL);
  for (guint i = 0; outcomes != NULL && i < outcomes->len; i++) {
    const UmzOutcome *outcome = outcomes->pdata[i];
    uint64_t n_bytes = outcome->transfer.link_bytes;
    bool is_whole = n_bytes >= outcome->transfer.guest_bytes / 10 * 9; /* else it waited */
    int64_t us = outcome->copy_us;
    if (outcome->move->side == UMZ_SIDE_SOURCE && n_bytes >= MEASURE_BYTES &&
        umz_text_is_same_name (outcome->move->peer, su) && us > 0 && is_whole)
      rate = (uint64_t) ((double) n_bytes * G_USEC_PER_SEC / (double) us);
  }
  return rate;
}

uint64_t
umz_facts_get_dirty_rate (UmzApp *app, const UmzVm *vm)
{
  UmzUsage usage;
  if (!umz_sampler_get_usage (app->sampler, vm, DIRTY_MINUTES, &usage) || !usage.has_dirty_rate)
    return 0;
  return (uint64_t) (usage.dirty_mib_per_s * 1024 * 1024);
}

bool
umz_facts_get_source (UmzApp *app, UmzVm *vm, const char *target_su, const UmzSuFacts *su,
                      UmzSourceFacts *ret_facts, GError **error)
{
  UmzDomainFacts domain = { 0 };
  if (!umz_hypervisor_get_domain_facts (app->hypervisor, vm, &domain, error))
    return false;
  look_at_storage (vm);
  g_strfreev (vm->cpu_features);
  vm->cpu_features = umz_hypervisor_list_vm_features (app->hypervisor, vm);
  *ret_facts = (UmzSourceFacts){
    .su_name = app->config->su_name,
    .target_su = target_su,
    .su = su,
    .domain = domain,
    .is_tpm_state_shared = vm->has_tpm && !umz_storage_is_local (TPM_STATES),
    .link_bytes_per_s = umz_facts_get_link_rate (app, target_su),
    .dirty_bytes_per_s = umz_facts_get_dirty_rate (app, vm),
  };
  return true;
}

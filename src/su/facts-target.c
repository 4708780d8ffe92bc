/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "su/facts.h"

#include <stdlib.h>

#include "host/host.h"
#include "host/storage.h"
#include "hypervisor/facts.h"
#include "model/device-rule.h"
#include "precheck/precheck.h"
#include "su/vms.h"

/* What guests there may still touch: of a running one what it has not touched yet; all of it of one
 * that arrives, and of one that is down and may be started again.
 */
uint64_t
umz_facts_sum_promised (UmzApp *app, const GPtrArray *vms)
{
  uint64_t promised = 0;
  g_autoptr (GPtrArray) arrivals = umz_engine_list_arrivals (app->engine);
  for (guint i = 0; i < arrivals->len; i++) {
    const UmzVm *arrival = arrivals->pdata[i];
    bool takes_memory = umz_vms_is_initialized (arrival) && arrival->huge_page_kib == 0;
    promised += takes_memory ? arrival->memory_bytes : 0;
  }
  for (guint i = 0; i < vms->len; i++) {
    const UmzVm *vm = vms->pdata[i];
    int64_t pid = 0;
    if (!umz_vms_is_initialized (vm) || umz_vms_is_moving (app, vm) || vm->huge_page_kib > 0)
      continue;
    bool has_process = umz_hypervisor_get_pid (vm->name, vm->uuid, &pid, NULL);
    uint64_t resident = has_process ? umz_host_get_resident_bytes (pid) : 0;
    promised += vm->memory_bytes > resident ? vm->memory_bytes - resident : 0;
  }
  return promised;
}

/* Those that arriving VMs will take are not free. */
uint64_t
umz_facts_get_free_huge_bytes (UmzApp *app, const UmzVm *vm)
{
  uint64_t free_bytes = umz_host_get_free_huge_bytes (vm->huge_page_kib);
  g_autoptr (GPtrArray) arrivals = umz_engine_list_arrivals (app->engine);
  for (guint i = 0; i < arrivals->len; i++) {
    const UmzVm *arrival = arrivals->pdata[i];
    if (arrival->huge_page_kib == vm->huge_page_kib && !g_str_equal (arrival->uuid, vm->uuid))
      free_bytes -= MIN (free_bytes, arrival->memory_bytes);
  }
  return free_bytes;
}

/* ---- what has to be freed ---- */

typedef struct {
  GPtrArray *vms;
  char *index_owner, *numa_nodes, *cpus;
  char **missing_files, **taken_ports;
  UmzDiskFacts *disks;
  bool *has_network;
  guint n_devices;
  UmzGuestFacts guest;
} Gathered;

static void
gathered_clear (Gathered *gathered)
{
  for (guint i = 0; i < gathered->n_devices; i++) {
    g_free ((char *) gathered->disks[i].identity);
    umz_notice_free ((UmzNotice *) gathered->disks[i].cannot_open);
  }
  g_clear_pointer (&gathered->vms, g_ptr_array_unref);
  g_free (gathered->index_owner);
  g_free (gathered->numa_nodes);
  g_free (gathered->cpus);
  g_strfreev (gathered->missing_files);
  g_strfreev (gathered->taken_ports);
  g_free (gathered->disks);
  g_free (gathered->has_network);
  umz_guest_facts_clear (&gathered->guest);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Gathered, gathered_clear)

/* ---- gathering ---- */

/* Of all images below the disk. */
static bool
can_reach_backing (const UmzDevice *disk)
{
  uint64_t size_bytes;
  for (char **source = disk->backing; *source != NULL; source++)
    if (umz_storage_can_examine (*source) &&
        !umz_storage_get_size (*source, &size_bytes, NULL))
      return false;
  return true;
}

static UmzDiskFacts
look_at_disk (const UmzDevice *disk)
{
  UmzDiskFacts facts = { 0 };
  g_autoptr (GError) error = NULL;
  if (!umz_device_has_storage (disk) || umz_device_get_rule (disk) != UMZ_DEVICE_RULE_TRAVELS ||
      !can_reach_backing (disk) ||
      !umz_storage_get_size (disk->source, &facts.size_bytes, NULL))
    return facts; /* what cannot be reached has size 0 */
  facts.identity = umz_storage_dup_identity (disk->source);
  if (!umz_storage_check_writable (disk, NULL, &error))
    facts.cannot_open = umz_error_to_notice (error);
  return facts;
}

static void
look_at_devices (UmzApp *app, const UmzVm *vm, Gathered *gathered)
{
  gathered->n_devices = vm->devices->len;
  gathered->disks = g_new0 (UmzDiskFacts, vm->devices->len + 1);
  gathered->has_network = g_new0 (bool, vm->devices->len + 1);
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *device = vm->devices->pdata[i];
    gathered->disks[i] = look_at_disk (device);
    gathered->has_network[i] = device->kind != UMZ_DEVICE_LAN ||
                               umz_hypervisor_has_network (app->hypervisor, device->network);
  }
}

static char **
list_missing_files (const UmzVm *vm)
{
  g_autoptr (GStrvBuilder) missing = g_strv_builder_new ();
  for (char **path = vm->files; *path != NULL; path++)
    if (!g_file_test (*path, G_FILE_TEST_IS_REGULAR))
      g_strv_builder_add (missing, *path);
  return g_strv_builder_end (missing);
}

static char **
list_taken_ports (const UmzVm *vm)
{
  g_autoptr (GStrvBuilder) taken = g_strv_builder_new ();
  for (char **port = vm->graphics_ports; *port != NULL; port++)
    if (umz_host_is_port_taken ((unsigned) strtoul (*port, NULL, 10)))
      g_strv_builder_add (taken, *port);
  return g_strv_builder_end (taken);
}

unsigned
umz_facts_count_free_indexes (UmzApp *app)
{
  const unsigned n_indexes = UMZ_VM_INDEX_MAX - 1; /* 1 is the monitor's */
  g_autoptr (GPtrArray) given = umz_store_list_indexed (app->store, NULL);
  guint n_given = given != NULL ? given->len : 0;
  return n_given < n_indexes ? n_indexes - n_given : 0;
}

static bool
gather (UmzApp *app, const UmzVm *vm, Gathered *gathered, GError **error)
{
  gathered->vms = umz_vms_list_with_arrivals (app, error);
  if (gathered->vms == NULL ||
      !umz_hypervisor_get_guest_facts (app->hypervisor, vm, &gathered->guest, error))
    return false;
  gathered->index_owner = umz_store_dup_uuid (app->store, vm->index, NULL);
  gathered->numa_nodes = umz_host_dup_numa_nodes ();
  gathered->cpus = umz_host_dup_cpus ();
  gathered->missing_files = list_missing_files (vm);
  gathered->taken_ports = list_taken_ports (vm);
  look_at_devices (app, vm, gathered);
  return true;
}

bool
umz_facts_judge_target (UmzApp *app, const UmzVm *vm, const UmzSuFacts *su, GPtrArray *findings,
                        GError **error)
{
  g_auto (Gathered) gathered = { 0 };
  g_autofree char *swtpm = g_find_program_in_path ("swtpm");
  uint64_t available_bytes;
  if (!gather (app, vm, &gathered, error) ||
      !umz_host_get_available_bytes (&available_bytes, error))
    return false;
  const UmzTargetFacts facts = {
    .su_name = app->config->su_name,
    .su = su,
    .is_active = app->config->is_active,
    .can_define = umz_host_can_define (),
    .vms = gathered.vms,
    .index_owner = gathered.index_owner,
    .n_indexes_free = umz_facts_count_free_indexes (app),
    .available_bytes = available_bytes,
    .reserve_bytes = app->config->reserve_mib * 1024 * 1024,
    .promised_bytes = umz_facts_sum_promised (app, gathered.vms),
    .free_huge_bytes = umz_facts_get_free_huge_bytes (app, vm),
    .numa_nodes = gathered.numa_nodes,
    .cpus = gathered.cpus,
    .has_emulator = gathered.guest.has_emulator,
    .has_machine = gathered.guest.has_machine,
    .cpu_models = gathered.guest.models,
    .cpu_features = gathered.guest.features,
    .missing_files = gathered.missing_files,
    .taken_ports = gathered.taken_ports,
    .has_tpm_emulator = swtpm != NULL,
    .disks = gathered.disks,
    .has_network = gathered.has_network,
  };
  umz_precheck_target (vm, &facts, findings);
  return true;
}

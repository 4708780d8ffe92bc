/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* facts-target.c: what a VM that wants to come finds here, in the three circles of
 * precheck/target-checks.c.
 */
#include "su/facts.h"

#include <stdlib.h>

#include "host/hook.h"
#include "host/host.h"
#include "host/storage.h"
#include "hypervisor/facts.h"
#include "model/device-rule.h"
#include "store/vms.h"
#include "su/vms.h"

/* ---- names ---- */

bool
umz_facts_get_names (UmzApp *app, const UmzVm *vm, GPtrArray *vms, UmzNameFacts *ret_facts,
                     GError **error)
{
  uint64_t n_indexes = app->config->index_max - 1; /* 1 is the monitor's */
  char *owner = NULL;
  g_autoptr (GPtrArray) taken = vms;
  g_autoptr (GPtrArray) given = umz_store_list_indexed (app->store, error);
  if (given == NULL ||
      (vm->index != 0 && !umz_store_dup_uuid (app->store, vm->index, &owner, error)))
    return false;
  *ret_facts = (UmzNameFacts){
    .vms = g_steal_pointer (&taken),
    .index_owner = owner,
    .n_indexes_free = (unsigned) (n_indexes - MIN (n_indexes, given->len)),
  };
  return true;
}

/* ---- room ---- */

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
    bool has_process = umz_hypervisor_get_pid (app->hypervisor, vm->name, vm->uuid, &pid, NULL);
    uint64_t resident = has_process ? umz_host_get_resident_bytes (pid) : 0;
    promised += vm->memory_bytes > resident ? vm->memory_bytes - resident : 0;
  }
  return promised;
}

/* In huge pages of the VM's size.  Those that arriving VMs will take are not free. */
static uint64_t
get_free_huge_bytes (UmzApp *app, const UmzVm *vm)
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

bool
umz_facts_get_room (UmzApp *app, const UmzVm *vm, GPtrArray *vms, UmzRoomFacts *ret_facts,
                    GError **error)
{
  uint64_t available_bytes;
  g_auto (UmzNameFacts) names = { 0 };
  if (!umz_facts_get_names (app, vm, vms, &names, error) ||
      !umz_host_get_available_bytes (&available_bytes, error))
    return false;
  *ret_facts = (UmzRoomFacts){
    .names = names,
    .available_bytes = available_bytes,
    .reserve_bytes = app->config->reserve_mib * 1024 * 1024,
    .promised_bytes = umz_facts_sum_promised (app, vms),
    .free_huge_bytes = get_free_huge_bytes (app, vm),
  };
  names = (UmzNameFacts){ 0 }; /* are the caller's now, as below */
  return true;
}

/* ---- the whole SU ---- */

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

/* What is no disk, or cannot be reached, has size 0. */
static void
look_at_disk (const UmzDevice *disk, UmzDeviceFacts *facts)
{
  g_autoptr (GError) error = NULL;
  if (!umz_device_has_storage (disk) || umz_device_get_rule (disk) != UMZ_DEVICE_RULE_TRAVELS)
    return;
  facts->is_unexamined = !umz_storage_can_examine (disk->source);
  if (!can_reach_backing (disk) || !umz_storage_get_size (disk->source, &facts->size_bytes, NULL))
    return;
  facts->identity = umz_storage_dup_identity (disk->source);
  if (!umz_storage_check_writable (disk, NULL, &error))
    facts->cannot_open = umz_error_to_notice (error);
}

static UmzDeviceFacts *
look_at_devices (UmzApp *app, const UmzVm *vm)
{
  UmzDeviceFacts *facts = g_new0 (UmzDeviceFacts, vm->devices->len);
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *device = vm->devices->pdata[i];
    look_at_disk (device, &facts[i]);
    facts[i].has_network = device->kind == UMZ_DEVICE_LAN &&
                           umz_hypervisor_has_network (app->hypervisor, device->network);
  }
  return facts;
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

bool
umz_facts_get_target (UmzApp *app, const UmzVm *vm, const UmzSuFacts *su,
                      UmzTargetFacts *ret_facts, GError **error)
{
  g_auto (UmzGuestFacts) guest = { 0 };
  g_auto (UmzRoomFacts) room = { 0 };
  g_autofree char *swtpm = g_find_program_in_path ("swtpm");
  GPtrArray *vms = umz_vms_list_with_arrivals (app, error);
  if (vms == NULL || !umz_facts_get_room (app, vm, vms, &room, error) ||
      !umz_hypervisor_get_guest_facts (app->hypervisor, vm, &guest, error))
    return false;
  *ret_facts = (UmzTargetFacts){
    .su_name = app->config->su_name,
    .su = su,
    .room = room,
    .is_active = app->config->is_active,
    .can_define = umz_host_can_define (),
    .numa_nodes = umz_host_dup_numa_nodes (),
    .cpus = umz_host_dup_cpus (),
    .cpu_models = g_steal_pointer (&guest.models),
    .cpu_features = g_steal_pointer (&guest.features),
    .missing_files = list_missing_files (vm),
    .taken_ports = list_taken_ports (vm),
    .devices = look_at_devices (app, vm),
    .n_devices = vm->devices->len,
    .has_emulator = guest.has_emulator,
    .has_machine = guest.has_machine,
    .has_tpm_emulator = swtpm != NULL,
  };
  room = (UmzRoomFacts){ 0 };
  return true;
}

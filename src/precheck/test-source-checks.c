/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-source-checks.c: each check of the source with its conflict and its cure, both sides of each
 * limit.
 */
#include "precheck/test-world.h"

#include "messages/catalogue.h"

#define MIB (UINT64_C (1) << 20)

static void
make_a_blocker_of_qemu (UmzWorld *w)
{
  w->source.domain.blockers = g_strsplit ("device x|device y", "|", 0);
}

static void
make_the_blocker_of_a_host_device_that_is_detached (UmzWorld *w)
{
  w->device->kind = UMZ_DEVICE_HOST;
  w->source.domain.blockers = g_strsplit ("0000:01:00.0: VFIO migration", "|", 0);
}

static void
make_the_same_blocker_without_a_host_device (UmzWorld *w)
{
  w->source.domain.blockers = g_strsplit ("VFIO", "|", 0);
}

static void
make_a_snapshot (UmzWorld *w)
{
  w->source.domain.n_snapshots = 1;
}

static void
make_a_backup_that_runs (UmzWorld *w)
{
  w->source.domain.job = g_strdup ("BACKUP");
}

static void
make_a_block_job (UmzWorld *w)
{
  w->source.domain.block_jobs = g_strsplit ("FAA4", " ", 0);
}

static void
make_an_i_o_error (UmzWorld *w)
{
  w->source.domain.io_errors = g_strsplit ("FAA4", " ", 0);
}

static void
make_cache_unsafe (UmzWorld *w)
{
  umz_world_set (&w->disk->cache, "unsafe");
}

static void
make_cache_writeback (UmzWorld *w)
{
  umz_world_set (&w->disk->cache, "writeback");
}

static void
make_cache_unsafe_of_a_disk_that_is_only_read (UmzWorld *w)
{
  umz_world_set (&w->disk->cache, "unsafe");
  w->disk->is_read_only = true;
}

static void
make_cache_unsafe_of_a_disk_that_stays (UmzWorld *w)
{
  umz_world_set (&w->disk->cache, "unsafe");
  w->disk->is_local = true;
}

static void
make_the_state_of_a_tpm_on_shared_storage (UmzWorld *w)
{
  w->vm->has_tpm = w->source.is_tpm_state_shared = true;
}

static void
make_shared_storage_without_a_tpm (UmzWorld *w)
{
  w->source.is_tpm_state_shared = true;
}

static void
make_a_saved_state (UmzWorld *w)
{
  w->source.domain.has_saved_state = true;
}

static void
make_a_tpm_of_a_vm_that_is_down (UmzWorld *w)
{
  w->vm->has_tpm = true;
  w->vm->state = UMZ_VM_STATE_DOWN;
}

static void
make_a_tpm_of_a_held_vm (UmzWorld *w)
{
  w->vm->has_tpm = true;
  w->vm->state = UMZ_VM_STATE_IN_HOLD;
}

static void
make_a_tpm_with_its_state_here (UmzWorld *w)
{
  w->vm->has_tpm = true;
}

static void
make_a_link_hardly_faster_than_the_guest (UmzWorld *w)
{
  w->source.dirty_bytes_per_s = 18 * MIB;
  w->source.link_bytes_per_s = 20 * MIB;
}

static void
make_a_faster_link (UmzWorld *w)
{
  w->source.dirty_bytes_per_s = 18 * MIB - 1;
  w->source.link_bytes_per_s = 20 * MIB;
}

static void
make_a_link_never_measured (UmzWorld *w)
{
  w->source.dirty_bytes_per_s = 20 * MIB;
}

/* clang-format off */
static const UmzWorldRow rows[] = {
  { "nothing", UMZ_WORLD_SOURCE, NULL, "" },
  { "a blocker of QEMU", UMZ_WORLD_SOURCE, make_a_blocker_of_qemu,
    "UMZ0113,device x UMZ0113,device y" },
  { "the blocker of a host device that is detached", UMZ_WORLD_SOURCE,
    make_the_blocker_of_a_host_device_that_is_detached, "VMS2471,THERE,LAN1" },
  { "the same blocker without a host device", UMZ_WORLD_SOURCE,
    make_the_same_blocker_without_a_host_device, "UMZ0113,VFIO" },
  { "a snapshot", UMZ_WORLD_SOURCE, make_a_snapshot, "UMZ0150,1" },
  { "a backup that runs", UMZ_WORLD_SOURCE, make_a_backup_that_runs, "UMZ0111,BACKUP" },
  { "a block job", UMZ_WORLD_SOURCE, make_a_block_job, "UMZ0155,FAA4" },
  { "an I/O error", UMZ_WORLD_SOURCE, make_an_i_o_error, "UMZ0154,FAA4" },
  { "cache unsafe", UMZ_WORLD_SOURCE, make_cache_unsafe, "UMZ0153,FAA4,unsafe" },
  { "cache writeback", UMZ_WORLD_SOURCE, make_cache_writeback, "" },
  { "cache unsafe of a disk that is only read", UMZ_WORLD_SOURCE,
    make_cache_unsafe_of_a_disk_that_is_only_read, "" },
  { "cache unsafe of a disk that stays", UMZ_WORLD_SOURCE, make_cache_unsafe_of_a_disk_that_stays,
    "VMS2471,THERE,FAA4" },
  { "the state of a TPM on shared storage", UMZ_WORLD_SOURCE,
    make_the_state_of_a_tpm_on_shared_storage, "UMZ0170" },
  { "shared storage without a TPM", UMZ_WORLD_SOURCE, make_shared_storage_without_a_tpm, "" },
  { "a saved state", UMZ_WORLD_SOURCE, make_a_saved_state, "UMZ0172" },
  { "a TPM of a VM that is down", UMZ_WORLD_SOURCE, make_a_tpm_of_a_vm_that_is_down, "UMZ0173" },
  { "a TPM of a held VM", UMZ_WORLD_SOURCE, make_a_tpm_of_a_held_vm, "" },
  { "a TPM with its state here", UMZ_WORLD_SOURCE, make_a_tpm_with_its_state_here, "" },
  { "a link hardly faster than the guest", UMZ_WORLD_SOURCE,
    make_a_link_hardly_faster_than_the_guest, "UMZ0171,18,20" },
  { "a faster link", UMZ_WORLD_SOURCE, make_a_faster_link, "" },
  { "a link never measured", UMZ_WORLD_SOURCE, make_a_link_never_measured, "" },
};
/* clang-format on */

static void
test_checks (void)
{
  umz_world_test_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_devices (void)
{
  static const struct {
    UmzVmState state;
    const char *expected;
    UmzDeviceKind kind;
    bool is_local, is_boot, is_alias, is_fixed, must_run;
  } devices[] = {
    { UMZ_VM_STATE_RUNNING, "" },
    { UMZ_VM_STATE_IN_HOLD, "" },
    { UMZ_VM_STATE_IN_HOLD, "UMZ0201", .must_run = true },
    { UMZ_VM_STATE_DOWN, "" },
    { UMZ_VM_STATE_RUNNING, "VMS2471,THERE,FAA4", .is_local = true },
    { UMZ_VM_STATE_RUNNING, "UMZ0106,FAA4,nbd://h:1/FAA4", .is_local = true, .is_boot = true },
    { UMZ_VM_STATE_RUNNING, "UMZ0109,FAA4", .is_local = true, .is_fixed = true },
    { UMZ_VM_STATE_RUNNING, "", UMZ_DEVICE_CD, .is_fixed = true },
    { UMZ_VM_STATE_RUNNING, "VMS2471,THERE,FAA4", UMZ_DEVICE_CD, .is_local = true },
    { UMZ_VM_STATE_RUNNING, "UMZ0109,FAA4", UMZ_DEVICE_CD, .is_local = true, .is_fixed = true },
    { UMZ_VM_STATE_RUNNING, "VMS2471,THERE,FAA4", UMZ_DEVICE_HOST },
    { UMZ_VM_STATE_RUNNING, "VMS2471,THERE,FAA4", UMZ_DEVICE_HOST, .is_alias = true },
    { UMZ_VM_STATE_RUNNING, "UMZ0109,FAA4", UMZ_DEVICE_HOST, .is_boot = true },
    { UMZ_VM_STATE_RUNNING, "", UMZ_DEVICE_LAN },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (devices); i++) {
    g_auto (UmzWorld) w;
    umz_world_make (&w);
    w.vm->state = devices[i].state;
    w.vm->must_run = devices[i].must_run;
    w.disk->kind = devices[i].kind;
    w.disk->is_local = devices[i].is_local;
    w.disk->is_boot = devices[i].is_boot;
    w.disk->is_alias = devices[i].is_alias;
    w.disk->is_detachable = !devices[i].is_fixed;
    umz_precheck_source (w.vm, &w.source, w.findings);
    g_autofree char *reasons = umz_world_join_reasons (&w);
    g_assert_cmpstr (reasons, ==, devices[i].expected);
    bool is_warning = devices[i].expected[0] == '\0' || g_str_has_prefix (reasons, "VMS2471");
    g_assert_cmpint (umz_precheck_has_conflict (w.findings), ==, !is_warning);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/source-checks/each-finds-its-conflict-and-nothing-when-cured", test_checks);
  g_test_add_func ("/source-checks/what-cannot-travel-is-detached-or-in-the-way", test_devices);
  return g_test_run ();
}

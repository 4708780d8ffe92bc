/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-checks.c: each check with its conflict and its cure, both sides of each limit. */
#include "precheck/precheck.h"

#include "messages/catalogue.h"

#define MIB (UINT64_C (1) << 20)

/* Two SUs between which nothing stands against the move of a VM with a disk and a LAN device. */
typedef struct {
  UmzVm *vm;                /* owned, as what follows */
  UmzDevice *disk, *device; /* borrowed from vm: FAA4, LAN1 */
  UmzDomainFacts domain;
  UmzSuFacts su, other;
  UmzDiskFacts there;
  UmzNotice *notice;
  char **features, **models, **names;
  bool has_network[2];
  GPtrArray *vms;
  UmzSourceFacts source;
  UmzTargetFacts target;
} World;

static void
set (char **text, const char *value)
{
  g_free (*text);
  *text = g_strdup (value);
}

static char **
list (const char *words)
{
  return g_strsplit (words, " ", 0);
}

static void
set_list (char ***texts, const char *words)
{
  g_strfreev (*texts);
  *texts = list (words);
}

static void
make_vm (World *w)
{
  w->vm = umz_vm_new ();
  w->vm->name = g_strdup ("VM12");
  w->vm->uuid = g_strdup ("u-1");
  w->vm->index = 12;
  w->vm->state = UMZ_VM_STATE_RUNNING;
  w->vm->memory_bytes = 256 * MIB;
  w->vm->arch = g_strdup ("s390x");
  w->vm->machine = g_strdup ("m-7.2");
  w->vm->emulator = g_strdup ("/usr/bin/q");
  w->vm->cpu_model = g_strdup ("model1");
  w->vm->numa_nodes = g_strdup ("");
  w->vm->pinned_cpus = g_strdup ("");
  w->disk = umz_device_new ("FAA4", UMZ_DEVICE_DISK);
  set (&w->disk->source, "nbd://h:1/FAA4");
  w->disk->size_bytes = 8 * MIB;
  w->device = umz_device_new ("LAN1", UMZ_DEVICE_LAN);
  set (&w->device->network, "bridge:br0");
  w->disk->is_detachable = w->device->is_detachable = true;
  g_ptr_array_add (w->vm->devices, w->disk);
  g_ptr_array_add (w->vm->devices, w->device);
}

static void
make_world (World *w)
{
  *w = (World){ .su = { .time_us = INT64_C (1700000000) * G_USEC_PER_SEC,
                        .libvirt_version = 9000000,
                        .emulator_version = 7002000,
                        .certificate_left_s = INT64_MAX,
                        .libvirt_auth = "none",
                        .lock_manager = "",
                        .arbiter_silence = "" },
                .has_network = { true, true },
                .there = { .size_bytes = 8 * MIB, .identity = "" },
                .models = list ("model1 model2"),
                .vms = g_ptr_array_new () };
  make_vm (w);
  w->other = w->su;
  w->source = (UmzSourceFacts){
    .su_name = "HERE", .target_su = "THERE", .su = &w->su, .domain = &w->domain
  };
  w->target = (UmzTargetFacts){ .su_name = "THERE",
                                .su = &w->su,
                                .is_active = true,
                                .can_define = true,
                                .vms = w->vms,
                                .n_indexes_free = 10,
                                .available_bytes = 1024 * MIB,
                                .numa_nodes = "0",
                                .cpus = "0-3",
                                .has_emulator = true,
                                .has_machine = true,
                                .cpu_models = w->models,
                                .disks = &w->there,
                                .has_network = w->has_network };
}

static void
free_world (World *w)
{
  umz_vm_free (w->vm);
  umz_domain_facts_clear (&w->domain);
  umz_notice_free (w->notice);
  g_strfreev (w->features);
  g_strfreev (w->models);
  g_strfreev (w->names);
  g_ptr_array_unref (w->vms);
}

/* ---- what is different ---- */

static void
do_nothing (World *w)
{
}

static void
make_a_blocker_of_qemu (World *w)
{
  w->domain.blockers = g_strsplit ("device x|device y", "|", 0);
}

static void
make_the_blocker_of_a_host_device_that_is_detached (World *w)
{
  w->device->kind = UMZ_DEVICE_HOST;
  w->domain.blockers = g_strsplit ("0000:01:00.0: VFIO migration", "|", 0);
}

static void
make_the_same_blocker_without_a_host_device (World *w)
{
  w->domain.blockers = g_strsplit ("VFIO", "|", 0);
}

static void
make_a_snapshot (World *w)
{
  w->domain.n_snapshots = 1;
}

static void
make_a_backup_that_runs (World *w)
{
  w->domain.job = g_strdup ("BACKUP");
}

static void
make_a_block_job (World *w)
{
  w->domain.block_jobs = g_strsplit ("FAA4", " ", 0);
}

static void
make_an_i_o_error (World *w)
{
  w->domain.io_errors = g_strsplit ("FAA4", " ", 0);
}

static void
make_cache_unsafe (World *w)
{
  set (&w->disk->cache, "unsafe");
}

static void
make_cache_writeback (World *w)
{
  set (&w->disk->cache, "writeback");
}

static void
make_cache_unsafe_of_a_disk_that_is_only_read (World *w)
{
  set (&w->disk->cache, "unsafe");
  w->disk->is_read_only = true;
}

static void
make_cache_unsafe_of_a_disk_that_stays (World *w)
{
  set (&w->disk->cache, "unsafe");
  w->disk->is_local = true;
}

static void
make_the_state_of_a_tpm_on_shared_storage (World *w)
{
  w->vm->has_tpm = w->source.is_tpm_state_shared = true;
}

static void
make_shared_storage_without_a_tpm (World *w)
{
  w->source.is_tpm_state_shared = true;
}

static void
make_a_saved_state (World *w)
{
  w->domain.has_saved_state = true;
}

static void
make_a_tpm_of_a_vm_that_is_down (World *w)
{
  w->vm->has_tpm = true;
  w->vm->state = UMZ_VM_STATE_DOWN;
}

static void
make_a_tpm_of_a_held_vm (World *w)
{
  w->vm->has_tpm = true;
  w->vm->state = UMZ_VM_STATE_IN_HOLD;
}

static void
make_a_tpm_with_its_state_here (World *w)
{
  w->vm->has_tpm = true;
}

static void
make_a_link_hardly_faster_than_the_guest (World *w)
{
  w->source.dirty_bytes_per_s = 18 * MIB;
  w->source.link_bytes_per_s = 20 * MIB;
}

static void
make_a_faster_link (World *w)
{
  w->source.dirty_bytes_per_s = 18 * MIB - 1;
  w->source.link_bytes_per_s = 20 * MIB;
}

static void
make_a_link_never_measured (World *w)
{
  w->source.dirty_bytes_per_s = 20 * MIB;
}

static void
make_no_hook (World *w)
{
  w->su.hook = UMZ_HOOK_MISSING;
}

static void
make_a_hook_that_libvirtd_does_not_know (World *w)
{
  w->su.hook = UMZ_HOOK_UNSEEN;
}

static void
make_a_certificate_that_expires_within_30_days (World *w)
{
  w->su.certificate_left_s = 30 * 86400 - 1;
}

static void
make_a_certificate_that_does_not (World *w)
{
  w->su.certificate_left_s = 30 * 86400;
}

static void
make_a_certificate_that_has_expired (World *w)
{
  w->su.certificate_left_s = -1;
}

static void
make_a_short_queue (World *w)
{
  w->su.max_queued = 7;
}

static void
make_a_long_queue (World *w)
{
  w->su.max_queued = 8;
}

static void
make_a_lock_manager (World *w)
{
  w->su.lock_manager = "lockd";
}

static void
make_an_arbiter_that_is_silent (World *w)
{
  w->su.arbiter_silence = "no route";
}

static void
make_the_lock_manager_that_does_nothing (World *w)
{
  w->su.lock_manager = "nop";
}

static void
make_an_older_libvirt (World *w)
{
  w->su.libvirt_version = 8999999;
}

static void
make_the_oldest_known_libvirt (World *w)
{
  w->su.libvirt_version = 9000000;
}

static void
make_a_newer_libvirt (World *w)
{
  w->su.libvirt_version = 9001000;
}

static void
make_the_newest_known_libvirt (World *w)
{
  w->su.libvirt_version = 9000999;
}

static void
make_a_cluster_that_is_not_active_there (World *w)
{
  w->target.is_active = false;
}

static void
make_no_room_for_a_definition_there (World *w)
{
  w->target.can_define = false;
}

static void
make_all_indexes_given_away (World *w)
{
  w->target.index_owner = "u-2";
  w->target.n_indexes_free = 0;
}

static void
make_the_last_one (World *w)
{
  w->target.n_indexes_free = 0;
}

static void
make_no_emulator (World *w)
{
  w->target.has_emulator = w->target.has_machine = false;
}

static void
make_no_such_machine (World *w)
{
  w->target.has_machine = false;
}

static void
make_cpu_features_missing (World *w)
{
  w->features = list ("a c");
  w->target.cpu_features = w->features;
  set_list (&w->vm->cpu_features, "a b invtsc c d");
}

static void
make_cpu_features_all_there (World *w)
{
  w->features = list ("d c b a");
  w->target.cpu_features = w->features;
  set_list (&w->vm->cpu_features, "a b invtsc c d");
}

static void
make_more_cpu_features_missing_than_are_shown (World *w)
{
  w->features = list ("y");
  w->target.cpu_features = w->features;
  set_list (&w->vm->cpu_features, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21");
}

static void
make_a_cpu_model_that_is_not_usable (World *w)
{
  set_list (&w->models, "m2 m3");
  w->target.cpu_models = w->models;
}

static void
make_no_cpu_model_in_the_definition (World *w)
{
  set (&w->vm->cpu_model, "");
  w->target.cpu_models = NULL;
}

static void
make_a_numa_node_that_is_not_there (World *w)
{
  set (&w->vm->numa_nodes, "0-1");
}

static void
make_the_numa_node_that_is_there (World *w)
{
  set (&w->vm->numa_nodes, "0-3,^1,^2-3");
}

static void
make_a_cpu_that_is_not_there (World *w)
{
  set (&w->vm->pinned_cpus, "2,3-4");
}

static void
make_the_last_cpu_that_is_there (World *w)
{
  set (&w->vm->pinned_cpus, "3");
}

static void
make_too_few_huge_pages (World *w)
{
  w->vm->huge_page_kib = 2048;
  w->target.free_huge_bytes = 255 * MIB;
}

static void
make_enough_huge_pages_and_no_other_memory (World *w)
{
  w->vm->huge_page_kib = 2048;
  w->target.free_huge_bytes = 256 * MIB;
  w->target.available_bytes = 0;
}

static void
make_a_file_that_is_not_there (World *w)
{
  w->target.missing_files = w->names = list ("/boot/k /boot/i");
}

static void
make_no_emulator_for_the_tpm (World *w)
{
  w->vm->has_tpm = true;
}

static void
make_an_emulator_for_the_tpm (World *w)
{
  w->vm->has_tpm = w->target.has_tpm_emulator = true;
}

static void
make_a_graphics_port_that_is_taken (World *w)
{
  w->target.taken_ports = w->names = list ("5901");
}

static void
make_a_disk_of_another_identity (World *w)
{
  set (&w->disk->identity, "INODE 1");
  w->there.identity = "INODE 2";
}

static void
make_a_disk_of_the_same_identity (World *w)
{
  set (&w->disk->identity, "INODE 1");
  w->there.identity = "INODE 1";
}

static void
make_a_disk_that_qemu_cannot_open (World *w)
{
  w->notice = umz_notice_new (UMZ_MSG_UMZ0151, "FAA4", "qemu", "no", NULL);
  w->there.cannot_open = w->notice;
}

static void
make_storage_that_cannot_be_examined (World *w)
{
  set (&w->disk->source, "rbd://h:/p/x");
  w->disk->size_bytes = w->there.size_bytes = 0;
}

static void
make_an_export_that_neither_side_reaches (World *w)
{
  w->disk->size_bytes = w->there.size_bytes = 0;
}

static void
make_a_lan_device_without_its_network (World *w)
{
  w->has_network[1] = false;
}

static void
make_a_libvirt_that_asks_for_a_password (World *w)
{
  w->su.libvirt_auth = "sasl";
}

static void
make_a_libvirt_that_asks_polkit (World *w)
{
  w->su.libvirt_auth = "polkit";
}

static void
make_an_image_whose_owner_libvirt_changes (World *w)
{
  set (&w->disk->source, "file:/nfs/x");
  w->su.has_dynamic_ownership = true;
}

static void
make_one_whose_owner_it_leaves_alone (World *w)
{
  set (&w->disk->source, "file:/nfs/x");
}

static void
make_an_export_which_has_no_owner (World *w)
{
  w->su.has_dynamic_ownership = true;
}

static void
make_clocks_apart (World *w)
{
  w->other.time_us = w->su.time_us + 5 * G_USEC_PER_SEC;
}

static void
make_clocks_apart_the_other_way (World *w)
{
  w->other.time_us = w->su.time_us - 7 * G_USEC_PER_SEC;
}

static void
make_clocks_nearly_together (World *w)
{
  w->other.time_us = w->su.time_us + 5 * G_USEC_PER_SEC - 1;
}

static void
make_an_older_libvirt_there (World *w)
{
  w->other.libvirt_version = 8010000;
}

static void
make_an_older_qemu_there (World *w)
{
  w->other.emulator_version = 7001000;
}

static void
make_newer_ones_there (World *w)
{
  w->other.libvirt_version = 10000000;
  w->other.emulator_version = 8000000;
}

static void
make_a_qemu_of_unknown_version (World *w)
{
  w->other.emulator_version = 0;
}

typedef enum {
  SOURCE,
  TARGET,
  PAIR,
} Side;

/* clang-format off */
static const struct {
  const char *name;
  Side side;
  void (*change) (World *w);
  const char *expected; /* reasons, joined by blanks */
} rows[] = {
  { "nothing", SOURCE, do_nothing, "" },
  { "nothing", TARGET, do_nothing, "" },
  { "nothing", PAIR, do_nothing, "" },
  { "a blocker of QEMU", SOURCE, make_a_blocker_of_qemu, "UMZ0113,device x UMZ0113,device y" },
  { "the blocker of a host device that is detached", SOURCE,
    make_the_blocker_of_a_host_device_that_is_detached,
    "VMS2471,THERE,LAN1" },
  { "the same blocker without a host device", SOURCE, make_the_same_blocker_without_a_host_device,
    "UMZ0113,VFIO" },
  { "a snapshot", SOURCE, make_a_snapshot, "UMZ0150,1" },
  { "a backup that runs", SOURCE, make_a_backup_that_runs, "UMZ0111,BACKUP" },
  { "a block job", SOURCE, make_a_block_job, "UMZ0155,FAA4" },
  { "an I/O error", SOURCE, make_an_i_o_error, "UMZ0154,FAA4" },
  { "cache unsafe", SOURCE, make_cache_unsafe, "UMZ0153,FAA4,unsafe" },
  { "cache writeback", SOURCE, make_cache_writeback, "" },
  { "cache unsafe of a disk that is only read", SOURCE,
    make_cache_unsafe_of_a_disk_that_is_only_read,
    "" },
  { "cache unsafe of a disk that stays", SOURCE, make_cache_unsafe_of_a_disk_that_stays,
    "VMS2471,THERE,FAA4" },
  { "the state of a TPM on shared storage", SOURCE, make_the_state_of_a_tpm_on_shared_storage,
    "UMZ0170" },
  { "shared storage without a TPM", SOURCE, make_shared_storage_without_a_tpm, "" },
  { "a saved state", SOURCE, make_a_saved_state, "UMZ0172" },
  { "a TPM of a VM that is down", SOURCE, make_a_tpm_of_a_vm_that_is_down, "UMZ0173" },
  { "a TPM of a held VM", SOURCE, make_a_tpm_of_a_held_vm, "" },
  { "a TPM with its state here", SOURCE, make_a_tpm_with_its_state_here, "" },
  { "a link hardly faster than the guest", SOURCE, make_a_link_hardly_faster_than_the_guest,
    "UMZ0171,18,20" },
  { "a faster link", SOURCE, make_a_faster_link, "" },
  { "a link never measured", SOURCE, make_a_link_never_measured, "" },
  { "no hook", SOURCE, make_no_hook, "UMZ0161,HERE,MISSING" },
  { "a hook that libvirtd does not know", SOURCE, make_a_hook_that_libvirtd_does_not_know,
    "UMZ0161,HERE,NOT SEEN BY LIBVIRT" },
  { "a certificate that expires within 30 days", SOURCE,
    make_a_certificate_that_expires_within_30_days,
    "UMZ0162,HERE,29" },
  { "no hook", TARGET, make_no_hook, "UMZ0161,THERE,MISSING" },
  { "a hook that libvirtd does not know", TARGET, make_a_hook_that_libvirtd_does_not_know,
    "UMZ0161,THERE,NOT SEEN BY LIBVIRT" },
  { "a certificate that expires within 30 days", TARGET,
    make_a_certificate_that_expires_within_30_days,
    "UMZ0162,THERE,29" },
  { "a certificate that does not", SOURCE, make_a_certificate_that_does_not, "" },
  { "a certificate that has expired", SOURCE, make_a_certificate_that_has_expired,
    "UMZ0162,HERE,0" },
  { "a short queue", SOURCE, make_a_short_queue, "UMZ0164,HERE,7" },
  { "a long queue", SOURCE, make_a_long_queue, "" },
  { "an arbiter that is silent", SOURCE, make_an_arbiter_that_is_silent,
    "UMZ0243,HERE,no route" },
  { "a lock manager", TARGET, make_a_lock_manager, "UMZ0165,THERE,lockd" },
  { "the lock manager that does nothing", TARGET, make_the_lock_manager_that_does_nothing, "" },
  { "an older libvirt", SOURCE, make_an_older_libvirt, "UMZ0169,HERE,8.999.999" },
  { "the oldest known libvirt", SOURCE, make_the_oldest_known_libvirt, "" },
  { "a newer libvirt", SOURCE, make_a_newer_libvirt, "UMZ0169,HERE,9.1.0" },
  { "the newest known libvirt", SOURCE, make_the_newest_known_libvirt, "" },
  { "a cluster that is not active there", TARGET, make_a_cluster_that_is_not_active_there,
    "VMS2402,THERE" },
  { "no room for a definition there", TARGET, make_no_room_for_a_definition_there,
    "VMS2331,THERE" },
  { "all indexes given away", TARGET, make_all_indexes_given_away, "VMS4012,12 VMS2311" },
  { "the last one", TARGET, make_the_last_one, "" },
  { "no emulator", TARGET, make_no_emulator, "UMZ0103,s390x,/usr/bin/q" },
  { "no such machine", TARGET, make_no_such_machine, "UMZ0107,m-7.2" },
  { "CPU features missing", TARGET, make_cpu_features_missing, "UMZ0104,model1,b d" },
  { "CPU features all there", TARGET, make_cpu_features_all_there, "" },
  { "more CPU features missing than are shown", TARGET,
    make_more_cpu_features_missing_than_are_shown,
    "UMZ0104,model1,1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 + 1" },
  { "a CPU model that is not usable", TARGET, make_a_cpu_model_that_is_not_usable,
    "UMZ0104,model1,THE MODEL; USABLE ARE: m2 m3" },
  { "no CPU model in the definition", TARGET, make_no_cpu_model_in_the_definition, "" },
  { "a NUMA node that is not there", TARGET, make_a_numa_node_that_is_not_there,
    "UMZ0156,NUMA-NODE,1" },
  { "the NUMA node that is there", TARGET, make_the_numa_node_that_is_there, "" },
  { "a CPU that is not there", TARGET, make_a_cpu_that_is_not_there, "UMZ0156,CPU,4" },
  { "the last CPU that is there", TARGET, make_the_last_cpu_that_is_there, "" },
  { "too few huge pages", TARGET, make_too_few_huge_pages, "UMZ0157,2048,256,255" },
  { "enough huge pages, and no other memory", TARGET, make_enough_huge_pages_and_no_other_memory,
    "" },
  { "a file that is not there", TARGET, make_a_file_that_is_not_there,
    "UMZ0158,/boot/k UMZ0158,/boot/i" },
  { "no emulator for the TPM", TARGET, make_no_emulator_for_the_tpm, "UMZ0159" },
  { "an emulator for the TPM", TARGET, make_an_emulator_for_the_tpm, "" },
  { "a graphics port that is taken", TARGET, make_a_graphics_port_that_is_taken, "UMZ0160,5901" },
  { "a disk of another identity", TARGET, make_a_disk_of_another_identity,
    "UMZ0105,FAA4,INODE 1,INODE 2" },
  { "a disk of the same identity", TARGET, make_a_disk_of_the_same_identity, "" },
  { "a disk that QEMU cannot open", TARGET, make_a_disk_that_qemu_cannot_open,
    "UMZ0151,FAA4,qemu,no" },
  { "storage that cannot be examined", TARGET, make_storage_that_cannot_be_examined,
    "UMZ0152,FAA4,rbd://h:/p/x" },
  { "an export that neither side reaches", TARGET, make_an_export_that_neither_side_reaches,
    "VMS4034,FAA4" },
  { "a LAN device without its network", TARGET, make_a_lan_device_without_its_network,
    "UMZ0108,LAN1,bridge:br0" },
  { "a libvirt that asks for a password", TARGET, make_a_libvirt_that_asks_for_a_password,
    "UMZ0163,THERE,sasl" },
  { "a libvirt that asks polkit", TARGET, make_a_libvirt_that_asks_polkit, "" },
  { "an image whose owner libvirt changes", TARGET, make_an_image_whose_owner_libvirt_changes,
    "UMZ0166,FAA4,THERE" },
  { "one whose owner it leaves alone", TARGET, make_one_whose_owner_it_leaves_alone, "" },
  { "an export, which has no owner", TARGET, make_an_export_which_has_no_owner, "" },
  { "clocks apart", PAIR, make_clocks_apart, "UMZ0167,5" },
  { "clocks apart the other way", PAIR, make_clocks_apart_the_other_way, "UMZ0167,7" },
  { "clocks nearly together", PAIR, make_clocks_nearly_together, "" },
  { "an older libvirt there", PAIR, make_an_older_libvirt_there, "UMZ0168,LIBVIRT,9.0.0,8.10.0" },
  { "an older QEMU there", PAIR, make_an_older_qemu_there, "UMZ0168,QEMU,7.2.0,7.1.0" },
  { "newer ones there", PAIR, make_newer_ones_there, "" },
  { "a QEMU of unknown version", PAIR, make_a_qemu_of_unknown_version, "" },
};
/* clang-format on */

static void
run (World *w, Side side, GPtrArray *findings)
{
  switch (side) {
  case SOURCE: umz_precheck_source (w->vm, &w->source, findings); return;
  case TARGET: umz_precheck_target (w->vm, &w->target, findings); return;
  case PAIR: umz_precheck_pair (&w->su, &w->other, findings); return;
  }
}

static char *
join_reasons (const GPtrArray *findings)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < findings->len; i++) {
    g_autofree char *reason = umz_notice_reason (findings->pdata[i]);
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", reason);
  }
  return g_string_free (text, FALSE);
}

static void
test_checks (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    World w;
    g_autoptr (GPtrArray) findings =
      g_ptr_array_new_with_free_func ((GDestroyNotify) umz_notice_free);
    make_world (&w);
    rows[i].change (&w);
    run (&w, rows[i].side, findings);
    g_autofree char *reasons = join_reasons (findings);
    g_test_message ("%s", rows[i].name);
    g_assert_cmpstr (reasons, ==, rows[i].expected);
    free_world (&w);
  }
}

/* Each of the warnings by itself leaves the move possible. */
static void
test_severity (void)
{
  static const UmzMessageId warnings[] = {
    UMZ_MSG_UMZ0152,
    UMZ_MSG_UMZ0162,
    UMZ_MSG_UMZ0164,
    UMZ_MSG_UMZ0165,
    UMZ_MSG_UMZ0166,
    UMZ_MSG_UMZ0167,
    UMZ_MSG_UMZ0168,
    UMZ_MSG_UMZ0169,
    UMZ_MSG_UMZ0171,
  };
  for (size_t i = 0; i < G_N_ELEMENTS (warnings); i++)
    g_assert_cmpint (umz_message_severity (warnings[i]), ==, UMZ_SEVERITY_WARNING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/checks/each-finds-its-conflict-and-nothing-when-it-is-cured", test_checks);
  g_test_add_func ("/checks/what-does-not-stop-a-move-is-a-warning", test_severity);
  return g_test_run ();
}

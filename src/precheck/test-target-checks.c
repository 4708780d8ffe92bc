/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-target-checks.c: each check of the target with its conflict and its cure, both sides of each
 * limit.
 */
#include "precheck/test-world.h"

#include "messages/catalogue.h"

#define MIB (UINT64_C (1) << 20)

static void
make_a_cluster_that_is_not_active_there (UmzWorld *w)
{
  w->target.is_active = false;
}

static void
make_no_room_for_a_definition_there (UmzWorld *w)
{
  w->target.can_define = false;
}

static void
make_all_indexes_given_away (UmzWorld *w)
{
  w->target.room.names.index_owner = "u-2";
  w->target.room.names.n_indexes_free = 0;
}

static void
make_the_last_one (UmzWorld *w)
{
  w->target.room.names.n_indexes_free = 0;
}

static void
make_no_emulator (UmzWorld *w)
{
  w->target.has_emulator = w->target.has_machine = false;
}

static void
make_no_such_machine (UmzWorld *w)
{
  w->target.has_machine = false;
}

static void
make_cpu_features_missing (UmzWorld *w)
{
  w->features = umz_world_list ("a c");
  w->target.cpu_features = w->features;
  umz_world_set_list (&w->vm->cpu_features, "a b invtsc c d");
}

static void
make_cpu_features_all_there (UmzWorld *w)
{
  w->features = umz_world_list ("d c b a");
  w->target.cpu_features = w->features;
  umz_world_set_list (&w->vm->cpu_features, "a b invtsc c d");
}

static void
make_more_cpu_features_missing_than_are_shown (UmzWorld *w)
{
  w->features = umz_world_list ("y");
  w->target.cpu_features = w->features;
  umz_world_set_list (&w->vm->cpu_features,
                      "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21");
}

static void
make_a_cpu_model_that_is_not_usable (UmzWorld *w)
{
  umz_world_set_list (&w->models, "m2 m3");
  w->target.cpu_models = w->models;
}

static void
make_no_cpu_model_in_the_definition (UmzWorld *w)
{
  umz_world_set (&w->vm->cpu_model, "");
  w->target.cpu_models = NULL;
}

static void
make_a_numa_node_that_is_not_there (UmzWorld *w)
{
  umz_world_set (&w->vm->numa_nodes, "0-1");
}

static void
make_the_numa_node_that_is_there (UmzWorld *w)
{
  umz_world_set (&w->vm->numa_nodes, "0-3,^1,^2-3");
}

static void
make_a_cpu_that_is_not_there (UmzWorld *w)
{
  umz_world_set (&w->vm->pinned_cpus, "2,3-4");
}

static void
make_the_last_cpu_that_is_there (UmzWorld *w)
{
  umz_world_set (&w->vm->pinned_cpus, "3");
}

static void
make_too_few_huge_pages (UmzWorld *w)
{
  w->vm->huge_page_kib = 2048;
  w->target.room.free_huge_bytes = 255 * MIB;
}

static void
make_enough_huge_pages_and_no_other_memory (UmzWorld *w)
{
  w->vm->huge_page_kib = 2048;
  w->target.room.free_huge_bytes = 256 * MIB;
  w->target.room.available_bytes = 0;
}

static void
make_a_file_that_is_not_there (UmzWorld *w)
{
  w->target.missing_files = w->names = umz_world_list ("/boot/k /boot/i");
}

static void
make_no_emulator_for_the_tpm (UmzWorld *w)
{
  w->vm->has_tpm = true;
}

static void
make_an_emulator_for_the_tpm (UmzWorld *w)
{
  w->vm->has_tpm = w->target.has_tpm_emulator = true;
}

static void
make_a_graphics_port_that_is_taken (UmzWorld *w)
{
  w->target.taken_ports = w->names = umz_world_list ("5901");
}

static void
make_a_disk_of_another_identity (UmzWorld *w)
{
  umz_world_set (&w->disk->identity, "INODE 1");
  w->there[0].identity = "INODE 2";
}

static void
make_a_disk_of_the_same_identity (UmzWorld *w)
{
  umz_world_set (&w->disk->identity, "INODE 1");
  w->there[0].identity = "INODE 1";
}

static void
make_a_disk_that_qemu_cannot_open (UmzWorld *w)
{
  w->notice = umz_notice_new (UMZ_MSG_UMZ0151, "FAA4", "qemu", "no", NULL);
  w->there[0].cannot_open = w->notice;
}

static void
make_storage_that_cannot_be_examined (UmzWorld *w)
{
  umz_world_set (&w->disk->source, "rbd://h:/p/x");
  w->disk->is_unexamined = w->there[0].is_unexamined = true;
  w->disk->size_bytes = w->there[0].size_bytes = 0;
}

/* An SU whose umzugd was built without libnbd. */
static void
make_storage_that_is_examined_there_only (UmzWorld *w)
{
  w->disk->is_unexamined = true;
  w->disk->size_bytes = 0;
}

static void
make_storage_that_is_examined_here_only (UmzWorld *w)
{
  w->there[0].is_unexamined = true;
  w->there[0].size_bytes = 0;
}

static void
make_an_export_that_neither_side_reaches (UmzWorld *w)
{
  w->disk->size_bytes = w->there[0].size_bytes = 0;
}

static void
make_a_lan_device_without_its_network (UmzWorld *w)
{
  w->there[1].has_network = false;
}

static void
make_a_libvirt_that_asks_for_a_password (UmzWorld *w)
{
  w->su.settings.auth = "sasl";
}

static void
make_a_libvirt_that_asks_polkit (UmzWorld *w)
{
  w->su.settings.auth = "polkit";
}

static void
make_an_image_whose_owner_libvirt_changes (UmzWorld *w)
{
  umz_world_set (&w->disk->source, "file:/nfs/x");
  w->su.settings.has_dynamic_ownership = true;
}

static void
make_one_whose_owner_it_leaves_alone (UmzWorld *w)
{
  umz_world_set (&w->disk->source, "file:/nfs/x");
}

static void
make_an_export_which_has_no_owner (UmzWorld *w)
{
  w->su.settings.has_dynamic_ownership = true;
}

/* clang-format off */
static const UmzWorldRow rows[] = {
  { "nothing", UMZ_WORLD_TARGET, NULL, "" },
  { "a cluster that is not active there", UMZ_WORLD_TARGET,
    make_a_cluster_that_is_not_active_there, "VMS2402,THERE" },
  { "no room for a definition there", UMZ_WORLD_TARGET, make_no_room_for_a_definition_there,
    "VMS2331,THERE" },
  { "all indexes given away", UMZ_WORLD_TARGET, make_all_indexes_given_away, "VMS4012,12 VMS2311" },
  { "the last one", UMZ_WORLD_TARGET, make_the_last_one, "" },
  { "no emulator", UMZ_WORLD_TARGET, make_no_emulator, "UMZ0103,s390x,/usr/bin/q" },
  { "no such machine", UMZ_WORLD_TARGET, make_no_such_machine, "UMZ0107,m-7.2" },
  { "CPU features missing", UMZ_WORLD_TARGET, make_cpu_features_missing, "UMZ0104,model1,b d" },
  { "CPU features all there", UMZ_WORLD_TARGET, make_cpu_features_all_there, "" },
  { "more CPU features missing than are shown", UMZ_WORLD_TARGET,
    make_more_cpu_features_missing_than_are_shown,
    "UMZ0104,model1,1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 + 1" },
  { "a CPU model that is not usable", UMZ_WORLD_TARGET, make_a_cpu_model_that_is_not_usable,
    "UMZ0104,model1,THE MODEL; USABLE ARE: m2 m3" },
  { "no CPU model in the definition", UMZ_WORLD_TARGET, make_no_cpu_model_in_the_definition, "" },
  { "a NUMA node that is not there", UMZ_WORLD_TARGET, make_a_numa_node_that_is_not_there,
    "UMZ0156,NUMA-NODE,1" },
  { "the NUMA node that is there", UMZ_WORLD_TARGET, make_the_numa_node_that_is_there, "" },
  { "a CPU that is not there", UMZ_WORLD_TARGET, make_a_cpu_that_is_not_there, "UMZ0156,CPU,4" },
  { "the last CPU that is there", UMZ_WORLD_TARGET, make_the_last_cpu_that_is_there, "" },
  { "too few huge pages", UMZ_WORLD_TARGET, make_too_few_huge_pages, "UMZ0157,2048,256,255" },
  { "enough huge pages, and no other memory", UMZ_WORLD_TARGET,
    make_enough_huge_pages_and_no_other_memory, "" },
  { "a file that is not there", UMZ_WORLD_TARGET, make_a_file_that_is_not_there,
    "UMZ0158,/boot/k UMZ0158,/boot/i" },
  { "no emulator for the TPM", UMZ_WORLD_TARGET, make_no_emulator_for_the_tpm, "UMZ0159" },
  { "an emulator for the TPM", UMZ_WORLD_TARGET, make_an_emulator_for_the_tpm, "" },
  { "a graphics port that is taken", UMZ_WORLD_TARGET, make_a_graphics_port_that_is_taken,
    "UMZ0160,5901" },
  { "a disk of another identity", UMZ_WORLD_TARGET, make_a_disk_of_another_identity,
    "UMZ0105,FAA4,INODE 1,INODE 2" },
  { "a disk of the same identity", UMZ_WORLD_TARGET, make_a_disk_of_the_same_identity, "" },
  { "a disk that QEMU cannot open", UMZ_WORLD_TARGET, make_a_disk_that_qemu_cannot_open,
    "UMZ0151,FAA4,qemu,no" },
  { "storage that cannot be examined", UMZ_WORLD_TARGET, make_storage_that_cannot_be_examined,
    "UMZ0152,FAA4,rbd://h:/p/x" },
  { "storage that is examined there only", UMZ_WORLD_TARGET,
    make_storage_that_is_examined_there_only, "UMZ0152,FAA4,nbd://h:1/FAA4" },
  { "storage that is examined here only", UMZ_WORLD_TARGET,
    make_storage_that_is_examined_here_only, "UMZ0152,FAA4,nbd://h:1/FAA4" },
  { "an export that neither side reaches", UMZ_WORLD_TARGET,
    make_an_export_that_neither_side_reaches, "VMS4034,FAA4" },
  { "a LAN device without its network", UMZ_WORLD_TARGET, make_a_lan_device_without_its_network,
    "UMZ0108,LAN1,bridge:br0" },
  { "a libvirt that asks for a password", UMZ_WORLD_TARGET,
    make_a_libvirt_that_asks_for_a_password, "UMZ0163,THERE,sasl" },
  { "a libvirt that asks polkit", UMZ_WORLD_TARGET, make_a_libvirt_that_asks_polkit, "" },
  { "an image whose owner libvirt changes", UMZ_WORLD_TARGET,
    make_an_image_whose_owner_libvirt_changes, "UMZ0166,FAA4,THERE" },
  { "one whose owner it leaves alone", UMZ_WORLD_TARGET, make_one_whose_owner_it_leaves_alone, "" },
  { "an export, which has no owner", UMZ_WORLD_TARGET, make_an_export_which_has_no_owner, "" },
};
/* clang-format on */

static void
test_checks (void)
{
  umz_world_test_rows (rows, G_N_ELEMENTS (rows));
}

typedef struct {
  const char *name;
  uint64_t available_mib, reserve_mib, promised_mib;
  uint64_t there_mib;                             /* size of the disk on the target */
  const char *owner;                              /* of the index */
  const char *other_name, *other_uuid, *other_mn; /* a VM on the target; NULL: none */
  UmzVmState other_state;
  bool is_shared, is_other_shared;
  const char *expected; /* reasons, joined by blanks */
} Case;

static const Case cases[] = {
  { "nothing", 1024, 0, 0, 8, .expected = "" },
  { "just enough memory", 300, 20, 24, 8, .expected = "" },
  { "one MiB too little", 300, 20, 25, 8, .expected = "VMS4011" },
  { "reserve beyond all", 10, 20, 0, 8, .expected = "VMS4011" },
  { "no disk", 1024, 0, 0, 0, .expected = "VMS4034,FAA4" },
  { "another disk", 1024, 0, 0, 9, .expected = "UMZ0105,FAA4,8388608 BYTES,9437184 BYTES" },
  { "index taken", 1024, 0, 0, 8, "u-2", .expected = "VMS4012,12" },
  { "index ours", 1024, 0, 0, 8, "u-1", .expected = "" },
  { "name taken", 1024, 0, 0, 8, NULL, "VM12", "u-2", "X", .expected = "VMS4013,VM12" },
  { "uuid taken", 1024, 0, 0, 8, NULL, "OTHER", "u-1", "X", .expected = "UMZ0112,u-1,OTHER" },
  { "held", 1024, 0, 0, 8, NULL, "B", "u-2", "FAA4", UMZ_VM_STATE_RUNNING,
    .expected = "VMS2437,FAA4" },
  { "held by one that is down", 1024, 0, 0, 8, NULL, "B", "u-2", "FAA4", UMZ_VM_STATE_DOWN,
    .expected = "VMS2437,FAA4" },
  { "of a definition", 1024, 0, 0, 8, NULL, "B", "u-2", "FAA4", UMZ_VM_STATE_DEFINED_ONLY,
    .expected = "" },
  { "both share", 1024, 0, 0, 8, NULL, "B", "u-2", "FAA4", UMZ_VM_STATE_RUNNING, true, true,
    .expected = "" },
  { "only we share", 1024, 0, 0, 8, NULL, "B", "u-2", "FAA4", UMZ_VM_STATE_RUNNING, true, false,
    .expected = "VMS2437,FAA4" },
  { "only the other shares", 1024, 0, 0, 8, NULL, "B", "u-2", "FAA4", UMZ_VM_STATE_IN_HOLD, false,
    true, .expected = "VMS2437,FAA4" },
  { "three at once", 10, 0, 0, 0, NULL, "B", "u-2", "FAA4", UMZ_VM_STATE_RUNNING,
    .expected = "VMS4011 VMS4034,FAA4 VMS2437,FAA4" },
};

/* A VM that is there, with a disk of its own. */
static UmzVm *
make_other (const Case *c)
{
  UmzVm *vm = umz_vm_new ();
  vm->name = g_strdup (c->other_name);
  vm->uuid = g_strdup (c->other_uuid);
  vm->state = c->other_state;
  UmzDevice *disk = umz_device_new (c->other_mn, UMZ_DEVICE_DISK);
  g_free (disk->source);
  disk->source = g_strdup_printf ("nbd://h:1/%s", c->other_mn);
  disk->is_shared = c->is_other_shared;
  g_ptr_array_add (vm->devices, disk);
  return vm;
}

static void
test_room (const void *data)
{
  const Case *c = data;
  g_auto (UmzWorld) w;
  umz_world_make (&w);
  UmzRoomFacts *room = &w.target.room;
  room->available_bytes = c->available_mib * MIB;
  room->reserve_bytes = c->reserve_mib * MIB;
  room->promised_bytes = c->promised_mib * MIB;
  room->names.index_owner = (char *) c->owner;
  w.disk->is_shared = c->is_shared;
  w.there[0].size_bytes = c->there_mib * MIB;
  if (c->other_name != NULL)
    g_ptr_array_add (room->names.vms, make_other (c));
  umz_precheck_target (w.vm, &w.target, w.findings);
  g_autofree char *reasons = umz_world_join_reasons (&w);
  g_assert_cmpstr (reasons, ==, c->expected);
}

/* What does not travel need not be at the target. */
static void
test_left_behind (void)
{
  g_auto (UmzWorld) w;
  umz_world_make (&w);
  w.disk->is_local = true;
  w.there[0] = (UmzDeviceFacts){ 0 };
  umz_precheck_target (w.vm, &w.target, w.findings);
  g_assert_cmpuint (w.findings->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/target-checks/each-finds-its-conflict-and-nothing-when-cured", test_checks);
  g_test_add_func ("/target-checks/what-is-left-behind-need-not-be-there", test_left_behind);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *name = g_strdup_printf ("/target-checks/%s", cases[i].name);
    g_test_add_data_func (name, &cases[i], test_room);
  }
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/precheck.h"

#include "messages/catalogue.h"

#define MIB (UINT64_C (1) << 20)

static const UmzSuFacts su = { .certificate_left_s = INT64_MAX,
                               .libvirt_auth = "none",
                               .lock_manager = "",
                               .arbiter_silence = "" };

static UmzVm *
make_vm (const char *name, const char *uuid, const char *mn, bool is_shared)
{
  UmzVm *vm = umz_vm_new ();
  vm->name = g_strdup (name);
  vm->uuid = g_strdup (uuid);
  vm->index = 12;
  vm->state = UMZ_VM_STATE_RUNNING;
  vm->memory_bytes = 256 * MIB;
  vm->cpu_model = g_strdup ("");
  vm->numa_nodes = g_strdup ("");
  vm->pinned_cpus = g_strdup ("");
  UmzDevice *disk = umz_device_new (mn, UMZ_DEVICE_DISK);
  g_free (disk->source);
  disk->source = g_strdup_printf ("nbd://h:1/%s", mn);
  disk->size_bytes = 8 * MIB;
  disk->is_shared = is_shared;
  g_ptr_array_add (vm->devices, disk);
  return vm;
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
test_target (const void *data)
{
  const Case *c = data;
  g_autoptr (UmzVm) vm = make_vm ("VM12", "u-1", "FAA4", c->is_shared);
  g_autoptr (GPtrArray) vms = g_ptr_array_new_with_free_func ((GDestroyNotify) umz_vm_free);
  g_autoptr (GPtrArray) findings =
    g_ptr_array_new_with_free_func ((GDestroyNotify) umz_notice_free);
  if (c->other_name != NULL) {
    UmzVm *other = make_vm (c->other_name, c->other_uuid, c->other_mn, c->is_other_shared);
    other->state = c->other_state;
    g_ptr_array_add (vms, other);
  }
  const UmzDiskFacts disk = { .size_bytes = c->there_mib * MIB };
  const UmzTargetFacts facts = { .su = &su,
                                 .is_active = true,
                                 .can_define = true,
                                 .numa_nodes = "0",
                                 .cpus = "0",
                                 .has_emulator = true,
                                 .has_machine = true,
                                 .n_indexes_free = 1,
                                 .vms = vms,
                                 .available_bytes = c->available_mib * MIB,
                                 .reserve_bytes = c->reserve_mib * MIB,
                                 .promised_bytes = c->promised_mib * MIB,
                                 .index_owner = c->owner,
                                 .disks = &disk };
  umz_precheck_target (vm, &facts, findings);
  g_autofree char *reasons = join_reasons (findings);
  g_assert_cmpstr (reasons, ==, c->expected);
}

static void
test_source (void)
{
  static const struct {
    UmzVmState state;
    const char *expected;
    UmzDeviceKind kind;
    bool is_local, is_boot, is_alias, is_fixed, must_run;
  } rows[] = {
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
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (UmzVm) vm = make_vm ("VM12", "u-1", "FAA4", false);
    g_autoptr (GPtrArray) findings =
      g_ptr_array_new_with_free_func ((GDestroyNotify) umz_notice_free);
    UmzDevice *device = vm->devices->pdata[0];
    vm->state = rows[i].state;
    vm->must_run = rows[i].must_run;
    device->kind = rows[i].kind;
    device->is_local = rows[i].is_local;
    device->is_boot = rows[i].is_boot;
    device->is_alias = rows[i].is_alias;
    device->is_detachable = !rows[i].is_fixed;
    const UmzDomainFacts domain = { 0 };
    umz_precheck_source (
      vm, &(UmzSourceFacts){ .su = &su, .target_su = "THERE", .domain = &domain }, findings);
    g_autofree char *reasons = join_reasons (findings);
    g_assert_cmpstr (reasons, ==, rows[i].expected);
    bool is_warning = rows[i].expected[0] == '\0' || g_str_has_prefix (reasons, "VMS2471");
    g_assert_cmpint (umz_precheck_has_conflict (findings), ==, !is_warning);
  }
}

/* What does not travel need not be at the target. */
static void
test_left_behind (void)
{
  g_autoptr (UmzVm) vm = make_vm ("VM12", "u-1", "FAA4", false);
  g_autoptr (GPtrArray) vms = g_ptr_array_new ();
  g_autoptr (GPtrArray) findings =
    g_ptr_array_new_with_free_func ((GDestroyNotify) umz_notice_free);
  const UmzDiskFacts disk = { 0 };
  const UmzTargetFacts facts = { .su = &su,
                                 .is_active = true,
                                 .can_define = true,
                                 .numa_nodes = "0",
                                 .cpus = "0",
                                 .has_emulator = true,
                                 .has_machine = true,
                                 .vms = vms,
                                 .available_bytes = 1024 * MIB,
                                 .disks = &disk };
  ((UmzDevice *) vm->devices->pdata[0])->is_local = true;
  umz_precheck_target (vm, &facts, findings);
  g_assert_cmpuint (findings->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/precheck/source", test_source);
  g_test_add_func ("/precheck/target-does-not-ask-for-what-is-left-behind", test_left_behind);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *name = g_strdup_printf ("/precheck/target/%s", cases[i].name);
    g_test_add_data_func (name, &cases[i], test_target);
  }
  return g_test_run ();
}

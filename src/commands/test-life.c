/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands/test-desk.h"

#include "hypervisor/test-libvirt.h"
#include "store/partners.h"
#include "su/ownership.h"

static const UmzTestVm vms[] = {
  { "RUNS", 2, UMZ_VM_STATE_RUNNING, NULL },
  { "HELD", 3, UMZ_VM_STATE_IN_HOLD, NULL },
  { "FRESH", 4, UMZ_VM_STATE_INIT_ONLY, NULL },
  { "OFF", 5, UMZ_VM_STATE_DOWN, NULL },
  { "PLAN", 0, UMZ_VM_STATE_DEFINED_ONLY, NULL },
};

static UmzTestSite *
make_site (UmzSuType type)
{
  UmzTestSite *site = umz_test_site_new (type, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (vms); i++)
    umz_test_unit_add (&site->here, &vms[i]);
  return site;
}

static void
test_one (void)
{
  static const UmzTestStep steps[] = {
    { "HOLD-VM RUNS", .said = "VMS2000", .shows = "(2,RUNS)" },
    { "SHOW-VM-ATTRIBUTES ,2", .shows = "IN HOLD" },
    { "HOLD-VM 2", .end = "1 0 CMD0001" },
    { "SHUTDOWN-VM 2", .said = "VMS4612", .end = "0 64 VMS4612" },
    { "RESUME-VM 2", .said = "VMS2012" },
    { "RESUME-VM 2", .end = "1 0 CMD0001" },
    { "START-VM OFF", .said = "VMS3000" },
    { "START-VM OFF", .end = "1 0 CMD0001" },
    { "SHUTDOWN-VM OFF", .said = "VMS3000" },
    { "SHUTDOWN-VM OFF", .end = "1 0 CMD0001" },
    { "HOLD-VM OFF", .said = "VMS4612", .end = "0 64 VMS4612" },
    { "START-VM OFF,HOLD=*YES", .said = "VMS3000" },
    { "SHOW-VM-ATTRIBUTES ,OFF", .shows = "IN HOLD" },
    { "START-VM OFF,HOLD=*YES", .end = "1 0 CMD0001" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* What has never run is INIT-ONLY until it may have run. */
static void
test_init_only (void)
{
  static const UmzTestStep steps[] = {
    { "SHOW-VM-ATTRIBUTES ,FRESH", .shows = "INIT-ONLY" },
    { "RESUME-VM FRESH", .said = "VMS4612", .end = "0 64 VMS4612" },
    { "START-VM FRESH,HOLD=*YES", .said = "VMS3000" },
    { "SHOW-VM-ATTRIBUTES ,FRESH", .shows = "IN HOLD" },
    { "RESUME-VM FRESH", .said = "VMS2012" },
    { "START-VM NEW", .said = "VMS3000" },
    { "SHOW-VM-ATTRIBUTES ,NEW", .shows = "RUNNING" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  umz_test_unit_add (&site->here, &(UmzTestVm){ "NEW", 6, UMZ_VM_STATE_INIT_ONLY });
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

static void
test_all (void)
{
  static const UmzTestStep steps[] = {
    { "HOLD-VM *ALL", .said = "VMS2000", .shows = "RUNS" },
    { "HOLD-VM *ALL" },
    { "RESUME-VM *ALL", .said = "VMS2012 VMS2012", .shows = "HELD", .hides = "FRESH" },
    { "SHUTDOWN-VM *VM-GUESTS", .said = "VMS3000 VMS3000" },
    { "SHOW-VM-ATTRIBUTES", .hides = "RUNNING" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

static void
test_missing (void)
{
  static const UmzTestStep steps[] = {
    { "START-VM NOSUCH", .said = "VMS4000", .end = "0 64 VMS4000", .shows = "(,NOSUCH)" },
    { "START-VM 99", .said = "VMS4000", .end = "0 64 VMS4000", .shows = "(99,)" },
    { "START-VM PLAN", .said = "VMS4000", .end = "0 64 VMS4000" },
    { "SHUTDOWN-VM 1", .said = "VMS9001", .end = "0 64 VMS9001" },
    { "HOLD-VM twin", .said = "VMS2000", .shows = "(7,twin)" },
    { "HOLD-VM 'TWIN'", .said = "VMS2000", .shows = "(8,TWIN)" },
    { "HOLD-VM Twin", .said = "UMZ0020", .end = "0 64 UMZ0020", .shows = "twin, TWIN" },
    { "HOLD-VM runs", .said = "VMS2000", .shows = "(2,RUNS)" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  umz_test_unit_add (&site->here, &(UmzTestVm){ "twin", 7, UMZ_VM_STATE_RUNNING });
  umz_test_unit_add (&site->here, &(UmzTestVm){ "TWIN", 8, UMZ_VM_STATE_RUNNING });
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

static void
test_x86 (void)
{
  static const UmzTestStep steps[] = {
    { "HOLD-VM RUNS", .said = "VMS3011", .end = "0 64 VMS9004", .shows = "HOLD-VM" },
    { "RESUME-VM *ALL", .said = "VMS3011", .end = "0 64 VMS9004" },
    { "START-VM OFF,HOLD=*YES", .said = "VMS3011", .end = "0 64 VMS9004", .shows = "HOLD=*YES" },
    { "START-VM OFF", .said = "VMS3000" },
    { "SHUTDOWN-VM RUNS", .said = "VMS3000" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_X86);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

static void
test_failing (void)
{
  static const UmzTestStep steps[] = {
    { "HOLD-VM RUNS", .said = "UMZ0122", .end = "0 64 UMZ0122", .fails = "virDomainSuspend" },
    { "RESUME-VM HELD", .said = "UMZ0122", .end = "0 64 UMZ0122", .fails = "virDomainResume" },
    { "SHUTDOWN-VM RUNS", .said = "UMZ0122", .end = "0 64 UMZ0122", .fails = "virDomainShutdown" },
    { "START-VM OFF", .said = "UMZ0122", .end = "0 64 UMZ0122",
      .fails = "virDomainCreateWithFlags" },
    { "START-VM 5", .said = "UMZ0122", .end = "0 64 UMZ0122", .fails = "virConnectListAllDomains" },
    { "SHUTDOWN-VM *VM-GUESTS", .said = "UMZ0122", .end = "0 64 UMZ0122",
      .fails = "virConnectListAllDomains" },
    { "SHOW-VM-ATTRIBUTES ,2", .shows = "RUNNING" },
    { "SHOW-VM-ATTRIBUTES ,OFF", .shows = "DOWN" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* The target does not answer yet, so OFF moves as long as the test wants. */
static void
test_moving (void)
{
  static const UmzTestStep steps[] = {
    { "MIGRATE-VM OFF" },
    { "START-VM OFF", .said = "VMS3042", .end = "0 64 VMS3042", .shows = "START-VM" },
    { "HOLD-VM OFF", .said = "VMS3042", .end = "0 64 VMS3042" },
    { "HOLD-VM *ALL", .said = "VMS2000 VMS3041", .end = "0 64 VMS9005", .shows = "(5,OFF)" },
    { "SHOW-VM-ATTRIBUTES ,OFF", .shows = "DOWN(MIGR)" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  umz_test_unit_hold (&site->there, "/begin");
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
  umz_test_unit_hold (&site->there, NULL);
  umz_test_site_settle (site);
  g_assert_cmpint (
    umz_test_libvirt_get_state (site->here.uri, umz_test_vm_get_uuid ("OFF"), NULL), ==, -1);
}

/* Another SU has taken the definition over while this one was off. */
static void
test_lost (void)
{
  static const UmzTestStep steps[] = {
    { "START-VM OFF", .said = "UMZ0233", .end = "0 64 UMZ0233", .shows = "ABGSE701" },
    { "START-VM OFF,HOLD=*YES", .said = "UMZ0233", .end = "0 64 UMZ0233" },
    { "START-VM FRESH", .said = "VMS3000" },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  g_autoptr (UmzTakeover) takeover =
    umz_takeover_new ("t-1", "ABGSE701", umz_test_vm_get_uuid ("OFF"), "OFF",
                      UMZ_TAKEOVER_LOST);
  umz_store_put_takeover (site->here.app->store, takeover, &error);
  g_assert_no_error (error);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* The host has started anew, and no other SU has said yet that the VMs are still ours. */
static void
test_unconfirmed (void)
{
  static const UmzTestStep steps[] = {
    { "START-VM OFF", .said = "UMZ0213", .end = "0 64 UMZ0213" },
    { "START-VM OFF,HOLD=*YES", .said = "UMZ0213", .end = "0 64 UMZ0213" },
    { "SHOW-VM-ATTRIBUTES ,OFF", .shows = "NOT RUNNABLE" },
    { "ACTIVATE-VM-DEFINITION PLAN", .said = "UMZ0213", .end = "0 64 UMZ0213" },
    { "START-VM FRESH", .said = "VMS3000" },
    { "CONFIRM-VM-OWNERSHIP NOSUCH", .said = "VMS2300", .end = "0 64 VMS2300" },
    { "CONFIRM-VM-OWNERSHIP OFF", .said = "UMZ0214", .end = "0 64 UMZ0214", .shows = "ABGSE701" },
    { "CONFIRM-VM-OWNERSHIP OFF,ABGSE999", .said = "UMZ0214", .end = "0 64 UMZ0214" },
    { "CONFIRM-VM-OWNERSHIP OFF,abgse701", .said = "UMZ0215", .shows = "TSOS" },
    { "CONFIRM-VM-OWNERSHIP OFF,ABGSE701", .said = "UMZ0216", .end = "0 64 UMZ0216" },
    { "START-VM OFF", .said = "VMS3000" },
    { "START-VM OTHER", .said = "UMZ0213", .end = "0 64 UMZ0213" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  umz_test_unit_add (&site->here, &(UmzTestVm){ "OTHER", 6, UMZ_VM_STATE_DOWN });
  umz_ownership_begin (site->here.app);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/life/changes-one-vm", test_one);
  g_test_add_func ("/life/keeps-a-vm-init-only-until-it-may-have-run", test_init_only);
  g_test_add_func ("/life/changes-all-that-can-be-changed", test_all);
  g_test_add_func ("/life/says-which-vm-is-not-there", test_missing);
  g_test_add_func ("/life/has-no-hold-on-x86", test_x86);
  g_test_add_func ("/life/says-what-libvirt-says-and-changes-nothing", test_failing);
  g_test_add_func ("/life/leaves-a-vm-alone-that-moves", test_moving);
  g_test_add_func ("/life/starts-nothing-that-was-lost", test_lost);
  g_test_add_func ("/life/starts-nothing-that-is-not-confirmed", test_unconfirmed);
  return g_test_run ();
}

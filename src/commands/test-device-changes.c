/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands/test-desk.h"

#include <errno.h>

#include "hypervisor/test-libvirt.h"
#include "store/free-devices.h"
#include "store/test-disk.h"

#define DISK(mn, path, dev, more)                                                               \
  "<disk type='file' device='disk'><source file='" path "'/><target dev='" dev "' bus='scsi'/>" \
  "<alias name='ua-" mn "'/>" more "</disk>"
#define SHARED "<shareable/>"
#define LAN \
  "<interface type='network'><source network='default'/><alias name='ua-LAN1'/></interface>"
#define CONSOLE "<serial type='pty'><alias name='ua-CS'/></serial>"

static UmzTestSite *
make_site (UmzSuType type)
{
  static const UmzTestVm vms[] = {
    { "RUNS", 2, UMZ_VM_STATE_RUNNING,
      DISK ("FAA4", "/srv/a", "sda", "") DISK ("FAB0", "/srv/b", "sdb", SHARED) LAN CONSOLE },
    { "HELD", 3, UMZ_VM_STATE_IN_HOLD, DISK ("FAC0", "/srv/c", "sda", "") },
    { "OFF", 5, UMZ_VM_STATE_DOWN, DISK ("FAB0", "/srv/b", "sda", SHARED) },
    { "PLAN", 0, UMZ_VM_STATE_DEFINED_ONLY, DISK ("FAD0", "/srv/d", "sda", "") },
  };
  UmzTestSite *site = umz_test_site_new (type, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (vms); i++)
    umz_test_unit_add (&site->here, &vms[i]);
  return site;
}

static void
play (UmzSuType type, const UmzTestStep *steps, size_t n_steps)
{
  g_autoptr (UmzTestSite) site = make_site (type);
  umz_test_desk_play (site, steps, n_steps);
}

/* ---- REMOVE- and ADD-VM-DEVICES ---- */

static void
test_there_and_back (void)
{
  static const UmzTestStep steps[] = {
    { "REMOVE-VM-DEVICES FAA4,RUNS", .said = "VMS4009", .shows = "FAA4" },
    { "SHOW-VM-DEVICE-STATUS FAA4", .shows = "UNASSIGNED" },
    { "REMOVE-VM-DEVICES FAA4,RUNS", .said = "VMS4034", .end = "0 64 VMS4034" },
    { "ADD-VM-DEVICES FAA4,OFF", .said = "VMS4005", .shows = "(5,OFF)" },
    { "SHOW-VM-DEVICE-STATUS FAA4", .shows = "EXCLUSIVE  5 OFF" },
    { "ADD-VM-DEVICES FAA4,RUNS", .said = "UMZ0023", .end = "0 64 UMZ0023", .shows = "(5,OFF)" },
    { "REMOVE-VM-DEVICES *ALL,OFF", .said = "VMS4009 VMS4009" },
    { "SHOW-VM-DEVICE-STATUS FAA4", .shows = "UNASSIGNED" },
    { "SHOW-VM-DEVICE-STATUS FAB0", .hides = "UNASSIGNED" }, /* RUNS has it too */
    { "ADD-VM-DEVICES *DEVICE-RANGE(FAA0,FAA9),OFF", .said = "VMS4005", .shows = "FAA4" },
  };
  play (UMZ_SU_TYPE_X86, steps, G_N_ELEMENTS (steps));
}

static void
test_shared (void)
{
  static const UmzTestStep steps[] = {
    { "ADD-VM-DEVICES FAB0,HELD", .said = "UMZ0023", .end = "0 64 UMZ0023" },
    { "ADD-VM-DEVICES FAB0,HELD,TYPE=*SD", .said = "VMS4005", .shows = "(TYPE=SD)" },
    { "ADD-VM-DEVICES FAB0,HELD,TYPE=*SD", .said = "UMZ0023", .end = "0 64 UMZ0023" },
    { "ADD-VM-DEVICES FAA4,HELD,TYPE=*SD", .said = "UMZ0023", .end = "0 64 UMZ0023" },
    { "SHOW-VM-DEVICE-STATUS FAB0", .shows = "SHARED     3 HELD" },
  };
  play (UMZ_SU_TYPE_X86, steps, G_N_ELEMENTS (steps));
}

static void
test_unknown (void)
{
  static const UmzTestStep steps[] = {
    { "ADD-VM-DEVICES (FAA4,NOSUCH),OFF", .said = "UMZ0023 VMS4034", .end = "0 64 VMS4034" },
    { "ADD-VM-DEVICES FAD0,OFF", .said = "VMS4034", .end = "0 64 VMS4034" },
    { "ADD-VM-DEVICES FAA4,NOSUCH", .said = "VMS4000", .end = "0 64 VMS4000" },
    { "REMOVE-VM-DEVICES CS,RUNS", .said = "UMZ0026", .end = "0 64 UMZ0026" },
    { "REMOVE-VM-DEVICES FAX*,RUNS" },
    { "REMOVE-VM-DEVICES FAA4,PLAN", .said = "VMS4000", .end = "0 64 VMS4000" },
    { "SWITCH-VM-DEVICES FAA4,RUNS,NOSUCH", .said = "VMS4000", .end = "0 64 VMS4000" },
    { "SWITCH-VM-DEVICES FAC0,RUNS,OFF", .said = "VMS4034", .end = "0 64 VMS4034" },
  };
  play (UMZ_SU_TYPE_X86, steps, G_N_ELEMENTS (steps));
}

/* ---- whether a guest gives it away ---- */

static void
test_used (void)
{
  static const UmzTestStep steps[] = {
    { "REMOVE-VM-DEVICES FAC0,HELD", .said = "VMS4003", .end = "0 64 VMS4003" },
    { "REMOVE-VM-DEVICES FAC0,HELD,FORCE=*YES", .said = "VMS4009" },
  };
  static const UmzTestStep on_390[] = {
    { "REMOVE-VM-DEVICES FAA4,RUNS", .said = "VMS4003", .end = "0 64 VMS4003" },
    { "REMOVE-VM-DEVICES FAA4,RUNS,FORCE=*YES", .said = "VMS4009" },
    { "REMOVE-VM-DEVICES FAB0,OFF", .said = "VMS4009" },
  };
  play (UMZ_SU_TYPE_X86, steps, G_N_ELEMENTS (steps));
  play (UMZ_SU_TYPE_390, on_390, G_N_ELEMENTS (on_390));
}

static void
test_failing (void)
{
  static const UmzTestStep steps[] = {
    { "REMOVE-VM-DEVICES FAA4,RUNS", .said = "UMZ0122", .end = "0 64 UMZ0122",
      .fails = "virDomainDetachDeviceFlags" },
    { "REMOVE-VM-DEVICES FAA4,RUNS", .said = "UMZ0122", .end = "0 64 UMZ0122",
      .fails = "virConnectListAllDomains" },
    { "SHOW-VM-DEVICE-STATUS FAA4", .shows = "2 RUNS" },
    { "REMOVE-VM-DEVICES FAA4,RUNS", .said = "VMS4009" },
    { "ADD-VM-DEVICES FAA4,OFF", .said = "UMZ0122", .end = "0 64 UMZ0122",
      .fails = "virDomainAttachDeviceFlags" },
    { "SHOW-VM-DEVICE-STATUS FAA4", .shows = "UNASSIGNED" },
    { "ADD-VM-DEVICES FAA4,OFF", .said = "UMZ0122", .end = "0 64 UMZ0122",
      .fails = "virConnectListAllDomains" },
  };
  play (UMZ_SU_TYPE_X86, steps, G_N_ELEMENTS (steps));
}

/* The store keeps one free device of a name: another one of that name would be lost. */
static void
test_taken_name (void)
{
  static const UmzTestStep steps[] = {
    { "REMOVE-VM-DEVICES FAA4,RUNS", .said = "UMZ0027", .end = "0 64 UMZ0027" },
    { "SHOW-VM-DEVICE-STATUS FAA4", .shows = "2 RUNS" },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_X86);
  umz_store_put_device (site->here.app->store, "FAA4", "file:/srv/other",
                        DISK ("FAA4", "/srv/other", "sda", ""), &error);
  g_assert_no_error (error);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* ---- SWITCH-VM-DEVICES ---- */

static void
test_switch (void)
{
  static const UmzTestStep steps[] = {
    { "SWITCH-VM-DEVICES FAA4,RUNS,OFF", .said = "VMS4009 VMS4005", .shows = "(5,OFF)" },
    { "SHOW-VM-DEVICE-STATUS FAA4", .shows = "5 OFF" },
    { "SWITCH-VM-DEVICES FAA4,OFF,RUNS", .said = "VMS4009 UMZ0122 VMS4005", .end = "0 64 UMZ0122",
      .fails = "virDomainAttachDeviceFlags" },
    { "SHOW-VM-DEVICE-STATUS FAA4", .shows = "5 OFF" },
    { "SWITCH-VM-DEVICES FAC0,HELD,OFF", .said = "VMS4003", .end = "0 64 VMS4003" },
    { "SWITCH-VM-DEVICES FAC0,HELD,OFF,FORCE=*YES", .said = "VMS4009 VMS4005" },
  };
  play (UMZ_SU_TYPE_X86, steps, G_N_ELEMENTS (steps));
}

/* What cannot be noted is not taken away. */
static void
test_unwritable (void)
{
  static const UmzTestStep steps[] = {
    { "REMOVE-VM-DEVICES FAA4,RUNS", .said = "UMZ0300", .end = "0 64 UMZ0300" },
    { "SWITCH-VM-DEVICES FAA4,RUNS,OFF", .said = "UMZ0300", .end = "0 64 UMZ0300" },
  };
  static const UmzTestStep healed[] = {
    { "SHOW-VM-DEVICE-STATUS FAA4", .shows = "2 RUNS", .hides = "UNASSIGNED" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_X86);
  GLogLevelFlags before =
    g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL); /* of the console, too */
  umz_test_disk_fail (site->here.app->config->state_dir, 1, EROFS);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
  umz_test_disk_heal ();
  umz_test_desk_play (site, healed, G_N_ELEMENTS (healed));
  g_log_set_always_fatal (before);
}

/* As a crash leaves it between the note and the deed. */
static void
test_noted_only (void)
{
  static const UmzTestStep steps[] = {
    { "SHOW-VM-DEVICE-STATUS FAA4", .shows = "2 RUNS", .hides = "UNASSIGNED" },
    { "ADD-VM-DEVICES FAA4,OFF", .said = "UMZ0023", .end = "0 64 UMZ0023" },
    { "REMOVE-VM-DEVICES FAA4,RUNS", .said = "VMS4009" },
    { "ADD-VM-DEVICES FAA4,OFF", .said = "VMS4005", .shows = "(5,OFF)" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_X86);
  g_assert_true (umz_store_put_device (site->here.app->store, "FAA4", "file:/srv/a",
                                       DISK ("FAA4", "/srv/a", "sda", ""), NULL));
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* Neither VM takes it: then nobody has it, and the SU keeps it. */
static void
test_nobody_takes (void)
{
  static const UmzTestStep steps[] = {
    { "SWITCH-VM-DEVICES FAA4,RUNS,OFF", .said = "VMS4009 UMZ0122", .end = "0 64 UMZ0122" },
    { "SHOW-VM-DEVICE-STATUS FAA4", .shows = "UNASSIGNED" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_X86);
  umz_test_libvirt_fail (site->here.uri, "virDomainAttachDeviceFlags", "not today");
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

static void
test_moving (void)
{
  static const UmzTestStep steps[] = {
    { "MIGRATE-VM IDLE" },
    { "REMOVE-VM-DEVICES *ALL,IDLE", .said = "VMS3042", .end = "0 64 VMS3042" },
    { "ADD-VM-DEVICES FAA4,IDLE", .said = "VMS3042", .end = "0 64 VMS3042" },
    { "SWITCH-VM-DEVICES FAA4,RUNS,IDLE", .said = "VMS3042", .end = "0 64 VMS3042" },
    { "SWITCH-VM-DEVICES FAA4,IDLE,RUNS", .said = "VMS3042", .end = "0 64 VMS3042" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_X86);
  umz_test_unit_add (&site->here, &(UmzTestVm){ "IDLE", 6, UMZ_VM_STATE_DOWN });
  umz_test_unit_hold (&site->there, "/begin");
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
  umz_test_unit_hold (&site->there, NULL);
  umz_test_site_settle (site);
}

/* ---- SHOW-VM-DEVICE-STATUS ---- */

static void
test_show (void)
{
  static const UmzTestStep steps[] = {
    { "REMOVE-VM-DEVICES FAA4,RUNS", .said = "VMS4009" },
    { "SHOW-VM-DEVICE-STATUS", .shows = "CS        CONSOLE  ASSIGNED", .hides = "FAD0" },
    { "SHOW-VM-DEVICE-STATUS LAN1", .shows = "LAN      ASSIGNED    VM-ADMIN  EXCLUSIVE  2 RUNS" },
    { "SHOW-VM-DEVICE-STATUS FA*", .shows = "FAC0", .hides = "LAN1" },
    { "SHOW-VM-DEVICE-STATUS (LAN1,FAC0)", .shows = "FAC0", .hides = "FAB0" },
    { "SHOW-VM-DEVICE-STATUS *DEVICE-RANGE(FAB0,FAC0)", .shows = "FAB0", .hides = "FAA4" },
    { "SHOW-VM-DEVICE-STATUS *DEVICE-RANGE(A,Z)", .hides = "FAA4" },
    { "SHOW-VM-DEVICE-STATUS *ALL,(*DISPOSABLE)", .shows = "FAA4", .hides = "FAB0" },
    { "SHOW-VM-DEVICE-STATUS *ALL,(*ASSIGNED)", .shows = "FAB0", .hides = "FAA4" },
    { "SHOW-VM-DEVICE-STATUS *ALL,(*ASSIGNED(*SHARED))", .shows = "FAB0", .hides = "FAC0" },
    { "SHOW-VM-DEVICE-STATUS *ALL,(*ASSIGNED(*EXCLUSIVE))", .shows = "FAC0", .hides = "FAB0" },
    { "SHOW-VM-DEVICE-STATUS *ALL,(*ASSIGNED(*ANY,3))", .shows = "FAC0", .hides = "FAB0" },
    { "SHOW-VM-DEVICE-STATUS NOSUCH", .said = "VMS4034", .end = "0 64 VMS4034" },
    { "SHOW-VM-DEVICE-STATUS X*" },
    { "SHOW-VM-DEVICE-STATUS", .said = "UMZ0122", .end = "0 64 UMZ0122",
      .fails = "virConnectListAllDomains" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_X86);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
  g_autoptr (UmzTestAnswer) answer =
    umz_test_desk_give (site->here.app, "SHOW-VM-DEVICE-STATUS FAC0");
  g_assert_cmpstr (answer->data, ==,
                   "[{\"mn\":\"FAC0\",\"state\":\"ASSIGNED\",\"kind\":\"DISK\",\"shared\":false,"
                   "\"vm_index\":3,\"vm_name\":\"HELD\"}]");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/device-changes/take-a-device-away-and-give-it", test_there_and_back);
  g_test_add_func ("/device-changes/give-to-several-only-what-is-shared", test_shared);
  g_test_add_func ("/device-changes/say-what-is-not-there-to-be-changed", test_unknown);
  g_test_add_func ("/device-changes/leave-a-guest-what-it-may-use", test_used);
  g_test_add_func ("/device-changes/say-what-libvirt-says-and-change-nothing", test_failing);
  g_test_add_func ("/device-changes/lose-no-device-for-its-name", test_taken_name);
  g_test_add_func ("/device-changes/switch-a-device-or-give-it-back", test_switch);
  g_test_add_func ("/device-changes/note-before-they-take", test_unwritable);
  g_test_add_func ("/device-changes/do-not-take-a-note-for-the-deed", test_noted_only);
  g_test_add_func ("/device-changes/keep-what-nobody-takes", test_nobody_takes);
  g_test_add_func ("/device-changes/leave-a-vm-alone-that-moves", test_moving);
  g_test_add_func ("/devices/are-shown-as-they-are-selected", test_show);
  return g_test_run ();
}

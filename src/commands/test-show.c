/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-show.c: what the SHOW commands show of VMs, of the SU and of its partners. */
#include "commands/test-desk.h"

#include <unistd.h>

#include "engine/test-peer.h"
#include "hypervisor/test-libvirt.h"
#include "mirrors/mirrors.h"
#include "store/history.h"
#include "store/partners.h"

#define DISK                                                                              \
  "<disk type='file' device='disk'><source file='/srv/a'/><target dev='sda' bus='scsi'/>" \
  "<alias name='ua-FAA4'/></disk>"
#define SHARED_DISK                                                                       \
  "<disk type='file' device='disk'><source file='/srv/s'/><target dev='sdb' bus='scsi'/>" \
  "<shareable/><alias name='ua-FAB0'/></disk>"

static UmzTestSite *
make_site (void)
{
  static const UmzTestVm vms[] = {
    { "RUNS", 2, UMZ_VM_STATE_RUNNING, DISK SHARED_DISK },
    { "HELD", 3, UMZ_VM_STATE_IN_HOLD, NULL },
    { "OFF", 5, UMZ_VM_STATE_DOWN, NULL },
    { "PLAN", 0, UMZ_VM_STATE_DEFINED_ONLY, NULL },
  };
  UmzTestSite *site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (vms); i++)
    umz_test_unit_add (&site->here, &vms[i]);
  return site;
}

static void
play (const UmzTestStep *steps, size_t n_steps)
{
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_desk_play (site, steps, n_steps);
}

static void
test_attributes (void)
{
  static const UmzTestStep steps[] = {
    { "SHOW-VM-ATTRIBUTES", .shows = " 5 OFF", .hides = "PLAN" },
    { "SHOW-VM-ATTRIBUTES ,2", .shows = "64  YES  RUNNING", .hides = "HELD" },
    { "SHOW-VM-ATTRIBUTES ,H*", .shows = "HELD", .hides = "RUNS" },
    { "SHOW-VM-ATTRIBUTES ,X*" },
    { "SHOW-VM-ATTRIBUTES ,PLAN", .said = "VMS4000", .end = "0 64 VMS4000" },
    { "SHOW-VM-ATTRIBUTES *CPU,2", .shows = " 2 RUNS          1  s390x    *STD" },
    { "SHOW-VM-ATTRIBUTES *MEMORY,2", .shows = " 2 RUNS              64        64" },
    { "SHOW-VM-ATTRIBUTES *UNITS,2", .shows = "EXCL:   FAA4\n%              SHARED: FAB0" },
    { "SHOW-VM-ATTRIBUTES *UNITS,3", .shows = "*NONE" },
    { "SHOW-VM-ATTRIBUTES *MONJV,3", .shows = "MIGR-MONJV: *NONE" },
    { "SHOW-VM-ATTRIBUTES *ALL,2", .shows = "MIGR-MONJV: *NONE" },
    { "SHOW-VM-ATTRIBUTES", .said = "UMZ0122", .end = "0 64 UMZ0122",
      .fails = "virConnectListAllDomains" },
  };
  play (steps, G_N_ELEMENTS (steps));
}

static void
test_definitions (void)
{
  static const UmzTestStep steps[] = {
    { "SHOW-VM-DEFINITION", .shows = "  - PLAN       NO " },
    { "SHOW-VM-DEFINITION RUNS", .shows = "  2 RUNS       YES  YES  NO" },
    { "SHOW-VM-DEFINITION R*", .shows = "RUNS", .hides = "PLAN" },
    { "SHOW-VM-DEFINITION NOSUCH", .said = "VMS2300", .end = "0 64 VMS2300" },
    { "SHOW-VM-DEFINITION PLAN,*IPL", .shows = " - PLAN       HD       NO" },
    { "SHOW-VM-DEFINITION RUNS,*ALL", .shows = "SHARED: FAB0" },
    { "SHOW-VM-DEFINITION", .said = "UMZ0122", .end = "0 64 UMZ0122",
      .fails = "virConnectListAllDomains" },
  };
  play (steps, G_N_ELEMENTS (steps));
}

/* One that moves: here and there its state says so. */
static void
test_moving (void)
{
  static const UmzTestStep begin = { "MIGRATE-VM OFF,MONJV=MON.A" };
  static const UmzTestStep steps[] = {
    { "SHOW-VM-ATTRIBUTES ,OFF", .shows = "DOWN(MIGR)" },
    { "SHOW-VM-ATTRIBUTES *MONJV,OFF", .shows = "MIGR-MONJV: MON.A" },
    { "SHOW-VM-MIGRATION OFF,*ALL", .shows = "PHASE: setup" },
    { "SHOW-VM-RESOURCES *MONJV", .shows = "MIGR-MONJV: MON.A" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_unit_hold (&site->there, "/begin");
  umz_test_desk_play (site, &begin, 1);
  umz_test_unit_await_held (&site->there);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
  umz_test_unit_hold (&site->there, NULL);
  umz_test_site_settle (site);
}

static void
test_status (void)
{
  static const UmzTestStep steps[] = {
    { "SHOW-VM-STATUS", .shows = " 5 OFF             -        64         -        -  DOWN" },
    { "SHOW-VM-STATUS 2", .shows = "RUNNING", .hides = "OFF" },
    { "SHOW-VM-STATUS 2,*RECENT(10)", .shows = "RUNNING" },
    { "SHOW-VM-STATUS PLAN", .said = "VMS4000", .end = "0 64 VMS4000" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
  g_autoptr (UmzTestAnswer) answer = umz_test_desk_give (site->here.app, "SHOW-VM-STATUS 2,3");
  g_assert_cmpuint (answer->again_ms, ==, 3000);
}

static void
test_resources (void)
{
  static const UmzTestStep steps[] = {
    { "SHOW-VM-RESOURCES", .shows = "NOT INITIALIZED VMS:      95", .hides = "PLAN" },
    { "SHOW-VM-RESOURCES *CPU", .shows = "*STDPOOL" },
    { "SHOW-VM-RESOURCES *UNITS", .shows = "FAA4      DISK     ASSIGNED" },
    { "SHOW-VM-RESOURCES *MEMORY", .shows = "RESERVED FOR THE SU:           0" },
    { "SHOW-VM-RESOURCES *CONFIGURATION", .shows = "CONFIGURATION:         LAB" },
    { "SHOW-VM-RESOURCES *ALL", .shows = "MIGR-MONJV: *NONE", .hides = "CONFIGURATION:" },
    { "SHOW-VM-RESOURCES", .said = "UMZ0122", .end = "0 64 UMZ0122",
      .fails = "virConnectListAllDomains" },
  };
  play (steps, G_N_ELEMENTS (steps));
}

/* ---- the other SU ---- */

static void
test_cluster (void)
{
  static const UmzTestStep steps[] = {
    { "SHOW-SU-CLUSTER", .shows = "ABGSE701   ACTIVE         390  LAB                1" },
  };
  static const UmzTestStep cut[] = {
    { "SHOW-SU-CLUSTER", .said = "UMZ0321", .shows = "ABGSE701   NOT REACHABLE" },
  };
  static const UmzTestStep deactivated[] = {
    { "SHOW-SU-CLUSTER", .shows = "ABGSE501   DEACTIVATED    390  LAB                3" },
    { "SHOW-SU-CLUSTER", .shows = "ABGSE701   DEACTIVATED" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_unit_add (&site->there, &(UmzTestVm){ "THERE", 2, UMZ_VM_STATE_RUNNING });
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
  umz_test_peer_set_link (UMZ_TEST_LINK_REFUSED);
  umz_test_desk_play (site, cut, G_N_ELEMENTS (cut));
  umz_test_peer_set_link (UMZ_TEST_LINK_WHOLE);
  site->here.app->config->is_active = site->there.app->config->is_active = false;
  umz_test_desk_play (site, deactivated, G_N_ELEMENTS (deactivated));
}

static void
put_definition (UmzStore *store, const char *name, unsigned index)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzDefinitionRecord) record = umz_store_definition_record_new ();
  record->owner = g_strdup ("ABGSE701");
  record->uuid = g_strdup (umz_test_vm_get_uuid (name));
  record->name = g_strdup (name);
  record->xml = g_strdup ("<domain/>");
  record->index = index;
  record->is_active = index != 0;
  umz_store_put_definition (store, record, &error);
  g_assert_no_error (error);
}

static void
test_remote (void)
{
  static const UmzTestStep steps[] = {
    { "SHOW-VM-DEFINITION SERVER-UNIT-NAME=*REMOTE", .shows = "ABGSE701     9 AWAY       YES  -" },
    { "SHOW-VM-DEFINITION IDLE,SERVER-UNIT-NAME=abgse701", .shows = "- IDLE       NO",
      .hides = "AWAY" },
    { "SHOW-VM-DEFINITION A*,SERVER-UNIT-NAME=*REMOTE", .shows = "AWAY", .hides = "IDLE" },
    { "SHOW-VM-DEFINITION X*,SERVER-UNIT-NAME=*REMOTE" },
    { "SHOW-VM-DEFINITION RUNS,SERVER-UNIT-NAME=*REMOTE", .said = "VMS2300",
      .end = "0 64 VMS2300" },
    { "SHOW-VM-DEFINITION SERVER-UNIT-NAME=NOSUCH", .said = "VMS2400", .end = "0 64 VMS2400" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  put_definition (site->here.app->store, "AWAY", 9);
  put_definition (site->here.app->store, "IDLE", 0);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* ---- past moves ---- */

static void
put_outcome (UmzStore *store, const UmzOutcome *outcome, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzMoveRecord) move = umz_store_move_record_new ();
  move->id = g_uuid_string_random ();
  move->uuid = g_strdup (umz_test_vm_get_uuid (name));
  move->name = g_strdup (name);
  move->peer = g_strdup ("ABGSE701");
  move->index = 2;
  move->state = UMZ_STATE_GONE;
  move->begun_us = 1000 * G_USEC_PER_SEC;
  move->is_closed = true;
  umz_store_journal (store, move, "test", &error);
  g_assert_no_error (error);
  UmzOutcome ended = *outcome;
  ended.move = move;
  umz_store_put_outcome (store, &ended, &error);
  g_assert_no_error (error);
}

static void
test_migrations (void)
{
  static const UmzTestStep steps[] = {
    { "SHOW-VM-MIGRATION", .shows = "$T", .hides = "MEMORY:" },
    { "SHOW-VM-MIGRATION CODED,*ALL",
      .shows = "MEMORY: ENGINE VM2000 WITH MIRROR, 64.0 MB IN 8.0 MB, CPU 2.0 S\n"
               "%               PAGES: 1 FRESH, 2 CHANGED, 3 SAME, 4 ZERO\n"
               "%               EXPECTED: 6.0 S, STOP 90 MS, 9.0 MB" },
    { "SHOW-VM-MIGRATION CODED", .shows = "    5.0    70       8" },
    { "SHOW-VM-MIGRATION UNDONE,*ALL", .shows = "CAUSE: VMS2425", .hides = "PAGES" },
    { "SHOW-VM-MIGRATION 9", .hides = "CODED" },
  };
  static const UmzOutcome coded = {
    .status = (char *) "$T",
    .cause = (char *) "",
    .ended_us = 1005 * G_USEC_PER_SEC,
    .stopped_us = 70000,
    .expected = { 6000000, 90000, 9 << 20 },
    .transfer = {
      .is_coded = true,
      .has_mirror = true,
      .link_bytes = 8 << 20,
      .guest_bytes = 64 << 20,
      .fresh_pages = 1,
      .delta_pages = 2,
      .same_pages = 3,
      .zero_pages = 4,
      .cpu_us = 2000000,
    },
  };
  static const UmzOutcome undone = {
    .status = (char *) "$A",
    .cause = (char *) "VMS2425",
    .ended_us = 1005 * G_USEC_PER_SEC,
  };
  g_autoptr (UmzTestSite) site = make_site ();
  put_outcome (site->here.app->store, &coded, "CODED");
  put_outcome (site->here.app->store, &undone, "UNDONE");
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* ---- mirrors ---- */

static void
put_mirror (UmzMirrors *mirrors, const char *name)
{
  UmzMirrorFile file;
  const char *uuid = umz_test_vm_get_uuid (name);
  g_assert_true (umz_mirrors_begin (mirrors, uuid, name, "ABGSE701", 1 << 20, &file));
  g_assert_cmpint (close (file.fd), ==, 0);
  umz_mirrors_keep (mirrors, uuid, &(UmzMirrorMark){ "8a5f0c1e-6f4c-4a66-9a6a-27d1f0f0a001" });
}

static void
test_mirrors (void)
{
  static const UmzTestStep steps[] = {
    { "SHOW-VM-MIRROR", .shows = "GONE            ABGSE701" },
    { "SHOW-VM-MIRROR NOSUCH", .hides = "GONE" },
    { "DELETE-VM-MIRROR NOSUCH", .said = "UMZ0251", .end = "0 64 UMZ0251" },
    { "DELETE-VM-MIRROR GONE", .said = "UMZ0250" },
    { "SHOW-VM-MIRROR", .shows = "FLED", .hides = "GONE" },
    { "DELETE-VM-MIRROR", .said = "UMZ0250" },
    { "DELETE-VM-MIRROR" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  put_mirror (site->here.app->mirrors, "GONE");
  put_mirror (site->here.app->mirrors, "FLED");
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* ---- messages ---- */

static void
test_help (void)
{
  static const UmzTestStep steps[] = {
    { "HELP-MSG-INFORMATION vms4000", .shows = "VMS4000 VIRTUAL MACHINE (&00) NOT INITIALIZED" },
    { "HELP-MSG-INFORMATION VMS4000,E", .shows = "\n% ? " },
    { "HELP-MSG-INFORMATION VMS4000,D", .shows = "NICHT" },
    { "HELP-MSG-INFORMATION VMS4000,F", .said = "UMZ0019", .end = "0 1 CMD0202" },
    { "HELP-MSG-INFORMATION VMS9999", .said = "UMZ0021", .end = "0 64 UMZ0021" },
  };
  play (steps, G_N_ELEMENTS (steps));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/show/vms-in-each-layout", test_attributes);
  g_test_add_func ("/show/definitions-in-each-layout", test_definitions);
  g_test_add_func ("/show/that-a-vm-moves", test_moving);
  g_test_add_func ("/show/what-vms-use", test_status);
  g_test_add_func ("/show/what-the-su-has", test_resources);
  g_test_add_func ("/show/which-sus-answer", test_cluster);
  g_test_add_func ("/show/what-other-sus-have-told", test_remote);
  g_test_add_func ("/show/how-moves-have-ended", test_migrations);
  g_test_add_func ("/show/mirrors-until-they-are-deleted", test_mirrors);
  g_test_add_func ("/show/what-a-message-means", test_help);
  return g_test_run ();
}

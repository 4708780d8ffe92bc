/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands/test-desk.h"

#include "hypervisor/test-libvirt.h"

#define DISK                                                                                \
  "<disk type='file' device='disk'><source file='/srv/a'/><target dev='vda' bus='virtio'/>" \
  "<alias name='ua-FAA4'/></disk>"
#define SHARED_DISK                                                                         \
  "<disk type='file' device='disk'><source file='/srv/s'/><target dev='vdb' bus='virtio'/>" \
  "<shareable/><alias name='ua-FAB0'/></disk>"

static UmzTestSite *
make_site (void)
{
  static const UmzTestVm vms[] = {
    { "RUNS", 2, UMZ_VM_STATE_RUNNING, DISK SHARED_DISK },
    { "FRESH", 4, UMZ_VM_STATE_INIT_ONLY, NULL },
    { "OFF", 5, UMZ_VM_STATE_DOWN, NULL },
    { "PLAN", 0, UMZ_VM_STATE_DEFINED_ONLY, SHARED_DISK },
    { "PLAN2", 7, UMZ_VM_STATE_DEFINED_ONLY, NULL },
  };
  UmzTestSite *site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (vms); i++)
    umz_test_unit_add (&site->here, &vms[i]);
  return site;
}

/* ---- ACTIVATE-VM-DEFINITION ---- */

static void
test_activate (void)
{
  static const UmzTestStep steps[] = {
    { "ACTIVATE-VM-DEFINITION PLAN", .said = "VMS3050 VMS4005", .shows = "FAB0" },
    { "SHOW-VM-ATTRIBUTES ,PLAN", .shows = "INIT-ONLY" },
    { "ACTIVATE-VM-DEFINITION PLAN", .said = "VMS4015", .end = "0 64 VMS4015" },
    { "ACTIVATE-VM-DEFINITION NOSUCH", .said = "VMS2300", .end = "0 64 VMS2300" },
    { "DELETE-VM PLAN", .said = "VMS4009 VMS4024" },
    { "SHOW-VM-DEFINITION PLAN", .shows = "- PLAN       NO" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

static void
test_no_room (void)
{
  static const UmzTestStep steps[] = {
    { "ACTIVATE-VM-DEFINITION HUNGRY", .said = "VMS2437", .end = "0 64 VMS2437" },
    { "ACTIVATE-VM-DEFINITION PLAN2", .said = "UMZ0122", .end = "0 64 UMZ0122",
      .fails = "virDomainCreateWithFlags" },
    { "SHOW-VM-DEFINITION PLAN2", .shows = "PLAN2      NO" },
    { "ACTIVATE-VM-DEFINITION PLAN2", .said = "UMZ0122", .end = "0 64 UMZ0122",
      .fails = "virConnectListAllDomains" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_unit_add (&site->here,
                     &(UmzTestVm){ "HUNGRY", 0, UMZ_VM_STATE_DEFINED_ONLY, DISK });
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* ---- MODIFY- and DELETE-VM-DEFINITION ---- */

static void
test_modify (void)
{
  static const UmzTestStep steps[] = {
    { "MODIFY-VM-DEFINITION PLAN" },
    { "SHOW-VM-DEFINITION PLAN", .shows = "- PLAN" },
    { "MODIFY-VM-DEFINITION PLAN,VM-INDEX=9" },
    { "SHOW-VM-DEFINITION PLAN", .shows = "9 PLAN" },
    { "MODIFY-VM-DEFINITION PLAN,VM-INDEX=2", .said = "VMS4012", .end = "0 64 VMS4012" },
    { "MODIFY-VM-DEFINITION PLAN,VM-INDEX=100", .said = "VMS4012", .end = "0 64 VMS4012" },
    { "ACTIVATE-VM-DEFINITION PLAN", .said = "VMS3050 VMS4005", .shows = "(9,PLAN)" },
    { "MODIFY-VM-DEFINITION PLAN,VM-INDEX=8", .said = "VMS4015", .end = "0 64 VMS4015" },
    { "DELETE-VM PLAN", .said = "VMS4009 VMS4024" },
    { "SHOW-VM-DEFINITION PLAN", .shows = "9 PLAN" },
    { "MODIFY-VM-DEFINITION PLAN,VM-INDEX=*ANY" },
    { "SHOW-VM-DEFINITION PLAN", .shows = "- PLAN" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

static void
test_delete_definition (void)
{
  static const UmzTestStep steps[] = {
    { "DELETE-VM-DEFINITION PLAN", .said = "UMZ0122", .end = "0 64 UMZ0122",
      .fails = "virDomainUndefineFlags" },
    { "DELETE-VM-DEFINITION PLAN", .said = "VMS3000", .shows = "(,PLAN)" },
    { "DELETE-VM-DEFINITION PLAN", .said = "VMS2300", .end = "0 64 VMS2300" },
    { "DELETE-VM-DEFINITION OFF", .said = "VMS4015", .end = "0 64 VMS4015" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* ---- MIGRATE-VM-DEFINITION ---- */

static int
get_state_there (const UmzTestSite *site, const char *name)
{
  return umz_test_libvirt_get_state (site->there.uri, umz_test_vm_get_uuid (name), NULL);
}

static void
test_migrate (void)
{
  static const UmzTestStep steps[] = {
    { "MIGRATE-VM-DEFINITION PLAN", .said = "VMS2320", .shows = "ABGSE701" },
    { "SHOW-VM-DEFINITION PLAN", .said = "VMS2300", .end = "0 64 VMS2300" },
    { "MIGRATE-VM-DEFINITION PLAN2,abgse701", .said = "VMS2320" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
  umz_test_site_settle (site);
  g_assert_cmpint (get_state_there (site, "PLAN"), ==, VIR_DOMAIN_SHUTOFF);
  g_assert_cmpint (get_state_there (site, "PLAN2"), ==, VIR_DOMAIN_SHUTOFF);
}

static void
test_not_migrated (void)
{
  static const UmzTestStep steps[] = {
    { "MIGRATE-VM-DEFINITION OFF", .said = "VMS4015", .end = "0 64 VMS4015" },
    { "MIGRATE-VM-DEFINITION NOSUCH", .said = "VMS2300", .end = "0 64 VMS2300" },
    { "MIGRATE-VM-DEFINITION PLAN,NOSUCH", .said = "VMS2400", .end = "0 64 VMS2400" },
    { "MIGRATE-VM-DEFINITION PLAN,ABGSE501", .said = "UMZ0101 VMS2323", .end = "0 64 VMS2323" },
    { "MIGRATE-VM-DEFINITION TWIN", .said = "VMS2324", .end = "0 64 VMS2324", .shows = "VMS4013" },
    { "MIGRATE-VM-DEFINITION PLAN2", .said = "VMS2324", .end = "0 64 VMS2324", .shows = "VMS4012" },
    { "MIGRATE-VM-DEFINITION PLAN", .said = "UMZ0122 VMS2332", .end = "0 64 VMS2332",
      .fails = "virConnectListAllDomains" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_unit_add (&site->here, &(UmzTestVm){ "TWIN", 0, UMZ_VM_STATE_DEFINED_ONLY });
  umz_test_unit_add (&site->there, &(UmzTestVm){ "SEVEN", 7, UMZ_VM_STATE_RUNNING });
  umz_test_unit_add (&site->there,
                     &(UmzTestVm){ "TWIN", 0, UMZ_VM_STATE_DEFINED_ONLY, .twin = "OTHER" });
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* VM2000 has its own words for what keeps an SU from answering. */
static void
test_unreachable (void)
{
  static const struct {
    UmzMessageId why; /* the other SU, or its link, says so at the request */
    const char *path, *said, *end;
  } rows[] = {
    { UMZ_MSG_UMZ0320, "/check", "UMZ0320 VMS2325", "0 64 VMS2325" },
    { UMZ_MSG_UMZ0321, "/check", "UMZ0321 VMS2403", "0 64 VMS2403" },
    { UMZ_MSG_VMS2410, "/check", "VMS2410", "0 64 VMS2410" },
    { UMZ_MSG_UMZ0122, "/check", "VMS2324", "0 64 VMS2324" },
    { UMZ_MSG_VMS2311, "/begin", "VMS2324", "0 64 VMS2324" },
  };
  static const char *const inserts[] = { "ABGSE701", "today", NULL };
  g_autoptr (UmzTestSite) site = make_site ();
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    size_t n = umz_message_n_inserts (rows[i].why);
    umz_test_unit_refuse (&site->there, rows[i].path,
                          umz_notice_newv (rows[i].why, inserts + 2 - n));
    umz_test_desk_play (site,
                        &(UmzTestStep){ "MIGRATE-VM-DEFINITION PLAN", .said = rows[i].said,
                                        .end = rows[i].end },
                        1);
  }
  g_assert_cmpint (get_state_there (site, "PLAN"), ==, -1);
}

static void
test_deactivated (void)
{
  static const UmzTestStep steps[] = {
    { "MIGRATE-VM-DEFINITION PLAN", .said = "VMS2402", .end = "0 64 VMS2402" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  site->here.app->config->is_active = false;
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* Both agreed, and then the target cannot define it. */
static void
test_undone (void)
{
  static const UmzTestStep steps[] = {
    { "MIGRATE-VM-DEFINITION PLAN", .said = "VMS2324", .end = "0 64 VMS2324",
      .shows = "REASON: UMZ0122,not today" },
    { "SHOW-VM-DEFINITION PLAN", .shows = "PLAN" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_libvirt_fail (site->there.uri, "virDomainDefineXML", "not today");
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* ---- DELETE-VM ---- */

static void
test_delete_one (void)
{
  static const UmzTestStep steps[] = {
    { "DELETE-VM RUNS", .said = "VMS4612", .end = "0 64 VMS4612" },
    { "DELETE-VM RUNS,CHECK-VM-STATE=*NO", .said = "UMZ0122", .end = "0 64 UMZ0122",
      .fails = "virDomainDestroy" },
    { "DELETE-VM RUNS,CHECK-VM-STATE=*NO", .said = "VMS4009 VMS4009 VMS4024", .shows = "FAA4" },
    { "DELETE-VM FRESH", .said = "VMS4024" },
    { "DELETE-VM OFF", .said = "VMS4024" },
    { "DELETE-VM OFF", .said = "VMS4000", .end = "0 64 VMS4000" },
    { "SHOW-VM-DEFINITION OFF", .shows = "OFF        NO" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

static void
test_delete_all (void)
{
  static const UmzTestStep steps[] = {
    { "DELETE-VM *ALL", .said = "VMS4024 VMS4024", .shows = "OFF", .hides = "RUNS" },
    { "DELETE-VM *ALL,CHECK-VM-STATE=*NO", .said = "VMS4009 VMS4009 VMS4024" },
    { "DELETE-VM *ALL" },
    { "DELETE-VM *ALL", .said = "UMZ0122", .end = "0 64 UMZ0122",
      .fails = "virConnectListAllDomains" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* A move that has not begun at the target yet is canceled, if nobody asked to be careful. */
static void
test_delete_moving (void)
{
  static const UmzTestStep steps[] = {
    { "MIGRATE-VM OFF" },
    { "MODIFY-VM-DEFINITION OFF,VM-INDEX=9", .said = "VMS4015", .end = "0 64 VMS4015" },
    { "DELETE-VM OFF", .said = "VMS3042", .end = "0 64 VMS3042" },
    { "DELETE-VM *ALL", .said = "VMS4024 VMS3041", .end = "0 64 VMS9005" },
    { "DELETE-VM OFF,CHECK-VM-STATE=*NO", .said = "VMS4024" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_unit_hold (&site->there, "/begin");
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
  umz_test_unit_refuse (&site->there, "/begin", umz_notice_new (UMZ_MSG_VMS2311, NULL));
  umz_test_unit_hold (&site->there, NULL);
  umz_test_site_settle (site);
  g_assert_cmpint (get_state_there (site, "OFF"), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/definitions/become-vms-that-never-ran", test_activate);
  g_test_add_func ("/definitions/stay-definitions-where-there-is-no-room", test_no_room);
  g_test_add_func ("/definitions/keep-the-index-that-they-are-given", test_modify);
  g_test_add_func ("/definitions/are-deleted-unless-they-are-vms", test_delete_definition);
  g_test_add_func ("/definitions/move-to-another-su", test_migrate);
  g_test_add_func ("/definitions/stay-where-another-su-cannot-take-them", test_not_migrated);
  g_test_add_func ("/definitions/stay-when-the-other-su-is-not-reached", test_unreachable);
  g_test_add_func ("/definitions/stay-where-there-is-no-cluster", test_deactivated);
  g_test_add_func ("/definitions/stay-when-their-move-is-undone", test_undone);
  g_test_add_func ("/definitions/stay-when-their-vm-is-deleted", test_delete_one);
  g_test_add_func ("/definitions/stay-when-all-vms-are-deleted", test_delete_all);
  g_test_add_func ("/definitions/stay-when-the-move-of-their-vm-is-ended", test_delete_moving);
  return g_test_run ();
}

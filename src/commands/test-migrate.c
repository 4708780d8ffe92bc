/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-migrate.c: what is said of a move before, while and after it; the move itself is the
 * engine's.
 */
#include "commands/test-desk.h"

#include "engine/test-peer.h"
#include "host/test-libvirtd.h"
#include "hypervisor/test-libvirt.h"
#include "store/history.h"
#include "store/partners.h"

#define LOCAL_DISK                                                                      \
  "<disk type='file' device='disk'><source file='/tmp'/><target dev='sda' bus='scsi'/>" \
  "<alias name='ua-FAA4'/></disk>"
#define UNKNOWN_DISK                                                          \
  "<disk type='network' device='disk'><source protocol='rbd' name='pool/a'/>" \
  "<target dev='sda' bus='scsi'/><alias name='ua-FAA4'/></disk>"
#define LAN \
  "<interface type='network'><source network='default'/><alias name='ua-LAN1'/></interface>"
#define STRANGE_LAN \
  "<interface type='network'><source network='elsewhere'/><alias name='ua-LAN1'/></interface>"

static UmzTestSite *
make_site (UmzSuType type)
{
  static const UmzTestVm vms[] = {
    { "RUNS", 2, UMZ_VM_STATE_RUNNING, LAN },
    { "BOUND", 3, UMZ_VM_STATE_RUNNING, LOCAL_DISK STRANGE_LAN },
    { "OFF", 5, UMZ_VM_STATE_DOWN, NULL },
  };
  UmzTestSite *site = umz_test_site_new (type, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (vms); i++)
    umz_test_unit_add (&site->here, &vms[i]);
  return site;
}

/* ---- CHECK-VM-MIGRATION ---- */

static void
test_check (void)
{
  static const UmzTestStep steps[] = {
    { "CHECK-VM-MIGRATION RUNS", .said = "VMS2460", .shows = "ABGSE701" },
    { "CHECK-VM-MIGRATION OFF,abgse701", .said = "VMS2460" },
    { "CHECK-VM-MIGRATION BOUND", .said = "VMS2401 VMS2404 VMS2404 VMS2461", .end = "2 0 VMS2461",
      .shows = "UMZ0106,FAA4" },
    { "CHECK-VM-MIGRATION RUNS,ABGSE501", .said = "VMS2401 VMS2461", .end = "2 0 VMS2461",
      .shows = "UMZ0101" },
    { "CHECK-VM-MIGRATION RUNS,NOSUCH", .said = "VMS2400", .end = "0 64 VMS2400" },
    { "CHECK-VM-MIGRATION NOSUCH", .said = "VMS4000", .end = "0 64 VMS4000" },
    { "CHECK-VM-MIGRATION RUNS", .said = "UMZ0122", .end = "0 64 UMZ0122",
      .fails = "virDomainLookupByUUIDString" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
  g_assert_cmpint (
    umz_test_libvirt_get_state (site->there.uri, umz_test_vm_get_uuid ("OFF"), NULL), ==, -1);
}

/* What nobody can look at may be as it should be. */
static void
test_warnings (void)
{
  static const UmzTestStep steps[] = {
    { "CHECK-VM-MIGRATION REMOTE", .said = "VMS2470 VMS2460", .shows = "UMZ0152,FAA4" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  umz_test_unit_add (&site->here,
                     &(UmzTestVm){ "REMOTE", 6, UMZ_VM_STATE_RUNNING, UNKNOWN_DISK });
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

static void
test_hooks (void)
{
  static const UmzTestStep steps[] = {
    { "CHECK-VM-MIGRATION RUNS", .said = "VMS2401 VMS2404 VMS2461", .end = "2 0 VMS2461",
      .shows = "UMZ0161,ABGSE701,MISSING" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  umz_test_libvirtd_set_hook (UMZ_HOOK_MISSING);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
  umz_test_libvirtd_set_hook (UMZ_HOOK_ACTIVE);
}

static void
test_clusters (void)
{
  static const UmzTestStep of_three[] = {
    { "CHECK-VM-MIGRATION RUNS", .said = "VMS2341", .end = "0 64 VMS2341" },
  };
  static const UmzTestStep deactivated[] = {
    { "CHECK-VM-MIGRATION RUNS", .said = "VMS2402", .end = "0 64 VMS2402" },
  };
  static const UmzTestStep deactivated_there[] = {
    { "CHECK-VM-MIGRATION RUNS", .said = "VMS2404 VMS2461", .end = "2 0 VMS2461",
      .shows = "VMS2402" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  site->there.app->config->is_active = false;
  umz_test_desk_play (site, deactivated_there, 1);
  site->here.app->config->is_active = false;
  umz_test_desk_play (site, deactivated, 1);
  g_clear_pointer (&site, umz_test_site_free);
  site = umz_test_site_new (UMZ_SU_TYPE_390, "[su ABGSE801]\naddress=127.0.0.1\n");
  umz_test_unit_add (&site->here, &(UmzTestVm){ "RUNS", 2, UMZ_VM_STATE_RUNNING });
  umz_test_desk_play (site, of_three, 1);
}

static void
test_unreachable (void)
{
  static const struct {
    UmzMessageId why;
    const char *said;
  } rows[] = {
    { UMZ_MSG_UMZ0320, "VMS2405 UMZ0320 VMS2461" },
    { UMZ_MSG_UMZ0321, "VMS2403 UMZ0321 VMS2461" },
    { UMZ_MSG_VMS2410, "VMS2410 VMS2461" },
  };
  static const char *const inserts[] = { "ABGSE701", "today", NULL };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    const UmzTestStep check = { "CHECK-VM-MIGRATION RUNS", .said = rows[i].said,
                                .end = "2 0 VMS2461" };
    const UmzTestStep migrate = { "MIGRATE-VM RUNS", .said = rows[i].said, .end = "0 64 VMS2461" };
    size_t n = umz_message_n_inserts (rows[i].why);
    umz_test_unit_refuse (&site->there, "/check",
                          umz_notice_newv (rows[i].why, inserts + 2 - n));
    umz_test_desk_play (site, &check, 1);
    umz_test_desk_play (site, &migrate, 1);
  }
}

/* ---- what earlier moves tell ---- */

static void
put_past_move (UmzStore *store, const char *status, const char *cause)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzMoveRecord) move = umz_store_move_record_new ();
  move->id = g_uuid_string_random ();
  move->uuid = g_strdup (umz_test_vm_get_uuid ("RUNS"));
  move->name = g_strdup ("RUNS");
  move->peer = g_strdup ("ABGSE701");
  move->begun_us = 1000 * G_USEC_PER_SEC;
  move->is_closed = true;
  UmzOutcome outcome = {
    .move = move,
    .status = (char *) status,
    .cause = (char *) cause,
    .ended_us = 1010 * G_USEC_PER_SEC,
    .stopped_us = 50000,
    .copy_us = 9 * G_USEC_PER_SEC,
    .transfer = { .is_coded = true, .link_bytes = 512 << 20, .guest_bytes = 512 << 20 },
  };
  umz_store_journal (store, move, "test", &error);
  g_assert_no_error (error);
  umz_store_put_outcome (store, &outcome, &error);
  g_assert_no_error (error);
}

static void
test_forecast (void)
{
  static const UmzTestStep steps[] = {
    { "CHECK-VM-MIGRATION RUNS", .said = "UMZ0175 VMS2460", .shows = "10.0" },
    { "CHECK-VM-MIGRATION OFF", .said = "VMS2460" }, /* nothing is copied */
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  put_past_move (site->here.app->store, "$T", "");
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* ---- MIGRATE-VM and CANCEL-VM-MIGRATION ---- */

static void
test_migrate (void)
{
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  g_autoptr (UmzTestAnswer) answer =
    umz_test_desk_give (site->here.app, "MIGRATE-VM OFF,MAX-SUSPENSION=100,MAX-TIME=60,"
                                        "ENGINE=*X2000,NON-CONVERGENCE=*SUSPEND");
  g_assert_cmpstr (answer->end, ==, "0 0 CMD0001");
  g_assert_true (g_uuid_string_is_valid (answer->move));
  umz_test_site_settle (site);
  g_assert_cmpint (
    umz_test_libvirt_get_state (site->there.uri, umz_test_vm_get_uuid ("OFF"), NULL), ==,
    VIR_DOMAIN_SHUTOFF);
}

/* Nobody waits for a job variable in vain. */
static void
test_rejected (void)
{
  static const UmzTestStep steps[] = {
    { "MIGRATE-VM BOUND,MONJV=A", .said = "VMS2401 VMS2404 VMS2404 VMS2461",
      .end = "0 64 VMS2461" },
    { "SHOW-JV A", .shows = "%$AF" },
    { "SHOW-JV A", .shows = "BOUND" },
    { "SHOW-JV A", .shows = "ABGSE701" },
    { "MIGRATE-VM NOSUCH,MONJV=B", .said = "VMS4000", .end = "0 64 VMS4000" },
    { "SHOW-JV B", .shows = "VMS4000" },
    { "MIGRATE-VM 77,ABGSE999,MONJV=C", .said = "VMS4000", .end = "0 64 VMS4000" },
    { "SHOW-JV C", .shows = "ABGSE999" },
    { "MIGRATE-VM BOUND,MONJV=A", .said = "UMZ0122", .end = "0 64 UMZ0122",
      .fails = "virDomainLookupByUUIDString" },
    { "MIGRATE-VM NOSUCH", .said = "VMS4000", .end = "0 64 VMS4000" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

static void
test_lost (void)
{
  static const UmzTestStep steps[] = {
    { "MIGRATE-VM OFF", .said = "UMZ0233", .end = "0 64 UMZ0233" },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  g_autoptr (UmzTakeover) takeover =
    umz_takeover_new ("t-1", "ABGSE701", umz_test_vm_get_uuid ("OFF"), "OFF", UMZ_TAKEOVER_LOST);
  umz_store_put_takeover (site->here.app->store, takeover, &error);
  g_assert_no_error (error);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

static void
test_cancel (void)
{
  static const UmzTestStep steps[] = {
    { "CANCEL-VM-MIGRATION NOSUCH", .said = "VMS4000", .end = "0 64 VMS4000" },
    { "CANCEL-VM-MIGRATION OFF", .said = "UMZ0133", .end = "0 64 UMZ0133" },
    { "MIGRATE-VM OFF" },
    { "MIGRATE-VM OFF", .said = "VMS3042", .end = "0 64 VMS3042" },
    { "CHECK-VM-MIGRATION OFF", .said = "VMS3042", .end = "0 64 VMS3042" },
    { "RESOLVE-VM-MIGRATION OFF,*COLD", .said = "UMZ0206", .end = "0 64 UMZ0206" },
    { "CANCEL-VM-MIGRATION OFF", .said = "UMZ0135", .shows = "(5,OFF)" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  umz_test_unit_hold (&site->there, "/begin");
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
  umz_test_unit_refuse (&site->there, "/begin", umz_notice_new (UMZ_MSG_VMS2311, NULL));
  umz_test_unit_hold (&site->there, NULL);
  umz_test_site_settle (site);
  g_assert_cmpuint (umz_test_unit_count_said (&site->here, "VMS2420"), ==, 1);
  g_assert_cmpint (
    umz_test_libvirt_get_state (site->here.uri, umz_test_vm_get_uuid ("OFF"), NULL), ==,
    VIR_DOMAIN_SHUTOFF);
}

/* ---- RESOLVE-VM-MIGRATION ---- */

/* The target ends when it has been told to take the VM, and the source does not hear of it. */
static void
test_resolve (void)
{
  static const UmzTestStep steps[] = {
    { "SHOW-VM-ATTRIBUTES ,OFF", .shows = "IN DOUBT(MIGR)" },
    { "SHOW-VM-MIGRATION OFF", .shows = "IN DOUBT" },
    { "RESOLVE-VM-MIGRATION NOSUCH,*COLD", .said = "VMS4000", .end = "0 64 VMS4000" },
    { "RESOLVE-VM-MIGRATION RUNS,*COLD", .said = "UMZ0206", .end = "0 64 UMZ0206" },
    { "RESOLVE-VM-MIGRATION OFF,*RESUME", .said = "UMZ0207", .end = "0 64 UMZ0207" },
    { "RESOLVE-VM-MIGRATION OFF,*COLD", .said = "UMZ0208", .end = "0 64 UMZ0208",
      .shows = "ABGSE701" },
    { "RESOLVE-VM-MIGRATION OFF,*DISCARD", .said = "UMZ0246", .end = "0 64 UMZ0246" },
    { "RESOLVE-VM-MIGRATION OFF,*COLD,ABGSE999", .said = "UMZ0208", .end = "0 64 UMZ0208" },
    { "RESOLVE-VM-MIGRATION OFF,*COLD,abgse701", .said = "UMZ0210", .shows = "TSOS" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_SU_TYPE_390);
  umz_test_unit_hold (&site->there, "/go");
  umz_test_answer_free (umz_test_desk_give (site->here.app, "MIGRATE-VM OFF"));
  umz_test_unit_await_held (&site->there);
  umz_test_peer_set_link (UMZ_TEST_LINK_REFUSED);
  while (!umz_engine_is_in_doubt (site->here.app->engine, umz_test_vm_get_uuid ("OFF")))
    umz_test_site_go_on ();
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/check-vm-migration/says-every-conflict", test_check);
  g_test_add_func ("/check-vm-migration/warns-of-what-may-be-wrong", test_warnings);
  g_test_add_func ("/check-vm-migration/says-how-libvirt-is-set-up-wrong", test_hooks);
  g_test_add_func ("/check-vm-migration/wants-one-active-su-to-be-meant", test_clusters);
  g_test_add_func ("/check-vm-migration/says-why-the-other-su-was-not-asked", test_unreachable);
  g_test_add_func ("/check-vm-migration/expects-what-moves-before-have-shown", test_forecast);
  g_test_add_func ("/migrate-vm/begins-a-move", test_migrate);
  g_test_add_func ("/migrate-vm/tells-the-job-variable-of-a-rejection", test_rejected);
  g_test_add_func ("/migrate-vm/moves-nothing-that-was-lost", test_lost);
  g_test_add_func ("/cancel-vm-migration/ends-a-move-that-may-still-be-ended", test_cancel);
  g_test_add_func ("/resolve-vm-migration/wants-the-name-of-the-silent-su", test_resolve);
  return g_test_run ();
}

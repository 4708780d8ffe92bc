/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-recovery.c: RECOVER-VM-DEFINITION, from what another SU has told before it went down. */
#include "commands/test-desk.h"

#include "host/confirmation.h"
#include "hypervisor/test-libvirt.h"
#include "store/partners.h"
#include "store/vms.h"
#include "su/herald.h"

/* Here is what ABGSE701 has told of AWAY (index 9, fixed) and of BUSY, which is active there. */
static void
put_definition (UmzStore *store, const char *name, unsigned index, bool is_active)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzDefinitionRecord) record = umz_store_definition_record_new ();
  const char *uuid = umz_test_vm_get_uuid (name);
  record->owner = g_strdup ("ABGSE701");
  record->uuid = g_strdup (uuid);
  record->name = g_strdup (name);
  record->xml = g_strdup_printf ("<domain type='qemu'><name>%s</name><uuid>%s</uuid>"
                                 "<memory unit='KiB'>65536</memory><vcpu>1</vcpu>"
                                 "<os><type arch='s390x'>hvm</type></os></domain>",
                                 name, uuid);
  record->index = index;
  record->is_index_fixed = index != 0;
  record->is_active = is_active;
  record->epoch = 3;
  umz_store_put_definition (store, record, &error);
  g_assert_no_error (error);
}

static void
hear_owner (UmzStore *store)
{
  static const char *const names[] = { "AWAY", "BUSY", "HIGH" };
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) uuids = g_hash_table_new (g_str_hash, g_str_equal);
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    g_hash_table_add (uuids, (char *) umz_test_vm_get_uuid (names[i]));
  umz_store_hear_owner (store, "ABGSE701", uuids, G_USEC_PER_SEC, &error);
  g_assert_no_error (error);
}

static UmzTestSite *
make_site (void)
{
  UmzTestSite *site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  UmzStore *store = site->here.app->store;
  put_definition (store, "AWAY", 9, false);
  put_definition (store, "BUSY", 0, true);
  put_definition (store, "HIGH", 120, false);
  hear_owner (store);
  return site;
}

/* No connection gets there, and nobody refuses it: no host's name is so long, whoever is asked. */
static void
make_silent (UmzTestSite *site)
{
  UmzConfigPeer *peer = site->here.app->config->peers->pdata[0];
  g_free (peer->address);
  peer->address = g_strnfill (64, 'x');
}

static void
test_answers (void)
{
  static const UmzTestStep steps[] = {
    { "RECOVER-VM-DEFINITION AWAY", .said = "VMS2344", .end = "0 64 VMS2344" },
    { "SHOW-VM-DEFINITION AWAY", .said = "VMS2300", .end = "0 64 VMS2300" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* Its host is there: what was active may still run. */
static void
test_refuses (void)
{
  static const UmzTestStep steps[] = {
    { "RECOVER-VM-DEFINITION BUSY", .said = "UMZ0236 VMS2344", .end = "0 64 VMS2344" },
    { "RECOVER-VM-DEFINITION away", .said = "UMZ0230 VMS2340" },
    { "SHOW-VM-DEFINITION AWAY", .shows = "  9 AWAY       NO" },
    { "RECOVER-VM-DEFINITION AWAY", .said = "VMS2300", .end = "0 64 VMS2300" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_unit_stop (&site->there);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

static void
test_silent (void)
{
  static const UmzTestStep steps[] = {
    { "RECOVER-VM-DEFINITION BUSY,abgse701", .said = "VMS2340" },
    { "RECOVER-VM-DEFINITION HIGH", .said = "VMS4012 VMS2340" },
    { "SHOW-VM-DEFINITION HIGH", .shows = "  - HIGH       NO" },
    { "RECOVER-VM-DEFINITION AWAY", .said = "VMS4012 VMS2340" },
    { "SHOW-VM-DEFINITION AWAY", .shows = "  - AWAY       NO" },
    { "ACTIVATE-VM-DEFINITION BUSY", .said = "VMS3050" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  make_silent (site);
  umz_test_unit_add (&site->here, &(UmzTestVm){ "NINE", 9, UMZ_VM_STATE_DOWN });
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* From the first word in the store on. */
static void
test_notes (void)
{
  UmzVmRecord record;
  static const UmzTestStep step = { "RECOVER-VM-DEFINITION AWAY", .said = "VMS2340" };
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTestSite) site = make_site ();
  const UmzApp *app = site->here.app;
  make_silent (site);
  umz_test_desk_play (site, &step, 1);
  g_autoptr (GPtrArray) taken =
    umz_store_list_takeovers (app->store, UMZ_TAKEOVER_TAKEN, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (taken->len, ==, 1);
  g_assert_cmpstr (((const UmzTakeover *) taken->pdata[0])->su, ==, "ABGSE701");
  umz_store_get_vm (app->store, umz_test_vm_get_uuid ("AWAY"), &record, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (record.epoch, ==, 3);
  g_assert_true (umz_confirmation_is_given (app->config, umz_test_vm_get_uuid ("AWAY")));
}

static void
test_not_known (void)
{
  static const UmzTestStep steps[] = {
    { "RECOVER-VM-DEFINITION AWAY,NOSUCH", .said = "VMS2400", .end = "0 64 VMS2400" },
    { "RECOVER-VM-DEFINITION AWAY,ABGSE501", .said = "VMS2342", .end = "0 64 VMS2342" },
    { "RECOVER-VM-DEFINITION NOSUCH", .said = "VMS2300", .end = "0 64 VMS2300" },
    { "RECOVER-VM-DEFINITION BUSY", .said = "VMS4013", .end = "0 64 VMS4013" },
    { "RECOVER-VM-DEFINITION AWAY", .said = "UMZ0122 VMS2332", .end = "0 64 VMS2332",
      .fails = "virConnectListAllDomains" },
    { "RECOVER-VM-DEFINITION AWAY", .said = "UMZ0122 VMS2345", .end = "0 64 VMS2345",
      .fails = "virDomainDefineXML" },
    { "RECOVER-VM-DEFINITION AWAY", .said = "VMS2340" },
  };
  g_autoptr (UmzTestSite) site = make_site ();
  make_silent (site);
  umz_test_unit_add (&site->here, &(UmzTestVm){ "BUSY", 0, UMZ_VM_STATE_DEFINED_ONLY, NULL, "X" });
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

static void
test_never_heard (void)
{
  static const UmzTestStep steps[] = {
    { "RECOVER-VM-DEFINITION AWAY", .said = "VMS2345", .end = "0 64 VMS2345" },
  };
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  make_silent (site);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* ---- from the beginning to the end ---- */

static int
get_state (const UmzTestUnit *unit, const char *name)
{
  return umz_test_libvirt_get_state (unit->uri, umz_test_vm_get_uuid (name), NULL);
}

static bool
knows_definition (UmzApp *app, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) known = umz_store_list_definitions (app->store, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < known->len; i++)
    if (g_str_equal (((const UmzDefinitionRecord *) known->pdata[i])->name, name))
      return true;
  return false;
}

/* The SU there tells what it owns and goes down; one of its definitions is taken over here; and
 * when it comes back it is told, and gives it up.
 */
static void
test_comes_back (void)
{
  static const UmzTestStep wait = { "SHOW-VM-DEFINITION VM,SERVER-UNIT-NAME=ABGSE701" };
  static const UmzTestStep recover[] = {
    { "RECOVER-VM-DEFINITION VM", .said = "UMZ0230 VMS2340" },
    { "ACTIVATE-VM-DEFINITION VM", .said = "VMS3050" },
    { "START-VM VM", .said = "VMS3000" },
  };
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  umz_test_unit_add (&site->there, &(UmzTestVm){ "VM", 0, UMZ_VM_STATE_DEFINED_ONLY });
  umz_herald_start (site->there.app->herald);
  while (!knows_definition (site->here.app, "VM"))
    umz_test_site_go_on ();
  umz_test_desk_play (site, &wait, 1);

  umz_test_unit_stop (&site->there);
  umz_test_desk_play (site, recover, G_N_ELEMENTS (recover));

  umz_test_unit_start (&site->there);
  umz_herald_start (site->here.app->herald);
  while (umz_test_unit_count_said (&site->here, "UMZ0234") == 0)
    umz_test_site_go_on ();
  g_assert_cmpint (get_state (&site->there, "VM"), ==, -1);
  g_assert_cmpint (get_state (&site->here, "VM"), ==, VIR_DOMAIN_RUNNING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recovery/takes-nothing-from-an-su-that-answers", test_answers);
  g_test_add_func ("/recovery/takes-what-was-off-from-a-host-that-is-there", test_refuses);
  g_test_add_func ("/recovery/takes-all-from-a-host-that-is-silent", test_silent);
  g_test_add_func ("/recovery/notes-what-it-has-taken-and-lets-it-start", test_notes);
  g_test_add_func ("/recovery/takes-nothing-that-has-no-place-here", test_not_known);
  g_test_add_func ("/recovery/takes-nothing-from-an-su-that-was-never-heard", test_never_heard);
  g_test_add_func ("/recovery/is-told-to-an-su-that-comes-back", test_comes_back);
  return g_test_run ();
}

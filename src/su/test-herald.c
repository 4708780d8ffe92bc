/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-herald.c: what SUs tell each other of their definitions, and what follows from having heard
 * every other one.
 */
#include "su/herald.h"

#include <string.h>

#include "engine/test-peer.h"
#include "host/confirmation.h"
#include "hypervisor/test-libvirt.h"
#include "store/partners.h"
#include "su/ownership.h"
#include "su/test-site.h"

static UmzTestSite *
make_site (void)
{
  static const UmzTestVm vms[] = {
    { "RUNS", 2, UMZ_VM_STATE_RUNNING },
    { "OFF", 5, UMZ_VM_STATE_DOWN },
    { "PLAN", 0, UMZ_VM_STATE_DEFINED_ONLY },
  };
  UmzTestSite *site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (vms); i++)
    umz_test_unit_add (&site->here, &vms[i]);
  return site;
}

/* What an SU keeps of the one that is here: "OFF 5 active, PLAN 0". */
static char *
dup_kept (const UmzTestUnit *unit)
{
  g_autoptr (GError) error = NULL;
  GString *text = g_string_new (NULL);
  g_autoptr (GPtrArray) known =
    umz_store_list_definitions (unit->app->store, "ABGSE501", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < known->len; i++) {
    const UmzDefinitionRecord *record = known->pdata[i];
    g_assert_nonnull (strstr (record->xml, record->uuid));
    g_string_append_printf (text, "%s%s %u%s", i > 0 ? ", " : "", record->name, record->index,
                            record->is_active ? " active" : "");
  }
  return g_string_free (text, FALSE);
}

static void
wait_until_kept (const UmzTestUnit *unit, const char *expected)
{
  for (g_autofree char *kept = NULL; g_strcmp0 (kept, expected) != 0;) {
    umz_test_site_go_on ();
    g_free (kept);
    kept = dup_kept (unit);
  }
}

static void
test_tells (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTestSite) site = make_site ();
  UmzApp *app = site->here.app;
  umz_herald_start (app->herald);
  wait_until_kept (&site->there, "OFF 5 active, PLAN 0, RUNS 2 active");
  umz_hypervisor_undefine (app->hypervisor, umz_test_vm_get_uuid ("PLAN"), &error);
  g_assert_no_error (error);
  umz_herald_look (app->herald);
  wait_until_kept (&site->there, "OFF 5 active, RUNS 2 active");
}

/* What could not be told is told when the link is there again. */
static void
test_tells_later (void)
{
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_peer_set_link (UMZ_TEST_LINK_REFUSED);
  umz_herald_start (site->here.app->herald);
  umz_herald_look (site->here.app->herald);
  umz_test_peer_set_link (UMZ_TEST_LINK_WHOLE);
  umz_herald_look (site->here.app->herald);
  wait_until_kept (&site->there, "OFF 5 active, PLAN 0, RUNS 2 active");
}

/* An SU that speaks again is spoken to at once: nobody waits for the next look. */
static void
test_answers_who_was_silent (void)
{
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_peer_set_link (UMZ_TEST_LINK_REFUSED);
  umz_herald_start (site->here.app->herald);
  while (umz_test_peer_count_refused () == 0)
    umz_test_site_go_on ();
  umz_test_peer_set_link (UMZ_TEST_LINK_WHOLE);
  umz_herald_start (site->there.app->herald);
  wait_until_kept (&site->there, "OFF 5 active, PLAN 0, RUNS 2 active");
}

/* libvirt has to say everything; else what it does not say would be forgotten elsewhere. */
static void
test_tells_all_or_nothing (void)
{
  g_autoptr (UmzTestSite) site = make_site ();
  umz_herald_start (site->here.app->herald);
  wait_until_kept (&site->there, "OFF 5 active, PLAN 0, RUNS 2 active");
  umz_test_libvirt_fail (site->here.uri, "virConnectListAllDomains", "not today");
  umz_herald_look (site->here.app->herald);
  umz_test_libvirt_fail (site->here.uri, "virConnectListAllDomains", NULL);
  umz_test_unit_add (&site->here, &(UmzTestVm){ "NEW", 0, UMZ_VM_STATE_DEFINED_ONLY });
  umz_herald_look (site->here.app->herald);
  wait_until_kept (&site->there, "NEW 0, OFF 5 active, PLAN 0, RUNS 2 active");
}

static void
begin_move (UmzTestSite *site, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  UmzVm *vm = NULL;
  umz_hypervisor_find (site->here.app->hypervisor, umz_test_vm_get_uuid (name), &vm, &error);
  g_assert_no_error (error);
  UmzMoveOrder order = { .target_su = "ABGSE701",
                         .terms = umz_terms_of_su_type (UMZ_SU_TYPE_390) };
  umz_engine_migrate (site->here.app->engine, vm, &order, &id, &error);
  g_assert_no_error (error);
}

/* A VM that moves is the source's until that is over; what else there is is told meanwhile. */
static void
test_tells_while_one_moves (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTestSite) site = make_site ();
  umz_test_unit_hold (&site->there, "/go");
  begin_move (site, "OFF");
  umz_test_unit_await_held (&site->there);
  umz_herald_start (site->here.app->herald);
  wait_until_kept (&site->there, "OFF 5 active, PLAN 0, RUNS 2 active");
  umz_test_unit_add (&site->here, &(UmzTestVm){ "NEW", 0, UMZ_VM_STATE_DEFINED_ONLY });
  umz_herald_look (site->here.app->herald);
  wait_until_kept (&site->there, "NEW 0, OFF 5 active, PLAN 0, RUNS 2 active");
  umz_herald_start (site->there.app->herald);
  for (int64_t heard_us = 0; heard_us == 0; umz_test_site_go_on ()) {
    umz_store_get_heard (site->here.app->store, "ABGSE701", &heard_us, &error);
    g_assert_no_error (error);
  }
  g_autoptr (GPtrArray) of_target =
    umz_store_list_definitions (site->here.app->store, "ABGSE701", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (of_target->len, ==, 0);
  umz_test_unit_hold (&site->there, NULL);
  umz_test_site_settle (site);
  wait_until_kept (&site->there, "NEW 0, PLAN 0, RUNS 2 active");
}

/* ---- hearing ---- */

static void
test_hears_no_nonsense (void)
{
  static const char *const requests[] = {
    "{}",
    "{\"definitions\":1}",
    "{\"definitions\":[{}]}",
  };
  g_autoptr (UmzTestSite) site = make_site ();
  for (size_t i = 0; i < G_N_ELEMENTS (requests); i++) {
    g_autoptr (GError) error = NULL, other = NULL;
    g_autoptr (JsonNode) request = json_from_string (requests[i], NULL);
    JsonObject *object = json_node_get_object (request);
    g_assert_null (umz_herald_hear_list (site->here.app, "ABGSE701", object, &error));
    g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0310);
    g_assert_null (umz_herald_hear_definition (site->here.app, "ABGSE701", object, &other));
    g_assert_error (other, UMZ_ERROR, UMZ_MSG_UMZ0310);
  }
}

/* ---- once every other SU was heard ---- */

static void
refuse_start (const UmzTestUnit *unit, const char *name)
{
  g_autofree char *file = g_strconcat (umz_test_vm_get_uuid (name), ".refused", NULL);
  g_autofree char *path =
    g_build_filename (unit->app->config->run_dir, "confirmed", file, NULL);
  g_assert_true (g_file_set_contents (path, "", -1, NULL));
}

static int
get_state (const UmzTestUnit *unit, const char *name)
{
  return umz_test_libvirt_get_state (unit->uri, umz_test_vm_get_uuid (name), NULL);
}

/* The host has started anew; libvirt's hook has refused what was to start with it. */
static void
test_confirms (void)
{
  g_autoptr (UmzTestSite) site = make_site ();
  UmzApp *app = site->here.app;
  umz_ownership_begin (app);
  umz_test_libvirt_set_autostart (site->here.uri, umz_test_vm_get_uuid ("OFF"));
  refuse_start (&site->here, "OFF");
  refuse_start (&site->here, "PLAN"); /* an operator's start: it does not start by itself */
  refuse_start (&site->here, "GONE");
  umz_test_peer_set_link (UMZ_TEST_LINK_REFUSED);
  umz_herald_start (app->herald);
  while (umz_test_peer_count_refused () == 0)
    umz_test_site_go_on ();
  g_assert_false (umz_confirmation_is_given (app->config, NULL));
  g_assert_cmpint (get_state (&site->here, "OFF"), ==, VIR_DOMAIN_SHUTOFF);
  umz_test_peer_set_link (UMZ_TEST_LINK_WHOLE);
  umz_herald_look (app->herald);
  while (get_state (&site->here, "OFF") != VIR_DOMAIN_RUNNING ||
         umz_test_unit_count_said (&site->here, "UMZ0217") == 0)
    umz_test_site_go_on ();
  g_assert_true (umz_confirmation_is_given (app->config, NULL));
  g_assert_cmpint (get_state (&site->here, "PLAN"), ==, VIR_DOMAIN_SHUTOFF);
}

static int64_t
get_heard_us (const UmzTestUnit *unit)
{
  int64_t heard_us = 0;
  g_autoptr (GError) error = NULL;
  umz_store_get_heard (unit->app->store, "ABGSE501", &heard_us, &error);
  g_assert_no_error (error);
  return heard_us;
}

/* So what followed from the look before is done. */
static void
hear_again (UmzTestSite *site)
{
  int64_t before_us = get_heard_us (&site->there);
  umz_herald_look (site->here.app->herald);
  while (get_heard_us (&site->there) == before_us)
    umz_test_site_go_on ();
}

/* The other SU has something of ours, and has not told us yet which it is. */
static void
test_does_not_confirm (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTestSite) site = make_site ();
  g_autoptr (UmzTakeover) takeover = umz_takeover_new (
    "8a5f0c1e-6f4c-4a66-9a6a-27d1f0f0a009", "ABGSE501", umz_test_vm_get_uuid ("OFF"), "OFF",
    UMZ_TAKEOVER_TAKEN);
  umz_store_put_takeover (site->there.app->store, takeover, &error);
  g_assert_no_error (error);
  umz_ownership_begin (site->here.app);
  umz_herald_start (site->here.app->herald);
  wait_until_kept (&site->there, "PLAN 0, RUNS 2 active");
  hear_again (site);
  g_assert_false (umz_confirmation_is_given (site->here.app->config, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/herald/tells-while-a-vm-moves", test_tells_while_one_moves);
  g_test_add_func ("/herald/tells-what-the-su-owns", test_tells);
  g_test_add_func ("/herald/tells-it-when-the-link-is-there-again", test_tells_later);
  g_test_add_func ("/herald/answers-who-was-silent", test_answers_who_was_silent);
  g_test_add_func ("/herald/tells-all-or-nothing", test_tells_all_or_nothing);
  g_test_add_func ("/herald/hears-no-nonsense", test_hears_no_nonsense);
  g_test_add_func ("/herald/confirms-all-once-every-su-was-heard", test_confirms);
  g_test_add_func ("/herald/confirms-nothing-before-it-was-told-what-is-lost",
                   test_does_not_confirm);
  return g_test_run ();
}

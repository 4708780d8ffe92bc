/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-takeovers.c: a definition that another SU has recovered while its owner was off, from the
 * side of both.  Here is ABGSE501, which has lost it; there is ABGSE701, which has it now.
 */
#include "su/takeovers.h"

#include <string.h>

#include "engine/test-peer.h"
#include "host/fence.h"
#include "hypervisor/test-libvirt.h"
#include "model/json.h"
#include "store/partners.h"
#include "su/herald.h"
#include "su/test-site.h"

#define ID    "8a5f0c1e-6f4c-4a66-9a6a-27d1f0f0a009"
#define OTHER "8a5f0c1e-6f4c-4a66-9a6a-27d1f0f0a00a"

static void
put (const UmzTestUnit *unit, const char *su, UmzTakeoverState state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTakeover) takeover =
    umz_takeover_new (ID, su, umz_test_vm_get_uuid ("VM"), "VM", state);
  umz_store_put_takeover (unit->app->store, takeover, &error);
  g_assert_no_error (error);
}

static UmzTakeoverState
get (const UmzTestUnit *unit)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTakeover) takeover = NULL;
  umz_store_dup_takeover (unit->app->store, ID, &takeover, &error);
  g_assert_no_error (error);
  g_assert_nonnull (takeover);
  return takeover->state;
}

static bool
has_vm (const UmzTestUnit *unit)
{
  return umz_test_libvirt_get_state (unit->uri, umz_test_vm_get_uuid ("VM"), NULL) >= 0;
}

static bool
has_fence (const UmzTestUnit *unit)
{
  g_autofree char *reason =
    umz_fence_dup_reason (unit->app->config->fence_dir, umz_test_vm_get_uuid ("VM"));
  return reason != NULL;
}

/* The VM is on both SUs, and the one that is there knows that it has taken it. */
static UmzTestSite *
make_site (UmzVmState state_here)
{
  UmzTestSite *site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  umz_test_unit_add (&site->here, &(UmzTestVm){ "VM", 5, state_here });
  umz_test_unit_add (&site->there, &(UmzTestVm){ "VM", 5, UMZ_VM_STATE_DEFINED_ONLY });
  put (&site->there, "ABGSE501", UMZ_TAKEOVER_TAKEN);
  return site;
}

static void
wait_until_over (const UmzTestUnit *unit)
{
  while (get (unit) != UMZ_TAKEOVER_OVER)
    umz_test_site_go_on ();
}

static void
wait_until_said (UmzTestUnit *unit, const char *code)
{
  while (umz_test_unit_count_said (unit, code) == 0)
    umz_test_site_go_on ();
}

/* ---- both ---- */

static void
test_comes_back (void)
{
  g_autoptr (UmzTestSite) site = make_site (UMZ_VM_STATE_DOWN);
  umz_herald_start (site->there.app->herald);
  wait_until_over (&site->there);
  wait_until_said (&site->there, "UMZ0234");
  wait_until_said (&site->here, "UMZ0231");
  g_assert_cmpint (get (&site->here), ==, UMZ_TAKEOVER_OVER);
  g_assert_false (has_vm (&site->here));
  g_assert_false (has_fence (&site->here));
  g_assert_true (has_vm (&site->there));
}

/* Nobody ends a guest.  When it ends by itself its definition goes. */
static void
test_is_active (void)
{
  g_autoptr (UmzTestSite) site = make_site (UMZ_VM_STATE_RUNNING);
  umz_herald_start (site->there.app->herald);
  wait_until_over (&site->there);
  wait_until_said (&site->there, "UMZ0232");
  g_assert_cmpuint (umz_test_unit_count_said (&site->here, "UMZ0232"), ==, 1);
  g_assert_cmpint (get (&site->here), ==, UMZ_TAKEOVER_LOST);
  g_assert_true (has_fence (&site->here));
  umz_test_libvirt_end_domain (site->here.uri, umz_test_vm_get_uuid ("VM"),
                               VIR_DOMAIN_SHUTOFF_SHUTDOWN);
  umz_takeovers_settle (site->here.app);
  g_assert_cmpint (get (&site->here), ==, UMZ_TAKEOVER_OVER);
  g_assert_false (has_vm (&site->here));
  g_assert_false (has_fence (&site->here));
}

/* It was deleted there meanwhile, so it is still the old owner's. */
static void
test_was_deleted (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTestSite) site = make_site (UMZ_VM_STATE_DOWN);
  umz_hypervisor_undefine (site->there.app->hypervisor, umz_test_vm_get_uuid ("VM"), &error);
  g_assert_no_error (error);
  umz_herald_start (site->there.app->herald);
  wait_until_over (&site->there);
  wait_until_said (&site->there, "UMZ0235");
  g_assert_true (has_vm (&site->here));
}

/* ---- the new owner ---- */

/* umzugd has ended in the midst of it: what libvirt has, is. */
static void
test_begun (void)
{
  static const struct {
    bool is_defined;
    UmzTakeoverState state;
  } rows[] = {
    { true, UMZ_TAKEOVER_TAKEN },
    { false, UMZ_TAKEOVER_OVER },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
    if (rows[i].is_defined)
      umz_test_unit_add (&site->there, &(UmzTestVm){ "VM", 0, UMZ_VM_STATE_DEFINED_ONLY });
    put (&site->there, "ABGSE501", UMZ_TAKEOVER_BEGUN);
    umz_takeovers_settle (site->there.app);
    g_assert_cmpint (get (&site->there), ==, rows[i].state);
  }
}

/* libvirt does not answer: it stays as it is, and is looked at later. */
static void
test_begun_later (void)
{
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  put (&site->there, "ABGSE501", UMZ_TAKEOVER_BEGUN);
  umz_test_libvirt_fail (site->there.uri, "virDomainLookupByUUIDString", "not today");
  umz_takeovers_settle (site->there.app);
  g_assert_cmpint (get (&site->there), ==, UMZ_TAKEOVER_BEGUN);
}

/* ---- the old owner ---- */

/* What is answered to the takeover of this name and id: "OVER", or the code of a refusal. */
static char *
tell (const UmzTestUnit *unit, const char *su, const char *id, const char *vm)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text =
    g_strdup_printf ("{\"id\":\"%s\",\"uuid\":\"%s\",\"name\":\"%s\"}", id,
                     umz_test_vm_get_uuid (vm), vm);
  g_autoptr (JsonNode) request = json_from_string (text, NULL);
  g_autoptr (JsonNode) answer =
    umz_takeovers_hear (unit->app, su, json_node_get_object (request), &error);
  if (answer != NULL)
    return g_strdup (json_object_get_string_member (json_node_get_object (answer), "state"));
  g_autoptr (UmzNotice) notice = umz_error_to_notice (error);
  return g_strdup (umz_message_code (umz_notice_get_id (notice)));
}

static void
test_hears (void)
{
  static const struct {
    const char *su, *id, *vm, *fails, *answer;
  } rows[] = {
    { "ABGSE701", "no-uuid", "VM", NULL, "UMZ0310" },
    { "ABGSE701", OTHER, "NOSUCH", NULL, "OVER" }, /* there is nothing to give up */
    { "ABGSE701", ID, "VM", "virDomainLookupByUUIDString", "UMZ0122" },
    { "ABGSE701", ID, "VM", NULL, "LATER" }, /* nobody else has told that it has it */
    { "ABGSE801", ID, "VM", NULL, "UMZ0310" },
    { "ABGSE701", ID, "VM", NULL, "LATER" },
  };
  g_autoptr (UmzTestSite) site = make_site (UMZ_VM_STATE_DOWN);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (rows[i].fails != NULL)
      umz_test_libvirt_fail_once (site->here.uri, rows[i].fails, 0, "not today");
    g_autofree char *answer = tell (&site->here, rows[i].su, rows[i].id, rows[i].vm);
    g_assert_cmpstr (answer, ==, rows[i].answer);
  }
  g_assert_true (has_vm (&site->here));
  g_assert_true (has_fence (&site->here));
}

/* One that is over changes nothing when it comes again: the VM may have come back since. */
static void
test_hears_twice (void)
{
  g_autoptr (UmzTestSite) site = make_site (UMZ_VM_STATE_DOWN);
  put (&site->here, "ABGSE701", UMZ_TAKEOVER_OVER);
  g_autofree char *answer = tell (&site->here, "ABGSE701", ID, "VM");
  g_assert_cmpstr (answer, ==, "OVER");
  g_assert_true (has_vm (&site->here));
  g_assert_false (has_fence (&site->here));
}

static void
test_may_run (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTestSite) site = make_site (UMZ_VM_STATE_DOWN);
  UmzVm lost = { .name = (char *) "VM", .uuid = (char *) umz_test_vm_get_uuid ("VM") };
  UmzVm other = { .name = (char *) "OTHER", .uuid = (char *) umz_test_vm_get_uuid ("OTHER") };
  g_assert_true (umz_takeovers_may_run (site->here.app, &lost, &error));
  put (&site->here, "ABGSE701", UMZ_TAKEOVER_LOST);
  g_assert_true (umz_takeovers_may_run (site->here.app, &other, &error));
  g_assert_false (umz_takeovers_may_run (site->here.app, &lost, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0233);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/takeovers/leave-the-definition-with-the-new-owner", test_comes_back);
  g_test_add_func ("/takeovers/end-no-guest", test_is_active);
  g_test_add_func ("/takeovers/are-over-when-the-definition-was-deleted", test_was_deleted);
  g_test_add_func ("/takeovers/that-were-begun-end-as-libvirt-has-it", test_begun);
  g_test_add_func ("/takeovers/that-were-begun-wait-for-libvirt", test_begun_later);
  g_test_add_func ("/takeovers/are-answered-by-what-is-left-to-be-done", test_hears);
  g_test_add_func ("/takeovers/change-nothing-the-second-time", test_hears_twice);
  g_test_add_func ("/takeovers/keep-the-vm-from-running", test_may_run);
  return g_test_run ();
}

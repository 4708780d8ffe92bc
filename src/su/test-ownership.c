/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-ownership.c: without a word of the other SUs.  With one, see test-herald.c. */
#include "su/ownership.h"

#include "host/confirmation.h"
#include "hypervisor/test-libvirt.h"
#include "su/test-site.h"

static bool
may_start (UmzApp *app, const char *name)
{
  UmzVm vm = { .name = (char *) name, .uuid = (char *) umz_test_vm_get_uuid (name) };
  g_autoptr (GError) error = NULL;
  bool may = umz_ownership_may_start (app, &vm, &error);
  if (!may)
    g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0213);
  return may;
}

static void
test_demanded (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  UmzApp *app = site->here.app;
  g_assert_true (may_start (app, "VM")); /* nothing has demanded it yet */
  umz_ownership_begin (app);
  g_assert_false (may_start (app, "VM"));
  umz_confirmation_give (app->config, umz_test_vm_get_uuid ("VM"), &error);
  g_assert_no_error (error);
  g_assert_true (may_start (app, "VM"));
  g_assert_false (may_start (app, "OTHER"));
  umz_ownership_confirm_all (app);
  g_assert_true (may_start (app, "OTHER"));
}

static void
test_alone (void)
{
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  UmzConfig config = *site->here.app->config;
  UmzApp alone = { .config = &config };
  g_autoptr (GPtrArray) nobody = g_ptr_array_new ();
  umz_ownership_begin (site->here.app); /* it had a partner once */
  config.peers = nobody;
  umz_ownership_begin (&alone);
  g_assert_true (may_start (&alone, "VM"));
}

static void
test_partners (void)
{
  g_autoptr (UmzTestSite) site =
    umz_test_site_new (UMZ_SU_TYPE_390, "[su ABGSE801]\naddress=127.0.0.1\n");
  g_autofree char *partners = umz_ownership_dup_partners (site->here.app->config);
  g_assert_cmpstr (partners, ==, "ABGSE701, ABGSE801");
}

/* One that libvirt cannot look at now is kept; one that it refuses to start is not. */
static void
test_cannot_start_late (void)
{
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  UmzApp *app = site->here.app;
  const char *uuid = umz_test_vm_get_uuid ("VM");
  g_autofree char *name = g_strconcat (uuid, ".refused", NULL);
  umz_test_unit_add (&site->here, &(UmzTestVm){ "VM", 5, UMZ_VM_STATE_DOWN });
  umz_test_libvirt_set_autostart (site->here.uri, uuid);
  umz_ownership_begin (app);
  g_autofree char *path = g_build_filename (app->config->run_dir, "confirmed", name, NULL);
  g_assert_true (g_file_set_contents (path, "", -1, NULL));
  umz_ownership_confirm_all (app);

  umz_test_libvirt_fail_once (site->here.uri, "virDomainLookupByUUIDString", 0, "not now");
  umz_ownership_start_late (app);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS)); /* it is looked at again */

  umz_test_libvirt_fail_once (site->here.uri, "virDomainCreateWithFlags", 0, "not today");
  umz_ownership_start_late (app);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (umz_test_unit_count_said (&site->here, "UMZ0122"), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ownership/is-confirmed-for-one-or-for-all", test_demanded);
  g_test_add_func ("/ownership/needs-no-word-where-there-is-no-other-su", test_alone);
  g_test_add_func ("/ownership/is-confirmed-by-every-other-su", test_partners);
  g_test_add_func ("/ownership/says-what-does-not-start-late", test_cannot_start_late);
  return g_test_run ();
}

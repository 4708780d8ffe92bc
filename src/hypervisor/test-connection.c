/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hypervisor/connection.h"

#include <glib/gstdio.h>
#include <string.h>

#include "hypervisor/test-libvirt.h"
#include "messages/catalogue.h"

#define URI "test:///ABGSE501"

typedef struct {
  char *folder;
  UmzConnection *connection;
} Fixture;

static void
set_up (Fixture *f, const void *unused)
{
  f->folder = g_dir_make_tmp ("umzug-XXXXXX", NULL);
  umz_test_libvirt_begin (f->folder);
  f->connection = umz_connection_new (URI);
}

static void
tear_down (Fixture *f, const void *unused)
{
  umz_connection_free (f->connection);
  umz_test_libvirt_end ();
  g_autofree char *host = g_build_filename (f->folder, "ABGSE501", NULL);
  (void) g_rmdir (host);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->folder);
}

static virConnectPtr
get (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  virConnectPtr connection = umz_connection_get (f->connection, &error);
  g_assert_no_error (error);
  g_assert_nonnull (connection);
  return connection;
}

static void
assert_fails (Fixture *f, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (umz_connection_get (f->connection, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0122);
  g_assert_nonnull (strstr (error->message, text));
}

static void
test_kept (Fixture *f, const void *unused)
{
  virConnectPtr first = get (f), second = get (f);
  g_assert_true (first == second);
  virConnectClose (first);
  virConnectClose (second);
}

static void
test_lost (Fixture *f, const void *unused)
{
  virConnectPtr first = get (f);
  umz_test_libvirt_fail_once (URI, "virConnectGetLibVersion", 0, "libvirtd has gone");
  virConnectPtr second = get (f);
  g_assert_true (first != second);
  virConnectClose (first);
  virConnectClose (second);
}

static void
test_dropped (Fixture *f, const void *unused)
{
  virConnectPtr first = get (f);
  umz_connection_drop (f->connection);
  umz_connection_drop (f->connection);
  virConnectPtr second = get (f);
  g_assert_true (first != second);
  virConnectClose (first);
  virConnectClose (second);
}

static void
test_refused (Fixture *f, const void *unused)
{
  umz_test_libvirt_fail_once (URI, "virConnectOpen", 0, "libvirtd is not there");
  assert_fails (f, "libvirtd is not there");
  virConnectClose (get (f));
}

/* It takes as long as an opening may. */
static void
test_silent (Fixture *f, const void *unused)
{
  umz_test_libvirt_hang (URI, true);
  assert_fails (f, "no answer");
  umz_test_libvirt_hang (URI, false);
  virConnectClose (get (f));
}

#define TEST(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("/connection/is-kept", test_kept);
  TEST ("/connection/is-made-anew-after-a-loss", test_lost);
  TEST ("/connection/is-made-anew-after-a-drop", test_dropped);
  TEST ("/connection/says-why-there-is-none", test_refused);
  TEST ("/connection/waits-not-for-ever", test_silent);
  return g_test_run ();
}

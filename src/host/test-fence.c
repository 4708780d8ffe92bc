/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/fence.h"

#include <glib/gstdio.h>

#include "messages/catalogue.h"

static void
test_up_and_down (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *base = g_dir_make_tmp ("umzug-fence-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (base, "fence", NULL);
  g_autofree char *path = g_build_filename (folder, "u-1", NULL);
  g_autofree char *text = NULL;
  g_assert_true (umz_fence_raise (folder, "u-1", UMZ_SIDE_TARGET, "WHY", &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "WHY\narriving\n");
  g_autofree char *reason = umz_fence_dup_reason (folder, "u-1");
  g_assert_cmpstr (reason, ==, "WHY");
  g_assert_null (umz_fence_dup_reason (folder, "u-2"));
  g_assert_true (umz_fence_lower (folder, "u-1", &error));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (umz_fence_lower (folder, "u-1", &error));
  g_rmdir (folder);
  g_rmdir (base);
}

static void
test_unwritable (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (umz_fence_raise ("/proc/no-such-folder", "u-1", UMZ_SIDE_SOURCE, "WHY", &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0043);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fence/it-says-why-while-it-is-up-and-leaves-nothing", test_up_and_down);
  g_test_add_func ("/fence/one-that-cannot-be-raised-is-an-error", test_unwritable);
  return g_test_run ();
}

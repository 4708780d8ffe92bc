/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/confirmation.h"

#include <glib/gstdio.h>

#include "messages/catalogue.h"

typedef struct {
  char *folder;
  UmzConfig config;
} Fixture;

static void
set_up (Fixture *f, const void *unused)
{
  f->folder = g_dir_make_tmp ("umzug-confirmation-XXXXXX", NULL);
  f->config.fence_dir = g_build_filename (f->folder, "fence", NULL);
  f->config.run_dir = g_build_filename (f->folder, "run", NULL);
}

static void
remove_file (const Fixture *f, const char *name)
{
  g_autofree char *path = g_build_filename (f->folder, name, NULL);
  (void) g_remove (path);
}

static void
tear_down (Fixture *f, const void *unused)
{
  static const char *const names[] = { "run/confirmed/all", "run/confirmed/u", "run/confirmed",
                                       "run", "fence.cluster", "" };
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    remove_file (f, names[i]);
  g_free (f->folder);
  g_free (f->config.fence_dir);
  g_free (f->config.run_dir);
}

static void
test_words (Fixture *f, const void *unused)
{
  g_assert_true (umz_confirmation_is_given (&f->config, "u"));
  g_assert_true (umz_confirmation_demand (&f->config, "WHY", NULL));
  g_assert_false (umz_confirmation_is_given (&f->config, "u"));
  g_assert_true (umz_confirmation_give (&f->config, "u", NULL));
  g_assert_true (umz_confirmation_is_given (&f->config, "u"));
  g_assert_false (umz_confirmation_is_given (&f->config, "v"));
  g_assert_false (umz_confirmation_is_given (&f->config, NULL));
  umz_confirmation_withdraw (&f->config, "u");
  g_assert_false (umz_confirmation_is_given (&f->config, "u"));
  g_assert_true (umz_confirmation_give (&f->config, NULL, NULL));
  g_assert_true (umz_confirmation_is_given (&f->config, "v"));
  g_assert_true (umz_confirmation_is_given (&f->config, NULL));
}

static void
test_waived (Fixture *f, const void *unused)
{
  g_assert_true (umz_confirmation_demand (&f->config, "WHY", NULL));
  g_assert_true (umz_confirmation_waive (&f->config, NULL));
  g_assert_true (umz_confirmation_waive (&f->config, NULL));
  g_assert_true (umz_confirmation_is_given (&f->config, "u"));
}

static int
run_hook (const Fixture *f, char **ret_said)
{
  static const char uuid[] = "8a5f1f9e-4b0f-4d9c-9f4e-000000000001";
  int status = 0;
  g_autofree char *command =
    g_strdup_printf ("echo ' <uuid>%s</uuid>' | UMZUG_FENCE='%s' '%s' VM prepare begin -", uuid,
                     f->config.fence_dir, g_getenv ("UMZUG_HOOK"));
  const char *argv[] = { "sh", "-c", command, NULL };
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               ret_said, &status, NULL));
  return status;
}

static void
test_hook (Fixture *f, const void *unused)
{
  g_autofree char *said = NULL, *later = NULL, *unasked = NULL;
  g_assert_cmpint (run_hook (f, &unasked), ==, 0);
  g_assert_true (umz_confirmation_demand (&f->config, "WHY", NULL));
  g_assert_cmpint (run_hook (f, &said), !=, 0);
  g_assert_cmpstr (said, ==, "umzug: WHY\n");
  g_auto (GStrv) refused = umz_confirmation_list_refused (&f->config);
  g_assert_cmpuint (g_strv_length (refused), ==, 1);
  g_assert_cmpstr (refused[0], ==, "8a5f1f9e-4b0f-4d9c-9f4e-000000000001");
  umz_confirmation_forget_refused (&f->config, refused[0]);
  g_auto (GStrv) again = umz_confirmation_list_refused (&f->config);
  g_assert_cmpuint (g_strv_length (again), ==, 0);
  g_assert_true (umz_confirmation_give (&f->config, NULL, NULL));
  g_assert_cmpint (run_hook (f, &later), ==, 0);
  remove_file (f, "fence.called");
}

static void
test_unwritable (void)
{
  g_autoptr (GError) error = NULL;
  UmzConfig config = { .fence_dir = "/proc/no-such-folder", .run_dir = "/proc/no-such-folder" };
  g_assert_false (umz_confirmation_give (&config, NULL, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0043);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/confirmation/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("a-word-goes-for-one-vm-or-for-every-vm", test_words);
  ADD ("without-a-demand-every-vm-may-start", test_waived);
  ADD ("libvirt-s-hook-refuses-what-is-not-confirmed-and-notes-it", test_hook);
  g_test_add_func ("/confirmation/one-that-cannot-be-given-is-an-error", test_unwritable);
  return g_test_run ();
}

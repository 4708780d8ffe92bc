/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/hook.h"

#include <sys/stat.h>
#include <unistd.h>

static void
test_hook (void)
{
  int64_t s = G_USEC_PER_SEC;
  const struct {
    bool is_executable;
    UmzHookTimes times;
    UmzHookState expected;
  } rows[] = {
    { true, { .hook_us = 10 * s, .libvirtd_us = 20 * s }, UMZ_HOOK_ACTIVE },
    { true, { .hook_us = 21 * s, .libvirtd_us = 20 * s }, UMZ_HOOK_ACTIVE },
    { true, { .hook_us = 21 * s + 1, .libvirtd_us = 20 * s }, UMZ_HOOK_UNSEEN },
    { true, { .hook_us = 30 * s, .libvirtd_us = 20 * s, .called_us = 20 * s }, UMZ_HOOK_ACTIVE },
    { true, { 30 * s, .libvirtd_us = 20 * s, .called_us = 20 * s - 1 }, UMZ_HOOK_UNSEEN },
    { true, { .hook_us = 30 * s, .libvirtd_us = INT64_MAX - 2 * s }, UMZ_HOOK_ACTIVE },
    { false, { .hook_us = 10 * s, .libvirtd_us = 20 * s, .called_us = 20 * s }, UMZ_HOOK_MISSING },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (umz_host_judge_hook (rows[i].is_executable, &rows[i].times), ==,
                     rows[i].expected);
}

static void
test_folder (void)
{
  static const struct {
    const char *text, *folder;
    bool expected;
  } rows[] = {
    { "#!/bin/sh\n[ $2 = folder ] && echo /var/lib/umzug/fence\n", "/var/lib/umzug/fence", true },
    { "#!/bin/sh\necho /var/lib/umzug/fence\n", "/var/lib/umzug//fence/", true },
    { "#!/bin/sh\necho ${UMZUG_FENCE:-/a}\n", "/a", true },
    { "#!/bin/sh\necho /var/lib/umzug/fence\n", "/srv/fence", false },
    { "#!/bin/sh\nexit 0\n", "/var/lib/umzug/fence", false },
    { "", "/var/lib/umzug/fence", false },
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("umzug-hook-XXXXXX", &error);
  g_assert_no_error (error);
  g_autofree char *hook = g_build_filename (folder, "umzug", NULL);
  g_setenv ("UMZUG_FENCE", "/of/umzugd", TRUE);
  g_assert_false (umz_host_looks_hook_in (hook, "/var/lib/umzug/fence"));
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_assert_true (g_file_set_contents (hook, rows[i].text, -1, NULL));
    g_assert_cmpint (chmod (hook, 0755), ==, 0);
    g_assert_true (umz_host_looks_hook_in (hook, rows[i].folder) == rows[i].expected);
  }
  g_assert_cmpint (unlink (hook), ==, 0);
  g_assert_cmpint (rmdir (folder), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hook/it-is-called-if-libvirtd-was-started-after-it-came", test_hook);
  g_test_add_func ("/hook/says-where-it-looks", test_folder);
  return g_test_run ();
}

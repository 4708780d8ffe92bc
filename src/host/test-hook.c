/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/hook.h"

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hook/it-is-called-if-libvirtd-was-started-after-it-came", test_hook);
  return g_test_run ();
}

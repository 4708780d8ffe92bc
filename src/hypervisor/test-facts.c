/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hypervisor/facts.h"

#include "hypervisor/host.h"

static void
test_blockers (void)
{
  static const struct {
    const char *answer, *expected;
  } rows[] = {
    { "", "" },
    { "{}", "" },
    { "{\"return\":{},\"id\":\"libvirt-413\"}", "" },
    { "{\"return\":{\"blocked-reasons\":[\"a b\",\"c\"]},\"id\":\"x\"}", "a b|c" },
    { "{\"return\":{\"blocked-reasons\":[1,{},\"c\"]}}", "c" },
    { "{\"return\":[]}", "" },
    { "{\"error\":{\"class\":\"GenericError\"}}", "" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (GStrv) blockers = umz_hypervisor_parse_blockers (rows[i].answer);
    g_autofree char *joined = g_strjoinv ("|", blockers);
    g_assert_cmpstr (joined, ==, rows[i].expected);
  }
}

static void
test_hook (void)
{
  const int64_t s = G_USEC_PER_SEC;
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
test_ports (void)
{
  static const char table[] =
    "  sl  local_address rem_address   st tx_queue rx_queue\n"
    "   0: 0100007F:170D 00000000:0000 0A 00000000:00000000 00:00000000\n"
    "   1: 0100007F:170E 0100007F:C350 01 00000000:00000000 00:00000000\n"
    "  10: 00000000000000000000000001000000:170F 00000000000000000000000000000000:0000 0A 0:0\n"
    "rubbish\n";
  g_assert_true (umz_host_has_listener (table, 5901));
  g_assert_false (umz_host_has_listener (table, 5902)); /* connected, does not listen */
  g_assert_true (umz_host_has_listener (table, 5903));
  g_assert_false (umz_host_has_listener (table, 5904));
  g_assert_false (umz_host_has_listener ("", 5901));
}

static void
test_version (void)
{
  static const struct {
    const char *machine;
    unsigned expected;
  } rows[] = {
    { "<machine>pc-i440fx-7.2</machine>", 7002000 },
    { "<machine>s390-ccw-virtio-10.0</machine>", 10000000 },
    { "<machine>pc-q35-rhel9.2.0</machine>", 0 },
    { "<machine>isapc</machine>", 0 },
    { "<machine>pc-7.2.1</machine>", 0 },
    { "<machine>pc-7</machine>", 0 },
    { "<machine>", 0 },
    { "", 0 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpuint (umz_hypervisor_parse_machine_version (rows[i].machine), ==,
                      rows[i].expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/facts/what-qemu-says-blocks-a-move-is-read", test_blockers);
  g_test_add_func ("/facts/a-hook-is-called-if-libvirtd-was-started-after-it-came", test_hook);
  g_test_add_func ("/facts/a-port-is-taken-if-somebody-listens-there", test_ports);
  g_test_add_func ("/facts/a-machine-type-tells-the-version-of-qemu", test_version);
  return g_test_run ();
}

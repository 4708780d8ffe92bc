/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/host.h"

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/host/a-port-is-taken-if-somebody-listens-there", test_ports);
  return g_test_run ();
}

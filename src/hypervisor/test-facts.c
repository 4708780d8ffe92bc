/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hypervisor/facts.h"

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
  g_test_add_func ("/facts/a-machine-type-tells-the-version-of-qemu", test_version);
  return g_test_run ();
}

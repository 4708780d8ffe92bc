/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/libvirt-conf.h"

#include <string.h>

static const struct {
  const char *text, *key, *expected; /* NULL: not there */
} rows[] = {
  { "", "user", NULL },
  { "user = \"root\"", "user", "root" },
  { "user = \"root\"\n", "user", "root" },
  { "user=\"root\"\n", "user", "root" },
  { "  user\t= 'root' # as root\n", "user", "root" },
  { "#user = \"root\"\n", "user", NULL },
  { "user = \"a\"\nuser = \"b\"\n", "user", "b" },
  { "user = \"a\ngroup = \"kvm\"\n", "group", "kvm" },
  { "max_queued = 7\n", "max_queued", "7" },
  { "max_queued = 7", "max_queued", "7" },
  { "list = [\n  \"user = 1\",\n  \"b\"\n]\nuser = \"root\"\n", "user", "root" },
  { "list = [ \"a\"", "list", NULL },
  { "user \"root\"\n", "user", NULL },
  { "= 3\nuser = \"root\"\n", "user", "root" },
  { "user = \"\"\n", "user", "" },
};

static void
test_table (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (UmzLibvirtConf) conf = umz_libvirt_conf_parse (rows[i].text, strlen (rows[i].text));
    g_test_message ("%s", rows[i].text);
    g_assert_cmpstr (umz_libvirt_conf_get (conf, rows[i].key, NULL), ==, rows[i].expected);
  }
}

static void
test_truncated (void)
{
  static const char text[] = "a = [ 'x',\n 'y' ]\nuser = \"root\" # us\nmax_queued = 12\n";
  for (size_t n = 0; n < sizeof text; n++) {
    g_autofree char *part = g_memdup2 (text, n); /* without a byte behind it, for ASan */
    g_autoptr (UmzLibvirtConf) conf = umz_libvirt_conf_parse (part, n);
    const char *user = umz_libvirt_conf_get (conf, "user", NULL);
    g_assert_true (user == NULL || strcmp (user, "root") == 0);
  }
}

static void
test_number (void)
{
  static const struct {
    const char *text;
    unsigned expected;
  } numbers[] = {
    { "n = 0\n", 0 },
    { "n = 2147483647\n", 2147483647 },
    { "n = 2147483648\n", 5 },
    { "n = -1\n", 5 },
    { "n = \"x\"\n", 5 },
    { "m = 1\n", 5 },
    { "n = \"3\"\n", 3 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++) {
    g_autoptr (UmzLibvirtConf) conf =
      umz_libvirt_conf_parse (numbers[i].text, strlen (numbers[i].text));
    g_assert_cmpuint (umz_libvirt_conf_get_number (conf, "n", 5), ==, numbers[i].expected);
  }
}

static void
test_no_file (void)
{
  g_autoptr (UmzLibvirtConf) conf = umz_libvirt_conf_load ("/nosuch/qemu.conf");
  g_assert_cmpstr (umz_libvirt_conf_get (conf, "user", "preset"), ==, "preset");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/libvirt-conf/settings-are-read", test_table);
  g_test_add_func ("/libvirt-conf/a-file-that-ends-anywhere-is-read-so-far", test_truncated);
  g_test_add_func ("/libvirt-conf/a-number-out-of-range-is-none", test_number);
  g_test_add_func ("/libvirt-conf/a-file-that-is-not-there-has-no-settings", test_no_file);
  return g_test_run ();
}

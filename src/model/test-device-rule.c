/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/device-rule.h"

static const struct {
  const char *name;
  UmzDeviceKind kind;
  bool is_local, is_alias, is_boot;
  UmzDeviceRule expected;
} rows[] = {
  { "a shared disk travels", UMZ_DEVICE_DISK, .expected = UMZ_DEVICE_RULE_TRAVELS },
  { "a shared disk it boots from travels", UMZ_DEVICE_DISK, .is_boot = true,
    .expected = UMZ_DEVICE_RULE_TRAVELS },
  { "a local disk is detached", UMZ_DEVICE_DISK, .is_local = true,
    .expected = UMZ_DEVICE_RULE_DETACHED },
  { "a local disk it boots from is not detached", UMZ_DEVICE_DISK, .is_local = true,
    .is_boot = true, .expected = UMZ_DEVICE_RULE_TRAVELS },
  { "a CD with a shared medium travels", UMZ_DEVICE_CD, .expected = UMZ_DEVICE_RULE_TRAVELS },
  { "a CD with a local medium is detached", UMZ_DEVICE_CD, .is_local = true,
    .expected = UMZ_DEVICE_RULE_DETACHED },
  { "so is one in the boot order", UMZ_DEVICE_CD, .is_local = true, .is_boot = true,
    .expected = UMZ_DEVICE_RULE_DETACHED },
  { "a console travels", UMZ_DEVICE_CONSOLE, .expected = UMZ_DEVICE_RULE_TRAVELS },
  { "a LAN device travels", UMZ_DEVICE_LAN, .expected = UMZ_DEVICE_RULE_TRAVELS },
  { "a host device is detached", UMZ_DEVICE_HOST, .expected = UMZ_DEVICE_RULE_DETACHED },
  { "one that it boots from is not", UMZ_DEVICE_HOST, .is_boot = true,
    .expected = UMZ_DEVICE_RULE_TRAVELS },
  { "one with a partner is attached again", UMZ_DEVICE_HOST, .is_alias = true,
    .expected = UMZ_DEVICE_RULE_REATTACHED },
};

static void
test_rules (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (UmzDevice) device = umz_device_new ("X", rows[i].kind);
    device->is_local = rows[i].is_local;
    device->is_alias = rows[i].is_alias;
    device->is_boot = rows[i].is_boot;
    g_test_message ("%s", rows[i].name);
    g_assert_cmpint (umz_device_get_rule (device), ==, rows[i].expected);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/device-rule/each-device-has-its-rule", test_rules);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hypervisor/device-xml.h"

#include <string.h>

#include "messages/catalogue.h"

static const char from[] =
  "<domain><devices>"
  "<disk type='network'><source protocol='nbd' name='FAA4'/><backingStore/><target dev='vda'/>"
  "<alias name='virtio-disk0'/><address type='ccw' devno='0xfaa4'/></disk>"
  "<disk type='network'><source protocol='nbd' name='FAA5'/><target dev='vdb'/><shareable/>"
  "<alias name='ua-FAA5'/><address type='pci' slot='0x05'/></disk>"
  "<interface type='network'><source network='lan'/><alias name='ua-LAN1'/></interface>"
  "</devices></domain>";
static const char to[] =
  "<domain><devices><disk><target dev='vda'/></disk><disk><target dev='vdb'/></disk>"
  "</devices></domain>";

static const struct {
  const char *mn, *domain;
  UmzSharing sharing;
  const char *expected;
} rows[] = {
  { "FAA4", to, UMZ_SHARING_EXCLUSIVE,
    "<disk type=\"network\"><source protocol=\"nbd\" name=\"FAA4\"/><target dev=\"vdc\"/>"
    "<address type=\"ccw\" devno=\"0xfaa4\"/></disk>" },
  { "FAA5", to, UMZ_SHARING_SHARED,
    "<disk type=\"network\"><source protocol=\"nbd\" name=\"FAA5\"/><target dev=\"vdc\"/>"
    "<alias name=\"ua-FAA5\"/><shareable/></disk>" },
  { "FAA5", "<domain/>", UMZ_SHARING_EXCLUSIVE,
    "<disk type=\"network\"><source protocol=\"nbd\" name=\"FAA5\"/><target dev=\"vdb\"/>"
    "<alias name=\"ua-FAA5\"/></disk>" },
  { "LAN1", to, UMZ_SHARING_EXCLUSIVE,
    "<interface type=\"network\"><source network=\"lan\"/><alias name=\"ua-LAN1\"/>"
    "</interface>" },
};

static void
a_device_fits_into_another_domain (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *device = umz_xml_device_find (from, rows[i].mn);
    g_assert_nonnull (device);
    g_autofree char *adapted =
      umz_xml_device_adapt (device, rows[i].domain, rows[i].sharing, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (adapted, ==, rows[i].expected);
  }
}

static void
what_is_not_there_is_not_found (void)
{
  g_assert_null (umz_xml_device_find (from, "FAA6"));
  g_assert_null (umz_xml_device_find ("no xml", "FAA4"));
}

static const char drives[] =
  "<domain><devices><disk type='file' device='cdrom'><source file='/x.iso' index='2'/>"
  "<backingStore/><target dev='sda'/></disk><disk><target dev='vda'/></disk></devices></domain>";

static void
a_device_is_left_out (void)
{
  g_autofree char *without = umz_xml_device_dup_without (drives, "VDA");
  g_assert_nonnull (strstr (without, "sda"));
  g_assert_null (strstr (without, "vda"));
  g_autofree char *same = umz_xml_device_dup_without (drives, "VDC");
  g_assert_cmpstr (same, ==, drives);
}

static void
a_medium_is_taken_out (void)
{
  static const char empty[] =
    "<disk type=\"file\" device=\"cdrom\"><target dev=\"sda\"/></disk>";
  g_autofree char *ejected = umz_xml_device_dup_ejected (drives, "SDA");
  g_autofree char *in_domain = umz_xml_device_find (ejected, "SDA");
  g_assert_cmpstr (in_domain, ==, empty);
  g_autofree char *drive = umz_xml_device_find (drives, "SDA");
  g_autofree char *alone = umz_xml_device_dup_empty (drive);
  g_assert_cmpstr (alone, ==, empty);
}

static void
rubbish_is_refused (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (umz_xml_device_adapt ("no xml", to, UMZ_SHARING_SHARED, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0310);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/device-xml/a-device-fits-into-another-domain",
                   a_device_fits_into_another_domain);
  g_test_add_func ("/device-xml/what-is-not-there-is-not-found", what_is_not_there_is_not_found);
  g_test_add_func ("/device-xml/a-device-is-left-out", a_device_is_left_out);
  g_test_add_func ("/device-xml/a-medium-is-taken-out", a_medium_is_taken_out);
  g_test_add_func ("/device-xml/rubbish-is-refused", rubbish_is_refused);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/devices.h"

#include <string.h>

#include "engine/ledger.h"
#include "engine/streams.h"
#include "engine/undo.h"
#include "hypervisor/definition.h"
#include "hypervisor/test-libvirt.h"
#include "hypervisor/device-xml.h"

/* A USB tape, a SCSI generic device, a virtual function with a partner, a CD, and what travels. */
#define URI  "test:///ABGSE501"
#define UUID "8a5f0c1e-6f4c-4a66-9a6a-27d1f0f0a001"

static const char domain[] =
  "<domain type='kvm'><name>VM12PROD</name><uuid>" UUID "</uuid>"
  "<devices>"
  "<disk type='network' device='disk'><source protocol='nbd' name='FAA4'><host name='h' port='1'/>"
  "</source><target dev='vda' bus='virtio'/><alias name='ua-FAA4'/></disk>"
  "<disk type='file' device='cdrom'><source file='/srv/x.iso' index='1'/>"
  "<target dev='sda' bus='scsi'/><alias name='ua-CD01'/></disk>"
  "<interface type='network'><source network='lan'/><teaming type='persistent'/>"
  "<alias name='ua-LAN1'/></interface>"
  "<interface type='hostdev'><source><address type='pci' domain='0x0000' bus='0x82' slot='0x10'"
  " function='0x0'/></source><teaming type='transient' persistent='ua-LAN1'/>"
  "<alias name='ua-VF01'/></interface>"
  "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/><product id='0xbeef'/>"
  "</source><alias name='ua-TAPE'/></hostdev>"
  "<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/>"
  "<address bus='0' target='0' unit='0'/></source><alias name='ua-SG00'/></hostdev>"
  "</devices></domain>";

typedef struct {
  char *folder;
  UmzConfig config;
  UmzMeans means;
  UmzMove *move;
  GString *said;
} Fixture;

static void
hear_line (const UmzLine *line, void *data)
{
  Fixture *f = data;
  g_string_append_printf (f->said, "%s %s, ", umz_message_code (umz_notice_get_id (line->notice)),
                          umz_notice_get_inserts (line->notice)[0]);
}

static void
begin (Fixture *f, UmzSide side, unsigned looks_until_release)
{
  g_autoptr (GError) error = NULL;
  umz_test_libvirt_add (URI, domain, VIR_DOMAIN_RUNNING);
  umz_test_libvirt_set_release (URI, looks_until_release);
  UmzVm *vm = umz_definition_parse (domain, &error);
  g_assert_no_error (error);
  vm->index = 12;
  vm->state = UMZ_VM_STATE_RUNNING;
  for (guint i = 0; i < vm->devices->len; i++) {
    UmzDevice *device = vm->devices->pdata[i];
    device->is_local = device->kind == UMZ_DEVICE_CD; /* as a check finds out at the source */
  }
  UmzMoveRecord *record = umz_move_make_record (side, vm, "ABGSE701");
  record->id = g_uuid_string_random ();
  record->definition = umz_devices_dup_definition (vm, domain);
  f->move = umz_move_new (&f->means, side, record, vm);
}

static void
set_up (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  f->folder = g_dir_make_tmp ("umzug-devices-XXXXXX", &error);
  f->said = g_string_new (NULL);
  umz_test_libvirt_begin (f->folder);
  f->config = (UmzConfig){ .su_name = (char *) "ABGSE501", .migration_dir = f->folder };
  f->means = (UmzMeans){ .config = &f->config,
                         .store = umz_store_open (f->folder, &error),
                         .hypervisor = umz_hypervisor_new (URI, f->folder),
                         .listener = { .line = hear_line },
                         .listener_data = f };
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, const void *unused)
{
  umz_move_unref (f->move);
  umz_store_close (f->means.store);
  umz_hypervisor_free (f->means.hypervisor);
  umz_test_libvirt_end ();
  g_autofree char *command = g_strdup_printf ("rm -r %s", f->folder);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_string_free (f->said, TRUE);
  g_free (f->folder);
}

static void
assert_calls (const char *expected)
{
  g_autofree char *calls = umz_test_libvirt_dup_calls (URI);
  g_assert_cmpstr (calls, ==, expected);
}

static void
assert_calls_end_with (const char *expected)
{
  g_autofree char *calls = umz_test_libvirt_dup_calls (URI);
  g_test_message ("%s", calls);
  g_assert_true (g_str_has_suffix (calls, expected));
}

/* Lets a guest be looked at so often. */
static bool
count_down (void *data)
{
  unsigned *left = data;
  return (*left)-- > 0;
}

static void
test_leave_and_come_back (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  unsigned left = 1000;
  begin (f, UMZ_SIDE_SOURCE, 3);
  g_assert_true (umz_devices_detach (f->move, count_down, &left, &error));
  g_assert_no_error (error);
  assert_calls ("eject CD01, detach SG00, detach TAPE, detach VF01");
  g_assert_cmpstr (f->said->str, ==, "VMS4009 CD01, VMS4009 SG00, VMS4009 TAPE, VMS4009 VF01, ");
  g_string_truncate (f->said, 0);
  g_assert_true (umz_undo_take_back (f->move, &error));
  g_assert_no_error (error);
  assert_calls_end_with ("attach VF01, attach TAPE, attach SG00, insert CD01");
  g_assert_cmpstr (f->said->str, ==, "VMS4005 VF01, VMS4005 TAPE, VMS4005 SG00, VMS4005 CD01, ");
  g_autofree char *xml = umz_test_libvirt_dup_xml (URI, UUID);
  g_assert_nonnull (strstr (xml, "/srv/x.iso"));
}

/* The limit is infinite here; whoever waits has had enough. */
static void
test_not_released (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  unsigned left = 5;
  begin (f, UMZ_SIDE_SOURCE, UMZ_TEST_NEVER);
  g_assert_false (umz_devices_detach (f->move, count_down, &left, &error));
  g_assert_no_error (error);
  g_assert_true (umz_undo_take_back (f->move, &error));
  assert_calls ("eject CD01, detach SG00, insert CD01");
  g_assert_cmpstr (f->said->str, ==, "VMS4009 CD01, UMZ0205 SG00, VMS4005 CD01, ");

  /* It leaves after all, and comes back; once. */
  for (int i = 0; i < 3; i++) {
    umz_devices_give_back_late (&f->means);
    if (i == 0)
      umz_test_libvirt_release (URI);
  }
  assert_calls_end_with ("insert CD01, attach SG00");
  g_assert_true (g_str_has_suffix (f->said->str, "VMS4005 CD01, VMS4005 SG00, "));
}

/* One that cannot be given back does not keep the others away. */
static void
test_not_given_back (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  unsigned left = 1000;
  begin (f, UMZ_SIDE_SOURCE, 0);
  g_assert_true (umz_devices_detach (f->move, count_down, &left, &error));
  umz_test_libvirt_fail (URI, "virDomainAttachDeviceFlags", "no such file");
  g_string_truncate (f->said, 0);
  g_assert_true (umz_undo_take_back (f->move, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (f->said->str, ==, "UMZ0204 VF01, UMZ0204 TAPE, UMZ0204 SG00, VMS4005 CD01, ");
}

static bool
wait_on (void *unused)
{
  return true;
}

static void
test_limit (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  f->config.quiesce_limit_s = 1;
  begin (f, UMZ_SIDE_SOURCE, UMZ_TEST_NEVER);
  g_assert_false (umz_devices_detach (f->move, wait_on, NULL, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_VMS2406);
  g_assert_nonnull (strstr (error->message, "VMS4003,SG00"));
}

/* The target gets the definition without what stays behind, and with the alias device. */
static void
test_definition (Fixture *f, const void *unused)
{
  static const struct {
    const char *mn;
    bool is_there;
  } rows[] = {
    { "FAA4", true },
    { "LAN1", true },
    { "VF01", true },
    { "CD01", true },
    { "TAPE", false },
    { "SG00", false },
  };
  begin (f, UMZ_SIDE_SOURCE, 0);
  const char *definition = f->move->record->definition;
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *device = umz_xml_device_find (definition, rows[i].mn);
    g_assert_true ((device != NULL) == rows[i].is_there);
  }
  g_assert_null (strstr (definition, "/srv/x.iso"));
}

/* The copy has come without it; after a restart of umzugd nothing is done a second time. */
static void
test_alias (Fixture *f, const void *unused)
{
  begin (f, UMZ_SIDE_TARGET, 0);
  umz_test_libvirt_remove_device (URI, UUID, "VF01");
  for (int i = 0; i < 2; i++)
    umz_devices_attach_aliases (f->move);
  assert_calls ("attach VF01");
  g_assert_true (g_str_has_prefix (f->said->str, "VMS4005 VF01, "));
}

static void
test_alias_fails (Fixture *f, const void *unused)
{
  begin (f, UMZ_SIDE_TARGET, 0);
  umz_test_libvirt_remove_device (URI, UUID, "VF01");
  umz_test_libvirt_fail (URI, "virDomainAttachDeviceFlags", "no such function");
  umz_devices_attach_aliases (f->move);
  g_assert_cmpstr (f->said->str, ==, "UMZ0202 VF01, ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  TEST ("/devices/they-leave-and-come-back-the-last-one-first", test_leave_and_come_back);
  TEST ("/devices/what-is-released-late-is-given-back-late", test_not_released);
  TEST ("/devices/one-that-cannot-be-given-back-keeps-no-other-away", test_not_given_back);
  TEST ("/devices/a-guest-has-only-so-much-time", test_limit);
  TEST ("/devices/the-target-s-definition-is-without-what-stays-behind", test_definition);
  TEST ("/devices/an-alias-device-is-attached-on-the-target", test_alias);
  TEST ("/devices/an-alias-device-that-cannot-be-attached-is-told", test_alias_fails);
  return g_test_run ();
}

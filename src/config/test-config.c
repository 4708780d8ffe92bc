/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-config.c: a good file is taken as it is, a bad one is refused at its line. */
#include "config/config.h"

#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>

/* A folder with the file under test and certificates (empty ones: only umzugd looks into them). */
typedef struct {
  char *folder;
  char *path;
} Fixture;

#if UMZ_WITH_SANLOCK
#define SANLOCK " / sanlock"
#else
#define SANLOCK " (built without sanlock)"
#endif

static const char *const pki_files[] = { "ca.pem", "cert.pem", "key.pem" };

static void
set_up (Fixture *fixture, const void *data)
{
  fixture->folder = g_dir_make_tmp ("umzug-config-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  fixture->path = g_build_filename (fixture->folder, "umzugd.conf", NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (pki_files); i++) {
    g_autofree char *path = g_build_filename (fixture->folder, pki_files[i], NULL);
    g_assert_true (g_file_set_contents_full (path, "", 0, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  }
}

static void
tear_down (Fixture *fixture, const void *data)
{
  for (size_t i = 0; i < G_N_ELEMENTS (pki_files); i++) {
    g_autofree char *path = g_build_filename (fixture->folder, pki_files[i], NULL);
    (void) g_unlink (path); /* a test may have removed it */
  }
  (void) g_unlink (fixture->path); /* not every test makes it */
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
}

/* Loads text, with every "@" replaced by the folder. */
static UmzConfig *
load (const Fixture *fixture, const char *text, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, "@", -1);
  g_autofree char *expanded = g_strjoinv (fixture->folder, parts);
  g_assert_true (g_file_set_contents (fixture->path, expanded, -1, NULL));
  return umz_config_load (fixture->path, error);
}

#define CLUSTER "[cluster]\nca=@/ca.pem\ncertificate=@/cert.pem\nkey=@/key.pem\n"

static void
an_empty_file_gives_the_defaults (Fixture *fixture, const void *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzConfig) config = load (fixture, "[su]\nname=abgse501\n", &error);
  g_assert_no_error (error);

  g_assert_cmpstr (config->su_name, ==, "ABGSE501");
  g_assert_cmpint (config->su_type, ==, UMZ_SU_TYPE_X86);
  g_assert_true (g_str_has_prefix (config->configuration, "X86SU- "));
  g_assert_cmpuint (config->reserve_mib, ==, 256);
  g_assert_cmpuint (config->index_max, ==, 99);
  g_assert_cmpuint (config->init_limit_s, ==, 90);
  g_assert_cmpuint (config->copy_limit_s, ==, 0);
  g_assert_cmpuint (config->quiesce_limit_s, ==, 15);
  g_assert_cmpuint (config->frozen_limit_s, ==, 0);
  g_assert_cmpint (config->language, ==, UMZ_LANG_EN);
  g_assert_cmpstr (config->libvirt_uri, ==, "qemu:///system");
  g_assert_cmpstr (config->libvirt_socket, ==, "/run/libvirt/libvirt-sock");
  g_assert_null (config->listen_address);
  g_assert_cmpuint (config->control_port, ==, 7390);
  g_assert_null (config->data_address);
  g_assert_cmpuint (config->data_port, ==, 7391);
  g_assert_cmpstr (config->control_socket, ==, "/run/umzug/umzugd.sock");
  g_assert_cmpstr (config->ca, ==, "/etc/umzug/pki/ca.pem");
  g_assert_cmpstr (config->certificate, ==, "/etc/umzug/pki/ABGSE501.pem");
  g_assert_cmpstr (config->revoked, ==, "/etc/umzug/pki/revoked.pem");
  g_assert_cmpstr (config->key, ==, "/etc/umzug/pki/ABGSE501-key.pem");
  g_assert_true (config->is_active);
  g_assert_cmpstr (config->state_dir, ==, "/var/lib/umzug");
  g_assert_cmpstr (config->run_dir, ==, "/run/umzug");
  g_assert_cmpstr (config->migration_dir, ==, "/run/libvirt/umzug");
  g_assert_cmpstr (config->fence_dir, ==, "/var/lib/umzug/fence");
  g_assert_cmpstr (config->relay, ==, "/usr/libexec/umzug-relay");
  g_assert_cmpstr (config->relay_user, ==, "umzug-relay");
  g_assert_cmpint (config->arbiter.kind, ==, UMZ_ARBITER_NONE);
  g_assert_null (config->arbiter.endpoints);
  g_assert_cmpstr (config->arbiter.prefix, ==, "/umzug");
  g_assert_null (config->arbiter.ca);
  g_assert_null (config->arbiter.disk);
  g_assert_cmpstr (config->arbiter.program, ==, "/usr/libexec/umzug-sanlock");
  g_assert_cmpuint (config->peers->len, ==, 0);
}

static void
every_key_is_read (Fixture *fixture, const void *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzConfig) config =
    load (fixture,
          "# umzugd\r\n\r\n"
          "[su]\nname = ABGSE501 \ntype=390\nconfiguration=390SU- 500-10B\nreserve-mib=0\n"
          "language=de\n"
          "[libvirt]\nuri=test:///default\nsocket=/l.sock\n"
          "[listen]\naddress=2001:db8::1\ncontrol-port=1\ndata-address=all\ndata-port=65535\n"
          "socket=/u.sock\n" CLUSTER "active=false\n"
          "[paths]\nstate=/s\nrun=/r\nmigration=/m\nfence=/f\nrelay=/x\nrelay-user=nobody\n"
          "[su ABGSE701]\naddress=a.example\nport=2\ndata-address=10.0.0.1\ndata-port=3\ntype=x86\n"
          "[su p.2-x]\naddress=b\n",
          &error);
  g_assert_no_error (error);

  g_assert_cmpstr (config->su_name, ==, "ABGSE501");
  g_assert_cmpint (config->su_type, ==, UMZ_SU_TYPE_390);
  g_assert_cmpstr (config->configuration, ==, "390SU- 500-10B");
  g_assert_cmpuint (config->reserve_mib, ==, 0);
  g_assert_cmpuint (config->frozen_limit_s, ==, 60);
  g_assert_cmpint (config->language, ==, UMZ_LANG_DE);
  g_assert_cmpstr (config->libvirt_uri, ==, "test:///default");
  g_assert_cmpstr (config->libvirt_socket, ==, "/l.sock");
  g_assert_cmpstr (config->listen_address, ==, "2001:db8::1");
  g_assert_cmpuint (config->control_port, ==, 1);
  g_assert_null (config->data_address);
  g_assert_cmpuint (config->data_port, ==, 65535);
  g_assert_cmpstr (config->control_socket, ==, "/u.sock");
  g_assert_true (g_str_has_suffix (config->certificate, "/cert.pem"));
  g_assert_false (config->is_active);
  g_assert_cmpstr (config->state_dir, ==, "/s");
  g_assert_cmpstr (config->run_dir, ==, "/r");
  g_assert_cmpstr (config->migration_dir, ==, "/m");
  g_assert_cmpstr (config->fence_dir, ==, "/f");
  g_assert_cmpstr (config->relay, ==, "/x");
  g_assert_cmpstr (config->relay_user, ==, "nobody");

  const UmzConfigPeer *first = umz_config_find_peer (config, "abgse701");
  g_assert_cmpstr (first->name, ==, "ABGSE701");
  g_assert_cmpstr (first->address, ==, "a.example");
  g_assert_cmpuint (first->port, ==, 2);
  g_assert_cmpstr (first->data_address, ==, "10.0.0.1");
  g_assert_cmpuint (first->data_port, ==, 3);
  g_assert_cmpint (first->type, ==, UMZ_SU_TYPE_X86);

  const UmzConfigPeer *second = umz_config_find_peer (config, "P.2-X");
  g_assert_cmpuint (second->port, ==, 7390);
  g_assert_cmpstr (second->data_address, ==, "b");
  g_assert_cmpuint (second->data_port, ==, 7391);
  g_assert_cmpint (second->type, ==, UMZ_SU_TYPE_390);
  g_assert_null (umz_config_find_peer (config, "OTHER"));
}

static void
an_arbiter_is_read (Fixture *fixture, const void *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzConfig) config =
    load (fixture,
          "[su]\nname=A\n"
          "[arbiter]\nkind=etcd\nprefix=/moves\nca=@/ca.pem\ncertificate=@/cert.pem\n"
          "key=@/key.pem\n"
          "endpoints=https://a.example:2379, http://[::1]:1,https://192.0.2.1:65535\n",
          &error);
  g_assert_no_error (error);
  g_assert_cmpint (config->arbiter.kind, ==, UMZ_ARBITER_ETCD);
  g_assert_cmpstr (config->arbiter.prefix, ==, "/moves");
  g_assert_true (g_str_has_suffix (config->arbiter.ca, "/ca.pem"));
  g_assert_true (g_str_has_suffix (config->arbiter.certificate, "/cert.pem"));
  g_assert_true (g_str_has_suffix (config->arbiter.key, "/key.pem"));
  g_assert_cmpuint (g_strv_length (config->arbiter.endpoints), ==, 3);
  g_assert_cmpstr (config->arbiter.endpoints[0], ==, "https://a.example:2379");
  g_assert_cmpstr (config->arbiter.endpoints[1], ==, "http://[::1]:1");
  g_assert_cmpstr (config->arbiter.endpoints[2], ==, "https://192.0.2.1:65535");
}

static void
an_arbiter_on_a_disk_is_read (Fixture *fixture, const void *data)
{
  if (!UMZ_WITH_SANLOCK) {
    g_test_skip ("built without sanlock");
    return;
  }
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzConfig) config = load (fixture,
                                       "[su]\nname=A\n"
                                       "[arbiter]\nkind=sanlock\ndisk=/dev/decisions\n"
                                       "host-id=2000\nprogram=/opt/umzug-sanlock\n",
                                       &error);
  g_assert_no_error (error);
  g_assert_cmpint (config->arbiter.kind, ==, UMZ_ARBITER_SANLOCK);
  g_assert_cmpstr (config->arbiter.disk, ==, "/dev/decisions");
  g_assert_cmpuint (config->arbiter.host_id, ==, 2000);
  g_assert_cmpstr (config->arbiter.program, ==, "/opt/umzug-sanlock");
}

static void
an_arbiter_that_is_switched_off_needs_nothing (Fixture *fixture, const void *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzConfig) config = load (
    fixture, "[su]\nname=A\n[arbiter]\nkind=none\nca=/nowhere.pem\nkey=/nowhere.pem\n", &error);
  g_assert_no_error (error);
  g_assert_cmpint (config->arbiter.kind, ==, UMZ_ARBITER_NONE);
}

static void
the_data_address_follows_the_address (Fixture *fixture, const void *data)
{
  g_autoptr (UmzConfig) config =
    load (fixture, "[su]\nname=A\n[listen]\naddress=192.0.2.1\n", NULL);
  g_assert_cmpstr (config->data_address, ==, "192.0.2.1");
}

/* Refusals: text, and the message without the path. */
static const struct {
  const char *text;
  const char *code;
  const char *rest;
} bad[] = {
  /* form */
  { "su\n", "UMZ0017", ":1: 'su' NOT UNDERSTOOD. USE: [group], key=value OR # comment" },
  { "name=A\n", "UMZ0017", ":1: 'name=A' NOT UNDERSTOOD. USE: [group], key=value OR # comment" },
  { "[su]\n=A\n", "UMZ0017", ":2: '=A' NOT UNDERSTOOD. USE: [group], key=value OR # comment" },
  { "[su\n", "UMZ0017", ":1: '[su' NOT UNDERSTOOD. USE: [group], key=value OR # comment" },
  { "[]\n", "UMZ0017", ":1: '[]' NOT UNDERSTOOD. USE: [group], key=value OR # comment" },
  /* twice */
  { "[su]\nname=A\n#\nname=B\n", "UMZ0014",
    ":4: '[su] name' SECOND TIME. FIRST IN LINE 2, DELETE ONE" },
  { "[su]\nname=A\n[listen]\n[su]\ntype=390\n", "UMZ0014",
    ":4: '[su]' SECOND TIME. FIRST IN LINE 1, DELETE ONE" },
  /* unknown */
  { "[su]\nname=A\n[web]\n", "UMZ0013",
    ":3: '[web]' UNKNOWN. KNOWN ARE: [su], [libvirt], [listen], [cluster], [limits], [mirror], "
    "[history], [paths], [arbiter], [su NAME]" },
  { "[su]\ncolour=red\n", "UMZ0013",
    ":2: '[su] colour' UNKNOWN. KNOWN ARE: name, type, configuration, reserve-mib, index-max, "
    "language" },
  { "[su B]\naddress=b\nname=C\n", "UMZ0013",
    ":3: '[su B] name' UNKNOWN. KNOWN ARE: type, address, port, data-address, data-port" },
  /* values */
  { "[su]\nname=A_B\n", "UMZ0010",
    ":2: '[su] name=A_B' NOT ALLOWED. USE: A-Z 0-9 $ # @ . - (1..64)" },
  { "[su]\nname=\n", "UMZ0010", ":2: '[su] name=' NOT ALLOWED. USE: A-Z 0-9 $ # @ . - (1..64)" },
  { "[su]\nname=\\x\n", "UMZ0010", ":2: '[su] name' NOT ALLOWED. USE: A-Z 0-9 $ # @ . - (1..64)" },
  { "[su]\ntype=s390x\n", "UMZ0010", ":2: '[su] type=s390x' NOT ALLOWED. USE: 390 / x86" },
  { "[su]\nconfiguration=\n", "UMZ0010",
    ":2: '[su] configuration=' NOT ALLOWED. USE: ASCII (1..64)" },
  { "[limits]\ncopy=86401\n", "UMZ0010",
    ":2: '[limits] copy=86401' NOT ALLOWED. USE: 0..86400" },
  { "[su]\nreserve-mib=-1\n", "UMZ0010",
    ":2: '[su] reserve-mib=-1' NOT ALLOWED. USE: 0..67108864" },
  { "[su]\nreserve-mib=67108865\n", "UMZ0010",
    ":2: '[su] reserve-mib=67108865' NOT ALLOWED. USE: 0..67108864" },
  { "[su]\nindex-max=1\n", "UMZ0010", ":2: '[su] index-max=1' NOT ALLOWED. USE: 2..9999" },
  { "[su]\nindex-max=10000\n", "UMZ0010", ":2: '[su] index-max=10000' NOT ALLOWED. USE: 2..9999" },
  { "[su]\nlanguage=fr\n", "UMZ0010", ":2: '[su] language=fr' NOT ALLOWED. USE: en / de" },
  { "[libvirt]\nuri=qemu\n", "UMZ0010",
    ":2: '[libvirt] uri=qemu' NOT ALLOWED. USE: qemu:///system" },
  { "[libvirt]\nsocket=x.sock\n", "UMZ0010",
    ":2: '[libvirt] socket=x.sock' NOT ALLOWED. USE: /... (2..107)" },
  { "[listen]\naddress=a b\n", "UMZ0010",
    ":2: '[listen] address=a b' NOT ALLOWED. USE: all / host.example / 192.0.2.1 / 2001:db8::1" },
  { "[listen]\ncontrol-port=0\n", "UMZ0010",
    ":2: '[listen] control-port=0' NOT ALLOWED. USE: 1..65535" },
  { "[listen]\ndata-port=65536\n", "UMZ0010",
    ":2: '[listen] data-port=65536' NOT ALLOWED. USE: 1..65535" },
  { "[cluster]\nactive=yes\n", "UMZ0010",
    ":2: '[cluster] active=yes' NOT ALLOWED. USE: true / false" },
  { "[paths]\nstate=var\n", "UMZ0010", ":2: '[paths] state=var' NOT ALLOWED. USE: /..." },
  { "[paths]\nrelay-user=Root\n", "UMZ0010",
    ":2: '[paths] relay-user=Root' NOT ALLOWED. USE: a-z 0-9 _ - (1..32)" },
  { "[arbiter]\nkind=consul\n", "UMZ0010",
    ":2: '[arbiter] kind=consul' NOT ALLOWED. USE: none / etcd" SANLOCK },
  { "[arbiter]\nhost-id=0\n", "UMZ0010",
    ":2: '[arbiter] host-id=0' NOT ALLOWED. USE: 1..2000" },
  { "[arbiter]\nhost-id=2001\n", "UMZ0010",
    ":2: '[arbiter] host-id=2001' NOT ALLOWED. USE: 1..2000" },
  { "[arbiter]\ndisk=disk\n", "UMZ0010", ":2: '[arbiter] disk=disk' NOT ALLOWED. USE: /..." },
#define BAD_ENDPOINTS(value)                                   \
  {                                                            \
    "[arbiter]\nendpoints=" value "\n", "UMZ0010",             \
      ":2: '[arbiter] endpoints=" value "' NOT ALLOWED. USE: " \
      "https://host.example:2379, ... (1..5)"                  \
  }
  BAD_ENDPOINTS (""),
  BAD_ENDPOINTS ("a.example:2379"),
  BAD_ENDPOINTS ("ftp://a:2379"),
  BAD_ENDPOINTS ("https://a"),
  BAD_ENDPOINTS ("https://:2379"),
  BAD_ENDPOINTS ("https://a:0"),
  BAD_ENDPOINTS ("https://a:65536"),
  BAD_ENDPOINTS ("https://a:1/"),
  BAD_ENDPOINTS ("https://a:1?b"),
  BAD_ENDPOINTS ("https://a:1#b"),
  BAD_ENDPOINTS ("https://a:1,"),
  BAD_ENDPOINTS ("https://a:1,https://a:1,https://a:1,https://a:1,https://a:1,https://a:1"),
  /* peers */
  { "[su A/B]\n", "UMZ0010", ":1: '[su A/B]' NOT ALLOWED. USE: A-Z 0-9 $ # @ . - (1..64)" },
  { "[su ]\n", "UMZ0010", ":1: '[su ]' NOT ALLOWED. USE: A-Z 0-9 $ # @ . - (1..64)" },
  { "[su B]\naddress=b\n[su b]\naddress=c\n", "UMZ0010",
    ":3: '[su b]' NOT ALLOWED. USE: A-Z 0-9 $ # @ . - (1..64)" },
  { "[su B]\naddress=all the hosts\n", "UMZ0010",
    ":2: '[su B] address=all the hosts' NOT ALLOWED. "
    "USE: host.example / 192.0.2.1 / 2001:db8::1" },
  { "[su]\nname=A\n" CLUSTER "[su a]\naddress=x\n", "UMZ0010",
    ":7: '[su a]' NOT ALLOWED. USE: != A ([su] name)" },
  { "[su]\nname=A\n" CLUSTER "[su b]\nport=1\n", "UMZ0015",
    ":7: '[su b]' WITHOUT 'address'. ADD IT" },
  /* laws */
  { "[su]\nname=A\n[listen]\ndata-port=7390\n", "UMZ0010",
    ":4: '[listen] data-port=7390' NOT ALLOWED. USE: control-port != data-port" },
  { "[su]\nname=A\n[listen]\ncontrol-port=7391\n", "UMZ0010",
    ":4: '[listen] control-port=7391' NOT ALLOWED. USE: control-port != data-port" },
  { "[su]\nname=A\n[arbiter]\nendpoints=https://a:1\n", "UMZ0015",
    ":3: '[arbiter]' WITHOUT 'kind'. ADD IT" },
  { "[su]\nname=A\n[arbiter]\nkind=etcd\n", "UMZ0015",
    ":4: '[arbiter] kind' WITHOUT 'endpoints'. ADD IT" },
  { "[su]\nname=A\n[arbiter]\nkind=etcd\nendpoints=https://a:1\nkey=@/key.pem\n", "UMZ0015",
    ":6: '[arbiter] key' WITHOUT 'certificate'. ADD IT" },
  { "[su]\nname=A\n[arbiter]\nkind=etcd\nendpoints=https://a:1\ncertificate=@/cert.pem\n",
    "UMZ0015", ":6: '[arbiter] certificate' WITHOUT 'key'. ADD IT" },
#if UMZ_WITH_SANLOCK
  { "[su]\nname=A\n[arbiter]\nkind=sanlock\nhost-id=1\n", "UMZ0015",
    ":4: '[arbiter] kind' WITHOUT 'disk'. ADD IT" },
  { "[su]\nname=A\n[arbiter]\nkind=sanlock\ndisk=/a\n", "UMZ0015",
    ":4: '[arbiter] kind' WITHOUT 'host-id'. ADD IT" },
#else
  { "[su]\nname=A\n[arbiter]\nkind=sanlock\nhost-id=1\ndisk=/a\n", "UMZ0010",
    ":4: '[arbiter] kind=sanlock' NOT ALLOWED. USE: none / etcd" SANLOCK },
#endif
  { "[su]\nname=A\n[arbiter]\nkind=etcd\nendpoints=https://a:1\nca=/nowhere/ca.pem\n", "UMZ0016",
    ":6: FILE '/nowhere/ca.pem' NOT USABLE: No such file or directory. "
    "ISSUE IT WITH 'umzug pki'" },
};

static void
refuses_at_the_line (Fixture *fixture, const void *data)
{
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *printable = g_strescape (bad[i].text, NULL);
    g_autofree char *expected = g_strconcat (bad[i].code, " ", fixture->path, bad[i].rest, NULL);
    g_test_message ("%s", printable);
    g_assert_null (load (fixture, bad[i].text, &error));
    g_assert_cmpstr (error->message, ==, expected);
  }
}

static void
refuses_a_missing_certificate (Fixture *fixture, const void *data)
{
  for (size_t i = 0; i < G_N_ELEMENTS (pki_files); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *path = g_build_filename (fixture->folder, pki_files[i], NULL);
    g_autofree char *expected = g_strdup_printf (
      "UMZ0016 %s:%zu: FILE '%s' NOT USABLE: No such file or directory. "
      "ISSUE IT WITH 'umzug pki'",
      fixture->path, 4 + i, path);
    g_assert_cmpint (g_unlink (path), ==, 0);
    g_assert_null (load (fixture, "[su]\nname=A\n" CLUSTER "[su B]\naddress=b\n", &error));
    g_assert_cmpstr (error->message, ==, expected);
    g_assert_true (g_file_set_contents_full (path, "", 0, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  }
}

static void
without_peers_no_certificate_is_needed (Fixture *fixture, const void *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzConfig) config =
    load (fixture, "[su]\nname=A\n[cluster]\nca=/nowhere/ca.pem\n", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (config->ca, ==, "/nowhere/ca.pem");
}

static void
refuses_a_file_that_is_not_there (Fixture *fixture, const void *data)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (umz_config_load (fixture->path, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0042);
}

static void
refuses_a_file_that_is_no_text (Fixture *fixture, const void *data)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (fixture->path, "[su]\n\0name=A", 12, NULL));
  g_assert_null (umz_config_load (fixture->path, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0042);
}

/* A prefix of a good file is good or refused, never worse. */
static void
truncation_at_any_byte_is_harmless (Fixture *fixture, const void *data)
{
  static const char text[] = "[su]\nname=A\ntype=390\n[listen]\ncontrol-port=81\n"
                             "[su B]\naddress=b\ndata-port=12\n";
  for (size_t length = 0; length < sizeof text; length++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *beginning = g_strndup (text, length);
    g_autoptr (UmzConfig) config = load (fixture, beginning, &error);
    if (config == NULL)
      g_assert_true (error->domain == UMZ_ERROR);
  }
}

static void
types_are_read_as_they_are_written (void)
{
  UmzSuType type = UMZ_SU_TYPE_390;
  g_assert_true (umz_su_type_parse ("X86", &type));
  g_assert_cmpstr (umz_su_type_text (type), ==, "x86");
  g_assert_true (umz_su_type_parse ("390", &type));
  g_assert_cmpstr (umz_su_type_text (type), ==, "390");
  g_assert_false (umz_su_type_parse ("39", &type));
}

/* Of the cluster or the arbiter: nobody but its owner may read it. */
static void
an_open_key_is_refused (Fixture *fixture, const void *data)
{
  static const char *const texts[] = {
    "[su]\nname=A\n" CLUSTER "[su B]\naddress=b\n",
    "[su]\nname=A\n[arbiter]\nkind=etcd\nendpoints=https://a:1\ncertificate=@/cert.pem\n"
    "key=@/key.pem\n",
  };
  static const int modes[] = { 0600, 0400, 0640, 0604, 0620 };
  g_autofree char *path = g_build_filename (fixture->folder, "key.pem", NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    for (size_t k = 0; k < G_N_ELEMENTS (modes); k++) {
      g_autoptr (GError) error = NULL;
      g_assert_cmpint (g_chmod (path, modes[k]), ==, 0);
      g_autoptr (UmzConfig) config = load (fixture, texts[i], &error);
      g_assert_cmpint (config != NULL, ==, (modes[k] & 077) == 0);
      if (config == NULL)
        g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0016);
    }
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  (void) setlocale (LC_ALL, "C"); /* strerror() speaks English here */
  g_test_init (&argc, &argv, NULL);
  ADD ("/config/an-empty-file-gives-the-defaults", an_empty_file_gives_the_defaults);
  ADD ("/config/every-key-is-read", every_key_is_read);
  ADD ("/config/an-open-key-is-refused", an_open_key_is_refused);
  ADD ("/config/an-arbiter-is-read", an_arbiter_is_read);
  ADD ("/config/an-arbiter-on-a-disk-is-read", an_arbiter_on_a_disk_is_read);
  ADD ("/config/an-arbiter-that-is-switched-off-needs-nothing",
       an_arbiter_that_is_switched_off_needs_nothing);
  ADD ("/config/the-data-address-follows-the-address", the_data_address_follows_the_address);
  ADD ("/config/refuses-at-the-line", refuses_at_the_line);
  ADD ("/config/refuses-a-missing-certificate", refuses_a_missing_certificate);
  ADD ("/config/without-peers-no-certificate-is-needed", without_peers_no_certificate_is_needed);
  ADD ("/config/refuses-a-file-that-is-not-there", refuses_a_file_that_is_not_there);
  ADD ("/config/refuses-a-file-that-is-no-text", refuses_a_file_that_is_no_text);
  ADD ("/config/truncation-at-any-byte-is-harmless", truncation_at_any_byte_is_harmless);
  g_test_add_func ("/config/types-are-read-as-they-are-written",
                   types_are_read_as_they_are_written);
  return g_test_run ();
}

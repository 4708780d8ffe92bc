/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "su/test-site.h"

#include <glib/gstdio.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/test-peer.h"
#include "hypervisor/test-libvirt.h"
#include "store/console-log.h"
#include "store/journal.h"
#include "store/vms.h"
#include "su/admission.h"
#include "su/herald.h"
#include "su/judgement.h"
#include "su/self.h"
#include "su/takeovers.h"

#define MOMENT_MS 10
#define LINES_MAX 1000

/* ---- what the other SU asks for ---- */

/* The lock is held. */
static bool
is_held (const UmzTestUnit *unit, const char *path)
{
  return unit->held != NULL && g_str_has_suffix (path, unit->held);
}

static void
wait_while_held (UmzTestUnit *unit, const char *path)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&unit->lock);
  if (!is_held (unit, path))
    return;
  unit->n_held++;
  g_cond_broadcast (&unit->changed);
  while (is_held (unit, path))
    g_cond_wait (&unit->changed, &unit->lock);
  unit->n_held--;
}

static bool
may_be_heard (UmzTestUnit *unit, const char *path, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&unit->lock);
  if (unit->refused == NULL || !g_str_has_suffix (path, unit->refused))
    return true;
  umz_set_error_from_notice (error, unit->why);
  return false;
}

/* As umzugd's server does it: the first word of the path says who hears it. */
static JsonNode *
hear (const char *su, const char *path, JsonObject *request, void *data, GError **error)
{
  static const struct {
    const char *path;
    JsonNode *(*hear) (UmzApp *app, const char *su, JsonObject *request, GError **error);
  } hearers[] = {
    { "/check", umz_judgement_hear },
    { "/definitions", umz_herald_hear_list },
    { "/definition", umz_herald_hear_definition },
    { "/takeover", umz_takeovers_hear },
  };
  UmzTestUnit *unit = data;
  wait_while_held (unit, path);
  if (!may_be_heard (unit, path, error))
    return NULL;
  if (strcmp (path, "/su") == 0)
    return umz_self_describe (unit->app);
  for (size_t i = 0; i < G_N_ELEMENTS (hearers); i++)
    if (strcmp (path, hearers[i].path) == 0)
      return hearers[i].hear (unit->app, su, request, error);
  g_auto (GStrv) parts = g_strsplit (path, "/", -1); /* "", "moves", ID, VERB */
  g_assert_cmpuint (g_strv_length (parts), ==, 4);
  return strcmp (parts[3], "begin") == 0
           ? umz_admission_hear_begin (unit->app, su, parts[2], request, error)
           : umz_engine_handle_move (unit->app->engine, su, parts[2], parts[3], request, error);
}

/* ---- one SU ---- */

/* A port that is ours, and where connections are refused as long as nobody listens. */
static void
open_door (UmzTestUnit *unit)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  unit->door = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (unit->door, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (getsockname (unit->door, (struct sockaddr *) &address, &length), ==, 0);
  unit->port = ntohs (address.sin_port);
}

static void
prepare (UmzTestUnit *unit, const char *name, const char *folder, UmzSuType type)
{
  unit->name = name;
  unit->folder = g_build_filename (folder, name, NULL);
  unit->uri = g_strconcat ("test:///", name, NULL);
  unit->type = type;
  g_mutex_init (&unit->lock);
  g_cond_init (&unit->changed);
  open_door (unit);
  g_assert_cmpint (g_mkdir_with_parents (unit->folder, 0755), ==, 0);
}

static char *
write_config (const UmzTestUnit *unit, const UmzTestUnit *other)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strdup_printf (
    "[su]\nname=%s\ntype=%s\nconfiguration=LAB\nreserve-mib=0\n"
    "[libvirt]\nuri=%s\nsocket=%s/libvirt\n"
    "[listen]\naddress=127.0.0.1\n"
    "[cluster]\nca=/dev/null\ncertificate=/dev/null\nkey=/dev/null\n"
    "[paths]\nstate=%s/state\nrun=%s/run\nmigration=%s/m\nfence=%s/state/fence\nrelay=/bin/false\n"
    "[su %s]\naddress=127.0.0.1\nport=%u\n%s",
    unit->name, umz_su_type_text (unit->type), unit->uri, unit->folder, unit->folder,
    unit->folder, unit->folder, unit->folder, other->name, other->port,
    unit->more != NULL ? unit->more : "");
  char *path = g_build_filename (unit->folder, "umzugd.conf", NULL);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return path;
}

void
umz_test_unit_start (UmzTestUnit *unit)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (unit->folder, "umzugd.conf", NULL);
  g_autofree char *pids = umz_test_libvirt_dup_folder (unit->uri);
  UmzConfig *config = umz_config_load (path, &error);
  g_assert_no_error (error);
  config->data_port = 0; /* any: no memory comes */
  unit->app = umz_app_new_from_config (config, pids, &error);
  g_assert_no_error (error);
  umz_engine_start (unit->app->engine, &error);
  g_assert_no_error (error);
  g_assert_cmpint (listen (unit->door, SOMAXCONN), ==, 0);
  umz_test_peer_set (unit->name, hear, unit);
}

void
umz_test_unit_stop (UmzTestUnit *unit)
{
  umz_test_peer_set (unit->name, NULL, NULL);
  umz_test_unit_hold (unit, NULL);
  umz_test_peer_drain (unit->name);
  shutdown (unit->door, SHUT_RDWR);
  g_clear_pointer (&unit->app, umz_app_free);
}

void
umz_test_unit_hold (UmzTestUnit *unit, const char *end)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&unit->lock);
  unit->held = end;
  g_cond_broadcast (&unit->changed);
}

void
umz_test_unit_await_held (UmzTestUnit *unit)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&unit->lock);
  while (unit->n_held == 0)
    g_cond_wait (&unit->changed, &unit->lock);
}

void
umz_test_unit_refuse (UmzTestUnit *unit, const char *end, UmzNotice *why)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&unit->lock);
  umz_notice_free (unit->why);
  unit->refused = end;
  unit->why = why;
}

unsigned
umz_test_unit_count_said (UmzTestUnit *unit, const char *code)
{
  unsigned n = 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) lines =
    umz_store_list_console (unit->app->store, 0, NULL, LINES_MAX, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < lines->len; i++)
    n += strcmp (((const UmzConsoleLine *) lines->pdata[i])->code, code) == 0;
  return n;
}

/* ---- its VMs ---- */

const char *
umz_test_vm_get_uuid (const char *name)
{
  g_autofree char *uuid =
    g_strdup_printf ("%08x-6f4c-4a66-9a6a-27d1f0f0a001", g_str_hash (name));
  return g_intern_string (uuid);
}

static const char *
get_uuid (const UmzTestVm *vm)
{
  return umz_test_vm_get_uuid (vm->twin != NULL ? vm->twin : vm->name);
}

static char *
dup_xml (const UmzTestUnit *unit, const UmzTestVm *vm)
{
  bool is_390 = unit->type == UMZ_SU_TYPE_390;
  return g_strdup_printf (
    "<domain type='qemu'><name>%s</name><uuid>%s</uuid><memory unit='KiB'>65536</memory>"
    "<currentMemory unit='KiB'>65536</currentMemory><vcpu placement='static'>1</vcpu>"
    "<os><type arch='%s' machine='%s'>hvm</type><boot dev='hd'/></os>"
    "<devices><emulator>/bin/true</emulator>%s</devices></domain>",
    vm->name, get_uuid (vm), is_390 ? "s390x" : "x86_64",
    is_390 ? "s390-ccw-virtio-7.2" : "pc-i440fx-7.2", vm->devices != NULL ? vm->devices : "");
}

/* What libvirt does not know is in the store. */
static void
note (UmzTestUnit *unit, const UmzTestVm *vm)
{
  static const UmzLife lives[] = {
    [UMZ_VM_STATE_RUNNING] = UMZ_LIFE_RAN,
    [UMZ_VM_STATE_IN_HOLD] = UMZ_LIFE_RAN,
    [UMZ_VM_STATE_INIT_ONLY] = UMZ_LIFE_INIT_ONLY,
    [UMZ_VM_STATE_DOWN] = UMZ_LIFE_RAN,
    [UMZ_VM_STATE_DEFINED_ONLY] = UMZ_LIFE_DELETED,
  };
  g_autoptr (GError) error = NULL;
  const char *uuid = get_uuid (vm);
  if (vm->index != 0)
    umz_store_set_index (unit->app->store, uuid, vm->index, &error);
  g_assert_no_error (error);
  umz_store_set_life (unit->app->store, uuid, lives[vm->state], &error);
  g_assert_no_error (error);
}

void
umz_test_unit_add (UmzTestUnit *unit, const UmzTestVm *vm)
{
  static const virDomainState states[] = {
    [UMZ_VM_STATE_RUNNING] = VIR_DOMAIN_RUNNING,
    [UMZ_VM_STATE_IN_HOLD] = VIR_DOMAIN_PAUSED,
    [UMZ_VM_STATE_INIT_ONLY] = VIR_DOMAIN_PAUSED,
    [UMZ_VM_STATE_DOWN] = VIR_DOMAIN_SHUTOFF,
    [UMZ_VM_STATE_DEFINED_ONLY] = VIR_DOMAIN_SHUTOFF,
  };
  g_autofree char *xml = dup_xml (unit, vm);
  umz_test_libvirt_add (unit->uri, xml, states[vm->state]);
  note (unit, vm);
}

/* ---- both ---- */

UmzTestSite *
umz_test_site_new (UmzSuType type, const char *more)
{
  g_autoptr (GError) error = NULL;
  UmzTestSite *site = g_new0 (UmzTestSite, 1);
  site->folder = g_dir_make_tmp ("umzug-site-XXXXXX", &error);
  g_assert_no_error (error);
  umz_test_libvirt_begin (site->folder);
  umz_test_peer_begin ();
  site->here.more = more;
  prepare (&site->here, "ABGSE501", site->folder, type);
  prepare (&site->there, "ABGSE701", site->folder, type);
  g_free (write_config (&site->here, &site->there));
  g_free (write_config (&site->there, &site->here));
  umz_test_unit_start (&site->here);
  umz_test_unit_start (&site->there);
  return site;
}

static void
clear (UmzTestUnit *unit)
{
  umz_test_unit_stop (unit);
  close (unit->door);
  umz_test_unit_refuse (unit, NULL, NULL);
  g_mutex_clear (&unit->lock);
  g_cond_clear (&unit->changed);
  g_free (unit->folder);
  g_free (unit->uri);
}

void
umz_test_site_free (UmzTestSite *site)
{
  clear (&site->here);
  clear (&site->there);
  umz_test_libvirt_end ();
  g_autofree char *command = g_strdup_printf ("rm -r %s", site->folder);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_free (site->folder);
  g_free (site);
}

static gboolean
note_time (void *data)
{
  return G_SOURCE_REMOVE;
}

void
umz_test_site_go_on (void)
{
  g_timeout_add (MOMENT_MS, note_time, NULL);
  g_main_context_iteration (NULL, TRUE);
}

static bool
is_settled (const UmzTestUnit *unit)
{
  g_autoptr (GError) error = NULL;
  if (unit->app == NULL)
    return true;
  g_autoptr (GPtrArray) open = umz_store_list_open_moves (unit->app->store, &error);
  g_assert_no_error (error);
  return open->len == 0 && !umz_engine_is_busy (unit->app->engine);
}

void
umz_test_site_settle (UmzTestSite *site)
{
  while (!is_settled (&site->here) || !is_settled (&site->there))
    umz_test_site_go_on ();
}

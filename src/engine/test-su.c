/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/test-su.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/engine-private.h"
#include "engine/test-fault.h"
#include "engine/test-p2p.h"
#include "engine/test-peer.h"
#include "hypervisor/test-libvirt.h"
#include "store/vms.h"

#define MOMENT_MS 10

static const char *const xml_of[] = {
  [UMZ_SU_TYPE_390] =
    "<domain type='qemu'><name>VM12PROD</name><uuid>" UMZ_TEST_UUID "</uuid>"
    "<memory unit='KiB'>65536</memory><vcpu placement='static'>1</vcpu>"
    "<os><type arch='s390x' machine='s390-ccw-virtio-7.2'>hvm</type></os>"
    "<devices><emulator>/bin/true</emulator></devices></domain>",
  [UMZ_SU_TYPE_X86] =
    "<domain type='qemu'><name>VM12PROD</name><uuid>" UMZ_TEST_UUID "</uuid>"
    "<memory unit='KiB'>65536</memory><vcpu placement='static'>1</vcpu>"
    "<os><type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type></os>"
    "<devices><emulator>/bin/true</emulator></devices></domain>",
};

/* ---- one SU ---- */

static void
hear_line (const UmzLine *line, void *data)
{
  UmzTestSu *su = data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (su->lock);
  g_string_append_printf (su->said, "%s ", umz_message_code (umz_notice_get_id (line->notice)));
}

static void
hear_status (const UmzMoveRecord *record, UmzMonjvState status, const char *cause_code, void *data)
{
  UmzTestSu *su = data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (su->lock);
  su->status = status;
}

static void
hear_closed (const UmzMoveRecord *record, void *data)
{
  UmzTestSu *su = data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (su->lock);
  su->n_closed++;
}

static int
bind_reusable (uint16_t port)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_port = htons (port),
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof (int)), ==, 0);
  if (bind (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  g_assert_cmpint (errno, ==, EADDRINUSE);
  close (fd);
  return -1;
}

/* A port that is no one else's; who allows reuse can listen there, also a second time. */
static uint16_t
open_door (UmzTestSu *su)
{
  struct sockaddr_in address = { 0 };
  socklen_t length = sizeof address;
  su->door = bind_reusable (0);
  g_assert_cmpint (getsockname (su->door, (struct sockaddr *) &address, &length), ==, 0);
  return ntohs (address.sin_port);
}

/* A relay of either SU that is between fork() and exec() still has the port that was closed. */
static bool
is_door_closed (const UmzTestSu *su)
{
  int fd = bind_reusable ((uint16_t) su->config.data_port);
  return fd >= 0 && close (fd) == 0;
}

static char *
make_folder (const UmzTestSu *su, const char *name)
{
  char *path = g_build_filename (su->folder, name, NULL);
  g_assert_cmpint (g_mkdir_with_parents (path, 0755), ==, 0);
  return path;
}

/* umzugd starts relays as root; here they keep the user that the test has.  The link's path tells
 * whose relay it is.
 */
static char *
make_relay (const UmzTestSu *su, const char *relay)
{
  g_autofree char *link = g_build_filename (su->folder, "umzug-relay", NULL);
  g_autofree char *text =
    g_strdup_printf ("#!/bin/sh\nexec '%s' --keep-user --allow-faults\n", link);
  char *path = g_build_filename (su->folder, "relay", NULL);
  g_assert_cmpint (symlink (relay, link), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
  return path;
}

static void
configure (UmzTestSu *su, const char *parent, const char *relay, UmzSuType type)
{
  su->folder = g_build_filename (parent, su->name, NULL);
  su->uri = g_strconcat ("test:///", su->name, NULL);
  su->said = g_string_new (NULL);
  su->lock = g_new (GMutex, 1);
  g_mutex_init (su->lock);
  g_autofree char *state = make_folder (su, "state");
  su->config = (UmzConfig){
    .su_name = (char *) su->name,
    .su_type = type,
    .libvirt_uri = su->uri,
    .libvirt_socket = g_build_filename (su->folder, "libvirt", NULL),
    .data_address = (char *) "127.0.0.1",
    .data_port = open_door (su),
    .init_limit_s = 300, /* however busy the machine is */
    .quiesce_limit_s = 5,
    .frozen_limit_s = 8,
    .mirror_mib = 256,
    .mirror_age_s = 3600,
    .state_dir = g_steal_pointer (&state),
    .run_dir = make_folder (su, "run"),
    .migration_dir = g_build_filename (su->folder, "m", NULL),
    .fence_dir = make_folder (su, "fence"),
    .relay = make_relay (su, relay),
    .relay_user = g_strdup (getpwuid (getuid ())->pw_name),
    .peers = g_ptr_array_new (),
  };
  umz_test_p2p_listen (su->uri, su->config.libvirt_socket, su->config.migration_dir);
}

static void
introduce (UmzTestSu *su, const UmzTestSu *other)
{
  su->peer = (UmzConfigPeer){ .name = (char *) other->name,
                              .type = other->config.su_type,
                              .address = (char *) "127.0.0.1",
                              .data_address = (char *) "127.0.0.1",
                              .data_port = other->config.data_port };
  g_ptr_array_add (su->config.peers, &su->peer);
}

/* An SU of this test has nothing but an engine. */
static JsonNode *
hear_move (const char *from, const char *path, JsonObject *request, void *engine, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1); /* "", "moves", ID, VERB */
  g_assert_cmpuint (g_strv_length (parts), ==, 4);
  return umz_engine_handle_move (engine, from, parts[2], parts[3], request, error);
}

void
umz_test_su_start (UmzTestSu *su)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *pids = umz_test_libvirt_dup_folder (su->uri);
  su->means = (UmzMeans){ .config = &su->config,
                          .store = umz_store_open (su->folder, &error),
                          .hypervisor = umz_hypervisor_new (su->uri, pids),
                          .mirrors = umz_mirrors_new (&su->config),
                          .listener = { hear_line, hear_status, hear_closed },
                          .listener_data = su };
  g_assert_no_error (error);
  su->engine = umz_engine_new (&su->means);
  umz_test_peer_set (su->name, hear_move, su->engine);
  umz_engine_start (su->engine, &error);
  g_assert_no_error (error);
}

void
umz_test_su_forget (const UmzTestSu *su)
{
  static const char *const files[] = { "umzug.db", "umzug.db-wal", "umzug.db-shm",
                                       "records.db", "records.db-wal", "records.db-shm" };
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_build_filename (su->folder, files[i], NULL);
    g_assert_cmpint (g_remove (path), ==, 0);
  }
}

static bool
is_relay_of (const UmzTestSu *su, const char *pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/cmdline", pid);
  g_autofree char *command = NULL;
  return g_file_get_contents (path, &command, NULL, NULL) &&
         g_str_has_prefix (command, su->folder);
}

void
umz_test_su_kill_relays (const UmzTestSu *su)
{
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  for (const char *pid; (pid = g_dir_read_name (processes)) != NULL;)
    if (g_ascii_isdigit (pid[0]) && is_relay_of (su, pid))
      kill (atoi (pid), SIGKILL);
}

static void
cut_off (UmzTestSu *su)
{
  umz_test_peer_set (su->name, NULL, NULL);
  umz_test_su_kill_relays (su);
}

/* Nothing of it is freed: its threads may still be there. */
void
umz_test_su_kill (UmzTestSu *su)
{
  cut_off (su);
  umz_data_port_close (g_steal_pointer (&su->engine->data_port));
  su->engine = NULL;
}

void
umz_test_su_copy (const UmzTestSu *su, UmzTestSu *ret_copy)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (su->lock);
  *ret_copy = *su;
}

unsigned
umz_test_su_get_closed (const UmzTestSu *su)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (su->lock);
  return su->n_closed;
}

UmzMonjvState
umz_test_su_get_status (const UmzTestSu *su)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (su->lock);
  return su->status;
}

char *
umz_test_su_dup_said (const UmzTestSu *su)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (su->lock);
  return g_strdup (su->said->str);
}

bool
umz_test_su_has_said (const UmzTestSu *su, const char *code)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (su->lock);
  return strstr (su->said->str, code) != NULL;
}

/* ---- both ---- */

static void
add_vm (UmzTestPair *pair, UmzVmState state)
{
  g_autoptr (GError) error = NULL;
  static const virDomainState states[] = {
    [UMZ_VM_STATE_RUNNING] = VIR_DOMAIN_RUNNING,
    [UMZ_VM_STATE_IN_HOLD] = VIR_DOMAIN_PAUSED,
    [UMZ_VM_STATE_INIT_ONLY] = VIR_DOMAIN_PAUSED,
    [UMZ_VM_STATE_DOWN] = VIR_DOMAIN_SHUTOFF,
    [UMZ_VM_STATE_DEFINED_ONLY] = VIR_DOMAIN_SHUTOFF,
  };
  UmzStore *store = pair->source.means.store;
  umz_test_libvirt_add (pair->source.uri, xml_of[pair->source.config.su_type], states[state]);
  umz_store_set_index (store, UMZ_TEST_UUID, 12, &error);
  g_assert_no_error (error);
  if (state == UMZ_VM_STATE_INIT_ONLY)
    umz_store_set_life (store, UMZ_TEST_UUID, UMZ_LIFE_INIT_ONLY, &error);
  g_assert_no_error (error);
}

UmzTestPair *
umz_test_pair_new (const char *folder, const char *relay, UmzSuType type, UmzVmState state)
{
  UmzTestPair *pair = g_new0 (UmzTestPair, 1);
  pair->state = state;
  umz_test_libvirt_begin (folder);
  umz_test_peer_begin ();
  pair->source.name = "ABGSE501";
  pair->target.name = "ABGSE701";
  configure (&pair->source, folder, relay, type);
  configure (&pair->target, folder, relay, type);
  introduce (&pair->source, &pair->target);
  introduce (&pair->target, &pair->source);
  umz_test_su_start (&pair->source);
  umz_test_su_start (&pair->target);
  add_vm (pair, state);
  return pair;
}

void
umz_test_pair_kill (UmzSide side, void *data)
{
  UmzTestPair *pair = data;
  cut_off (side == UMZ_SIDE_SOURCE ? &pair->source : &pair->target);
  g_atomic_int_set (&pair->killed, 1 + (int) side);
}

bool
umz_test_pair_migrate (UmzTestPair *pair, GError **error)
{
  g_autofree char *id = NULL;
  g_autoptr (UmzVm) vm = NULL;
  if (!umz_hypervisor_find (pair->source.means.hypervisor, UMZ_TEST_UUID, &vm, error))
    return false;
  g_assert_nonnull (vm);
  UmzVmRecord record;
  if (!umz_store_get_vm (pair->source.means.store, UMZ_TEST_UUID, &record, error))
    return false;
  vm->index = record.index;
  vm->state = pair->state; /* libvirt does not know all of them */
  UmzMoveOrder order = {
    .target_su = pair->target.name,
    .terms = umz_terms_of_su_type (pair->source.config.su_type),
  };
  return umz_engine_migrate (pair->source.engine, g_steal_pointer (&vm), &order, &id, error);
}

static void
revive (UmzTestPair *pair)
{
  int killed = g_atomic_int_get (&pair->killed);
  if (killed == 0 || pair->stays_away)
    return;
  UmzTestSu *su = killed == 1 + UMZ_SIDE_SOURCE ? &pair->source : &pair->target;
  if (su->engine != NULL)
    umz_test_su_kill (su);
  if (!is_door_closed (su))
    return;
  umz_test_fault_revive ();
  g_atomic_int_set (&pair->killed, 0);
  umz_test_su_start (su);
}

static bool
has_open_moves (const UmzTestSu *su)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) open = umz_store_list_open_moves (su->means.store, &error);
  g_assert_no_error (error);
  return open->len > 0;
}

static gboolean
note_time (void *data)
{
  return G_SOURCE_REMOVE;
}

/* The data port accepts in the main loop. */
void
umz_test_pair_go_on (UmzTestPair *pair)
{
  g_timeout_add (MOMENT_MS, note_time, NULL);
  g_main_context_iteration (NULL, TRUE);
  revive (pair);
}

static bool
is_settled (UmzTestPair *pair)
{
  return g_atomic_int_get (&pair->killed) == 0 && !has_open_moves (&pair->source) &&
         !has_open_moves (&pair->target) && !umz_engine_is_busy (pair->source.engine) &&
         !umz_engine_is_busy (pair->target.engine);
}

void
umz_test_pair_settle (UmzTestPair *pair)
{
  do
    umz_test_pair_go_on (pair);
  while (!is_settled (pair));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/streams.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/fault.h"
#include "host/libvirt-conf.h"
#include "host/user.h"
#include "hypervisor/definition.h"

/* ---- what relays say ---- */

static void
note_stats (UmzMove *move, const UmzRelayStats *stats)
{
  bool is_source = move->side == UMZ_SIDE_SOURCE;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  move->progress.transfer = (UmzTransferFigures){
    .is_coded = move->transfer.engine == UMZ_RELAY_ENGINE_CODEC,
    .has_mirror = move->transfer.use == UMZ_MIRROR_KEPT,
    .link_bytes = stats->link_bytes,
    .guest_bytes = is_source ? stats->local_read_bytes : stats->local_written_bytes,
    .same_pages = stats->same_pages,
    .delta_pages = stats->delta_pages,
    .fresh_pages = stats->fresh_pages,
    .zero_pages = stats->zero_pages,
    .cpu_us = stats->cpu_us,
  };
  umz_pace_note (&move->pace, g_get_monotonic_time (),
                 is_source ? stats->acked_bytes : stats->local_written_bytes);
  move->progress.guest_bytes_per_s = umz_pace_get (&move->pace);
  move->progress.in_flight_bytes = stats->in_flight_bytes;
  move->progress.in_flight_max_bytes = stats->in_flight_max_bytes;
}

/* The end of a copy is noted at once, and not only when the move's thread comes to it: it may be
 * asking the source just now.
 */
static void
note (UmzMove *move, UmzRelayKind kind, const UmzRelayMessage *message)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  if (message->type == UMZ_RELAY_MESSAGE_MIRROR)
    move->mirror = message->mirror;
  else if (message->type == UMZ_RELAY_MESSAGE_FINISH_REPLIED)
    move->is_copy_complete = move->is_copy_complete || message->finish_replied.ok;
  else if (message->type == UMZ_RELAY_MESSAGE_ENDED)
    move->ends[kind - 1] = message->ended;
}

static void
hear_relay (UmzRelayKind kind, const UmzRelayMessage *message, void *data)
{
  UmzMove *move = data;
  if (message != NULL && message->type == UMZ_RELAY_MESSAGE_STATS) {
    if (kind == UMZ_RELAY_KIND_MEMORY)
      note_stats (move, &message->stats);
    return;
  }
  if (message != NULL)
    note (move, kind, message);
  if (message == NULL || message->type != UMZ_RELAY_MESSAGE_MIRROR)
    umz_inputs_push_relay (move->inputs, kind, message);
}

bool
umz_streams_is_copy_complete (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return move->is_copy_complete;
}

UmzRelayEnded
umz_streams_get_end (UmzMove *move, UmzRelayKind kind)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return move->ends[kind - 1];
}

/* ---- relays ---- */

static void
copy_uuid (const char *text, uint8_t *bytes, size_t n_bytes)
{
  g_auto (GStrv) parts = g_strsplit (text, "-", -1);
  g_autofree char *digits = g_strjoinv ("", parts);
  g_autoptr (GBytes) uuid = umz_text_new_bytes_from_hex (digits);
  memcpy (bytes, g_bytes_get_data (uuid, NULL), n_bytes);
}

bool
umz_streams_start_relay (UmzMove *move, UmzRelayKind kind, int link_fd, int listener_fd,
                         GError **error)
{
  const UmzStream *stream = &move->streams[kind - 1];
  UmzRelayStart start = {
    .kind = kind,
    .side = move->side == UMZ_SIDE_SOURCE ? UMZ_RELAY_SIDE_SOURCE : UMZ_RELAY_SIDE_TARGET,
    .limit_us = move->terms.suspension_us,
  };
  memcpy (start.stream_id, stream->id, sizeof start.stream_id);
  memcpy (start.key, stream->key, sizeof start.key);
  copy_uuid (move->record->uuid, start.vm_uuid, sizeof start.vm_uuid);
  g_strlcpy (start.vm_name, move->record->name, sizeof start.vm_name);
  umz_streams_end_relay (move, kind);
  if (umz_fault_fails (move->side == UMZ_SIDE_SOURCE ? "source-relay" : "target-relay", error))
    return false;
  int mirror_fd =
    kind == UMZ_RELAY_KIND_MEMORY ? umz_transfer_begin (&move->transfer, &start) : -1;
  const int fds[UMZ_RELAY_MESSAGE_FDS] = { link_fd, listener_fd, mirror_fd };
  move->relays[kind - 1] =
    umz_engine_relay_start (move->means->config, &start, fds, hear_relay, move, error);
  explicit_bzero (&start, sizeof start);
  return move->relays[kind - 1] != NULL;
}

UmzRelayProcess *
umz_streams_get_relay (UmzMove *move, UmzRelayKind kind)
{
  return move->relays[kind - 1];
}

void
umz_streams_end_relay (UmzMove *move, UmzRelayKind kind)
{
  g_clear_pointer (&move->relays[kind - 1], umz_engine_relay_end);
}

void
umz_streams_end_relays (UmzMove *move)
{
  umz_streams_end_relay (move, UMZ_RELAY_KIND_RPC);
  umz_streams_end_relay (move, UMZ_RELAY_KIND_MEMORY);
}

/* ---- sockets ---- */

static bool
fail_folder (const UmzMove *move, const char *why, GError **error)
{
  umz_set_error (error, UMZ_MSG_UMZ0043, move->folder, why, NULL);
  return false;
}

/* The definition may name another user than qemu.conf does. */
static char *
dup_qemu_user (const UmzMove *move)
{
  g_autoptr (UmzLibvirtConf) conf = umz_libvirt_conf_load (UMZ_LIBVIRT_CONF_FOLDER "/qemu.conf");
  const char *definition = move->record->definition;
  char *own = definition != NULL ? umz_definition_dup_user (definition) : NULL;
  return own != NULL ? own : umz_user_dup_of_qemu (conf);
}

/* At the target QEMU makes its socket there, and at the source we do, for libvirtd. */
static bool
give_folder (const UmzMove *move, GError **error)
{
  UmzUser qemu;
  if (move->side == UMZ_SIDE_SOURCE || geteuid () != 0) /* who is not root runs as QEMU's user */
    return true;
  g_autofree char *user = dup_qemu_user (move);
  g_autofree char *nobody = g_strdup_printf ("there is no user '%s' for QEMU", user);
  if (!umz_user_find (user, "", &qemu))
    return fail_folder (move, nobody, error);
  return chown (move->folder, qemu.uid, qemu.gid) == 0 ||
         fail_folder (move, g_strerror (errno), error);
}

bool
umz_streams_make_folder (UmzMove *move, GError **error)
{
  const char *parent = move->means->config->migration_dir;
  if (g_mkdir_with_parents (parent, 0711) != 0 || chmod (parent, 0711) != 0 ||
      mkdir (move->folder, 0700) != 0)
    return fail_folder (move, g_strerror (errno), error);
  return give_folder (move, error);
}

/* The one pattern that Debian's virt-aa-helper lets QEMU use. */
static char *
make_path (const char *parent, const char *folder, const char *vm_name)
{
  return g_strdup_printf ("%s/%s/mem.tunnelmigrate.dest.%s", parent, folder, vm_name);
}

char *
umz_streams_dup_memory_path (const UmzMove *move)
{
  g_autofree char *folder = g_path_get_basename (move->folder);
  return make_path (move->means->config->migration_dir, folder, move->record->name);
}

bool
umz_streams_can_name_socket (const UmzConfig *config, const char *vm_name)
{
  g_autofree char *path = make_path (config->migration_dir, "01234567-0123", vm_name);
  return strlen (path) < sizeof ((struct sockaddr_un *) NULL)->sun_path;
}

void
umz_streams_remove_folder (UmzMove *move)
{
  g_autoptr (GDir) folder = g_dir_open (move->folder, 0, NULL);
  for (const char *name; folder != NULL && (name = g_dir_read_name (folder)) != NULL;) {
    g_autofree char *path = g_build_filename (move->folder, name, NULL);
    (void) g_unlink (path); /* what cannot be removed keeps the folder, and no more */
  }
  (void) g_rmdir (move->folder);
}

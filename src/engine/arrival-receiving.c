/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* arrival-receiving.c: RECEIVING at the target: the relays come up, libvirt makes the copy, and
 * while memory comes its disks are looked at.
 */
#include <errno.h>
#include <unistd.h>

#include "base/unix-socket.h"
#include "engine/arrival.h"
#include "engine/devices.h"
#include "engine/fault.h"
#include "engine/streams.h"
#include "host/storage.h"

#define DISKS_LIMIT_US (2 * G_USEC_PER_SEC) /* the guest may stand still meanwhile */
#define DISKS_US       (2 * G_USEC_PER_SEC)

/* Its memory goes to this VM's QEMU and to no other process, whoever that runs as. */
static bool
is_of_copy (UmzMove *move, int fd)
{
  pid_t pid;
  uid_t uid;
  int64_t qemu_pid;
  const UmzMoveRecord *record = move->record;
  return umz_unix_get_peer (fd, &pid, &uid) &&
         umz_hypervisor_get_pid (move->hypervisor, record->name, record->uuid, &qemu_pid,
                                 NULL) &&
         pid == qemu_pid;
}

/* -1: *ret_why says why. */
static int
connect_local (UmzMove *move, UmzRelayKind kind, const char *path, const char **ret_why)
{
  int fd = umz_fault_fails ("target-local", NULL) ? -1 : umz_unix_connect (path);
  *ret_why = g_strerror (errno);
  if (fd < 0 || kind == UMZ_RELAY_KIND_RPC || is_of_copy (move, fd))
    return fd;
  close (fd);
  *ret_why = "it is another process that listens there";
  return -1;
}

static void
give_local (UmzMove *move, UmzRelayKind kind)
{
  const char *why;
  g_autofree char *memory_path = umz_streams_dup_memory_path (move);
  const char *path =
    kind == UMZ_RELAY_KIND_RPC ? move->means->config->libvirt_socket : memory_path;
  int fd = connect_local (move, kind, path, &why);
  if (fd < 0) {
    umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_UMZ0042, path, why, NULL));
    umz_streams_end_relay (move, kind);
    return;
  }
  (void) umz_engine_relay_send_local (umz_streams_get_relay (move, kind),
                                      fd); /* a relay that is gone tells so itself */
}

void
umz_arrival_say_prepared (UmzMove *move)
{
  if (move->means->config->su_type != UMZ_SU_TYPE_390) {
    umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_VMS6020, move->label, NULL));
    return;
  }
  umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_VMS3050, move->label, NULL));
  for (guint i = 0; i < move->vm->devices->len; i++) {
    const UmzDevice *device = move->vm->devices->pdata[i];
    if (umz_devices_travels (device))
      umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_VMS4005, device->mn, move->label,
                                                  device->is_shared ? " (TYPE=SD)" : "", NULL));
  }
}

/* Before it is complete, nobody but its QEMU closes the memory stream here.  If the RPC stream had
 * ended by then, libvirt has ended the QEMU for that, and the cause is not here.
 */
static bool
has_copy_ended (UmzMove *move)
{
  UmzRelayEnded memory = umz_streams_get_end (move, UMZ_RELAY_KIND_MEMORY);
  UmzRelayEnded rpc = umz_streams_get_end (move, UMZ_RELAY_KIND_RPC);
  bool was_rpc_over = rpc.end != 0 && rpc.at_us < memory.at_us;
  return memory.end == UMZ_RELAY_END_LOCAL && !was_rpc_over && !umz_streams_is_copy_complete (move);
}

static void
say_end_of_stream (UmzArrival *a, UmzRelayKind kind)
{
  UmzMove *move = a->move;
  UmzRelayEnded ended = umz_streams_get_end (move, kind);
  bool is_ours = ended.end == UMZ_RELAY_END_REFUSED || ended.end == UMZ_RELAY_END_HOSTILE ||
                 ended.end == UMZ_RELAY_END_CODEC;
  if (!is_ours || a->end_of_stream != NULL)
    return;
  a->end_of_stream = umz_notice_new (UMZ_MSG_UMZ0121, ended.text, NULL);
  umz_lines_say (move->lines, umz_notice_copy (a->end_of_stream));
}

void
umz_arrival_say_ends (UmzArrival *a)
{
  UmzMove *move = a->move;
  say_end_of_stream (a, UMZ_RELAY_KIND_RPC);
  say_end_of_stream (a, UMZ_RELAY_KIND_MEMORY);
  if (has_copy_ended (move))
    umz_lines_say_once (move->lines, UMZ_MSG_UMZ0140);
}

/* As QEMU's user here: the guest would stand without its disks, and can still go on at the source.
 */
static bool
are_disks_operable (UmzMove *move, GError **error)
{
  int64_t end_us = g_get_monotonic_time () + DISKS_LIMIT_US;
  for (guint i = 0; i < move->vm->devices->len && g_get_monotonic_time () < end_us; i++) {
    const UmzDevice *device = move->vm->devices->pdata[i];
    if (device->kind == UMZ_DEVICE_DISK && umz_devices_travels (device) &&
        !umz_storage_check_writable (device, NULL, error))
      return false;
  }
  return true;
}

/* While the source makes up its mind.  Only of a copy that is held it is certain that it never ran.
 */
static void
hear_finish (UmzArrival *a)
{
  UmzMove *move = a->move;
  g_autoptr (GError) error = NULL;
  umz_fault_point ("target-received");
  umz_arrival_receive (a);
  if (a->is_copy_held &&
      (umz_fault_fails ("target-disks", &error) || !are_disks_operable (move, &error)))
    (void) umz_arrival_refuse (a, umz_error_to_notice (error));
}

void
umz_arrival_hear_relay (UmzArrival *a, const UmzInput *input)
{
  UmzMove *move = a->move;
  switch (input->message.type) {
  case UMZ_RELAY_MESSAGE_WANT_LOCAL: give_local (move, input->stream); break;
  case UMZ_RELAY_MESSAGE_PREPARED:
    umz_fault_point ("target-prepared");
    umz_move_set_phase (move, UMZ_PHASE_COPY);
    umz_arrival_say_prepared (move);
    break;
  case UMZ_RELAY_MESSAGE_FINISH_REPLIED:
    if (input->message.finish_replied.ok)
      hear_finish (a);
    break;
  case UMZ_RELAY_MESSAGE_ENDED: umz_arrival_say_ends (a); break;
  case UMZ_RELAY_MESSAGE_START:
  case UMZ_RELAY_MESSAGE_LOCAL:
  case UMZ_RELAY_MESSAGE_QUERY_HELD:
  case UMZ_RELAY_MESSAGE_RELEASE:
  case UMZ_RELAY_MESSAGE_LIMIT:
  case UMZ_RELAY_MESSAGE_STOP:
  case UMZ_RELAY_MESSAGE_READY:
  case UMZ_RELAY_MESSAGE_CONNECTED:
  case UMZ_RELAY_MESSAGE_FINISH_CALLED:
  case UMZ_RELAY_MESSAGE_HELD_STATE:
  case UMZ_RELAY_MESSAGE_STATS:
  case UMZ_RELAY_MESSAGE_MIRROR: break;
  }
}

void
umz_arrival_take_stream (UmzMove *move, UmzInput *input)
{
  if (umz_streams_get_relay (move, input->stream) != NULL)
    return; /* the id is no secret: a second connection with it changes nothing */
  g_autoptr (GError) error = NULL;
  int fd = input->fd;
  input->fd = -1;
  if (!umz_streams_start_relay (move, input->stream, fd, -1, &error))
    umz_lines_say (move->lines, umz_error_to_notice (error));
}

void
umz_arrival_look_at_disks (UmzArrival *a)
{
  UmzMove *move = a->move;
  int64_t now_us = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  if (now_us < a->disks_due_us)
    return;
  a->disks_due_us = now_us + DISKS_US;
  if (are_disks_operable (move, &error) && umz_store_try_write (move->means->store, &error))
    return;
  umz_arrival_freeze_copy (a);
  if (umz_streams_is_copy_complete (move)) {
    umz_arrival_let_go (a); /* Finish was answered meanwhile, and is heard next */
    return;
  }
  if (umz_arrival_refuse (a, umz_error_to_notice (error)) && !a->is_copy_held)
    umz_arrival_clear_now (move);
}

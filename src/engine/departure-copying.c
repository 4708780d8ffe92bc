/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* departure-copying.c: COPYING at the source: the target keeps a place, the guest gives away what
 * cannot travel, libvirt migrates, and in the end the guest stands still on both sides and is
 * frozen here.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/text.h"
#include "base/unix-socket.h"
#include "engine/dataport.h"
#include "engine/departure.h"
#include "engine/devices.h"
#include "engine/fault.h"
#include "engine/ledger.h"
#include "engine/streams.h"
#include "engine/transfer.h"
#include "host/fence.h"
#include "host/host.h"
#include "model/json.h"

#define RELAY_WORD_MS    300
#define HELD_ANSWER_MS   1000
#define HANDOVER_LIMIT_S 10 /* all is copied: only libvirt of the target has to say so */
#define RELEASE_LOOK_MS  50
#define LIMIT_LOOK_MS    250
#define TURN_LOOK_MS     200

/* ---- limits ---- */

static uint64_t
get_limit_s (const UmzConfig *config, UmzLimit limit)
{
  switch (limit) {
  case UMZ_LIMIT_INIT: return config->init_limit_s;
  case UMZ_LIMIT_COPY: return config->copy_limit_s;
  case UMZ_LIMIT_FROZEN: return config->frozen_limit_s;
  case UMZ_LIMIT_HANDOVER: return HANDOVER_LIMIT_S;
  }
  g_assert_not_reached ();
}

static void
enter_phase (UmzDeparture *c, UmzLimit limit)
{
  uint64_t limit_s = get_limit_s (c->move->means->config, limit);
  int64_t end_us = limit_s > 0 ? g_get_monotonic_time () + (int64_t) limit_s * G_USEC_PER_SEC : 0;
  bool is_frozen_sooner = limit == UMZ_LIMIT_HANDOVER && c->limit_us != 0 && c->limit_us < end_us;
  if (is_frozen_sooner)
    return; /* the guest stands still for longer than it should already */
  c->limit = limit;
  c->limit_us = end_us;
}

/* Once the guest stands still for the hand-over, it is too late for that. */
static bool
is_over_total (UmzDeparture *c)
{
  uint64_t total_s = c->move->terms.total_s;
  if (total_s == 0 || c->limit >= UMZ_LIMIT_FROZEN ||
      g_get_monotonic_time () < c->begun_us + (int64_t) total_s * G_USEC_PER_SEC)
    return false;
  g_autofree char *seconds = g_strdup_printf ("%" G_GUINT64_FORMAT, total_s);
  umz_departure_take_cause (c, umz_notice_new (UMZ_MSG_UMZ0203, "total", seconds, NULL));
  return true;
}

/* Takes the cause if the phase has lasted too long. */
static bool
is_over_limit (UmzDeparture *c)
{
  if (is_over_total (c))
    return true;
  static const char *const names[] = { "init", "copy", "frozen", "hand-over" };
  if (c->limit_us == 0 || g_get_monotonic_time () < c->limit_us)
    return false;
  g_autofree char *seconds =
    g_strdup_printf ("%" G_GUINT64_FORMAT, get_limit_s (c->move->means->config, c->limit));
  umz_departure_take_cause (c, umz_notice_new (UMZ_MSG_UMZ0203, names[c->limit], seconds, NULL));
  return true;
}

/* ---- COPYING ---- */

static gpointer
run_p2p (gpointer data)
{
  g_autoptr (UmzMove) move = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *memory_path = umz_streams_dup_memory_path (move);
  g_autofree char *escaped = g_uri_escape_string (memory_path, "/", FALSE);
  g_autofree char *memory_uri = g_strdup_printf ("unix://%s", escaped);
  g_autofree char *uri = g_strdup_printf ("qemu+unix:///system?socket=%s/rpc.sock", move->folder);
  UmzMigration migration = {
    .connection_uri = uri,
    .memory_uri = memory_uri,
    .slows_guest = move->terms.policy == UMZ_GUARD_CARRIES_THROUGH,
  };
  bool ok =
    !umz_fault_fails ("source-migrate", &error) &&
    umz_hypervisor_migrate (move->hypervisor, move->record->uuid, &migration, &error);
  umz_inputs_push (move->inputs, UMZ_INPUT_P2P_ENDED, ok ? NULL : umz_error_to_notice (error));
  return NULL;
}

static bool
start_stream (UmzDeparture *c, UmzRelayKind kind, const char *path, GError **error)
{
  UmzMove *move = c->move;
  const UmzConfigPeer *su = umz_config_find_peer (c->move->means->config, move->record->peer);
  int listener = umz_unix_listen (path);
  if (listener < 0) {
    umz_set_error (error, UMZ_MSG_UMZ0043, path, g_strerror (errno), NULL);
    return false;
  }
  int link = -1;
  if (!umz_fault_fails ("source-connect", error))
    link = umz_data_port_connect (su, move->streams[kind - 1].id, UMZ_PEER_ANSWER_S,
                                  move->interrupt, error);
  if (link < 0) {
    close (listener);
    return false;
  }
  return umz_streams_start_relay (move, kind, link, listener, error);
}

static void
begin_stream (JsonBuilder *b, const char *name, const UmzStream *stream)
{
  g_autofree char *id = umz_text_dup_hex (stream->id, sizeof stream->id);
  g_autofree char *key = umz_text_dup_hex (stream->key, sizeof stream->key);
  json_builder_set_member_name (b, name);
  json_builder_begin_object (b);
  umz_json_set_text (b, "id", id);
  umz_json_set_text (b, "key", key);
}

/* A reason of the target's is told as in a check; that it could not be asked speaks for itself. */
static void
set_refusal (UmzDeparture *c, const GError *refusal, GError **error)
{
  g_autoptr (UmzNotice) why = umz_error_to_notice (refusal);
  g_autofree char *reason = umz_notice_reason (why);
  UmzMessageId id = umz_notice_get_id (why);
  if (id == UMZ_MSG_UMZ0320 || id == UMZ_MSG_UMZ0321)
    umz_set_error_from_notice (error, why);
  else
    umz_set_error (error, UMZ_MSG_VMS2404, c->move->label, c->move->record->peer, reason,
                   NULL);
}

static JsonNode *
new_announcement (UmzMove *move)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_text (b, "id", move->record->id);
  umz_json_set_number (b, "epoch", move->record->epoch);
  json_builder_set_member_name (b, "vm");
  json_builder_add_value (b, umz_vm_to_json (move->vm));
  umz_json_set_text (b, "definition",
                     move->record->definition != NULL ? move->record->definition : "");
  begin_stream (b, "rpc", &move->streams[UMZ_RELAY_KIND_RPC - 1]);
  json_builder_end_object (b);
  begin_stream (b, "memory", &move->streams[UMZ_RELAY_KIND_MEMORY - 1]);
  umz_transfer_add_offer (&move->transfer, move->terms.is_coded, b);
  json_builder_end_object (b);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

static JsonNode *
say_begin (UmzMove *move, GError **error)
{
  g_autoptr (JsonNode) request = new_announcement (move);
  return umz_fault_fails ("source-announce", error)
           ? NULL
           : umz_move_call_peer (move, "/begin", request, UMZ_PEER_ANSWER_S, error);
}

/* The target knows of later moves of the VM than we do: our store was lost since.  Its epochs are
 * taken up; false: that is not why it refuses.
 */
static bool
take_up_epoch (UmzMove *move, const GError *refusal)
{
  uint64_t known;
  if (!g_error_matches (refusal, UMZ_ERROR, UMZ_MSG_UMZ0247))
    return false;
  g_autoptr (UmzNotice) notice = umz_error_to_notice (refusal);
  return g_ascii_string_to_unsigned (umz_notice_get_inserts (notice)[0], 10, 1, UMZ_EPOCH_MAX,
                                     &known, NULL) &&
         umz_move_raise_epoch (move, known, NULL); /* what it has refused stays refused */
}

static bool
announce (UmzDeparture *c, GError **error)
{
  UmzMove *move = c->move;
  g_autoptr (GError) refusal = NULL;
  g_autoptr (JsonNode) answer = say_begin (move, &refusal);
  if (answer == NULL && take_up_epoch (move, refusal)) {
    g_clear_error (&refusal);
    answer = say_begin (move, &refusal);
  }
  if (answer == NULL)
    set_refusal (c, refusal, error);
  else
    umz_transfer_take_answer (&move->transfer, answer);
  return answer != NULL && !umz_fault_fails ("source-announced", error);
}

static bool
raise_fence (UmzMove *move, GError **error)
{
  const UmzConfig *config = move->means->config;
  g_autoptr (UmzNotice) refusal =
    umz_notice_new (UMZ_MSG_UMZ0125, move->label, move->record->peer, NULL);
  g_autofree char *why = umz_notice_render (refusal, config->language);
  return umz_ledger_note (move, UMZ_STEP_FENCE, "", error) &&
         !umz_fault_fails ("source-fence", error) &&
         umz_fence_raise (config->fence_dir, move->record->uuid, UMZ_SIDE_SOURCE, why, error);
}

static bool
make_folder (UmzMove *move, GError **error)
{
  return umz_ledger_note (move, UMZ_STEP_FOLDER, "", error) &&
         !umz_fault_fails ("source-folder", error) && umz_streams_make_folder (move, error);
}

static UmzNotice *
relay_cause (UmzRelayKind kind, const UmzRelayEnded *ended)
{
  g_autofree char *text = g_strdup_printf (
    "%s, %s%s%s", kind == UMZ_RELAY_KIND_RPC ? "RPC" : "MEMORY",
    umz_relay_end_name ((UmzRelayEnd) ended->end), ended->text[0] != '\0' ? ": " : "", ended->text);
  return umz_notice_new (ended->end == UMZ_RELAY_END_LINK ? UMZ_MSG_UMZ0120 : UMZ_MSG_UMZ0121, text,
                         NULL);
}

typedef enum {
  WAIT_ON,
  REPLY_IS_HELD,
  MOVE_FAILED,
} Outcome;

static void
note_end_of_copy (UmzDeparture *c)
{
  if (c->copy_since_us != 0)
    c->move->copy_us = g_get_monotonic_time () - c->copy_since_us;
}

/* The guest stands still, as the watch or the call of Finish tells first. */
static void
note_stopped (UmzDeparture *c)
{
  if (c->limit >= UMZ_LIMIT_FROZEN)
    return;
  if (c->move->vm_state == UMZ_VM_STATE_RUNNING)
    c->stood_since_us = g_get_monotonic_time ();
  note_end_of_copy (c);
  enter_phase (c, UMZ_LIMIT_FROZEN);
}

static Outcome
hear_relay_message (UmzDeparture *c, const UmzInput *input)
{
  switch (input->message.type) {
  case UMZ_RELAY_MESSAGE_FINISH_REPLIED:
    return input->message.finish_replied.held ? REPLY_IS_HELD : WAIT_ON;
  case UMZ_RELAY_MESSAGE_FINISH_CALLED:
    umz_fault_point ("source-finish-called");
    c->has_given_disks = true;
    note_stopped (c);
    enter_phase (c, UMZ_LIMIT_HANDOVER);
    umz_watch_forbid (c->watch);
    return WAIT_ON;
  case UMZ_RELAY_MESSAGE_PREPARED:
    umz_fault_point ("source-prepared");
    umz_move_set_phase (c->move, UMZ_PHASE_COPY);
    c->copy_since_us = g_get_monotonic_time ();
    enter_phase (c, UMZ_LIMIT_COPY);
    return WAIT_ON;
  case UMZ_RELAY_MESSAGE_ENDED:
    if (input->message.ended.end == UMZ_RELAY_END_DONE) {
      c->is_done[input->stream - 1] = true;
      c->has_given_disks = c->has_given_disks || input->stream == UMZ_RELAY_KIND_MEMORY;
      return WAIT_ON;
    }
    umz_departure_take_cause (c, relay_cause (input->stream, &input->message.ended));
    return MOVE_FAILED;
  case UMZ_RELAY_MESSAGE_START:
  case UMZ_RELAY_MESSAGE_LOCAL:
  case UMZ_RELAY_MESSAGE_QUERY_HELD:
  case UMZ_RELAY_MESSAGE_RELEASE:
  case UMZ_RELAY_MESSAGE_LIMIT:
  case UMZ_RELAY_MESSAGE_STOP:
  case UMZ_RELAY_MESSAGE_READY:
  case UMZ_RELAY_MESSAGE_WANT_LOCAL:
  case UMZ_RELAY_MESSAGE_CONNECTED:
  case UMZ_RELAY_MESSAGE_HELD_STATE:
  case UMZ_RELAY_MESSAGE_STATS:
  case UMZ_RELAY_MESSAGE_MIRROR: return WAIT_ON;
  }
  g_assert_not_reached ();
}

/* If libvirt has closed its connection, it says why when its call returns. */
static Outcome
hear_relay_gone (UmzDeparture *c, const UmzInput *input)
{
  if (c->is_done[input->stream - 1])
    return WAIT_ON;
  umz_departure_take_cause (
    c, umz_notice_new (UMZ_MSG_UMZ0121, input->stream == UMZ_RELAY_KIND_RPC ? "RPC" : "MEMORY",
                       NULL));
  return MOVE_FAILED;
}

/* libvirt only sees that its connection ends.  If a relay has ended, that is why; it may say so a
 * moment later.
 */
static void
take_cause_of_relay (UmzDeparture *c)
{
  int64_t end_us = g_get_monotonic_time () + RELAY_WORD_MS * 1000;
  while (c->cause == NULL && g_get_monotonic_time () < end_us) {
    g_autoptr (UmzInput) input = umz_inputs_pop (c->move->inputs, 20);
    if (input->kind == UMZ_INPUT_RELAY)
      (void) hear_relay_message (c, input); /* it has failed in any case */
    else if (input->kind == UMZ_INPUT_RELAY_GONE)
      (void) hear_relay_gone (c, input);
  }
}

/* What the guard has done on an SU x86, and why. */
static void
say_carried_through (UmzDeparture *c, UmzInput *input)
{
  UmzMove *move = c->move;
  umz_lines_say (move->lines, g_steal_pointer (&input->notice));
  if (input->kind == UMZ_INPUT_SUSPENDED) {
    umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_UMZ0222, move->label, NULL));
    return;
  }
  g_autofree char *ms = g_strdup_printf ("%" G_GUINT64_FORMAT, input->suspension_us / 1000);
  umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_UMZ0221, move->label, ms, NULL));
  UmzRelayProcess *memory = umz_streams_get_relay (move, UMZ_RELAY_KIND_MEMORY);
  (void) umz_engine_relay_send_limit (memory, input->suspension_us); /* if gone, it tells so */
}

static Outcome
hear (UmzDeparture *c, UmzInput *input)
{
  switch (input->kind) {
  case UMZ_INPUT_RELAY: return hear_relay_message (c, input);
  case UMZ_INPUT_RELAY_GONE: return hear_relay_gone (c, input);
  case UMZ_INPUT_STOPPED: note_stopped (c); return WAIT_ON;
  case UMZ_INPUT_P2P_ENDED:
    c->is_p2p_running = false;
    take_cause_of_relay (c);
    break;
  case UMZ_INPUT_RAISED:
  case UMZ_INPUT_SUSPENDED: say_carried_through (c, input); return WAIT_ON;
  case UMZ_INPUT_GIVE_UP:
    note_end_of_copy (c);
    umz_lines_say (c->move->lines, g_steal_pointer (&input->notice));
    umz_departure_take_cause (
      c, umz_notice_new (UMZ_MSG_VMS2425, c->move->label, c->move->record->peer, NULL));
    return MOVE_FAILED;
  case UMZ_INPUT_QUIT:
    umz_departure_take_cause (c, umz_notice_new (UMZ_MSG_UMZ0132, NULL));
    return MOVE_FAILED;
  case UMZ_INPUT_LINK_LOST:
  case UMZ_INPUT_CANCEL: break;
  case UMZ_INPUT_NOTHING:
  case UMZ_INPUT_STREAM:
  case UMZ_INPUT_GO:
  case UMZ_INPUT_GO_LAST:
  case UMZ_INPUT_ABORT:
  case UMZ_INPUT_GONE:
  case UMZ_INPUT_DECIDE: return WAIT_ON;
  }
  umz_departure_take_cause (
    c, input->notice != NULL
         ? g_steal_pointer (&input->notice)
         : umz_notice_new (UMZ_MSG_UMZ0122, "the migration ended without a hand-over", NULL));
  return MOVE_FAILED;
}

static bool
start_streams (UmzDeparture *c, GError **error)
{
  g_autofree char *rpc_path = g_build_filename (c->move->folder, "rpc.sock", NULL);
  g_autofree char *memory_path = umz_streams_dup_memory_path (c->move);
  return start_stream (c, UMZ_RELAY_KIND_RPC, rpc_path, error) &&
         start_stream (c, UMZ_RELAY_KIND_MEMORY, memory_path, error) &&
         umz_ledger_note (c->move, UMZ_STEP_GUEST, "", error);
}

static bool
may_go_on (void *data)
{
  UmzDeparture *c = data;
  g_autoptr (UmzInput) input = umz_inputs_pop (c->move->inputs, RELEASE_LOOK_MS);
  return hear (c, input) != MOVE_FAILED;
}

/* The guest is touched only when the target has its place ready. */
static bool
prepare_guest (UmzDeparture *c, GError **error)
{
  umz_heartbeat_listen (c->heartbeat);
  if (umz_fault_fails ("source-detach", error) ||
      !umz_devices_detach (c->move, may_go_on, c, error))
    return false;
  enter_phase (c, UMZ_LIMIT_INIT);
  return start_streams (c, error);
}

/* Up to the point where libvirt copies.  False without an error: the cause has been taken. */
static bool
set_up (UmzDeparture *c, GError **error)
{
  UmzMove *move = c->move;
  bool has_memory = umz_vm_state_has_memory (move->vm_state);
  for (int i = 0; i < UMZ_N_STREAMS; i++)
    if (getrandom (&move->streams[i], sizeof move->streams[i], 0) != sizeof move->streams[i])
      g_error ("no random numbers: %s", g_strerror (errno));
  bool ok = raise_fence (move, error) && (!has_memory || make_folder (move, error)) &&
            announce (c, error) && (!has_memory || prepare_guest (c, error));
  umz_fault_point ("source-set-up");
  return ok;
}

static bool
wait_for_hold (UmzDeparture *c)
{
  for (;;) {
    g_autoptr (UmzInput) input = umz_inputs_pop (c->move->inputs, LIMIT_LOOK_MS);
    switch (hear (c, input)) {
    case WAIT_ON:
      if (is_over_limit (c))
        return false;
      break;
    case REPLY_IS_HELD: return true;
    case MOVE_FAILED: return false;
    }
  }
}

/* Asks the relay, after the freeze, whether it still holds the reply and libvirtd still waits. */
static bool
is_still_held (UmzDeparture *c)
{
  UmzRelayProcess *rpc = umz_streams_get_relay (c->move, UMZ_RELAY_KIND_RPC);
  int64_t end_us = g_get_monotonic_time () + HELD_ANSWER_MS * 1000;
  bool has_asked = umz_engine_relay_send (rpc, UMZ_RELAY_MESSAGE_QUERY_HELD);
  while (has_asked && g_get_monotonic_time () < end_us) {
    g_autoptr (UmzInput) input = umz_inputs_pop (c->move->inputs, 50);
    if (input->kind == UMZ_INPUT_RELAY && input->message.type == UMZ_RELAY_MESSAGE_HELD_STATE) {
      const UmzRelayHeldState *state = &input->message.held_state;
      return state->held && state->local_open && state->link_open;
    }
    if (hear (c, input) == MOVE_FAILED)
      return false;
  }
  return false;
}

static bool
freeze (UmzDeparture *c)
{
  g_autoptr (GError) error = NULL;
  umz_fault_point ("source-held");
  if (umz_fault_fails ("source-freeze", &error) || !umz_process_freeze (c->process, &error)) {
    umz_departure_take_error (c, error);
    return false;
  }
  umz_fault_point ("source-frozen");
  bool is_held = !umz_fault_fails ("source-look", NULL) && is_still_held (c);
  bool is_told_to_end = umz_process_is_told_to_end (c->process);
  if (is_held && !is_told_to_end)
    return true;
  const char *why = "libvirt no longer waits for the hand-over";
  umz_departure_take_cause (c, is_told_to_end ? umz_departure_new_end_of_guest (c)
                                              : umz_notice_new (UMZ_MSG_UMZ0128, why, NULL));
  return false;
}

/* What came meanwhile may say more than what went wrong by it. */
static void
hear_the_rest (UmzDeparture *c)
{
  for (bool is_empty = false; !is_empty;) {
    g_autoptr (UmzInput) input = umz_inputs_pop (c->move->inputs, 0);
    is_empty = input->kind == UMZ_INPUT_NOTHING || input->kind == UMZ_INPUT_QUIT;
    (void) hear (c, input); /* takes the cause, if it is one */
  }
}

/* From here on nobody can cancel the move. */
static bool
is_going_through (UmzDeparture *c)
{
  if (umz_move_go_through (c->move))
    return true;
  hear_the_rest (c);
  return false;
}

/* Until the guest stands still on both sides, and is frozen here. */
static bool
copy_guest (UmzDeparture *c)
{
  UmzMove *move = c->move;
  g_thread_unref (g_thread_new ("p2p", run_p2p, umz_move_ref (move)));
  c->is_p2p_running = true;
  c->watch = umz_watch_start (move);
  if (!wait_for_hold (c) || !is_going_through (c))
    return false;
  umz_heartbeat_note_suspended (c->heartbeat);
  umz_move_set_phase (move, UMZ_PHASE_SWITCH);
  umz_watch_quiet (c->watch);
  return freeze (c);
}

/* Somebody may have started it before the fence was up. */
static bool
is_still_off (UmzDeparture *c)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzVm) vm = NULL;
  if (!umz_hypervisor_find (c->move->hypervisor, c->move->record->uuid, &vm, &error))
    umz_departure_take_error (c, error);
  else if (vm != NULL && vm->state != UMZ_VM_STATE_DOWN)
    umz_departure_take_cause (
      c, umz_notice_new (UMZ_MSG_UMZ0128, "somebody has started the guest", NULL));
  return c->cause == NULL;
}

/* A VM without memory has nothing to be copied.  But one that is INIT-ONLY has a QEMU, and nobody
 * may have started its guest.
 */
static bool
hold_unused (UmzDeparture *c)
{
  UmzMove *move = c->move;
  g_autoptr (GError) error = NULL;
  if (!is_going_through (c))
    return false;
  if (c->process == NULL)
    return is_still_off (c);
  if (!umz_process_freeze (c->process, &error))
    umz_departure_take_error (c, error);
  else if (!umz_hypervisor_is_as_it_arrived (c->move->hypervisor, move->record->uuid))
    umz_departure_take_cause (
      c, umz_notice_new (UMZ_MSG_UMZ0128, "somebody has started the guest", NULL));
  return c->cause == NULL;
}

/* False: the move has failed meanwhile. */
static bool
wait_for_turn (UmzDeparture *c)
{
  UmzMove *move = c->move;
  UmzQueue *queue = move->means->queue;
  unsigned n_before = umz_queue_count_before (queue, move);
  if (n_before == 0)
    return true;
  g_autofree char *number = g_strdup_printf ("%u", n_before);
  umz_move_set_phase (move, UMZ_PHASE_QUEUED);
  umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_UMZ0248, move->label, number, NULL));
  while (umz_queue_count_before (queue, move) > 0) {
    g_autoptr (UmzInput) input = umz_inputs_pop (move->inputs, TURN_LOOK_MS);
    if (hear (c, input) == MOVE_FAILED)
      return false;
  }
  umz_move_set_phase (move, UMZ_PHASE_SETUP);
  return true;
}

/* Until the guest is frozen here, and all of it is at the target. */
static bool
copy (UmzDeparture *c)
{
  g_autoptr (GError) error = NULL;
  umz_departure_say_begun (c);
  c->begun_us = g_get_monotonic_time ();
  enter_phase (c, UMZ_LIMIT_INIT);
  bool is_set_up = set_up (c, &error);
  if (!is_set_up)
    hear_the_rest (c);
  if (error != NULL)
    umz_departure_take_error (c, error);
  bool has_memory = umz_vm_state_has_memory (c->move->vm_state);
  return is_set_up && (has_memory ? copy_guest (c) : hold_unused (c));
}

/* Nobody has heard a GO yet, so what is journaled says as much as ABORTED does; but of a COMMITTED
 * that could not be written nobody knows whether the disk has it.
 */
static void
commit (UmzDeparture *c)
{
  g_autoptr (GError) error = NULL;
  umz_fault_point ("source-commit");
  if (umz_move_step (c->move, UMZ_EVENT_COMMIT, &error))
    return;
  umz_departure_take_error (c, error);
  (void) umz_departure_abort (c, UMZ_EVENT_FAIL);
}

/* A definition alone is nothing that libvirt would have to copy. */
void
umz_departure_copy (UmzDeparture *c)
{
  UmzMove *move = c->move;
  umz_fault_point ("source-begun");
  if (umz_vm_state_has_memory (move->vm_state))
    umz_queue_enter (move->means->queue, move);
  bool is_held = wait_for_turn (c) && copy (c);
  umz_queue_leave (move->means->queue, move);
  if (is_held)
    commit (c);
  else
    umz_move_step_anyway (move, UMZ_EVENT_FAIL);
}

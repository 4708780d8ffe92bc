/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source.c: the course of a move on the SU that the guest leaves.
 *
 * THEORY OF OPERATION
 *
 * Nothing rests on what libvirt does (docs/protocol.md has the whole story).  Its peer-to-peer
 * migration carries the guest over and leaves a paused copy; its last reply stays with our relay.
 * While libvirtd waits for that reply the guest stands still on both sides, and we freeze the old
 * QEMU.  Only then is COMMITTED journaled and GO said.  So:
 *
 *   COPYING    the guest is ours.  Whatever goes wrong: ABORTED, journaled before it is said.
 *
 *   COMMITTED  the guest is frozen, and only the target's word ends that: RUNS or REFUSED.  It is
 *              asked again and again, for as long as it takes.
 *
 *   GONE       the old QEMU never runs again: libvirtd gets its reply and ends it, else we do.
 *
 *   ABORTED    QEMU is thawed, the relays end, libvirt's job is awaited, the ledger is taken back
 *              from its end to its beginning: the guest goes on as if nothing had been.
 *
 * Each state is entered here with all its work still to be done, so the same code serves a restart.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/text.h"
#include "base/unix-socket.h"
#include "engine/devices.h"
#include "engine/engine-private.h"
#include "engine/fault.h"
#include "engine/fence.h"
#include "engine/ledger.h"
#include "engine/partner.h"
#include "engine/process.h"
#include "engine/watch.h"
#include "hypervisor/host.h"
#include "model/json.h"

#define PEER_S          10 /* for an answer of the other SU */
#define GO_S            30 /* for its answer to GO: it resumes the guest */
#define TELL_S          4
#define HELD_ANSWER_MS  1000
#define P2P_END_MS      60000
#define PATIENCE_MS     2000 /* for libvirtd's SIGTERM to the old QEMU */
#define RETRY_MS        1000
#define SETTLE_S        60
#define RELEASE_LOOK_MS 50
#define LIMIT_LOOK_MS   250
#define OFF_S           2

/* The phases whose length is limited; that of quiescing is kept by devices.c. */
typedef enum {
  LIMIT_INIT,
  LIMIT_COPY,
  LIMIT_FROZEN,
} Limit;

/* What lives as long as the course. */
typedef struct {
  UmzMove *move;        /* borrowed: the move's thread owns us */
  UmzProcess *process;  /* owned; NULL when it is gone */
  UmzPartner *partner;  /* owned */
  UmzWatch *watch;      /* owned; NULL when not started */
  Limit limit;          /* of the phase that goes on */
  int64_t limit_us;     /* monotonic; when it is over, 0: never */
  bool is_p2p_running;  /* its thread is nobody's: libvirt may keep it for long */
  bool is_memory_done;  /* the memory relay has ended in an orderly way */
  bool has_given_disks; /* QEMU, for it has sent all that there is */
  bool has_said_last;   /* with GO: that we can never take the guest back */
  UmzNotice *cause;     /* owned; why the move failed */
} Course;

static UmzEngine *
engine_of (const Course *c)
{
  return c->move->engine;
}

static void
take_cause (Course *c, UmzNotice *notice)
{
  if (c->cause == NULL)
    c->cause = notice;
  else
    umz_notice_free (notice);
}

static void
take_error (Course *c, const GError *error)
{
  take_cause (c, umz_error_to_notice (error));
}

/* ---- limits ---- */

static uint64_t
get_limit_s (const UmzConfig *config, Limit limit)
{
  switch (limit) {
  case LIMIT_INIT: return config->init_limit_s;
  case LIMIT_COPY: return config->copy_limit_s;
  case LIMIT_FROZEN: return config->frozen_limit_s;
  }
  g_assert_not_reached ();
}

static void
enter_phase (Course *c, Limit limit)
{
  uint64_t limit_s = get_limit_s (engine_of (c)->config, limit);
  c->limit = limit;
  c->limit_us =
    limit_s > 0 ? g_get_monotonic_time () + (int64_t) limit_s * G_USEC_PER_SEC : 0;
}

/* Takes the cause if the phase has lasted too long. */
static bool
is_over_limit (Course *c)
{
  static const char *const names[] = { "init", "copy", "frozen" };
  if (c->limit_us == 0 || g_get_monotonic_time () < c->limit_us)
    return false;
  g_autofree char *seconds =
    g_strdup_printf ("%" G_GUINT64_FORMAT, get_limit_s (engine_of (c)->config, c->limit));
  take_cause (c, umz_notice_new (UMZ_MSG_UMZ0203, names[c->limit], seconds, NULL));
  return true;
}

/* ---- COPYING ---- */

static gpointer
run_p2p (gpointer data)
{
  g_autoptr (UmzMove) move = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *memory_path = umz_move_dup_memory_path (move);
  g_autofree char *escaped = g_uri_escape_string (memory_path, "/", FALSE);
  g_autofree char *memory_uri = g_strdup_printf ("unix://%s", escaped);
  g_autofree char *uri = g_strdup_printf ("qemu+unix:///system?socket=%s/rpc.sock", move->folder);
  const UmzMigration migration = { .connection_uri = uri, .memory_uri = memory_uri };
  bool ok =
    umz_hypervisor_migrate (move->engine->hypervisor, move->record->uuid, &migration, &error);
  umz_move_push (move, UMZ_INPUT_P2P_ENDED, ok ? NULL : umz_error_to_notice (error));
  return NULL;
}

static bool
start_stream (Course *c, UmzRelayKind kind, const char *path, GError **error)
{
  UmzMove *move = c->move;
  const UmzConfigPeer *su = umz_config_find_peer (engine_of (c)->config, move->record->peer);
  int listener = umz_unix_listen (path);
  if (listener < 0) {
    umz_set_error (error, UMZ_MSG_UMZ0043, path, g_strerror (errno), NULL);
    return false;
  }
  int link = umz_data_port_connect (su, move->streams[kind - 1].id, PEER_S, move->interrupt,
                                    error);
  if (link < 0) {
    close (listener);
    return false;
  }
  return umz_move_start_relay (move, kind, link, listener, error);
}

static void
add_stream (JsonBuilder *b, const char *name, const UmzStream *stream)
{
  g_autofree char *id = umz_text_dup_hex (stream->id, sizeof stream->id);
  g_autofree char *key = umz_text_dup_hex (stream->key, sizeof stream->key);
  json_builder_set_member_name (b, name);
  json_builder_begin_object (b);
  umz_json_set_text (b, "id", id);
  umz_json_set_text (b, "key", key);
  json_builder_end_object (b);
}

/* A reason of the target's is told as in a check; that it could not be asked speaks for itself. */
static void
set_refusal (Course *c, const GError *refusal, GError **error)
{
  g_autoptr (UmzNotice) why = umz_error_to_notice (refusal);
  g_autofree char *reason = umz_notice_reason (why);
  UmzMessageId id = umz_notice_get_id (why);
  if (id == UMZ_MSG_UMZ0320 || id == UMZ_MSG_UMZ0321)
    umz_set_error_from_notice (error, why);
  else
    umz_set_error (error, UMZ_MSG_VMS2404, umz_move_label (c->move), c->move->record->peer, reason,
                   NULL);
}

static bool
announce (Course *c, GError **error)
{
  UmzMove *move = c->move;
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_text (b, "id", move->record->id);
  umz_json_set_number (b, "epoch", move->record->epoch);
  json_builder_set_member_name (b, "vm");
  json_builder_add_value (b, umz_vm_to_json (move->vm));
  umz_json_set_text (b, "definition",
                     move->record->definition != NULL ? move->record->definition : "");
  add_stream (b, "rpc", &move->streams[UMZ_RELAY_KIND_RPC - 1]);
  add_stream (b, "memory", &move->streams[UMZ_RELAY_KIND_MEMORY - 1]);
  json_builder_end_object (b);
  g_autoptr (JsonNode) request = json_builder_get_root (b);
  g_autoptr (GError) refusal = NULL;
  g_autoptr (JsonNode) answer =
    umz_move_call_peer (move, "/begin", request, PEER_S, &refusal);
  if (answer == NULL)
    set_refusal (c, refusal, error);
  return answer != NULL;
}

static bool
open_process (Course *c, GError **error)
{
  UmzMoveRecord *record = c->move->record;
  if (!umz_hypervisor_get_pid (record->name, record->uuid, &record->qemu_pid, error))
    return false;
  c->process = umz_process_open (record->qemu_pid, 0, error);
  if (c->process == NULL)
    return false;
  record->qemu_start = umz_process_get_start (c->process);
  record->boot_id = umz_host_dup_boot_id ();
  return true;
}

static bool
raise_fence (UmzMove *move, GError **error)
{
  const UmzConfig *config = move->engine->config;
  g_autoptr (UmzNotice) refusal =
    umz_notice_new (UMZ_MSG_UMZ0125, umz_move_label (move), move->record->peer, NULL);
  g_autofree char *why = umz_notice_render (refusal, config->language);
  return umz_ledger_note (move, UMZ_STEP_FENCE, "", error) &&
         umz_fence_raise (config->fence_dir, move->record->uuid, UMZ_SIDE_SOURCE, why, error);
}

static bool
make_folder (UmzMove *move, GError **error)
{
  return umz_ledger_note (move, UMZ_STEP_FOLDER, "", error) && umz_move_make_folder (move, error);
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

/* The guest stands still, as the watch or the call of Finish tells first. */
static void
note_stopped (Course *c)
{
  if (c->limit != LIMIT_FROZEN)
    enter_phase (c, LIMIT_FROZEN);
}

static Outcome
hear_relay_message (Course *c, const UmzInput *input)
{
  switch (input->message.type) {
  case UMZ_RELAY_MESSAGE_FINISH_REPLIED:
    return input->message.finish_replied.held ? REPLY_IS_HELD : WAIT_ON;
  case UMZ_RELAY_MESSAGE_FINISH_CALLED:
    c->has_given_disks = true;
    note_stopped (c);
    umz_watch_forbid (c->watch);
    return WAIT_ON;
  case UMZ_RELAY_MESSAGE_PREPARED:
    umz_move_set_phase (c->move, UMZ_PHASE_COPY);
    enter_phase (c, LIMIT_COPY);
    return WAIT_ON;
  case UMZ_RELAY_MESSAGE_ENDED:
    if (input->message.ended.end == UMZ_RELAY_END_DONE) {
      c->is_memory_done = c->is_memory_done || input->stream == UMZ_RELAY_KIND_MEMORY;
      c->has_given_disks = c->has_given_disks || c->is_memory_done;
      return WAIT_ON;
    }
    take_cause (c, relay_cause (input->stream, &input->message.ended));
    return MOVE_FAILED;
  default: return WAIT_ON;
  }
}

static Outcome
hear (Course *c, UmzInput *input)
{
  switch (input->kind) {
  case UMZ_INPUT_RELAY: return hear_relay_message (c, input);
  case UMZ_INPUT_RELAY_GONE:
    if (input->stream == UMZ_RELAY_KIND_MEMORY && c->is_memory_done)
      return WAIT_ON;
    take_cause (c, umz_notice_new (UMZ_MSG_UMZ0121,
                                   input->stream == UMZ_RELAY_KIND_RPC ? "RPC" : "MEMORY", NULL));
    return MOVE_FAILED;
  case UMZ_INPUT_STOPPED: note_stopped (c); return WAIT_ON;
  case UMZ_INPUT_P2P_ENDED: c->is_p2p_running = false; break;
  case UMZ_INPUT_GIVE_UP:
    take_cause (
      c, umz_notice_new (UMZ_MSG_VMS2425, umz_move_label (c->move), c->move->record->peer, NULL));
    return MOVE_FAILED;
  case UMZ_INPUT_QUIT: take_cause (c, umz_notice_new (UMZ_MSG_UMZ0132, NULL)); return MOVE_FAILED;
  case UMZ_INPUT_LINK_LOST:
  case UMZ_INPUT_CANCEL: break;
  default: return WAIT_ON;
  }
  take_cause (
    c, input->notice != NULL
         ? g_steal_pointer (&input->notice)
         : umz_notice_new (UMZ_MSG_UMZ0122, "the migration ended without a hand-over", NULL));
  return MOVE_FAILED;
}

static bool
start_streams (Course *c, GError **error)
{
  g_autofree char *rpc_path = g_build_filename (c->move->folder, "rpc.sock", NULL);
  g_autofree char *memory_path = umz_move_dup_memory_path (c->move);
  return start_stream (c, UMZ_RELAY_KIND_RPC, rpc_path, error) &&
         start_stream (c, UMZ_RELAY_KIND_MEMORY, memory_path, error) &&
         umz_ledger_note (c->move, UMZ_STEP_GUEST, "", error);
}

static bool
may_go_on (void *data)
{
  Course *c = data;
  g_autoptr (UmzInput) input = umz_move_pop (c->move, RELEASE_LOOK_MS);
  return hear (c, input) != MOVE_FAILED;
}

/* The guest is touched only when the target has its place ready. */
static bool
prepare_guest (Course *c, GError **error)
{
  umz_partner_listen (c->partner);
  if (!umz_devices_detach (c->move, may_go_on, c, error))
    return false;
  enter_phase (c, LIMIT_INIT);
  return start_streams (c, error);
}

/* Up to the point where libvirt copies.  False without an error: the cause has been taken. */
static bool
set_up (Course *c, GError **error)
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
wait_for_hold (Course *c)
{
  for (;;) {
    g_autoptr (UmzInput) input = umz_move_pop (c->move, LIMIT_LOOK_MS);
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
is_still_held (Course *c)
{
  UmzRelay *rpc = c->move->relays[UMZ_RELAY_KIND_RPC - 1];
  int64_t end_us = g_get_monotonic_time () + HELD_ANSWER_MS * 1000;
  bool has_asked = umz_relay_send (rpc, UMZ_RELAY_MESSAGE_QUERY_HELD);
  while (has_asked && g_get_monotonic_time () < end_us) {
    g_autoptr (UmzInput) input = umz_move_pop (c->move, 50);
    if (input->kind == UMZ_INPUT_RELAY && input->message.type == UMZ_RELAY_MESSAGE_HELD_STATE) {
      const UmzRelayHeldState *state = &input->message.held_state;
      return state->held && state->local_open && state->link_open;
    }
    if (hear (c, input) == MOVE_FAILED)
      return false;
  }
  return false;
}

static UmzNotice *
new_end_of_guest (Course *c)
{
  return umz_notice_new (UMZ_MSG_UMZ0131, umz_move_label (c->move), NULL);
}

static bool
freeze (Course *c)
{
  g_autoptr (GError) error = NULL;
  umz_fault_point ("source-held");
  if (!umz_process_freeze (c->process, &error)) {
    take_error (c, error);
    return false;
  }
  umz_fault_point ("source-frozen");
  bool is_held = is_still_held (c), is_told_to_end = umz_process_is_told_to_end (c->process);
  if (is_held && !is_told_to_end)
    return true;
  take_cause (c, is_told_to_end ? new_end_of_guest (c)
                                : umz_notice_new (UMZ_MSG_UMZ0128,
                                                  "libvirt no longer waits for the hand-over",
                                                  NULL));
  return false;
}

/* What came meanwhile may say more than what went wrong by it. */
static void
hear_the_rest (Course *c)
{
  for (bool is_empty = false; !is_empty;) {
    g_autoptr (UmzInput) input = umz_move_pop (c->move, 0);
    is_empty = input->kind == UMZ_INPUT_NOTHING || input->kind == UMZ_INPUT_QUIT;
    (void) hear (c, input); /* takes the cause, if it is one */
  }
}

/* From here on nobody can cancel the move. */
static bool
is_going_through (Course *c)
{
  if (umz_move_go_through (c->move))
    return true;
  hear_the_rest (c);
  return false;
}

/* Until the guest stands still on both sides, and is frozen here. */
static bool
copy_guest (Course *c)
{
  UmzMove *move = c->move;
  g_thread_unref (g_thread_new ("p2p", run_p2p, umz_move_ref (move)));
  c->is_p2p_running = true;
  c->watch = umz_watch_start (move);
  if (!wait_for_hold (c) || !is_going_through (c))
    return false;
  umz_partner_note_suspended (c->partner);
  move->stood_since_us = g_get_monotonic_time ();
  umz_move_set_phase (move, UMZ_PHASE_SWITCH);
  umz_watch_quiet (c->watch);
  return freeze (c);
}

/* Somebody may have started it before the fence was up. */
static bool
is_still_off (Course *c)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzVm) vm =
    umz_hypervisor_find (engine_of (c)->hypervisor, c->move->record->uuid, &error);
  if (error != NULL)
    take_error (c, error);
  else if (vm != NULL && vm->state != UMZ_VM_STATE_DOWN)
    take_cause (c, umz_notice_new (UMZ_MSG_UMZ0128, "somebody has started the guest", NULL));
  return c->cause == NULL;
}

/* A VM without memory has nothing to be copied.  But one that is INIT-ONLY has a QEMU, and nobody
 * may have started its guest.
 */
static bool
hold_unused (Course *c)
{
  UmzMove *move = c->move;
  g_autoptr (GError) error = NULL;
  if (!is_going_through (c))
    return false;
  if (c->process == NULL)
    return is_still_off (c);
  if (!umz_process_freeze (c->process, &error))
    take_error (c, error);
  else if (!umz_hypervisor_is_as_it_arrived (engine_of (c)->hypervisor, move->record->uuid))
    take_cause (c, umz_notice_new (UMZ_MSG_UMZ0128, "somebody has started the guest", NULL));
  return c->cause == NULL;
}

static void
run_copying (Course *c)
{
  UmzMove *move = c->move;
  g_autoptr (GError) error = NULL;
  umz_fault_point ("source-begun");
  enter_phase (c, LIMIT_INIT);
  bool is_set_up = set_up (c, &error);
  if (!is_set_up)
    hear_the_rest (c);
  if (error != NULL)
    take_error (c, error);
  bool is_held = is_set_up && (umz_vm_state_has_memory (move->vm_state) ? copy_guest (c)
                                                                        : hold_unused (c));
  umz_move_step (move, is_held ? UMZ_EVENT_COMMIT : UMZ_EVENT_FAIL);
}

/* ---- COMMITTED ---- */

/* Whether umzugd ends, now or within the time. */
static bool
is_quitting (Course *c, unsigned timeout_ms)
{
  g_autoptr (UmzInput) input = umz_move_pop (c->move, timeout_ms);
  if (input->kind == UMZ_INPUT_P2P_ENDED)
    c->is_p2p_running = false;
  return input->kind == UMZ_INPUT_QUIT;
}

static void
enter_doubt (Course *c)
{
  UmzMove *move = c->move;
  if (move->progress.phase == UMZ_PHASE_DOUBT)
    return;
  umz_move_set_phase (move, UMZ_PHASE_DOUBT);
  umz_move_say (move,
                umz_notice_new (UMZ_MSG_UMZ0127, umz_move_label (move), move->record->peer, NULL));
}

/* Whether the guest can go on here: without a memory there is nothing that could be lost. */
static bool
can_take_back (Course *c)
{
  return !umz_vm_state_has_memory (c->move->vm_state) ||
         (c->process != NULL && umz_process_is_alive (c->process));
}

/* GO; `last` tells the target that nobody else can run the guest any more. */
static JsonNode *
say_go (Course *c, GError **error)
{
  g_autoptr (JsonNode) request = umz_move_peer_request (c->move, NULL, UMZ_LINES_LATER);
  c->has_said_last = c->has_said_last || !can_take_back (c);
  json_object_set_int_member (json_node_get_object (request), "last", c->has_said_last);
  return umz_move_call_peer (c->move, "/go", request, GO_S, error);
}

/* The target's reason in an answer; NULL if it gives none. */
static UmzNotice *
read_notice (JsonNode *answer)
{
  JsonNode *said = json_object_get_member (json_node_get_object (answer), "notice");
  return said != NULL ? umz_json_to_notice (said, NULL) : NULL;
}

/* why may be NULL: then `otherwise` is what it says. */
static UmzNotice *
new_refusal (Course *c, const UmzNotice *why, const char *otherwise)
{
  g_autofree char *reason = why != NULL ? umz_notice_reason (why) : g_strdup (otherwise);
  return umz_notice_new (UMZ_MSG_UMZ0124, c->move->record->peer, reason, NULL);
}

/* What the target answers to GO: RUNS; REFUSED or ABORTED, by which it can never own the guest; or
 * nothing that decides.  Once `last` was said the target may try again, and REFUSED is no promise.
 */
static void
take_verdict (Course *c, JsonNode *answer)
{
  const char *verdict = "";
  JsonObject *object = json_node_get_object (answer);
  (void) umz_json_get_text (object, "answer", 16, &verdict); /* else nothing that decides */
  if (strcmp (verdict, "RUNS") == 0) {
    umz_move_note_running (c->move);
    umz_move_step (c->move, UMZ_EVENT_RUNS);
  }
  bool is_refused = strcmp (verdict, "REFUSED") == 0 || strcmp (verdict, "ABORTED") == 0;
  if (!is_refused || c->has_said_last || !can_take_back (c))
    return; /* the next GO says `last`, if it has to */
  g_autoptr (UmzNotice) why = read_notice (answer);
  take_cause (c, new_refusal (c, why, verdict));
  umz_move_step (c->move, UMZ_EVENT_REFUSED);
}

static void
run_committed (Course *c)
{
  UmzMove *move = c->move;
  umz_fault_point ("source-committed");
  while (umz_move_get_state (move) == UMZ_STATE_COMMITTED) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonNode) answer = say_go (c, &error);
    umz_partner_say_suspended (c->partner);
    if (answer != NULL) {
      umz_partner_take_lines (c->partner, answer);
      take_verdict (c, answer);
    }
    if (umz_move_get_state (move) != UMZ_STATE_COMMITTED)
      return;
    enter_doubt (c);
    if (is_quitting (c, RETRY_MS))
      return;
  }
}

/* ---- the end, both ways ---- */

static bool
wait_for_p2p (Course *c, unsigned timeout_ms)
{
  int64_t end_us = g_get_monotonic_time () + timeout_ms * 1000;
  while (c->is_p2p_running && !c->move->must_quit && g_get_monotonic_time () < end_us) {
    g_autoptr (UmzInput) input = umz_move_pop (c->move, 50);
    if (input->kind == UMZ_INPUT_P2P_ENDED)
      c->is_p2p_running = false;
  }
  return !c->is_p2p_running;
}

/* Waits until libvirt, too, sees that the domain is off.  Without a QEMU it never was on. */
static bool
wait_until_down (Course *c, GError **error)
{
  unsigned timeout_s = umz_vm_state_has_qemu (c->move->vm_state) ? SETTLE_S : OFF_S;
  int64_t end_us = g_get_monotonic_time () + timeout_s * G_USEC_PER_SEC;
  while (!c->move->must_quit && g_get_monotonic_time () < end_us) {
    g_autoptr (GError) broken = NULL;
    g_autoptr (UmzVm) vm =
      umz_hypervisor_find (engine_of (c)->hypervisor, c->move->record->uuid, &broken);
    if (broken == NULL && (vm == NULL || vm->state == UMZ_VM_STATE_DOWN))
      return true;
    g_autoptr (UmzInput) input = umz_move_pop (c->move, 20); /* notices QUIT */
  }
  umz_set_error (error, UMZ_MSG_UMZ0122, "the domain is not off yet", NULL);
  return false;
}

static void
say_devices_removed (UmzMove *move)
{
  for (guint i = 0; move->vm != NULL && i < move->vm->devices->len; i++) {
    const UmzDevice *device = move->vm->devices->pdata[i];
    if (umz_devices_travels (device) || !umz_vm_state_has_memory (move->vm_state))
      umz_move_say (move,
                    umz_notice_new (UMZ_MSG_VMS4009, device->mn, umz_move_label (move), NULL));
  }
}

/* The definition, and with it the fence.  The fence goes last: without the definition nothing is
 * left to be started.
 */
static bool
remove_definition (void *data, GError **error)
{
  Course *c = data;
  UmzEngine *engine = engine_of (c);
  const char *uuid = c->move->record->uuid;
  return wait_until_down (c, error) && umz_hypervisor_undefine (engine->hypervisor, uuid, error) &&
         umz_store_forget_vm (engine->store, uuid, error) &&
         umz_fence_lower (engine->config->fence_dir, uuid, error);
}

/* The reply is not out yet: whoever has ended the old copy, or told it to end, was not libvirt for
 * the sake of the move.
 */
static void
look_for_foreign_end (Course *c)
{
  UmzMove *move = c->move;
  if (c->process != NULL &&
      (!umz_process_is_alive (c->process) || umz_process_is_told_to_end (c->process)))
    umz_move_say (move, umz_notice_new (UMZ_MSG_UMZ0141, umz_move_label (move), NULL));
}

/* libvirtd gives up on its SIGTERM after 30 s and would then let the guest go on: what it has asked
 * of a process that stood still longer than our patience must never be heard.  So the time counts
 * from before the reply is out.
 */
static void
end_old_qemu (Course *c)
{
  UmzRelay *rpc = c->move->relays[UMZ_RELAY_KIND_RPC - 1];
  int64_t end_us = g_get_monotonic_time () + PATIENCE_MS * 1000;
  bool is_released = rpc != NULL && umz_relay_send (rpc, UMZ_RELAY_MESSAGE_RELEASE);
  umz_fault_point ("source-released");
  if (c->process == NULL)
    return;
  if (is_released)
    umz_process_see_off (c->process, end_us);
  (void) umz_process_kill (c->process, NULL); /* the definition goes only when it is off */
}

static void
run_gone (Course *c)
{
  UmzMove *move = c->move;
  bool is_390 = engine_of (c)->config->su_type == UMZ_SU_TYPE_390;
  umz_fault_point ("source-gone");
  if (!move->is_recovered)
    look_for_foreign_end (c);
  end_old_qemu (c);
  umz_move_set_phase (move, UMZ_PHASE_CLEAN_UP);
  if (is_390)
    say_devices_removed (move);
  (void) wait_for_p2p (c, P2P_END_MS); /* its result decides nothing */
  umz_move_end_relays (move);
  umz_partner_end (c->partner);

  bool is_removed = remove_definition (c, NULL);
  if (is_removed)
    umz_move_say (move, umz_notice_new (is_390 ? UMZ_MSG_VMS4024 : UMZ_MSG_VMS6021,
                                        umz_move_label (move), NULL));
  else
    umz_move_say (move, umz_notice_new (UMZ_MSG_VMS2453, umz_move_label (move), NULL));
  umz_move_say (move,
                umz_notice_new (UMZ_MSG_VMS2451, umz_move_label (move), move->record->peer, NULL));
  umz_move_tell (move, is_removed ? UMZ_MONJV_ENDED : UMZ_MONJV_ENDED_WITH_WARNING,
                 is_removed ? "" : "VMS2453");
  if (!is_removed && !umz_move_insist (move, remove_definition, c))
    return;
  umz_move_remove_folder (move);
  g_autoptr (JsonNode) request = umz_move_peer_request (move, NULL, UMZ_LINES_ALONG);
  g_autoptr (JsonNode) answer = umz_move_call_peer (move, "/gone", request, PEER_S, NULL);
  umz_move_close (
    move); /* a target that did not hear it has all it needs: RUNS is in its journal */
}

/* QEMU takes its disks back when the guest runs, and not before: one that is held gets them only
 * when it is resumed.  Who moves it before that loses it (docs/decisions.md).
 */
static bool
note_given_disks (void *data, GError **error)
{
  Course *c = data;
  UmzMove *move = c->move;
  bool has_given = c->has_given_disks || move->is_recovered;
  return move->vm_state != UMZ_VM_STATE_IN_HOLD || !has_given ||
         umz_store_set_must_run (move->engine->store, move->record->uuid, true, error);
}

/* Thawed first, or libvirt's own clean-up would wait for a frozen monitor.  Without the relays
 * libvirt's migration fails; it is not asked to cancel, for it might not answer.
 */
static bool
undo_here (Course *c)
{
  UmzMove *move = c->move;
  if (c->process != NULL)
    umz_process_thaw (c->process);
  umz_move_end_relays (move);
  /* The guest's state is looked at next, whatever p2p says.  But the guard's suspend, if it is on
   * its way, comes first.
   */
  (void) wait_for_p2p (c, P2P_END_MS);
  g_clear_pointer (&c->watch, umz_watch_end);
  return umz_move_insist (move, note_given_disks, c) &&
         umz_move_insist (move, umz_ledger_take_back, move);
}

/* A guest that has ended is the cause, whatever was noticed first. */
static void
look_for_end_of_guest (Course *c)
{
  if (c->process == NULL || umz_process_is_alive (c->process))
    return;
  umz_notice_free (c->cause);
  c->cause = new_end_of_guest (c);
}

/* The target knows better why its copy ended; here only a stream broke. */
static void
take_cause_of_target (Course *c, JsonNode *answer)
{
  g_autoptr (UmzNotice) why = read_notice (answer);
  if (why == NULL || umz_notice_get_id (c->cause) == UMZ_MSG_UMZ0131)
    return;
  umz_notice_free (c->cause);
  c->cause = new_refusal (c, why, "");
}

static bool
tell_target (void *data, GError **error)
{
  Course *c = data;
  g_autoptr (JsonNode) request = umz_move_peer_request (c->move, c->cause, UMZ_LINES_ALONG);
  g_autoptr (JsonNode) answer = umz_move_call_peer (c->move, "/abort", request, TELL_S, error);
  if (answer == NULL)
    return false;
  umz_partner_take_lines (c->partner, answer);
  take_cause_of_target (c, answer);
  return true;
}

/* A stream that broke need not be the link's fault. */
static bool
is_target_silent (Course *c)
{
  UmzMessageId cause = umz_notice_get_id (c->cause);
  return cause == UMZ_MSG_UMZ0320 || cause == UMZ_MSG_UMZ0321;
}

static bool
is_link_broken (Course *c)
{
  return is_target_silent (c) || umz_notice_get_id (c->cause) == UMZ_MSG_UMZ0120;
}

static void
say_aborted (Course *c)
{
  UmzMove *move = c->move;
  const char *label = umz_move_label (move);
  UmzMessageId cause = umz_notice_get_id (c->cause);
  umz_move_note_cause (move, c->cause);
  umz_move_say (move, umz_notice_copy (c->cause));
  if (cause == UMZ_MSG_VMS2425)
    return; /* says both: why, and that it is over */
  if (is_link_broken (c))
    umz_move_say (move, umz_notice_new (UMZ_MSG_VMS2421, label, move->record->peer, NULL));
  else
    umz_move_say (move, umz_notice_new (UMZ_MSG_VMS2420, label, move->record->peer,
                                        umz_message_code (cause), NULL));
}

static void
run_aborted (Course *c)
{
  UmzMove *move = c->move;
  if (c->cause == NULL)
    c->cause = umz_notice_new (UMZ_MSG_UMZ0132, NULL);
  umz_move_set_phase (move, UMZ_PHASE_UNDO);
  if (c->watch != NULL)
    umz_watch_quiet (c->watch);
  if (!undo_here (c))
    return;
  look_for_end_of_guest (c);
  umz_move_note_running (move);
  /* Of a target that is silent the operator would wait for its time limit too. */
  bool may_wait = !is_target_silent (c) && umz_notice_get_id (c->cause) != UMZ_MSG_UMZ0123;
  bool is_told = may_wait && tell_target (c, NULL);
  say_aborted (c);
  umz_move_tell (move, UMZ_MONJV_ABORTED, umz_message_code (umz_notice_get_id (c->cause)));
  umz_partner_end (c->partner);
  if (is_told || umz_move_insist (move, tell_target, c))
    umz_move_close (move);
}

/* ---- the course ---- */

static bool
begin (Course *c)
{
  UmzMove *move = c->move;
  g_autoptr (GError) error = NULL;
  umz_move_say (move,
                umz_notice_new (UMZ_MSG_VMS2450, umz_move_label (move), move->record->peer, NULL));
  umz_move_tell (move, UMZ_MONJV_RUNNING, "");
  if (!umz_vm_state_has_qemu (move->vm_state) || open_process (c, &error)) {
    umz_move_step (move, UMZ_EVENT_BEGIN);
    return true;
  }
  take_error (c, error);
  say_aborted (c);
  umz_move_tell (move, UMZ_MONJV_ABORTED, umz_message_code (umz_notice_get_id (c->cause)));
  umz_move_close (move);
  return false;
}

/* The old QEMU, if it is still there; not to know is not the same. */
static bool
open_process_again (void *data, GError **error)
{
  Course *c = data;
  g_autoptr (GError) cause = NULL;
  c->process =
    umz_process_open (c->move->record->qemu_pid, c->move->record->qemu_start, &cause);
  if (c->process != NULL || g_error_matches (cause, UMZ_ERROR, UMZ_MSG_UMZ0131))
    return true;
  g_propagate_error (error, g_steal_pointer (&cause));
  return false;
}

/* False: umzugd ends. */
static bool
take_up (Course *c)
{
  g_autofree char *boot_id = umz_host_dup_boot_id ();
  umz_move_say (c->move, umz_notice_new (UMZ_MSG_UMZ0132, NULL));
  if (umz_vm_state_has_qemu (c->move->vm_state) &&
      g_strcmp0 (boot_id, c->move->record->boot_id) == 0 &&
      !umz_move_insist (c->move, open_process_again, c))
    return false;
  if (umz_move_get_state (c->move) != UMZ_STATE_COPYING)
    return true;
  if (c->process != NULL)
    umz_process_thaw (c->process); /* first: a journal that cannot be written ends us again */
  umz_move_step (c->move, UMZ_EVENT_FAIL);
  return true;
}

static void
run_from_here (Course *c)
{
  UmzMove *move = c->move;
  if (umz_move_get_state (move) == UMZ_STATE_COMMITTED)
    run_committed (c);
  if (umz_move_get_state (move) == UMZ_STATE_GONE)
    run_gone (c);
  if (umz_move_get_state (move) == UMZ_STATE_ABORTED)
    run_aborted (c);
}

void
umz_source_run (UmzMove *move)
{
  Course c = { .move = move, .partner = umz_partner_new (move) };
  if (!move->is_recovered && begin (&c))
    run_copying (&c);
  if (!move->is_recovered || take_up (&c))
    run_from_here (&c);

  /* With the guest frozen a question of the watch may wait for what only a restart decides. */
  if (umz_move_get_state (move) == UMZ_STATE_COMMITTED)
    umz_watch_abandon (c.watch);
  else
    umz_watch_end (c.watch);
  umz_partner_free (c.partner);
  umz_move_end_relays (move);
  umz_process_close (c.process);
  umz_notice_free (c.cause);
}

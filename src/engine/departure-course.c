/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* departure-course.c: the course of a move on the SU that the guest leaves.
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

#include "engine/decision.h"
#include "engine/departure.h"
#include "engine/devices.h"
#include "engine/fault.h"
#include "engine/streams.h"
#include "engine/undo.h"
#include "host/confirmation.h"
#include "host/fence.h"
#include "host/host.h"
#include "model/json.h"
#include "store/vms.h"

#define GO_S        8 /* for the target's answer to GO: it resumes the guest */
#define TELL_S      4
#define P2P_END_MS  60000
#define PATIENCE_MS 2000 /* for libvirtd's SIGTERM to the old QEMU */
#define RETRY_MS    1000

/* ---- COMMITTED ---- */

/* Whether the guest can go on here: without a memory there is nothing that could be lost. */
static bool
can_take_back (UmzDeparture *c)
{
  return !umz_vm_state_has_memory (c->move->vm_state) ||
         (c->process != NULL && umz_process_is_alive (c->process));
}

/* GO; `last` tells the target that nobody else can run the guest any more. */
static JsonNode *
say_go (UmzDeparture *c, GError **error)
{
  UmzMoveRecord *record = c->move->record;
  if (!record->has_said_last && !can_take_back (c) && !umz_move_journal_last (c->move, error))
    return NULL;
  g_autoptr (JsonNode) request = umz_move_peer_request (c->move, NULL, UMZ_LINES_LATER);
  json_object_set_int_member (json_node_get_object (request), "last", record->has_said_last);
  if (umz_fault_fails ("source-go", error))
    return NULL;
  g_autoptr (JsonNode) answer = umz_move_call_peer (c->move, "/go", request, GO_S, error);
  return answer == NULL || umz_fault_fails ("source-go-answered", error)
           ? NULL
           : g_steal_pointer (&answer);
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
new_refusal (UmzDeparture *c, const UmzNotice *why, const char *otherwise)
{
  g_autofree char *reason = why != NULL ? umz_notice_reason (why) : g_strdup (otherwise);
  return umz_notice_new (UMZ_MSG_UMZ0124, c->move->record->peer, reason, NULL);
}

/* What the target answers to GO: RUNS; REFUSED or ABORTED, by which it can never own the guest; or
 * nothing that decides.  Once `last` was said the target may try again, and REFUSED is no promise;
 * ABORTED is the end there in any case.
 */
static void
take_verdict (UmzDeparture *c, JsonNode *answer)
{
  UmzState said;
  if (!umz_move_read_state (answer, &said))
    return;
  if (said == UMZ_STATE_NONE) {
    umz_decision_note_forgotten (c->move);
    return;
  }
  if (said == UMZ_STATE_RUNS) {
    umz_departure_note_running (c);
    umz_move_step_anyway (c->move, UMZ_EVENT_RUNS);
    umz_decision_end_doubt (c->move, said);
    return;
  }
  bool is_refused =
    said == UMZ_STATE_REFUSED && !c->move->record->has_said_last && can_take_back (c);
  if (!is_refused && said != UMZ_STATE_ABORTED) {
    umz_decision_leave_doubt (c->move); /* the next GO says `last`, if it has to */
    return;
  }
  g_autoptr (UmzNotice) why = read_notice (answer);
  umz_departure_take_cause (c, new_refusal (c, why, umz_state_name (said)));
  if (umz_departure_abort (c, UMZ_EVENT_REFUSED))
    umz_decision_end_doubt (c->move, said);
}

/* As if the target had said RUNS. */
static void
give_away (UmzDeparture *c, const UmzInput *input)
{
  UmzMove *move = c->move;
  umz_lines_say (move->lines, umz_notice_copy (input->notice));
  if (umz_decision_step (move, input->decision, UMZ_EVENT_RUNS))
    umz_departure_note_running (c);
}

/* What an operator knows of the target: that it never ran the guest, that it is off, or that the
 * guest is there.
 */
static void
decide (UmzDeparture *c, UmzInput *input)
{
  if (input->decision == UMZ_DECISION_DISCARD) {
    give_away (c, input);
    return;
  }
  if (input->decision == UMZ_DECISION_THAW && !can_take_back (c)) {
    umz_lines_say (c->move->lines, umz_departure_new_end_of_guest (c));
    return;
  }
  /* Before the guest goes on here: of the arbiter the target would hear of COMMITTED. */
  g_autoptr (GError) error = NULL;
  if (!umz_scribe_write_now (c->scribe, UMZ_VERDICT_ABORTED, &error)) {
    umz_lines_say (c->move->lines, umz_error_to_notice (error));
    return;
  }
  umz_lines_say (c->move->lines, umz_notice_copy (input->notice));
  if (umz_decision_take (c->move, input->decision))
    umz_departure_take_cause (c, g_steal_pointer (&input->notice));
}

/* Hears all that waits, and what comes within the time.  Whether umzugd ends. */
static bool
is_quitting (UmzDeparture *c, unsigned timeout_ms)
{
  int64_t end_us = g_get_monotonic_time () + timeout_ms * 1000;
  while (umz_move_get_state (c->move) == UMZ_STATE_COMMITTED) {
    int64_t left_us = MAX (end_us - g_get_monotonic_time (), 0);
    g_autoptr (UmzInput) input = umz_inputs_pop (c->move->inputs, (unsigned) (left_us / 1000));
    if (input->kind == UMZ_INPUT_NOTHING)
      return false;
    if (input->kind == UMZ_INPUT_QUIT)
      return true;
    if (input->kind == UMZ_INPUT_P2P_ENDED)
      c->is_p2p_running = false;
    else if (input->kind == UMZ_INPUT_DECIDE)
      decide (c, input);
  }
  return false;
}

static void
run_committed (UmzDeparture *c)
{
  UmzMove *move = c->move;
  umz_fault_point ("source-committed");
  while (umz_move_get_state (move) == UMZ_STATE_COMMITTED) {
    g_autoptr (GError) error = NULL;
    umz_scribe_write (c->scribe, UMZ_VERDICT_COMMITTED);
    g_autoptr (JsonNode) answer = say_go (c, &error);
    umz_heartbeat_say_suspended (c->heartbeat);
    if (answer != NULL) {
      umz_heartbeat_take_lines (c->heartbeat, answer);
      take_verdict (c, answer);
    }
    if (umz_move_get_state (move) != UMZ_STATE_COMMITTED)
      return;
    if (answer == NULL)
      umz_decision_enter_doubt (move);
    if (is_quitting (c, RETRY_MS))
      return;
  }
}

/* ---- the end, both ways ---- */

static bool
wait_for_p2p (UmzDeparture *c, unsigned timeout_ms)
{
  int64_t end_us = g_get_monotonic_time () + timeout_ms * 1000;
  while (c->is_p2p_running && !umz_inputs_must_quit (c->move->inputs) &&
         g_get_monotonic_time () < end_us) {
    g_autoptr (UmzInput) input = umz_inputs_pop (c->move->inputs, 50);
    if (input->kind == UMZ_INPUT_P2P_ENDED)
      c->is_p2p_running = false;
  }
  return !c->is_p2p_running;
}

static void
say_devices_removed (UmzMove *move)
{
  for (guint i = 0; move->vm != NULL && i < move->vm->devices->len; i++) {
    const UmzDevice *device = move->vm->devices->pdata[i];
    if (umz_devices_travels (device) || !umz_vm_state_has_memory (move->vm_state))
      umz_lines_say (move->lines,
                     umz_notice_new (UMZ_MSG_VMS4009, device->mn, move->label, NULL));
  }
}

/* The reply is not out yet: whoever has ended the old copy, or told it to end, was not libvirt for
 * the sake of the move.
 */
static void
look_for_foreign_end (UmzDeparture *c)
{
  UmzMove *move = c->move;
  if (c->process != NULL &&
      (!umz_process_is_alive (c->process) || umz_process_is_told_to_end (c->process)))
    umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_UMZ0141, move->label, NULL));
}

/* Killed, and never thawed: its disks are the target's, and if a resume waits there, that is heard
 * before any SIGTERM.  But libvirtd is left to call for the end first, so that it does not take it
 * for a crash; false: it cannot, for its reply is lost.
 */
static bool
end_old_qemu (UmzDeparture *c)
{
  UmzRelayProcess *rpc = umz_streams_get_relay (c->move, UMZ_RELAY_KIND_RPC);
  int64_t end_us = g_get_monotonic_time () + PATIENCE_MS * 1000;
  bool is_released = rpc != NULL && !umz_fault_fails ("source-release", NULL) &&
                     umz_engine_relay_send (rpc, UMZ_RELAY_MESSAGE_RELEASE);
  umz_fault_point ("source-released");
  if (c->process != NULL && is_released)
    umz_process_wait_until_told_to_end (c->process, end_us);
  umz_fault_point ("source-kill");
  if (c->process != NULL)
    (void) umz_process_kill (c->process, NULL); /* the definition goes only when it is off */
  return is_released;
}

static void
run_gone (UmzDeparture *c)
{
  UmzMove *move = c->move;
  bool is_390 = c->move->means->config->su_type == UMZ_SU_TYPE_390;
  umz_fault_point ("source-gone");
  if (!move->is_recovered)
    look_for_foreign_end (c);
  if (!end_old_qemu (c))
    umz_streams_end_relays (move); /* or libvirt would wait for the reply */
  umz_fault_point ("source-off");
  umz_move_set_phase (move, UMZ_PHASE_CLEAN_UP);
  if (is_390)
    say_devices_removed (move);
  (void) wait_for_p2p (c, P2P_END_MS); /* its result decides nothing */
  umz_streams_end_relays (move);
  umz_heartbeat_end (c->heartbeat);

  bool is_removed = umz_departure_remove_definition (c, NULL);
  if (is_removed)
    umz_lines_say (move->lines, umz_notice_new (is_390 ? UMZ_MSG_VMS4024 : UMZ_MSG_VMS6021,
                                                move->label, NULL));
  else {
    (void) umz_departure_raise_fence (c, UMZ_MSG_UMZ0218, NULL); /* it is up, with another text */
    umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_VMS2453, move->label, NULL));
  }
  umz_lines_say (move->lines,
                 umz_notice_new (UMZ_MSG_VMS2451, move->label, move->record->peer, NULL));
  umz_move_tell (move, is_removed ? UMZ_MONJV_ENDED : UMZ_MONJV_ENDED_WITH_WARNING,
                 is_removed ? "" : "VMS2453");
  if (!is_removed && !umz_move_insist_on (move, umz_departure_remove_definition, c))
    return;
  umz_confirmation_withdraw (c->move->means->config, move->record->uuid);
  umz_streams_remove_folder (move);
  g_autoptr (JsonNode) request = umz_move_peer_request (move, NULL, UMZ_LINES_ALONG);
  g_autoptr (JsonNode) answer = NULL;
  if (!umz_fault_fails ("source-tell-gone", NULL))
    answer = umz_move_call_peer (move, "/gone", request, UMZ_PEER_ANSWER_S, NULL);
  umz_fault_point ("source-close");
  /* A target that did not hear it has all it needs: RUNS is in its journal. */
  umz_departure_close (c);
}

/* QEMU takes its disks back when the guest runs, and not before: one that is held gets them only
 * when it is resumed.  Who moves it before that loses it (docs/decisions.md).
 */
static bool
note_given_disks (void *data, GError **error)
{
  UmzDeparture *c = data;
  UmzMove *move = c->move;
  bool has_given = c->has_given_disks || move->is_recovered;
  return move->vm_state != UMZ_VM_STATE_IN_HOLD || !has_given ||
         umz_store_note_must_run (move->means->store, move->record->uuid, error);
}

/* Thawed first, or libvirt's own clean-up would wait for a frozen monitor.  Without the relays
 * libvirt's migration fails; it is not asked to cancel, for it might not answer.
 */
static bool
undo_here (UmzDeparture *c)
{
  UmzMove *move = c->move;
  umz_fault_point ("source-aborted");
  if (c->process != NULL && umz_decision_is_taken (move, UMZ_DECISION_COLD))
    (void) umz_process_kill (c->process, NULL); /* what lives on goes on, and is not started */
  else if (c->process != NULL)
    umz_process_thaw (c->process);
  umz_fault_point ("source-thawed");
  umz_streams_end_relays (move);
  /* The guest's state is looked at next, whatever p2p says.  But the guard's suspend, if it is on
   * its way, comes first.
   */
  (void) wait_for_p2p (c, P2P_END_MS);
  g_clear_pointer (&c->watch, umz_watch_end);
  umz_fault_point ("source-p2p-over");
  return umz_move_insist_on (move, note_given_disks, c) &&
         umz_move_insist_on (move, umz_undo_take_back, move);
}

/* A guest that has ended is the cause, whatever was noticed first. */
static void
look_for_end_of_guest (UmzDeparture *c)
{
  if (c->process == NULL || umz_process_is_alive (c->process))
    return;
  umz_notice_free (c->cause);
  c->cause = umz_departure_new_end_of_guest (c);
}

/* The target knows better why its copy ended; here only a stream broke. */
static void
take_cause_of_target (UmzDeparture *c, JsonNode *answer)
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
  UmzDeparture *c = data;
  if (umz_config_find_peer (c->move->means->config, c->move->record->peer) == NULL)
    return true; /* no SU of this cluster any more */
  g_autoptr (JsonNode) request = umz_move_peer_request (c->move, c->cause, UMZ_LINES_ALONG);
  if (umz_fault_fails ("source-tell-aborted", error))
    return false;
  g_autoptr (JsonNode) answer = umz_move_call_peer (c->move, "/abort", request, TELL_S, error);
  if (answer == NULL)
    umz_scribe_write (c->scribe, UMZ_VERDICT_ABORTED);
  if (answer == NULL || umz_fault_fails ("source-told-aborted", error))
    return false;
  umz_heartbeat_take_lines (c->heartbeat, answer);
  take_cause_of_target (c, answer);
  UmzState said;
  bool is_word = umz_move_read_state (answer, &said);
  c->is_overruled =
    is_word && said == UMZ_STATE_RUNS && !umz_decision_is_taken (c->move, UMZ_DECISION_COLD);
  if (!is_word || said != UMZ_STATE_OWNER)
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0122, "the target is making the guest its own", NULL);
  return false;
}

/* A stream that broke need not be the link's fault. */
static bool
is_target_silent (UmzDeparture *c)
{
  UmzMessageId cause = umz_notice_get_id (c->cause);
  return cause == UMZ_MSG_UMZ0320 || cause == UMZ_MSG_UMZ0321;
}

static bool
is_link_broken (UmzDeparture *c)
{
  return is_target_silent (c) || umz_notice_get_id (c->cause) == UMZ_MSG_UMZ0120;
}

static void
say_aborted (UmzDeparture *c)
{
  UmzMove *move = c->move;
  UmzMessageId cause = umz_notice_get_id (c->cause);
  umz_move_note_cause (move, c->cause);
  if (cause != UMZ_MSG_UMZ0210) /* was said when it was decided */
    umz_lines_say (move->lines, umz_notice_copy (c->cause));
  if (cause == UMZ_MSG_VMS2425)
    return; /* says both: why, and that it is over */
  if (is_link_broken (c))
    umz_lines_say (move->lines,
                   umz_notice_new (UMZ_MSG_VMS2421, move->label, move->record->peer, NULL));
  else
    umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_VMS2420, move->label, move->record->peer,
                                                umz_message_code (cause), NULL));
}

static void
run_aborted (UmzDeparture *c)
{
  UmzMove *move = c->move;
  if (umz_decision_is_conflict (move)) {
    umz_departure_run_overruled (c);
    return;
  }
  if (c->cause == NULL)
    c->cause = umz_notice_new (UMZ_MSG_UMZ0132, NULL);
  umz_move_set_phase (move, UMZ_PHASE_UNDO);
  if (c->watch != NULL)
    umz_watch_quiet (c->watch);
  if (!undo_here (c))
    return;
  if (umz_decision_is_taken (move, UMZ_DECISION_COLD) && !move->is_recovered)
    umz_decision_start_cold (move);
  else
    look_for_end_of_guest (c);
  /* Of a target that is silent the operator would wait for its time limit too. */
  bool may_wait = !is_target_silent (c) && umz_notice_get_id (c->cause) != UMZ_MSG_UMZ0123;
  bool is_told = may_wait && tell_target (c, NULL);
  say_aborted (c);
  umz_move_tell (move, UMZ_MONJV_ABORTED, umz_message_code (umz_notice_get_id (c->cause)));
  umz_heartbeat_end (c->heartbeat);
  if (!is_told && !umz_move_insist_on (move, tell_target, c))
    return;
  if (c->is_overruled)
    umz_departure_run_overruled (c);
  else
    umz_departure_close (c);
}

/* ---- the course ---- */

static bool
open_process (UmzDeparture *c, GError **error)
{
  UmzMoveRecord *record = c->move->record;
  if (!umz_hypervisor_get_pid (c->move->hypervisor, record->name, record->uuid,
                               &record->qemu_pid, error))
    return false;
  c->process = umz_process_open (record->qemu_pid, 0, error);
  if (c->process == NULL)
    return false;
  record->qemu_start = umz_process_get_start (c->process);
  record->boot_id = umz_host_dup_boot_id ();
  return true;
}

static bool
begin (UmzDeparture *c)
{
  UmzMove *move = c->move;
  g_autoptr (GError) error = NULL;
  if ((!umz_vm_state_has_qemu (move->vm_state) || open_process (c, &error)) &&
      umz_move_step (move, UMZ_EVENT_BEGIN, &error))
    return true;
  umz_departure_say_begun (c);
  umz_departure_take_error (c, error);
  say_aborted (c);
  umz_move_tell (move, UMZ_MONJV_ABORTED, umz_message_code (umz_notice_get_id (c->cause)));
  umz_move_close (move);
  return false;
}

/* The old QEMU, if it is still there; not to know is not the same. */
static bool
open_process_again (void *data, GError **error)
{
  UmzDeparture *c = data;
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
take_up (UmzDeparture *c)
{
  g_autofree char *boot_id = umz_host_dup_boot_id ();
  umz_lines_say (c->move->lines, umz_notice_new (UMZ_MSG_UMZ0132, NULL));
  if (umz_vm_state_has_qemu (c->move->vm_state) &&
      g_strcmp0 (boot_id, c->move->record->boot_id) == 0 &&
      !umz_move_insist_on (c->move, open_process_again, c))
    return false;
  if (umz_move_get_state (c->move) != UMZ_STATE_COPYING)
    return true;
  if (c->process != NULL)
    umz_process_thaw (c->process);
  umz_move_step_anyway (c->move, UMZ_EVENT_FAIL);
  return true;
}

static void
run_from_here (UmzDeparture *c)
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
umz_departure_run (UmzMove *move)
{
  UmzDeparture c = { .move = move };
  c.heartbeat = umz_heartbeat_new (move);
  c.scribe = umz_scribe_new (move);
  if (!move->is_recovered && begin (&c))
    umz_departure_copy (&c);
  if (!move->is_recovered || take_up (&c))
    run_from_here (&c);

  /* With the guest frozen a question of the watch may wait for what only a restart decides. */
  if (umz_move_get_state (move) == UMZ_STATE_COMMITTED)
    umz_watch_abandon (c.watch);
  else
    umz_watch_end (c.watch);
  umz_heartbeat_free (c.heartbeat);
  umz_scribe_free (c.scribe);
  umz_streams_end_relays (move);
  umz_process_close (c.process);
  umz_notice_free (c.cause);
}

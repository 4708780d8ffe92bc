/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* arrival-course.c: the course of a move on the SU that the guest comes to.
 *
 * THEORY OF OPERATION
 *
 *   RECEIVING  a paused copy is coming, or is there, frozen.  It is not ours.  Only GO of the very
 *              same epoch makes it ours; only ABORTED lets us destroy it.  While the source cannot
 *              be asked, or does not know this move, it stays as it is: in doubt.
 *
 *   OWNER      ours.  Thaw, resume; it was defined while the source made up its mind.
 *
 *   RUNS       it runs, or has run, here.
 *
 *   REFUSED    it cannot run here and never did.  That is a promise: the source thaws on it.  Only
 *              a source that can never take the guest back, and says so, makes us try again.
 *
 *   ABORTED    the copy is destroyed.
 *
 * One case needs no word from the source: when the link is lost before the target's libvirt has
 * answered Finish, the source can hold no reply, so it has not committed and, as we shall answer
 * REFUSED from now on, never will.
 */

#include "engine/arrival.h"
#include "engine/copy.h"
#include "engine/decision.h"
#include "engine/devices.h"
#include "engine/fault.h"
#include "engine/scribe.h"
#include "engine/streams.h"
#include "host/confirmation.h"
#include "host/fence.h"
#include "model/json.h"

#define LOST_US    (5 * G_USEC_PER_SEC)
#define UNCLEAR_US (10 * G_USEC_PER_SEC)
#define TICK_MS    500
#define ASK_S      4

static bool
is_390 (UmzMove *move)
{
  return move->means->config->su_type == UMZ_SU_TYPE_390;
}

/* A message of /390 that has the VM and the other SU. */
static void
say_390 (UmzMove *move, UmzMessageId id)
{
  if (is_390 (move))
    umz_lines_say (move->lines, umz_notice_new (id, move->label, move->record->peer, NULL));
}

/* ---- answers ---- */

static JsonNode *
answer_of (UmzMove *move, const UmzNotice *notice)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_text (b, "answer", umz_state_name (umz_move_get_state (move)));
  umz_lines_add (move->lines, b);
  if (notice != NULL) {
    json_builder_set_member_name (b, "notice");
    json_builder_add_value (b, umz_json_from_notice (notice));
  }
  else
    umz_move_add_refusal (move, b);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

static void
say_ours (UmzMove *move)
{
  umz_move_set_phase (move, UMZ_PHASE_CLEAN_UP);
  if (move->vm_state == UMZ_VM_STATE_DEFINED_ONLY)
    umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_VMS2322, move->record->name,
                                                move->record->peer, NULL));
  if (move->vm_state == UMZ_VM_STATE_RUNNING && !umz_decision_is_taken (move, UMZ_DECISION_COLD))
    say_390 (move, UMZ_MSG_VMS2432);
  say_390 (move, UMZ_MSG_VMS2431);
}

/* Disks only: other devices may have another name on each host.  A move from the journal no longer
 * knows what was announced.
 */
static void
say_missing_disks (UmzMove *move, const UmzVm *vm)
{
  for (guint i = 0; !move->is_recovered && i < move->vm->devices->len; i++) {
    const UmzDevice *device = move->vm->devices->pdata[i];
    if (device->kind == UMZ_DEVICE_DISK && umz_devices_travels (device) &&
        !umz_vm_has_device (vm, device->mn))
      umz_lines_say (move->lines,
                     umz_notice_new (UMZ_MSG_UMZ0145, device->mn, move->label, NULL));
  }
}

/* What somebody may have made of it since it came. */
static bool
say_losses (UmzMove *move, GError **error)
{
  g_autoptr (UmzVm) vm = NULL;
  if (!umz_hypervisor_find (move->hypervisor, move->record->uuid, &vm, error))
    return false;
  if (vm != NULL && (vm->state != UMZ_VM_STATE_DOWN || !umz_vm_state_has_qemu (move->vm_state)))
    say_missing_disks (move, vm);
  else if (move->record->definition != NULL)
    umz_lines_say_once (move->lines, UMZ_MSG_UMZ0139);
  return true;
}

/* Somebody may have undefined it since; a guest that runs must not vanish when it ends. */
static bool
keep_defined (UmzMove *move, GError **error)
{
  UmzHypervisor *hypervisor = move->hypervisor;
  const UmzMoveRecord *record = move->record;
  g_autoptr (UmzVm) vm = NULL;
  if (!umz_hypervisor_find (hypervisor, record->uuid, &vm, error))
    return false;
  if (record->definition == NULL || (vm != NULL && vm->is_persistent))
    return true;
  umz_lines_say_once (move->lines, UMZ_MSG_UMZ0144);
  return umz_hypervisor_define (hypervisor, record->definition, error);
}

static bool
lower_fence (void *data, GError **error)
{
  UmzMove *move = data;
  return !umz_fault_fails ("target-lower", error) &&
         umz_fence_lower (move->means->config->fence_dir, move->record->uuid, error);
}

/* The source has just said that it is ours.  Of a move from the journal that may be long ago, and
 * the VM taken over meanwhile.
 */
static bool
confirm (UmzArrival *a, GError **error)
{
  UmzMove *move = a->move;
  return !a->is_ours_since_now ||
         umz_confirmation_give (move->means->config, move->record->uuid, error);
}

/* What was ours from the start of OWNER on: index, epoch in the definition, and no fence any more.
 * To write the epoch libvirt first ends what others want of the domain; after that losses are seen.
 */
static void
settle (UmzArrival *a)
{
  UmzMove *move = a->move;
  const UmzMoveRecord *record = move->record;
  g_autoptr (GError) error = NULL;
  umz_fault_point ("target-settle");
  umz_streams_end_relays (move);
  umz_streams_remove_folder (move);
  if (!keep_defined (move, &error) || umz_fault_fails ("target-epoch", &error) ||
      !umz_hypervisor_set_epoch (move->hypervisor, record->uuid, record->epoch, &error) ||
      !confirm (a, &error) ||
      !say_losses (move, &error))
    umz_lines_say (move->lines, umz_error_to_notice (error));
  if (umz_vm_state_has_memory (move->vm_state) && !umz_decision_is_taken (move, UMZ_DECISION_COLD))
    umz_devices_attach_aliases (move);
  if (!umz_move_insist_on (move, lower_fence, move))
    return; /* taken up again: RUNS is not closed */
  umz_fault_point ("target-close");
  umz_move_close (move);
}

static bool
kill_copy (void *data, GError **error)
{
  return umz_copy_kill (data, error);
}

/* What cannot be journaled must not run.  The guest need not wait for that: if it can go on at the
 * source, the copy is ended, and refused.
 */
static bool
become_owner (UmzArrival *a, UmzFallback fallback)
{
  UmzMove *move = a->move;
  g_autoptr (GError) error = NULL;
  if (umz_move_get_state (move) == UMZ_STATE_OWNER)
    return true;
  a->is_ours_since_now = umz_move_step (move, UMZ_EVENT_GO, &error);
  if (a->is_ours_since_now)
    return true;
  if (fallback == UMZ_FALLBACK_SOURCE && umz_arrival_end_held (a)) {
    umz_arrival_refuse_dead (a, umz_error_to_notice (error));
    return false;
  }
  a->is_ours_since_now = umz_move_insist (move, UMZ_EVENT_GO);
  return a->is_ours_since_now;
}

/* That it runs, or has run, a restart finds out from OWNER too. */
static void
run_owned (UmzArrival *a, UmzFallback fallback, UmzNotice **ret_notice)
{
  UmzMove *move = a->move;
  g_autoptr (GError) error = NULL;
  umz_fault_point ("target-owner");
  umz_decision_end_doubt (move, UMZ_STATE_COMMITTED);
  if (umz_decision_is_taken (move, UMZ_DECISION_COLD) &&
      !umz_move_insist_on (move, kill_copy, move))
    return;
  switch (umz_arrival_run_copy (a, fallback, &error)) {
  case UMZ_COPY_RUNS: umz_move_step_anyway (move, UMZ_EVENT_RUNS); break;
  case UMZ_COPY_CANNOT_RUN: (void) umz_arrival_refuse (a, umz_error_to_notice (error)); break;
  case UMZ_COPY_UNCLEAR: *ret_notice = umz_error_to_notice (error); break;
  }
  if (umz_move_get_state (move) == UMZ_STATE_RUNS) {
    umz_fault_point ("target-runs");
    say_ours (move);
  }
}

/* ours: the guest goes on here.  The answer goes out before anything that can wait. */
static void
take_over (UmzArrival *a, UmzInput *input)
{
  UmzMove *move = a->move;
  bool is_last = umz_decision_is_taken (move, UMZ_DECISION_COLD) ||
                 (input != NULL && input->kind == UMZ_INPUT_GO_LAST);
  UmzFallback fallback = is_last ? UMZ_FALLBACK_NONE : UMZ_FALLBACK_SOURCE;
  g_autoptr (UmzNotice) notice = NULL;
  umz_fault_point ("target-go");
  if (become_owner (a, fallback))
    run_owned (a, fallback, &notice);
  if (input != NULL)
    umz_input_answer (input, answer_of (move, notice));
}

/* ---- ABORTED ---- */

static void
remove_copy (UmzMove *move)
{
  umz_move_set_phase (move, UMZ_PHASE_UNDO);
  if (!umz_move_insist_on (move, umz_arrival_clear_away, move))
    return;
  umz_fault_point ("target-undone");
  umz_move_close (move);
}

/* The source's word may have been quicker than theirs.  What has ended has said all. */
static void
hear_relays_out (UmzArrival *a)
{
  UmzMove *move = a->move;
  umz_streams_end_relays (move);
  if (umz_move_get_state (move) == UMZ_STATE_RECEIVING)
    umz_arrival_say_ends (a);
}

/* What the source cannot know, for it only saw a stream break; NULL if the copy did not end. */
static UmzNotice *
new_end_of_copy (UmzArrival *a)
{
  UmzMove *move = a->move;
  if (a->end_of_stream != NULL)
    return umz_notice_copy (a->end_of_stream);
  bool has_ended = umz_lines_has_said (move->lines, UMZ_MSG_UMZ0140);
  return has_ended ? umz_notice_new (UMZ_MSG_UMZ0140, move->label, NULL) : NULL;
}

static void
abort_copy (UmzArrival *a, UmzInput *input, const UmzNotice *cause)
{
  UmzMove *move = a->move;
  hear_relays_out (a);
  g_autoptr (UmzNotice) own_cause = new_end_of_copy (a);
  umz_fault_point ("target-abort");
  if (!umz_move_insist (move, UMZ_EVENT_ABORT))
    return;
  umz_fault_point ("target-aborted");
  umz_decision_end_doubt (move, UMZ_STATE_ABORTED);
  if (cause != NULL && own_cause == NULL)
    umz_lines_say (move->lines, umz_notice_copy (cause));
  if (a->may_have_run) /* others had it; the source undoes the move for a reason of its own */
    umz_lines_say_once (move->lines, UMZ_MSG_UMZ0143);
  umz_lines_say (move->lines,
                 umz_notice_new (UMZ_MSG_VMS2433, move->label, move->record->peer, NULL));
  remove_copy (move);
  if (input != NULL)
    umz_input_answer (input, answer_of (move, own_cause));
}

/* ---- an operator decides ---- */

static void
decide (UmzArrival *a, UmzInput *input)
{
  UmzMove *move = a->move;
  umz_lines_say (move->lines, g_steal_pointer (&input->notice));
  umz_move_set_phase (move, UMZ_PHASE_SWITCH);
  if (input->decision == UMZ_DECISION_DISCARD) {
    umz_move_set_decision (move, umz_decision_text (input->decision));
    abort_copy (a, NULL, NULL);
    return;
  }
  a->is_ours_since_now = true;
  if (umz_decision_take (move, input->decision))
    take_over (a, NULL);
}

/* ---- RECEIVING and REFUSED: waiting for the source's word ---- */

static bool
is_silent (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return g_get_monotonic_time () - move->heard_us > LOST_US;
}

/* LOST: the copy is incomplete and will never be ours, now or after a restart. */
static void
give_up (UmzMove *move)
{
  umz_move_step_anyway (move, UMZ_EVENT_LOST);
  umz_arrival_clear_now (move);
  umz_lines_say (move->lines,
                 umz_notice_new (UMZ_MSG_VMS2433, move->label, move->record->peer, NULL));
}

/* An incomplete copy will never be ours. */
static bool
give_up_incomplete (UmzArrival *a)
{
  UmzMove *move = a->move;
  bool is_receiving = umz_move_get_state (move) == UMZ_STATE_RECEIVING;
  bool is_lost = is_receiving && !umz_streams_is_copy_complete (move) && !move->is_recovered;
  if (is_lost)
    give_up (move);
  return is_lost;
}

/* It has lost its journal, and will never say how the move ends. */
static void
forget_source (UmzArrival *a)
{
  (void) give_up_incomplete (a);
  umz_decision_note_forgotten (a->move);
}

/* What the source has written down where we can read it.  False: nothing. */
static bool
take_verdict (UmzArrival *a)
{
  UmzMove *move = a->move;
  UmzVerdict verdict = umz_scribe_read (move);
  bool is_committed = verdict == UMZ_VERDICT_COMMITTED;
  if (verdict == UMZ_VERDICT_NONE ||
      (is_committed && umz_move_get_state (move) != UMZ_STATE_RECEIVING))
    return false;
  umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_UMZ0242, move->label, move->record->peer,
                                              umz_verdict_text (verdict), NULL));
  umz_move_set_phase (move, UMZ_PHASE_SWITCH);
  if (is_committed)
    take_over (a, NULL);
  else
    abort_copy (a, NULL, NULL);
  return true;
}

static void
take_word (UmzArrival *a, JsonNode *answer)
{
  UmzMove *move = a->move;
  UmzState said;
  umz_lines_take (move->lines, json_node_get_object (answer), NULL, NULL);
  if (!umz_move_read_state (answer, &said))
    return;
  bool has_committed = said == UMZ_STATE_COMMITTED || said == UMZ_STATE_GONE;
  if (has_committed && umz_move_get_state (move) == UMZ_STATE_RECEIVING)
    take_over (a, NULL);
  else if (said == UMZ_STATE_ABORTED)
    abort_copy (a, NULL, NULL);
  else if (said != UMZ_STATE_NONE)
    umz_decision_leave_doubt (move);
  else if (!take_verdict (a))
    forget_source (a);
}

/* The source is silent: ask it.  What it says is the same as if it had come by itself. */
static void
ask_source (UmzArrival *a)
{
  UmzMove *move = a->move;
  g_autoptr (JsonNode) request = umz_move_peer_request (move, NULL, UMZ_LINES_LATER);
  g_autoptr (JsonNode) answer = umz_move_call_peer (move, "/ask", request, ASK_S, NULL);
  if (answer != NULL) {
    take_word (a, answer);
    return;
  }
  if (!give_up_incomplete (a) && !take_verdict (a))
    umz_decision_enter_doubt (move);
}

static void
hear (UmzArrival *a, UmzInput *input)
{
  UmzMove *move = a->move;
  bool is_receiving = umz_move_get_state (move) == UMZ_STATE_RECEIVING;
  switch (input->kind) {
  case UMZ_INPUT_RELAY: /* of one that is given up, nothing is begun again */
    if (is_receiving)
      umz_arrival_hear_relay (a, input);
    break;
  case UMZ_INPUT_STREAM:
    if (is_receiving)
      umz_arrival_take_stream (move, input);
    break;
  case UMZ_INPUT_GO:
    /* REFUSED is a promise: the source thaws on it.  A GO that comes late changes nothing. */
    if (umz_move_get_state (move) == UMZ_STATE_REFUSED)
      umz_input_answer (input, answer_of (move, NULL));
    else
      take_over (a, input);
    break;
  case UMZ_INPUT_GO_LAST: take_over (a, input); break;
  case UMZ_INPUT_ABORT: abort_copy (a, input, input->notice); break;
  case UMZ_INPUT_DECIDE:
    if (is_receiving || input->decision != UMZ_DECISION_RESUME)
      decide (a, input);
    break;
  case UMZ_INPUT_NOTHING:
    if (is_silent (move) || move->is_recovered)
      ask_source (a);
    else if (is_receiving && !umz_streams_is_copy_complete (move))
      umz_arrival_look_at_disks (a);
    break;
  case UMZ_INPUT_RELAY_GONE:
  case UMZ_INPUT_P2P_ENDED:
  case UMZ_INPUT_LINK_LOST:
  case UMZ_INPUT_CANCEL:
  case UMZ_INPUT_STOPPED:
  case UMZ_INPUT_GIVE_UP:
  case UMZ_INPUT_RAISED:
  case UMZ_INPUT_SUSPENDED:
  case UMZ_INPUT_GONE:
  case UMZ_INPUT_QUIT: break;
  }
}

static void
wait_for_word (UmzArrival *a)
{
  UmzMove *move = a->move;
  while (umz_move_get_state (move) == UMZ_STATE_RECEIVING ||
         umz_move_get_state (move) == UMZ_STATE_REFUSED) {
    g_autoptr (UmzInput) input = umz_inputs_pop (move->inputs, TICK_MS);
    if (input->kind == UMZ_INPUT_QUIT)
      return;
    hear (a, input);
  }
}

/* What the copy does cannot be found out, and perhaps never will be. */
static void
enter_doubt_of_copy (UmzMove *move)
{
  if (umz_move_is_in_doubt (move))
    return;
  umz_move_set_phase (move, UMZ_PHASE_DOUBT);
  umz_lines_say (move->lines,
                 umz_notice_new (UMZ_MSG_UMZ0245, move->label, move->record->peer, NULL));
}

/* An operator knows that it has never run here: as if we had found that out.  Nor will it: the
 * source thaws on this.  False: umzugd ends first.
 */
static bool
refuse_by_decision (UmzArrival *a, UmzInput *input)
{
  UmzMove *move = a->move;
  if (!umz_move_insist_on (move, kill_copy, move))
    return false;
  umz_move_set_decision (move, umz_decision_text (input->decision));
  umz_move_set_phase (move, UMZ_PHASE_SWITCH);
  return umz_arrival_refuse (a, g_steal_pointer (&input->notice));
}

/* OWNER whose copy would neither run nor certainly not: tried until one of both is true. */
static bool
insist (UmzArrival *a)
{
  UmzMove *move = a->move;
  int64_t since_us = g_get_monotonic_time ();
  while (umz_move_get_state (move) == UMZ_STATE_OWNER) {
    if (g_get_monotonic_time () - since_us > UNCLEAR_US)
      enter_doubt_of_copy (move);
    g_autoptr (UmzInput) input = umz_inputs_pop (move->inputs, TICK_MS);
    if (input->kind == UMZ_INPUT_QUIT)
      return false;
    if (input->kind == UMZ_INPUT_DECIDE)
      return refuse_by_decision (a, input);
    bool is_go = input->kind == UMZ_INPUT_GO || input->kind == UMZ_INPUT_GO_LAST;
    if (is_go || input->kind == UMZ_INPUT_NOTHING)
      take_over (a, is_go ? input : NULL);
    else if (input->kind == UMZ_INPUT_ABORT)
      umz_input_answer (input, answer_of (move, NULL));
  }
  return true;
}

static void
wait_for_gone (UmzMove *move)
{
  for (;;) {
    g_autoptr (UmzInput) input = umz_inputs_pop (move->inputs, TICK_MS);
    if (input->kind == UMZ_INPUT_QUIT)
      return;
    if (input->kind == UMZ_INPUT_GO || input->kind == UMZ_INPUT_GO_LAST ||
        input->kind == UMZ_INPUT_ABORT)
      umz_input_answer (input, answer_of (move, NULL));
    if (input->kind == UMZ_INPUT_GONE || (input->kind == UMZ_INPUT_NOTHING && is_silent (move)))
      return;
  }
}

/* What arrived while nobody was here is frozen too; but it may have run meanwhile. */
static void
take_up (UmzArrival *a)
{
  UmzMove *move = a->move;
  umz_lines_say (move->lines, umz_notice_new (UMZ_MSG_UMZ0132, NULL));
  if (umz_move_get_state (move) == UMZ_STATE_RECEIVING)
    umz_arrival_freeze_copy (a);
  a->is_copy_held = false;
}

static void
run (UmzArrival *a)
{
  UmzMove *move = a->move;
  if (move->is_recovered)
    take_up (a);
  else
    say_390 (move, UMZ_MSG_VMS2430);
  if (!move->is_recovered && !umz_vm_state_has_memory (move->vm_state))
    umz_arrival_say_prepared (move); /* no Prepare of libvirt's will tell */

  if (umz_move_get_state (move) == UMZ_STATE_OWNER)
    take_over (a, NULL);
  do
    wait_for_word (a);
  while (umz_move_get_state (move) == UMZ_STATE_OWNER && insist (a) &&
         umz_move_get_state (move) == UMZ_STATE_REFUSED);

  if (umz_move_get_state (move) == UMZ_STATE_RUNS) {
    wait_for_gone (move);
    settle (a);
    if (umz_decision_is_taken (move, UMZ_DECISION_COLD))
      umz_decision_start_cold (move);
  }
  else if (umz_move_get_state (move) == UMZ_STATE_ABORTED && move->is_recovered)
    remove_copy (move);
}

/* Of a move from the journal only its state tells what has been done with the copy. */
void
umz_arrival_run (UmzMove *move)
{
  UmzState state = umz_move_get_state (move);
  bool was_ours = state == UMZ_STATE_OWNER || state == UMZ_STATE_RUNS;
  UmzArrival a = { .move = move, .is_told_to_run = was_ours, .may_have_run = was_ours };
  run (&a);
  umz_streams_end_relays (move);
  umz_notice_free (a.end_of_stream);
}

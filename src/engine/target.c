/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target.c: the course of a move on the SU that the guest comes to.
 *
 * THEORY OF OPERATION
 *
 *   RECEIVING  a paused copy is coming, or is there, frozen.  It is not ours.  Only GO of the very
 *              same epoch makes it ours; only ABORTED, or "I do not know this move", lets us
 *              destroy it.  While the source cannot be asked it stays as it is: in doubt.
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
#include <errno.h>
#include <string.h>

#include "base/unix-socket.h"
#include "engine/copy.h"
#include "engine/devices.h"
#include "engine/engine-private.h"
#include "engine/fault.h"
#include "engine/ledger.h"
#include "engine/scribe.h"
#include "host/confirmation.h"
#include "host/fence.h"
#include "host/storage.h"
#include "model/json.h"

#define LOST_US        (5 * G_USEC_PER_SEC)
#define TICK_MS        500
#define DISKS_LIMIT_US (2 * G_USEC_PER_SEC) /* the guest may stand still meanwhile */
#define DISKS_US       (2 * G_USEC_PER_SEC)
#define ASK_S          4

static bool
is_390 (UmzMove *move)
{
  return move->engine->config->su_type == UMZ_SU_TYPE_390;
}

/* A message of /390 that has the VM and the other SU. */
static void
say_390 (UmzMove *move, UmzMessageId id)
{
  if (is_390 (move))
    umz_move_say (move, umz_notice_new (id, umz_move_label (move), move->record->peer, NULL));
}

/* ---- arriving ---- */

static void
give_local (UmzMove *move, UmzRelayKind kind)
{
  g_autofree char *memory_path = umz_move_dup_memory_path (move);
  const char *path =
    kind == UMZ_RELAY_KIND_RPC ? move->engine->config->libvirt_socket : memory_path;
  int fd = umz_fault_fails ("target-local", NULL) ? -1 : umz_unix_connect (path);
  if (fd < 0) {
    umz_move_say (move, umz_notice_new (UMZ_MSG_UMZ0042, path, g_strerror (errno), NULL));
    g_clear_pointer (&move->relays[kind - 1], umz_relay_end);
    return;
  }
  (void) umz_relay_send_local (move->relays[kind - 1],
                               fd); /* a relay that is gone tells so itself */
}

static void
say_prepared (UmzMove *move)
{
  if (!is_390 (move)) {
    umz_move_say (move, umz_notice_new (UMZ_MSG_VMS6020, umz_move_label (move), NULL));
    return;
  }
  umz_move_say (move, umz_notice_new (UMZ_MSG_VMS3050, umz_move_label (move), NULL));
  for (guint i = 0; i < move->vm->devices->len; i++) {
    const UmzDevice *device = move->vm->devices->pdata[i];
    if (umz_devices_travels (device))
      umz_move_say (move, umz_notice_new (UMZ_MSG_VMS4005, device->mn, umz_move_label (move),
                                          device->is_shared ? " (TYPE=SD)" : "", NULL));
  }
}

static bool
is_copy_complete (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return move->is_copy_complete;
}

static UmzRelayEnded
get_end (UmzMove *move, UmzRelayKind kind)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return move->ended[kind - 1];
}

/* Before it is complete, nobody but its QEMU closes the memory stream here.  If the RPC stream had
 * ended by then, libvirt has ended the QEMU for that, and the cause is not here.
 */
static bool
has_copy_ended (UmzMove *move)
{
  const UmzRelayEnded memory = get_end (move, UMZ_RELAY_KIND_MEMORY);
  const UmzRelayEnded rpc = get_end (move, UMZ_RELAY_KIND_RPC);
  const bool was_rpc_over = rpc.end != 0 && rpc.at_us < memory.at_us;
  return memory.end == UMZ_RELAY_END_LOCAL && !was_rpc_over && !is_copy_complete (move);
}

static void
say_end_of_stream (UmzMove *move, UmzRelayKind kind)
{
  const UmzRelayEnded ended = get_end (move, kind);
  const bool is_ours = ended.end == UMZ_RELAY_END_REFUSED || ended.end == UMZ_RELAY_END_HOSTILE ||
                       ended.end == UMZ_RELAY_END_CODEC;
  if (!is_ours || move->end_of_stream != NULL)
    return;
  move->end_of_stream = umz_notice_new (UMZ_MSG_UMZ0121, ended.text, NULL);
  umz_move_say (move, umz_notice_copy (move->end_of_stream));
}

/* Why the streams have ended, as far as the cause is here. */
static void
say_ends (UmzMove *move)
{
  say_end_of_stream (move, UMZ_RELAY_KIND_RPC);
  say_end_of_stream (move, UMZ_RELAY_KIND_MEMORY);
  if (has_copy_ended (move))
    umz_move_say_once (move, UMZ_MSG_UMZ0140);
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
hear_finish (UmzMove *move)
{
  g_autoptr (GError) error = NULL;
  umz_fault_point ("target-received");
  umz_copy_receive (move);
  if (move->is_copy_held &&
      (umz_fault_fails ("target-disks", &error) || !are_disks_operable (move, &error)))
    umz_move_refuse (move, umz_error_to_notice (error));
}

static void
hear_relay (UmzMove *move, const UmzInput *input)
{
  switch (input->message.type) {
  case UMZ_RELAY_MESSAGE_WANT_LOCAL: give_local (move, input->stream); break;
  case UMZ_RELAY_MESSAGE_PREPARED:
    umz_fault_point ("target-prepared");
    umz_move_set_phase (move, UMZ_PHASE_COPY);
    say_prepared (move);
    break;
  case UMZ_RELAY_MESSAGE_FINISH_REPLIED:
    if (input->message.finish_replied.ok)
      hear_finish (move);
    break;
  case UMZ_RELAY_MESSAGE_ENDED: say_ends (move); break;
  default: break;
  }
}

static void
take_stream (UmzMove *move, UmzInput *input)
{
  if (move->relays[input->stream - 1] != NULL)
    return; /* the id is no secret: a second connection with it changes nothing */
  g_autoptr (GError) error = NULL;
  int fd = input->fd;
  input->fd = -1;
  if (!umz_move_start_relay (move, input->stream, fd, -1, &error))
    umz_move_say (move, umz_error_to_notice (error));
}

/* ---- answers ---- */

static JsonNode *
answer_of (UmzMove *move, const UmzNotice *notice)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_text (b, "answer", umz_state_name (umz_move_get_state (move)));
  umz_move_add_lines (move, b);
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
    umz_move_say (move, umz_notice_new (UMZ_MSG_VMS2322, move->record->name, move->record->peer,
                                        NULL));
  if (move->vm_state == UMZ_VM_STATE_RUNNING && !umz_move_is_decided (move, UMZ_DECISION_COLD))
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
      umz_move_say (move,
                    umz_notice_new (UMZ_MSG_UMZ0145, device->mn, umz_move_label (move), NULL));
  }
}

/* What somebody may have made of it since it came. */
static bool
say_losses (UmzMove *move, GError **error)
{
  g_autoptr (GError) broken = NULL;
  g_autoptr (UmzVm) vm =
    umz_hypervisor_find (move->engine->hypervisor, move->record->uuid, &broken);
  if (broken != NULL) {
    g_propagate_error (error, g_steal_pointer (&broken));
    return false;
  }
  if (vm != NULL && (vm->state != UMZ_VM_STATE_DOWN || !umz_vm_state_has_qemu (move->vm_state)))
    say_missing_disks (move, vm);
  else if (move->record->definition != NULL)
    umz_move_say_once (move, UMZ_MSG_UMZ0139);
  return true;
}

/* Somebody may have undefined it since; a guest that runs must not vanish when it ends. */
static bool
keep_defined (UmzMove *move, GError **error)
{
  UmzHypervisor *hypervisor = move->engine->hypervisor;
  const UmzMoveRecord *record = move->record;
  g_autoptr (GError) broken = NULL;
  g_autoptr (UmzVm) vm = umz_hypervisor_find (hypervisor, record->uuid, &broken);
  if (broken != NULL) {
    g_propagate_error (error, g_steal_pointer (&broken));
    return false;
  }
  if (record->definition == NULL || (vm != NULL && vm->is_persistent))
    return true;
  umz_move_say_once (move, UMZ_MSG_UMZ0144);
  return umz_hypervisor_define (hypervisor, record->definition, error);
}

static bool
lower_fence (void *data, GError **error)
{
  UmzMove *move = data;
  return !umz_fault_fails ("target-lower", error) &&
         umz_fence_lower (move->engine->config->fence_dir, move->record->uuid, error);
}

/* The source has just said that it is ours.  Of a move from the journal that may be long ago, and
 * the VM taken over meanwhile.
 */
static bool
confirm (UmzMove *move, GError **error)
{
  return !move->is_ours_since_now ||
         umz_confirmation_give (move->engine->config, move->record->uuid, error);
}

/* What was ours from the start of OWNER on: index, epoch in the definition, and no fence any more.
 * To write the epoch libvirt first ends what others want of the domain; after that losses are seen.
 */
static void
settle (UmzMove *move)
{
  UmzEngine *engine = move->engine;
  const UmzMoveRecord *record = move->record;
  g_autoptr (GError) error = NULL;
  umz_fault_point ("target-settle");
  umz_move_end_relays (move);
  umz_move_remove_folder (move);
  if (!keep_defined (move, &error) || umz_fault_fails ("target-epoch", &error) ||
      !umz_hypervisor_set_epoch (engine->hypervisor, record->uuid, record->epoch, &error) ||
      !confirm (move, &error) ||
      !say_losses (move, &error))
    umz_move_say (move, umz_error_to_notice (error));
  if (umz_vm_state_has_memory (move->vm_state) && !umz_move_is_decided (move, UMZ_DECISION_COLD))
    umz_devices_attach_aliases (move);
  if (!umz_move_insist (move, lower_fence, move))
    return; /* taken up again: RUNS is not closed */
  umz_fault_point ("target-close");
  umz_move_close (move);
}

static bool
kill_copy (void *data, GError **error)
{
  return umz_copy_kill (data, error);
}

/* ours: the guest goes on here.  The answer goes out before anything that can wait. */
static void
take_over (UmzMove *move, UmzInput *input)
{
  bool is_cold = umz_move_is_decided (move, UMZ_DECISION_COLD);
  bool is_last = is_cold || (input != NULL && input->kind == UMZ_INPUT_GO_LAST);
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzNotice) notice = NULL;
  umz_fault_point ("target-go");
  if (umz_move_get_state (move) != UMZ_STATE_OWNER) {
    umz_move_step (move, UMZ_EVENT_GO);
    move->is_ours_since_now = true;
  }
  umz_fault_point ("target-owner");
  umz_move_end_doubt (move, umz_state_name (UMZ_STATE_COMMITTED));
  if (is_cold && !umz_move_insist (move, kill_copy, move))
    return;
  switch (umz_copy_run (move, is_last, &error)) {
  case UMZ_COPY_RUNS: umz_move_step (move, UMZ_EVENT_RUNS); break;
  case UMZ_COPY_CANNOT_RUN: umz_move_refuse (move, umz_error_to_notice (error)); break;
  case UMZ_COPY_UNCLEAR: notice = umz_error_to_notice (error); break;
  }
  if (umz_move_get_state (move) == UMZ_STATE_RUNS) {
    umz_fault_point ("target-runs");
    say_ours (move);
  }
  if (input != NULL)
    umz_input_answer (input, answer_of (move, notice));
}

/* ---- an operator decides ---- */

static void
decide (UmzMove *move, UmzInput *input)
{
  umz_move_say (move, g_steal_pointer (&input->notice));
  umz_move_set_phase (move, UMZ_PHASE_SWITCH);
  move->is_ours_since_now = true;
  if (umz_move_decide (move, input->decision))
    take_over (move, NULL);
}

/* ---- ABORTED ---- */

/* Takes away all that came here for the move. */
static bool
clear_away (void *data, GError **error)
{
  umz_move_end_relays (data);
  return umz_ledger_take_back (data, error);
}

/* What cannot be cleared away now goes when the source has said ABORTED. */
static void
clear_now (UmzMove *move)
{
  g_autoptr (GError) error = NULL;
  if (!clear_away (move, &error))
    g_message ("move %s: %s", move->record->id, error->message);
}

static void
remove_copy (UmzMove *move)
{
  umz_move_set_phase (move, UMZ_PHASE_UNDO);
  if (!umz_move_insist (move, clear_away, move))
    return;
  umz_fault_point ("target-undone");
  umz_move_close (move);
}

/* The source's word may have been quicker than theirs.  What has ended has said all. */
static void
hear_relays_out (UmzMove *move)
{
  umz_move_end_relays (move);
  if (umz_move_get_state (move) == UMZ_STATE_RECEIVING)
    say_ends (move);
}

/* What the source cannot know, for it only saw a stream break; NULL if the copy did not end. */
static UmzNotice *
new_end_of_copy (UmzMove *move)
{
  if (move->end_of_stream != NULL)
    return umz_notice_copy (move->end_of_stream);
  bool has_ended = umz_move_has_said (move, UMZ_MSG_UMZ0140);
  return has_ended ? umz_notice_new (UMZ_MSG_UMZ0140, umz_move_label (move), NULL) : NULL;
}

static void
abort_copy (UmzMove *move, UmzInput *input, const UmzNotice *cause)
{
  hear_relays_out (move);
  g_autoptr (UmzNotice) own_cause = new_end_of_copy (move);
  umz_fault_point ("target-abort");
  umz_move_step (move, UMZ_EVENT_ABORT);
  umz_fault_point ("target-aborted");
  umz_move_end_doubt (move, umz_state_name (UMZ_STATE_ABORTED));
  if (cause != NULL && own_cause == NULL)
    umz_move_say (move, umz_notice_copy (cause));
  if (move->may_have_run) /* others had it; the source undoes the move for a reason of its own */
    umz_move_say_once (move, UMZ_MSG_UMZ0143);
  umz_move_say (move,
                umz_notice_new (UMZ_MSG_VMS2433, umz_move_label (move), move->record->peer, NULL));
  remove_copy (move);
  if (input != NULL)
    umz_input_answer (input, answer_of (move, own_cause));
}

/* ---- RECEIVING and REFUSED: waiting for the source's word ---- */

static bool
is_silent (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return g_get_monotonic_time () - move->heard_us > LOST_US;
}

static void
take_word (UmzMove *move, JsonNode *answer)
{
  const char *state = "";
  umz_move_take_lines (move, json_node_get_object (answer), NULL, NULL);
  (void) umz_json_get_text (json_node_get_object (answer), "answer", 16, &state);
  bool has_committed = strcmp (state, "COMMITTED") == 0 || strcmp (state, "GONE") == 0;
  if (has_committed && umz_move_get_state (move) == UMZ_STATE_RECEIVING)
    take_over (move, NULL);
  else if (strcmp (state, "ABORTED") == 0 || strcmp (state, "NONE") == 0)
    abort_copy (move, NULL, NULL);
  else if (move->progress.phase == UMZ_PHASE_DOUBT)
    umz_move_set_phase (move, UMZ_PHASE_SWITCH); /* it is there, and will say more */
}

/* LOST: the copy is incomplete and will never be ours. */
static void
give_up (UmzMove *move)
{
  umz_move_step (move, UMZ_EVENT_LOST);
  clear_now (move);
  umz_move_say (move,
                umz_notice_new (UMZ_MSG_VMS2433, umz_move_label (move), move->record->peer, NULL));
}

/* What the source has written down where we can read it.  False: nothing. */
static bool
take_verdict (UmzMove *move)
{
  UmzVerdict verdict = umz_scribe_read (move);
  bool is_committed = verdict == UMZ_VERDICT_COMMITTED;
  if (verdict == UMZ_VERDICT_NONE ||
      (is_committed && umz_move_get_state (move) != UMZ_STATE_RECEIVING))
    return false;
  umz_move_say (move, umz_notice_new (UMZ_MSG_UMZ0242, umz_move_label (move), move->record->peer,
                                      umz_verdict_text (verdict), NULL));
  umz_move_set_phase (move, UMZ_PHASE_SWITCH);
  if (is_committed)
    take_over (move, NULL);
  else
    abort_copy (move, NULL, NULL);
  return true;
}

/* The source is silent: ask it.  What it says is the same as if it had come by itself. */
static void
ask_source (UmzMove *move)
{
  g_autoptr (JsonNode) request = umz_move_peer_request (move, NULL, UMZ_LINES_LATER);
  g_autoptr (JsonNode) answer = umz_move_call_peer (move, "/ask", request, ASK_S, NULL);
  if (answer != NULL) {
    take_word (move, answer);
    return;
  }
  bool is_receiving = umz_move_get_state (move) == UMZ_STATE_RECEIVING;
  if (is_receiving && !is_copy_complete (move) && !move->is_recovered)
    give_up (move);
  else if (!take_verdict (move) && move->progress.phase != UMZ_PHASE_DOUBT) {
    umz_move_say (
      move, umz_notice_new (UMZ_MSG_UMZ0127, umz_move_label (move), move->record->peer, NULL));
    umz_move_set_phase (move, UMZ_PHASE_DOUBT);
  }
}

/* Before the guest is stopped, so that it need not be.  Refused is a copy that cannot become
 * complete any more, for it is frozen until the source, which hears of it with the next heartbeat,
 * has said ABORTED.  One that libvirt has not begun yet must not come at all.
 */
static void
look_at_disks (UmzMove *move)
{
  int64_t now_us = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  if (now_us < move->disks_due_us)
    return;
  move->disks_due_us = now_us + DISKS_US;
  if (are_disks_operable (move, &error))
    return;
  umz_copy_freeze (move);
  if (is_copy_complete (move)) {
    umz_copy_let_go (move); /* Finish was answered meanwhile, and is heard next */
    return;
  }
  umz_move_refuse (move, umz_error_to_notice (error));
  if (!move->is_copy_held)
    clear_now (move);
}

static void
hear (UmzMove *move, UmzInput *input)
{
  bool is_receiving = umz_move_get_state (move) == UMZ_STATE_RECEIVING;
  switch (input->kind) {
  case UMZ_INPUT_RELAY: /* of one that is given up, nothing is begun again */
    if (is_receiving)
      hear_relay (move, input);
    break;
  case UMZ_INPUT_STREAM:
    if (is_receiving)
      take_stream (move, input);
    break;
  case UMZ_INPUT_GO:
    /* REFUSED is a promise: the source thaws on it.  A GO that comes late changes nothing. */
    if (umz_move_get_state (move) == UMZ_STATE_REFUSED)
      umz_input_answer (input, answer_of (move, NULL));
    else
      take_over (move, input);
    break;
  case UMZ_INPUT_GO_LAST: take_over (move, input); break;
  case UMZ_INPUT_ABORT: abort_copy (move, input, input->notice); break;
  case UMZ_INPUT_DECIDE:
    if (is_receiving || input->decision == UMZ_DECISION_COLD)
      decide (move, input);
    break;
  case UMZ_INPUT_NOTHING:
    if (is_silent (move) || move->is_recovered)
      ask_source (move);
    else if (is_receiving && !is_copy_complete (move))
      look_at_disks (move);
    break;
  default: break;
  }
}

static void
wait_for_word (UmzMove *move)
{
  while (umz_move_get_state (move) == UMZ_STATE_RECEIVING ||
         umz_move_get_state (move) == UMZ_STATE_REFUSED) {
    g_autoptr (UmzInput) input = umz_move_pop (move, TICK_MS);
    if (input->kind == UMZ_INPUT_QUIT)
      return;
    hear (move, input);
  }
}

/* OWNER whose copy would neither run nor certainly not: tried until one of both is true. */
static bool
insist (UmzMove *move)
{
  while (umz_move_get_state (move) == UMZ_STATE_OWNER) {
    g_autoptr (UmzInput) input = umz_move_pop (move, TICK_MS);
    if (input->kind == UMZ_INPUT_QUIT)
      return false;
    bool is_go = input->kind == UMZ_INPUT_GO || input->kind == UMZ_INPUT_GO_LAST;
    if (is_go || input->kind == UMZ_INPUT_NOTHING)
      take_over (move, is_go ? input : NULL);
    else if (input->kind == UMZ_INPUT_ABORT)
      umz_input_answer (input, answer_of (move, NULL));
  }
  return true;
}

static void
wait_for_gone (UmzMove *move)
{
  for (;;) {
    g_autoptr (UmzInput) input = umz_move_pop (move, TICK_MS);
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
take_up (UmzMove *move)
{
  umz_move_say (move, umz_notice_new (UMZ_MSG_UMZ0132, NULL));
  if (umz_move_get_state (move) == UMZ_STATE_RECEIVING)
    umz_copy_freeze (move);
  move->is_copy_held = false;
}

void
umz_target_run (UmzMove *move)
{
  if (move->is_recovered)
    take_up (move);
  else
    say_390 (move, UMZ_MSG_VMS2430);
  if (!move->is_recovered && !umz_vm_state_has_memory (move->vm_state))
    say_prepared (move); /* no Prepare of libvirt's will tell */

  if (umz_move_get_state (move) == UMZ_STATE_OWNER)
    take_over (move, NULL);
  do
    wait_for_word (move);
  while (umz_move_get_state (move) == UMZ_STATE_OWNER && insist (move) &&
         umz_move_get_state (move) == UMZ_STATE_REFUSED);

  if (umz_move_get_state (move) == UMZ_STATE_RUNS) {
    wait_for_gone (move);
    settle (move);
    if (umz_move_is_decided (move, UMZ_DECISION_COLD))
      umz_move_start_cold (move);
  }
  else if (umz_move_get_state (move) == UMZ_STATE_ABORTED && move->is_recovered)
    remove_copy (move);
}

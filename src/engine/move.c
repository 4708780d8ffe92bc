/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/move.h"

#include "hypervisor/definition.h"
#include "model/json.h"
#include "store/vms.h"

#define STATE_BYTES_MAX    16 /* of its name */
#define FOLDER_NAME_LENGTH 13 /* of a UUID: 12 digits and a hyphen */

UmzMoveRecord *
umz_move_make_record (UmzSide side, const UmzVm *vm, const char *peer)
{
  UmzMoveRecord *record = umz_store_move_record_new ();
  record->side = side;
  record->state = UMZ_STATE_NONE;
  record->uuid = g_strdup (vm->uuid);
  record->name = g_strdup (vm->name);
  record->index = vm->index;
  record->vm_state = vm->state;
  record->peer = g_strdup (peer);
  record->begun_us = g_get_real_time ();
  return record;
}

UmzMove *
umz_move_new (const UmzMeans *means, UmzSide side, UmzMoveRecord *record, UmzVm *vm)
{
  UmzMove *move = g_atomic_rc_box_new0 (UmzMove);
  move->means = means;
  move->side = side;
  move->record = record;
  move->vm = vm;
  move->vm_state = vm->state;
  move->label = umz_vm_label (record->index, record->name);
  move->hypervisor = umz_hypervisor_new_beside (means->hypervisor);
  move->interrupt = g_cancellable_new ();
  move->inputs = umz_inputs_new (record->id);
  move->lines = umz_lines_new (means, record, move->label);
  /* The start of the random id: a socket's path has room for 107 characters in all. */
  g_autofree char *short_id = g_strndup (record->id, FOLDER_NAME_LENGTH);
  move->folder = g_build_filename (means->config->migration_dir, short_id, NULL);
  move->heard_us = g_get_monotonic_time ();
  move->terms = umz_terms_of_su_type (means->config->su_type);
  umz_transfer_init (&move->transfer, means, record, vm->memory_bytes);
  g_mutex_init (&move->lock);
  g_cond_init (&move->ended);
  return move;
}

/* What the journal knows of the VM.  An arriving one needs memory here; its definition, if it has
 * one, says how much.
 */
static UmzVm *
make_recorded_vm (const UmzMoveRecord *record)
{
  UmzVm *vm = record->side == UMZ_SIDE_TARGET && record->definition != NULL
                ? umz_definition_parse (record->definition, NULL)
                : NULL;
  if (vm == NULL) {
    vm = umz_vm_new ();
    vm->uuid = g_strdup (record->uuid);
    vm->name = g_strdup (record->name);
  }
  vm->index = record->index;
  return vm;
}

UmzMove *
umz_move_new_from_journal (const UmzMeans *means, UmzMoveRecord *record)
{
  UmzMove *move = umz_move_new (means, record->side, record, make_recorded_vm (record));
  move->state = record->state;
  move->vm_state = record->vm_state;
  move->is_recovered = true;
  move->heard_us = 0;
  return move;
}

UmzMove *
umz_move_ref (UmzMove *move)
{
  return g_atomic_rc_box_acquire (move);
}

static void
clear_move (void *data)
{
  UmzMove *move = data;
  for (int i = 0; i < UMZ_N_STREAMS; i++)
    g_assert (move->relays[i] == NULL); /* the course has ended them */
  umz_lines_free (move->lines);
  umz_inputs_free (move->inputs);
  umz_peer_client_free (move->client);
  umz_hypervisor_free (move->hypervisor);
  umz_store_move_record_free (move->record);
  umz_notice_free (move->cause);
  umz_notice_free (move->refusal);
  umz_process_close (move->copy);
  umz_vm_free (move->vm);
  g_object_unref (move->interrupt);
  g_free (move->label);
  g_free (move->folder);
  g_cond_clear (&move->ended);
  g_mutex_clear (&move->lock);
}

void
umz_move_unref (UmzMove *move)
{
  if (move != NULL)
    g_atomic_rc_box_release_full (move, clear_move);
}

static gpointer
run_thread (gpointer data)
{
  g_autoptr (UmzMove) move = data;
  move->course (move);
  g_clear_pointer (&move->client, umz_peer_client_free);
  umz_hypervisor_disconnect (move->hypervisor);
  return NULL;
}

void
umz_move_run (UmzMove *move, UmzCourse course)
{
  move->course = course;
  move->thread = g_thread_new ("move", run_thread, umz_move_ref (move));
}

/* ---- looking ---- */

UmzState
umz_move_get_state (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return move->state;
}

bool
umz_move_is_in_doubt (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return move->progress.phase == UMZ_PHASE_DOUBT;
}

bool
umz_move_has_ended (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return move->has_ended;
}

bool
umz_move_is_closed (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return move->record->is_closed;
}

bool
umz_move_wait_until_ended (UmzMove *move, int64_t end_us)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  while (!move->has_ended && g_cond_wait_until (&move->ended, &move->lock, end_us))
    ; /* woken for nothing */
  return move->has_ended;
}

bool
umz_move_wait_until_closed (UmzMove *move, int64_t end_us)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  while (!move->record->is_closed && g_cond_wait_until (&move->ended, &move->lock, end_us))
    ; /* woken for nothing */
  return move->record->is_closed;
}

/* ---- cancelling ---- */

bool
umz_move_cancel (UmzMove *move, UmzNotice *notice)
{
  g_mutex_lock (&move->lock);
  bool is_in_time = !move->is_too_late &&
                    (move->state == UMZ_STATE_NONE || move->state == UMZ_STATE_COPYING);
  move->is_canceled = move->is_canceled || is_in_time;
  if (is_in_time) /* before the lock is left: who sees is_canceled finds the reason in the queue */
    umz_inputs_push (move->inputs, UMZ_INPUT_CANCEL, g_steal_pointer (&notice));
  g_mutex_unlock (&move->lock);
  umz_notice_free (notice);
  if (is_in_time)
    g_cancellable_cancel (move->interrupt);
  return is_in_time;
}

bool
umz_move_go_through (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  move->is_too_late = !move->is_canceled;
  return move->is_too_late;
}

/* ---- the journal ---- */

static bool
journal (UmzMove *move, const char *event, GError **error)
{
  return umz_store_journal (move->means->store, move->record, event, error);
}

void
umz_move_say_unwritten (UmzMove *move, const GError *error)
{
  if (!umz_lines_has_said (move->lines, UMZ_MSG_UMZ0249))
    umz_lines_say (move->lines,
                   umz_notice_new (UMZ_MSG_UMZ0249, move->label, error->message, NULL));
}

/* What is true of every move, whatever it has been through; the lock is held. */
static void
check (const UmzMove *move)
{
  const UmzMoveRecord *record = move->record;
  bool is_source = move->side == UMZ_SIDE_SOURCE;
  g_assert (record->state == move->state);
  g_assert (record->side == move->side);
  g_assert (umz_machine_is_state_of (move->side, move->state));
  g_assert (record->epoch > 0);
  g_assert (is_source || move->cause == NULL);
  g_assert (!is_source || move->refusal == NULL);
  g_assert (!(move->is_canceled && move->is_too_late));
  g_assert (!is_source || move->state != UMZ_STATE_COMMITTED || !move->is_canceled);
}

static UmzState
get_next (const UmzMove *move, UmzEvent event)
{
  UmzState next;
  if (!umz_machine_next (move->side, move->state, event, &next))
    g_error ("move %s: %s in %s", move->record->id, umz_event_name (event),
             umz_state_name (move->state));
  return next;
}

bool
umz_move_step (UmzMove *move, UmzEvent event, GError **error)
{
  UmzState next = get_next (move, event);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  move->record->state = next;
  bool is_written = journal (move, umz_event_name (event), error);
  if (is_written)
    move->state = next;
  move->record->state = move->state;
  check (move);
  return is_written;
}

typedef struct {
  UmzMove *move;
  UmzAttempt attempt;
  void *data;
} Insistence;

static bool
attempt_aloud (void *data, GError **error)
{
  const Insistence *i = data;
  g_autoptr (GError) own_error = NULL;
  if (i->attempt (i->data, &own_error))
    return true;
  if (g_error_matches (own_error, UMZ_ERROR, UMZ_MSG_UMZ0300))
    umz_move_say_unwritten (i->move, own_error);
  g_propagate_error (error, g_steal_pointer (&own_error));
  return false;
}

bool
umz_move_insist_on (UmzMove *move, UmzAttempt attempt, void *data)
{
  Insistence insistence = { move, attempt, data };
  return umz_inputs_insist (move->inputs, attempt_aloud, &insistence);
}

typedef struct {
  UmzMove *move;
  UmzEvent event;
} Step;

static bool
attempt_step (void *data, GError **error)
{
  const Step *step = data;
  return umz_move_step (step->move, step->event, error);
}

bool
umz_move_insist (UmzMove *move, UmzEvent event)
{
  Step step = { move, event };
  return umz_move_insist_on (move, attempt_step, &step);
}

void
umz_move_step_anyway (UmzMove *move, UmzEvent event)
{
  g_autoptr (GError) error = NULL;
  UmzState next = get_next (move, event);
  if (umz_move_step (move, event, &error))
    return;
  umz_move_say_unwritten (move, error);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  move->record->state = move->state = next;
  check (move);
}

void
umz_move_set_decision (UmzMove *move, const char *text)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  g_free (move->record->decision);
  move->record->decision = g_strdup (text);
}

bool
umz_move_journal_decision (UmzMove *move, const char *text, GError **error)
{
  umz_move_set_decision (move, text);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return journal (move, text, error);
}

void
umz_move_set_held (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  move->record->is_held = true;
}

bool
umz_move_journal_held (UmzMove *move, GError **error)
{
  umz_move_set_held (move);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return journal (move, "HELD", error);
}

bool
umz_move_journal_last (UmzMove *move, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  move->record->has_said_last = true;
  move->record->has_said_last = journal (move, "LAST", error);
  return move->record->has_said_last;
}

bool
umz_move_raise_epoch (UmzMove *move, uint64_t beyond, GError **error)
{
  UmzMoveRecord *record = move->record;
  UmzStore *store = move->means->store;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  if (!umz_store_raise_epoch (store, record->uuid, beyond, error) ||
      !umz_store_new_epoch (store, record->uuid, &record->epoch, error))
    return false;
  return journal (move, "EPOCH", error);
}

/* ---- its end ---- */

/* The history is worth a warning, not a move. */
static void
keep_outcome (UmzMove *move, UmzMonjvState status, const char *cause_code)
{
  g_autoptr (GError) error = NULL;
  g_mutex_lock (&move->lock);
  UmzTransferFigures transfer = move->progress.transfer;
  g_mutex_unlock (&move->lock);
  UmzOutcome outcome = { .move = move->record,
                         .status = (char *) umz_monjv_state_text (status),
                         .cause = (char *) cause_code,
                         .ended_us = g_get_real_time (),
                         .stopped_us = move->stood_us,
                         .copy_us = move->copy_us,
                         .transfer = transfer,
                         .expected = move->expected };
  if (!umz_store_put_outcome (move->means->store, &outcome, &error))
    g_warning ("%s", error->message);
}

/* The source is told how its move ends before it is closed, the target is not. */
static void
keep_outcome_of_arrival (UmzMove *move)
{
  if (move->side == UMZ_SIDE_TARGET)
    keep_outcome (move, move->state == UMZ_STATE_RUNS ? UMZ_MONJV_ENDED : UMZ_MONJV_ABORTED, "");
}

static void
end_transfer (UmzMove *move)
{
  g_mutex_lock (&move->lock);
  UmzRelayMirror left = move->mirror;
  g_mutex_unlock (&move->lock);
  bool has_come_through = move->state == UMZ_STATE_GONE || move->state == UMZ_STATE_RUNS;
  umz_transfer_end (&move->transfer, has_come_through, &left);
}

static void
note_closed (UmzMove *move)
{
  move->has_ended = true;
  move->progress.phase = UMZ_PHASE_ENDED;
  g_cond_broadcast (&move->ended);
}

static bool
journal_close (void *data, GError **error)
{
  UmzMove *move = data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  move->record->is_closed = true;
  move->record->is_closed = journal (move, "CLOSE", error);
  if (move->record->is_closed)
    note_closed (move);
  return move->record->is_closed;
}

void
umz_move_close (UmzMove *move)
{
  keep_outcome_of_arrival (move);
  end_transfer (move);
  if (umz_move_insist_on (move, journal_close, move))
    move->means->listener.closed (move->record, move->means->listener_data);
}

void
umz_move_drop (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  move->record->is_closed = true;
  note_closed (move);
}

void
umz_move_tell (UmzMove *move, UmzMonjvState status, const char *cause_code)
{
  bool is_final = umz_monjv_state_is_final (status);
  if (is_final)
    keep_outcome (move, status, cause_code);
  g_mutex_lock (&move->lock);
  move->progress.status = status;
  move->has_ended = move->has_ended || is_final;
  g_cond_broadcast (&move->ended);
  g_mutex_unlock (&move->lock);
  move->means->listener.status (move->record, status, cause_code, move->means->listener_data);
}

void
umz_move_note_cause (UmzMove *move, const UmzNotice *cause)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  umz_notice_free (move->cause);
  move->cause = umz_notice_copy (cause);
}

void
umz_move_note_refusal (UmzMove *move, const UmzNotice *why)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  umz_notice_free (move->refusal);
  move->refusal = umz_notice_copy (why);
}

void
umz_move_add_refusal (UmzMove *move, JsonBuilder *builder)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  if (move->refusal == NULL)
    return;
  json_builder_set_member_name (builder, "notice");
  json_builder_add_value (builder, umz_json_from_notice (move->refusal));
}

void
umz_move_set_phase (UmzMove *move, UmzPhase phase)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  move->progress.phase = phase;
  if (phase == UMZ_PHASE_DOUBT)
    move->doubt_us = g_get_monotonic_time ();
}

/* ---- the other SU ---- */

void
umz_move_hear (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  move->heard_us = g_get_monotonic_time ();
}

JsonNode *
umz_move_peer_request (UmzMove *move, const UmzNotice *notice, UmzLinesTime lines)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_number (b, "epoch", move->record->epoch);
  umz_json_set_number (b, "seen", umz_lines_count_taken (move->lines));
  if (notice != NULL) {
    json_builder_set_member_name (b, "notice");
    json_builder_add_value (b, umz_json_from_notice (notice));
  }
  if (lines == UMZ_LINES_ALONG)
    umz_lines_add (move->lines, b);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

JsonNode *
umz_move_call_peer (UmzMove *move, const char *suffix, JsonNode *request, unsigned timeout_s,
                    GError **error)
{
  g_autofree char *path = g_strdup_printf ("/moves/%s%s", move->record->id, suffix);
  if (move->client == NULL)
    move->client = umz_peer_client_new (move->means->config, move->record->peer, error);
  if (move->client == NULL)
    return NULL;
  GCancellable *interrupt = umz_move_get_state (move) == UMZ_STATE_COPYING ? move->interrupt : NULL;
  JsonNode *answer = umz_peer_call (move->client, path, request, timeout_s, interrupt, error);
  if (answer != NULL)
    umz_move_hear (move);
  return answer;
}

bool
umz_move_read_state (JsonNode *answer, UmzState *ret_state)
{
  const char *word = "";
  return umz_json_get_text (json_node_get_object (answer), "answer", STATE_BYTES_MAX, &word) &&
         umz_state_parse (word, ret_state);
}

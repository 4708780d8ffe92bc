/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/move.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/engine-private.h"
#include "engine/fault.h"
#include "engine/transfer.h"
#include "host/confirmation.h"
#include "model/json.h"
#include "store/partners.h"

#define INSIST_MS 500
#define LINES_MAX 1000 /* in one request or answer */
#define CONFLICT  "CONFLICT"

UmzMove *
umz_move_new (UmzEngine *engine, UmzSide side, UmzMoveRecord *record, UmzVm *vm)
{
  UmzMove *move = g_atomic_rc_box_new0 (UmzMove);
  move->engine = engine;
  move->side = side;
  move->record = record;
  move->vm = vm;
  move->vm_state = vm->state;
  move->interrupt = g_cancellable_new ();
  move->inputs = g_async_queue_new_full ((GDestroyNotify) umz_input_free);
  move->lines = g_ptr_array_new_with_free_func ((GDestroyNotify) umz_console_line_free);
  /* The start of the random id: a socket's path has room for 107 characters in all. */
  g_autofree char *short_id = g_strndup (record->id, UMZ_FOLDER_NAME_LENGTH);
  move->folder = g_build_filename (engine->config->migration_dir, short_id, NULL);
  move->heard_us = g_get_monotonic_time ();
  move->mirror_file.fd = -1;
  move->terms = umz_engine_get_terms (engine);
  g_mutex_init (&move->lock);
  g_mutex_init (&move->peer_lines_lock);
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
  umz_move_record_free (move->record);
  umz_notice_free (move->cause);
  umz_vm_free (move->vm);
  umz_process_close (move->copy);
  umz_peer_client_free (move->client);
  umz_notice_free (move->refusal);
  umz_notice_free (move->end_of_stream);
  g_object_unref (move->interrupt);
  g_async_queue_unref (move->inputs);
  g_ptr_array_unref (move->lines);
  g_free (move->folder);
  g_mutex_clear (&move->lock);
  g_mutex_clear (&move->peer_lines_lock);
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
  umz_move_end_relays (move);
  g_clear_pointer (&move->client, umz_peer_client_free);
  return NULL;
}

void
umz_move_run (UmzMove *move, UmzCourse course)
{
  move->course = course;
  move->thread = g_thread_new ("move", run_thread, umz_move_ref (move));
}

/* ---- inputs ---- */

static UmzReplySlot *
new_slot (void)
{
  UmzReplySlot *slot = g_atomic_rc_box_new0 (UmzReplySlot);
  g_mutex_init (&slot->lock);
  g_cond_init (&slot->answered);
  return slot;
}

static void
clear_slot (void *data)
{
  UmzReplySlot *slot = data;
  g_clear_pointer (&slot->answer, json_node_unref);
  g_mutex_clear (&slot->lock);
  g_cond_clear (&slot->answered);
}

static UmzInput *
new_input (UmzInputKind kind)
{
  UmzInput *input = g_new0 (UmzInput, 1);
  input->kind = kind;
  input->fd = -1;
  input->message = (UmzRelayMessage) UMZ_RELAY_MESSAGE_INIT;
  return input;
}

void
umz_input_free (UmzInput *input)
{
  if (input == NULL)
    return;
  if (input->fd >= 0)
    close (input->fd);
  if (input->slot != NULL) {
    g_mutex_lock (&input->slot->lock);
    input->slot->is_abandoned = true;
    g_cond_signal (&input->slot->answered);
    g_mutex_unlock (&input->slot->lock);
    g_atomic_rc_box_release_full (input->slot, clear_slot);
  }
  umz_notice_free (input->notice);
  umz_relay_message_clear (&input->message);
  g_free (input);
}

void
umz_move_push (UmzMove *move, UmzInputKind kind, UmzNotice *notice)
{
  UmzInput *input = new_input (kind);
  input->notice = notice;
  g_async_queue_push (move->inputs, input);
}

void
umz_move_push_raised (UmzMove *move, uint64_t suspension_us, UmzNotice *notice)
{
  UmzInput *input = new_input (UMZ_INPUT_RAISED);
  input->suspension_us = suspension_us;
  input->notice = notice;
  g_async_queue_push (move->inputs, input);
}

void
umz_move_push_decision (UmzMove *move, UmzDecision decision, UmzNotice *notice)
{
  UmzInput *input = new_input (UMZ_INPUT_DECIDE);
  input->decision = decision;
  input->notice = notice;
  g_async_queue_push (move->inputs, input);
}

void
umz_move_push_stream (UmzMove *move, UmzRelayKind stream, int fd)
{
  UmzInput *input = new_input (UMZ_INPUT_STREAM);
  input->stream = stream;
  input->fd = fd;
  g_async_queue_push (move->inputs, input);
}

JsonNode *
umz_move_ask (UmzMove *move, UmzInputKind kind, UmzNotice *notice, unsigned timeout_s)
{
  UmzReplySlot *slot = new_slot ();
  UmzInput *input = new_input (kind);
  input->notice = notice;
  input->slot = g_atomic_rc_box_acquire (slot);
  g_async_queue_push (move->inputs, input);

  int64_t end_us = g_get_monotonic_time () + timeout_s * G_USEC_PER_SEC;
  g_mutex_lock (&slot->lock);
  while (slot->answer == NULL && !slot->is_abandoned &&
         g_cond_wait_until (&slot->answered, &slot->lock, end_us)) {
  }
  JsonNode *answer = g_steal_pointer (&slot->answer);
  g_mutex_unlock (&slot->lock);
  g_atomic_rc_box_release_full (slot, clear_slot);
  return answer;
}

void
umz_input_answer (UmzInput *input, JsonNode *answer)
{
  if (input->slot == NULL) {
    json_node_unref (answer);
    return;
  }
  g_mutex_lock (&input->slot->lock);
  g_clear_pointer (&input->slot->answer, json_node_unref);
  input->slot->answer = answer;
  g_cond_signal (&input->slot->answered);
  g_mutex_unlock (&input->slot->lock);
}

UmzInput *
umz_move_pop (UmzMove *move, unsigned timeout_ms)
{
  UmzInput *input = g_async_queue_timeout_pop (move->inputs, timeout_ms * UINT64_C (1000));
  if (input == NULL)
    return new_input (move->must_quit ? UMZ_INPUT_QUIT : UMZ_INPUT_NOTHING);
  move->must_quit = move->must_quit || input->kind == UMZ_INPUT_QUIT;
  return input;
}

bool
umz_move_insist (UmzMove *move, UmzAttempt attempt, void *data)
{
  g_autofree char *logged = NULL;
  for (;;) {
    g_autoptr (GError) error = NULL;
    if (attempt (data, &error))
      return true;
    if (g_strcmp0 (logged, error->message) != 0)
      g_message ("move %s: %s", move->record->id, error->message);
    g_free (logged);
    logged = g_strdup (error->message);
    g_autoptr (UmzInput) input = umz_move_pop (move, INSIST_MS);
    if (input->kind == UMZ_INPUT_QUIT)
      return false;
  }
}

/* ---- state ---- */

UmzState
umz_move_get_state (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return move->state;
}

bool
umz_move_cancel (UmzMove *move, UmzNotice *notice)
{
  g_mutex_lock (&move->lock);
  bool is_in_time = !move->is_too_late &&
                    (move->state == UMZ_STATE_NONE || move->state == UMZ_STATE_COPYING);
  move->is_canceled = move->is_canceled || is_in_time;
  if (is_in_time) /* before the lock is left: who sees is_canceled finds the reason in the queue */
    umz_move_push (move, UMZ_INPUT_CANCEL, g_steal_pointer (&notice));
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

static void
journal (UmzMove *move, const char *event)
{
  g_autoptr (GError) error = NULL;
  if (!umz_store_journal (move->engine->store, move->record, event, &error))
    g_error ("journal of move %s: %s", move->record->id, error->message);
}

void
umz_move_step (UmzMove *move, UmzEvent event)
{
  UmzState next;
  if (!umz_machine_next (move->side, move->state, event, &next))
    g_error ("move %s: %s in %s", move->record->id, umz_event_name (event),
             umz_state_name (move->state));
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  g_free (move->record->state);
  move->record->state = g_strdup (umz_state_name (next));
  journal (move, umz_event_name (event));
  move->state = next;
}

/* Told to the other SU when the move is over, and then it gives the VM up, whatever it thinks. */
static bool
note_takeover (void *data, GError **error)
{
  UmzMove *move = data;
  const UmzMoveRecord *record = move->record;
  g_autofree char *id = g_uuid_string_random ();
  g_autoptr (UmzTakeover) takeover =
    umz_takeover_new (id, record->peer, record->uuid, record->name, UMZ_TAKEOVER_TAKEN);
  return umz_store_put_takeover (move->engine->store, takeover, error);
}

/* The operator's word goes for the start that follows as well. */
static bool
confirm (void *data, GError **error)
{
  UmzMove *move = data;
  return umz_confirmation_give (move->engine->config, move->record->uuid, error);
}

/* In the journal with what is journaled next. */
static void
set_decision (UmzMove *move, const char *text)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  g_free (move->record->decision);
  move->record->decision = g_strdup (text);
}

bool
umz_move_decide (UmzMove *move, UmzDecision decision)
{
  if (decision == UMZ_DECISION_COLD && (!umz_move_insist (move, note_takeover, move) ||
                                        !umz_move_insist (move, confirm, move)))
    return false;
  set_decision (move, umz_decision_text (decision));
  umz_move_step (move, UMZ_EVENT_DECIDE);
  return true;
}

void
umz_move_note_conflict (UmzMove *move)
{
  set_decision (move, CONFLICT);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  journal (move, CONFLICT);
}

bool
umz_move_has_conflict (const UmzMove *move)
{
  return g_strcmp0 (move->record->decision, CONFLICT) == 0;
}

bool
umz_move_is_decided (const UmzMove *move, UmzDecision decision)
{
  return g_strcmp0 (move->record->decision, umz_decision_text (decision)) == 0;
}

void
umz_move_end_doubt (UmzMove *move, const char *word)
{
  if (move->progress.phase != UMZ_PHASE_DOUBT)
    return;
  umz_move_set_phase (move, UMZ_PHASE_SWITCH);
  umz_move_say (move, umz_notice_new (UMZ_MSG_UMZ0219, umz_move_label (move), move->record->peer,
                                      word, NULL));
}

void
umz_move_start_cold (UmzMove *move)
{
  g_autoptr (GError) error = NULL;
  if (umz_vm_state_has_memory (move->vm_state) &&
      !umz_hypervisor_start (move->engine->hypervisor, move->record->uuid, false, &error))
    umz_move_say (move, umz_error_to_notice (error));
}

/* The history is worth a warning, not a move. */
static void
keep_outcome (UmzMove *move, UmzMonjvState status, const char *cause_code)
{
  g_autoptr (GError) error = NULL;
  g_mutex_lock (&move->lock);
  const UmzTransferFigures transfer = move->progress.transfer;
  g_mutex_unlock (&move->lock);
  const UmzOutcome outcome = { .move = move->record,
                               .status = (char *) umz_monjv_state_text (status),
                               .cause = (char *) cause_code,
                               .ended_us = g_get_real_time (),
                               .stopped_us = move->stood_us,
                               .copy_us = move->copy_us,
                               .transfer = transfer,
                               .expected = move->expected };
  if (!umz_store_put_outcome (move->engine->store, &outcome, &error))
    g_warning ("%s", error->message);
}

/* The source is told how its move ends before it is closed, the target is not. */
static void
keep_outcome_of_arrival (UmzMove *move)
{
  if (move->side == UMZ_SIDE_TARGET)
    keep_outcome (move, move->state == UMZ_STATE_RUNS ? UMZ_MONJV_ENDED : UMZ_MONJV_ABORTED, "");
}

void
umz_move_close (UmzMove *move)
{
  keep_outcome_of_arrival (move);
  umz_transfer_end (move);
  g_mutex_lock (&move->lock);
  move->record->is_closed = true;
  move->has_ended = true;
  move->progress.phase = UMZ_PHASE_ENDED;
  journal (move, "CLOSE");
  g_mutex_unlock (&move->lock);
  move->engine->listener.closed (move->record, move->engine->listener_data);
}

static bool
is_said (UmzMove *move, UmzMessageId id)
{
  return move->vm_state != UMZ_VM_STATE_DEFINED_ONLY || id == UMZ_MSG_VMS2322 ||
         !g_str_has_prefix (umz_message_code (id), "VMS");
}

void
umz_move_say (UmzMove *move, UmzNotice *notice)
{
  umz_move_say_at (move, g_get_real_time (), notice);
}

void
umz_move_say_at (UmzMove *move, int64_t real_time_us, UmzNotice *notice)
{
  UmzEngine *engine = move->engine;
  g_autoptr (UmzNotice) owned = notice;
  if (!is_said (move, umz_notice_get_id (owned)))
    return;
  UmzConsoleLine *line =
    umz_console_line_new (engine->config->su_name, umz_message_code (umz_notice_get_id (owned)),
                          umz_notice_get_inserts (owned), move->record->id, real_time_us);
  engine->listener.line (line, engine->listener_data);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  g_ptr_array_add (move->lines, line);
}

bool
umz_move_has_said (UmzMove *move, UmzMessageId id)
{
  const char *code = umz_message_code (id);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  for (guint i = 0; i < move->lines->len; i++)
    if (strcmp (((const UmzConsoleLine *) move->lines->pdata[i])->code, code) == 0)
      return true;
  return false;
}

void
umz_move_say_once (UmzMove *move, UmzMessageId id)
{
  if (!umz_move_has_said (move, id))
    umz_move_say (move, umz_notice_new (id, umz_move_label (move), NULL));
}

void
umz_move_refuse (UmzMove *move, UmzNotice *why)
{
  umz_move_say (move, umz_notice_copy (why));
  g_mutex_lock (&move->lock);
  umz_notice_free (move->refusal);
  move->refusal = why;
  g_mutex_unlock (&move->lock);
  umz_move_step (move, UMZ_EVENT_REFUSED);
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

const char *
umz_move_label (UmzMove *move)
{
  static _Thread_local char label[300];
  g_autofree char *text = umz_vm_label (move->record->index, move->record->name);
  g_strlcpy (label, text, sizeof label);
  return label;
}

void
umz_move_note_cause (UmzMove *move, const UmzNotice *cause)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  umz_notice_free (move->cause);
  move->cause = umz_notice_copy (cause);
}

void
umz_move_note_running (UmzMove *move)
{
  if (move->stood_since_us != 0)
    move->stood_us = g_get_monotonic_time () - move->stood_since_us;
  move->stood_since_us = 0;
}

void
umz_move_tell (UmzMove *move, UmzMonjvState status, const char *cause_code)
{
  if (umz_monjv_state_is_final (status))
    keep_outcome (move, status, cause_code);
  g_mutex_lock (&move->lock);
  move->progress.status = status;
  move->has_ended = move->has_ended || umz_monjv_state_is_final (status);
  g_mutex_unlock (&move->lock);
  move->engine->listener.status (move->record, status, cause_code, move->engine->listener_data);
}

void
umz_move_hear (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  move->heard_us = g_get_monotonic_time ();
}

void
umz_move_set_phase (UmzMove *move, UmzPhase phase)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  move->progress.phase = phase;
  if (phase == UMZ_PHASE_DOUBT)
    move->doubt_us = g_get_monotonic_time ();
}

/* ---- relays ---- */

static void
note_stats (UmzMove *move, const UmzRelayStats *stats)
{
  const bool is_source = move->side == UMZ_SIDE_SOURCE;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  move->progress.transfer = (UmzTransferFigures){
    .is_coded = move->transfer_engine == UMZ_RELAY_ENGINE_CODEC,
    .has_mirror = move->mirror_use == UMZ_MIRROR_KEPT,
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

static void
note_end (UmzMove *move, UmzRelayKind kind, const UmzRelayEnded *ended)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  move->ended[kind - 1] = *ended;
}

static void
note_mirror (UmzMove *move, const UmzRelayMirror *mirror)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  move->mirror = *mirror;
}

/* At once, and not only when the move's thread comes to it: it may be asking the source just now.
 */
static void
note_finish (UmzMove *move, bool is_ok)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  move->is_copy_complete = move->is_copy_complete || is_ok;
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
  if (message != NULL && message->type == UMZ_RELAY_MESSAGE_MIRROR) {
    note_mirror (move, &message->mirror);
    return;
  }
  if (message != NULL && message->type == UMZ_RELAY_MESSAGE_FINISH_REPLIED)
    note_finish (move, message->finish_replied.ok);
  if (message != NULL && message->type == UMZ_RELAY_MESSAGE_ENDED)
    note_end (move, kind, &message->ended);
  UmzInput *input = new_input (message != NULL ? UMZ_INPUT_RELAY : UMZ_INPUT_RELAY_GONE);
  input->stream = kind;
  if (message != NULL)
    input->message = *message; /* what a relay says carries no descriptors */
  g_async_queue_push (move->inputs, input);
}

bool
umz_move_start_relay (UmzMove *move, UmzRelayKind kind, int link_fd, int listener_fd,
                      GError **error)
{
  const UmzStream *stream = &move->streams[kind - 1];
  UmzRelayStart start = {
    .kind = kind,
    .side = move->side == UMZ_SIDE_SOURCE ? UMZ_RELAY_SIDE_SOURCE : UMZ_RELAY_SIDE_TARGET,
    .limit_us = move->terms.suspension_us,
  };
  g_autofree char *digits = g_strdup (move->record->uuid);
  char *end = digits;
  for (const char *c = digits; *c != '\0'; c++)
    if (*c != '-')
      *end++ = *c;
  *end = '\0';
  g_autoptr (GBytes) uuid = umz_text_new_bytes_from_hex (digits);
  memcpy (start.stream_id, stream->id, sizeof start.stream_id);
  memcpy (start.key, stream->key, sizeof start.key);
  memcpy (start.vm_uuid, g_bytes_get_data (uuid, NULL), sizeof start.vm_uuid);
  g_strlcpy (start.vm_name, move->record->name, sizeof start.vm_name);
  g_clear_pointer (&move->relays[kind - 1], umz_relay_end);
  if (umz_fault_fails (move->side == UMZ_SIDE_SOURCE ? "source-relay" : "target-relay", error))
    return false;
  const int mirror_fd =
    kind == UMZ_RELAY_KIND_MEMORY ? umz_transfer_begin (move, &start) : -1;
  const int fds[UMZ_RELAY_MESSAGE_FDS] = { link_fd, listener_fd, mirror_fd };
  move->relays[kind - 1] =
    umz_relay_start (move->engine->config, &start, fds, hear_relay, move, error);
  explicit_bzero (&start, sizeof start);
  return move->relays[kind - 1] != NULL;
}

void
umz_move_end_relays (UmzMove *move)
{
  for (int i = 0; i < UMZ_N_STREAMS; i++)
    g_clear_pointer (&move->relays[i], umz_relay_end);
}

/* ---- sockets ---- */

bool
umz_move_make_folder (UmzMove *move, GError **error)
{
  const char *parent = move->engine->config->migration_dir;
  /* QEMU's user, which we need not know, makes its socket in the folder of the move.  Nobody else
   * can find that: its name is random and the folder above cannot be listed.
   */
  if (g_mkdir_with_parents (parent, 0711) == 0 && chmod (parent, 0711) == 0 &&
      mkdir (move->folder, 0700) == 0 && chmod (move->folder, 0777) == 0)
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0043, move->folder, g_strerror (errno), NULL);
  return false;
}

char *
umz_move_socket_path (const char *parent, const char *folder, const char *vm_name)
{
  /* The one pattern that Debian's virt-aa-helper lets QEMU use. */
  return g_strdup_printf ("%s/%s/mem.tunnelmigrate.dest.%s", parent, folder, vm_name);
}

char *
umz_move_dup_memory_path (UmzMove *move)
{
  g_autofree char *folder = g_path_get_basename (move->folder);
  return umz_move_socket_path (move->engine->config->migration_dir, folder, move->record->name);
}

void
umz_move_remove_folder (UmzMove *move)
{
  g_autoptr (GDir) folder = g_dir_open (move->folder, 0, NULL);
  for (const char *name; folder != NULL && (name = g_dir_read_name (folder)) != NULL;) {
    g_autofree char *path = g_build_filename (move->folder, name, NULL);
    (void) g_unlink (path); /* what cannot be removed keeps the folder, and no more */
  }
  (void) g_rmdir (move->folder);
}

/* ---- the other SU ---- */

static void
add_line (JsonBuilder *b, const UmzConsoleLine *line)
{
  json_builder_begin_object (b);
  umz_json_set_text (b, "code", line->code);
  umz_json_set_number (b, "time_us", (uint64_t) line->time_us);
  json_builder_set_member_name (b, "inserts");
  json_builder_begin_array (b);
  for (char **insert = line->inserts; *insert != NULL; insert++)
    json_builder_add_string_value (b, *insert);
  json_builder_end_array (b);
  json_builder_end_object (b);
}

void
umz_move_add_lines (UmzMove *move, JsonBuilder *builder)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  umz_json_set_number (builder, "first", move->n_lines_heard);
  json_builder_set_member_name (builder, "lines");
  json_builder_begin_array (builder);
  for (guint i = (guint) move->n_lines_heard; i < move->lines->len; i++)
    add_line (builder, move->lines->pdata[i]);
  json_builder_end_array (builder);
}

uint64_t
umz_move_count_peer_lines (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->peer_lines_lock);
  return move->n_peer_lines;
}

JsonNode *
umz_move_peer_request (UmzMove *move, const UmzNotice *notice, UmzLines lines)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_number (b, "epoch", move->record->epoch);
  umz_json_set_number (b, "seen", umz_move_count_peer_lines (move));
  if (notice != NULL) {
    json_builder_set_member_name (b, "notice");
    json_builder_add_value (b, umz_json_from_notice (notice));
  }
  if (lines == UMZ_LINES_ALONG)
    umz_move_add_lines (move, b);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

static void
take_line (UmzMove *move, JsonNode *node)
{
  uint64_t time_us = 0;
  g_autoptr (UmzNotice) notice = umz_json_to_notice (node, NULL);
  if (notice == NULL ||
      !umz_json_get_number (json_node_get_object (node), "time_us", INT64_MAX, &time_us))
    return;
  g_autoptr (UmzConsoleLine) line =
    umz_console_line_new (move->record->peer, umz_message_code (umz_notice_get_id (notice)),
                          umz_notice_get_inserts (notice), move->record->id, (int64_t) time_us);
  move->engine->listener.line (line, move->engine->listener_data);
}

void
umz_move_take_lines (UmzMove *move, JsonObject *sent, void (*before) (void *data), void *data)
{
  uint64_t first = 0;
  JsonArray *lines = umz_json_get_array (sent, "lines", LINES_MAX);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->peer_lines_lock);
  if (lines == NULL || !umz_json_get_number (sent, "first", INT32_MAX, &first))
    return;
  for (guint i = 0; i < json_array_get_length (lines); i++) {
    if (first + i < move->n_peer_lines)
      continue; /* came before */
    if (before != NULL)
      before (data);
    take_line (move, json_array_get_element (lines, i));
    move->n_peer_lines = first + i + 1;
  }
}

void
umz_move_hear_seen (UmzMove *move, JsonObject *sent)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  uint64_t seen = 0;
  if (umz_json_get_number (sent, "seen", INT32_MAX, &seen)) /* else as before */
    move->n_lines_heard = MIN (MAX (seen, move->n_lines_heard), move->lines->len);
}

JsonNode *
umz_move_call_peer (UmzMove *move, const char *suffix, JsonNode *request, unsigned timeout_s,
                    GError **error)
{
  g_autofree char *path = g_strdup_printf ("/moves/%s%s", move->record->id, suffix);
  if (move->client == NULL)
    move->client = umz_peer_client_new (move->engine->config, move->record->peer, error);
  if (move->client == NULL)
    return NULL;
  GCancellable *interrupt = umz_move_get_state (move) == UMZ_STATE_COPYING ? move->interrupt : NULL;
  JsonNode *answer = umz_peer_call (move->client, path, request, timeout_s, interrupt, error);
  if (answer != NULL)
    umz_move_hear (move);
  return answer;
}

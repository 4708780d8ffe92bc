/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <sys/un.h>

#include "base/text.h"
#include "engine/arrival.h"
#include "engine/devices.h"
#include "engine/engine-private.h"
#include "hypervisor/definition.h"
#include "model/json.h"

#define MOVES_KEPT 100
#define REQUEST_S  25 /* for the move's thread to answer the other SU */

const char *
umz_phase_name (UmzPhase phase)
{
  switch (phase) {
  case UMZ_PHASE_SETUP: return "setup";
  case UMZ_PHASE_COPY: return "copy";
  case UMZ_PHASE_SWITCH: return "switch";
  case UMZ_PHASE_CLEAN_UP: return "clean-up";
  case UMZ_PHASE_UNDO: return "undo";
  case UMZ_PHASE_DOUBT: return "in doubt";
  case UMZ_PHASE_ENDED: return "ended";
  }
  g_assert_not_reached ();
}

/* ---- the moves of this run ---- */

UmzMove *
umz_engine_find_move (UmzEngine *engine, const char *id)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine->lock);
  for (guint i = 0; i < engine->moves->len; i++) {
    UmzMove *move = engine->moves->pdata[i];
    if (strcmp (move->record->id, id) == 0)
      return umz_move_ref (move);
  }
  return NULL;
}

static bool
is_in_doubt (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return move->progress.phase == UMZ_PHASE_DOUBT;
}

static bool
has_ended (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return move->has_ended;
}

static bool
is_closed (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return move->record->is_closed;
}

/* The move of a VM that is not over yet; with the engine's lock held.  Borrowed. */
static UmzMove *
find_open (UmzEngine *engine, const char *uuid)
{
  for (guint i = engine->moves->len; i > 0; i--) {
    UmzMove *move = engine->moves->pdata[i - 1];
    if (strcmp (move->record->uuid, uuid) == 0 && !has_ended (move))
      return move;
  }
  return NULL;
}

static UmzMove *
ref_open (UmzEngine *engine, const char *uuid)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine->lock);
  UmzMove *move = find_open (engine, uuid);
  return move != NULL ? umz_move_ref (move) : NULL;
}

bool
umz_engine_is_busy (UmzEngine *engine)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine->lock);
  for (guint i = 0; i < engine->moves->len; i++)
    if (!has_ended (engine->moves->pdata[i]) || is_in_doubt (engine->moves->pdata[i]))
      return true; /* of a frozen guest libvirt must be asked nothing */
  return false;
}

bool
umz_engine_is_unsettled (UmzEngine *engine, const char *uuid)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine->lock);
  for (guint i = 0; i < engine->moves->len; i++) {
    UmzMove *move = engine->moves->pdata[i];
    if (strcmp (move->record->uuid, uuid) == 0 && !is_closed (move))
      return true;
  }
  return false;
}

/* Lets go of the oldest moves that are over; with the engine's lock held. */
static void
forget_old_moves (UmzEngine *engine)
{
  for (guint i = 0; i < engine->moves->len && engine->moves->len > MOVES_KEPT;) {
    UmzMove *move = engine->moves->pdata[i];
    if (!is_closed (move)) {
      i++;
      continue;
    }
    g_clear_pointer (&move->thread, g_thread_unref); /* it has nothing more to do */
    g_ptr_array_remove_index (engine->moves, i);
  }
}

bool
umz_engine_add_move (UmzEngine *engine, UmzMove *move, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine->lock);
  if (find_open (engine, move->record->uuid) != NULL) {
    umz_set_error (error, UMZ_MSG_VMS3042, umz_move_label (move), "MIGRATE-VM", NULL);
    return false;
  }
  forget_old_moves (engine);
  g_ptr_array_add (engine->moves, umz_move_ref (move));
  return true;
}

/* ---- life ---- */

static void
hear_stream (const uint8_t stream_id[UMZ_RELAY_STREAM_ID_BYTES], int fd, void *data)
{
  UmzEngine *engine = data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine->lock);
  for (guint i = 0; i < engine->moves->len; i++) {
    UmzMove *move = engine->moves->pdata[i];
    if (move->side != UMZ_SIDE_TARGET || move->is_recovered || is_closed (move))
      continue; /* one from the journal has no streams any more, and no keys */
    for (int k = 0; k < UMZ_N_STREAMS; k++)
      if (memcmp (move->streams[k].id, stream_id, UMZ_RELAY_STREAM_ID_BYTES) == 0) {
        umz_move_push_stream (move, (UmzRelayKind) (k + 1), fd);
        return;
      }
  }
  close (fd); /* nobody waits for it */
}

UmzEngine *
umz_engine_new (const UmzConfig *config, UmzStore *store, UmzHypervisor *hypervisor,
                UmzArbiter *arbiter, const UmzEngineListener *listener, void *data)
{
  UmzEngine *engine = g_new0 (UmzEngine, 1);
  engine->config = config;
  engine->store = store;
  engine->hypervisor = hypervisor;
  engine->arbiter = arbiter;
  engine->mirrors = umz_mirrors_new (config);
  engine->listener = *listener;
  engine->listener_data = data;
  engine->moves = g_ptr_array_new_with_free_func ((GDestroyNotify) umz_move_unref);
  g_mutex_init (&engine->lock);
  return engine;
}

UmzMirrors *
umz_engine_get_mirrors (UmzEngine *engine)
{
  return engine->mirrors;
}

/* What the journal knows of the VM.  An arriving one needs memory here; its definition, if it has
 * one, says how much.
 */
static UmzVm *
make_recorded_vm (const UmzMoveRecord *record, UmzSide side)
{
  UmzVm *vm = side == UMZ_SIDE_TARGET && record->definition != NULL
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

static void
take_up (UmzEngine *engine, const UmzMoveRecord *record)
{
  UmzSide side = strcmp (record->side, "source") == 0 ? UMZ_SIDE_SOURCE : UMZ_SIDE_TARGET;
  g_autoptr (UmzMove) move =
    umz_move_new (engine, side, umz_move_record_copy (record), make_recorded_vm (record, side));
  if (!umz_state_parse (record->state, &move->state) ||
      !umz_vm_state_parse (record->vm_state, &move->vm_state))
    g_error ("move %s: state '%s' of a VM '%s' in the journal", record->id, record->state,
             record->vm_state);
  move->is_recovered = true;
  move->heard_us = 0;
  move->is_told_to_run = move->state == UMZ_STATE_OWNER || move->state == UMZ_STATE_RUNS;
  move->may_have_run = move->is_told_to_run;
  g_ptr_array_add (engine->moves, umz_move_ref (move));
}

bool
umz_engine_start (UmzEngine *engine, GError **error)
{
  g_autoptr (GPtrArray) open = umz_store_list_open_moves (engine->store, error);
  if (open == NULL)
    return false;
  for (guint i = 0; i < open->len; i++)
    take_up (engine, open->pdata[i]);
  engine->data_port = umz_data_port_open (engine->config, hear_stream, engine, error);
  if (engine->data_port == NULL)
    return false;
  for (guint i = 0; i < engine->moves->len; i++) {
    UmzMove *move = engine->moves->pdata[i];
    umz_move_run (move, move->side == UMZ_SIDE_SOURCE ? umz_source_run : umz_target_run);
  }
  return true;
}

void
umz_engine_stop (UmzEngine *engine)
{
  if (engine == NULL)
    return;
  umz_data_port_close (engine->data_port);
  for (guint i = 0; i < engine->moves->len; i++)
    umz_move_push (engine->moves->pdata[i], UMZ_INPUT_QUIT, NULL);
  for (guint i = 0; i < engine->moves->len; i++) {
    UmzMove *move = engine->moves->pdata[i];
    g_clear_pointer (&move->thread, g_thread_join);
  }
  g_ptr_array_unref (engine->moves);
  umz_mirrors_free (engine->mirrors);
  g_mutex_clear (&engine->lock);
  g_free (engine);
}

/* ---- source ---- */

bool
umz_engine_settle (UmzEngine *engine, const char *uuid, unsigned timeout_s)
{
  int64_t end_us = g_get_monotonic_time () + timeout_s * G_USEC_PER_SEC;
  while (umz_engine_is_unsettled (engine, uuid)) {
    if (g_get_monotonic_time () > end_us)
      return false;
    g_usleep (50000);
  }
  return true;
}

UmzMoveRecord *
umz_engine_make_record (UmzSide side, const UmzVm *vm, const char *peer)
{
  UmzMoveRecord *record = umz_move_record_new ();
  record->side = g_strdup (side == UMZ_SIDE_SOURCE ? "source" : "target");
  record->state = g_strdup (umz_state_name (UMZ_STATE_NONE));
  record->uuid = g_strdup (vm->uuid);
  record->name = g_strdup (vm->name);
  record->index = vm->index;
  record->vm_state = g_strdup (umz_vm_state_name (vm->state));
  record->peer = g_strdup (peer);
  record->begun_us = g_get_real_time ();
  return record;
}

UmzMoveTerms
umz_engine_get_terms (UmzEngine *engine)
{
  const bool is_390 = engine->config->su_type == UMZ_SU_TYPE_390;
  return (UmzMoveTerms){
    .is_coded = is_390,
    .policy = is_390 ? UMZ_GUARD_MUST_CONVERGE : UMZ_GUARD_CARRIES_THROUGH,
    .suspension_us = UMZ_PERMITTED_SUSPENSION_US,
  };
}

bool
umz_engine_migrate (UmzEngine *engine, UmzVm *vm, const UmzMoveOrder *order, char **ret_id,
                    GError **error)
{
  g_autoptr (UmzVm) owned = vm;
  if (!umz_store_has_room (engine->store, error))
    return false;
  g_autoptr (UmzMoveRecord) record = umz_engine_make_record (UMZ_SIDE_SOURCE, vm, order->target_su);
  record->id = g_uuid_string_random ();
  record->monjv = g_strdup (order->monjv);
  if (!umz_store_new_epoch (engine->store, vm->uuid, &record->epoch, error))
    return false;
  if (vm->is_persistent)
    record->definition = umz_hypervisor_dup_definition (engine->hypervisor, vm->uuid, error);
  if (vm->is_persistent && record->definition == NULL)
    return false;
  if (record->definition != NULL && vm->state != UMZ_VM_STATE_DEFINED_ONLY) {
    g_autofree char *whole = record->definition;
    record->definition = umz_devices_dup_definition (vm, whole);
  }
  g_autofree char *id = g_strdup (record->id);
  g_autoptr (UmzMove) move =
    umz_move_new (engine, UMZ_SIDE_SOURCE, g_steal_pointer (&record), g_steal_pointer (&owned));
  move->terms = order->terms;
  move->expected = order->expected;
  if (!umz_engine_add_move (engine, move, error))
    return false;
  umz_move_tell (move, UMZ_MONJV_ACCEPTED, "");
  umz_move_run (move, umz_source_run);
  *ret_id = g_steal_pointer (&id);
  return true;
}

bool
umz_engine_wait (UmzEngine *engine, const char *id, unsigned timeout_s, UmzMonjvState *ret_status,
                 UmzNotice **ret_cause)
{
  g_autoptr (UmzMove) move = umz_engine_find_move (engine, id);
  int64_t end_us = g_get_monotonic_time () + timeout_s * G_USEC_PER_SEC;
  while (move != NULL && !has_ended (move)) {
    if (g_get_monotonic_time () > end_us)
      return false;
    g_usleep (20000);
  }
  if (move == NULL)
    return false;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  *ret_status = move->progress.status;
  *ret_cause = move->cause != NULL ? umz_notice_copy (move->cause) : NULL;
  return true;
}

bool
umz_engine_can_name_socket (UmzEngine *engine, const char *vm_name)
{
  g_autofree char *path =
    umz_move_socket_path (engine->config->migration_dir, "01234567-0123", vm_name);
  return strlen (path) < sizeof ((struct sockaddr_un *) NULL)->sun_path;
}

bool
umz_engine_cancel (UmzEngine *engine, const char *uuid, const char *operator_name, GError **error)
{
  g_autoptr (UmzMove) move = ref_open (engine, uuid);
  if (move == NULL || move->side != UMZ_SIDE_SOURCE) {
    umz_set_error (error, UMZ_MSG_UMZ0133, uuid, NULL);
    return false;
  }
  if (umz_move_cancel (move, umz_notice_new (UMZ_MSG_UMZ0123, operator_name, NULL)))
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0134, umz_move_label (move), NULL);
  return false;
}

/* ---- what is in doubt ---- */

bool
umz_engine_has_untold_undo (UmzEngine *engine)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine->lock);
  for (guint i = 0; i < engine->moves->len; i++) {
    UmzMove *move = engine->moves->pdata[i];
    if (move->side == UMZ_SIDE_SOURCE && umz_move_get_state (move) == UMZ_STATE_ABORTED &&
        !is_closed (move))
      return true;
  }
  return false;
}

const char *
umz_decision_text (UmzDecision decision)
{
  switch (decision) {
  case UMZ_DECISION_COLD: return "*COLD";
  case UMZ_DECISION_RESUME: return "*RESUME";
  case UMZ_DECISION_THAW: return "*THAW";
  }
  g_assert_not_reached ();
}

void
umz_doubt_clear (UmzDoubt *doubt)
{
  g_clear_pointer (&doubt->peer, g_free);
}

/* ABORTED is in doubt when the guest runs at the target as well.  Without a definition there is
 * nothing that could be started.
 */
static bool
is_decision_of (UmzMove *move, UmzDecision decision)
{
  UmzState state = umz_move_get_state (move);
  bool is_given = state == UMZ_STATE_COMMITTED;
  bool is_here = state == UMZ_STATE_RECEIVING || state == UMZ_STATE_REFUSED;
  switch (decision) {
  case UMZ_DECISION_COLD: return (is_given || is_here) && move->record->definition != NULL;
  case UMZ_DECISION_RESUME: return state == UMZ_STATE_RECEIVING;
  case UMZ_DECISION_THAW: return is_given || state == UMZ_STATE_ABORTED;
  }
  g_assert_not_reached ();
}

/* The newest move of the VM that is not closed.  A reference; NULL if there is none. */
static UmzMove *
ref_unsettled (UmzEngine *engine, const char *uuid)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine->lock);
  for (guint i = engine->moves->len; i > 0; i--) {
    UmzMove *move = engine->moves->pdata[i - 1];
    if (strcmp (move->record->uuid, uuid) == 0 && !is_closed (move))
      return umz_move_ref (move);
  }
  return NULL;
}

bool
umz_engine_is_in_doubt (UmzEngine *engine, const char *uuid)
{
  g_autoptr (UmzMove) move = ref_unsettled (engine, uuid);
  return move != NULL && is_in_doubt (move);
}

/* It will say itself what there is to know, unless both run the guest. */
static bool
is_other_heard (UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return move->heard_us > move->doubt_us && !umz_move_has_conflict (move);
}

/* A reference; NULL with an error. */
static UmzMove *
ref_in_doubt (UmzEngine *engine, const char *uuid, UmzDecision decision, GError **error)
{
  g_autoptr (UmzMove) move = ref_unsettled (engine, uuid);
  if (move == NULL || !is_in_doubt (move) || is_other_heard (move)) {
    umz_set_error (error, UMZ_MSG_UMZ0206, NULL);
    return NULL;
  }
  if (is_decision_of (move, decision))
    return g_steal_pointer (&move);
  umz_set_error (error, UMZ_MSG_UMZ0207, umz_decision_text (decision), umz_move_label (move),
                 NULL);
  return NULL;
}

bool
umz_engine_get_doubt (UmzEngine *engine, const char *uuid, UmzDecision decision,
                      UmzDoubt *ret_doubt, GError **error)
{
  g_autoptr (UmzMove) move = ref_in_doubt (engine, uuid, decision, error);
  if (move == NULL)
    return false;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  int64_t silent_us = g_get_monotonic_time () - move->heard_us;
  ret_doubt->peer = g_strdup (move->record->peer);
  ret_doubt->heard_us =
    move->heard_us != 0 ? g_get_real_time () - silent_us : move->record->begun_us;
  return true;
}

bool
umz_engine_decide (UmzEngine *engine, const char *uuid, UmzDecision decision,
                   const char *operator_name, GError **error)
{
  g_autoptr (UmzMove) move = ref_in_doubt (engine, uuid, decision, error);
  if (move == NULL)
    return false;
  umz_move_push_decision (move, decision,
                          umz_notice_new (UMZ_MSG_UMZ0210, umz_move_label (move),
                                          umz_decision_text (decision), operator_name, NULL));
  return true;
}

void
umz_engine_give_back_late (UmzEngine *engine)
{
  umz_devices_give_back_late (engine);
}

/* ---- looking ---- */

bool
umz_engine_is_moving (UmzEngine *engine, const char *uuid, UmzSide *ret_side, char **ret_id)
{
  g_autoptr (UmzMove) move = ref_open (engine, uuid);
  if (move == NULL)
    return false;
  *ret_side = move->side;
  if (ret_id != NULL)
    *ret_id = g_strdup (move->record->id);
  return true;
}

bool
umz_engine_knows (UmzEngine *engine, const char *id)
{
  g_autoptr (UmzMove) move = umz_engine_find_move (engine, id);
  return move != NULL;
}

/* By what is left and the rate, once there is one; before that by what was expected. */
static int64_t
reckon_left_us (const UmzMove *move)
{
  const UmzProgress *p = &move->progress;
  if (p->phase >= UMZ_PHASE_CLEAN_UP)
    return 0;
  if (p->guest_bytes_per_s > 0 && p->job.memory_total_bytes > 0)
    return (int64_t) ((double) p->job.memory_remaining_bytes * 1e6 / (double) p->guest_bytes_per_s);
  const int64_t elapsed_us = g_get_real_time () - move->record->begun_us;
  return MAX (move->expected.total_us - elapsed_us, 0);
}

bool
umz_engine_get_progress (UmzEngine *engine, const char *id, UmzProgress *ret_progress)
{
  g_autoptr (UmzMove) move = umz_engine_find_move (engine, id);
  if (move == NULL)
    return false;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  *ret_progress = move->progress;
  ret_progress->left_us = reckon_left_us (move);
  return true;
}

GPtrArray *
umz_engine_list_arrivals (UmzEngine *engine)
{
  GPtrArray *arrivals = g_ptr_array_new_with_free_func ((GDestroyNotify) umz_vm_free);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine->lock);
  for (guint i = 0; i < engine->moves->len; i++) {
    UmzMove *move = engine->moves->pdata[i];
    bool is_ours = umz_move_get_state (move) == UMZ_STATE_RUNS;
    if (move->side != UMZ_SIDE_TARGET || is_closed (move) || is_ours)
      continue;
    UmzVm *arrival = umz_vm_copy (move->vm);
    arrival->state = move->vm_state;
    g_ptr_array_add (arrivals, arrival);
  }
  return arrivals;
}

/* ---- what the other SU asks for ---- */

/* What the journal says of the move, of which nothing is known if it never was; and what was said
 * here of it meanwhile, for which the move (NULL if it is of an earlier run of umzugd) is asked.
 */
static JsonNode *
answer_from_journal (UmzEngine *engine, const char *su, const char *id, UmzMove *move,
                     GError **error)
{
  g_autoptr (GError) broken = NULL;
  g_autoptr (UmzMoveRecord) record = umz_store_dup_move (engine->store, id, &broken);
  if (broken != NULL) { /* not to know is not the same as to know of none */
    g_propagate_error (error, g_steal_pointer (&broken));
    return NULL;
  }
  g_autoptr (JsonBuilder) b = json_builder_new ();
  bool is_known = record != NULL && umz_text_is_same_name (record->peer, su);
  json_builder_begin_object (b);
  umz_json_set_text (b, "answer", is_known ? record->state : umz_state_name (UMZ_STATE_NONE));
  if (is_known && move != NULL)
    umz_move_add_lines (move, b);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

static JsonNode *
answer_beat (UmzMove *move)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_text (b, "answer", umz_state_name (umz_move_get_state (move)));
  umz_move_add_refusal (move, b);
  umz_json_set_number (b, "seen", umz_move_count_peer_lines (move));
  umz_move_add_lines (move, b);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

static JsonNode *
answer_request (UmzEngine *engine, UmzMove *move, UmzInputKind kind, JsonObject *request,
                GError **error)
{
  JsonNode *said = json_object_get_member (request, "notice");
  UmzNotice *notice = said != NULL ? umz_json_to_notice (said, NULL) : NULL;
  JsonNode *answer = umz_move_ask (move, kind, notice, REQUEST_S);
  if (answer == NULL)
    umz_set_error (error, UMZ_MSG_UMZ0320, engine->config->su_name, NULL);
  return answer;
}

/* Whether the source says that it can never take the guest back. */
static bool
is_last (JsonObject *request)
{
  uint64_t last = 0;
  return umz_json_get_number (request, "last", 1, &last) && last == 1;
}

JsonNode *
umz_engine_handle_move (UmzEngine *engine, const char *su, const char *id, const char *verb,
                        JsonObject *request, GError **error)
{
  uint64_t epoch;
  if (strcmp (verb, "begin") == 0)
    return umz_arrival_begin (engine, su, id, request, error);
  g_autoptr (UmzMove) move = umz_engine_find_move (engine, id);
  if (move != NULL && umz_text_is_same_name (move->record->peer, su)) {
    umz_move_take_lines (move, request, NULL, NULL); /* the last ones come after the end */
    umz_move_hear_seen (move, request);
  }
  if (move == NULL || is_closed (move))
    return answer_from_journal (engine, su, id, move, error);
  if (!umz_text_is_same_name (move->record->peer, su) ||
      !umz_json_get_number (request, "epoch", INT64_MAX, &epoch) || epoch != move->record->epoch) {
    umz_set_error (error, UMZ_MSG_UMZ0310, "epoch of the move", NULL);
    return NULL;
  }
  if (strcmp (verb, "ask") == 0)
    return answer_from_journal (engine, su, id, move, error);
  if (move->side != UMZ_SIDE_TARGET) {
    umz_set_error (error, UMZ_MSG_UMZ0310, "side of the move", NULL);
    return NULL;
  }
  umz_move_hear (move);
  if (strcmp (verb, "beat") == 0)
    return answer_beat (move);
  if (strcmp (verb, "go") == 0)
    return answer_request (engine, move, is_last (request) ? UMZ_INPUT_GO_LAST : UMZ_INPUT_GO,
                           request, error);
  if (strcmp (verb, "abort") == 0)
    return answer_request (engine, move, UMZ_INPUT_ABORT, request, error);
  if (strcmp (verb, "gone") == 0) {
    umz_move_push (move, UMZ_INPUT_GONE, NULL);
    return json_from_string ("{}", NULL);
  }
  umz_set_error (error, UMZ_MSG_UMZ0310, "verb", NULL);
  return NULL;
}

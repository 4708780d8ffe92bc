/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine.h"

#include <unistd.h>

#include "engine/arrival.h"
#include "engine/departure.h"
#include "engine/devices.h"
#include "engine/engine-private.h"
#include "engine/streams.h"
#include "host/hook.h"
#include "store/vms.h"

/* ---- life ---- */

static void
hear_stream (const uint8_t stream_id[UMZ_RELAY_STREAM_ID_BYTES], int fd, void *data)
{
  UmzRelayKind kind;
  UmzEngine *engine = data;
  g_autoptr (UmzMove) move = umz_registry_find_stream (engine->registry, stream_id, &kind);
  if (move != NULL)
    umz_inputs_push_stream (move->inputs, kind, fd);
  else
    close (fd); /* nobody waits for it */
}

/* A quarter of the calls that libvirtd answers at a time, if nobody has said otherwise. */
static unsigned
get_n_moves_max (const UmzConfig *config)
{
  if (config->n_moves_max > 0)
    return (unsigned) config->n_moves_max;
  UmzLibvirtSettings settings;
  umz_host_read_libvirt_settings (config->libvirt_socket, &settings);
  unsigned n = MAX (settings.max_workers / 4, 1);
  umz_model_libvirt_settings_clear (&settings);
  return n;
}

UmzEngine *
umz_engine_new (const UmzMeans *means)
{
  UmzEngine *engine = g_new0 (UmzEngine, 1);
  engine->means = *means;
  engine->means.queue = umz_queue_new (get_n_moves_max (means->config));
  engine->registry = umz_registry_new ();
  return engine;
}

static void
take_up (UmzEngine *engine, const UmzMoveRecord *record)
{
  g_autoptr (UmzMove) move =
    umz_move_new_from_journal (&engine->means, umz_store_move_record_copy (record));
  umz_registry_add_recovered (engine->registry, move);
}

static void
run (UmzMove *move)
{
  umz_move_run (move, move->side == UMZ_SIDE_SOURCE ? umz_departure_run : umz_arrival_run);
}

bool
umz_engine_start (UmzEngine *engine, GError **error)
{
  g_autoptr (GPtrArray) open = umz_store_list_open_moves (engine->means.store, error);
  if (open == NULL)
    return false;
  for (guint i = 0; i < open->len; i++)
    take_up (engine, open->pdata[i]);
  bool has_peers = engine->means.config->peers->len > 0; /* else nobody has a stream for us */
  engine->data_port =
    has_peers ? umz_data_port_open (engine->means.config, hear_stream, engine, error) : NULL;
  if (has_peers && engine->data_port == NULL)
    return false;
  g_autoptr (GPtrArray) moves = umz_registry_list (engine->registry);
  for (guint i = 0; i < moves->len; i++)
    run (moves->pdata[i]);
  return true;
}

void
umz_engine_stop (UmzEngine *engine)
{
  if (engine == NULL)
    return;
  umz_data_port_close (engine->data_port);
  g_autoptr (GPtrArray) moves = umz_registry_list (engine->registry);
  for (guint i = 0; i < moves->len; i++)
    umz_inputs_push (((UmzMove *) moves->pdata[i])->inputs, UMZ_INPUT_QUIT, NULL);
  for (guint i = 0; i < moves->len; i++)
    g_clear_pointer (&((UmzMove *) moves->pdata[i])->thread, g_thread_join);
  umz_registry_free (engine->registry);
  umz_queue_free (engine->means.queue);
  g_free (engine);
}

/* ---- source ---- */

bool
umz_engine_settle (UmzEngine *engine, const char *uuid, unsigned timeout_s)
{
  int64_t end_us = g_get_monotonic_time () + timeout_s * G_USEC_PER_SEC;
  for (;;) {
    g_autoptr (UmzMove) move = umz_registry_find_unsettled (engine->registry, uuid);
    if (move == NULL)
      return true;
    if (!umz_move_wait_until_closed (move, end_us))
      return false;
  }
}

bool
umz_engine_migrate (UmzEngine *engine, UmzVm *vm, const UmzMoveOrder *order, char **ret_id,
                    GError **error)
{
  g_autoptr (UmzVm) owned = vm;
  if (!umz_store_has_room (engine->means.store, error))
    return false;
  g_autoptr (UmzMoveRecord) record = umz_move_make_record (UMZ_SIDE_SOURCE, vm, order->target_su);
  record->id = g_uuid_string_random ();
  record->monjv = g_strdup (order->monjv);
  /* The store may have been lost since its last move: its definition has not. */
  if (!umz_store_raise_epoch (engine->means.store, vm->uuid, vm->epoch, error) ||
      !umz_store_new_epoch (engine->means.store, vm->uuid, &record->epoch, error))
    return false;
  if (vm->is_persistent)
    record->definition = umz_hypervisor_dup_definition (engine->means.hypervisor, vm->uuid, error);
  if (vm->is_persistent && record->definition == NULL)
    return false;
  if (record->definition != NULL && vm->state != UMZ_VM_STATE_DEFINED_ONLY) {
    g_autofree char *whole = record->definition;
    record->definition = umz_devices_dup_definition (vm, whole);
  }
  g_autofree char *id = g_strdup (record->id);
  g_autoptr (UmzMove) move =
    umz_move_new (&engine->means, UMZ_SIDE_SOURCE, g_steal_pointer (&record),
                  g_steal_pointer (&owned));
  move->terms = order->terms;
  move->expected = order->expected;
  if (!umz_registry_add (engine->registry, move, error))
    return false;
  umz_move_tell (move, UMZ_MONJV_ACCEPTED, "");
  run (move);
  *ret_id = g_steal_pointer (&id);
  return true;
}

bool
umz_engine_wait (UmzEngine *engine, const char *id, unsigned timeout_s, UmzMonjvState *ret_status,
                 UmzNotice **ret_cause)
{
  g_autoptr (UmzMove) move = umz_registry_find (engine->registry, id);
  int64_t end_us = g_get_monotonic_time () + timeout_s * G_USEC_PER_SEC;
  if (move == NULL || !umz_move_wait_until_ended (move, end_us))
    return false;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  *ret_status = move->progress.status;
  *ret_cause = move->cause != NULL ? umz_notice_copy (move->cause) : NULL;
  return true;
}

bool
umz_engine_can_name_socket (UmzEngine *engine, const char *vm_name)
{
  return umz_streams_can_name_socket (engine->means.config, vm_name);
}

bool
umz_engine_cancel (UmzEngine *engine, const char *uuid, const char *operator_name, GError **error)
{
  g_autoptr (UmzMove) move = umz_registry_find_moving (engine->registry, uuid);
  if (move == NULL || move->side != UMZ_SIDE_SOURCE) {
    umz_set_error (error, UMZ_MSG_UMZ0133, uuid, NULL);
    return false;
  }
  if (umz_move_cancel (move, umz_notice_new (UMZ_MSG_UMZ0123, operator_name, NULL)))
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0134, move->label, NULL);
  return false;
}

void
umz_engine_give_back_late (UmzEngine *engine)
{
  umz_devices_give_back_late (&engine->means);
}

/* ---- looking ---- */

bool
umz_engine_is_moving (UmzEngine *engine, const char *uuid, UmzSide *ret_side, char **ret_id)
{
  g_autoptr (UmzMove) move = umz_registry_find_moving (engine->registry, uuid);
  if (move == NULL)
    return false;
  *ret_side = move->side;
  if (ret_id != NULL)
    *ret_id = g_strdup (move->record->id);
  return true;
}

bool
umz_engine_is_busy (UmzEngine *engine)
{
  g_autoptr (GPtrArray) moves = umz_registry_list (engine->registry);
  for (guint i = 0; i < moves->len; i++)
    if (!umz_move_has_ended (moves->pdata[i]) || umz_move_is_in_doubt (moves->pdata[i]))
      return true; /* of a frozen guest libvirt must be asked nothing */
  return false;
}

bool
umz_engine_knows (UmzEngine *engine, const char *id)
{
  g_autoptr (UmzMove) move = umz_registry_find (engine->registry, id);
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
  int64_t elapsed_us = g_get_real_time () - move->record->begun_us;
  return MAX (move->expected.total_us - elapsed_us, 0);
}

bool
umz_engine_get_progress (UmzEngine *engine, const char *id, UmzProgress *ret_progress)
{
  g_autoptr (UmzMove) move = umz_registry_find (engine->registry, id);
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
  g_autoptr (GPtrArray) moves = umz_registry_list (engine->registry);
  GPtrArray *arrivals = g_ptr_array_new_with_free_func ((GDestroyNotify) umz_vm_free);
  for (guint i = 0; i < moves->len; i++) {
    UmzMove *move = moves->pdata[i];
    bool is_ours = umz_move_get_state (move) == UMZ_STATE_RUNS;
    if (move->side != UMZ_SIDE_TARGET || umz_move_is_closed (move) || is_ours)
      continue;
    UmzVm *arrival = umz_vm_copy (move->vm);
    arrival->state = move->vm_state;
    g_ptr_array_add (arrivals, arrival);
  }
  return arrivals;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/registry.h"

#include <string.h>

#define MOVES_KEPT 100

struct UmzRegistry {
  GMutex lock;
  GPtrArray *moves; /* owned; UmzMove, the newest last */
};

UmzRegistry *
umz_registry_new (void)
{
  UmzRegistry *registry = g_new0 (UmzRegistry, 1);
  registry->moves = g_ptr_array_new_with_free_func ((GDestroyNotify) umz_move_unref);
  g_mutex_init (&registry->lock);
  return registry;
}

void
umz_registry_free (UmzRegistry *registry)
{
  if (registry == NULL)
    return;
  for (guint i = 0; i < registry->moves->len; i++)
    g_assert (((const UmzMove *) registry->moves->pdata[i])->thread == NULL);
  g_ptr_array_unref (registry->moves);
  g_mutex_clear (&registry->lock);
  g_free (registry);
}

typedef bool (*Filter) (UmzMove *move, const void *data);

/* The newest one that passes; the lock is held.  Borrowed. */
static UmzMove *
find (UmzRegistry *registry, Filter passes, const void *data)
{
  for (guint i = registry->moves->len; i > 0; i--)
    if (passes (registry->moves->pdata[i - 1], data))
      return registry->moves->pdata[i - 1];
  return NULL;
}

static UmzMove *
find_and_ref (UmzRegistry *registry, Filter passes, const void *data)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&registry->lock);
  UmzMove *move = find (registry, passes, data);
  return move != NULL ? umz_move_ref (move) : NULL;
}

static bool
has_id (UmzMove *move, const void *id)
{
  return strcmp (move->record->id, id) == 0;
}

static bool
is_moving (UmzMove *move, const void *uuid)
{
  return strcmp (move->record->uuid, uuid) == 0 && !umz_move_has_ended (move);
}

static bool
is_unsettled (UmzMove *move, const void *uuid)
{
  return strcmp (move->record->uuid, uuid) == 0 && !umz_move_is_closed (move);
}

UmzMove *
umz_registry_find (UmzRegistry *registry, const char *id)
{
  return find_and_ref (registry, has_id, id);
}

UmzMove *
umz_registry_find_moving (UmzRegistry *registry, const char *uuid)
{
  return find_and_ref (registry, is_moving, uuid);
}

UmzMove *
umz_registry_find_unsettled (UmzRegistry *registry, const char *uuid)
{
  return find_and_ref (registry, is_unsettled, uuid);
}

/* 0: it is no stream of this move. */
static UmzRelayKind
get_kind (const UmzMove *move, const uint8_t *id)
{
  for (int i = 0; i < UMZ_N_STREAMS; i++)
    if (memcmp (move->streams[i].id, id, UMZ_RELAY_STREAM_ID_BYTES) == 0)
      return (UmzRelayKind) (i + 1);
  return 0;
}

/* Of a move from the journal there are no streams any more, and no keys. */
static bool
awaits (UmzMove *move, const void *id)
{
  return move->side == UMZ_SIDE_TARGET && !move->is_recovered && get_kind (move, id) != 0 &&
         !umz_move_is_closed (move);
}

UmzMove *
umz_registry_find_stream (UmzRegistry *registry,
                          const uint8_t id[static UMZ_RELAY_STREAM_ID_BYTES],
                          UmzRelayKind *ret_kind)
{
  UmzMove *move = find_and_ref (registry, awaits, id);
  if (move != NULL)
    *ret_kind = get_kind (move, id);
  return move;
}

GPtrArray *
umz_registry_list (UmzRegistry *registry)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&registry->lock);
  GPtrArray *moves = g_ptr_array_new_with_free_func ((GDestroyNotify) umz_move_unref);
  for (guint i = 0; i < registry->moves->len; i++)
    g_ptr_array_add (moves, umz_move_ref (registry->moves->pdata[i]));
  return moves;
}

/* Lets go of the oldest moves that are over; the lock is held. */
static void
forget_old (UmzRegistry *registry)
{
  for (guint i = 0; i < registry->moves->len && registry->moves->len > MOVES_KEPT;) {
    UmzMove *move = registry->moves->pdata[i];
    if (!umz_move_is_closed (move)) {
      i++;
      continue;
    }
    g_clear_pointer (&move->thread, g_thread_unref); /* it has nothing more to do */
    g_ptr_array_remove_index (registry->moves, i);
  }
}

bool
umz_registry_add (UmzRegistry *registry, UmzMove *move, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&registry->lock);
  if (find (registry, is_moving, move->record->uuid) != NULL) {
    umz_set_error (error, UMZ_MSG_VMS3042, move->label, "MIGRATE-VM", NULL);
    return false;
  }
  forget_old (registry);
  g_ptr_array_add (registry->moves, umz_move_ref (move));
  return true;
}

void
umz_registry_add_recovered (UmzRegistry *registry, UmzMove *move)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&registry->lock);
  g_ptr_array_add (registry->moves, umz_move_ref (move));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/lanes.h"

#include <glib.h>

typedef struct {
  int n_threads;
  unsigned n_jobs;    /* that wait or are answered */
  unsigned n_of_each; /* of one caller: an SU, a user */
} Room;

/* A share is smaller than the number of threads wherever callers are strangers to each other. */
static const Room rooms[] = {
  [UMZ_LANE_MOVES] = { 32, 512, 256 },
  [UMZ_LANE_PARTNERS] = { 16, 128, 12 },
  [UMZ_LANE_ROOT] = { 64, 256, 256 },
  [UMZ_LANE_OPERATORS] = { 16, 64, 12 },
  [UMZ_LANE_OTHERS] = { 8, 32, 4 },
};

typedef struct {
  GThreadPool *pool;   /* owned */
  GHashTable *callers; /* owned; name → how many jobs of his */
  unsigned n_jobs;
} Lane;

struct UmzLanes {
  GMutex lock;
  UmzLaneServe serve;
  Lane lanes[UMZ_N_LANES];
};

typedef struct {
  UmzLanes *lanes; /* borrowed */
  UmzLane lane;
  char *caller; /* owned */
  void *job;
} Entry;

static void
leave (const Entry *entry)
{
  Lane *lane = &entry->lanes->lanes[entry->lane];
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&entry->lanes->lock);
  unsigned n = GPOINTER_TO_UINT (g_hash_table_lookup (lane->callers, entry->caller));
  lane->n_jobs--;
  if (n > 1)
    g_hash_table_insert (lane->callers, g_strdup (entry->caller), GUINT_TO_POINTER (n - 1));
  else
    g_hash_table_remove (lane->callers, entry->caller);
}

static void
serve (void *data, void *unused)
{
  Entry *entry = data;
  entry->lanes->serve (entry->job);
  leave (entry);
  g_free (entry->caller);
  g_free (entry);
}

UmzLanes *
umz_lanes_new (UmzLaneServe serve_job)
{
  UmzLanes *lanes = g_new0 (UmzLanes, 1);
  lanes->serve = serve_job;
  g_mutex_init (&lanes->lock);
  for (int i = 0; i < UMZ_N_LANES; i++) {
    lanes->lanes[i].pool = g_thread_pool_new (serve, NULL, rooms[i].n_threads, FALSE, NULL);
    lanes->lanes[i].callers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  }
  return lanes;
}

void
umz_lanes_free (UmzLanes *lanes)
{
  for (int i = 0; i < UMZ_N_LANES; i++) {
    g_thread_pool_free (lanes->lanes[i].pool, FALSE, TRUE);
    g_hash_table_unref (lanes->lanes[i].callers);
  }
  g_mutex_clear (&lanes->lock);
  g_free (lanes);
}

static bool
enter (UmzLanes *lanes, UmzLane which, const char *caller)
{
  Lane *lane = &lanes->lanes[which];
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lanes->lock);
  unsigned n = GPOINTER_TO_UINT (g_hash_table_lookup (lane->callers, caller));
  if (lane->n_jobs >= rooms[which].n_jobs || n >= rooms[which].n_of_each)
    return false;
  lane->n_jobs++;
  g_hash_table_insert (lane->callers, g_strdup (caller), GUINT_TO_POINTER (n + 1));
  return true;
}

bool
umz_lanes_push (UmzLanes *lanes, UmzLane lane, const char *caller, void *job)
{
  if (!enter (lanes, lane, caller))
    return false;
  Entry *entry = g_new0 (Entry, 1);
  entry->lanes = lanes;
  entry->lane = lane;
  entry->caller = g_strdup (caller);
  entry->job = job;
  g_thread_pool_push (lanes->lanes[lane].pool, entry, NULL); /* without a thread it waits for one */
  return true;
}

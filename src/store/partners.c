/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/partners.h"

#include "store/sql.h"

/* ---- definitions ---- */

UmzDefinitionRecord *
umz_definition_record_new (void)
{
  return g_new0 (UmzDefinitionRecord, 1);
}

void
umz_definition_record_free (UmzDefinitionRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->owner);
  g_free (record->uuid);
  g_free (record->name);
  g_free (record->xml);
  g_free (record);
}

bool
umz_store_put_definition (UmzStore *store, const UmzDefinitionRecord *r, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_change (store, error,
                         "INSERT OR REPLACE INTO definition (owner, uuid, name, xml, vm_index,"
                         " is_index_fixed, is_active, epoch) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                         "ssssiiii", r->owner, r->uuid, r->name, r->xml, (int64_t) r->index,
                         (int64_t) r->is_index_fixed, (int64_t) r->is_active, (int64_t) r->epoch);
}

static bool
delete_definition (UmzStore *store, const char *owner, const char *uuid, GError **error)
{
  return umz_sql_change (store, error, "DELETE FROM definition WHERE owner = ? AND uuid = ?", "ss",
                         owner, uuid);
}

bool
umz_store_delete_definition (UmzStore *store, const char *owner, const char *uuid, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return delete_definition (store, owner, uuid, error);
}

static UmzDefinitionRecord *
read_definition (sqlite3_stmt *s)
{
  UmzDefinitionRecord *record = umz_definition_record_new ();
  record->owner = umz_sql_dup_column (s, 0);
  record->uuid = umz_sql_dup_column (s, 1);
  record->name = umz_sql_dup_column (s, 2);
  record->xml = umz_sql_dup_column (s, 3);
  record->index = (unsigned) sqlite3_column_int (s, 4);
  record->is_index_fixed = sqlite3_column_int (s, 5) != 0;
  record->is_active = sqlite3_column_int (s, 6) != 0;
  record->epoch = (uint64_t) sqlite3_column_int64 (s, 7);
  return record;
}

static GPtrArray *
list_definitions (UmzStore *store, const char *owner, GError **error)
{
  g_autoptr (GError) broken = NULL;
  g_autoptr (GPtrArray) records =
    g_ptr_array_new_with_free_func ((GDestroyNotify) umz_definition_record_free);
  sqlite3_stmt *statement =
    umz_sql_query (store, &broken,
                   "SELECT owner, uuid, name, xml, vm_index, is_index_fixed, is_active, epoch"
                   " FROM definition WHERE ?1 IS NULL OR owner = ?1 ORDER BY owner, name",
                   "s", owner);
  while (umz_sql_has_row (store, statement, &broken))
    g_ptr_array_add (records, read_definition (statement));
  return umz_sql_end_list (statement, g_steal_pointer (&records), g_steal_pointer (&broken),
                           error);
}

GPtrArray *
umz_store_list_definitions (UmzStore *store, const char *owner, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return list_definitions (store, owner, error);
}

bool
umz_store_count_other_definitions (UmzStore *store, const char *owner, const char *uuid,
                                   unsigned *ret_n, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  sqlite3_stmt *statement =
    umz_sql_query (store, error, "SELECT count (*) FROM definition WHERE owner = ? AND uuid != ?",
                   "ss", owner, uuid);
  bool ok = umz_sql_has_row (store, statement, error);
  if (ok)
    *ret_n = (unsigned) sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return ok;
}

static bool
delete_others (UmzStore *store, const char *owner, GHashTable *uuids, GError **error)
{
  g_autoptr (GPtrArray) records = list_definitions (store, owner, error);
  if (records == NULL)
    return false;
  for (guint i = 0; i < records->len; i++) {
    const UmzDefinitionRecord *record = records->pdata[i];
    if (!g_hash_table_contains (uuids, record->uuid) &&
        !delete_definition (store, owner, record->uuid, error))
      return false;
  }
  return true;
}

bool
umz_store_hear_owner (UmzStore *store, const char *owner, GHashTable *uuids, int64_t heard_us,
                      GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  if (!umz_sql_execute (store, "BEGIN IMMEDIATE", error))
    return false;
  bool ok = delete_others (store, owner, uuids, error) &&
            umz_sql_change (store, error, "INSERT OR REPLACE INTO partner VALUES (?, ?)", "si",
                            owner, heard_us) &&
            umz_sql_execute (store, "COMMIT", error);
  if (!ok)
    umz_sql_execute (store, "ROLLBACK", NULL);
  return ok;
}

bool
umz_store_get_heard (UmzStore *store, const char *owner, int64_t *ret_heard_us, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  sqlite3_stmt *statement =
    umz_sql_query (store, error,
                   "SELECT coalesce ((SELECT heard_us FROM partner WHERE su = ?), 0)", "s", owner);
  bool ok = umz_sql_has_row (store, statement, error);
  if (ok)
    *ret_heard_us = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return ok;
}

/* ---- takeovers ---- */

UmzTakeover *
umz_takeover_new (const char *id, const char *su, const char *uuid, const char *name,
                  UmzTakeoverState state)
{
  UmzTakeover *takeover = g_new0 (UmzTakeover, 1);
  takeover->id = g_strdup (id);
  takeover->su = g_strdup (su);
  takeover->uuid = g_strdup (uuid);
  takeover->name = g_strdup (name);
  takeover->state = state;
  return takeover;
}

void
umz_takeover_free (UmzTakeover *takeover)
{
  if (takeover == NULL)
    return;
  g_free (takeover->id);
  g_free (takeover->su);
  g_free (takeover->uuid);
  g_free (takeover->name);
  g_free (takeover);
}

bool
umz_store_put_takeover (UmzStore *store, const UmzTakeover *t, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_change (store, error,
                         "INSERT INTO takeover (id, su, uuid, name, state, begun_us)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
                         " ON CONFLICT (id) DO UPDATE SET state = ?5",
                         "ssssii", t->id, t->su, t->uuid, t->name, (int64_t) t->state,
                         (int64_t) g_get_real_time ());
}

#define SELECT_TAKEOVER "SELECT id, su, uuid, name, state, begun_us FROM takeover "

static UmzTakeover *
read_takeover (sqlite3_stmt *s)
{
  UmzTakeover *takeover = g_new0 (UmzTakeover, 1);
  takeover->id = umz_sql_dup_column (s, 0);
  takeover->su = umz_sql_dup_column (s, 1);
  takeover->uuid = umz_sql_dup_column (s, 2);
  takeover->name = umz_sql_dup_column (s, 3);
  takeover->state = (UmzTakeoverState) sqlite3_column_int (s, 4);
  takeover->begun_us = sqlite3_column_int64 (s, 5);
  return takeover;
}

UmzTakeover *
umz_store_dup_takeover (UmzStore *store, const char *id, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  sqlite3_stmt *statement = umz_sql_query (store, error, SELECT_TAKEOVER "WHERE id = ?", "s", id);
  UmzTakeover *takeover =
    umz_sql_has_row (store, statement, error) ? read_takeover (statement) : NULL;
  sqlite3_finalize (statement);
  return takeover;
}

GPtrArray *
umz_store_list_takeovers (UmzStore *store, UmzTakeoverState state, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_autoptr (GError) broken = NULL;
  g_autoptr (GPtrArray) takeovers =
    g_ptr_array_new_with_free_func ((GDestroyNotify) umz_takeover_free);
  sqlite3_stmt *statement =
    umz_sql_query (store, &broken, SELECT_TAKEOVER "WHERE state = ? ORDER BY begun_us", "i",
                   (int64_t) state);
  while (umz_sql_has_row (store, statement, &broken))
    g_ptr_array_add (takeovers, read_takeover (statement));
  return umz_sql_end_list (statement, g_steal_pointer (&takeovers), g_steal_pointer (&broken),
                           error);
}

bool
umz_store_dup_destination (UmzStore *store, const char *uuid, int64_t since_us, char **ret_su,
                           GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_autoptr (GError) broken = NULL;
  sqlite3_stmt *statement =
    umz_sql_query (store, &broken,
                   "SELECT peer FROM move WHERE uuid = ? AND side = 'source' AND state = 'GONE'"
                   " AND begun_us >= ? ORDER BY begun_us DESC",
                   "si", uuid, since_us);
  *ret_su = umz_sql_has_row (store, statement, &broken) ? umz_sql_dup_column (statement, 0) : NULL;
  sqlite3_finalize (statement);
  if (broken == NULL)
    return true;
  g_propagate_error (error, g_steal_pointer (&broken));
  return false;
}

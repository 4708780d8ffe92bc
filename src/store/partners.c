/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/partners.h"

#include "model/move-state.h"
#include "model/side.h"
#include "store/sql.h"

/* ---- definitions ---- */

UmzDefinitionRecord *
umz_store_definition_record_new (void)
{
  return g_new0 (UmzDefinitionRecord, 1);
}

void
umz_store_definition_record_free (UmzDefinitionRecord *record)
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
  UmzDatabase *db = &store->records;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  const UmzSqlValue values[] = {
    UMZ_SQL_TEXT ("owner", r->owner),
    UMZ_SQL_TEXT ("uuid", r->uuid),
    UMZ_SQL_TEXT ("name", r->name),
    UMZ_SQL_TEXT ("xml", r->xml),
    UMZ_SQL_NUMBER ("vm_index", r->index),
    UMZ_SQL_NUMBER ("is_index_fixed", r->is_index_fixed),
    UMZ_SQL_NUMBER ("is_active", r->is_active),
    UMZ_SQL_NUMBER ("epoch", r->epoch),
    UMZ_SQL_END,
  };
  return umz_sql_put (db, "definition", values, error);
}

static bool
delete_definition (UmzDatabase *db, const char *owner, const char *uuid, GError **error)
{
  return umz_sql_change (db, "DELETE FROM definition WHERE owner = :owner AND uuid = :uuid",
                         UMZ_SQL_VALUES (UMZ_SQL_TEXT ("owner", owner),
                                         UMZ_SQL_TEXT ("uuid", uuid)),
                         error);
}

bool
umz_store_delete_definition (UmzStore *store, const char *owner, const char *uuid, GError **error)
{
  UmzDatabase *db = &store->records;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return delete_definition (db, owner, uuid, error);
}

static void *
read_definition (sqlite3_stmt *row, GError **error)
{
  UmzDefinitionRecord *record = umz_store_definition_record_new ();
  record->owner = umz_sql_dup_text (row, "owner");
  record->uuid = umz_sql_dup_text (row, "uuid");
  record->name = umz_sql_dup_text (row, "name");
  record->xml = umz_sql_dup_text (row, "xml");
  record->index = (unsigned) umz_sql_get_number (row, "vm_index");
  record->is_index_fixed = umz_sql_get_number (row, "is_index_fixed") != 0;
  record->is_active = umz_sql_get_number (row, "is_active") != 0;
  record->epoch = (uint64_t) umz_sql_get_number (row, "epoch");
  return record;
}

static GPtrArray *
list_definitions (UmzDatabase *db, const char *owner, GError **error)
{
  return umz_sql_list (db,
                       "SELECT * FROM definition WHERE :owner IS NULL OR owner = :owner"
                       " ORDER BY owner, name",
                       UMZ_SQL_VALUES (UMZ_SQL_TEXT ("owner", owner)), read_definition,
                       (GDestroyNotify) umz_store_definition_record_free, error);
}

GPtrArray *
umz_store_list_definitions (UmzStore *store, const char *owner, GError **error)
{
  UmzDatabase *db = &store->reader;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return list_definitions (db, owner, error);
}

bool
umz_store_count_other_definitions (UmzStore *store, const char *owner, const char *uuid,
                                   unsigned *ret_n, GError **error)
{
  UmzDatabase *db = &store->reader;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  int64_t n;
  if (!umz_sql_find_number (
        db, "SELECT count (*) FROM definition WHERE owner = :owner AND uuid != :uuid",
        UMZ_SQL_VALUES (UMZ_SQL_TEXT ("owner", owner), UMZ_SQL_TEXT ("uuid", uuid)), &n, error))
    return false;
  *ret_n = (unsigned) n;
  return true;
}

static bool
delete_others (UmzDatabase *db, const char *owner, GHashTable *uuids, GError **error)
{
  g_autoptr (GPtrArray) records = list_definitions (db, owner, error);
  if (records == NULL)
    return false;
  for (guint i = 0; i < records->len; i++) {
    const UmzDefinitionRecord *record = records->pdata[i];
    if (!g_hash_table_contains (uuids, record->uuid) &&
        !delete_definition (db, owner, record->uuid, error))
      return false;
  }
  return true;
}

bool
umz_store_hear_owner (UmzStore *store, const char *owner, GHashTable *uuids, int64_t heard_us,
                      GError **error)
{
  UmzDatabase *db = &store->records;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  if (!umz_sql_begin (db, error))
    return false;
  bool ok =
    delete_others (db, owner, uuids, error) &&
    umz_sql_put (db, "partner",
                 UMZ_SQL_VALUES (UMZ_SQL_TEXT ("su", owner), UMZ_SQL_NUMBER ("heard_us", heard_us)),
                 error);
  return umz_sql_end (db, ok, error);
}

bool
umz_store_get_heard (UmzStore *store, const char *owner, int64_t *ret_heard_us, GError **error)
{
  UmzDatabase *db = &store->reader;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_find_number (db, "SELECT heard_us FROM partner WHERE su = :su",
                              UMZ_SQL_VALUES (UMZ_SQL_TEXT ("su", owner)), ret_heard_us, error);
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
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_change (db,
                         "INSERT INTO takeover (id, su, uuid, name, state, begun_us)"
                         " VALUES (:id, :su, :uuid, :name, :state, :now_us)"
                         " ON CONFLICT (id) DO UPDATE SET state = :state",
                         UMZ_SQL_VALUES (UMZ_SQL_TEXT ("id", t->id), UMZ_SQL_TEXT ("su", t->su),
                                         UMZ_SQL_TEXT ("uuid", t->uuid),
                                         UMZ_SQL_TEXT ("name", t->name),
                                         UMZ_SQL_NUMBER ("state", t->state),
                                         UMZ_SQL_NUMBER ("now_us", g_get_real_time ())),
                         error);
}

static void *
read_takeover (sqlite3_stmt *row, GError **error)
{
  UmzTakeover *takeover = g_new0 (UmzTakeover, 1);
  takeover->id = umz_sql_dup_text (row, "id");
  takeover->su = umz_sql_dup_text (row, "su");
  takeover->uuid = umz_sql_dup_text (row, "uuid");
  takeover->name = umz_sql_dup_text (row, "name");
  takeover->state = (UmzTakeoverState) umz_sql_get_number (row, "state");
  takeover->begun_us = umz_sql_get_number (row, "begun_us");
  return takeover;
}

bool
umz_store_dup_takeover (UmzStore *store, const char *id, UmzTakeover **ret_takeover,
                        GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  g_autoptr (sqlite3_stmt) row = NULL;
  if (!umz_sql_find (db, "SELECT * FROM takeover WHERE id = :id",
                     UMZ_SQL_VALUES (UMZ_SQL_TEXT ("id", id)), &row, error))
    return false;
  *ret_takeover = row != NULL ? read_takeover (row, NULL) : NULL;
  return true;
}

GPtrArray *
umz_store_list_takeovers (UmzStore *store, UmzTakeoverState state, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_list (db, "SELECT * FROM takeover WHERE state = :state ORDER BY begun_us",
                       UMZ_SQL_VALUES (UMZ_SQL_NUMBER ("state", state)), read_takeover,
                       (GDestroyNotify) umz_takeover_free, error);
}

bool
umz_store_dup_destination (UmzStore *store, const char *uuid, int64_t since_us, char **ret_su,
                           GError **error)
{
  UmzDatabase *db = &store->reader;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  g_autoptr (sqlite3_stmt) row = NULL;
  if (!umz_sql_find (db,
                     "SELECT peer FROM every_move WHERE uuid = :uuid AND side = :side"
                     " AND state = :state"
                     " AND begun_us >= :since_us ORDER BY begun_us DESC",
                     UMZ_SQL_VALUES (UMZ_SQL_TEXT ("uuid", uuid),
                                     UMZ_SQL_TEXT ("side", umz_side_name (UMZ_SIDE_SOURCE)),
                                     UMZ_SQL_TEXT ("state", umz_state_name (UMZ_STATE_GONE)),
                                     UMZ_SQL_NUMBER ("since_us", since_us)),
                     &row, error))
    return false;
  *ret_su = row != NULL ? umz_sql_dup_text (row, "peer") : NULL;
  return true;
}

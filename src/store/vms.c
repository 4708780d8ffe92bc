/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/vms.h"

#include "messages/catalogue.h"
#include "store/sql.h"

bool
umz_store_get_vm (UmzStore *store, const char *uuid, UmzVmRecord *ret_record, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  g_autoptr (sqlite3_stmt) row = NULL;
  if (!umz_sql_find (db, "SELECT * FROM vm WHERE uuid = :uuid",
                     UMZ_SQL_VALUES (UMZ_SQL_TEXT ("uuid", uuid)), &row, error))
    return false;
  *ret_record = (UmzVmRecord){ 0 };
  if (row != NULL)
    *ret_record = (UmzVmRecord){
      .index = (unsigned) umz_sql_get_number (row, "vm_index"),
      .is_index_fixed = umz_sql_get_number (row, "is_index_fixed") != 0,
      .life = (UmzLife) umz_sql_get_number (row, "life"),
      .must_run = umz_sql_get_number (row, "must_run") != 0,
      .epoch = (uint64_t) umz_sql_get_number (row, "epoch"),
    };
  return true;
}

/* Of a VM that may be unknown until now. */
static bool
write_column (UmzDatabase *db, const char *uuid, const char *column, int64_t value, GError **error)
{
  g_autofree char *sql =
    g_strdup_printf ("INSERT INTO vm (uuid, %s) VALUES (:uuid, :value)"
                     " ON CONFLICT (uuid) DO UPDATE SET %s = :value",
                     column, column);
  return umz_sql_change (db, sql,
                         UMZ_SQL_VALUES (UMZ_SQL_TEXT ("uuid", uuid),
                                         UMZ_SQL_NUMBER ("value", value)),
                         error);
}

/* ---- indexes ---- */

/* 0: it has none. */
static bool
find_index (UmzDatabase *db, const char *uuid, int64_t *ret_index, GError **error)
{
  return umz_sql_find_number (db, "SELECT vm_index FROM vm WHERE uuid = :uuid",
                              UMZ_SQL_VALUES (UMZ_SQL_TEXT ("uuid", uuid)), ret_index, error);
}

static bool
is_index_free (UmzDatabase *db, unsigned index, bool *ret_is_free, GError **error)
{
  int64_t n;
  if (!umz_sql_find_number (db, "SELECT count (*) FROM vm WHERE vm_index = :index",
                            UMZ_SQL_VALUES (UMZ_SQL_NUMBER ("index", index)), &n, error))
    return false;
  *ret_is_free = n == 0;
  return true;
}

/* The first of them; max + 1 if all are given. */
static bool
find_free_index (UmzDatabase *db, uint64_t max, unsigned *ret_index, GError **error)
{
  bool is_free = false;
  unsigned index = 2;
  for (; index <= max; index++)
    if (!is_index_free (db, index, &is_free, error))
      return false;
    else if (is_free)
      break;
  *ret_index = index;
  return true;
}

bool
umz_store_get_index (UmzStore *store, const char *uuid, uint64_t max, unsigned *ret_index,
                     GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  int64_t present;
  unsigned index;
  if (!find_index (db, uuid, &present, error))
    return false;
  if (present != 0) {
    *ret_index = (unsigned) present;
    return true;
  }
  if (!find_free_index (db, max, &index, error))
    return false;
  if (index > max) {
    g_autofree char *last = g_strdup_printf ("%" G_GUINT64_FORMAT, max);
    umz_set_error (error, UMZ_MSG_UMZ0110, "2", last, NULL);
    return false;
  }
  if (!write_column (db, uuid, "vm_index", index, error))
    return false;
  *ret_index = index;
  return true;
}

bool
umz_store_set_index (UmzStore *store, const char *uuid, unsigned index, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  int64_t present;
  bool is_free;
  if (!find_index (db, uuid, &present, error))
    return false;
  if (present == index)
    return true;
  if (!is_index_free (db, index, &is_free, error))
    return false;
  if (!is_free) {
    g_autofree char *text = g_strdup_printf ("%u", index);
    umz_set_error (error, UMZ_MSG_VMS4012, text, NULL);
    return false;
  }
  return write_column (db, uuid, "vm_index", index, error);
}

bool
umz_store_fix_index (UmzStore *store, const char *uuid, unsigned index, GError **error)
{
  if (index != 0 && !umz_store_set_index (store, uuid, index, error))
    return false;
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_change (db,
                         "UPDATE vm SET is_index_fixed = :is_fixed,"
                         " vm_index = nullif (:is_fixed * vm_index, 0) WHERE uuid = :uuid",
                         UMZ_SQL_VALUES (UMZ_SQL_TEXT ("uuid", uuid),
                                         UMZ_SQL_NUMBER ("is_fixed", index != 0)),
                         error);
}

static void *
read_uuid (sqlite3_stmt *row, GError **error)
{
  return umz_sql_dup_text (row, "uuid");
}

GPtrArray *
umz_store_list_indexed (UmzStore *store, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_list (db,
                       "SELECT uuid FROM vm WHERE vm_index IS NOT NULL ORDER BY vm_index",
                       UMZ_SQL_NOTHING, read_uuid, g_free, error);
}

bool
umz_store_dup_uuid (UmzStore *store, unsigned index, char **ret_uuid, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  g_autoptr (sqlite3_stmt) row = NULL;
  if (!umz_sql_find (db, "SELECT uuid FROM vm WHERE vm_index = :index",
                     UMZ_SQL_VALUES (UMZ_SQL_NUMBER ("index", index)), &row, error))
    return false;
  *ret_uuid = row != NULL ? umz_sql_dup_text (row, "uuid") : NULL;
  return true;
}

/* ---- lives ---- */

bool
umz_store_set_life (UmzStore *store, const char *uuid, UmzLife life, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return write_column (db, uuid, "life", life, error);
}

bool
umz_store_note_must_run (UmzStore *store, const char *uuid, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return write_column (db, uuid, "must_run", true, error);
}

bool
umz_store_note_has_run (UmzStore *store, const char *uuid, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return write_column (db, uuid, "must_run", false, error);
}

bool
umz_store_forget_vm (UmzStore *store, const char *uuid, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_change (db,
                         "UPDATE vm SET life = 0, must_run = 0, is_index_fixed = 0, vm_index = NULL"
                         " WHERE uuid = :uuid",
                         UMZ_SQL_VALUES (UMZ_SQL_TEXT ("uuid", uuid)), error);
}

bool
umz_store_delete_vm (UmzStore *store, const char *uuid, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_change (
    db,
    "UPDATE vm SET life = :life, must_run = 0,"
    " vm_index = CASE WHEN is_index_fixed THEN vm_index END WHERE uuid = :uuid",
    UMZ_SQL_VALUES (UMZ_SQL_TEXT ("uuid", uuid), UMZ_SQL_NUMBER ("life", UMZ_LIFE_DELETED)), error);
}

bool
umz_store_see_boot (UmzStore *store, const char *boot_id, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  int64_t n;
  if (!umz_sql_find_number (db, "SELECT count (*) FROM boot WHERE id = :id",
                            UMZ_SQL_VALUES (UMZ_SQL_TEXT ("id", boot_id)), &n, error))
    return false;
  return n > 0 ||
         (umz_sql_execute (db, "UPDATE vm SET life = 0, must_run = 0; DELETE FROM boot",
                           error) &&
          umz_sql_put (db, "boot", UMZ_SQL_VALUES (UMZ_SQL_TEXT ("id", boot_id)), error));
}

/* ---- epochs ---- */

bool
umz_store_new_epoch (UmzStore *store, const char *uuid, uint64_t *ret_epoch, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  int64_t epoch;
  if (!umz_sql_find_number (db,
                            "INSERT INTO vm (uuid, epoch) VALUES (:uuid, 1)"
                            " ON CONFLICT (uuid) DO UPDATE SET epoch = epoch + 1 RETURNING epoch",
                            UMZ_SQL_VALUES (UMZ_SQL_TEXT ("uuid", uuid)), &epoch, error))
    return false;
  *ret_epoch = (uint64_t) epoch;
  return true;
}

bool
umz_store_raise_epoch (UmzStore *store, const char *uuid, uint64_t epoch, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_change (db,
                         "INSERT INTO vm (uuid, epoch) VALUES (:uuid, :epoch)"
                         " ON CONFLICT (uuid) DO UPDATE SET epoch = max (epoch, :epoch)",
                         UMZ_SQL_VALUES (UMZ_SQL_TEXT ("uuid", uuid),
                                         UMZ_SQL_NUMBER ("epoch", epoch)),
                         error);
}

bool
umz_store_see_epoch (UmzStore *store, const char *uuid, uint64_t epoch, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  if (!umz_sql_change (db,
                       "INSERT INTO vm (uuid, epoch) VALUES (:uuid, :epoch)"
                       " ON CONFLICT (uuid) DO UPDATE SET epoch = :epoch WHERE epoch < :epoch",
                       UMZ_SQL_VALUES (UMZ_SQL_TEXT ("uuid", uuid),
                                       UMZ_SQL_NUMBER ("epoch", epoch)),
                       error))
    return false;
  if (sqlite3_changes (db->db) > 0)
    return true;
  int64_t known;
  if (!umz_sql_find_number (db, "SELECT epoch FROM vm WHERE uuid = :uuid",
                            UMZ_SQL_VALUES (UMZ_SQL_TEXT ("uuid", uuid)), &known, error))
    return false;
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, known);
  umz_set_error (error, UMZ_MSG_UMZ0247, text, NULL);
  return false;
}

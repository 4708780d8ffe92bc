/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* store.c: the SU's memory.
 *
 * THEORY OF OPERATION
 *
 * SQLite with a write-ahead log and `synchronous=FULL`: a transaction that COMMIT has acknowledged
 * survives a crash of the process and of the host, and one that it has not is gone without trace.
 * So "journal, then act" means: call umz_store_journal(), and act when it has returned true.
 *
 * A move has one row in `move` with its present state, and one row in `journal` for each step it
 * took; both change in one transaction.  Nothing is ever deleted from them: they are the history.
 * `ledger` has a row for each change that an open move has made and not taken back.
 */
#include "store/store.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

#include "messages/catalogue.h"
#include "store/sql.h"

#define MIB      (UINT64_C (1) << 20)
#define ROOM_MIB 64 /* far more than a move writes, definition and console lines included */

/* What each version has added, the first one at the top: a new store takes them all, an older one
 * those that it lacks.  Nothing of what stands here is ever changed.
 */
static const char *const schema[] = {
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL);"
  "CREATE TABLE vm (uuid TEXT PRIMARY KEY, vm_index INTEGER UNIQUE, epoch INTEGER NOT NULL DEFAULT "
  "0);"
  "CREATE TABLE move (id TEXT PRIMARY KEY, side TEXT NOT NULL, state TEXT NOT NULL, uuid TEXT NOT "
  "NULL,"
  "  name TEXT NOT NULL, vm_index INTEGER NOT NULL, epoch INTEGER NOT NULL, peer TEXT NOT NULL,"
  "  monjv TEXT, definition TEXT, qemu_pid INTEGER NOT NULL, qemu_start INTEGER NOT NULL,"
  "  boot_id TEXT, begun_us INTEGER NOT NULL,"
  "  is_undone INTEGER NOT NULL, is_closed INTEGER NOT NULL);"
  "CREATE TABLE journal (number INTEGER PRIMARY KEY, move TEXT NOT NULL, state TEXT NOT NULL,"
  "  event TEXT NOT NULL, time_us INTEGER NOT NULL);"
  "CREATE TABLE jv (name TEXT PRIMARY KEY, value BLOB NOT NULL, password TEXT, monitor TEXT);"
  "CREATE TABLE console (number INTEGER PRIMARY KEY AUTOINCREMENT, time_us INTEGER NOT NULL,"
  "  su TEXT NOT NULL, code TEXT NOT NULL, inserts TEXT NOT NULL, move TEXT NOT NULL);"
  "CREATE INDEX console_move ON console (move, number);",

  "ALTER TABLE vm ADD COLUMN is_index_fixed INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE vm ADD COLUMN life INTEGER NOT NULL DEFAULT 0;"
  "CREATE TABLE outcome (move TEXT PRIMARY KEY, status TEXT NOT NULL, cause TEXT NOT NULL,"
  "  ended_us INTEGER NOT NULL, stopped_us INTEGER NOT NULL, link_bytes INTEGER NOT NULL);"
  "CREATE TABLE device (mn TEXT PRIMARY KEY, source TEXT NOT NULL, xml TEXT NOT NULL);"
  "CREATE TABLE boot (id TEXT PRIMARY KEY);",

  /* Moves that an older umzugd left open have done what every move then did. */
  "CREATE TABLE ledger (number INTEGER PRIMARY KEY AUTOINCREMENT, move TEXT NOT NULL,"
  "  step TEXT NOT NULL, detail TEXT NOT NULL);"
  "CREATE INDEX ledger_move ON ledger (move, number);"
  "INSERT INTO ledger (move, step, detail) SELECT id, step, '' FROM move,"
  "  (SELECT 1 AS n, 'source' AS at, 'FENCE' AS step UNION SELECT 2, 'source', 'GUEST'"
  "   UNION SELECT 1, 'target', 'FENCE' UNION SELECT 2, 'target', 'INDEX'"
  "   UNION SELECT 3, 'target', 'DOMAIN')"
  "  WHERE at = side AND NOT is_closed AND NOT is_undone ORDER BY id, n;"
  "ALTER TABLE move DROP COLUMN is_undone;"
  "ALTER TABLE move ADD COLUMN vm_state TEXT NOT NULL DEFAULT 'RUNNING';"
  "ALTER TABLE vm ADD COLUMN must_run INTEGER NOT NULL DEFAULT 0;",

  "CREATE TABLE partner (su TEXT PRIMARY KEY, heard_us INTEGER NOT NULL);"
  "CREATE TABLE definition (owner TEXT NOT NULL, uuid TEXT NOT NULL, name TEXT NOT NULL,"
  "  xml TEXT NOT NULL, vm_index INTEGER NOT NULL, is_index_fixed INTEGER NOT NULL,"
  "  is_active INTEGER NOT NULL, epoch INTEGER NOT NULL, PRIMARY KEY (owner, uuid));"
  "CREATE TABLE takeover (id TEXT PRIMARY KEY, su TEXT NOT NULL, uuid TEXT NOT NULL,"
  "  name TEXT NOT NULL, state INTEGER NOT NULL, begun_us INTEGER NOT NULL);",

  "ALTER TABLE move ADD COLUMN decision TEXT;",

  "ALTER TABLE outcome ADD COLUMN is_coded INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE outcome ADD COLUMN has_mirror INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE outcome ADD COLUMN guest_bytes INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE outcome ADD COLUMN same_pages INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE outcome ADD COLUMN delta_pages INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE outcome ADD COLUMN fresh_pages INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE outcome ADD COLUMN zero_pages INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE outcome ADD COLUMN cpu_us INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE outcome ADD COLUMN copy_us INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE outcome ADD COLUMN expected_total_us INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE outcome ADD COLUMN expected_stop_us INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE outcome ADD COLUMN expected_bytes INTEGER NOT NULL DEFAULT 0;",
};

static bool
upgrade (UmzStore *store, int version, GError **error)
{
  g_autoptr (GString) sql = g_string_new ("BEGIN;");
  for (size_t i = (size_t) version; i < G_N_ELEMENTS (schema); i++)
    g_string_append (sql, schema[i]);
  g_string_append_printf (sql, "PRAGMA user_version=%zu; COMMIT;", G_N_ELEMENTS (schema));
  return umz_sql_execute (store, sql->str, error);
}

static bool
set_up (UmzStore *store, GError **error)
{
  const int newest = G_N_ELEMENTS (schema);
  sqlite3_busy_timeout (store->db, 5000);
  if (!umz_sql_execute (store, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;", error))
    return false;
  sqlite3_stmt *statement = umz_sql_query (store, error, "PRAGMA user_version", "");
  int version = umz_sql_has_row (store, statement, error) ? sqlite3_column_int (statement, 0) : -1;
  sqlite3_finalize (statement);
  if (version == newest)
    return true;
  if (version >= 0 && version < newest)
    return upgrade (store, version, error);
  umz_set_error (error, UMZ_MSG_UMZ0300, "open", "the store was written by a newer version",
                 NULL);
  return false;
}

UmzStore *
umz_store_open (const char *path, GError **error)
{
  g_autoptr (UmzStore) store = g_new0 (UmzStore, 1);
  g_mutex_init (&store->lock);
  store->folder = g_path_get_dirname (path);
  if (sqlite3_open (path, &store->db) != SQLITE_OK) {
    umz_sql_fail (store, path, error);
    return NULL;
  }
  return set_up (store, error) ? g_steal_pointer (&store) : NULL;
}

void
umz_store_close (UmzStore *store)
{
  if (store == NULL)
    return;
  sqlite3_close (store->db);
  g_mutex_clear (&store->lock);
  g_free (store->folder);
  g_free (store);
}

bool
umz_store_is_room_enough (const char *folder, uint64_t free_bytes, GError **error)
{
  if (free_bytes >= ROOM_MIB * MIB)
    return true;
  g_autofree char *free_mib = g_strdup_printf ("%" G_GUINT64_FORMAT, free_bytes / MIB);
  umz_set_error (error, UMZ_MSG_UMZ0115, folder, free_mib, NULL);
  return false;
}

bool
umz_store_has_room (UmzStore *store, GError **error)
{
  struct statvfs fs;
  if (statvfs (store->folder, &fs) == 0)
    return umz_store_is_room_enough (store->folder, (uint64_t) fs.f_bavail * fs.f_frsize, error);
  umz_set_error (error, UMZ_MSG_UMZ0300, "statvfs", g_strerror (errno), NULL);
  return false;
}

bool
umz_store_begin_session (UmzStore *store, unsigned *ret_session, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  sqlite3_stmt *statement = umz_sql_query (
    store, error,
    "INSERT INTO meta VALUES ('session', 1) ON CONFLICT (key) DO UPDATE SET value = value % 999 + 1"
    " RETURNING value",
    "");
  bool ok = umz_sql_has_row (store, statement, error);
  if (ok)
    *ret_session = (unsigned) sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return ok;
}

/* ---- VMs ---- */

bool
umz_store_get_vm (UmzStore *store, const char *uuid, UmzVmRecord *ret_record, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_autoptr (GError) broken = NULL;
  sqlite3_stmt *s =
    umz_sql_query (store, &broken,
                   "SELECT vm_index, is_index_fixed, life, must_run, epoch FROM vm WHERE uuid = ?",
                   "s", uuid);
  UmzVmRecord record = { 0 };
  if (umz_sql_has_row (store, s, &broken))
    record = (UmzVmRecord){ .index = (unsigned) sqlite3_column_int (s, 0), /* NULL is 0 */
                            .is_index_fixed = sqlite3_column_int (s, 1) != 0,
                            .life = (UmzLife) sqlite3_column_int (s, 2),
                            .must_run = sqlite3_column_int (s, 3) != 0,
                            .epoch = (uint64_t) sqlite3_column_int64 (s, 4) };
  sqlite3_finalize (s);
  if (broken != NULL) {
    g_propagate_error (error, g_steal_pointer (&broken));
    return false;
  }
  *ret_record = record;
  return true;
}

static bool
find_index (UmzStore *store, const char *uuid, unsigned *ret_index, GError **error)
{
  sqlite3_stmt *statement =
    umz_sql_query (store, error, "SELECT vm_index FROM vm WHERE uuid = ?", "s", uuid);
  bool found =
    umz_sql_has_row (store, statement, error) && sqlite3_column_type (statement, 0) != SQLITE_NULL;
  if (found)
    *ret_index = (unsigned) sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return found;
}

static bool
index_is_free (UmzStore *store, unsigned index)
{
  sqlite3_stmt *statement =
    umz_sql_query (store, NULL, "SELECT 1 FROM vm WHERE vm_index = ?", "i", (int64_t) index);
  bool is_free = !umz_sql_has_row (store, statement, NULL);
  sqlite3_finalize (statement);
  return is_free;
}

static bool
write_index (UmzStore *store, const char *uuid, unsigned index, GError **error)
{
  return umz_sql_change (store, error,
                         "INSERT INTO vm (uuid, vm_index) VALUES (?1, ?2)"
                         " ON CONFLICT (uuid) DO UPDATE SET vm_index = ?2",
                         "si", uuid, (int64_t) index);
}

bool
umz_store_get_index (UmzStore *store, const char *uuid, unsigned max, unsigned *ret_index,
                     GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_autoptr (GError) broken = NULL;
  if (find_index (store, uuid, ret_index, &broken))
    return true;
  if (broken != NULL) {
    g_propagate_error (error, g_steal_pointer (&broken));
    return false;
  }
  unsigned index = 2;
  while (index <= max && !index_is_free (store, index))
    index++;
  if (index > max) {
    g_autofree char *last = g_strdup_printf ("%u", max);
    umz_set_error (error, UMZ_MSG_UMZ0110, "2", last, NULL);
    return false;
  }
  if (!write_index (store, uuid, index, error))
    return false;
  *ret_index = index;
  return true;
}

bool
umz_store_set_index (UmzStore *store, const char *uuid, unsigned index, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  unsigned present;
  if (find_index (store, uuid, &present, NULL) && present == index)
    return true;
  if (!index_is_free (store, index)) {
    g_autofree char *text = g_strdup_printf ("%u", index);
    umz_set_error (error, UMZ_MSG_VMS4012, text, NULL);
    return false;
  }
  return write_index (store, uuid, index, error);
}

bool
umz_store_fix_index (UmzStore *store, const char *uuid, unsigned index, GError **error)
{
  if (index != 0 && !umz_store_set_index (store, uuid, index, error))
    return false;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_change (store, error,
                         "UPDATE vm SET is_index_fixed = ?2, vm_index = nullif (?2 * vm_index, 0)"
                         " WHERE uuid = ?1",
                         "si", uuid, (int64_t) (index != 0));
}

bool
umz_store_set_life (UmzStore *store, const char *uuid, UmzLife life, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_change (store, error,
                         "INSERT INTO vm (uuid, life) VALUES (?1, ?2)"
                         " ON CONFLICT (uuid) DO UPDATE SET life = ?2",
                         "si", uuid, (int64_t) life);
}

bool
umz_store_set_must_run (UmzStore *store, const char *uuid, bool must_run, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_change (store, error,
                         "INSERT INTO vm (uuid, must_run) VALUES (?1, ?2)"
                         " ON CONFLICT (uuid) DO UPDATE SET must_run = ?2",
                         "si", uuid, (int64_t) must_run);
}

bool
umz_store_forget_vm (UmzStore *store, const char *uuid, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_change (store, error,
                         "UPDATE vm SET life = 0, must_run = 0, is_index_fixed = 0, vm_index = NULL"
                         " WHERE uuid = ?",
                         "s",
                         uuid);
}

bool
umz_store_delete_vm (UmzStore *store, const char *uuid, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_change (store, error,
                         "UPDATE vm SET life = ?2, must_run = 0,"
                         " vm_index = CASE WHEN is_index_fixed THEN vm_index END"
                         " WHERE uuid = ?1",
                         "si", uuid, (int64_t) UMZ_LIFE_DELETED);
}

GPtrArray *
umz_store_list_indexed (UmzStore *store, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_autoptr (GError) broken = NULL;
  g_autoptr (GPtrArray) uuids = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *statement =
    umz_sql_query (store, &broken,
                   "SELECT uuid FROM vm WHERE vm_index IS NOT NULL ORDER BY vm_index", "");
  while (umz_sql_has_row (store, statement, &broken))
    g_ptr_array_add (uuids, umz_sql_dup_column (statement, 0));
  return umz_sql_end_list (statement, g_steal_pointer (&uuids), g_steal_pointer (&broken), error);
}

bool
umz_store_see_boot (UmzStore *store, const char *boot_id, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_autoptr (GError) broken = NULL;
  sqlite3_stmt *statement =
    umz_sql_query (store, &broken, "SELECT 1 FROM boot WHERE id = ?", "s", boot_id);
  bool is_known = umz_sql_has_row (store, statement, &broken);
  sqlite3_finalize (statement);
  if (broken != NULL) {
    g_propagate_error (error, g_steal_pointer (&broken));
    return false;
  }
  return is_known ||
         (umz_sql_execute (store, "UPDATE vm SET life = 0, must_run = 0; DELETE FROM boot",
                           error) &&
          umz_sql_change (store, error, "INSERT INTO boot VALUES (?)", "s", boot_id));
}

char *
umz_store_dup_uuid (UmzStore *store, unsigned index, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  sqlite3_stmt *statement =
    umz_sql_query (store, error, "SELECT uuid FROM vm WHERE vm_index = ?", "i", (int64_t) index);
  char *uuid = umz_sql_has_row (store, statement, error) ? umz_sql_dup_column (statement, 0) : NULL;
  sqlite3_finalize (statement);
  return uuid;
}

bool
umz_store_new_epoch (UmzStore *store, const char *uuid, uint64_t *ret_epoch, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  sqlite3_stmt *statement =
    umz_sql_query (store, error,
                   "INSERT INTO vm (uuid, epoch) VALUES (?1, 1)"
                   " ON CONFLICT (uuid) DO UPDATE SET epoch = epoch + 1 RETURNING epoch",
                   "s", uuid);
  bool ok = umz_sql_has_row (store, statement, error);
  if (ok)
    *ret_epoch = (uint64_t) sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return ok;
}

bool
umz_store_raise_epoch (UmzStore *store, const char *uuid, uint64_t epoch, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_change (store, error,
                         "INSERT INTO vm (uuid, epoch) VALUES (?1, ?2)"
                         " ON CONFLICT (uuid) DO UPDATE SET epoch = max (epoch, ?2)",
                         "si", uuid, (int64_t) epoch);
}

bool
umz_store_see_epoch (UmzStore *store, const char *uuid, uint64_t epoch, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  if (!umz_sql_change (store, error,
                       "INSERT INTO vm (uuid, epoch) VALUES (?1, ?2)"
                       " ON CONFLICT (uuid) DO UPDATE SET epoch = ?2 WHERE epoch < ?2",
                       "si", uuid, (int64_t) epoch))
    return false;
  if (sqlite3_changes (store->db) > 0)
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0310, "epoch of the move", NULL);
  return false;
}

/* ---- the journal ---- */

UmzMoveRecord *
umz_move_record_new (void)
{
  return g_new0 (UmzMoveRecord, 1);
}

UmzMoveRecord *
umz_move_record_copy (const UmzMoveRecord *record)
{
  UmzMoveRecord *copy = umz_move_record_new ();
  *copy = *record;
  copy->id = g_strdup (record->id);
  copy->side = g_strdup (record->side);
  copy->state = g_strdup (record->state);
  copy->uuid = g_strdup (record->uuid);
  copy->name = g_strdup (record->name);
  copy->peer = g_strdup (record->peer);
  copy->monjv = g_strdup (record->monjv);
  copy->definition = g_strdup (record->definition);
  copy->boot_id = g_strdup (record->boot_id);
  copy->vm_state = g_strdup (record->vm_state);
  copy->decision = g_strdup (record->decision);
  return copy;
}

void
umz_move_record_free (UmzMoveRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->id);
  g_free (record->side);
  g_free (record->state);
  g_free (record->uuid);
  g_free (record->name);
  g_free (record->peer);
  g_free (record->monjv);
  g_free (record->definition);
  g_free (record->boot_id);
  g_free (record->vm_state);
  g_free (record->decision);
  g_free (record);
}

bool
umz_store_journal (UmzStore *store, const UmzMoveRecord *r, const char *event, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  if (!umz_sql_execute (store, "BEGIN IMMEDIATE", error))
    return false;
  bool ok =
    umz_sql_change (store, error,
                    "INSERT OR REPLACE INTO move (id, side, state, uuid, name, vm_index, epoch,"
                    " peer, monjv, definition, qemu_pid, qemu_start, boot_id, begun_us, is_closed,"
                    " vm_state, decision)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    "sssssiisssiisiiss", r->id, r->side, r->state, r->uuid, r->name,
                    (int64_t) r->index, (int64_t) r->epoch, r->peer, r->monjv, r->definition,
                    r->qemu_pid, (int64_t) r->qemu_start, r->boot_id, r->begun_us,
                    (int64_t) r->is_closed, r->vm_state, r->decision) &&
    umz_sql_change (store, error,
                    "INSERT INTO journal (move, state, event, time_us) VALUES (?, ?, ?, ?)",
                    "sssi", r->id, r->state, event, (int64_t) g_get_real_time ()) &&
    (!r->is_closed ||
     umz_sql_change (store, error, "DELETE FROM ledger WHERE move = ?", "s", r->id)) &&
    umz_sql_execute (store, "COMMIT", error);
  if (!ok)
    umz_sql_execute (store, "ROLLBACK", NULL);
  return ok;
}

#define MOVE_COLUMNS 17

static UmzMoveRecord *
read_move (sqlite3_stmt *s)
{
  UmzMoveRecord *r = umz_move_record_new ();
  r->id = umz_sql_dup_column (s, 0);
  r->side = umz_sql_dup_column (s, 1);
  r->state = umz_sql_dup_column (s, 2);
  r->uuid = umz_sql_dup_column (s, 3);
  r->name = umz_sql_dup_column (s, 4);
  r->index = (unsigned) sqlite3_column_int (s, 5);
  r->epoch = (uint64_t) sqlite3_column_int64 (s, 6);
  r->peer = umz_sql_dup_column (s, 7);
  r->monjv = umz_sql_dup_column (s, 8);
  r->definition = umz_sql_dup_column (s, 9);
  r->qemu_pid = sqlite3_column_int64 (s, 10);
  r->qemu_start = (uint64_t) sqlite3_column_int64 (s, 11);
  r->boot_id = umz_sql_dup_column (s, 12);
  r->begun_us = sqlite3_column_int64 (s, 13);
  r->is_closed = sqlite3_column_int (s, 14) != 0;
  r->vm_state = umz_sql_dup_column (s, 15);
  r->decision = umz_sql_dup_column (s, 16);
  return r;
}

UmzMoveRecord *
umz_store_dup_move (UmzStore *store, const char *id, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  sqlite3_stmt *statement =
    umz_sql_query (store, error, "SELECT * FROM move WHERE id = ?", "s", id);
  UmzMoveRecord *record = umz_sql_has_row (store, statement, error) ? read_move (statement) : NULL;
  sqlite3_finalize (statement);
  return record;
}

GPtrArray *
umz_store_list_open_moves (UmzStore *store, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_autoptr (GPtrArray) moves =
    g_ptr_array_new_with_free_func ((GDestroyNotify) umz_move_record_free);
  g_autoptr (GError) broken = NULL;
  sqlite3_stmt *statement =
    umz_sql_query (store, &broken, "SELECT * FROM move WHERE NOT is_closed ORDER BY begun_us", "");
  while (umz_sql_has_row (store, statement, &broken))
    g_ptr_array_add (moves, read_move (statement));
  return umz_sql_end_list (statement, g_steal_pointer (&moves), g_steal_pointer (&broken), error);
}

/* ---- what moves have changed ---- */

void
umz_ledger_entry_free (UmzLedgerEntry *entry)
{
  if (entry == NULL)
    return;
  g_free (entry->step);
  g_free (entry->detail);
  g_free (entry);
}

bool
umz_store_note_step (UmzStore *store, const char *move, const char *step, const char *detail,
                     GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_change (store, error,
                         "INSERT INTO ledger (move, step, detail) VALUES (?, ?, ?)", "sss", move,
                         step, detail);
}

bool
umz_store_strike_step (UmzStore *store, uint64_t number, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_change (store, error, "DELETE FROM ledger WHERE number = ?", "i",
                         (int64_t) number);
}

GPtrArray *
umz_store_list_steps (UmzStore *store, const char *move, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_autoptr (GError) broken = NULL;
  g_autoptr (GPtrArray) entries =
    g_ptr_array_new_with_free_func ((GDestroyNotify) umz_ledger_entry_free);
  sqlite3_stmt *statement =
    umz_sql_query (store, &broken,
                   "SELECT number, step, detail FROM ledger WHERE move = ? ORDER BY number DESC",
                   "s", move);
  while (umz_sql_has_row (store, statement, &broken)) {
    UmzLedgerEntry *entry = g_new0 (UmzLedgerEntry, 1);
    entry->number = (uint64_t) sqlite3_column_int64 (statement, 0);
    entry->step = umz_sql_dup_column (statement, 1);
    entry->detail = umz_sql_dup_column (statement, 2);
    g_ptr_array_add (entries, entry);
  }
  return umz_sql_end_list (statement, g_steal_pointer (&entries), g_steal_pointer (&broken), error);
}

/* ---- how moves ended ---- */

void
umz_outcome_free (UmzOutcome *outcome)
{
  if (outcome == NULL)
    return;
  umz_move_record_free (outcome->move);
  g_free (outcome->status);
  g_free (outcome->cause);
  g_free (outcome);
}

bool
umz_store_put_outcome (UmzStore *store, const UmzOutcome *o, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  const UmzTransferFigures *t = &o->transfer;
  return umz_sql_change (
    store, error,
    "INSERT OR REPLACE INTO outcome VALUES"
    " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "sssiiiiiiiiiiiiiii", o->move->id, o->status, o->cause, o->ended_us, o->stopped_us,
    (int64_t) t->link_bytes, (int64_t) t->is_coded, (int64_t) t->has_mirror,
    (int64_t) t->guest_bytes, (int64_t) t->same_pages, (int64_t) t->delta_pages,
    (int64_t) t->fresh_pages, (int64_t) t->zero_pages, (int64_t) t->cpu_us, o->copy_us,
    o->expected.total_us, o->expected.stop_us, (int64_t) o->expected.link_bytes);
}

static uint64_t
get_number (sqlite3_stmt *s, int column)
{
  return (uint64_t) sqlite3_column_int64 (s, column);
}

static UmzTransferFigures
read_transfer (sqlite3_stmt *s, int first)
{
  return (UmzTransferFigures){
    .link_bytes = get_number (s, first),
    .is_coded = get_number (s, first + 1) != 0,
    .has_mirror = get_number (s, first + 2) != 0,
    .guest_bytes = get_number (s, first + 3),
    .same_pages = get_number (s, first + 4),
    .delta_pages = get_number (s, first + 5),
    .fresh_pages = get_number (s, first + 6),
    .zero_pages = get_number (s, first + 7),
    .cpu_us = get_number (s, first + 8),
  };
}

static UmzOutcome *
read_outcome (sqlite3_stmt *s)
{
  UmzOutcome *outcome = g_new0 (UmzOutcome, 1);
  outcome->move = read_move (s);
  outcome->status = umz_sql_dup_column (s, MOVE_COLUMNS + 1);
  outcome->cause = umz_sql_dup_column (s, MOVE_COLUMNS + 2);
  if (outcome->status == NULL) { /* it has no row yet */
    outcome->status = g_strdup ("");
    outcome->cause = g_strdup ("");
  }
  outcome->ended_us = sqlite3_column_int64 (s, MOVE_COLUMNS + 3);
  outcome->stopped_us = sqlite3_column_int64 (s, MOVE_COLUMNS + 4);
  outcome->transfer = read_transfer (s, MOVE_COLUMNS + 5);
  outcome->copy_us = sqlite3_column_int64 (s, MOVE_COLUMNS + 14);
  outcome->expected = (UmzExpectation){
    .total_us = sqlite3_column_int64 (s, MOVE_COLUMNS + 15),
    .stop_us = sqlite3_column_int64 (s, MOVE_COLUMNS + 16),
    .link_bytes = get_number (s, MOVE_COLUMNS + 17),
  };
  return outcome;
}

GPtrArray *
umz_store_list_outcomes (UmzStore *store, unsigned limit, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_autoptr (GError) broken = NULL;
  g_autoptr (GPtrArray) outcomes =
    g_ptr_array_new_with_free_func ((GDestroyNotify) umz_outcome_free);
  sqlite3_stmt *statement =
    umz_sql_query (store, &broken,
                   "SELECT * FROM (SELECT * FROM move LEFT JOIN outcome ON outcome.move = move.id"
                   " ORDER BY begun_us DESC LIMIT ?) ORDER BY begun_us",
                   "i", (int64_t) limit);
  while (umz_sql_has_row (store, statement, &broken))
    g_ptr_array_add (outcomes, read_outcome (statement));
  return umz_sql_end_list (statement, g_steal_pointer (&outcomes), g_steal_pointer (&broken),
                           error);
}

/* ---- devices that no VM has any more ---- */

void
umz_free_device_free (UmzFreeDevice *device)
{
  if (device == NULL)
    return;
  g_free (device->mn);
  g_free (device->source);
  g_free (device->xml);
  g_free (device);
}

bool
umz_store_put_device (UmzStore *store, const char *mn, const char *source, const char *xml,
                      GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_change (store, error, "INSERT OR REPLACE INTO device VALUES (?, ?, ?)", "sss", mn,
                         source, xml);
}

bool
umz_store_delete_device (UmzStore *store, const char *mn, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_change (store, error, "DELETE FROM device WHERE mn = ?", "s", mn);
}

GPtrArray *
umz_store_list_devices (UmzStore *store, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_autoptr (GError) broken = NULL;
  g_autoptr (GPtrArray) devices =
    g_ptr_array_new_with_free_func ((GDestroyNotify) umz_free_device_free);
  sqlite3_stmt *statement = umz_sql_query (store, &broken, "SELECT * FROM device ORDER BY mn", "");
  while (umz_sql_has_row (store, statement, &broken)) {
    UmzFreeDevice *device = g_new0 (UmzFreeDevice, 1);
    device->mn = umz_sql_dup_column (statement, 0);
    device->source = umz_sql_dup_column (statement, 1);
    device->xml = umz_sql_dup_column (statement, 2);
    g_ptr_array_add (devices, device);
  }
  return umz_sql_end_list (statement, g_steal_pointer (&devices), g_steal_pointer (&broken), error);
}

/* ---- job variables ---- */

UmzJobVariable *
umz_job_variable_new (const char *name)
{
  UmzJobVariable *jv = g_new0 (UmzJobVariable, 1);
  jv->name = g_strdup (name);
  memset (jv->value, ' ', sizeof jv->value);
  return jv;
}

void
umz_job_variable_free (UmzJobVariable *jv)
{
  if (jv == NULL)
    return;
  g_free (jv->name);
  g_free (jv->password);
  g_free (jv->monitor);
  g_free (jv);
}

static UmzJobVariable *
read_jv (sqlite3_stmt *s)
{
  UmzJobVariable *jv = umz_job_variable_new ((const char *) sqlite3_column_text (s, 0));
  size_t n_bytes = (size_t) sqlite3_column_bytes (s, 1);
  if (n_bytes > 0)
    memcpy (jv->value, sqlite3_column_blob (s, 1), MIN (n_bytes, sizeof jv->value));
  jv->password = umz_sql_dup_column (s, 2);
  jv->monitor = umz_sql_dup_column (s, 3);
  return jv;
}

UmzJobVariable *
umz_store_dup_jv (UmzStore *store, const char *name, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  sqlite3_stmt *statement =
    umz_sql_query (store, error, "SELECT * FROM jv WHERE name = ?", "s", name);
  UmzJobVariable *jv = umz_sql_has_row (store, statement, error) ? read_jv (statement) : NULL;
  sqlite3_finalize (statement);
  return jv;
}

GPtrArray *
umz_store_list_jvs (UmzStore *store, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_autoptr (GError) broken = NULL;
  g_autoptr (GPtrArray) jvs =
    g_ptr_array_new_with_free_func ((GDestroyNotify) umz_job_variable_free);
  sqlite3_stmt *statement = umz_sql_query (store, &broken, "SELECT * FROM jv ORDER BY name", "");
  while (umz_sql_has_row (store, statement, &broken))
    g_ptr_array_add (jvs, read_jv (statement));
  return umz_sql_end_list (statement, g_steal_pointer (&jvs), g_steal_pointer (&broken), error);
}

bool
umz_store_put_jv (UmzStore *store, const UmzJobVariable *jv, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_change (store, error, "INSERT OR REPLACE INTO jv VALUES (?, ?, ?, ?)", "sbss",
                         jv->name, jv->value, jv->password, jv->monitor);
}

bool
umz_store_delete_jv (UmzStore *store, const char *name, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  return umz_sql_change (store, error, "DELETE FROM jv WHERE name = ?", "s", name);
}

/* ---- the console log ---- */

UmzConsoleLine *
umz_console_line_new (const char *su, const char *code, const char *const *inserts,
                      const char *move, int64_t time_us)
{
  UmzConsoleLine *line = g_new0 (UmzConsoleLine, 1);
  line->su = g_strdup (su);
  line->code = g_strdup (code);
  line->inserts = g_strdupv ((GStrv) inserts);
  line->move = g_strdup (move);
  line->time_us = time_us;
  return line;
}

void
umz_console_line_free (UmzConsoleLine *line)
{
  if (line == NULL)
    return;
  g_free (line->su);
  g_free (line->code);
  g_strfreev (line->inserts);
  g_free (line->move);
  g_free (line);
}

/* Inserts are joined by the unit separator, which the catalogue never lets into a text. */
#define INSERT_SEPARATOR "\x1f"

bool
umz_store_append_console (UmzStore *store, UmzConsoleLine *line, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_autofree char *inserts = g_strjoinv (INSERT_SEPARATOR, line->inserts);
  if (!umz_sql_change (store, error,
                       "INSERT INTO console (time_us, su, code, inserts, move)"
                       " VALUES (?, ?, ?, ?, ?)",
                       "issss", line->time_us, line->su, line->code, inserts, line->move))
    return false;
  line->number = (uint64_t) sqlite3_last_insert_rowid (store->db);
  return true;
}

static UmzConsoleLine *
read_console_line (sqlite3_stmt *s)
{
  UmzConsoleLine *line = g_new0 (UmzConsoleLine, 1);
  line->number = (uint64_t) sqlite3_column_int64 (s, 0);
  line->time_us = sqlite3_column_int64 (s, 1);
  line->su = umz_sql_dup_column (s, 2);
  line->code = umz_sql_dup_column (s, 3);
  line->inserts = g_strsplit ((const char *) sqlite3_column_text (s, 4), INSERT_SEPARATOR, -1);
  line->move = umz_sql_dup_column (s, 5);
  return line;
}

GPtrArray *
umz_store_list_console (UmzStore *store, uint64_t after, const char *move, unsigned limit,
                        GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->lock);
  g_autoptr (GPtrArray) lines =
    g_ptr_array_new_with_free_func ((GDestroyNotify) umz_console_line_free);
  const char *sql = after == 0
                      ? "SELECT * FROM (SELECT * FROM console WHERE number > ?1 AND"
                        " (?2 IS NULL OR move = ?2) ORDER BY number DESC LIMIT ?3) ORDER BY number"
                      : "SELECT * FROM console WHERE number > ?1 AND (?2 IS NULL OR move = ?2)"
                        " ORDER BY number LIMIT ?3";
  g_autoptr (GError) broken = NULL;
  sqlite3_stmt *statement =
    umz_sql_query (store, &broken, sql, "isi", (int64_t) after, move, (int64_t) limit);
  while (umz_sql_has_row (store, statement, &broken))
    g_ptr_array_add (lines, read_console_line (statement));
  return umz_sql_end_list (statement, g_steal_pointer (&lines), g_steal_pointer (&broken), error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* store.c: the SU's memory.
 *
 * THEORY OF OPERATION
 *
 * SQLite with a write-ahead log and `synchronous=FULL`: a transaction that COMMIT has acknowledged
 * survives a crash of the process and of the host, and one that it has not is gone without trace.
 * So "journal, then act" means: call umz_store_journal(), and act when it has returned true.
 *
 * The tables are made here, and used by one file for each family of them.
 */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

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

/* All of it or nothing. */
static bool
upgrade (UmzStore *store, size_t version, GError **error)
{
  g_autoptr (GString) sql = g_string_new (NULL);
  for (size_t i = version; i < G_N_ELEMENTS (schema); i++)
    g_string_append (sql, schema[i]);
  g_string_append_printf (sql, "PRAGMA user_version=%zu;", G_N_ELEMENTS (schema));
  return umz_sql_begin (store, error) &&
         umz_sql_end (store, umz_sql_execute (store, sql->str, error), error);
}

static bool
set_up (UmzStore *store, GError **error)
{
  int64_t newest = G_N_ELEMENTS (schema);
  sqlite3_busy_timeout (store->db, 5000);
  if (!umz_sql_execute (store, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;", error))
    return false;
  int64_t version;
  if (!umz_sql_find_number (store, "PRAGMA user_version", UMZ_SQL_NOTHING, &version, error))
    return false;
  if (version == newest)
    return true;
  if (version >= 0 && version < newest)
    return upgrade (store, (size_t) version, error);
  umz_set_error (error, UMZ_MSG_UMZ0300, "open", "the store was written by a newer version",
                 NULL);
  return false;
}

/* SQLite gives the files beside it the mode that the store has when they are made.  Those that an
 * earlier end has left have the mode of that time.
 */
static bool
make_private (const char *path, GError **error)
{
  static const char *const beside[] = { "-wal", "-shm" };
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  bool ok = fd >= 0 && fchmod (fd, 0600) == 0;
  for (size_t i = 0; ok && i < G_N_ELEMENTS (beside); i++) {
    g_autofree char *other = g_strconcat (path, beside[i], NULL);
    ok = chmod (other, 0600) == 0 || errno == ENOENT;
  }
  if (!ok)
    umz_set_error (error, UMZ_MSG_UMZ0300, path, g_strerror (errno), NULL);
  if (fd >= 0)
    close (fd);
  return ok;
}

UmzStore *
umz_store_open (const char *path, GError **error)
{
  g_autoptr (UmzStore) store = g_new0 (UmzStore, 1);
  g_mutex_init (&store->lock);
  store->folder = g_path_get_dirname (path);
  if (!make_private (path, error))
    return NULL;
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
  bool is_idle = store->db == NULL || sqlite3_get_autocommit (store->db);
  int result = sqlite3_close (store->db);
  g_assert (is_idle && result == SQLITE_OK); /* no transaction is open, and no statement */
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
  int64_t session;
  if (!umz_sql_find_number (store,
                            "INSERT INTO meta (key, value) VALUES ('session', 1)"
                            " ON CONFLICT (key) DO UPDATE SET value = value % 999 + 1"
                            " RETURNING value",
                            UMZ_SQL_NOTHING, &session, error))
    return false;
  *ret_session = (unsigned) session;
  return true;
}

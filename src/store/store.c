/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* store.c: the SU's memory.
 *
 * THEORY OF OPERATION
 *
 * SQLite with a write-ahead log and `synchronous=FULL`: a transaction that COMMIT has acknowledged
 * survives a crash of the process and of the host, and one that it has not is gone without trace.
 * So "journal, then act" means: call umz_store_journal(), and act when it has returned true.
 *
 * There are two files.  A guest stands still while its move is journaled, so the journal has a file
 * of its own, and holds only what moves wait for: those that are not closed, what they have
 * changed, indexes and epochs of VMs, takeovers.  Everything else is in the records: moves that are
 * closed, with their steps and outcomes, console log, job variables, definitions of other SUs,
 * devices.
 *
 * Each file has one connection that writes, with a lock of its own, so that no writer of one waits
 * for the other.  Lists of the records are read on a third connection: with a write-ahead log a
 * reader, however slow, holds up no writer.
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
#define BUSY_MS  5000 /* that somebody from outside may keep a file locked */
#define ROOM_MIB 64   /* far more than a move writes, definition and console lines included */

/* What is kept for the moves that have begun: some ten of them, with their definitions. */
#define ROOM_PAGES 512
#define PAGE_BYTES 4096

#define HELD_AND_LAST                                               \
  "ALTER TABLE move ADD COLUMN is_held INTEGER NOT NULL DEFAULT 0;" \
  "ALTER TABLE move ADD COLUMN has_said_last INTEGER NOT NULL DEFAULT 0;"

/* What each version of the journal has added, the first one at the top: a new one takes them all,
 * an older one those that it lacks.  Nothing of what stands here is ever changed.
 */
static const char *const journal_schema[] = {
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

  /* Until now all stood in one file.  The records have their part: see give_records(). */
  "CREATE TABLE move_definition (move TEXT PRIMARY KEY, xml TEXT NOT NULL);"
  "INSERT INTO move_definition (move, xml) SELECT id, definition FROM move"
  "  WHERE definition IS NOT NULL AND NOT is_closed;"
  "ALTER TABLE move DROP COLUMN definition;"
  "DROP TABLE outcome; DROP TABLE jv; DROP TABLE console; DROP TABLE device;"
  "DROP TABLE partner; DROP TABLE definition;",

  HELD_AND_LAST,
};
#define VERSION_OF_ONE_FILE 6

static const char *const records_schema[] = {
  "CREATE TABLE move (id TEXT PRIMARY KEY, side TEXT NOT NULL, state TEXT NOT NULL,"
  "  uuid TEXT NOT NULL, name TEXT NOT NULL, vm_index INTEGER NOT NULL, epoch INTEGER NOT NULL,"
  "  peer TEXT NOT NULL, monjv TEXT, qemu_pid INTEGER NOT NULL, qemu_start INTEGER NOT NULL,"
  "  boot_id TEXT, begun_us INTEGER NOT NULL, is_closed INTEGER NOT NULL, vm_state TEXT NOT NULL,"
  "  decision TEXT);"
  "CREATE INDEX move_begun ON move (begun_us);"
  "CREATE INDEX move_of_vm ON move (uuid, begun_us);"
  "CREATE TABLE step (move TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL,"
  "  event TEXT NOT NULL, time_us INTEGER NOT NULL, PRIMARY KEY (move, number)) WITHOUT ROWID;"
  "CREATE TABLE outcome (move TEXT PRIMARY KEY, status TEXT NOT NULL, cause TEXT NOT NULL,"
  "  ended_us INTEGER NOT NULL, stopped_us INTEGER NOT NULL, link_bytes INTEGER NOT NULL,"
  "  is_coded INTEGER NOT NULL, has_mirror INTEGER NOT NULL, guest_bytes INTEGER NOT NULL,"
  "  same_pages INTEGER NOT NULL, delta_pages INTEGER NOT NULL, fresh_pages INTEGER NOT NULL,"
  "  zero_pages INTEGER NOT NULL, cpu_us INTEGER NOT NULL, copy_us INTEGER NOT NULL,"
  "  expected_total_us INTEGER NOT NULL, expected_stop_us INTEGER NOT NULL,"
  "  expected_bytes INTEGER NOT NULL);"
  "CREATE TABLE jv (name TEXT PRIMARY KEY, value BLOB NOT NULL, password TEXT, monitor TEXT);"
  "CREATE TABLE console (number INTEGER PRIMARY KEY AUTOINCREMENT, time_us INTEGER NOT NULL,"
  "  su TEXT NOT NULL, code TEXT NOT NULL, inserts TEXT NOT NULL, move TEXT NOT NULL);"
  "CREATE INDEX console_move ON console (move, number);"
  "CREATE TABLE device (mn TEXT PRIMARY KEY, source TEXT NOT NULL, xml TEXT NOT NULL);"
  "CREATE TABLE partner (su TEXT PRIMARY KEY, heard_us INTEGER NOT NULL);"
  "CREATE TABLE definition (owner TEXT NOT NULL, uuid TEXT NOT NULL, name TEXT NOT NULL,"
  "  xml TEXT NOT NULL, vm_index INTEGER NOT NULL, is_index_fixed INTEGER NOT NULL,"
  "  is_active INTEGER NOT NULL, epoch INTEGER NOT NULL, PRIMARY KEY (owner, uuid));",

  HELD_AND_LAST,
};

/* From where all stood in one file.  Done again after a crash, it does nothing. */
#define GIVEN(table, columns) \
  "INSERT OR IGNORE INTO records." table " (" columns ") SELECT " columns " FROM main." table ";"
#define OUTCOME_COLUMNS                                                                       \
  "move, status, cause, ended_us, stopped_us, link_bytes, is_coded, has_mirror, guest_bytes," \
  " same_pages, delta_pages, fresh_pages, zero_pages, cpu_us, copy_us, expected_total_us,"    \
  " expected_stop_us, expected_bytes"
#define DEFINITION_COLUMNS \
  "owner, uuid, name, xml, vm_index, is_index_fixed, is_active, epoch"
/* clang-format off */
static const char given[] =
  GIVEN ("outcome", OUTCOME_COLUMNS)
  GIVEN ("jv", "name, value, password, monitor")
  GIVEN ("console", "number, time_us, su, code, inserts, move")
  GIVEN ("device", "mn, source, xml")
  GIVEN ("partner", "su, heard_us")
  GIVEN ("definition", DEFINITION_COLUMNS);
/* clang-format on */

/* All moves; one that is closed may just be in both files. */
#define EVERY_MOVE                                                                \
  "CREATE TEMP VIEW every_move AS SELECT " UMZ_SQL_MOVE_COLUMNS " FROM main.move" \
  " UNION ALL SELECT " UMZ_SQL_MOVE_COLUMNS " FROM journal.move"                  \
  " WHERE id NOT IN (SELECT id FROM main.move);"

/* All of it or nothing. */
static bool
upgrade (UmzDatabase *db, const char *const *schema, int64_t from, int64_t to, GError **error)
{
  g_autoptr (GString) sql = g_string_new (NULL);
  for (int64_t i = from; i < to; i++)
    g_string_append (sql, schema[i]);
  g_string_append_printf (sql, "PRAGMA user_version=%" G_GINT64_FORMAT ";", to);
  return umz_sql_begin (db, error) &&
         umz_sql_end (db, umz_sql_execute (db, sql->str, error), error);
}

static bool
attach (UmzDatabase *db, const char *path, const char *name, GError **error)
{
  g_autofree char *sql = g_strdup_printf ("ATTACH :path AS %s", name);
  return umz_sql_change (db, sql, UMZ_SQL_VALUES (UMZ_SQL_TEXT ("path", path)), error);
}

/* Before the journal drops what it has given. */
static bool
give_records (UmzDatabase *db, const char *records_path, GError **error)
{
  return attach (db, records_path, "records", error) && umz_sql_begin (db, error) &&
         umz_sql_end (db, umz_sql_execute (db, given, error), error) &&
         umz_sql_execute (db, "DETACH records", error);
}

static bool
upgrade_journal (UmzDatabase *db, int64_t version, const char *records_path, GError **error)
{
  if (version < VERSION_OF_ONE_FILE &&
      !upgrade (db, journal_schema, version, VERSION_OF_ONE_FILE, error))
    return false;
  if (version <= VERSION_OF_ONE_FILE && !give_records (db, records_path, error))
    return false;
  return upgrade (db, journal_schema, MAX (version, VERSION_OF_ONE_FILE),
                  G_N_ELEMENTS (journal_schema), error);
}

/* Of the journal, records_path says where the records are; of those it is NULL. */
static bool
set_up (UmzDatabase *db, const char *records_path, GError **error)
{
  int64_t newest =
    records_path != NULL ? G_N_ELEMENTS (journal_schema) : G_N_ELEMENTS (records_schema);
  int64_t version;
  if (!umz_sql_execute (db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                            "PRAGMA wal_autocheckpoint=" G_STRINGIFY (ROOM_PAGES) ";",
                        error) ||
      !umz_sql_find_number (db, "PRAGMA user_version", UMZ_SQL_NOTHING, &version, error))
    return false;
  if (version == newest)
    return true;
  if (version >= 0 && version < newest)
    return records_path != NULL ? upgrade_journal (db, version, records_path, error)
                                : upgrade (db, records_schema, version, newest, error);
  umz_set_error (error, UMZ_MSG_UMZ0300, "open", "the store was written by a newer version",
                 NULL);
  return false;
}

static bool
set_up_reader (UmzDatabase *db, const char *journal_path, GError **error)
{
  return attach (db, journal_path, "journal", error) &&
         umz_sql_execute (db, EVERY_MOVE "PRAGMA query_only=1;", error);
}

/* ---- room that is kept ---- */

/* Those that the file has, and nothing is in. */
static bool
count_free_pages (UmzDatabase *db, int64_t *ret_n, GError **error)
{
  return umz_sql_find_number (db, "PRAGMA freelist_count", UMZ_SQL_NOTHING, ret_n, error);
}

/* It is written from its start again, once all that it has is in the file. */
static bool
is_log_long_enough (UmzDatabase *db)
{
  struct stat st;
  g_autofree char *path = g_strconcat (sqlite3_db_filename (db->db, "main"), "-wal", NULL);
  return stat (path, &st) == 0 && st.st_size >= ROOM_PAGES * PAGE_BYTES;
}

/* Pages are written, and given up once they are in the file: then both have them. */
static bool
keep_room (UmzDatabase *db, GError **error)
{
  static const char filled[] =
    "CREATE TABLE IF NOT EXISTS room (bytes BLOB);"
    "INSERT INTO room "
    "VALUES (zeroblob (" G_STRINGIFY (ROOM_PAGES) "*" G_STRINGIFY (PAGE_BYTES) "));";
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  int64_t n_free;
  if (!count_free_pages (db, &n_free, error))
    return false;
  if (n_free >= ROOM_PAGES && is_log_long_enough (db))
    return true;
  return umz_sql_begin (db, error) &&
         umz_sql_end (db, umz_sql_execute (db, filled, error), error) &&
         umz_sql_execute (db, "PRAGMA wal_checkpoint; DROP TABLE room;", error);
}

/* ---- files ---- */

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

static bool
open_file (UmzDatabase *db, const char *path, GError **error)
{
  if (sqlite3_open (path, &db->db) != SQLITE_OK)
    return umz_sql_fail (db, path, error);
  sqlite3_busy_timeout (db->db, BUSY_MS);
  return sqlite3_file_control (db->db, "main", SQLITE_FCNTL_PERSIST_WAL, &(int){ 1 }) ==
           SQLITE_OK ||
         umz_sql_fail (db, path, error);
}

UmzStore *
umz_store_open (const char *folder, GError **error)
{
  g_autoptr (UmzStore) store = g_new0 (UmzStore, 1);
  g_autofree char *journal_path = g_build_filename (folder, "umzug.db", NULL);
  g_autofree char *records_path = g_build_filename (folder, "records.db", NULL);
  g_mutex_init (&store->journal.lock);
  g_mutex_init (&store->records.lock);
  g_mutex_init (&store->reader.lock);
  store->folder = g_strdup (folder);
  bool ok = make_private (journal_path, error) && make_private (records_path, error) &&
            open_file (&store->records, records_path, error) &&
            set_up (&store->records, NULL, error) &&
            open_file (&store->journal, journal_path, error) &&
            set_up (&store->journal, records_path, error) &&
            open_file (&store->reader, records_path, error) &&
            set_up_reader (&store->reader, journal_path, error);
  return ok ? g_steal_pointer (&store) : NULL;
}

static void
close_file (UmzDatabase *db)
{
  bool is_idle = db->db == NULL || sqlite3_get_autocommit (db->db);
  int result = sqlite3_close (db->db);
  g_assert (is_idle && result == SQLITE_OK); /* no transaction is open, and no statement */
  g_mutex_clear (&db->lock);
}

void
umz_store_close (UmzStore *store)
{
  if (store == NULL)
    return;
  close_file (&store->reader);
  close_file (&store->records);
  close_file (&store->journal);
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
    return umz_store_is_room_enough (store->folder, (uint64_t) fs.f_bavail * fs.f_frsize, error) &&
           keep_room (&store->journal, error) && keep_room (&store->records, error);
  umz_set_error (error, UMZ_MSG_UMZ0300, "statvfs", g_strerror (errno), NULL);
  return false;
}

bool
umz_store_try_write (UmzStore *store, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  int64_t now_us = g_get_monotonic_time ();
  if (now_us - store->tried_us < G_USEC_PER_SEC)
    return true;
  bool ok = umz_sql_put (db, "meta",
                         UMZ_SQL_VALUES (UMZ_SQL_TEXT ("key", "tried"),
                                         UMZ_SQL_NUMBER ("value", now_us)),
                         error);
  store->tried_us = ok ? now_us : 0;
  return ok;
}

bool
umz_store_begin_session (UmzStore *store, unsigned *ret_session, GError **error)
{
  UmzDatabase *db = &store->journal;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  int64_t session;
  if (!umz_sql_find_number (db,
                            "INSERT INTO meta (key, value) VALUES ('session', 1)"
                            " ON CONFLICT (key) DO UPDATE SET value = value % 999 + 1"
                            " RETURNING value",
                            UMZ_SQL_NOTHING, &session, error))
    return false;
  *ret_session = (unsigned) session;
  return true;
}

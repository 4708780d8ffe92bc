/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sql.h: how the files of this room speak to SQLite.  The connection's lock is held by the caller.
 *
 * Parameters and columns have names, never numbers: a column more, or another order, shifts
 * nothing.  A name that the statement or the table does not know is a bug and ends the program.
 */
#pragma once

#include <sqlite3.h>

#include "store/store.h"

/* A connection to a file. */
typedef struct {
  sqlite3 *db; /* owned */
  GMutex lock; /* one transaction at a time */
} UmzDatabase;

struct UmzStore {
  char *folder;        /* owned; of the files */
  UmzDatabase journal; /* what a move waits for: read and written here alone */
  UmzDatabase records; /* everything else: written here alone */
  UmzDatabase reader;  /* reads the records, and the journal where a record is not there yet */
  int64_t tried_us;    /* monotonic; when the journal was last written for a trial; with its lock */
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)

/* Of a move, in either file. */
#define UMZ_SQL_MOVE_COLUMNS                                                                  \
  "id, side, state, uuid, name, vm_index, epoch, peer, monjv, qemu_pid, qemu_start, boot_id," \
  " begun_us, is_closed, vm_state, decision, is_held, has_said_last"

typedef enum {
  UMZ_SQL_KIND_TEXT,
  UMZ_SQL_KIND_NUMBER,
  UMZ_SQL_KIND_BYTES,
} UmzSqlKind;

typedef struct {
  const char *name; /* of a parameter, without its colon; NULL ends a list */
  UmzSqlKind kind;
  const void *data; /* borrowed; text or bytes; NULL: SQL's NULL */
  int64_t number;   /* of bytes: how many */
} UmzSqlValue;

/* UMZ_SQL_VALUES (UMZ_SQL_TEXT ("uuid", uuid), UMZ_SQL_NUMBER ("epoch", epoch)) */
#define UMZ_SQL_VALUES(...) ((const UmzSqlValue[]){ __VA_ARGS__, UMZ_SQL_END })
#define UMZ_SQL_TEXT(name, text) \
  ((UmzSqlValue){ name, UMZ_SQL_KIND_TEXT, (const char *){ text }, 0 })
#define UMZ_SQL_NUMBER(name, number) \
  ((UmzSqlValue){ name, UMZ_SQL_KIND_NUMBER, NULL, (int64_t) (number) })
#define UMZ_SQL_BYTES(name, bytes, n) \
  ((UmzSqlValue){ name, UMZ_SQL_KIND_BYTES, bytes, (int64_t) (n) })
#define UMZ_SQL_END     ((UmzSqlValue){ NULL })
#define UMZ_SQL_NOTHING ((const UmzSqlValue[]){ UMZ_SQL_END })

/* Sets UMZ0300 with what SQLite says, and returns false. */
bool umz_sql_fail (UmzDatabase *db, const char *what, GError **error);

/* Statements without parameters and rows. */
bool umz_sql_execute (UmzDatabase *db, const char *sql, GError **error);

/* One statement without rows. */
bool umz_sql_change (UmzDatabase *db, const char *sql, const UmzSqlValue *values, GError **error);

/* A row of these columns; it replaces one that has the same key. */
bool umz_sql_put (UmzDatabase *db, const char *table, const UmzSqlValue *values, GError **error);

/* What changes between the two changes as a whole: all of it if `ok` is true and the disk has it,
 * which is then the answer, or nothing.
 */
bool umz_sql_begin (UmzDatabase *db, GError **error);
bool umz_sql_end (UmzDatabase *db, bool ok, GError **error);

/* The first row, or NULL if there is none; owned by the caller. */
bool umz_sql_find (UmzDatabase *db, const char *sql, const UmzSqlValue *values,
                   sqlite3_stmt **ret_row, GError **error);

/* The only column of that row; 0 if it is NULL or there is no row.  True of one that changes
 * something (RETURNING) says that the disk has it.
 */
bool umz_sql_find_number (UmzDatabase *db, const char *sql, const UmzSqlValue *values,
                          int64_t *ret_number, GError **error);

/* All rows, each as `read` makes it, to be freed by `destroy`; owned by the caller.  All or none: a
 * part would pass for the whole.
 */
typedef void *UmzSqlRead (sqlite3_stmt *row, GError **error);
GPtrArray *umz_sql_list (UmzDatabase *db, const char *sql, const UmzSqlValue *values,
                         UmzSqlRead *read, GDestroyNotify destroy, GError **error);

/* A column of a row.  NULL stays NULL, and is the number 0; the caller frees the text. */
char *umz_sql_dup_text (sqlite3_stmt *row, const char *column);
int64_t umz_sql_get_number (sqlite3_stmt *row, const char *column);

/* Copies at most max_bytes of it. */
void umz_sql_get_bytes (sqlite3_stmt *row, const char *column, void *ret_bytes, size_t max_bytes);

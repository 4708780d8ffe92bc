/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sql.h: how the files of this room speak to SQLite.  The store's lock is held by the caller. */
#pragma once

#include <sqlite3.h>

#include "store/store.h"

struct UmzStore {
  sqlite3 *db;  /* owned */
  char *folder; /* owned; of the file */
  GMutex lock;  /* one transaction at a time */
};

/* Sets UMZ0300 with what SQLite says, and returns false. */
bool umz_sql_fail (UmzStore *store, const char *what, GError **error);

/* Statements without parameters and rows. */
bool umz_sql_execute (UmzStore *store, const char *sql, GError **error);

/* The arguments are bound by the letters of `format`: s text or NULL, i int64_t, b value of a job
 * variable.  query: the caller finalizes it; NULL is an error.
 */
sqlite3_stmt *umz_sql_query (UmzStore *store, GError **error, const char *sql, const char *format,
                             ...);
bool umz_sql_change (UmzStore *store, GError **error, const char *sql, const char *format, ...);

/* True with the next row; false without an error when there is none.  The statement may be NULL. */
bool umz_sql_has_row (UmzStore *store, sqlite3_stmt *statement, GError **error);

/* The whole list or none: a part of it would pass for the whole.  All is taken. */
GPtrArray *umz_sql_end_list (sqlite3_stmt *statement, GPtrArray *rows, GError *broken,
                             GError **error);

/* NULL stays NULL; the caller frees it. */
char *umz_sql_dup_column (sqlite3_stmt *statement, int column);

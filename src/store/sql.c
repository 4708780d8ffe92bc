/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/sql.h"

#include "messages/catalogue.h"

bool
umz_sql_fail (UmzStore *store, const char *what, GError **error)
{
  umz_set_error (error, UMZ_MSG_UMZ0300, what, sqlite3_errmsg (store->db), NULL);
  return false;
}

bool
umz_sql_execute (UmzStore *store, const char *sql, GError **error)
{
  return sqlite3_exec (store->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
         umz_sql_fail (store, sql, error);
}

static sqlite3_stmt *
prepare (UmzStore *store, const char *sql, const char *format, va_list args, GError **error)
{
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2 (store->db, sql, -1, &statement, NULL) != SQLITE_OK) {
    umz_sql_fail (store, sql, error);
    return NULL;
  }
  for (int i = 1; *format != '\0'; format++, i++) {
    if (*format == 's')
      sqlite3_bind_text (statement, i, va_arg (args, const char *), -1, SQLITE_TRANSIENT);
    else if (*format == 'i')
      sqlite3_bind_int64 (statement, i, va_arg (args, int64_t));
    else
      sqlite3_bind_blob (statement, i, va_arg (args, const void *), UMZ_JV_BYTES, SQLITE_TRANSIENT);
  }
  return statement;
}

sqlite3_stmt *
umz_sql_query (UmzStore *store, GError **error, const char *sql, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  sqlite3_stmt *statement = prepare (store, sql, format, args, error);
  va_end (args);
  return statement;
}

bool
umz_sql_change (UmzStore *store, GError **error, const char *sql, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  sqlite3_stmt *statement = prepare (store, sql, format, args, error);
  va_end (args);
  if (statement == NULL)
    return false;
  bool ok = sqlite3_step (statement) == SQLITE_DONE || umz_sql_fail (store, sql, error);
  sqlite3_finalize (statement);
  return ok;
}

bool
umz_sql_has_row (UmzStore *store, sqlite3_stmt *statement, GError **error)
{
  int rc = statement != NULL ? sqlite3_step (statement) : SQLITE_MISUSE;
  if (rc != SQLITE_ROW && rc != SQLITE_DONE && statement != NULL)
    umz_sql_fail (store, sqlite3_sql (statement), error);
  return rc == SQLITE_ROW;
}

GPtrArray *
umz_sql_end_list (sqlite3_stmt *statement, GPtrArray *rows, GError *broken, GError **error)
{
  sqlite3_finalize (statement);
  if (broken == NULL)
    return rows;
  g_ptr_array_unref (rows);
  g_propagate_error (error, broken);
  return NULL;
}

char *
umz_sql_dup_column (sqlite3_stmt *statement, int column)
{
  return g_strdup ((const char *) sqlite3_column_text (statement, column));
}

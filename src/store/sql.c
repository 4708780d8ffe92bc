/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/sql.h"

#include <string.h>

#include "messages/catalogue.h"

bool
umz_sql_fail (UmzDatabase *db, const char *what, GError **error)
{
  umz_set_error (error, UMZ_MSG_UMZ0300, what, sqlite3_errmsg (db->db), NULL);
  return false;
}

bool
umz_sql_execute (UmzDatabase *db, const char *sql, GError **error)
{
  return sqlite3_exec (db->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
         umz_sql_fail (db, sql, error);
}

/* ---- statements ---- */

static void
bind (sqlite3_stmt *statement, const UmzSqlValue *value)
{
  g_autofree char *parameter = g_strconcat (":", value->name, NULL);
  int index = sqlite3_bind_parameter_index (statement, parameter);
  g_assert (index > 0);
  switch (value->kind) {
  case UMZ_SQL_KIND_TEXT:
    sqlite3_bind_text (statement, index, value->data, -1, SQLITE_TRANSIENT);
    return;
  case UMZ_SQL_KIND_NUMBER: sqlite3_bind_int64 (statement, index, value->number); return;
  case UMZ_SQL_KIND_BYTES:
    sqlite3_bind_blob64 (statement, index, value->data, (sqlite3_uint64) value->number,
                         SQLITE_TRANSIENT);
    return;
  }
  g_assert_not_reached ();
}

static sqlite3_stmt *
prepare (UmzDatabase *db, const char *sql, const UmzSqlValue *values, GError **error)
{
  sqlite3_stmt *statement = NULL;
  int n_bound = 0;
  if (sqlite3_prepare_v2 (db->db, sql, -1, &statement, NULL) != SQLITE_OK) {
    umz_sql_fail (db, sql, error);
    return NULL;
  }
  for (; values->name != NULL; values++, n_bound++)
    bind (statement, values);
  g_assert (n_bound == sqlite3_bind_parameter_count (statement));
  return statement;
}

/* True with the next row, or with *ret_is_row false when there is none. */
static bool
step (UmzDatabase *db, sqlite3_stmt *statement, bool *ret_is_row, GError **error)
{
  int result = sqlite3_step (statement);
  *ret_is_row = result == SQLITE_ROW;
  return result == SQLITE_ROW || result == SQLITE_DONE ||
         umz_sql_fail (db, sqlite3_sql (statement), error);
}

bool
umz_sql_change (UmzDatabase *db, const char *sql, const UmzSqlValue *values, GError **error)
{
  bool is_row;
  g_autoptr (sqlite3_stmt) statement = prepare (db, sql, values, error);
  if (statement == NULL || !step (db, statement, &is_row, error))
    return false;
  g_assert (!is_row);
  return true;
}

bool
umz_sql_put (UmzDatabase *db, const char *table, const UmzSqlValue *values, GError **error)
{
  g_autoptr (GString) columns = g_string_new (NULL), parameters = g_string_new (NULL);
  for (const UmzSqlValue *value = values; value->name != NULL; value++) {
    const char *separator = value == values ? "" : ", ";
    g_string_append_printf (columns, "%s%s", separator, value->name);
    g_string_append_printf (parameters, "%s:%s", separator, value->name);
  }
  g_autofree char *sql = g_strdup_printf ("INSERT OR REPLACE INTO %s (%s) VALUES (%s)", table,
                                          columns->str, parameters->str);
  return umz_sql_change (db, sql, values, error);
}

/* ---- transactions ---- */

bool
umz_sql_begin (UmzDatabase *db, GError **error)
{
  return umz_sql_execute (db, "BEGIN IMMEDIATE", error);
}

bool
umz_sql_end (UmzDatabase *db, bool ok, GError **error)
{
  if (ok && umz_sql_execute (db, "COMMIT", error))
    return true;
  (void) umz_sql_execute (db, "ROLLBACK", NULL); /* the first error is the one to report */
  return false;
}

/* ---- rows ---- */

bool
umz_sql_find (UmzDatabase *db, const char *sql, const UmzSqlValue *values, sqlite3_stmt **ret_row,
              GError **error)
{
  bool is_row;
  g_autoptr (sqlite3_stmt) statement = prepare (db, sql, values, error);
  if (statement == NULL || !step (db, statement, &is_row, error))
    return false;
  *ret_row = is_row ? g_steal_pointer (&statement) : NULL;
  return true;
}

bool
umz_sql_find_number (UmzDatabase *db, const char *sql, const UmzSqlValue *values,
                     int64_t *ret_number, GError **error)
{
  g_autoptr (sqlite3_stmt) row = NULL;
  if (!umz_sql_find (db, sql, values, &row, error))
    return false;
  bool is_row = row != NULL;
  int64_t number = is_row ? sqlite3_column_int64 (row, 0) : 0;
  while (is_row) /* what the statement changes is on the disk when it has come to its end */
    if (!step (db, row, &is_row, error))
      return false;
  *ret_number = number;
  return true;
}

GPtrArray *
umz_sql_list (UmzDatabase *db, const char *sql, const UmzSqlValue *values, UmzSqlRead *read,
              GDestroyNotify destroy, GError **error)
{
  bool is_row;
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (destroy);
  g_autoptr (sqlite3_stmt) statement = prepare (db, sql, values, error);
  if (statement == NULL)
    return NULL;
  for (;;) {
    if (!step (db, statement, &is_row, error))
      return NULL;
    if (!is_row)
      return g_steal_pointer (&records);
    void *record = read (statement, error);
    if (record == NULL)
      return NULL;
    g_ptr_array_add (records, record);
  }
}

static int
find_column (sqlite3_stmt *row, const char *name)
{
  for (int i = 0; i < sqlite3_column_count (row); i++)
    if (strcmp (sqlite3_column_name (row, i), name) == 0)
      return i;
  g_error ("no column %s in: %s", name, sqlite3_sql (row));
}

char *
umz_sql_dup_text (sqlite3_stmt *row, const char *column)
{
  return g_strdup ((const char *) sqlite3_column_text (row, find_column (row, column)));
}

int64_t
umz_sql_get_number (sqlite3_stmt *row, const char *column)
{
  return sqlite3_column_int64 (row, find_column (row, column));
}

void
umz_sql_get_bytes (sqlite3_stmt *row, const char *column, void *ret_bytes, size_t max_bytes)
{
  int index = find_column (row, column);
  size_t n_bytes = (size_t) sqlite3_column_bytes (row, index);
  if (n_bytes > 0)
    memcpy (ret_bytes, sqlite3_column_blob (row, index), MIN (n_bytes, max_bytes));
}

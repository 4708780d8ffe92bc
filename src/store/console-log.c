/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/console-log.h"

#include "store/sql.h"

/* Inserts are joined by the unit separator, which the catalogue never lets into a text. */
#define INSERT_SEPARATOR "\x1f"

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

bool
umz_store_append_console (UmzStore *store, UmzConsoleLine *line, GError **error)
{
  UmzDatabase *db = &store->records;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  g_autofree char *inserts = g_strjoinv (INSERT_SEPARATOR, line->inserts);
  if (!umz_sql_put (db, "console",
                    UMZ_SQL_VALUES (UMZ_SQL_NUMBER ("time_us", line->time_us),
                                    UMZ_SQL_TEXT ("su", line->su),
                                    UMZ_SQL_TEXT ("code", line->code),
                                    UMZ_SQL_TEXT ("inserts", inserts),
                                    UMZ_SQL_TEXT ("move", line->move)),
                    error))
    return false;
  line->number = (uint64_t) sqlite3_last_insert_rowid (db->db);
  return true;
}

static void *
read_line (sqlite3_stmt *row, GError **error)
{
  g_autofree char *inserts = umz_sql_dup_text (row, "inserts");
  UmzConsoleLine *line = g_new0 (UmzConsoleLine, 1);
  line->number = (uint64_t) umz_sql_get_number (row, "number");
  line->time_us = umz_sql_get_number (row, "time_us");
  line->su = umz_sql_dup_text (row, "su");
  line->code = umz_sql_dup_text (row, "code");
  line->inserts = g_strsplit (inserts, INSERT_SEPARATOR, -1);
  line->move = umz_sql_dup_text (row, "move");
  return line;
}

GPtrArray *
umz_store_list_console (UmzStore *store, uint64_t after, const char *move, unsigned limit,
                        GError **error)
{
  UmzDatabase *db = &store->reader;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  const char *sql = after == 0
                      ? "SELECT * FROM (SELECT * FROM console WHERE number > :after AND"
                        " (:move IS NULL OR move = :move) ORDER BY number DESC LIMIT :limit)"
                        " ORDER BY number"
                      : "SELECT * FROM console WHERE number > :after AND"
                        " (:move IS NULL OR move = :move) ORDER BY number LIMIT :limit";
  return umz_sql_list (db, sql,
                       UMZ_SQL_VALUES (UMZ_SQL_NUMBER ("after", after), UMZ_SQL_TEXT ("move", move),
                                       UMZ_SQL_NUMBER ("limit", limit)),
                       read_line, (GDestroyNotify) umz_console_line_free, error);
}

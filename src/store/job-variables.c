/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/job-variables.h"

#include <string.h>

#include "store/sql.h"

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

static void *
read_jv (sqlite3_stmt *row, GError **error)
{
  g_autofree char *name = umz_sql_dup_text (row, "name");
  UmzJobVariable *jv = umz_job_variable_new (name);
  umz_sql_get_bytes (row, "value", jv->value, sizeof jv->value);
  jv->password = umz_sql_dup_text (row, "password");
  jv->monitor = umz_sql_dup_text (row, "monitor");
  return jv;
}

bool
umz_store_dup_jv (UmzStore *store, const char *name, UmzJobVariable **ret_jv, GError **error)
{
  UmzDatabase *db = &store->reader;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  g_autoptr (sqlite3_stmt) row = NULL;
  if (!umz_sql_find (db, "SELECT * FROM jv WHERE name = :name",
                     UMZ_SQL_VALUES (UMZ_SQL_TEXT ("name", name)), &row, error))
    return false;
  *ret_jv = row != NULL ? read_jv (row, NULL) : NULL;
  return true;
}

GPtrArray *
umz_store_list_jvs (UmzStore *store, GError **error)
{
  UmzDatabase *db = &store->reader;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_list (db, "SELECT * FROM jv ORDER BY name", UMZ_SQL_NOTHING, read_jv,
                       (GDestroyNotify) umz_job_variable_free, error);
}

bool
umz_store_put_jv (UmzStore *store, const UmzJobVariable *jv, GError **error)
{
  UmzDatabase *db = &store->records;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_put (db, "jv",
                      UMZ_SQL_VALUES (UMZ_SQL_TEXT ("name", jv->name),
                                      UMZ_SQL_BYTES ("value", jv->value, sizeof jv->value),
                                      UMZ_SQL_TEXT ("password", jv->password),
                                      UMZ_SQL_TEXT ("monitor", jv->monitor)),
                      error);
}

bool
umz_store_delete_jv (UmzStore *store, const char *name, GError **error)
{
  UmzDatabase *db = &store->records;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_change (db, "DELETE FROM jv WHERE name = :name",
                         UMZ_SQL_VALUES (UMZ_SQL_TEXT ("name", name)), error);
}

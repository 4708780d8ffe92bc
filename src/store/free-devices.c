/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/free-devices.h"

#include "store/sql.h"

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
  UmzDatabase *db = &store->records;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_put (
    db, "device",
    UMZ_SQL_VALUES (UMZ_SQL_TEXT ("mn", mn), UMZ_SQL_TEXT ("source", source),
                    UMZ_SQL_TEXT ("xml", xml)),
    error);
}

bool
umz_store_delete_device (UmzStore *store, const char *mn, GError **error)
{
  UmzDatabase *db = &store->records;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_change (db, "DELETE FROM device WHERE mn = :mn",
                         UMZ_SQL_VALUES (UMZ_SQL_TEXT ("mn", mn)), error);
}

static void *
read_device (sqlite3_stmt *row, GError **error)
{
  UmzFreeDevice *device = g_new0 (UmzFreeDevice, 1);
  device->mn = umz_sql_dup_text (row, "mn");
  device->source = umz_sql_dup_text (row, "source");
  device->xml = umz_sql_dup_text (row, "xml");
  return device;
}

GPtrArray *
umz_store_list_devices (UmzStore *store, GError **error)
{
  UmzDatabase *db = &store->reader;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&db->lock);
  return umz_sql_list (db, "SELECT * FROM device ORDER BY mn", UMZ_SQL_NOTHING, read_device,
                       (GDestroyNotify) umz_free_device_free, error);
}

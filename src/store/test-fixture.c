/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/test-fixture.h"

#include <glib/gstdio.h>

static void
open_store (UmzStoreFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  fixture->store = umz_store_open (fixture->folder, &error);
  g_assert_no_error (error);
}

void
umz_store_fixture_set_up (UmzStoreFixture *fixture, const void *unused)
{
  g_autoptr (GError) error = NULL;
  fixture->folder = g_dir_make_tmp ("umzug-store-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "umzug.db", NULL);
  fixture->records_path = g_build_filename (fixture->folder, "records.db", NULL);
  open_store (fixture);
}

void
umz_store_fixture_open_again (UmzStoreFixture *fixture)
{
  umz_store_close (fixture->store);
  open_store (fixture);
}

void
umz_store_fixture_tear_down (UmzStoreFixture *fixture, const void *unused)
{
  umz_store_close (fixture->store);
  g_remove (fixture->path);
  g_remove (fixture->records_path);
  g_rmdir (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->records_path);
  g_free (fixture->folder);
}

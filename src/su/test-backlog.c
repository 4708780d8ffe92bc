/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "su/backlog.h"

#include <errno.h>

#include "store/test-disk.h"
#include "su/test-site.h"

#define EVERY_LINE (2 * UMZ_BACKLOG_MAX)

typedef struct {
  UmzTestSite *site; /* owned */
  UmzStore *store;   /* its own; borrowed */
  UmzBacklog *backlog;
} Fixture;

static void
set_up (Fixture *f, const void *unused)
{
  f->site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  f->store = f->site->here.app->store;
  f->backlog = umz_backlog_new (f->store);
}

static void
tear_down (Fixture *f, const void *unused)
{
  umz_backlog_free (f->backlog);
  umz_test_site_free (f->site);
}

static void
lose_disk (Fixture *f)
{
  umz_test_disk_fail (f->site->here.app->config->state_dir, 1, EROFS);
}

static void
say (Fixture *f, int number)
{
  g_autofree char *text = g_strdup_printf ("%d", number);
  const char *inserts[] = { text, NULL };
  umz_backlog_add_line (f->backlog, umz_console_line_new ("ABGSE501", "", inserts, "", number));
}

static void
set_jv (Fixture *f, const char *name, const char *monitor)
{
  UmzJobVariable *jv = umz_job_variable_new (name);
  jv->monitor = g_strdup (monitor);
  jv->password = g_strdup ("key");
  jv->value[0] = '$';
  umz_backlog_put_jv (f->backlog, jv);
}

static GPtrArray *
list_lines (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *lines = umz_store_list_console (f->store, 0, NULL, EVERY_LINE, &error);
  g_assert_no_error (error);
  return lines;
}

static unsigned
count_jvs (Fixture *f)
{
  g_autoptr (GPtrArray) jvs = umz_store_list_jvs (f->store, NULL);
  return jvs->len;
}

static void
assert_lines (Fixture *f, int first, int last)
{
  g_autoptr (GPtrArray) lines = list_lines (f);
  g_assert_cmpint ((int) lines->len, ==, last - first + 1);
  for (guint i = 0; i < lines->len; i++) {
    const UmzConsoleLine *line = lines->pdata[i];
    g_assert_cmpint ((int) line->time_us, ==, first + (int) i);
  }
}

/* Writes what waits. */
static void
end (Fixture *f)
{
  umz_backlog_free (f->backlog);
  f->backlog = NULL;
}

static void
test_passes_on (Fixture *f, const void *unused)
{
  say (f, 1);
  set_jv (f, "MON.A", "m-1");
  assert_lines (f, 1, 1);
  g_assert_cmpuint (count_jvs (f), ==, 1);
}

static void
test_waits (Fixture *f, const void *unused)
{
  lose_disk (f);
  for (int i = 1; i <= 3; i++)
    say (f, i);
  set_jv (f, "MON.A", "m-1");
  set_jv (f, "MON.A", NULL);
  set_jv (f, "MON.B", "m-2");
  assert_lines (f, 1, 0);
  g_assert_cmpuint (count_jvs (f), ==, 0);
  umz_test_disk_heal ();
  say (f, 4);
  end (f);
  assert_lines (f, 1, 4);
  g_assert_cmpuint (count_jvs (f), ==, 2);
  g_autoptr (UmzJobVariable) jv = NULL;
  g_assert_true (umz_store_dup_jv (f->store, "MON.A", &jv, NULL));
  g_assert_null (jv->monitor);
}

static void
test_is_read (Fixture *f, const void *unused)
{
  g_autoptr (UmzJobVariable) none = NULL, jv = NULL;
  lose_disk (f);
  g_assert_true (umz_backlog_dup_jv (f->backlog, "MON.A", &none, NULL));
  g_assert_null (none);
  set_jv (f, "MON.A", NULL);
  set_jv (f, "MON.A", "m-1");
  g_assert_true (umz_backlog_dup_jv (f->backlog, "MON.A", &jv, NULL));
  g_assert_cmpstr (jv->monitor, ==, "m-1");
  g_assert_cmpstr (jv->password, ==, "key");
  g_assert_cmpint (jv->value[0], ==, '$');
  umz_test_disk_heal ();
}

static void
test_goes_on_by_itself (Fixture *f, const void *unused)
{
  lose_disk (f);
  say (f, 1);
  umz_test_disk_heal ();
  for (bool is_written = false; !is_written;) {
    g_autoptr (GPtrArray) lines = list_lines (f);
    is_written = lines->len > 0;
    g_thread_yield ();
  }
}

static void
test_is_bounded (Fixture *f, const void *unused)
{
  lose_disk (f);
  set_jv (f, "MON.A", "m-1");
  for (int i = 1; i <= UMZ_BACKLOG_MAX + 1; i++)
    say (f, i);
  umz_test_disk_heal ();
  end (f);
  assert_lines (f, 3, UMZ_BACKLOG_MAX + 1);
  g_assert_cmpuint (count_jvs (f), ==, 1);
}

#define TEST(name, function) \
  g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL); /* it warns, as it should */
  TEST ("/backlog/passes-on-what-can-be-written", test_passes_on);
  TEST ("/backlog/keeps-what-cannot-in-its-order", test_waits);
  TEST ("/backlog/is-read-as-if-it-were-written", test_is_read);
  TEST ("/backlog/goes-on-by-itself", test_goes_on_by_itself);
  TEST ("/backlog/keeps-no-more-than-it-may-and-every-job-variable", test_is_bounded);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "su/monitor.h"

#include "jobvar/layout.h"
#include "store/console-log.h"
#include "store/job-variables.h"
#include "su/test-site.h"

static UmzJobVariable *
dup_jv (UmzApp *app, const char *name)
{
  g_autoptr (GError) error = NULL;
  UmzJobVariable *jv = NULL;
  umz_store_dup_jv (app->store, name, &jv, &error);
  g_assert_no_error (error);
  g_assert_nonnull (jv);
  return jv;
}

static UmzMonjv
read_jv (UmzApp *app, const char *name)
{
  UmzMonjv monjv;
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzJobVariable) jv = dup_jv (app, name);
  umz_monjv_read ((const char *) jv->value, &monjv, &error);
  g_assert_no_error (error);
  return monjv;
}

static const UmzMoveRecord move = { .id = (char *) "m-1",
                                    .name = (char *) "VM12PROD",
                                    .index = 12,
                                    .peer = (char *) "ABGSE701",
                                    .monjv = (char *) "MON.A",
                                    .begun_us = 1000 * G_USEC_PER_SEC };

/* ---- job variables ---- */

static void
test_status (void)
{
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  UmzApp *app = site->here.app;
  umz_monitor_hear_status (&move, UMZ_MONJV_RUNNING, "", app);
  g_autoptr (UmzJobVariable) running = dup_jv (app, "MON.A");
  g_assert_cmpstr (running->monitor, ==, "m-1");
  umz_monitor_hear_status (&move, UMZ_MONJV_ABORTED, "VMS2425", app);
  UmzMonjv monjv = read_jv (app, "MON.A");
  g_assert_cmpint (monjv.state, ==, UMZ_MONJV_ABORTED);
  g_assert_cmpstr (monjv.vm_name, ==, "VM12PROD");
  g_assert_cmpuint (monjv.vm_index, ==, 12);
  g_assert_cmpstr (monjv.source_su, ==, "ABGSE501");
  g_assert_cmpstr (monjv.target_su, ==, "ABGSE701");
  g_assert_cmpstr (monjv.cause_code, ==, "VMS2425");
  g_assert_cmpint (monjv.begin_utc_s, ==, 1000);
  g_autoptr (UmzJobVariable) ended = dup_jv (app, "MON.A");
  g_assert_null (ended->monitor);
}

static void
test_no_monjv (void)
{
  UmzMoveRecord unwatched = move;
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  unwatched.monjv = NULL;
  umz_monitor_hear_status (&unwatched, UMZ_MONJV_RUNNING, "", site->here.app);
  g_autoptr (GPtrArray) jvs = umz_store_list_jvs (site->here.app->store, NULL);
  g_assert_cmpuint (jvs->len, ==, 0);
}

static void
test_can_use (void)
{
  static const struct {
    const char *name, *password;
    int refusal; /* UmzMessageId; -1: none */
  } rows[] = {
    { "NEW", NULL, -1 },
    { "NEW", "key", -1 },
    { "OPEN", NULL, -1 },
    { "LOCKED", "key", -1 },
    { "LOCKED", NULL, UMZ_MSG_UMZ0031 },
    { "LOCKED", "KEY", UMZ_MSG_UMZ0031 },
    { "BUSY", NULL, UMZ_MSG_UMZ0032 },
  };
  static const struct {
    const char *name, *password, *monitor;
  } jvs[] = { { "OPEN" }, { "LOCKED", "key" }, { "BUSY", NULL, "m-1" } };
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (jvs); i++) {
    g_autoptr (UmzJobVariable) jv = umz_job_variable_new (jvs[i].name);
    jv->password = g_strdup (jvs[i].password);
    jv->monitor = g_strdup (jvs[i].monitor);
    g_assert_true (umz_store_put_jv (site->here.app->store, jv, NULL));
  }
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    bool can = umz_monitor_can_use (site->here.app, rows[i].name, rows[i].password, &error);
    g_assert_cmpint (can, ==, rows[i].refusal < 0);
    if (!can)
      g_assert_error (error, UMZ_ERROR, rows[i].refusal);
  }
}

/* A rejection does not write over what monitors a move. */
static void
test_reject (void)
{
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  UmzApp *app = site->here.app;
  umz_monitor_reject (app, "MON.B", 0, "NOSUCH", "", "VMS4000");
  g_assert_cmpint (read_jv (app, "MON.B").state, ==, UMZ_MONJV_REJECTED);
  umz_monitor_hear_status (&move, UMZ_MONJV_RUNNING, "", app);
  umz_monitor_reject (app, "MON.A", 12, "VM12PROD", "ABGSE701", "VMS3042");
  g_assert_cmpint (read_jv (app, "MON.A").state, ==, UMZ_MONJV_RUNNING);
}

/* ---- the console ---- */

static void
test_console (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzNotice) notice = umz_notice_new (UMZ_MSG_VMS3050, "(2,VM)", NULL);
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  UmzApp *app = site->here.app;
  const UmzLine line = { .su = "ABGSE701", .notice = notice, .move_id = "m-1", .time_us = 7 };
  umz_monitor_echo (app, "SHUTDOWN-VM 2");
  umz_monitor_say (app, umz_notice_new (UMZ_MSG_VMS4024, "(2,VM)", NULL));
  umz_monitor_hear_line (&line, app);
  g_autoptr (GPtrArray) log = umz_store_list_console (app->store, 0, NULL, 10, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (log->len, ==, 3);
  const UmzConsoleLine *echo = log->pdata[0], *said = log->pdata[1], *heard = log->pdata[2];
  g_assert_cmpstr (echo->code, ==, "");
  g_assert_cmpstr (echo->inserts[0], ==, "SHUTDOWN-VM 2");
  g_assert_cmpstr (said->code, ==, "VMS4024");
  g_assert_cmpstr (said->su, ==, "ABGSE501");
  g_assert_cmpstr (heard->code, ==, "VMS3050");
  g_assert_cmpstr (heard->su, ==, "ABGSE701");
  g_assert_cmpstr (heard->move, ==, "m-1");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/monitor/writes-how-a-move-stands", test_status);
  g_test_add_func ("/monitor/writes-nothing-that-nobody-asked-for", test_no_monjv);
  g_test_add_func ("/monitor/uses-what-is-free-and-known", test_can_use);
  g_test_add_func ("/monitor/rejects-beside-a-move-that-runs", test_reject);
  g_test_add_func ("/monitor/keeps-what-the-console-says", test_console);
  return g_test_run ();
}

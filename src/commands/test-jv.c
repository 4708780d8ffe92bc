/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-jv.c: job variables, and WAIT-EVENT, which waits for them. */
#include "commands/test-desk.h"

#include "store/job-variables.h"

static void
play (const UmzTestStep *steps, size_t n_steps)
{
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  umz_test_desk_play (site, steps, n_steps);
}

static void
test_life (void)
{
  static const UmzTestStep steps[] = {
    { "SHOW-JV-ATTRIBUTES", .hides = "JV.A" },
    { "CREATE-JV JV.A" },
    { "CREATE-JV jv.a", .said = "UMZ0035", .end = "0 64 UMZ0035" },
    { "SHOW-JV-ATTRIBUTES", .shows = " 256  NO        NO       JV.A" },
    { "SHOW-JV-ATTRIBUTES JV.*", .shows = "JV.A" },
    { "SHOW-JV-ATTRIBUTES X*", .hides = "JV.A" },
    { "SHOW-JV-ATTRIBUTES JV.B", .said = "UMZ0030", .end = "0 64 UMZ0030" },
    { "DELETE-JV JV.A" },
    { "DELETE-JV JV.A", .said = "UMZ0030", .end = "0 64 UMZ0030" },
    { "SHOW-JV JV.A", .said = "UMZ0030", .end = "0 64 UMZ0030" },
    { "MODIFY-JV JV.A,'x'", .said = "UMZ0030", .end = "0 64 UMZ0030" },
  };
  play (steps, G_N_ELEMENTS (steps));
}

static void
test_value (void)
{
  static const UmzTestStep steps[] = {
    { "CREATE-JV A" },
    { "MODIFY-JV A,'hello world'" },
    { "SHOW-JV A", .shows = "%hello world" },
    { "SHOW-JV *SUBSTRING(A,7)", .shows = "%world" },
    { "SHOW-JV *SUBSTRING(A,7,2)", .shows = "%wo", .hides = "wor" },
    { "MODIFY-JV *SUBSTRING(A,1,5),'bye'" },
    { "SHOW-JV A", .shows = "%bye   world" },
    { "MODIFY-JV *SUBSTRING(A,256,9),'x'" },
    { "MODIFY-JV *SUBSTRING(A,1,2),'three'", .said = "UMZ0036", .end = "0 64 UMZ0036" },
    { "MODIFY-JV A,X'441'" },
    { "SHOW-JV A", .shows = "%.A" }, /* 04 41 */
    { "MODIFY-JV A,''" },
    { "SHOW-JV A", .shows = "%" },
  };
  play (steps, G_N_ELEMENTS (steps));
}

static void
test_password (void)
{
  static const UmzTestStep steps[] = {
    { "CREATE-JV A,*PARAMETERS('key')" },
    { "SHOW-JV-ATTRIBUTES A", .shows = "YES       NO" },
    { "MODIFY-JV A,'x'", .said = "UMZ0031", .end = "0 64 UMZ0031" },
    { "MODIFY-JV A,'x',JV-PASSWORD='KEY'", .said = "UMZ0031", .end = "0 64 UMZ0031" },
    { "MODIFY-JV A,'x',JV-PASSWORD='key'" },
    { "SHOW-JV A", .shows = "%x" },
    { "DELETE-JV A", .said = "UMZ0031", .end = "0 64 UMZ0031" },
    { "MIGRATE-VM 2,MONJV=A", .said = "UMZ0031", .end = "0 64 UMZ0031" },
    { "DELETE-JV A,'key'" },
    { "CREATE-JV A,*PARAMETERS(*NONE)" },
    { "MODIFY-JV A,'x'" },
  };
  play (steps, G_N_ELEMENTS (steps));
}

/* What a move writes nobody else writes. */
static void
test_monitor (void)
{
  static const UmzTestStep steps[] = {
    { "SHOW-JV-ATTRIBUTES A", .shows = "NO        YES" },
    { "MODIFY-JV A,'x'", .said = "UMZ0037", .end = "0 64 UMZ0037" },
    { "MODIFY-JV *SUBSTRING(A,129),'mine'" },
    { "SHOW-JV *SUBSTRING(A,129)", .shows = "%mine" },
    { "DELETE-JV A", .said = "UMZ0032", .end = "0 64 UMZ0032" },
    { "MIGRATE-VM 2,MONJV=A", .said = "UMZ0032", .end = "0 64 UMZ0032" },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  g_autoptr (UmzJobVariable) jv = umz_job_variable_new ("A");
  jv->monitor = g_strdup ("m-1");
  umz_store_put_jv (site->here.app->store, jv, &error);
  g_assert_no_error (error);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
}

/* ---- WAIT-EVENT ---- */

#define WAIT(more) "WAIT-EVENT UNTIL=*JV(CONDITION=((A,1,1)='T')" more ")"

static UmzTestAnswer *
wait_again (UmzApp *app, const char *command, const UmzTestAnswer *before)
{
  UmzReply *reply = umz_reply_new (app, "TSOS", UMZ_LANG_EN);
  reply->resume = before->resume;
  return umz_test_desk_give_by (reply, command);
}

static void
give (UmzApp *app, const char *command)
{
  g_autoptr (UmzTestAnswer) answer = umz_test_desk_give (app, command);
  g_assert_cmpstr (answer->end, ==, "0 0 CMD0001");
}

static void
test_wait (void)
{
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  UmzApp *app = site->here.app;
  give (app, "CREATE-JV A");
  g_autoptr (UmzTestAnswer) first = umz_test_desk_give (app, WAIT (""));
  g_assert_cmpuint (first->again_ms, >, 0);
  g_autoptr (UmzTestAnswer) second = wait_again (app, WAIT (""), first);
  g_assert_cmpuint (second->again_ms, >, 0);
  g_assert_cmpstr (second->resume, ==, first->resume);
  give (app, "MODIFY-JV A,'T'");
  g_autoptr (UmzTestAnswer) third = wait_again (app, WAIT (""), second);
  g_assert_cmpuint (third->again_ms, ==, 0);
  g_assert_cmpstr (third->end, ==, "0 0 CMD0001");
}

/* True from the beginning does not count: it has to become true by a change. */
static void
test_wait_for_change (void)
{
  static const char command[] = WAIT (",CHECK-CURRENT-VALUE=*NO");
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  UmzApp *app = site->here.app;
  give (app, "CREATE-JV A");
  give (app, "MODIFY-JV A,'T'");
  g_autoptr (UmzTestAnswer) first = umz_test_desk_give (app, command);
  g_assert_cmpuint (first->again_ms, >, 0);
  g_autoptr (UmzTestAnswer) second = wait_again (app, command, first);
  g_assert_cmpuint (second->again_ms, >, 0);
  give (app, "MODIFY-JV A,'T2'");
  g_autoptr (UmzTestAnswer) third = wait_again (app, command, second);
  g_assert_cmpuint (third->again_ms, ==, 0);
}

/* The time is over when what was remembered says so. */
static void
test_wait_in_vain (void)
{
  static const UmzTestAnswer long_ago = { .resume = (char *) "1:0" };
  static const UmzTestStep steps[] = {
    { WAIT (""), .said = "UMZ0030", .end = "0 64 UMZ0030" },
    { "WAIT-EVENT UNTIL=*JV(CONDITION=((A,1,1)))", .said = "UMZ0038", .end = "0 1 CMD0202" },
  };
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  umz_test_desk_play (site, steps, G_N_ELEMENTS (steps));
  give (site->here.app, "CREATE-JV A");
  g_autoptr (UmzTestAnswer) answer =
    wait_again (site->here.app, WAIT (",TIME-LIMIT=10"), &long_ago);
  g_assert_cmpstr (answer->said, ==, "UMZ0039");
  g_autoptr (UmzTestAnswer) begun = umz_test_desk_give (site->here.app, WAIT (",TIME-LIMIT=10"));
  g_assert_cmpuint (begun->again_ms, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jv/is-there-from-create-to-delete", test_life);
  g_test_add_func ("/jv/has-a-value-that-can-be-changed-in-parts", test_value);
  g_test_add_func ("/jv/is-changed-by-who-knows-its-password", test_password);
  g_test_add_func ("/jv/belongs-to-the-move-that-it-monitors", test_monitor);
  g_test_add_func ("/wait-event/ends-when-its-condition-is-true", test_wait);
  g_test_add_func ("/wait-event/ends-when-a-job-variable-has-changed", test_wait_for_change);
  g_test_add_func ("/wait-event/ends-in-vain-when-its-time-is-over", test_wait_in_vain);
  return g_test_run ();
}

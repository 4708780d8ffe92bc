/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/console-log.h"
#include "store/history.h"
#include "store/test-fixture.h"

#include <string.h>

static UmzMoveRecord *
make_record (const char *id, const char *uuid, int64_t begun_us)
{
  UmzMoveRecord *r = umz_store_move_record_new ();
  r->id = g_strdup (id);
  r->side = UMZ_SIDE_SOURCE;
  r->state = UMZ_STATE_GONE;
  r->uuid = g_strdup (uuid);
  r->name = g_strdup ("VM12PROD");
  r->peer = g_strdup ("ABGSE701");
  r->definition = g_strdup ("<domain/>");
  r->begun_us = begun_us;
  r->vm_state = UMZ_VM_STATE_RUNNING;
  return r;
}

static void
test_outcomes (UmzStoreFixture *f, const void *unused)
{
  const char *ids[] = { "m1", "m2", "m3" };
  UmzTransferFigures transfer;
  memset (&transfer, 0, sizeof transfer); /* with what lies between its members */
  transfer.is_coded = transfer.has_mirror = true;
  transfer.link_bytes = 300;
  transfer.guest_bytes = 301;
  transfer.same_pages = 302;
  transfer.delta_pages = 303;
  transfer.fresh_pages = 304;
  transfer.zero_pages = 305;
  transfer.cpu_us = 306;
  for (size_t i = 0; i < G_N_ELEMENTS (ids); i++) {
    g_autoptr (UmzMoveRecord) move = make_record (ids[i], "u", (int64_t) i);
    g_assert_true (umz_store_journal (f->store, move, "RUNS", NULL));
    UmzExpectation expected = { 307, 308, 309 };
    UmzOutcome outcome = { .move = move,
                           .status = "$AE",
                           .cause = "VMS2425",
                           .ended_us = 1000,
                           .stopped_us = 200,
                           .copy_us = 250,
                           .transfer = transfer,
                           .expected = expected };
    if (i == 1)
      g_assert_true (umz_store_put_outcome (f->store, &outcome, NULL));
  }
  g_autoptr (GPtrArray) outcomes = umz_store_list_outcomes (f->store, 2, NULL);
  g_assert_cmpuint (outcomes->len, ==, 2);
  const UmzOutcome *second = outcomes->pdata[0], *third = outcomes->pdata[1];
  g_assert_cmpstr (second->move->id, ==, "m2");
  g_assert_cmpstr (second->status, ==, "$AE");
  g_assert_cmpstr (second->cause, ==, "VMS2425");
  g_assert_cmpint (second->stopped_us, ==, 200);
  g_assert_cmpmem (&second->transfer, sizeof transfer, &transfer, sizeof transfer);
  g_assert_cmpint (second->copy_us, ==, 250);
  g_assert_cmpint (second->expected.total_us, ==, 307);
  g_assert_cmpint (second->expected.stop_us, ==, 308);
  g_assert_cmpuint (second->expected.link_bytes, ==, 309);
  g_assert_cmpstr (third->move->id, ==, "m3");
  g_assert_cmpstr (third->status, ==, "");
}

/* How many there are. */
static unsigned
count_moves (UmzStoreFixture *f)
{
  g_autoptr (GPtrArray) outcomes = umz_store_list_outcomes (f->store, 1000, NULL);
  return outcomes->len;
}

static void
journal_closed (UmzStoreFixture *f, const char *id, const char *uuid, int64_t begun_us)
{
  g_autoptr (UmzMoveRecord) move = make_record (id, uuid, begun_us);
  UmzOutcome outcome = { .move = move, .status = "$T", .cause = "" };
  g_assert_true (umz_store_put_outcome (f->store, &outcome, NULL));
  g_assert_true (umz_store_journal (f->store, move, "RUNS", NULL));
  move->is_closed = true;
  g_assert_true (umz_store_journal (f->store, move, "CLOSE", NULL));
}

static void
tidy (UmzStoreFixture *f, uint64_t n_moves, uint64_t n_lines, int64_t age_us)
{
  g_autoptr (GError) error = NULL;
  UmzStoreLimits limits = { n_moves, n_lines, age_us };
  umz_store_tidy (f->store, &limits, &error);
  g_assert_no_error (error);
}

static bool
is_known (UmzStoreFixture *f, const char *id)
{
  g_autoptr (UmzMoveRecord) record = NULL;
  g_assert_true (umz_store_dup_move (f->store, id, &record, NULL));
  return record != NULL;
}

/* It is found before, after, and only once. */
static void
test_filed_away (UmzStoreFixture *f, const void *unused)
{
  g_autoptr (UmzMoveRecord) open = make_record ("m1", "u", 1);
  g_assert_true (umz_store_journal (f->store, open, "BEGIN", NULL));
  journal_closed (f, "m2", "u", 2);
  for (int i = 0; i < 3; i++) {
    g_autoptr (UmzMoveRecord) back = NULL;
    g_autoptr (GPtrArray) outcomes = umz_store_list_outcomes (f->store, 9, NULL);
    g_assert_cmpuint (outcomes->len, ==, 2);
    g_assert_cmpstr (((UmzOutcome *) outcomes->pdata[1])->status, ==, "$T");
    g_assert_true (umz_store_dup_move (f->store, "m2", &back, NULL));
    g_assert_true (back->is_closed);
    g_assert_cmpint (back->state, ==, UMZ_STATE_GONE);
    tidy (f, 0, 0, 0);
  }
  g_autoptr (GPtrArray) still_open = umz_store_list_open_moves (f->store, NULL);
  g_assert_cmpuint (still_open->len, ==, 1);
  g_assert_cmpstr (((UmzMoveRecord *) still_open->pdata[0])->definition, ==, "<domain/>");
}

/* The other SU may still ask how the last one ended. */
static void
test_last_of_a_vm_is_kept (UmzStoreFixture *f, const void *unused)
{
  journal_closed (f, "m1", "other", 1);
  journal_closed (f, "m2", "u", 2);
  journal_closed (f, "m3", "u", 3);
  journal_closed (f, "m4", "u", 4);
  tidy (f, 2, 0, 0);
  g_assert_true (is_known (f, "m1"));
  g_assert_false (is_known (f, "m2"));
  g_assert_true (is_known (f, "m3") && is_known (f, "m4"));
  tidy (f, 0, 0, 1); /* all of them are older */
  g_assert_true (is_known (f, "m1") && is_known (f, "m4"));
  g_assert_false (is_known (f, "m3"));
}

/* More than one piece of it. */
static void
test_much_is_forgotten (UmzStoreFixture *f, const void *unused)
{
  const char *inserts[] = { "", NULL };
  for (int i = 0; i < 250; i++) {
    g_autofree char *id = g_strdup_printf ("m%d", i);
    g_autoptr (UmzConsoleLine) line =
      umz_console_line_new ("ABGSE501", "VMS4005", inserts, "", g_get_real_time ());
    journal_closed (f, id, "u", i);
    g_assert_true (umz_store_append_console (f->store, line, NULL));
  }
  tidy (f, 0, 0, G_TIME_SPAN_DAY);
  g_assert_cmpuint (count_moves (f), ==, 1); /* they are of 1970 */
  g_autoptr (GPtrArray) all = umz_store_list_console (f->store, 0, NULL, 1000, NULL);
  g_assert_cmpuint (all->len, ==, 250);
  tidy (f, 1, 10, G_TIME_SPAN_DAY);
  g_autoptr (GPtrArray) rest = umz_store_list_console (f->store, 0, NULL, 1000, NULL);
  g_assert_cmpuint (rest->len, ==, 10);
  g_assert_cmpuint (((UmzConsoleLine *) rest->pdata[9])->number, ==, 250);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define TEST(path, function)                                                   \
  g_test_add (path, UmzStoreFixture, NULL, umz_store_fixture_set_up, function, \
              umz_store_fixture_tear_down)
  TEST ("/records/the-newest-moves-are-listed-with-their-outcome", test_outcomes);
  TEST ("/records/a-closed-move-is-filed-away-and-found", test_filed_away);
  TEST ("/records/the-last-move-of-a-vm-is-kept", test_last_of_a_vm_is_kept);
  TEST ("/records/what-is-beyond-the-limits-is-forgotten", test_much_is_forgotten);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/store.h"

#include <glib/gstdio.h>
#include <string.h>

#include "messages/catalogue.h"

#define MIB (UINT64_C (1) << 20)

typedef struct {
  char *folder;
  char *path;
  UmzStore *store;
} Fixture;

static void
set_up (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  f->folder = g_dir_make_tmp ("umzug-store-XXXXXX", &error);
  g_assert_no_error (error);
  f->path = g_build_filename (f->folder, "umzug.db", NULL);
  f->store = umz_store_open (f->path, &error);
  g_assert_no_error (error);
}

static void
open_again (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  umz_store_close (f->store);
  f->store = umz_store_open (f->path, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, const void *unused)
{
  umz_store_close (f->store);
  g_remove (f->path);
  g_rmdir (f->folder);
  g_free (f->path);
  g_free (f->folder);
}

static void
test_index (Fixture *f, const void *unused)
{
  unsigned index = 0;
  g_autoptr (GError) error = NULL;
  g_assert_true (umz_store_set_index (f->store, "u-12", 2, NULL));
  g_assert_true (umz_store_get_index (f->store, "u-a", 3, &index, NULL));
  g_assert_cmpuint (index, ==, 3);
  open_again (f);
  g_assert_true (umz_store_get_index (f->store, "u-a", 3, &index, NULL));
  g_assert_cmpuint (index, ==, 3);
  g_assert_false (umz_store_get_index (f->store, "u-b", 3, &index, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0110);
  g_clear_error (&error);
  g_assert_false (umz_store_set_index (f->store, "u-b", 2, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_VMS4012);
  g_autofree char *uuid = umz_store_dup_uuid (f->store, 2, NULL);
  g_assert_cmpstr (uuid, ==, "u-12");
  g_assert_true (umz_store_forget_index (f->store, "u-12", NULL));
  g_assert_null (umz_store_dup_uuid (f->store, 2, NULL));
}

static void
test_epoch (Fixture *f, const void *unused)
{
  uint64_t epoch = 0;
  g_assert_true (umz_store_new_epoch (f->store, "u", &epoch, NULL));
  g_assert_cmpuint (epoch, ==, 1);
  g_assert_true (umz_store_see_epoch (f->store, "u", 7, NULL));
  g_assert_false (umz_store_see_epoch (f->store, "u", 3, NULL));
  g_assert_false (umz_store_see_epoch (f->store, "u", 7, NULL));
  open_again (f);
  g_assert_true (umz_store_new_epoch (f->store, "u", &epoch, NULL));
  g_assert_cmpuint (epoch, ==, 8);
}

static UmzMoveRecord *
make_record (const char *id, const char *state)
{
  UmzMoveRecord *r = umz_move_record_new ();
  r->id = g_strdup (id);
  r->side = g_strdup ("source");
  r->state = g_strdup (state);
  r->uuid = g_strdup ("u");
  r->name = g_strdup ("VM12PROD");
  r->peer = g_strdup ("ABGSE701");
  r->index = 12;
  r->epoch = 4;
  r->qemu_pid = 4711;
  r->qemu_start = 99;
  r->begun_us = 5;
  return r;
}

static void
test_journal (Fixture *f, const void *unused)
{
  g_autoptr (UmzMoveRecord) one = make_record ("m1", "COPYING");
  g_autoptr (UmzMoveRecord) two = make_record ("m2", "RUNS");
  two->is_closed = true;
  g_assert_true (umz_store_journal (f->store, one, "BEGIN", NULL));
  g_assert_true (umz_store_journal (f->store, two, "CLEAN", NULL));
  g_free (one->state);
  one->state = g_strdup ("COMMITTED");
  g_assert_true (umz_store_journal (f->store, one, "HELD", NULL));
  open_again (f);
  g_autoptr (GPtrArray) open = umz_store_list_open_moves (f->store, NULL);
  g_assert_cmpuint (open->len, ==, 1);
  g_autoptr (UmzMoveRecord) back = umz_store_dup_move (f->store, "m1", NULL);
  g_assert_cmpstr (back->state, ==, "COMMITTED");
  g_assert_cmpuint (back->epoch, ==, 4);
  g_assert_cmpint (back->qemu_pid, ==, 4711);
  g_assert_cmpint (back->begun_us, ==, 5);
  g_assert_null (back->monjv);
  g_assert_null (umz_store_dup_move (f->store, "m3", NULL));
}

static void
test_jv (Fixture *f, const void *unused)
{
  g_autoptr (UmzJobVariable) jv = umz_job_variable_new ("MONJV");
  memset (jv->value, 'x', 4);
  jv->password = g_strdup ("pw");
  jv->monitor = g_strdup ("m1");
  g_assert_null (umz_store_dup_jv (f->store, "MONJV", NULL));
  g_assert_true (umz_store_put_jv (f->store, jv, NULL));
  open_again (f);
  g_autoptr (UmzJobVariable) back = umz_store_dup_jv (f->store, "MONJV", NULL);
  g_assert_cmpmem (back->value, sizeof back->value, jv->value, sizeof jv->value);
  g_assert_cmpstr (back->password, ==, "pw");
  g_assert_cmpstr (back->monitor, ==, "m1");
}

static void
test_jv_list (Fixture *f, const void *unused)
{
  g_autoptr (UmzJobVariable) b = umz_job_variable_new ("B");
  g_autoptr (UmzJobVariable) a = umz_job_variable_new ("A");
  g_assert_true (umz_store_put_jv (f->store, b, NULL) && umz_store_put_jv (f->store, a, NULL));
  g_autoptr (GPtrArray) both = umz_store_list_jvs (f->store, NULL);
  g_assert_cmpuint (both->len, ==, 2);
  g_assert_cmpstr (((UmzJobVariable *) both->pdata[0])->name, ==, "A");
  g_assert_true (umz_store_delete_jv (f->store, "A", NULL));
  g_assert_true (umz_store_delete_jv (f->store, "A", NULL));
  g_autoptr (GPtrArray) rest = umz_store_list_jvs (f->store, NULL);
  g_assert_cmpuint (rest->len, ==, 1);
}

static void
test_console (Fixture *f, const void *unused)
{
  for (int i = 0; i < 5; i++) {
    const char *inserts[] = { "(12,VM12PROD)", "", NULL };
    g_autoptr (UmzConsoleLine) line = umz_console_line_new ("ABGSE501", "VMS4005", inserts,
                                                            i % 2 ? "m1" : "", i);
    g_assert_true (umz_store_append_console (f->store, line, NULL));
    g_assert_cmpuint (line->number, ==, i + 1);
  }
  g_autoptr (GPtrArray) newest = umz_store_list_console (f->store, 0, NULL, 2, NULL);
  g_assert_cmpuint (newest->len, ==, 2);
  g_assert_cmpuint (((UmzConsoleLine *) newest->pdata[0])->number, ==, 4);
  g_autoptr (GPtrArray) of_move = umz_store_list_console (f->store, 2, "m1", 9, NULL);
  g_assert_cmpuint (of_move->len, ==, 1);
  UmzConsoleLine *line = of_move->pdata[0];
  g_assert_cmpuint (g_strv_length (line->inserts), ==, 2);
  g_assert_cmpstr (line->inserts[0], ==, "(12,VM12PROD)");
}

static void
test_session (Fixture *f, const void *unused)
{
  unsigned session = 0;
  g_assert_true (umz_store_begin_session (f->store, &session, NULL));
  g_assert_cmpuint (session, ==, 1);
  for (int i = 0; i < 999; i++)
    g_assert_true (umz_store_begin_session (f->store, &session, NULL));
  g_assert_cmpuint (session, ==, 1);
}

static void
test_room (Fixture *f, const void *unused)
{
  static const struct {
    uint64_t free_bytes;
    const char *expected; /* reason, NULL: there is room */
  } rows[] = {
    { 64 * MIB, NULL },
    { 64 * MIB - 1, "UMZ0115,/x,63" },
    { MIB - 1, "UMZ0115,/x,0" },
    { 0, "UMZ0115,/x,0" },
    { UINT64_MAX, NULL },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    bool is_enough = umz_store_is_room_enough ("/x", rows[i].free_bytes, &error);
    g_assert_true (is_enough == (rows[i].expected == NULL));
    g_autoptr (UmzNotice) notice = error != NULL ? umz_error_to_notice (error) : NULL;
    g_autofree char *reason = notice != NULL ? umz_notice_reason (notice) : NULL;
    g_assert_cmpstr (reason, ==, rows[i].expected);
  }
}

/* How much room the host of this test has is not known, only that it can be asked. */
static void
test_room_is_asked_of_the_folder (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (umz_store_has_room (f->store, &error) ||
                 g_error_matches (error, UMZ_ERROR, UMZ_MSG_UMZ0115));
  g_assert_true (error == NULL || strstr (error->message, f->folder) != NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  TEST ("/store/an-index-is-kept-and-never-given-twice", test_index);
  TEST ("/store/epochs-only-grow", test_epoch);
  TEST ("/store/a-journaled-state-is-there-after-reopening", test_journal);
  TEST ("/store/a-job-variable-keeps-value-password-and-monitor", test_jv);
  TEST ("/store/job-variables-are-listed-and-deleted", test_jv_list);
  TEST ("/store/console-lines-are-numbered-and-listed-in-order", test_console);
  TEST ("/store/a-move-needs-64-mib-of-room", test_room);
  TEST ("/store/room-is-looked-for-where-the-file-is", test_room_is_asked_of_the_folder);
  TEST ("/store/sessions-count-to-999-and-round-again", test_session);
  return g_test_run ();
}

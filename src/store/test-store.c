/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/console-log.h"
#include "store/free-devices.h"
#include "store/job-variables.h"
#include "store/history.h"
#include "store/partners.h"
#include "store/test-disk.h"
#include "store/test-fixture.h"
#include "store/vms.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "messages/catalogue.h"

#define MIB (UINT64_C (1) << 20)

static void
assert_owner (UmzStoreFixture *f, unsigned index, const char *expected)
{
  g_autofree char *uuid = NULL;
  g_assert_true (umz_store_dup_uuid (f->store, index, &uuid, NULL));
  g_assert_cmpstr (uuid, ==, expected);
}

static void
test_index (UmzStoreFixture *f, const void *unused)
{
  unsigned index = 0;
  g_autoptr (GError) error = NULL;
  g_assert_true (umz_store_set_index (f->store, "u-12", 2, NULL));
  g_assert_true (umz_store_get_index (f->store, "u-a", 3, &index, NULL));
  g_assert_cmpuint (index, ==, 3);
  umz_store_fixture_open_again (f);
  g_assert_true (umz_store_get_index (f->store, "u-a", 3, &index, NULL));
  g_assert_cmpuint (index, ==, 3);
  g_assert_false (umz_store_get_index (f->store, "u-b", 3, &index, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0110);
  g_clear_error (&error);
  g_assert_false (umz_store_set_index (f->store, "u-b", 2, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_VMS4012);
  assert_owner (f, 2, "u-12");
  g_assert_true (umz_store_forget_vm (f->store, "u-12", NULL));
  assert_owner (f, 2, NULL);
}

static UmzVmRecord
get_vm (UmzStoreFixture *f, const char *uuid)
{
  g_autoptr (GError) error = NULL;
  UmzVmRecord record = { 77, true, UMZ_LIFE_RAN, true, 77 };
  g_assert_true (umz_store_get_vm (f->store, uuid, &record, &error));
  g_assert_no_error (error);
  return record;
}

static void
test_life (UmzStoreFixture *f, const void *unused)
{
  g_assert_cmpuint (get_vm (f, "u").index, ==, 0);
  g_assert_cmpint (get_vm (f, "u").life, ==, UMZ_LIFE_NONE);
  g_assert_true (umz_store_set_life (f->store, "u", UMZ_LIFE_INIT_ONLY, NULL));
  g_assert_true (umz_store_set_index (f->store, "u", 5, NULL));
  g_assert_cmpint (get_vm (f, "u").life, ==, UMZ_LIFE_INIT_ONLY);
  g_assert_true (umz_store_see_boot (f->store, "boot-1", NULL));
  g_assert_true (umz_store_set_life (f->store, "u", UMZ_LIFE_RAN, NULL));
  g_assert_true (umz_store_see_boot (f->store, "boot-1", NULL));
  g_assert_cmpint (get_vm (f, "u").life, ==, UMZ_LIFE_RAN);
  g_assert_true (umz_store_see_boot (f->store, "boot-2", NULL));
  g_assert_cmpint (get_vm (f, "u").life, ==, UMZ_LIFE_NONE);
  g_assert_cmpuint (get_vm (f, "u").index, ==, 5);
}

static void
test_must_run (UmzStoreFixture *f, const void *unused)
{
  g_assert_true (umz_store_note_must_run (f->store, "u", NULL));
  g_assert_true (get_vm (f, "u").must_run);
  g_assert_true (umz_store_note_has_run (f->store, "u", NULL));
  g_assert_false (get_vm (f, "u").must_run);
  g_assert_true (umz_store_note_must_run (f->store, "u", NULL));
  g_assert_true (umz_store_forget_vm (f->store, "u", NULL));
  g_assert_false (get_vm (f, "u").must_run);
}

static void
test_fixed_index (UmzStoreFixture *f, const void *unused)
{
  g_assert_true (umz_store_set_index (f->store, "any", 5, NULL));
  g_assert_true (umz_store_fix_index (f->store, "fixed", 6, NULL));
  g_assert_false (umz_store_fix_index (f->store, "other", 6, NULL));
  for (int i = 0; i < 2; i++)
    g_assert_true (
      umz_store_delete_vm (f->store, i == 0 ? "any" : "fixed", NULL));
  g_assert_cmpuint (get_vm (f, "any").index, ==, 0);
  g_assert_cmpuint (get_vm (f, "fixed").index, ==, 6);
  g_assert_true (get_vm (f, "fixed").is_index_fixed);
  g_assert_cmpint (get_vm (f, "fixed").life, ==, UMZ_LIFE_DELETED);
  g_assert_true (umz_store_fix_index (f->store, "fixed", 0, NULL));
  g_assert_false (get_vm (f, "fixed").is_index_fixed);
  g_assert_cmpuint (get_vm (f, "fixed").index, ==, 0);
  g_assert_true (umz_store_fix_index (f->store, "fixed", 6, NULL));
  g_assert_true (umz_store_forget_vm (f->store, "fixed", NULL));
  g_assert_cmpuint (get_vm (f, "fixed").index, ==, 0);
}

static void
test_device (UmzStoreFixture *f, const void *unused)
{
  g_assert_true (umz_store_put_device (f->store, "FAA6", "file:/6", "<disk/>", NULL));
  g_assert_true (umz_store_put_device (f->store, "FAA5", "file:/5", "<disk a='1'/>", NULL));
  umz_store_fixture_open_again (f);
  g_autoptr (GPtrArray) devices = umz_store_list_devices (f->store, NULL);
  g_assert_cmpuint (devices->len, ==, 2);
  g_assert_cmpstr (((UmzFreeDevice *) devices->pdata[0])->mn, ==, "FAA5");
  g_assert_cmpstr (((UmzFreeDevice *) devices->pdata[1])->xml, ==, "<disk/>");
  g_assert_true (umz_store_delete_device (f->store, "FAA5", NULL));
  g_autoptr (GPtrArray) rest = umz_store_list_devices (f->store, NULL);
  g_assert_cmpuint (rest->len, ==, 1);
}

/* Changes the file behind the store's back. */
static void
run_sql (UmzStoreFixture *f, const char *sql)
{
  int status = -1;
  umz_store_close (g_steal_pointer (&f->store));
  static const char program[] =
    "import sqlite3, sys; sqlite3.connect (sys.argv[1]).executescript (sys.argv[2])";
  const char *argv[] = { "python3", "-c", program, f->path, sql, NULL };
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
}

static UmzMoveRecord *make_record (const char *id, UmzState state);

/* NULL if there is none. */
static UmzMoveRecord *
find_move (UmzStoreFixture *f, const char *id)
{
  UmzMoveRecord *record = NULL;
  g_assert_true (umz_store_dup_move (f->store, id, &record, NULL));
  return record;
}

/* As an older umzugd has left it: see the folder `stores`. */
static void
make_old_store (UmzStoreFixture *f, const char *version)
{
  g_autofree char *name = g_strconcat (version, ".sql", NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "stores", name, NULL);
  g_autofree char *sql = NULL;
  umz_store_close (g_steal_pointer (&f->store));
  g_assert_cmpint (g_remove (f->path), ==, 0);
  g_assert_true (g_file_get_contents (path, &sql, NULL, NULL));
  run_sql (f, sql);
}

/* A store as version 1 left it: without what later versions have added. */
static void
test_upgrade (UmzStoreFixture *f, const void *unused)
{
  make_old_store (f, "version-1");
  umz_store_fixture_open_again (f);
  g_assert_cmpuint (get_vm (f, "u").index, ==, 12);
  g_assert_true (umz_store_set_life (f->store, "u", UMZ_LIFE_RAN, NULL));
}

static void
check_steps (UmzStoreFixture *f, const char *move, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = umz_store_list_steps (f->store, move, &error);
  g_autoptr (GString) text = g_string_new (NULL);
  g_assert_no_error (error);
  for (guint i = 0; i < entries->len; i++) {
    const UmzLedgerEntry *entry = entries->pdata[i];
    g_string_append_printf (text, "%s=%s ", entry->step, entry->detail);
  }
  g_assert_cmpstr (text->str, ==, expected);
}

/* What moves of version 2 did stands in no ledger. */
static void
test_upgrade_of_open_moves (UmzStoreFixture *f, const void *unused)
{
  make_old_store (f, "version-2");
  umz_store_fixture_open_again (f);
  check_steps (f, "m1", "GUEST= FENCE= ");
  check_steps (f, "m2", "DOMAIN= INDEX= FENCE= ");
  check_steps (f, "m3", "");
  g_autoptr (UmzMoveRecord) back = find_move (f, "m1");
  g_assert_cmpint (back->vm_state, ==, UMZ_VM_STATE_RUNNING);
}

/* Version 6 had one file for all. */
static void
check_version_6 (UmzStoreFixture *f)
{
  unsigned session;
  int64_t heard_us;
  g_autoptr (UmzMoveRecord) open = find_move (f, "m1"), closed = find_move (f, "m2");
  g_autoptr (GPtrArray) outcomes = umz_store_list_outcomes (f->store, 9, NULL);
  g_autoptr (GPtrArray) lines = umz_store_list_console (f->store, 0, "m2", 9, NULL);
  g_autoptr (GPtrArray) devices = umz_store_list_devices (f->store, NULL);
  g_autoptr (GPtrArray) definitions = umz_store_list_definitions (f->store, "ABGSE701", NULL);
  g_autoptr (GPtrArray) takeovers =
    umz_store_list_takeovers (f->store, UMZ_TAKEOVER_TAKEN, NULL);
  g_autoptr (UmzJobVariable) jv = NULL;
  g_assert_cmpstr (open->definition, ==, "<domain/>");
  g_assert_cmpint (closed->state, ==, UMZ_STATE_GONE);
  g_assert_cmpuint (outcomes->len, ==, 2);
  g_assert_cmpstr (((UmzOutcome *) outcomes->pdata[0])->status, ==, "$T");
  g_assert_cmpuint (lines->len, ==, 1);
  g_assert_cmpuint (((UmzConsoleLine *) lines->pdata[0])->number, ==, 41);
  g_assert_cmpuint (devices->len, ==, 1);
  g_assert_cmpuint (definitions->len, ==, 1);
  g_assert_cmpuint (takeovers->len, ==, 1);
  g_assert_true (umz_store_get_heard (f->store, "ABGSE701", &heard_us, NULL));
  g_assert_cmpint (heard_us, ==, 9);
  g_assert_true (umz_store_dup_jv (f->store, "MONJV", &jv, NULL));
  g_assert_cmpstr (jv->password, ==, "pw");
  check_steps (f, "m1", "FENCE= ");
  g_assert_true (umz_store_begin_session (f->store, &session, NULL));
  g_assert_cmpuint (session, ==, 8);
}

/* Also if the host crashes when the records have their part, and the journal still has it, too. */
static void
test_upgrade_to_two_files (UmzStoreFixture *f, const void *unused)
{
  const char *inserts[] = { "", NULL };
  g_autoptr (UmzConsoleLine) line = umz_console_line_new ("ABGSE501", "VMS4005", inserts, "", 6);
  for (int i = 0; i < 2; i++) {
    make_old_store (f, "version-6");
    umz_store_fixture_open_again (f);
    check_version_6 (f);
  }
  g_assert_true (umz_store_append_console (f->store, line, NULL));
  g_assert_cmpuint (line->number, ==, 42);
}

static void
test_ledger (UmzStoreFixture *f, const void *unused)
{
  g_autoptr (UmzMoveRecord) move = make_record ("m1", UMZ_STATE_COPYING);
  g_assert_true (umz_store_note_step (f->store, "m1", "FENCE", "", NULL));
  g_assert_true (umz_store_note_step (f->store, "m2", "FENCE", "", NULL));
  g_assert_true (umz_store_note_step (f->store, "m1", "FOLDER", "/run/x", NULL));
  g_assert_true (umz_store_note_step (f->store, "m1", "GUEST", "", NULL));
  umz_store_fixture_open_again (f);
  check_steps (f, "m1", "GUEST= FOLDER=/run/x FENCE= ");
  g_autoptr (GPtrArray) entries = umz_store_list_steps (f->store, "m1", NULL);
  const UmzLedgerEntry *last = entries->pdata[0];
  g_assert_true (umz_store_strike_step (f->store, last->number, NULL));
  check_steps (f, "m1", "FOLDER=/run/x FENCE= ");
  move->is_closed = true;
  g_assert_true (umz_store_journal (f->store, move, "CLOSE", NULL));
  check_steps (f, "m1", "");
  check_steps (f, "m2", "FENCE= ");
}

static unsigned
get_mode (const char *path, const char *suffix)
{
  struct stat st;
  g_autofree char *name = g_strconcat (path, suffix, NULL);
  g_assert_cmpint (stat (name, &st), ==, 0);
  return st.st_mode & 0777;
}

static const char *const suffixes[] = { "", "-wal", "-shm" };

static void
check_modes (const char *path)
{
  for (size_t i = 0; i < G_N_ELEMENTS (suffixes); i++)
    g_assert_cmphex (get_mode (path, suffixes[i]), ==, 0600);
}

/* Passwords stand in all of them.  One that was read by everybody before is so no more. */
static void
test_private (UmzStoreFixture *f, const void *unused)
{
  const char *paths[] = { f->path, f->records_path };
  g_assert_true (umz_store_set_index (f->store, "u", 12, NULL));
  for (size_t k = 0; k < G_N_ELEMENTS (paths); k++) {
    check_modes (paths[k]);
    for (size_t i = 0; i < G_N_ELEMENTS (suffixes); i++) {
      g_autofree char *name = g_strconcat (paths[k], suffixes[i], NULL);
      g_assert_cmpint (chmod (name, 0644), ==, 0);
    }
  }
  g_autoptr (UmzStore) next =
    umz_store_open (f->folder, NULL); /* the first has not ended cleanly */
  g_assert_nonnull (next);
  for (size_t k = 0; k < G_N_ELEMENTS (paths); k++)
    check_modes (paths[k]);
}

/* Nothing that is written may make a file longer than it is now. */
static void
fill_disk (const char *path, struct rlimit *ret_before)
{
  struct stat st;
  g_autofree char *wal = g_strconcat (path, "-wal", NULL);
  g_assert_cmpint (stat (wal, &st), ==, 0);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, ret_before), ==, 0);
  struct rlimit full = { (rlim_t) st.st_size, ret_before->rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &full), ==, 0);
}

/* A number that was given once is never given again, though the disk could not keep it. */
static void
test_numbers_on_full_disk (UmzStoreFixture *f, const void *unused)
{
  uint64_t epoch = 0;
  unsigned session = 0;
  struct rlimit before;
  g_assert_true (umz_store_new_epoch (f->store, "u", &epoch, NULL));
  (void) signal (SIGXFSZ, SIG_IGN);
  fill_disk (f->path, &before);
  g_autoptr (GError) error = NULL;
  g_assert_false (umz_store_new_epoch (f->store, "u", &epoch, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0300);
  g_assert_false (umz_store_begin_session (f->store, &session, NULL));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_cmpuint (epoch, ==, 1);
  g_assert_true (umz_store_new_epoch (f->store, "u", &epoch, NULL));
  g_assert_cmpuint (epoch, ==, 2);
  umz_store_fixture_open_again (f);
  g_assert_true (umz_store_new_epoch (f->store, "u", &epoch, NULL));
  g_assert_cmpuint (epoch, ==, 3);
}

static void
limit_files (rlim_t bytes, struct rlimit *ret_before)
{
  (void) signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, ret_before), ==, 0);
  struct rlimit full = { bytes, ret_before->rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &full), ==, 0);
}

static rlim_t
get_longest (const char *path)
{
  rlim_t longest = 0;
  for (size_t i = 0; i < 2; i++) {
    struct stat st;
    g_autofree char *name = g_strconcat (path, suffixes[i], NULL);
    g_assert_cmpint (stat (name, &st), ==, 0);
    longest = MAX (longest, (rlim_t) st.st_size);
  }
  return longest;
}

/* Ten moves, with their definitions, from their begin to their end. */
static void
journal_ten (UmzStoreFixture *f, const char *round)
{
  static const UmzState states[] = { UMZ_STATE_COPYING, UMZ_STATE_COMMITTED, UMZ_STATE_GONE };
  g_autofree char *definition = g_strnfill (20000, 'x');
  for (int i = 0; i < 10; i++)
    for (size_t k = 0; k < G_N_ELEMENTS (states); k++) {
      g_autoptr (GError) error = NULL;
      g_autofree char *id = g_strdup_printf ("%s-%d", round, i);
      g_autoptr (UmzMoveRecord) record = make_record (id, states[k]);
      record->definition = g_strdup (definition);
      umz_store_journal (f->store, record, "STEP", &error);
      g_assert_no_error (error);
      g_assert_true (umz_store_note_step (f->store, id, "FENCE", "x", NULL));
    }
}

/* The file system is full; what has begun goes on, and is there after a restart. */
static void
test_kept_room (UmzStoreFixture *f, const void *unused)
{
  struct rlimit before;
  g_autoptr (GError) error = NULL;
  g_assert_true (umz_store_has_room (f->store, &error));
  limit_files (get_longest (f->path), &before);
  journal_ten (f, "first");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  umz_store_fixture_open_again (f);
  g_autoptr (UmzMoveRecord) back = find_move (f, "first-9");
  g_assert_cmpint (back->state, ==, UMZ_STATE_GONE);
  g_assert_true (umz_store_has_room (f->store, &error)); /* for the next ones */
  limit_files (get_longest (f->path), &before);
  journal_ten (f, "second");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
}

/* A write now and then shows that a disk has become unwritable. */
static void
test_tries (UmzStoreFixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  umz_test_disk_fail (f->path, 1, EROFS);
  g_assert_false (umz_store_try_write (f->store, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0300);
  g_assert_true (umz_test_disk_has_failed ());
  umz_test_disk_heal ();
  g_assert_true (umz_store_try_write (f->store, NULL));
}

static void
test_newer (UmzStoreFixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  run_sql (f, "PRAGMA user_version=99");
  g_assert_null (umz_store_open (f->folder, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0300);
}

/* It is the newest one, but says that it is the first: what would be added is there. */
static void
test_failing_upgrade (UmzStoreFixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (umz_store_set_index (f->store, "u", 12, NULL));
  run_sql (f, "PRAGMA user_version=1");
  g_assert_null (umz_store_open (f->folder, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0300);
  run_sql (f, "PRAGMA user_version=8");
  umz_store_fixture_open_again (f);
  g_assert_cmpuint (get_vm (f, "u").index, ==, 12);
}

/* Version 7 did not know of a copy whether it had been held. */
static void
test_upgrade_to_held (UmzStoreFixture *f, const void *unused)
{
  g_autoptr (UmzMoveRecord) record = make_record ("m1", UMZ_STATE_COMMITTED);
  record->is_held = record->has_said_last = true;
  g_assert_true (umz_store_journal (f->store, record, "LAST", NULL));
  g_autoptr (UmzMoveRecord) newer = find_move (f, "m1");
  g_assert_true (newer->is_held && newer->has_said_last);
  run_sql (f, "ALTER TABLE move DROP COLUMN is_held; ALTER TABLE move DROP COLUMN has_said_last;"
              "PRAGMA user_version=7");
  umz_store_fixture_open_again (f);
  g_autoptr (UmzMoveRecord) older = find_move (f, "m1");
  g_assert_cmpint (older->state, ==, UMZ_STATE_COMMITTED);
  g_assert_false (older->is_held || older->has_said_last);
}

static void
test_epoch (UmzStoreFixture *f, const void *unused)
{
  uint64_t epoch = 0;
  g_assert_true (umz_store_new_epoch (f->store, "u", &epoch, NULL));
  g_assert_cmpuint (epoch, ==, 1);
  g_assert_true (umz_store_see_epoch (f->store, "u", 7, NULL));
  g_assert_false (umz_store_see_epoch (f->store, "u", 3, NULL));
  g_autoptr (GError) old = NULL;
  g_assert_false (umz_store_see_epoch (f->store, "u", 7, &old));
  g_assert_error (old, UMZ_ERROR, UMZ_MSG_UMZ0247);
  umz_store_fixture_open_again (f);
  g_assert_true (umz_store_new_epoch (f->store, "u", &epoch, NULL));
  g_assert_cmpuint (epoch, ==, 8);
  g_assert_true (umz_store_raise_epoch (f->store, "u", 1, NULL));
  g_assert_true (umz_store_raise_epoch (f->store, "u-2", 8, NULL));
  g_assert_cmpuint (get_vm (f, "u").epoch, ==, 8);
  g_assert_cmpuint (get_vm (f, "u-2").epoch, ==, 8);
}

static UmzMoveRecord *
make_record (const char *id, UmzState state)
{
  UmzMoveRecord *r = umz_store_move_record_new ();
  r->id = g_strdup (id);
  r->side = UMZ_SIDE_SOURCE;
  r->state = state;
  r->uuid = g_strdup ("u");
  r->name = g_strdup ("VM12PROD");
  r->peer = g_strdup ("ABGSE701");
  r->index = 12;
  r->epoch = 4;
  r->qemu_pid = 4711;
  r->qemu_start = 99;
  r->begun_us = 5;
  r->vm_state = UMZ_VM_STATE_IN_HOLD;
  return r;
}

static void
test_journal (UmzStoreFixture *f, const void *unused)
{
  g_autoptr (UmzMoveRecord) one = make_record ("m1", UMZ_STATE_COPYING);
  g_autoptr (UmzMoveRecord) two = make_record ("m2", UMZ_STATE_RUNS);
  two->is_closed = true;
  g_assert_true (umz_store_journal (f->store, one, "BEGIN", NULL));
  g_assert_true (umz_store_journal (f->store, two, "CLEAN", NULL));
  one->state = UMZ_STATE_COMMITTED;
  one->decision = g_strdup ("*THAW");
  g_assert_true (umz_store_journal (f->store, one, "HELD", NULL));
  umz_store_fixture_open_again (f);
  g_autoptr (GPtrArray) open = umz_store_list_open_moves (f->store, NULL);
  g_assert_cmpuint (open->len, ==, 1);
  g_autoptr (UmzMoveRecord) back = find_move (f, "m1");
  g_assert_cmpint (back->state, ==, UMZ_STATE_COMMITTED);
  g_assert_cmpuint (back->epoch, ==, 4);
  g_assert_cmpint (back->qemu_pid, ==, 4711);
  g_assert_cmpint (back->begun_us, ==, 5);
  g_assert_cmpint (back->vm_state, ==, UMZ_VM_STATE_IN_HOLD);
  g_assert_cmpstr (back->decision, ==, "*THAW");
  g_assert_null (back->monjv);
  g_assert_null (find_move (f, "m3"));
}

/* As a hand has changed it, or a version that did not say that it is newer. */
static void
test_unknown_state (UmzStoreFixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzMoveRecord) one = make_record ("m1", UMZ_STATE_COPYING);
  g_assert_true (umz_store_journal (f->store, one, "BEGIN", NULL));
  run_sql (f, "UPDATE move SET state = 'FLYING'");
  umz_store_fixture_open_again (f);
  UmzMoveRecord *back = NULL;
  g_assert_false (umz_store_dup_move (f->store, "m1", &back, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0300);
  g_assert_null (back);
  g_assert_null (umz_store_list_open_moves (f->store, NULL));
}

static void
test_jv (UmzStoreFixture *f, const void *unused)
{
  g_autoptr (UmzJobVariable) jv = umz_job_variable_new ("MONJV");
  memset (jv->value, 'x', 4);
  jv->password = g_strdup ("pw");
  jv->monitor = g_strdup ("m1");
  g_autoptr (UmzJobVariable) back = NULL;
  g_assert_true (umz_store_dup_jv (f->store, "MONJV", &back, NULL));
  g_assert_null (back);
  g_assert_true (umz_store_put_jv (f->store, jv, NULL));
  umz_store_fixture_open_again (f);
  g_assert_true (umz_store_dup_jv (f->store, "MONJV", &back, NULL));
  g_assert_cmpmem (back->value, sizeof back->value, jv->value, sizeof jv->value);
  g_assert_cmpstr (back->password, ==, "pw");
  g_assert_cmpstr (back->monitor, ==, "m1");
}

static void
test_jv_list (UmzStoreFixture *f, const void *unused)
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
test_console (UmzStoreFixture *f, const void *unused)
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
test_session (UmzStoreFixture *f, const void *unused)
{
  unsigned session = 0;
  g_assert_true (umz_store_begin_session (f->store, &session, NULL));
  g_assert_cmpuint (session, ==, 1);
  for (int i = 0; i < 999; i++)
    g_assert_true (umz_store_begin_session (f->store, &session, NULL));
  g_assert_cmpuint (session, ==, 1);
}

static void
test_room (UmzStoreFixture *f, const void *unused)
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
test_room_is_asked_of_the_folder (UmzStoreFixture *f, const void *unused)
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
#define TEST(name, function)                                                   \
  g_test_add (name, UmzStoreFixture, NULL, umz_store_fixture_set_up, function, \
              umz_store_fixture_tear_down)
  TEST ("/store/an-index-is-kept-and-never-given-twice", test_index);
  TEST ("/store/a-vm-s-life-lasts-until-the-su-boots", test_life);
  TEST ("/store/a-vm-that-is-gone-need-not-run", test_must_run);
  TEST ("/store/an-index-that-was-fixed-outlives-the-vm", test_fixed_index);
  TEST ("/store/a-device-that-no-vm-has-is-kept", test_device);
  TEST ("/store/a-store-of-version-1-is-upgraded", test_upgrade);
  TEST ("/store/open-moves-of-version-2-get-their-ledger", test_upgrade_of_open_moves);
  TEST ("/store/a-store-of-one-file-becomes-one-of-two", test_upgrade_to_two_files);
  TEST ("/store/what-a-move-has-changed-is-listed-backwards", test_ledger);
  TEST ("/store/a-store-of-a-newer-version-is-left-alone", test_newer);
  TEST ("/store/an-upgrade-is-done-as-a-whole-or-not-at-all", test_failing_upgrade);
  TEST ("/store/a-copy-of-version-7-was-never-held", test_upgrade_to_held);
  TEST ("/store/moves-that-have-begun-find-room-on-a-full-disk", test_kept_room);
  TEST ("/store/a-disk-is-tried", test_tries);
  TEST ("/store/epochs-only-grow", test_epoch);
  TEST ("/store/a-journaled-state-is-there-after-reopening", test_journal);
  TEST ("/store/a-move-in-a-state-that-nobody-knows-is-not-read", test_unknown_state);
  TEST ("/store/a-job-variable-keeps-value-password-and-monitor", test_jv);
  TEST ("/store/job-variables-are-listed-and-deleted", test_jv_list);
  TEST ("/store/console-lines-are-numbered-and-listed-in-order", test_console);
  TEST ("/store/all-its-files-are-private", test_private);
  TEST ("/store/a-full-disk-gives-no-numbers", test_numbers_on_full_disk);
  TEST ("/store/a-move-needs-64-mib-of-room", test_room);
  TEST ("/store/room-is-looked-for-where-the-file-is", test_room_is_asked_of_the_folder);
  TEST ("/store/sessions-count-to-999-and-round-again", test_session);
  return g_test_run ();
}

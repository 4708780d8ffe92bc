/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/ledger.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/streams.h"
#include "engine/undo.h"
#include "host/fence.h"
#include "store/vms.h"

#define UUID "8a5f0c1e-6f4c-4a66-9a6a-27d1f0f0a001"

typedef struct {
  char *folder;
  UmzConfig config;
  UmzMeans means;
  UmzMove *move;
  GString *said; /* codes of the lines */
} Fixture;

static void
hear_line (const UmzLine *line, void *data)
{
  Fixture *f = data;
  g_string_append_printf (f->said, "%s ", umz_message_code (umz_notice_get_id (line->notice)));
}

static void
set_up (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  f->folder = g_dir_make_tmp ("umzug-ledger-XXXXXX", &error);
  g_assert_no_error (error);
  f->said = g_string_new (NULL);
  f->config = (UmzConfig){ .su_name = (char *) "ABGSE701",
                           .fence_dir = g_build_filename (f->folder, "fence", NULL),
                           .migration_dir = g_build_filename (f->folder, "move", NULL) };
  f->means = (UmzMeans){ .config = &f->config,
                         .store = umz_store_open (f->folder, &error),
                         .hypervisor = umz_hypervisor_new ("test:///default", f->folder),
                         .listener = { .line = hear_line },
                         .listener_data = f };
  g_assert_no_error (error);
  UmzVm *vm = umz_vm_new ();
  vm->uuid = g_strdup (UUID);
  vm->name = g_strdup ("VM12PROD");
  vm->index = 12;
  UmzMoveRecord *record = umz_move_make_record (UMZ_SIDE_TARGET, vm, "ABGSE501");
  record->id = g_uuid_string_random ();
  f->move = umz_move_new (&f->means, UMZ_SIDE_TARGET, record, vm);
}

static void
tear_down (Fixture *f, const void *unused)
{
  umz_move_unref (f->move);
  umz_hypervisor_free (f->means.hypervisor);
  umz_store_close (f->means.store);
  g_autofree char *command = g_strdup_printf ("rm -r %s", f->folder);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_string_free (f->said, TRUE);
  g_free (f->config.fence_dir);
  g_free (f->config.migration_dir);
  g_free (f->folder);
}

static char *
make_file (Fixture *f, const char *name, unsigned mode)
{
  char *path = g_build_filename (f->folder, name, NULL);
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_cmpint (g_chmod (path, (int) mode), ==, 0);
  return path;
}

static unsigned
get_mode (const char *path)
{
  struct stat st;
  g_assert_cmpint (stat (path, &st), ==, 0);
  return st.st_mode & 07777u;
}

static void
take_back (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (umz_undo_take_back (f->move, &error));
  g_assert_no_error (error);
}

static void
test_all (Fixture *f, const void *unused)
{
  g_autofree char *disk = make_file (f, "disk", 0640), *nvram = make_file (f, "nvram", 0600);
  g_autofree char *fence = g_build_filename (f->config.fence_dir, UUID, NULL);
  g_assert_true (umz_ledger_note (f->move, UMZ_STEP_FENCE, "", NULL));
  g_assert_true (umz_fence_raise (f->config.fence_dir, UUID, UMZ_SIDE_TARGET, "moves", NULL));
  g_assert_true (umz_ledger_note (f->move, UMZ_STEP_INDEX, "", NULL));
  g_assert_true (umz_store_set_index (f->means.store, UUID, 12, NULL));
  g_assert_true (umz_ledger_note (f->move, UMZ_STEP_FOLDER, "", NULL));
  g_assert_true (umz_streams_make_folder (f->move, NULL));
  g_assert_true (umz_ledger_note_owner (f->move, disk, NULL));
  g_assert_cmpint (g_chmod (disk, 0777), ==, 0);
  g_assert_true (umz_ledger_note (f->move, UMZ_STEP_FILE, nvram, NULL));
  take_back (f);
  g_assert_cmphex (get_mode (disk), ==, 0640);
  g_assert_false (g_file_test (nvram, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (f->move->folder, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (fence, G_FILE_TEST_EXISTS));
  g_autofree char *uuid = NULL;
  g_assert_true (umz_store_dup_uuid (f->means.store, 12, &uuid, NULL));
  g_assert_null (uuid);
  g_autoptr (GPtrArray) left =
    umz_store_list_steps (f->means.store, f->move->record->id, NULL);
  g_assert_cmpuint (left->len, ==, 0);
}

/* What was noted, and a crash came before it was done. */
static void
test_never_made (Fixture *f, const void *unused)
{
  g_autofree char *path = g_build_filename (f->folder, "never", NULL);
  const UmzStep noted[] = { UMZ_STEP_FENCE, UMZ_STEP_INDEX, UMZ_STEP_FOLDER };
  for (size_t i = 0; i < G_N_ELEMENTS (noted); i++)
    g_assert_true (umz_ledger_note (f->move, noted[i], "", NULL));
  g_assert_true (umz_ledger_note (f->move, UMZ_STEP_FILE, path, NULL));
  g_assert_true (umz_ledger_note_owner (f->move, path, NULL));
  take_back (f);
  take_back (f);
  g_assert_cmpstr (f->said->str, ==, "");
}

/* A folder where the file should be cannot be unlinked. */
static void
test_in_order (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *first = make_file (f, "first", 0600), *last = make_file (f, "last", 0600);
  g_autofree char *stuck = g_build_filename (f->folder, "stuck", NULL);
  g_assert_cmpint (g_mkdir (stuck, 0700), ==, 0);
  const char *paths[] = { first, stuck, last };
  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++)
    g_assert_true (umz_ledger_note (f->move, UMZ_STEP_FILE, paths[i], NULL));
  g_assert_false (umz_undo_take_back (f->move, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0043);
  g_assert_false (g_file_test (last, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (first, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_rmdir (stuck), ==, 0);
  take_back (f);
  g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
}

/* Here because what is a file cannot be a folder. */
static void
test_owner_stays (Fixture *f, const void *unused)
{
  g_autofree char *file = make_file (f, "file", 0600);
  g_autofree char *detail = g_strdup_printf ("0:0:600:1:%s/disk", file);
  g_assert_true (umz_ledger_note (f->move, UMZ_STEP_OWNER, detail, NULL));
  take_back (f);
  g_assert_cmpstr (f->said->str, ==, "UMZ0200 ");
}

/* Whoever owns the folder of a disk could give its name to any file of this host. */
static void
test_another_file (Fixture *f, const void *unused)
{
  g_autofree char *disk = make_file (f, "disk", 0640), *secret = make_file (f, "secret", 0600);
  g_assert_true (umz_ledger_note_owner (f->move, disk, NULL));
  g_assert_cmpint (g_unlink (disk), ==, 0);
  g_assert_cmpint (symlink (secret, disk), ==, 0);
  take_back (f);
  g_assert_cmphex (get_mode (secret), ==, 0600);
  g_assert_cmpstr (f->said->str, ==, "UMZ0200 ");
}

/* A way to the disk that has always been a symbolic link is one. */
static void
test_link (Fixture *f, const void *unused)
{
  g_autofree char *disk = make_file (f, "disk", 0640);
  g_autofree char *way = g_build_filename (f->folder, "way", NULL);
  g_assert_cmpint (symlink (disk, way), ==, 0);
  g_assert_true (umz_ledger_note_owner (f->move, way, NULL));
  g_assert_cmpint (g_chmod (disk, 0777), ==, 0);
  take_back (f);
  g_assert_cmphex (get_mode (disk), ==, 0640);
  g_assert_cmpstr (f->said->str, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  TEST ("/ledger/everything-is-as-it-was", test_all);
  TEST ("/ledger/a-step-that-was-never-made-is-taken-back-too", test_never_made);
  TEST ("/ledger/what-is-stuck-keeps-what-came-before-it", test_in_order);
  TEST ("/ledger/an-owner-that-cannot-be-restored-is-told", test_owner_stays);
  TEST ("/ledger/another-file-is-left-alone", test_another_file);
  TEST ("/ledger/a-link-is-followed-to-the-same-file", test_link);
  return g_test_run ();
}

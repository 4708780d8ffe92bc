/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-history.c: what is kept, and what is not. */
#include "console/history.h"

#include <glib/gstdio.h>

static void
secrets_are_not_kept (void)
{
  static const struct {
    const char *command;
    UmzKeep keep;
  } cases[] = {
    { "MIGRATE-VM 12,ABGSE701,MONJV.A", UMZ_KEEP_IN_FILE },
    { "MIGRATE-VM 12,ABGSE701,MONJV.A,'geh'", UMZ_KEEP_NOT },
    { "MIGRATE-VM 12,ABGSE701,MONJV.A,1234", UMZ_KEEP_NOT },
    { "MIGRATE-VM 12,JV-P=C'geh'", UMZ_KEEP_NOT },
    { "MIGRATE-VM 12,JV-P=X'00'", UMZ_KEEP_NOT },
    { "MIGRATE-VM 12,JV-P='geh", UMZ_KEEP_NOT },
    { "MIGRATE-VM JV-P='geh',(", UMZ_KEEP_NOT },
    { "MIGRATE-VM 12,JV-P=*NONE", UMZ_KEEP_IN_FILE },
    { "MIGRATE-VM 12,JV-P=", UMZ_KEEP_IN_FILE },
    { "CREATE-JV A,*PARAMETERS(WRITE-PASSWORD='geh')", UMZ_KEEP_NOT },
    { "CREATE-JV A,*PARAMETERS('geh')", UMZ_KEEP_NOT },
    { "CREATE-JV A,WRITE-P='geh'", UMZ_KEEP_NOT },
    { "CREATE-JV A", UMZ_KEEP_IN_FILE },
    { "MIGRATE-VM 12,JV-PASWORD='geh'", UMZ_KEEP_HERE },
    { "MIGRATE-VM 12 'geh'", UMZ_KEEP_HERE },
    { "MIGRATE-VM (", UMZ_KEEP_HERE },
    { "MIGRATE-VM 1,2,3,*NONE,5,6,*STD,*STD,9", UMZ_KEEP_HERE },
    { "MIGRAT-VMS 12,JV-PASSWORD='geh'", UMZ_KEEP_HERE },
    { "SHOW-VM-ATTRIBUTES (", UMZ_KEEP_IN_FILE }, /* it has no secrets */
    { "SHOW-VM-ATTRIBUTES COLOUR=RED", UMZ_KEEP_IN_FILE },
    { "LANGUAGE D", UMZ_KEEP_IN_FILE },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_test_message ("%s", cases[i].command);
    g_assert_cmpint (umz_history_judge (cases[i].command), ==, cases[i].keep);
  }
}

typedef struct {
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->folder = g_dir_make_tmp ("test-history-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "a", "history", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *inner = g_path_get_dirname (fixture->path);
  (void) g_unlink (fixture->path);
  (void) g_rmdir (inner);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static void
lines_come_back (Fixture *fixture, gconstpointer unused)
{
  GStatBuf status;
  g_auto (GStrv) none = umz_history_load (fixture->path);
  g_assert_cmpuint (g_strv_length (none), ==, 0);
  g_assert_true (umz_history_append (fixture->path, "MIGRATE-VM 12"));
  g_assert_true (umz_history_append (fixture->path, "SHOW-JV A"));
  g_auto (GStrv) lines = umz_history_load (fixture->path);
  g_assert_cmpuint (g_strv_length (lines), ==, 2);
  g_assert_cmpstr (lines[0], ==, "MIGRATE-VM 12");
  g_assert_cmpstr (lines[1], ==, "SHOW-JV A");
  g_assert_cmpint (g_stat (fixture->path, &status), ==, 0);
  g_assert_cmphex (status.st_mode & 0777, ==, 0600);
}

static void
a_long_file_is_cut (Fixture *fixture, gconstpointer unused)
{
  for (unsigned i = 0; i < 2 * UMZ_HISTORY_LINES_MAX + 1; i++) {
    g_autofree char *line = g_strdup_printf ("%u", i);
    g_assert_true (umz_history_append (fixture->path, line));
  }
  for (unsigned round = 0; round < 2; round++) {
    g_auto (GStrv) lines = umz_history_load (fixture->path);
    g_assert_cmpuint (g_strv_length (lines), ==, UMZ_HISTORY_LINES_MAX);
    g_assert_cmpstr (lines[UMZ_HISTORY_LINES_MAX - 1], ==, "2000");
  }
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  g_assert_true (g_str_has_prefix (text, "1001\n"));
}

static void
where_none_can_be_written_there_is_none (Fixture *fixture, gconstpointer unused)
{
  g_assert_true (umz_history_append (fixture->path, "A"));
  g_autofree char *below = g_build_filename (fixture->path, "history", NULL);
  g_assert_false (umz_history_append (below, "B"));
  g_auto (GStrv) lines = umz_history_load (below);
  g_assert_cmpuint (g_strv_length (lines), ==, 0);
}

#define ADD(path, function) \
  g_test_add ("/history/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/secrets-are-not-kept", secrets_are_not_kept);
  ADD ("lines-come-back", lines_come_back);
  ADD ("a-long-file-is-cut", a_long_file_is_cut);
  ADD ("where-none-can-be-written-there-is-none", where_none_can_be_written_there_is_none);
  return g_test_run ();
}

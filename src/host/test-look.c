/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/look.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static UmzUser myself;

static void
test_file (void)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("umzug-look-XXXXXX", &path, NULL);
  g_assert_cmpint (ftruncate (fd, 4097), ==, 0);
  close (fd);
  UmzLook look = umz_look_at (path);
  g_assert_cmpint (look.error, ==, 0);
  g_assert_cmpint (look.open_error, ==, 0);
  g_assert_true (S_ISREG (look.stat.st_mode));
  g_assert_cmpuint (look.bytes, ==, 4097);
  g_assert_cmpuint (look.file_system, !=, 0);
  g_assert_cmpint (umz_look_open (path, O_RDWR, &myself), ==, 0);
  g_remove (path);
  g_assert_cmpint (umz_look_at (path).error, ==, ENOENT);
  g_assert_cmpint (umz_look_open (path, O_RDWR, &myself), ==, ENOENT);
}

/* They would hang, or do something, if they were opened. */
static void
test_others (void)
{
  g_autofree char *folder = g_dir_make_tmp ("umzug-look-XXXXXX", NULL);
  g_autofree char *fifo = g_build_filename (folder, "fifo", NULL);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_cmpint (umz_look_at (fifo).error, ==, 0);
  g_assert_cmpint (umz_look_open (fifo, O_RDWR, &myself), ==, EINVAL);
  g_assert_cmpint (umz_look_open (folder, O_RDONLY, &myself), ==, EINVAL);
  g_assert_cmpint (umz_look_open ("/dev/null", O_RDONLY, &myself), ==, EINVAL);
  g_remove (fifo);
  g_rmdir (folder);
}

/* ---- a server of files that is gone ---- */

/* Whoever asks for a file in the folder waits until the descriptor is closed; -1: not here. */
static int
mount_silence (const char *folder)
{
  int fd = open ("/dev/fuse", O_RDWR | O_CLOEXEC);
  g_autofree char *options = g_strdup_printf ("fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
  if (fd >= 0 && mount ("fuse", folder, "fuse", 0, options) == 0)
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

static bool
has_child (void)
{
  char line[64] = "";
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/children", getpid ());
  FILE *file = fopen (path, "r");
  bool has = file != NULL && fgets (line, sizeof line, file) != NULL;
  if (file != NULL)
    (void) fclose (file);
  return has;
}

static void
test_silence (void)
{
  g_autofree char *folder = g_dir_make_tmp ("umzug-look-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "disk.img", NULL);
  g_autofree char *neighbour = g_build_filename (folder, "other.img", NULL);
  int fd = mount_silence (folder);
  if (fd < 0) {
    g_test_skip ("no FUSE here");
    g_rmdir (folder);
    return;
  }
  g_assert_cmpint (umz_look_at (path).error, ==, ETIMEDOUT);
  int64_t before_us = g_get_monotonic_time ();
  for (int i = 0; i < 100; i++)
    g_assert_cmpint (umz_look_open (neighbour, O_RDONLY, &myself), ==, ETIMEDOUT);
  g_test_message ("%" G_GINT64_FORMAT " us", g_get_monotonic_time () - before_us);
  g_assert_true (has_child ());
  g_assert_cmpint (umz_look_at ("/").error, ==, 0);
  close (fd); /* it is known again, and says no */
  while (umz_look_at (path).error == ETIMEDOUT)
    g_thread_yield ();
  g_assert_cmpint (umount2 (folder, MNT_DETACH), ==, 0);
  g_assert_cmpint (umz_look_at (path).error, ==, ENOENT);
  g_assert_false (has_child ());
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (umz_user_find (g_get_user_name (), "", &myself));
  g_test_add_func ("/look/at-files-and-what-is-none", test_file);
  g_test_add_func ("/look/opens-nothing-but-files-and-block-devices", test_others);
  g_test_add_func ("/look/comes-back-from-a-server-that-does-not", test_silence);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/test-disk.h"

#include <errno.h>
#include <glib.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

static struct {
  GMutex lock;
  char *path; /* owned; NULL: nothing is to fail */
  unsigned n_until_failure, n_writes;
  int error;
  bool has_failed;
} disk;

static bool
is_on_disk (int fd)
{
  char link[64], path[4096];
  g_snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink (link, path, sizeof path - 1);
  path[MAX (n, 0)] = '\0';
  return g_str_has_prefix (path, disk.path);
}

static bool
may_write (int fd)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&disk.lock);
  if (disk.path == NULL || !is_on_disk (fd))
    return true;
  disk.n_writes++;
  if (disk.n_writes < disk.n_until_failure)
    return true;
  disk.has_failed = true;
  errno = disk.error;
  return false;
}

static ssize_t
test_write (int fd, const void *bytes, size_t n)
{
  return may_write (fd) ? write (fd, bytes, n) : -1;
}

static ssize_t
test_pwrite (int fd, const void *bytes, size_t n, off_t offset)
{
  return may_write (fd) ? pwrite (fd, bytes, n, offset) : -1;
}

void
umz_test_disk_fail (const char *path, unsigned n, int error)
{
  sqlite3_vfs *vfs = sqlite3_vfs_find (NULL);
  (void) vfs->xSetSystemCall (vfs, "write", (sqlite3_syscall_ptr) test_write);
  (void) vfs->xSetSystemCall (vfs, "pwrite", (sqlite3_syscall_ptr) test_pwrite);
  (void) vfs->xSetSystemCall (vfs, "pwrite64", (sqlite3_syscall_ptr) test_pwrite);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&disk.lock);
  g_free (disk.path);
  disk.path = g_strdup (path);
  disk.n_until_failure = n;
  disk.n_writes = 0;
  disk.error = error;
  disk.has_failed = false;
}

bool
umz_test_disk_has_failed (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&disk.lock);
  return disk.has_failed;
}

void
umz_test_disk_heal (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&disk.lock);
  g_clear_pointer (&disk.path, g_free);
}

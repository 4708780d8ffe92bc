/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between fork and its end a child makes system calls only, for umzugd has threads. */
#include "host/look.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_MS 5000

typedef struct {
  const char *path;
  const UmzUser *user; /* NULL: as umzugd */
  int flags;           /* of open(), as that user */
  UmzLook *found;      /* in memory that both processes share */
} Task;

/* ---- in the child ---- */

/* The raw system calls: glibc's would tell threads that the child does not have. */
static bool
become (const UmzUser *user)
{
  return syscall (SYS_setgroups, (size_t) user->n_groups, user->groups) == 0 &&
         syscall (SYS_setresgid, user->gid, user->gid, user->gid) == 0 &&
         syscall (SYS_setresuid, user->uid, user->uid, user->uid) == 0;
}

static bool
can_be_opened (const struct stat *st)
{
  return S_ISREG (st->st_mode) || S_ISBLK (st->st_mode);
}

static void
look (const char *path, UmzLook *found)
{
  struct statfs fs;
  found->error = stat (path, &found->stat) == 0 ? 0 : errno;
  if (found->error != 0)
    return;
  found->file_system = statfs (path, &fs) == 0 ? (unsigned long) fs.f_type : 0;
  found->bytes = (uint64_t) found->stat.st_size;
  if (!S_ISBLK (found->stat.st_mode))
    return;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0 || ioctl (fd, BLKGETSIZE64, &found->bytes) != 0)
    found->open_error = errno;
}

static int
try_as (const Task *task)
{
  struct stat st;
  if (!become (task->user))
    return UMZ_LOOK_CANNOT_BECOME;
  if (stat (task->path, &st) != 0)
    return errno;
  if (!can_be_opened (&st))
    return EINVAL;
  int flags = task->flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  return open (task->path, flags) >= 0 ? 0 : errno;
}

/* It may outlive umzugd: nothing that umzugd has open may live on in it. */
G_GNUC_NORETURN static void
run (const Task *task)
{
  (void) syscall (SYS_close_range, 3u, ~0u, 0u); /* a kernel without it does without */
  if (task->user != NULL)
    task->found->error = try_as (task);
  else
    look (task->path, task->found);
  _exit (0);
}

/* ---- those that are left behind ---- */

typedef struct {
  pid_t pid;
  char *folder; /* owned */
} Left;

static struct {
  GMutex lock;
  GSList *all; /* owned; Left */
} left;

static void
free_left (Left *gone)
{
  g_free (gone->folder);
  g_free (gone);
}

/* The kernel has let some of them go meanwhile. */
static bool
hangs_in (const char *folder)
{
  bool hangs = false;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&left.lock);
  for (GSList *link = left.all, *next; link != NULL; link = next) {
    Left *one = link->data;
    next = link->next;
    if (waitpid (one->pid, NULL, WNOHANG) == 0) {
      hangs |= g_str_equal (one->folder, folder);
      continue;
    }
    free_left (one);
    left.all = g_slist_delete_link (left.all, link);
  }
  return hangs;
}

static void
leave (pid_t pid, const char *folder)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&left.lock);
  Left *one = g_new (Left, 1);
  *one = (Left){ .pid = pid, .folder = g_strdup (folder) };
  left.all = g_slist_prepend (left.all, one);
}

/* ---- in umzugd ---- */

/* False: it does not come back.  It is not killed, for it tells when the server is there again. */
static bool
await (pid_t child)
{
  int fd = pidfd_open (child, 0);
  struct pollfd wait = { .fd = fd, .events = POLLIN };
  bool has_ended = fd >= 0 && TEMP_FAILURE_RETRY (poll (&wait, 1, LIMIT_MS)) == 1;
  if (fd >= 0)
    close (fd);
  return waitpid (child, NULL, has_ended ? 0 : WNOHANG) == child;
}

static int
send_out (const Task *task)
{
  g_autofree char *folder = g_path_get_dirname (task->path);
  if (hangs_in (folder))
    return ETIMEDOUT;
  pid_t child = fork ();
  if (child < 0)
    return errno;
  if (child == 0)
    run (task);
  if (await (child))
    return 0;
  leave (child, folder);
  return ETIMEDOUT;
}

static UmzLook
find_out (Task *task)
{
  void *shared =
    mmap (NULL, sizeof (UmzLook), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED)
    return (UmzLook){ .error = errno };
  task->found = shared;
  task->found->error = EIO; /* of a child that ends before it has said anything */
  int error = send_out (task);
  UmzLook found = error == 0 ? *task->found : (UmzLook){ .error = error };
  (void) munmap (shared, sizeof (UmzLook)); /* it cannot fail */
  return found;
}

UmzLook
umz_look_at (const char *path)
{
  return find_out (&(Task){ .path = path });
}

int
umz_look_open (const char *path, int flags, const UmzUser *user)
{
  return find_out (&(Task){ .path = path, .flags = flags, .user = user }).error;
}

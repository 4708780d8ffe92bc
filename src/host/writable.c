/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* writable.c: whether QEMU's user can open a disk on this host.
 *
 * root can open what QEMU cannot, and a network file system asks its server: so a child process
 * becomes that user and tries.  Between fork and its end it makes system calls only, for umzugd has
 * threads.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/libvirt-conf.h"
#include "host/storage.h"
#include "host/user.h"
#include "messages/catalogue.h"

#define OPEN_MS       5000
#define CANNOT_BECOME 255 /* the child's status; otherwise it is errno of open() */

char *
umz_storage_dup_opener (const UmzLibvirtConf *qemu_conf, const char *source)
{
  bool does_chown = umz_libvirt_conf_get_number (qemu_conf, "dynamic_ownership", 1) != 0;
  if (does_chown && g_str_has_prefix (source, "block:"))
    return g_strdup ("root");
  return umz_user_dup_of_qemu (qemu_conf);
}

/* The raw system calls: glibc's would tell threads that the child does not have. */
static int
try_as (const UmzUser *user, const char *path, int flags)
{
  struct stat st;
  if (syscall (SYS_setgroups, (size_t) user->n_groups, user->groups) != 0 ||
      syscall (SYS_setresgid, user->gid, user->gid, user->gid) != 0 ||
      syscall (SYS_setresuid, user->uid, user->uid, user->uid) != 0)
    return CANNOT_BECOME;
  /* The path may come from another SU: what is neither file nor block device is not opened. */
  if (stat (path, &st) != 0)
    return errno;
  if (!S_ISREG (st.st_mode) && !S_ISBLK (st.st_mode))
    return EINVAL;
  return open (path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) >= 0 ? 0 : errno;
}

/* errno of the child's open(); ETIMEDOUT when the file system does not answer.  A child that hangs
 * in the kernel cannot be ended before the kernel lets it; it then stays a zombie of umzugd.
 */
static int
await (pid_t child)
{
  int status = 0;
  int fd = pidfd_open (child, 0);
  struct pollfd wait = { .fd = fd, .events = POLLIN };
  bool has_ended = fd >= 0 && poll (&wait, 1, OPEN_MS) == 1;
  if (!has_ended)
    (void) kill (child, SIGKILL); /* it is our child and not reaped: the number is its own */
  if (fd >= 0)
    close (fd);
  if (waitpid (child, &status, has_ended ? 0 : WNOHANG) != child || !WIFEXITED (status))
    return ETIMEDOUT;
  return WEXITSTATUS (status);
}

static int
open_as (const UmzUser *user, const char *path, int flags)
{
  pid_t child = fork ();
  if (child == 0)
    _exit (try_as (user, path, flags));
  return child > 0 ? await (child) : errno;
}

static bool
fail (const UmzDevice *disk, const char *user, const char *cause, GError **error)
{
  umz_set_error (error, UMZ_MSG_UMZ0151, disk->mn, user, cause, NULL);
  return false;
}

static bool
check_path (const UmzDevice *disk, const char *user, const char *group, GError **error)
{
  UmzUser found;
  const char *path = strchr (disk->source, ':') + 1;
  if (!umz_user_find (user, group, &found))
    return fail (disk, user, "there is no such user", error);
  int code = open_as (&found, path, disk->is_read_only ? O_RDONLY : O_RDWR);
  if (code == CANNOT_BECOME)
    return fail (disk, user, "umzugd may not become this user", error);
  return code == 0 || fail (disk, user, g_strerror (code), error);
}

static bool
check_export (const UmzDevice *disk, const char *user, GError **error)
{
  bool is_read_only = false;
  g_autoptr (GError) cause = NULL;
  if (!umz_storage_get_nbd_mode (disk->source, OPEN_MS, &is_read_only, &cause))
    return fail (disk, user, cause->message, error);
  return !is_read_only || disk->is_read_only ||
         fail (disk, user, "the NBD server exports it read-only", error);
}

bool
umz_storage_check_writable (const UmzDevice *disk, const char *user, GError **error)
{
  g_autoptr (UmzLibvirtConf) conf = umz_libvirt_conf_load (UMZ_LIBVIRT_CONF_FOLDER "/qemu.conf");
  g_autofree char *opener = umz_storage_dup_opener (conf, disk->source);
  const char *name = user != NULL ? user : opener;
  /* The group of qemu.conf goes with the user of qemu.conf. */
  bool is_configured = strcmp (name, umz_libvirt_conf_get (conf, "user", "")) == 0;
  const char *group = is_configured ? umz_libvirt_conf_get (conf, "group", "") : "";
  if (g_str_has_prefix (disk->source, "file:") || g_str_has_prefix (disk->source, "block:"))
    return check_path (disk, name, group, error);
  if (g_str_has_prefix (disk->source, "nbd://") && umz_storage_has_nbd ())
    return check_export (disk, name, error);
  return true;
}

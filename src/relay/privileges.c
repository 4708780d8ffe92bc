/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* privileges.c: self-isolation of a relay. */
#include "relay/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <grp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "relay/control.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SANITIZER 1
#endif
#ifndef HAS_SANITIZER
#define HAS_SANITIZER 0
#endif

static bool
set_error (GError **error, const char *what, int saved_errno)
{
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (saved_errno), "%s: %s", what,
               strerrordesc_np (saved_errno));
  return false;
}

bool
umz_privileges_keep_fds (GError **error)
{
  int fd;

  if (close_range (UMZ_RELAY_CONTROL_FD + 1, ~0u, 0) != 0)
    return set_error (error, "close_range", errno);
  if (fcntl (UMZ_RELAY_CONTROL_FD, F_GETFD) < 0)
    return set_error (error, "control socket, descriptor 3", errno);
  do
    fd = open ("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO); /* descriptors are given out from the lowest */
  if (fd < 0)
    return set_error (error, "/dev/null", errno);
  (void) close (fd); /* one too many */
  return true;
}

static bool
is_empty (const char *path, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, error);

  if (dir == NULL)
    return false;
  if (g_dir_read_name (dir) != NULL)
    return set_error (error, path, ENOTEMPTY);
  return true;
}

bool
umz_privileges_leave (const char *root, uid_t uid, gid_t gid, GError **error)
{
  if (uid == 0 || gid == 0)
    return set_error (error, "user or group 0", EINVAL);
  if (!is_empty (root, error))
    return false;
  if (chdir (root) != 0 || chroot (".") != 0)
    return set_error (error, root, errno);
  if (setgroups (0, NULL) != 0 || setresgid (gid, gid, gid) != 0 || setresuid (uid, uid, uid) != 0)
    return set_error (error, "change of user", errno);
  g_assert (setuid (0) != 0); /* the way back must be closed */
  return true;
}

static bool
limit_resources (uint64_t file_bytes, GError **error)
{
  const struct {
    int resource;
    rlim_t limit;
  } limits[] = {
    { RLIMIT_NPROC, 0 },          /* no process, no thread */
    { RLIMIT_FSIZE, file_bytes }, /* the mirror, or no file at all */
    { RLIMIT_CORE, 0 },           /* guest memory and the key are not for the disk */
    { RLIMIT_NOFILE, 16 },        /* 0 to 3, link, listener, local, mirror */
  };

  for (size_t i = 0; i < G_N_ELEMENTS (limits); i++) {
    const struct rlimit r = { limits[i].limit, limits[i].limit };
    if (setrlimit (limits[i].resource, &r) != 0)
      return set_error (error, "setrlimit", errno);
  }
  return true;
}

/* The data path, then what GLib, GnuTLS and the C library need.  Nothing that opens, executes,
 * connects, signals another process or maps code.
 */
static const int allowed[] = {
  SCMP_SYS (poll),
  SCMP_SYS (ppoll),
  SCMP_SYS (read),
  SCMP_SYS (write),
  SCMP_SYS (writev),
  SCMP_SYS (pread64),
  SCMP_SYS (pwrite64),
  SCMP_SYS (fallocate),
  SCMP_SYS (ftruncate),
  SCMP_SYS (recvfrom),
  SCMP_SYS (recvmsg),
  SCMP_SYS (sendto),
  SCMP_SYS (sendmsg),
  SCMP_SYS (recv),
  SCMP_SYS (send),
  SCMP_SYS (accept4),
  SCMP_SYS (shutdown),
  SCMP_SYS (close),
  SCMP_SYS (setsockopt),
  SCMP_SYS (getsockopt),
  SCMP_SYS (clock_gettime),
  SCMP_SYS (gettimeofday),
  SCMP_SYS (time),
  SCMP_SYS (getrandom),
  SCMP_SYS (brk),
  SCMP_SYS (munmap),
  SCMP_SYS (mremap),
  SCMP_SYS (madvise),
  SCMP_SYS (futex),
  SCMP_SYS (getpid),
  SCMP_SYS (gettid),
  SCMP_SYS (getrusage),
  SCMP_SYS (rt_sigaction),
  SCMP_SYS (rt_sigprocmask),
  SCMP_SYS (rt_sigreturn),
  SCMP_SYS (restart_syscall),
  SCMP_SYS (exit),
  SCMP_SYS (exit_group),
};

static int
allow_calls (scmp_filter_ctx filter)
{
  for (size_t i = 0; i < G_N_ELEMENTS (allowed); i++) {
    int rc = seccomp_rule_add (filter, SCMP_ACT_ALLOW, allowed[i], 0);
    if (rc != 0)
      return rc;
  }

  /* Memory, but never code; abort() for itself alone. */
  const struct scmp_arg_cmp no_code = SCMP_A2 (SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
  const struct scmp_arg_cmp itself = SCMP_A0 (SCMP_CMP_EQ, (scmp_datum_t) getpid ());
  int rc = seccomp_rule_add_array (filter, SCMP_ACT_ALLOW, SCMP_SYS (mmap), 1, &no_code);
  if (rc == 0)
    rc = seccomp_rule_add_array (filter, SCMP_ACT_ALLOW, SCMP_SYS (mprotect), 1, &no_code);
  if (rc == 0)
    rc = seccomp_rule_add_array (filter, SCMP_ACT_ALLOW, SCMP_SYS (tgkill), 1, &itself);
  return rc;
}

static bool
limit_calls (GError **error)
{
  if (HAS_SANITIZER)
    return true;

  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_KILL_PROCESS);
  if (filter == NULL)
    return set_error (error, "seccomp", ENOMEM);

  int rc = allow_calls (filter);
  if (rc == 0)
    rc = seccomp_load (filter);
  seccomp_release (filter);
  return rc == 0 || set_error (error, "seccomp", -rc);
}

bool
umz_privileges_limit (uint64_t file_bytes, GError **error)
{
  if (prctl (PR_SET_DUMPABLE, 0) != 0 || prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return set_error (error, "prctl", errno);
  return limit_resources (file_bytes, error) && limit_calls (error);
}

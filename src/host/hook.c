/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/hook.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "host/libvirt-conf.h"

#define MAX_WORKERS 20             /* of libvirtd, if its file does not say */
#define SLACK_US    G_USEC_PER_SEC /* of the kernel's clocks against each other */
#define HOOK        "/etc/libvirt/hooks/qemu.d/umzug"

#define DEFINITIONS      "/etc/libvirt/qemu"
#define DEFINITION_BYTES (1024 * 1024) /* free on its file system */

/* libvirtd looks for hooks when it starts, and never again.  A hook that was replaced since looks
 * new, but then it may have been called, and that it notes.
 */
UmzHookState
umz_host_judge_hook (bool is_executable, const UmzHookTimes *times)
{
  if (!is_executable)
    return UMZ_HOOK_MISSING;
  return times->hook_us - SLACK_US <= times->libvirtd_us || times->called_us >= times->libvirtd_us
           ? UMZ_HOOK_ACTIVE
           : UMZ_HOOK_UNSEEN;
}

/* libvirtd gives a hook hardly anything of its own environment. */
bool
umz_host_looks_hook_in (const char *hook, const char *fence_dir)
{
  const char *argv[] = { hook, "-", "folder", "-", NULL };
  const char *environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
  g_autofree char *said = NULL;
  if (!g_spawn_sync (NULL, (char **) argv, (char **) environment, G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                     NULL, &said, NULL, NULL, NULL))
    return false;
  g_autofree char *theirs = g_canonicalize_filename (g_strchomp (said), "/");
  g_autofree char *ours = g_canonicalize_filename (fence_dir, "/");
  return strcmp (theirs, ours) == 0;
}

/* When the file was last changed or put there; 0 if there is none. */
static int64_t
get_change_us (const char *path)
{
  struct stat st;
  return stat (path, &st) == 0
           ? st.st_ctim.tv_sec * G_USEC_PER_SEC + st.st_ctim.tv_nsec / 1000
           : 0;
}

static int64_t
get_clock_us (clockid_t clock)
{
  struct timespec now;
  clock_gettime (clock, &now);
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* The daemon behind the socket: libvirtd, or with its modular ones virtqemud. */
static const char *
get_daemon (const char *libvirt_socket)
{
  return strstr (libvirt_socket, "virtqemud") != NULL ? "virtqemud" : "libvirtd";
}

/* Real time at which the daemon was started; INT64_MAX if it does not run: it will look. */
static int64_t
get_start_us (const char *daemon)
{
  unsigned long long ticks = 0;
  g_autofree char *pid_path = g_strdup_printf ("/run/%s.pid", daemon);
  g_autofree char *pid = NULL, *text = NULL;
  if (!g_file_get_contents (pid_path, &pid, NULL, NULL))
    return INT64_MAX;
  g_autofree char *path = g_strdup_printf ("/proc/%s/stat", g_strstrip (pid));
  const char *rest = g_file_get_contents (path, &text, NULL, NULL) ? strrchr (text, ')') : NULL;
  if (rest == NULL || sscanf (rest,
                              ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
                              "%*d %*d %*d %llu",
                              &ticks) != 1)
    return INT64_MAX;
  int64_t since_boot_us = (int64_t) (ticks * (G_USEC_PER_SEC / (uint64_t) sysconf (_SC_CLK_TCK)));
  return get_clock_us (CLOCK_REALTIME) - get_clock_us (CLOCK_BOOTTIME) + since_boot_us;
}

UmzHookState
umz_host_get_hook_state (const char *libvirt_socket, const char *fence_dir)
{
  g_autofree char *called = g_strconcat (fence_dir, ".called", NULL);
  UmzHookTimes times = { .hook_us = get_change_us (HOOK),
                         .libvirtd_us = get_start_us (get_daemon (libvirt_socket)),
                         .called_us = get_change_us (called) };
  UmzHookState state = umz_host_judge_hook (access (HOOK, X_OK) == 0, &times);
  return state == UMZ_HOOK_ACTIVE && !umz_host_looks_hook_in (HOOK, fence_dir) ? UMZ_HOOK_ASTRAY
                                                                               : state;
}

void
umz_host_read_libvirt_settings (const char *libvirt_socket, UmzLibvirtSettings *ret_settings)
{
  g_autofree char *path =
    g_strdup_printf (UMZ_LIBVIRT_CONF_FOLDER "/%s.conf", get_daemon (libvirt_socket));
  g_autoptr (UmzLibvirtConf) daemon = umz_libvirt_conf_load (path);
  g_autoptr (UmzLibvirtConf) qemu = umz_libvirt_conf_load (UMZ_LIBVIRT_CONF_FOLDER "/qemu.conf");
  *ret_settings = (UmzLibvirtSettings){
    .auth = g_strdup (umz_libvirt_conf_get (daemon, "auth_unix_rw", "")),
    .lock_manager = g_strdup (umz_libvirt_conf_get (qemu, "lock_manager", "")),
    .max_queued = umz_libvirt_conf_get_number (qemu, "max_queued", 0),
    .max_workers = umz_libvirt_conf_get_number (daemon, "max_workers", MAX_WORKERS),
    .has_dynamic_ownership = umz_libvirt_conf_get_number (qemu, "dynamic_ownership", 1) != 0,
  };
}

bool
umz_host_can_define (void)
{
  struct statvfs fs;
  if (statvfs (DEFINITIONS, &fs) != 0)
    return errno == ENOENT; /* libvirt makes it */
  return (fs.f_flag & ST_RDONLY) == 0 && fs.f_bavail * fs.f_frsize >= DEFINITION_BYTES &&
         access (DEFINITIONS, W_OK) == 0;
}

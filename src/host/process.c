/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "messages/catalogue.h"

#define FREEZE_MS 1000
#define KILL_MS   5000
#define LOOK_US   500

struct UmzProcess {
  int64_t pid;
  uint64_t start;
  int pidfd; /* owned */
};

/* Fields 3 (state) and 22 (start time) of a stat file of /proc. */
static bool
read_stat (const char *path, char *ret_state, uint64_t *ret_start)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return false;
  const char *after_name = strrchr (text, ')');
  if (after_name == NULL || after_name[1] == '\0')
    return false;
  g_auto (GStrv) fields = g_strsplit (after_name + 2, " ", 21);
  if (g_strv_length (fields) < 20)
    return false;
  *ret_state = fields[0][0];
  *ret_start = strtoull (fields[19], NULL, 10);
  return true;
}

static UmzProcess *
set_gone (GError **error)
{
  umz_set_error (error, UMZ_MSG_UMZ0131, "its process does not exist any more", NULL);
  return NULL;
}

UmzProcess *
umz_process_open (int64_t pid, uint64_t start, GError **error)
{
  char state;
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/stat", pid);
  int pidfd = (int) syscall (SYS_pidfd_open, (pid_t) pid, 0);
  if (pidfd < 0 && errno == ESRCH)
    return set_gone (error);
  if (pidfd < 0) {
    umz_set_error (error, UMZ_MSG_UMZ0122, g_strerror (errno), NULL);
    return NULL;
  }
  g_autoptr (UmzProcess) process = g_new0 (UmzProcess, 1);
  *process = (UmzProcess){ .pid = pid, .pidfd = pidfd };
  if (read_stat (path, &state, &process->start))
    return start == 0 || start == process->start ? g_steal_pointer (&process) : set_gone (error);
  if (!umz_process_is_alive (process))
    return set_gone (error);
  umz_set_error (error, UMZ_MSG_UMZ0122, path, NULL);
  return NULL;
}

void
umz_process_close (UmzProcess *process)
{
  if (process == NULL)
    return;
  close (process->pidfd);
  g_free (process);
}

uint64_t
umz_process_get_start (const UmzProcess *process)
{
  return process->start;
}

static bool
has_ended_within (const UmzProcess *process, int timeout_ms)
{
  struct pollfd poller = { .fd = process->pidfd, .events = POLLIN };
  return poll (&poller, 1, timeout_ms) > 0;
}

bool
umz_process_is_alive (const UmzProcess *process)
{
  return !has_ended_within (process, 0);
}

static void
send_signal (const UmzProcess *process, int number)
{
  (void) syscall (SYS_pidfd_send_signal, process->pidfd, number, NULL,
                  0); /* fails only on the dead */
}

bool
umz_process_is_frozen (const UmzProcess *process)
{
  g_autofree char *folder = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/task", process->pid);
  g_autoptr (GDir) threads = g_dir_open (folder, 0, NULL);
  bool all_stopped = threads != NULL && umz_process_is_alive (process);
  for (const char *tid; all_stopped && (tid = g_dir_read_name (threads)) != NULL;) {
    char state = 0;
    uint64_t start;
    g_autofree char *path = g_strdup_printf ("%s/%s/stat", folder, tid);
    all_stopped = read_stat (path, &state, &start) && state == 'T';
  }
  return all_stopped;
}

bool
umz_process_freeze (const UmzProcess *process, GError **error)
{
  int64_t end_us = g_get_monotonic_time () + FREEZE_MS * 1000;
  send_signal (process, SIGSTOP);
  while (!umz_process_is_frozen (process)) {
    if (!umz_process_is_alive (process) || g_get_monotonic_time () > end_us) {
      umz_set_error (error, UMZ_MSG_UMZ0128, "a thread of QEMU did not stop", NULL);
      return false;
    }
    g_usleep (LOOK_US);
  }
  return true;
}

void
umz_process_thaw (const UmzProcess *process)
{
  send_signal (process, SIGCONT);
}

bool
umz_process_is_told_to_end (const UmzProcess *process)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/status", process->pid);
  g_autofree char *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return false;
  const char *shared = strstr (text, "ShdPnd:");
  return shared != NULL &&
         (strtoull (shared + strlen ("ShdPnd:"), NULL, 16) & (1ull << (SIGTERM - 1))) != 0;
}

void
umz_process_wait_until_told_to_end (const UmzProcess *process, int64_t end_us)
{
  while (umz_process_is_alive (process) && !umz_process_is_told_to_end (process) &&
         g_get_monotonic_time () < end_us)
    g_usleep (LOOK_US);
}

bool
umz_process_kill (const UmzProcess *process, GError **error)
{
  send_signal (process, SIGKILL);
  if (has_ended_within (process, KILL_MS))
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0122, "the process of QEMU does not end", NULL);
  return false;
}

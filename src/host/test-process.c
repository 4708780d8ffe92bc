/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/process.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "messages/catalogue.h"

/* A child that ends itself in an orderly way on SIGTERM, or (stubborn) ignores it. */
static pid_t
make_child (bool is_stubborn)
{
  pid_t pid = fork ();
  if (pid == 0) {
    signal (SIGTERM, is_stubborn ? SIG_IGN : SIG_DFL);
    for (;;)
      pause ();
  }
  return pid;
}

static int
reap (pid_t pid)
{
  int status = 0;
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFSIGNALED (status));
  return WTERMSIG (status);
}

static void
test_freeze (void)
{
  pid_t pid = make_child (false);
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzProcess) process = umz_process_open (pid, 0, &error);
  g_assert_no_error (error);
  g_assert_false (umz_process_is_frozen (process));
  g_assert_true (umz_process_freeze (process, &error));
  g_assert_no_error (error);
  g_assert_true (umz_process_is_frozen (process));
  g_assert_true (umz_process_is_alive (process));
  umz_process_thaw (process);
  g_assert_true (umz_process_kill (process, NULL));
  g_assert_cmpint (reap (pid), ==, SIGKILL);
}

/* Whatever it was told while it was frozen is not heard any more. */
static void
test_end (void)
{
  pid_t pid = make_child (false);
  g_autoptr (UmzProcess) process = umz_process_open (pid, 0, NULL);
  g_assert_true (umz_process_freeze (process, NULL));
  umz_process_wait_until_told_to_end (process, g_get_monotonic_time () - 1);
  g_assert_false (umz_process_is_told_to_end (process));
  kill (pid, SIGTERM);
  umz_process_wait_until_told_to_end (process, G_MAXINT64);
  g_assert_true (umz_process_is_told_to_end (process));
  g_assert_true (umz_process_is_frozen (process));
  g_assert_true (umz_process_kill (process, NULL));
  g_assert_cmpint (reap (pid), ==, SIGKILL);
}

static void
test_freeze_dead (void)
{
  pid_t pid = make_child (false);
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzProcess) process = umz_process_open (pid, 0, NULL);
  g_assert_true (umz_process_kill (process, NULL));
  g_assert_false (umz_process_freeze (process, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0128);
  g_assert_cmpint (reap (pid), ==, SIGKILL);
}

static void
test_other_process (void)
{
  pid_t pid = make_child (false);
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzProcess) process = umz_process_open (pid, 0, NULL);
  uint64_t start = umz_process_get_start (process);
  g_autoptr (UmzProcess) same = umz_process_open (pid, start, NULL);
  g_assert_nonnull (same);
  g_assert_null (umz_process_open (pid, start + 1, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0131);
  g_assert_true (umz_process_kill (process, NULL));
  g_assert_cmpint (reap (pid), ==, SIGKILL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/process/a-frozen-process-stands-still-and-lives", test_freeze);
  g_test_add_func ("/process/what-is-ended-frozen-never-runs-again", test_end);
  g_test_add_func ("/process/a-dead-process-cannot-be-frozen", test_freeze_dead);
  g_test_add_func ("/process/a-pid-used-again-is-not-the-process", test_other_process);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-deadline.c: what blocks under a deadline ends: by time, by an interrupt, or by itself. */
#include "base/deadline.h"

#define NEVER_S 86400

/* Blocks as a call of GIO does, until the cancellable is cancelled. */
static void
block (GCancellable *cancellable)
{
  GPollFD fd;
  g_assert_true (g_cancellable_make_pollfd (cancellable, &fd));
  g_assert_cmpint (g_poll (&fd, 1, -1), ==, 1);
  g_cancellable_release_fd (cancellable);
}

static void
ends_when_the_time_is_over (void)
{
  g_autoptr (UmzDeadline) deadline = umz_deadline_new (0, NULL);
  block (umz_deadline_get_cancellable (deadline));
}

static void
ends_by_an_interrupt_before_or_after_it_has_begun (void)
{
  g_autoptr (GCancellable) interrupt = g_cancellable_new ();
  g_autoptr (UmzDeadline) before = umz_deadline_new (NEVER_S, interrupt);
  g_assert_false (g_cancellable_is_cancelled (umz_deadline_get_cancellable (before)));
  g_cancellable_cancel (interrupt);
  block (umz_deadline_get_cancellable (before));

  g_autoptr (UmzDeadline) after = umz_deadline_new (NEVER_S, interrupt);
  block (umz_deadline_get_cancellable (after));
}

static void
one_that_is_not_needed_any_more_cancels_nothing (void)
{
  UmzDeadline *deadline = umz_deadline_new (NEVER_S, NULL);
  g_autoptr (GCancellable) cancellable = g_object_ref (umz_deadline_get_cancellable (deadline));
  umz_deadline_free (deadline);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deadline/ends-when-the-time-is-over", ends_when_the_time_is_over);
  g_test_add_func ("/deadline/ends-by-an-interrupt-before-or-after-it-has-begun",
                   ends_by_an_interrupt_before_or_after_it_has_begun);
  g_test_add_func ("/deadline/one-that-is-not-needed-any-more-cancels-nothing",
                   one_that_is_not_needed_any_more_cancels_nothing);
  return g_test_run ();
}

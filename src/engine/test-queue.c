/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/queue.h"

#include <glib.h>
#include <string.h>

/* What each step does to the line, and how many are before a, b, c, d then. */
static void
test_line (void)
{
  static const struct {
    bool enters;
    char who;
    unsigned before[4];
  } rows[] = {
    { true, 'a', { 0, 0, 0, 0 } },
    { true, 'b', { 0, 0, 0, 0 } },
    { true, 'c', { 0, 0, 1, 0 } },
    { true, 'd', { 0, 0, 1, 2 } },
    { false, 'a', { 0, 0, 0, 1 } },
    { true, 'a', { 2, 0, 0, 1 } },
    { false, 'd', { 1, 0, 0, 0 } },
    { false, 'd', { 1, 0, 0, 0 } },
    { false, 'b', { 0, 0, 0, 0 } },
    { false, 'c', { 0, 0, 0, 0 } },
    { false, 'a', { 0, 0, 0, 0 } },
  };
  static const char names[] = "abcd";
  UmzQueue *queue = umz_queue_new (2);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    const char *who = strchr (names, rows[i].who);
    if (rows[i].enters)
      umz_queue_enter (queue, who);
    else
      umz_queue_leave (queue, who);
    for (size_t k = 0; k < G_N_ELEMENTS (rows[i].before); k++)
      g_assert_cmpuint (umz_queue_count_before (queue, &names[k]), ==, rows[i].before[k]);
  }
  umz_queue_free (queue);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/queue/first-come-first-served", test_line);
  return g_test_run ();
}

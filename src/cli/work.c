/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/console.h"

typedef struct {
  void (*work) (void *data);
  void *data;
  bool is_done;
} Work;

static void
do_work (GTask *task, void *source, void *data, GCancellable *cancellable)
{
  Work *work = data;
  work->work (work->data);
  g_task_return_boolean (task, TRUE);
}

static void
note_end (GObject *source, GAsyncResult *result, void *data)
{
  Work *work = data;
  work->is_done = true;
}

void
umz_work_run (void (*work) (void *data), void *data)
{
  Work own = { .work = work, .data = data };
  g_autoptr (GTask) task = g_task_new (NULL, NULL, note_end, &own);
  g_task_set_task_data (task, &own, NULL);
  g_task_run_in_thread (task, do_work);
  while (!own.is_done)
    g_main_context_iteration (NULL, TRUE);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/watch.h"

#include "engine/guard.h"

#define WATCH_MS   250
#define STOP_MS    20 /* how exactly it is known since when the guest stands */
#define QUIET_MS   2
#define MIB        (1024 * 1024)
#define PAGE_BYTES 4096 /* of s390x and x86 */

/* While QEMU stops the guest it does not answer libvirt, so the job's statistics are asked for in
 * one thread, and the domain's state, which libvirt knows by itself, in another.
 */
struct UmzWatch {
  UmzMove *move;        /* a reference */
  GThread *thread;      /* owned */
  GThread *stop_thread; /* owned */
  UmzGuard guard;       /* of thread, as what follows */
  bool has_suspended;
  bool has_told_limit; /* QEMU knows what is permitted */
  GMutex lock;         /* of all below */
  GCond changed;       /* signalled when one of them changes */
  bool must_rest;      /* ask nothing any more */
  unsigned n_asking;   /* threads that ask libvirt about the domain */
};

static bool
must_rest (UmzWatch *watch)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&watch->lock);
  return watch->must_rest;
}

static uint64_t
get_rate (UmzMove *move, const UmzJobStats *job)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&move->lock);
  return move->progress.guest_bytes_per_s != 0 ? move->progress.guest_bytes_per_s
                                               : job->memory_bytes_per_s;
}

/* What the decision rests on. */
static UmzNotice *
new_figures (const UmzGuard *guard, uint64_t permitted_us)
{
  const uint64_t figures[] = {
    guard->last.remaining_bytes / MIB,
    guard->last.dirty_bytes_per_s / MIB,
    guard->last.rate_bytes_per_s / MIB,
    umz_guard_get_needed_us (guard) / 1000,
    permitted_us / 1000,
  };
  char texts[G_N_ELEMENTS (figures)][24];
  for (size_t i = 0; i < G_N_ELEMENTS (figures); i++)
    g_snprintf (texts[i], sizeof texts[i], "%" G_GUINT64_FORMAT, figures[i]);
  return umz_notice_new (UMZ_MSG_UMZ0220, texts[0], texts[1], texts[2], texts[3], texts[4], NULL);
}

/* What cannot be done now is decided again later. */
static void
act (UmzWatch *watch, UmzGuardDecision decision, uint64_t permitted_us)
{
  UmzMove *move = watch->move;
  UmzHypervisor *hypervisor = move->hypervisor;
  const char *uuid = move->record->uuid;
  uint64_t raised_us = watch->guard.suspension_us;
  switch (decision) {
  case UMZ_GUARD_GO_ON: break;
  case UMZ_GUARD_GIVE_UP:
    umz_inputs_push (move->inputs, UMZ_INPUT_GIVE_UP, new_figures (&watch->guard, permitted_us));
    break;
  case UMZ_GUARD_RAISE:
    if (umz_hypervisor_permit_suspension (hypervisor, uuid, raised_us, NULL))
      umz_inputs_push_raised (move->inputs, raised_us, new_figures (&watch->guard, permitted_us));
    else
      watch->guard.suspension_us = permitted_us;
    break;
  case UMZ_GUARD_SUSPEND:
    if (watch->has_suspended || !umz_hypervisor_suspend (hypervisor, uuid, NULL))
      break;
    watch->has_suspended = true;
    umz_inputs_push (move->inputs, UMZ_INPUT_SUSPENDED, new_figures (&watch->guard, permitted_us));
    break;
  }
}

/* The course of a copy, for who wants to know why the guard decided as it did: G_MESSAGES_DEBUG. */
static void
log_round (const UmzMove *move, const UmzGuardLook *look)
{
  g_debug ("move %s: round %" G_GUINT64_FORMAT " at %" G_GINT64_FORMAT
           " ms: %.1f MiB left, %.1f MiB/s changed, %.1f MiB/s arrive",
           move->record->id, look->round, look->time_us / 1000,
           (double) look->remaining_bytes / MIB, (double) look->dirty_bytes_per_s / MIB,
           (double) look->rate_bytes_per_s / MIB);
}

/* Feeds the progress and the guard from libvirt's job statistics. */
static void
look (UmzWatch *watch)
{
  UmzMove *move = watch->move;
  UmzJobStats job;
  if (!umz_hypervisor_get_job (move->hypervisor, move->record->uuid, &job, NULL) ||
      !job.is_active || must_rest (watch))
    return;
  g_mutex_lock (&move->lock);
  move->progress.job = job;
  g_mutex_unlock (&move->lock);
  uint64_t permitted_us = watch->guard.suspension_us;
  watch->has_told_limit =
    watch->has_told_limit ||
    umz_hypervisor_permit_suspension (move->hypervisor, move->record->uuid, permitted_us,
                                      NULL); /* else at the next look */
  UmzGuardLook look = {
    .time_us = g_get_monotonic_time (),
    .round = job.iteration,
    .remaining_bytes = job.memory_remaining_bytes,
    .dirty_bytes_per_s = job.dirty_pages_per_s * PAGE_BYTES,
    .rate_bytes_per_s = get_rate (move, &job),
  };
  if (look.round > watch->guard.last.round)
    log_round (move, &look);
  act (watch, umz_guard_look (&watch->guard, &look), permitted_us);
}

/* False: no more. */
static bool
begin_to_ask (UmzWatch *watch)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&watch->lock);
  if (watch->must_rest)
    return false;
  watch->n_asking++;
  return true;
}

/* And waits. */
static void
end_to_ask (UmzWatch *watch, unsigned pause_ms)
{
  int64_t end_us = g_get_monotonic_time () + pause_ms * 1000;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&watch->lock);
  watch->n_asking--;
  g_cond_broadcast (&watch->changed);
  while (!watch->must_rest && g_cond_wait_until (&watch->changed, &watch->lock, end_us)) {
  }
}

static gpointer
run (gpointer data)
{
  UmzWatch *watch = data;
  while (begin_to_ask (watch)) {
    look (watch);
    end_to_ask (watch, WATCH_MS);
  }
  return NULL;
}

/* QEMU stops the guest for the last part of its memory, or the guard has. */
static gpointer
run_for_stop (gpointer data)
{
  UmzWatch *watch = data;
  UmzMove *move = watch->move;
  UmzStateProbe *probe = umz_hypervisor_probe_new (move->hypervisor, move->record->uuid);
  bool is_awaited = probe != NULL && move->vm_state == UMZ_VM_STATE_RUNNING;
  while (is_awaited && begin_to_ask (watch)) {
    is_awaited = !umz_hypervisor_probe_is_paused (probe);
    if (!is_awaited)
      umz_inputs_push (move->inputs, UMZ_INPUT_STOPPED, NULL);
    end_to_ask (watch, STOP_MS);
  }
  umz_hypervisor_probe_free (probe);
  return NULL;
}

UmzWatch *
umz_watch_start (UmzMove *move)
{
  UmzWatch *watch = g_new0 (UmzWatch, 1);
  watch->move = umz_move_ref (move);
  umz_guard_init (&watch->guard, move->terms.policy, move->terms.suspension_us);
  watch->has_told_limit = move->terms.suspension_us == UMZ_PERMITTED_SUSPENSION_US;
  g_mutex_init (&watch->lock);
  g_cond_init (&watch->changed);
  watch->thread = g_thread_new ("watch", run, watch);
  watch->stop_thread = g_thread_new ("stop", run_for_stop, watch);
  return watch;
}

void
umz_watch_forbid (UmzWatch *watch)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&watch->lock);
  watch->must_rest = true;
  g_cond_broadcast (&watch->changed);
}

void
umz_watch_quiet (UmzWatch *watch)
{
  int64_t end_us = g_get_monotonic_time () + QUIET_MS * 1000;
  umz_watch_forbid (watch);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&watch->lock);
  while (watch->n_asking > 0 && g_cond_wait_until (&watch->changed, &watch->lock, end_us)) {
  }
}

void
umz_watch_abandon (UmzWatch *watch)
{
  if (watch == NULL)
    return;
  umz_watch_forbid (watch);
  g_thread_unref (watch->thread);
  g_thread_unref (watch->stop_thread);
}

void
umz_watch_end (UmzWatch *watch)
{
  if (watch == NULL)
    return;
  umz_watch_forbid (watch);
  g_thread_join (watch->thread);
  g_thread_join (watch->stop_thread);
  g_mutex_clear (&watch->lock);
  g_cond_clear (&watch->changed);
  umz_move_unref (watch->move);
  g_free (watch);
}

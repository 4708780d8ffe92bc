/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tsan-glib.c: tells ThreadSanitizer what GLib's locks, conditions and queues order.
 *
 * GLib makes its locks of futexes and is not instrumented, so that all that they protect looks like
 * a race.  In a build with -Db_sanitize=thread this library stands before GLib; each function does
 * what GLib's does and says so.  Threads are pthreads, which the sanitizer knows.
 */
#include <dlfcn.h>
#include <glib-object.h>
#include <sanitizer/tsan_interface.h>

/* The function of GLib behind ours.  This file is not instrumented: all threads find the same. */
#define REAL(name) __typeof__ (name) *real = (__typeof__ (name) *) dlsym (RTLD_NEXT, #name)

void
g_mutex_lock (GMutex *mutex)
{
  REAL (g_mutex_lock);
  __tsan_mutex_pre_lock (mutex, 0);
  real (mutex);
  __tsan_mutex_post_lock (mutex, 0, 0);
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  REAL (g_mutex_trylock);
  __tsan_mutex_pre_lock (mutex, __tsan_mutex_try_lock);
  gboolean is_locked = real (mutex);
  __tsan_mutex_post_lock (
    mutex, __tsan_mutex_try_lock | (is_locked ? 0 : __tsan_mutex_try_lock_failed), 0);
  return is_locked;
}

void
g_mutex_unlock (GMutex *mutex)
{
  REAL (g_mutex_unlock);
  (void) __tsan_mutex_pre_unlock (mutex, 0);
  real (mutex);
  __tsan_mutex_post_unlock (mutex, 0);
}

void
g_mutex_clear (GMutex *mutex)
{
  REAL (g_mutex_clear);
  __tsan_mutex_destroy (mutex, 0);
  real (mutex);
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  REAL (g_cond_wait);
  (void) __tsan_mutex_pre_unlock (mutex, 0);
  __tsan_mutex_post_unlock (mutex, 0);
  real (cond, mutex);
  __tsan_mutex_pre_lock (mutex, 0);
  __tsan_mutex_post_lock (mutex, 0, 0);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  REAL (g_cond_wait_until);
  (void) __tsan_mutex_pre_unlock (mutex, 0);
  __tsan_mutex_post_unlock (mutex, 0);
  gboolean is_signalled = real (cond, mutex, end_time);
  __tsan_mutex_pre_lock (mutex, 0);
  __tsan_mutex_post_lock (mutex, 0, 0);
  return is_signalled;
}

void
g_async_queue_push (GAsyncQueue *queue, gpointer data)
{
  REAL (g_async_queue_push);
  __tsan_release (queue);
  real (queue, data);
}

gpointer
g_async_queue_try_pop (GAsyncQueue *queue)
{
  REAL (g_async_queue_try_pop);
  gpointer data = real (queue);
  __tsan_acquire (queue);
  return data;
}

gpointer
g_async_queue_pop (GAsyncQueue *queue)
{
  REAL (g_async_queue_pop);
  gpointer data = real (queue);
  __tsan_acquire (queue);
  return data;
}

gpointer
g_async_queue_timeout_pop (GAsyncQueue *queue, guint64 timeout)
{
  REAL (g_async_queue_timeout_pop);
  gpointer data = real (queue, timeout);
  __tsan_acquire (queue);
  return data;
}

/* The last reference that goes has seen what was done with all the others. */
void (g_object_unref) (gpointer object)
{
  void (*real) (gpointer object) = (void (*) (gpointer)) dlsym (RTLD_NEXT, "g_object_unref");
  __tsan_release (object);
  __tsan_acquire (object);
  real (object);
}

typedef struct {
  GFunc func;
  gpointer data;
} Work;

/* A thread of a pool has seen all that was done before the job was pushed, and who has waited for
 * the end of the pool what its threads did.
 */
static void
run_work (gpointer job, gpointer data)
{
  const Work *work = data;
  __tsan_acquire (job);
  work->func (job, work->data);
  __tsan_release (data);
}

GThreadPool *
g_thread_pool_new (GFunc func, gpointer data, gint max_threads, gboolean exclusive, GError **error)
{
  REAL (g_thread_pool_new);
  Work *work = g_new0 (Work, 1); /* as long as the pool, and nobody says when that ends */
  work->func = func;
  work->data = data;
  return real (run_work, work, max_threads, exclusive, error);
}

gboolean
g_thread_pool_push (GThreadPool *pool, gpointer job, GError **error)
{
  REAL (g_thread_pool_push);
  __tsan_release (job);
  return real (pool, job, error);
}

void
g_thread_pool_free (GThreadPool *pool, gboolean immediate, gboolean wait)
{
  REAL (g_thread_pool_free);
  void *work = pool->user_data;
  real (pool, immediate, wait);
  __tsan_acquire (work);
}

typedef struct {
  GSourceFunc func;
  gpointer data;
  GDestroyNotify notify;
} Call;

static gboolean
run_call (gpointer data)
{
  Call *call = data;
  __tsan_acquire (call);
  return call->func (call->data);
}

static void
free_call (gpointer data)
{
  Call *call = data;
  if (call->notify != NULL)
    call->notify (call->data);
  g_free (call);
}

/* The main loop has seen what was done before it was asked to call. */
guint
g_idle_add_full (gint priority, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  REAL (g_idle_add_full);
  Call *call = g_new0 (Call, 1);
  call->func = func;
  call->data = data;
  call->notify = notify;
  __tsan_release (call);
  return real (priority, run_call, call, free_call);
}

void (g_atomic_rc_box_release_full) (gpointer box, GDestroyNotify clear)
{
  REAL (g_atomic_rc_box_release_full);
  __tsan_release (box);
  __tsan_acquire (box);
  real (box, clear);
}

/* Who finds the result in its place has seen how it was made. */
void (g_once_init_leave) (volatile void *location, gsize result)
{
  REAL (g_once_init_leave);
  __tsan_release ((void *) location);
  real (location, result);
}

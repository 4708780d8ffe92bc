/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/sampler.h"

#include "daemon/vms.h"
#include "hypervisor/host.h"

#define PERIOD_S     20
#define SAMPLES_KEPT 180 /* an hour */

typedef struct {
  int64_t time_us; /* monotonic */
  int64_t pid;
  uint64_t cpu_us;
  uint64_t resident_bytes;
  bool has_dirty_rate;
  uint64_t dirty_mib_per_s;
} Sample;

struct UmzSampler {
  UmzApp *app; /* borrowed; it stops us before it goes */
  GThread *thread;
  GPtrArray *vms; /* owned; of the thread: the VMs as libvirt last had them */
  GMutex lock;    /* of all below */
  GCond stop;
  bool must_stop;
  GHashTable *samples; /* owned; by UUID, GArray of Sample, the oldest first */
};

/* The estimate that was begun at the last look; a new one is begun for the next. */
static void
look_at_dirty_rate (UmzApp *app, const UmzVm *vm, Sample *sample)
{
  if (vm->state != UMZ_VM_STATE_RUNNING || umz_engine_is_busy (app->engine))
    return;
  sample->has_dirty_rate = umz_hypervisor_get_dirty_rate (app->hypervisor, vm->uuid,
                                                          &sample->dirty_mib_per_s, NULL);
  (void) umz_hypervisor_measure_dirty_rate (app->hypervisor, vm->uuid, NULL); /* there is none */
}

static void
keep (UmzSampler *sampler, const UmzVm *vm, const Sample *sample)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&sampler->lock);
  GArray *samples = g_hash_table_lookup (sampler->samples, vm->uuid);
  if (samples == NULL) {
    samples = g_array_new (FALSE, FALSE, sizeof (Sample));
    g_hash_table_insert (sampler->samples, g_strdup (vm->uuid), samples);
  }
  /* Another process is another life: its CPU time begins anew. */
  if (samples->len > 0 && g_array_index (samples, Sample, samples->len - 1).pid != sample->pid)
    g_array_set_size (samples, 0);
  if (samples->len == SAMPLES_KEPT)
    g_array_remove_index (samples, 0);
  g_array_append_val (samples, *sample);
}

static void
forget (UmzSampler *sampler, const char *uuid)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&sampler->lock);
  g_hash_table_remove (sampler->samples, uuid);
}

static void
look_at (UmzSampler *sampler, const UmzVm *vm)
{
  Sample sample = { .time_us = g_get_monotonic_time () };
  if (!umz_hypervisor_get_pid (vm->name, vm->uuid, &sample.pid, NULL)) {
    forget (sampler, vm->uuid);
    return;
  }
  sample.cpu_us = umz_host_get_cpu_us (sample.pid);
  sample.resident_bytes = umz_host_get_resident_bytes (sample.pid);
  look_at_dirty_rate (sampler->app, vm, &sample);
  keep (sampler, vm, &sample);
}

/* The domains that are gone from libvirt's list. */
static void
forget_others (UmzSampler *sampler, const GPtrArray *vms)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&sampler->lock);
  g_autoptr (GHashTable) present = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < vms->len; i++)
    g_hash_table_add (present, ((UmzVm *) vms->pdata[i])->uuid);
  GHashTableIter iter;
  gpointer uuid;
  g_hash_table_iter_init (&iter, sampler->samples);
  while (g_hash_table_iter_next (&iter, &uuid, NULL))
    if (!g_hash_table_contains (present, uuid))
      g_hash_table_iter_remove (&iter);
}

/* While a VM moves libvirt is asked nothing: its QEMU may stand frozen. */
static void
look (UmzSampler *sampler)
{
  UmzApp *app = sampler->app;
  GPtrArray *vms = umz_engine_is_busy (app->engine) ? NULL : umz_vms_list (app, NULL);
  if (vms != NULL) {
    g_ptr_array_unref (sampler->vms);
    sampler->vms = vms;
    forget_others (sampler, vms);
  }
  for (guint i = 0; i < sampler->vms->len; i++)
    look_at (sampler, sampler->vms->pdata[i]);
}

/* False: it is time to stop. */
static bool
rest (UmzSampler *sampler)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&sampler->lock);
  int64_t end_us = g_get_monotonic_time () + PERIOD_S * G_USEC_PER_SEC;
  while (!sampler->must_stop && g_cond_wait_until (&sampler->stop, &sampler->lock, end_us))
    ; /* woken for nothing */
  return !sampler->must_stop;
}

static void *
run (void *data)
{
  do
    look (data);
  while (rest (data));
  return NULL;
}

UmzSampler *
umz_sampler_start (UmzApp *app)
{
  UmzSampler *sampler = g_new0 (UmzSampler, 1);
  sampler->app = app;
  sampler->vms = g_ptr_array_new ();
  sampler->samples =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  g_mutex_init (&sampler->lock);
  g_cond_init (&sampler->stop);
  sampler->thread = g_thread_new ("sampler", run, sampler);
  return sampler;
}

void
umz_sampler_stop (UmzSampler *sampler)
{
  if (sampler == NULL)
    return;
  g_mutex_lock (&sampler->lock);
  sampler->must_stop = true;
  g_cond_signal (&sampler->stop);
  g_mutex_unlock (&sampler->lock);
  g_thread_join (sampler->thread);
  g_ptr_array_unref (sampler->vms);
  g_hash_table_unref (sampler->samples);
  g_cond_clear (&sampler->stop);
  g_mutex_clear (&sampler->lock);
  g_free (sampler);
}

/* ---- asking ---- */

static void
add_dirty_rate (const GArray *samples, guint first, UmzUsage *usage)
{
  double sum = 0;
  guint n = 0;
  for (guint i = first; i < samples->len; i++) {
    const Sample *sample = &g_array_index (samples, Sample, i);
    n += sample->has_dirty_rate;
    sum += sample->has_dirty_rate ? (double) sample->dirty_mib_per_s : 0;
  }
  usage->has_dirty_rate = n > 0;
  usage->dirty_mib_per_s = n > 0 ? sum / n : 0;
}

static UmzUsage
measure (const GArray *samples, guint first)
{
  const Sample *begin = &g_array_index (samples, Sample, first);
  const Sample *end = &g_array_index (samples, Sample, samples->len - 1);
  UmzUsage usage = { .time_us = end->time_us, .resident_bytes = end->resident_bytes };
  usage.span_s = (double) (end->time_us - begin->time_us) / G_USEC_PER_SEC;
  if (usage.span_s > 0)
    usage.cpu_percent =
      (double) (end->cpu_us - begin->cpu_us) / (double) (end->time_us - begin->time_us) * 100;
  add_dirty_rate (samples, first, &usage);
  return usage;
}

/* The oldest sample within the minutes; the one before the last without minutes. */
static guint
find_first (const GArray *samples, unsigned minutes)
{
  int64_t since_us = g_get_monotonic_time () - minutes * 60 * G_USEC_PER_SEC;
  guint first = samples->len > 1 ? samples->len - 2 : 0;
  while (minutes > 0 && first > 0 && g_array_index (samples, Sample, first - 1).time_us >= since_us)
    first--;
  return first;
}

bool
umz_sampler_get_usage (UmzSampler *sampler, const UmzVm *vm, unsigned minutes, UmzUsage *ret_usage)
{
  look_at (sampler, vm);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&sampler->lock);
  const GArray *samples = g_hash_table_lookup (sampler->samples, vm->uuid);
  if (samples == NULL)
    return false;
  *ret_usage = measure (samples, find_first (samples, minutes));
  return true;
}

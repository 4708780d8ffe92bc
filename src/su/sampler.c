/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "su/sampler.h"

#include "base/ticker.h"
#include "host/host.h"
#include "store/vms.h"
#include "su/vms.h"

#define PERIOD_S     20
#define SAMPLES_KEPT 180            /* an hour */
#define SPAN_MIN_US  G_USEC_PER_SEC /* CPU time is counted in hundredths of a second */

typedef struct {
  int64_t time_us; /* monotonic */
  int64_t pid;
  uint64_t cpu_us;
  uint64_t resident_bytes;
  bool has_dirty_rate;
  uint64_t dirty_mib_per_s;
} Sample;

struct UmzSampler {
  UmzApp *app;         /* borrowed; it stops us before it goes */
  UmzTicker *ticker;   /* owned; NULL: it was not started */
  GPtrArray *vms;      /* owned; of the ticker: the VMs as libvirt last had them */
  GMutex lock;         /* of all below */
  GHashTable *samples; /* owned; by UUID, GArray of Sample, the oldest first */
};

/* The estimate that was begun at the last look; a new one is begun for the next. */
static void
look_at_dirty_rate (UmzApp *app, const UmzVm *vm, Sample *sample)
{
  if (vm->state != UMZ_VM_STATE_RUNNING || umz_engine_is_busy (app->engine))
    return;
  sample->has_dirty_rate =
    umz_hypervisor_get_dirty_rate (app->hypervisor, vm->uuid, &sample->dirty_mib_per_s);
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

static bool
take_sample (UmzApp *app, const UmzVm *vm, Sample *ret_sample)
{
  Sample sample = { .time_us = g_get_monotonic_time () };
  if (!umz_hypervisor_get_pid (app->hypervisor, vm->name, vm->uuid, &sample.pid, NULL))
    return false;
  sample.cpu_us = umz_host_get_cpu_us (sample.pid);
  sample.resident_bytes = umz_host_get_resident_bytes (sample.pid);
  *ret_sample = sample;
  return true;
}

static void
look_at (UmzSampler *sampler, const UmzVm *vm)
{
  Sample sample;
  if (!take_sample (sampler->app, vm, &sample)) {
    forget (sampler, vm->uuid);
    return;
  }
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

/* libvirt knows it by no name. */
static bool
is_gone (UmzApp *app, const char *uuid)
{
  g_autoptr (UmzVm) vm = NULL;
  return umz_hypervisor_find (app->hypervisor, uuid, &vm, NULL) && vm == NULL;
}

/* The indexes of VMs whose domains somebody has undefined. */
static void
forget_absent (UmzApp *app, const GPtrArray *vms)
{
  g_autoptr (GPtrArray) uuids = umz_store_list_indexed (app->store, NULL);
  for (guint i = 0; uuids != NULL && i < uuids->len; i++)
    if (!umz_vms_has (vms, uuids->pdata[i]) && is_gone (app, uuids->pdata[i]))
      (void) umz_store_forget_vm (app->store, uuids->pdata[i], NULL); /* else at the next look */
}

/* While a VM moves libvirt is asked nothing: its QEMU may stand frozen. */
static void
look (void *data)
{
  UmzSampler *sampler = data;
  UmzApp *app = sampler->app;
  GPtrArray *vms = umz_engine_is_busy (app->engine) ? NULL : umz_vms_list (app, NULL);
  if (vms != NULL) {
    g_ptr_array_unref (sampler->vms);
    sampler->vms = vms;
    forget_others (sampler, vms);
    if (!umz_engine_is_busy (app->engine)) {
      forget_absent (app, vms);
      umz_engine_give_back_late (app->engine);
    }
  }
  for (guint i = 0; i < sampler->vms->len; i++)
    look_at (sampler, sampler->vms->pdata[i]);
}

UmzSampler *
umz_sampler_new (UmzApp *app)
{
  UmzSampler *sampler = g_new0 (UmzSampler, 1);
  sampler->app = app;
  sampler->vms = g_ptr_array_new ();
  sampler->samples =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  g_mutex_init (&sampler->lock);
  return sampler;
}

void
umz_sampler_start (UmzSampler *sampler)
{
  sampler->ticker = umz_ticker_start ("sampler", PERIOD_S, look, sampler);
}

void
umz_sampler_free (UmzSampler *sampler)
{
  if (sampler == NULL)
    return;
  umz_ticker_stop (sampler->ticker);
  g_ptr_array_unref (sampler->vms);
  g_hash_table_unref (sampler->samples);
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

/* The oldest sample within the minutes, or without minutes the last one, but in any case one that
 * is old enough for the clock of CPU time.  samples->len: there is none.
 */
static guint
find_first (const GArray *samples, const Sample *now, unsigned minutes)
{
  int64_t since_us = now->time_us - minutes * 60 * G_USEC_PER_SEC;
  guint first = samples->len;
  for (guint i = samples->len; i > 0; i--) {
    const Sample *sample = &g_array_index (samples, Sample, i - 1);
    bool is_old_enough = now->time_us - sample->time_us >= SPAN_MIN_US;
    bool is_wanted = minutes > 0 ? sample->time_us >= since_us : first == samples->len;
    if (sample->pid == now->pid && is_old_enough && is_wanted)
      first = i - 1;
  }
  return first;
}

static void
measure (const GArray *samples, const Sample *now, unsigned minutes, UmzUsage *usage)
{
  guint first = find_first (samples, now, minutes);
  if (first == samples->len)
    return;
  const Sample *begin = &g_array_index (samples, Sample, first);
  double span_us = (double) (now->time_us - begin->time_us);
  usage->span_s = span_us / G_USEC_PER_SEC;
  usage->cpu_percent = (double) (now->cpu_us - begin->cpu_us) / span_us * 100;
  add_dirty_rate (samples, first, usage);
}

bool
umz_sampler_get_usage (UmzSampler *sampler, const UmzVm *vm, unsigned minutes, UmzUsage *ret_usage)
{
  Sample now;
  if (!take_sample (sampler->app, vm, &now))
    return false;
  *ret_usage = (UmzUsage){ .time_us = now.time_us, .resident_bytes = now.resident_bytes };
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&sampler->lock);
  const GArray *samples = g_hash_table_lookup (sampler->samples, vm->uuid);
  if (samples != NULL)
    measure (samples, &now, minutes, ret_usage);
  return true;
}

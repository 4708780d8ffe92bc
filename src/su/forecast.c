/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* forecast.c: what is known of earlier moves of a VM, for the forecast of the next one. */
#include "su/facts.h"

#include <string.h>

#include "base/text.h"
#include "mirrors/mirrors.h"
#include "su/sampler.h"

#define OUTCOMES_MAX 1000
#define MIB          (1024 * 1024)

static bool
is_of (const UmzOutcome *outcome, const UmzVm *vm, const char *su)
{
  return outcome->move->side == UMZ_SIDE_SOURCE && outcome->status[0] != '\0' &&
         strcmp (outcome->move->uuid, vm->uuid) == 0 &&
         umz_text_is_same_name (outcome->move->peer, su);
}

static UmzPastMove
make_past (const UmzOutcome *outcome)
{
  return (UmzPastMove){
    .has_come_through = g_str_has_prefix (outcome->status, "$T"),
    .is_given_up = strcmp (outcome->cause, "VMS2425") == 0,
    .is_coded = outcome->transfer.is_coded,
    .has_mirror = outcome->transfer.has_mirror,
    .total_us = outcome->ended_us - outcome->move->begun_us,
    .copy_us = outcome->copy_us,
    .stop_us = outcome->stopped_us,
    .guest_bytes = outcome->transfer.guest_bytes,
    .link_bytes = outcome->transfer.link_bytes,
  };
}

static GArray *
list_past (UmzApp *app, const UmzVm *vm, const char *su)
{
  GArray *past = g_array_new (FALSE, FALSE, sizeof (UmzPastMove));
  g_autoptr (GPtrArray) outcomes = umz_store_list_outcomes (app->store, OUTCOMES_MAX, NULL);
  for (guint i = 0; outcomes != NULL && i < outcomes->len; i++) {
    if (!is_of (outcomes->pdata[i], vm, su))
      continue;
    UmzPastMove move = make_past (outcomes->pdata[i]);
    g_array_append_val (past, move);
  }
  return past;
}

/* As far as the looks of the last minutes tell. */
static uint64_t
get_resident_bytes (UmzApp *app, const UmzVm *vm)
{
  UmzUsage usage;
  return umz_sampler_get_usage (app->sampler, vm, 0, &usage) ? usage.resident_bytes : 0;
}

UmzForecast
umz_facts_forecast (UmzApp *app, const UmzVm *vm, const char *su, const UmzMoveTerms *terms)
{
  UmzMirrorMark mark;
  g_autoptr (GArray) past = list_past (app, vm, su);
  UmzForecastFacts facts = {
    .past = (const UmzPastMove *) past->data,
    .n_past = past->len,
    .is_coded = terms->is_coded,
    .has_mirror =
      terms->is_coded && umz_mirrors_find (app->mirrors, vm->uuid, su,
                                           vm->memory_bytes, &mark),
    .memory_bytes = get_resident_bytes (app, vm),
    .dirty_bytes_per_s = umz_facts_get_dirty_rate (app, vm),
    .link_bytes_per_s = umz_facts_get_link_rate (app, su),
    .suspension_us = terms->suspension_us,
  };
  return umz_forecast (&facts);
}

static char *
dup_mib (uint64_t n_bytes)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, n_bytes / MIB);
}

UmzNotice *
umz_facts_new_hopeless (UmzApp *app, const UmzVm *vm, const char *su, const UmzForecast *forecast)
{
  g_autofree char *dirty = dup_mib (umz_facts_get_dirty_rate (app, vm));
  g_autofree char *arrived = dup_mib (forecast->arrived_bytes_per_s);
  return umz_notice_new (UMZ_MSG_UMZ0174, dirty, arrived, su, NULL);
}

UmzNotice *
umz_facts_new_expectation (const UmzForecast *forecast)
{
  g_autofree char *seconds =
    g_strdup_printf ("%.1f", (double) forecast->total_us / G_USEC_PER_SEC);
  g_autofree char *ms = g_strdup_printf ("%" G_GINT64_FORMAT, forecast->stop_us / 1000);
  g_autofree char *sent = dup_mib (forecast->link_bytes);
  return umz_notice_new (forecast->basis == UMZ_FORECAST_HISTORY ? UMZ_MSG_UMZ0175
                                                                 : UMZ_MSG_UMZ0176,
                         seconds, ms, sent, NULL);
}

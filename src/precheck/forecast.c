/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/forecast.h"

#include <glib.h>
#include <string.h>

#define PAST_MAX   5
#define ROUNDS_MAX 30
#define NEARLY_ALL 0.90
#define FIXED_US   1500000 /* before and behind the copy */
#define SWITCH_US  100000  /* the least that the guest stands still */

uint64_t
umz_past_move_get_rate (const UmzPastMove *move)
{
  return move->copy_us > 0 ? (uint64_t) ((double) move->guest_bytes * 1e6 / (double) move->copy_us)
                           : 0;
}

bool
umz_forecast_is_too_much (uint64_t dirty_bytes_per_s, uint64_t carried_bytes_per_s)
{
  return (double) dirty_bytes_per_s >= NEARLY_ALL * (double) carried_bytes_per_s;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

static double
get_median (double *values, size_t n)
{
  qsort (values, n, sizeof *values, compare);
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static bool
is_alike (const UmzPastMove *move, const UmzForecastFacts *facts)
{
  return move->has_come_through && move->is_coded == facts->is_coded &&
         move->has_mirror == facts->has_mirror;
}

/* The newest ones; how many there are. */
static size_t
choose_alike (const UmzForecastFacts *facts, const UmzPastMove *ret_alike[PAST_MAX])
{
  size_t n = 0;
  for (size_t i = facts->n_past; i > 0 && n < PAST_MAX; i--)
    if (is_alike (&facts->past[i - 1], facts))
      ret_alike[n++] = &facts->past[i - 1];
  return n;
}

static UmzForecast
forecast_by_history (const UmzPastMove *const *alike, size_t n)
{
  double total[PAST_MAX], stop[PAST_MAX], bytes[PAST_MAX];
  size_t n_stops = 0;
  for (size_t i = 0; i < n; i++) {
    total[i] = (double) alike[i]->total_us;
    bytes[i] = (double) alike[i]->link_bytes;
    if (alike[i]->stop_us > 0)
      stop[n_stops++] = (double) alike[i]->stop_us;
  }
  return (UmzForecast){
    .basis = UMZ_FORECAST_HISTORY,
    .total_us = (int64_t) get_median (total, n),
    .stop_us = n_stops > 0 ? (int64_t) get_median (stop, n_stops) : SWITCH_US,
    .link_bytes = (uint64_t) get_median (bytes, n),
  };
}

/* What is changed while a round is sent makes the next one. */
static UmzForecast
forecast_by_link (const UmzForecastFacts *facts)
{
  double rate = (double) facts->link_bytes_per_s;
  double round = (double) facts->memory_bytes, sent = 0;
  for (unsigned i = 0; i < ROUNDS_MAX && round / rate * 1e6 > (double) facts->suspension_us; i++) {
    sent += round;
    round = round / rate * (double) facts->dirty_bytes_per_s;
  }
  return (UmzForecast){
    .basis = UMZ_FORECAST_LINK,
    .total_us = FIXED_US + (int64_t) ((sent + round) / rate * 1e6),
    .stop_us = SWITCH_US + (int64_t) (round / rate * 1e6),
    .link_bytes = (uint64_t) (sent + round),
  };
}

static bool
is_hopeless (const UmzForecastFacts *facts)
{
  if (facts->n_past == 0 || !facts->past[facts->n_past - 1].is_given_up)
    return false;
  const UmzPastMove *last = &facts->past[facts->n_past - 1];
  uint64_t rate = umz_past_move_get_rate (last);
  bool is_alike = last->is_coded == facts->is_coded && last->has_mirror == facts->has_mirror;
  return is_alike && rate > 0 && umz_forecast_is_too_much (facts->dirty_bytes_per_s, rate);
}

UmzForecast
umz_forecast (const UmzForecastFacts *facts)
{
  const UmzPastMove *alike[PAST_MAX];
  if (is_hopeless (facts))
    return (UmzForecast){
      .basis = UMZ_FORECAST_HISTORY,
      .is_hopeless = true,
      .arrived_bytes_per_s = umz_past_move_get_rate (&facts->past[facts->n_past - 1]),
    };
  size_t n = choose_alike (facts, alike);
  if (n > 0)
    return forecast_by_history (alike, n);
  if (facts->link_bytes_per_s > 0 && facts->memory_bytes > 0 &&
      !umz_forecast_is_too_much (facts->dirty_bytes_per_s, facts->link_bytes_per_s))
    return forecast_by_link (facts);
  return (UmzForecast){ .basis = UMZ_FORECAST_NONE };
}

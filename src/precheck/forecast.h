/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* forecast.h: what a move will take, by what earlier ones took: a function of numbers.
 *
 * A VM that has moved to that SU before, with the same engine and as much of a mirror, will take
 * what it took then, in the middle of the last five times.  For one that has not, rounds are
 * reckoned with from its memory, what it changes, and the rate of the link.  If it changes all that
 * the link carries, nothing is forecast: UMZ0171 warns.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  bool has_come_through;
  bool is_given_up; /* because it did not converge */
  bool is_coded, has_mirror;
  int64_t total_us; /* from the command to the end of the clean-up */
  int64_t copy_us;  /* while memory was copied */
  int64_t stop_us;  /* the guest stood still; 0: not known */
  uint64_t guest_bytes, link_bytes;
} UmzPastMove;

typedef struct {
  const UmzPastMove *past; /* of the VM to that SU, the oldest first */
  size_t n_past;
  bool is_coded, has_mirror;
  uint64_t memory_bytes;      /* to be sent in the first round; 0: not known */
  uint64_t dirty_bytes_per_s; /* 0: not known */
  uint64_t link_bytes_per_s;  /* 0: not known */
  uint64_t suspension_us;     /* permitted */
} UmzForecastFacts;

typedef enum {
  UMZ_FORECAST_NONE,    /* nothing is known */
  UMZ_FORECAST_LINK,    /* reckoned from the link's rate */
  UMZ_FORECAST_HISTORY, /* of this VM */
} UmzForecastBasis;

typedef struct {
  UmzForecastBasis basis;
  bool is_hopeless;             /* so given up last time, and it changes as much as arrived then */
  uint64_t arrived_bytes_per_s; /* that time */
  int64_t total_us;             /* of the rest nothing is known if it is */
  int64_t stop_us;
  uint64_t link_bytes;
} UmzForecast;

UmzForecast umz_forecast (const UmzForecastFacts *facts);

/* Whether a guest that changes so much leaves no room for getting done.  The guard draws its line
 * at the same share (engine/guard.c).
 */
bool umz_forecast_is_too_much (uint64_t dirty_bytes_per_s, uint64_t carried_bytes_per_s);

/* Guest memory that arrived; 0: not known. */
uint64_t umz_past_move_get_rate (const UmzPastMove *move);

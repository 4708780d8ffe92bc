/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ticker.h: a thread that does the same thing again and again. */
#pragma once

typedef struct UmzTicker UmzTicker;

/* In the ticker's thread. */
typedef void UmzTick (void *data);

/* Calls `tick` now, and again each time that period_s seconds have passed since it returned. */
UmzTicker *umz_ticker_start (const char *name, unsigned period_s, UmzTick *tick, void *data);

/* Waits until a call that is under way has returned.  NULL: does nothing. */
void umz_ticker_stop (UmzTicker *ticker);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lanes.h: which threads answer whom.
 *
 * Each class of callers has threads of its own, so that none waits for another: a partner's word
 * about a move is answered while all other lanes are full of commands that wait.  Of one caller no
 * more than his share waits or is answered at a time; who asks for more is told so at once.
 */
#pragma once

#include <stdbool.h>

typedef enum {
  UMZ_LANE_MOVES,     /* partners about moves: guests stand still meanwhile */
  UMZ_LANE_PARTNERS,  /* partners about everything else */
  UMZ_LANE_ROOT,      /* root on this SU */
  UMZ_LANE_OPERATORS, /* members of the group umzug, as far as they are known */
  UMZ_LANE_OTHERS,    /* who may look */
} UmzLane;

#define UMZ_N_LANES (UMZ_LANE_OTHERS + 1)

typedef struct UmzLanes UmzLanes;

/* Answers one job; called in a thread of its lane. */
typedef void (*UmzLaneServe) (void *job);

UmzLanes *umz_lanes_new (UmzLaneServe serve);

/* Waits until every job has been answered. */
void umz_lanes_free (UmzLanes *lanes);

/* False: there is no room for this caller, and nothing is done with the job. */
bool umz_lanes_push (UmzLanes *lanes, UmzLane lane, const char *caller, void *job);

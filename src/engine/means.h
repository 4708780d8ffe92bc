/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* means.h: what the engine and each of its moves work with, and who listens to them. */
#pragma once

#include <stdint.h>

#include "arbiter/arbiter.h"
#include "config/config.h"
#include "engine/queue.h"
#include "hypervisor/hypervisor.h"
#include "jobvar/layout.h"
#include "messages/catalogue.h"
#include "mirrors/mirrors.h"
#include "store/journal.h"

/* One line of a console; all of it is lent. */
typedef struct {
  const char *su; /* that has said it */
  const UmzNotice *notice;
  const char *move_id; /* "": it belongs to no move */
  int64_t time_us;     /* real time */
} UmzLine;

typedef struct {
  /* A line for the console of this SU, or one of the other SU about a move of ours. */
  void (*line) (const UmzLine *line, void *data);
  /* A move that was begun here as source stands at `status`; cause_code is "" or of a message. */
  void (*status) (const UmzMoveRecord *record, UmzMonjvState status, const char *cause_code,
                  void *data);
  /* Of a move, to or from here, nothing is left to be done. */
  void (*closed) (const UmzMoveRecord *record, void *data);
} UmzEngineListener;

/* All of it is borrowed, and outlives the engine. */
typedef struct {
  const UmzConfig *config;
  UmzStore *store;
  UmzHypervisor *hypervisor; /* each move has one of its own beside it */
  UmzArbiter *arbiter;       /* NULL: there is none */
  UmzMirrors *mirrors;
  UmzQueue *queue; /* of the moves away from here; the engine makes it */
  UmzEngineListener listener;
  void *listener_data;
} UmzMeans;

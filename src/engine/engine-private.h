/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* engine-private.h: the engine as its own files see it. */
#pragma once

#include "engine/dataport.h"
#include "engine/engine.h"
#include "engine/move.h"

/* The courses of the two sides, in source.c and target.c. */
void umz_source_run (UmzMove *move);
void umz_target_run (UmzMove *move);

struct UmzEngine {
  const UmzConfig *config;   /* borrowed */
  UmzStore *store;           /* borrowed */
  UmzHypervisor *hypervisor; /* borrowed */
  UmzArbiter *arbiter;       /* borrowed; NULL: there is none */
  UmzMirrors *mirrors;       /* owned */
  UmzEngineListener listener;
  void *listener_data;    /* borrowed */
  UmzDataPort *data_port; /* owned */
  GMutex lock;
  GPtrArray *moves; /* owned; UmzMove, all of this run of umzugd, newest last */
};

/* A reference to the move of this run of umzugd; NULL if there is none. */
UmzMove *umz_engine_find_move (UmzEngine *engine, const char *id);

/* Whether some move of the VM still has something to clear away. */
bool umz_engine_is_unsettled (UmzEngine *engine, const char *uuid);

/* Adds the move; VMS3042 if the VM moves already. */
bool umz_engine_add_move (UmzEngine *engine, UmzMove *move, GError **error);

/* What is known of a move that begins now; without id and epoch. */
UmzMoveRecord *umz_engine_make_record (UmzSide side, const UmzVm *vm, const char *peer);

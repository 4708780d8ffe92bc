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
  UmzEngineListener listener;
  void *listener_data;    /* borrowed */
  UmzDataPort *data_port; /* owned */
  GMutex lock;
  GPtrArray *moves; /* owned; UmzMove, all of this run of umzugd, newest last */
};

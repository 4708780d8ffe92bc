/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* engine-private.h: the engine as its own files see it; no move knows it. */
#pragma once

#include "engine/dataport.h"
#include "engine/engine.h"
#include "engine/means.h"
#include "engine/registry.h"

struct UmzEngine {
  UmzMeans means;         /* lent to the moves */
  UmzRegistry *registry;  /* owned */
  UmzDataPort *data_port; /* owned */
};

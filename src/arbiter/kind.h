/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kind.h: what each kind of arbiter does; see arbiter.h for the contract of each verb. */
#pragma once

#include "arbiter/arbiter.h"

typedef struct {
  bool (*decide) (UmzArbiter *arbiter, const char *uuid, uint64_t epoch, UmzVerdict wanted,
                  UmzVerdict *ret_decided, GError **error);
  bool (*get) (UmzArbiter *arbiter, const char *uuid, uint64_t epoch, UmzVerdict *ret_decided,
               GError **error);
  bool (*forget) (UmzArbiter *arbiter, const char *uuid, uint64_t epoch, GError **error);
  void (*free) (UmzArbiter *arbiter);
} UmzArbiterVerbs;

/* The first member of each kind's own struct. */
struct UmzArbiter {
  const UmzArbiterVerbs *verbs; /* lives for ever */
};

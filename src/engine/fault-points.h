/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fault-points.h: where a test may strike (fault.h), in the order of a move. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct {
  const char *name;
  bool can_fail; /* what would be done there */
} UmzFaultPoint;

const UmzFaultPoint *umz_fault_get_points (size_t *ret_n);

/* One that is not in the list is a bug. */
const UmzFaultPoint *umz_fault_find_point (const char *name);

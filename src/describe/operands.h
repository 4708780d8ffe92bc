/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* operands.h: a walk over the operands of a command and those of their structures. */
#pragma once

#include <glib.h>

#include "sdf/spec.h"

typedef struct {
  const UmzOperandSpec *spec;
  unsigned depth; /* in so many structures; 0: an operand of the command itself */
} UmzPlace;

/* Each operand, and behind it the members of its structures.  An array of UmzPlace; the caller
 * unrefs it.
 */
GArray *umz_describe_list_operands (const UmzCommandSpec *command);

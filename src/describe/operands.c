/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "describe/operands.h"

static void
add_operands (GArray *places, const UmzOperandSpec *specs, size_t n_specs, unsigned depth)
{
  for (size_t i = 0; i < n_specs; i++) {
    UmzPlace place = { &specs[i], depth };
    g_array_append_val (places, place);
    for (size_t a = 0; a < specs[i].n_alternatives; a++)
      add_operands (places, specs[i].alternatives[a].members, specs[i].alternatives[a].n_members,
                    depth + 1);
  }
}

GArray *
umz_describe_list_operands (const UmzCommandSpec *command)
{
  GArray *places = g_array_new (FALSE, FALSE, sizeof (UmzPlace));
  add_operands (places, command->operands, command->n_operands, 0);
  return places;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/copy.h"

UmzProcess *
umz_copy_find (UmzMove *move)
{
  int64_t pid;
  const UmzMoveRecord *record = move->record;
  if (move->copy == NULL && umz_hypervisor_get_pid (move->hypervisor, record->name,
                                                    record->uuid, &pid, NULL))
    move->copy = umz_process_open (pid, 0, NULL);
  return move->copy;
}

bool
umz_copy_kill (UmzMove *move, GError **error)
{
  UmzProcess *copy = umz_copy_find (move);
  return copy == NULL || umz_process_kill (copy, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/arrival.h"

#include "engine/streams.h"
#include "engine/undo.h"

static void
say_refusal (UmzArrival *a, UmzNotice *why)
{
  umz_move_note_refusal (a->move, why);
  umz_lines_say (a->move->lines, why);
}

bool
umz_arrival_refuse (UmzArrival *a, UmzNotice *why)
{
  say_refusal (a, why);
  return umz_move_insist (a->move, UMZ_EVENT_REFUSED);
}

void
umz_arrival_refuse_dead (UmzArrival *a, UmzNotice *why)
{
  say_refusal (a, why);
  umz_move_step_anyway (a->move, UMZ_EVENT_REFUSED);
}

bool
umz_arrival_clear_away (void *data, GError **error)
{
  umz_streams_end_relays (data);
  return umz_undo_take_back (data, error);
}

void
umz_arrival_clear_now (UmzMove *move)
{
  g_autoptr (GError) error = NULL;
  if (!umz_arrival_clear_away (move, &error))
    g_message ("move %s: %s", move->record->id, error->message);
}

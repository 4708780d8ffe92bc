/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* departure-overruled.c: the source has undone the move, but an operator of the target, who could
 * not ask it, has let the guest go on there.
 *
 * If the guest is off here the operator was right, and what is left here goes.  If it runs here too
 * he was wrong: it is frozen, and which of the two is to live only a person can say.
 */
#include "engine/decision.h"
#include "engine/departure.h"
#include "host/fence.h"

#define LOOK_MS 1000

static bool
raise_fence (void *data, GError **error)
{
  return umz_departure_raise_fence (data, UMZ_MSG_UMZ0211, error);
}

static bool
lower_fence (void *data, GError **error)
{
  const UmzMove *move = ((UmzDeparture *) data)->move;
  return umz_fence_lower (move->means->config->fence_dir, move->record->uuid, error);
}

/* They were about something else: nobody has been asked about this yet. */
static void
drop_decisions (UmzMove *move)
{
  UmzInputKind kind;
  do {
    g_autoptr (UmzInput) input = umz_inputs_pop (move->inputs, 0);
    kind = input->kind;
  } while (kind != UMZ_INPUT_NOTHING && kind != UMZ_INPUT_QUIT);
}

/* Frozen, and noted before, so that a restart of umzugd does not thaw it. */
static void
freeze (UmzDeparture *c)
{
  UmzMove *move = c->move;
  g_autoptr (GError) journal_error = NULL, error = NULL;
  if (!umz_decision_note_conflict (move, &journal_error))
    umz_move_say_unwritten (move, journal_error);
  if (!umz_process_freeze (c->process, &error))
    g_warning ("move %s: %s", move->record->id, error->message);
  drop_decisions (move);
  umz_lines_say (move->lines,
                 umz_notice_new (UMZ_MSG_UMZ0212, move->label, move->record->peer, NULL));
  umz_move_set_phase (move, UMZ_PHASE_DOUBT);
}

/* It may have been started again since; what cannot be found is taken for off, as libvirt has it.
 */
static void
find_guest (UmzDeparture *c)
{
  UmzMoveRecord *record = c->move->record;
  if (c->process != NULL && umz_process_is_alive (c->process))
    return;
  umz_process_close (c->process);
  bool is_active = umz_hypervisor_get_pid (c->move->hypervisor, record->name, record->uuid,
                                           &record->qemu_pid, NULL);
  c->process = is_active ? umz_process_open (record->qemu_pid, 0, NULL) : NULL;
  if (c->process != NULL)
    record->qemu_start = umz_process_get_start (c->process);
}

typedef enum {
  LIFE_ENDED,  /* somebody has ended the guest here */
  LIFE_THAWED, /* an operator wants it back */
  LIFE_OPEN,   /* umzugd ends first */
} Life;

static Life
wait_for_person (UmzDeparture *c)
{
  while (umz_process_is_alive (c->process) && !umz_process_is_told_to_end (c->process)) {
    g_autoptr (UmzInput) input = umz_inputs_pop (c->move->inputs, LOOK_MS);
    if (input->kind == UMZ_INPUT_QUIT)
      return LIFE_OPEN;
    if (input->kind != UMZ_INPUT_DECIDE)
      continue;
    umz_lines_say (c->move->lines, g_steal_pointer (&input->notice));
    umz_process_thaw (c->process);
    return LIFE_THAWED;
  }
  (void) umz_process_kill (c->process, NULL); /* the definition goes only when it is off */
  return LIFE_ENDED;
}

static void
give_up (UmzDeparture *c)
{
  UmzMove *move = c->move;
  if (!umz_move_insist (move, UMZ_EVENT_RUNS) ||
      !umz_move_insist_on (move, umz_departure_remove_definition, c))
    return;
  umz_lines_say (move->lines,
                 umz_notice_new (UMZ_MSG_UMZ0211, move->label, move->record->peer, NULL));
  umz_departure_close (c);
}

void
umz_departure_run_overruled (UmzDeparture *c)
{
  Life life = LIFE_ENDED;
  if (!umz_move_insist_on (c->move, raise_fence, c))
    return;
  find_guest (c);
  if (c->process != NULL && umz_process_is_alive (c->process)) {
    freeze (c);
    life = wait_for_person (c);
  }
  if (life == LIFE_ENDED)
    give_up (c);
  else if (life == LIFE_THAWED && umz_move_insist_on (c->move, lower_fence, c))
    umz_departure_close (c);
}

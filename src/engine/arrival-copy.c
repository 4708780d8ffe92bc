/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* arrival-copy.c: the copy of the guest at the target: frozen until it is ours, then let run. */
#include "engine/arrival.h"
#include "engine/copy.h"
#include "engine/fault.h"
#include "host/fence.h"
#include "store/vms.h"

/* The copy is there and is not ours.  It is frozen, as the old QEMU is: whoever gives virsh resume
 * now resumes nothing, and if the move is undone the copy ends without ever having run.
 */
void
umz_arrival_freeze_copy (UmzArrival *a)
{
  UmzMove *move = a->move;
  g_autoptr (GError) error = NULL;
  UmzProcess *copy = umz_copy_find (move);
  a->is_copy_held = copy != NULL && !umz_fault_fails ("target-freeze", &error) &&
                    umz_process_freeze (copy, &error);
  if (!a->is_copy_held)
    g_message ("move %s: the copy is not frozen: %s", move->record->id,
               error != NULL ? error->message : "no process");
}

/* If the word of the source is here already, what it leads to is journaled with this. */
static void
journal_held (UmzArrival *a)
{
  g_autoptr (GError) error = NULL;
  if (!umz_inputs_is_empty (a->move->inputs))
    umz_move_set_held (a->move);
  else if (!umz_move_journal_held (a->move, &error))
    umz_move_say_unwritten (a->move, error);
}

static bool
define (UmzArrival *a, GError **error)
{
  UmzMove *move = a->move;
  const char *definition = move->record->definition;
  a->is_defined = a->is_defined || definition == NULL ||
                  (!umz_fault_fails ("target-define", error) &&
                   umz_hypervisor_define (move->hypervisor, definition, error));
  return a->is_defined;
}

/* While the source makes up its mind: what is done here already does not lengthen the stop.
 *
 * libvirt lets nobody at the copy before it is complete, but whoever waits for that may be quicker
 * than our freeze.  libvirt knows: it has seen the copy run, or is busy with it.
 */
void
umz_arrival_receive (UmzArrival *a)
{
  UmzMove *move = a->move;
  g_autoptr (GError) error = NULL;
  umz_arrival_freeze_copy (a);
  if (a->is_copy_held &&
      !umz_hypervisor_is_as_it_arrived (move->hypervisor, move->record->uuid)) {
    a->is_copy_held = false;
    a->may_have_run = true;
  }
  if (!define (a, &error)) /* GO tries again, and REFUSED then tells the reason */
    g_message ("move %s: %s", move->record->id, error->message);
  if (a->is_copy_held)
    journal_held (a);
}

/* ---- making it ours ---- */

typedef enum {
  HOLD_UNBROKEN, /* frozen since it came: it is there and has never run */
  HOLD_ENDED,    /* it ended while it was frozen, or would as soon as it is thawed */
  HOLD_NONE,     /* libvirt knows more */
} Hold;

static Hold
look_at_hold (UmzArrival *a)
{
  const UmzProcess *copy = a->move->copy;
  if (!a->is_copy_held)
    return HOLD_NONE;
  if (!umz_process_is_alive (copy) || umz_process_is_told_to_end (copy))
    return HOLD_ENDED;
  return umz_process_is_frozen (copy) ? HOLD_UNBROKEN : HOLD_NONE;
}

void
umz_arrival_let_go (UmzArrival *a)
{
  UmzProcess *copy = umz_copy_find (a->move);
  if (copy != NULL)
    umz_process_thaw (copy);
  a->is_copy_held = false;
}

bool
umz_arrival_end_held (UmzArrival *a)
{
  return look_at_hold (a) != HOLD_NONE && umz_copy_kill (a->move, NULL);
}

typedef struct {
  bool is_there;
  bool is_running;
} Copy;

static bool
ask_for_copy (UmzArrival *a, Copy *ret_copy, GError **error)
{
  UmzMove *move = a->move;
  g_autoptr (UmzVm) vm = NULL;
  umz_arrival_let_go (a); /* of a frozen QEMU libvirt could not answer */
  if (!umz_hypervisor_find (move->hypervisor, move->record->uuid, &vm, error))
    return false;
  ret_copy->is_there = vm != NULL && vm->state != UMZ_VM_STATE_DOWN;
  ret_copy->is_running = vm != NULL && vm->state == UMZ_VM_STATE_RUNNING;
  return true;
}

static bool
look_at_copy (UmzArrival *a, Copy *ret_copy, GError **error)
{
  Hold hold = look_at_hold (a);
  *ret_copy = (Copy){ .is_there = hold == HOLD_UNBROKEN };
  return hold != HOLD_NONE || ask_for_copy (a, ret_copy, error);
}

/* One that is there but cannot run is refused only when it is frozen again, so that nobody's resume
 * is heard any more, and libvirt has not seen it run until then.
 */
static UmzCopyFate
refuse_copy (UmzArrival *a)
{
  UmzMove *move = a->move;
  if (look_at_hold (a) == HOLD_UNBROKEN)
    return UMZ_COPY_CANNOT_RUN;
  if (!a->may_have_run)
    umz_arrival_freeze_copy (a);
  if (a->is_copy_held &&
      umz_hypervisor_is_as_it_arrived (move->hypervisor, move->record->uuid))
    return UMZ_COPY_CANNOT_RUN;
  a->is_copy_held = false;
  a->may_have_run = true;
  return UMZ_COPY_UNCLEAR;
}

static bool
is_running (UmzArrival *a)
{
  Copy copy;
  return ask_for_copy (a, &copy, NULL) && copy.is_running;
}

static bool
resume (UmzArrival *a, bool *ret_never_ran, GError **error)
{
  UmzMove *move = a->move;
  *ret_never_ran = umz_fault_fails ("target-resume", error);
  return !*ret_never_ran &&
         umz_hypervisor_resume (move->hypervisor, move->record->uuid, ret_never_ran,
                                error) &&
         !umz_fault_fails ("target-resumed", error);
}

/* From the call of resume on it may have run, whatever libvirt says, unless it is certain that it
 * did not.
 */
static UmzCopyFate
resume_copy (UmzArrival *a, GError **error)
{
  UmzMove *move = a->move;
  bool never_ran = false, was_untouched = !a->may_have_run, is_first = !a->is_told_to_run;
  umz_arrival_let_go (a);
  umz_fault_point ("target-thawed");
  a->may_have_run = a->is_told_to_run = true;
  if (resume (a, &never_ran, error))
    return UMZ_COPY_RUNS;
  if (!never_ran && is_running (a)) {
    g_clear_error (error);
    if (is_first)
      umz_lines_say_once (move->lines, UMZ_MSG_UMZ0142);
    return UMZ_COPY_RUNS;
  }
  if (!was_untouched || !never_ran)
    return UMZ_COPY_UNCLEAR;
  a->may_have_run = false;
  return refuse_copy (a);
}

/* Ours, but ended: the owner of a guest that is DOWN.  What libvirt does not know must not run. */
static UmzCopyFate
take_over_as_down (UmzArrival *a, GError **error)
{
  UmzMove *move = a->move;
  if (move->copy != NULL && !umz_process_kill (move->copy, error))
    return UMZ_COPY_UNCLEAR;
  umz_lines_say_once (move->lines, UMZ_MSG_UMZ0139);
  return UMZ_COPY_RUNS;
}

/* What libvirt cannot tell of a VM that does not run. */
static bool
note_life (UmzArrival *a, GError **error)
{
  UmzMove *move = a->move;
  static const UmzLife lives[] = { [UMZ_VM_STATE_DOWN] = UMZ_LIFE_RAN,
                                   [UMZ_VM_STATE_IN_HOLD] = UMZ_LIFE_RAN,
                                   [UMZ_VM_STATE_INIT_ONLY] = UMZ_LIFE_INIT_ONLY,
                                   [UMZ_VM_STATE_DEFINED_ONLY] = UMZ_LIFE_DELETED };
  return umz_store_set_life (move->means->store, move->record->uuid, lives[move->vm_state], error);
}

/* One that stood still at the source stands still here. */
static UmzCopyFate
leave_held (UmzArrival *a, GError **error)
{
  UmzMove *move = a->move;
  if (!note_life (a, error) ||
      !umz_store_note_must_run (move->means->store, move->record->uuid, error))
    return refuse_copy (a);
  umz_arrival_let_go (a);
  return UMZ_COPY_RUNS;
}

/* A QEMU like the one at the source, whose guest has not run yet.  Refused only when it is certain
 * that none is left here.
 */
static UmzCopyFate
start_unused (UmzArrival *a, GError **error)
{
  UmzMove *move = a->move;
  UmzHypervisor *hypervisor = move->hypervisor;
  const char *uuid = move->record->uuid;
  Copy copy;
  if (!ask_for_copy (a, &copy, error))
    return UMZ_COPY_UNCLEAR;
  if (copy.is_there || (umz_fence_let_pass (move->means->config->fence_dir, uuid, error) &&
                        umz_hypervisor_start_held (hypervisor, uuid, error)))
    return UMZ_COPY_RUNS;
  return umz_hypervisor_destroy (hypervisor, uuid, NULL) ? UMZ_COPY_CANNOT_RUN : UMZ_COPY_UNCLEAR;
}

/* The definition is all that is worth something, and the source has it still. */
static UmzCopyFate
take_definition (UmzArrival *a, GError **error)
{
  UmzMove *move = a->move;
  if (!note_life (a, error) || !define (a, error))
    return UMZ_COPY_CANNOT_RUN;
  return move->vm_state == UMZ_VM_STATE_INIT_ONLY ? start_unused (a, error) : UMZ_COPY_RUNS;
}

UmzCopyFate
umz_arrival_run_copy (UmzArrival *a, UmzFallback fallback, GError **error)
{
  UmzMove *move = a->move;
  Copy copy;
  if (!umz_vm_state_has_memory (move->vm_state))
    return take_definition (a, error);
  if (!look_at_copy (a, &copy, error))
    return UMZ_COPY_UNCLEAR;
  if (copy.is_running && !a->is_told_to_run)
    umz_lines_say_once (move->lines, UMZ_MSG_UMZ0142);
  a->may_have_run = a->may_have_run || copy.is_running;
  if (!copy.is_there && !a->may_have_run && fallback == UMZ_FALLBACK_SOURCE) {
    umz_set_error (error, UMZ_MSG_UMZ0140, move->label, NULL);
    return move->record->is_held ? UMZ_COPY_CANNOT_RUN : UMZ_COPY_UNCLEAR;
  }
  if (!define (a, error))
    return copy.is_there ? refuse_copy (a) : UMZ_COPY_UNCLEAR;
  if (copy.is_running)
    return UMZ_COPY_RUNS;
  if (!copy.is_there)
    return take_over_as_down (a, error);
  return move->vm_state == UMZ_VM_STATE_RUNNING ? resume_copy (a, error) : leave_held (a, error);
}

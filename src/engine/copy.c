/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/copy.h"

#include <string.h>

#include "engine/engine-private.h"
#include "engine/fault.h"
#include "host/fence.h"

/* The QEMU of the copy, if there is one: by its PID file, for a restart has forgotten it. */
static void
find_copy (UmzMove *move)
{
  int64_t pid;
  if (move->copy == NULL &&
      umz_hypervisor_get_pid (move->record->name, move->record->uuid, &pid, NULL))
    move->copy = umz_process_open (pid, 0, NULL);
}

/* The copy is there and is not ours.  It is frozen, as the old QEMU is: whoever gives virsh resume
 * now resumes nothing, and if the move is undone the copy ends without ever having run.
 */
void
umz_copy_freeze (UmzMove *move)
{
  g_autoptr (GError) error = NULL;
  find_copy (move);
  move->is_copy_held = move->copy != NULL && !umz_fault_fails ("target-freeze", &error) &&
                       umz_process_freeze (move->copy, &error);
  if (!move->is_copy_held)
    g_message ("move %s: the copy is not frozen: %s", move->record->id,
               error != NULL ? error->message : "no process");
}

static bool
define (UmzMove *move, GError **error)
{
  const char *definition = move->record->definition;
  move->is_defined = move->is_defined || definition == NULL ||
                     (!umz_fault_fails ("target-define", error) &&
                      umz_hypervisor_define (move->engine->hypervisor, definition, error));
  return move->is_defined;
}

/* While the source makes up its mind: what is done here already does not lengthen the stop.
 *
 * libvirt lets nobody at the copy before it is complete, but whoever waits for that may be quicker
 * than our freeze.  libvirt knows: it has seen the copy run, or is busy with it.
 */
void
umz_copy_receive (UmzMove *move)
{
  g_autoptr (GError) error = NULL;
  umz_copy_freeze (move);
  if (move->is_copy_held &&
      !umz_hypervisor_is_as_it_arrived (move->engine->hypervisor, move->record->uuid)) {
    move->is_copy_held = false;
    move->may_have_run = true;
  }
  if (!define (move, &error)) /* GO tries again, and REFUSED then tells the reason */
    g_message ("move %s: %s", move->record->id, error->message);
}

/* Frozen, it never runs; libvirt would wait for it to end by itself. */
bool
umz_copy_kill (UmzMove *move, GError **error)
{
  find_copy (move);
  return move->copy == NULL || umz_process_kill (move->copy, error);
}

/* ---- making it ours ---- */

typedef enum {
  HOLD_UNBROKEN, /* frozen since it came: it is there and has never run */
  HOLD_ENDED,    /* it ended while it was frozen, or would as soon as it is thawed */
  HOLD_NONE,     /* libvirt knows more */
} Hold;

static Hold
look_at_hold (UmzMove *move)
{
  if (!move->is_copy_held)
    return HOLD_NONE;
  if (!umz_process_is_alive (move->copy) || umz_process_is_told_to_end (move->copy))
    return HOLD_ENDED;
  return umz_process_is_frozen (move->copy) ? HOLD_UNBROKEN : HOLD_NONE;
}

void
umz_copy_let_go (UmzMove *move)
{
  find_copy (move);
  if (move->copy != NULL)
    umz_process_thaw (move->copy);
  move->is_copy_held = false;
}

typedef struct {
  bool is_there;
  bool is_running;
} Copy;

static bool
ask_for_copy (UmzMove *move, Copy *ret_copy, GError **error)
{
  g_autoptr (GError) broken = NULL;
  umz_copy_let_go (move); /* of a frozen QEMU libvirt could not answer */
  g_autoptr (UmzVm) vm =
    umz_hypervisor_find (move->engine->hypervisor, move->record->uuid, &broken);
  if (broken != NULL) {
    g_propagate_error (error, g_steal_pointer (&broken));
    return false;
  }
  ret_copy->is_there = vm != NULL && vm->state != UMZ_VM_STATE_DOWN;
  ret_copy->is_running = vm != NULL && vm->state == UMZ_VM_STATE_RUNNING;
  return true;
}

static bool
look_at_copy (UmzMove *move, Copy *ret_copy, GError **error)
{
  Hold hold = look_at_hold (move);
  *ret_copy = (Copy){ .is_there = hold == HOLD_UNBROKEN };
  return hold != HOLD_NONE || ask_for_copy (move, ret_copy, error);
}

/* One that is there but cannot run is refused only when it is frozen again, so that nobody's resume
 * is heard any more, and libvirt has not seen it run until then.
 */
static UmzCopyFate
refuse_copy (UmzMove *move)
{
  if (look_at_hold (move) == HOLD_UNBROKEN)
    return UMZ_COPY_CANNOT_RUN;
  if (!move->may_have_run)
    umz_copy_freeze (move);
  if (move->is_copy_held && umz_hypervisor_is_as_it_arrived (move->engine->hypervisor,
                                                             move->record->uuid))
    return UMZ_COPY_CANNOT_RUN;
  move->is_copy_held = false;
  move->may_have_run = true;
  return UMZ_COPY_UNCLEAR;
}

static bool
is_running (UmzMove *move)
{
  Copy copy;
  return ask_for_copy (move, &copy, NULL) && copy.is_running;
}

static bool
resume (UmzMove *move, bool *ret_never_ran, GError **error)
{
  *ret_never_ran = umz_fault_fails ("target-resume", error);
  return !*ret_never_ran &&
         umz_hypervisor_resume (move->engine->hypervisor, move->record->uuid, ret_never_ran,
                                error) &&
         !umz_fault_fails ("target-resumed", error);
}

/* From the call of resume on it may have run, whatever libvirt says, unless it is certain that it
 * did not.
 */
static UmzCopyFate
resume_copy (UmzMove *move, GError **error)
{
  bool never_ran = false, was_untouched = !move->may_have_run, is_first = !move->is_told_to_run;
  umz_copy_let_go (move);
  umz_fault_point ("target-thawed");
  move->may_have_run = move->is_told_to_run = true;
  if (resume (move, &never_ran, error))
    return UMZ_COPY_RUNS;
  if (!never_ran && is_running (move)) {
    g_clear_error (error);
    if (is_first)
      umz_move_say_once (move, UMZ_MSG_UMZ0142);
    return UMZ_COPY_RUNS;
  }
  if (!was_untouched || !never_ran)
    return UMZ_COPY_UNCLEAR;
  move->may_have_run = false;
  return refuse_copy (move);
}

/* Ours, but ended: the owner of a guest that is DOWN.  What libvirt does not know must not run. */
static UmzCopyFate
take_over_as_down (UmzMove *move, GError **error)
{
  if (move->copy != NULL && !umz_process_kill (move->copy, error))
    return UMZ_COPY_UNCLEAR;
  umz_move_say_once (move, UMZ_MSG_UMZ0139);
  return UMZ_COPY_RUNS;
}

/* What libvirt cannot tell of a VM that does not run. */
static bool
note_life (UmzMove *move, GError **error)
{
  static const UmzLife lives[] = { [UMZ_VM_STATE_DOWN] = UMZ_LIFE_RAN,
                                   [UMZ_VM_STATE_IN_HOLD] = UMZ_LIFE_RAN,
                                   [UMZ_VM_STATE_INIT_ONLY] = UMZ_LIFE_INIT_ONLY,
                                   [UMZ_VM_STATE_DEFINED_ONLY] = UMZ_LIFE_DELETED };
  return umz_store_set_life (move->engine->store, move->record->uuid, lives[move->vm_state], error);
}

/* One that stood still at the source stands still here. */
static UmzCopyFate
leave_held (UmzMove *move, GError **error)
{
  if (!note_life (move, error) ||
      !umz_store_set_must_run (move->engine->store, move->record->uuid, true, error))
    return refuse_copy (move);
  umz_copy_let_go (move);
  return UMZ_COPY_RUNS;
}

/* A QEMU like the one at the source, whose guest has not run yet.  Refused only when it is certain
 * that none is left here.
 */
static UmzCopyFate
start_unused (UmzMove *move, GError **error)
{
  UmzHypervisor *hypervisor = move->engine->hypervisor;
  const char *uuid = move->record->uuid;
  Copy copy;
  if (!ask_for_copy (move, &copy, error))
    return UMZ_COPY_UNCLEAR;
  if (copy.is_there || (umz_fence_let_pass (move->engine->config->fence_dir, uuid, error) &&
                        umz_hypervisor_start (hypervisor, uuid, true, error)))
    return UMZ_COPY_RUNS;
  return umz_hypervisor_destroy (hypervisor, uuid, NULL) ? UMZ_COPY_CANNOT_RUN : UMZ_COPY_UNCLEAR;
}

/* The definition is all that is worth something, and the source has it still. */
static UmzCopyFate
take_definition (UmzMove *move, GError **error)
{
  if (!note_life (move, error) || !define (move, error))
    return UMZ_COPY_CANNOT_RUN;
  return move->vm_state == UMZ_VM_STATE_INIT_ONLY ? start_unused (move, error) : UMZ_COPY_RUNS;
}

UmzCopyFate
umz_copy_run (UmzMove *move, bool is_last, GError **error)
{
  Copy copy;
  if (!umz_vm_state_has_memory (move->vm_state))
    return take_definition (move, error);
  if (!look_at_copy (move, &copy, error))
    return UMZ_COPY_UNCLEAR;
  if (copy.is_running && !move->is_told_to_run)
    umz_move_say_once (move, UMZ_MSG_UMZ0142);
  move->may_have_run = move->may_have_run || copy.is_running;
  if (!copy.is_there && !move->may_have_run && !is_last) {
    umz_set_error (error, UMZ_MSG_UMZ0140, umz_move_label (move), NULL);
    return UMZ_COPY_CANNOT_RUN;
  }
  if (!define (move, error))
    return copy.is_there ? refuse_copy (move) : UMZ_COPY_UNCLEAR;
  if (copy.is_running)
    return UMZ_COPY_RUNS;
  if (!copy.is_there)
    return take_over_as_down (move, error);
  return move->vm_state == UMZ_VM_STATE_RUNNING ? resume_copy (move, error)
                                                : leave_held (move, error);
}

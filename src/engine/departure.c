/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/departure.h"

#include "engine/fault.h"
#include "host/fence.h"
#include "store/vms.h"

#define SETTLE_S 60
#define OFF_S    2

void
umz_departure_take_cause (UmzDeparture *c, UmzNotice *notice)
{
  if (c->cause == NULL)
    c->cause = notice;
  else
    umz_notice_free (notice);
}

void
umz_departure_take_error (UmzDeparture *c, const GError *error)
{
  umz_departure_take_cause (c, umz_error_to_notice (error));
}

void
umz_departure_say_begun (UmzDeparture *c)
{
  UmzMove *move = c->move;
  umz_lines_say (move->lines,
                 umz_notice_new (UMZ_MSG_VMS2450, move->label, move->record->peer, NULL));
  umz_move_tell (move, UMZ_MONJV_RUNNING, "");
}

UmzNotice *
umz_departure_new_end_of_guest (UmzDeparture *c)
{
  return umz_notice_new (UMZ_MSG_UMZ0131, c->move->label, NULL);
}

void
umz_departure_note_running (UmzDeparture *c)
{
  if (c->stood_since_us != 0)
    c->move->stood_us = g_get_monotonic_time () - c->stood_since_us;
  c->stood_since_us = 0;
}

/* Whether the target has journaled that it is aborted. */
static bool
is_aborted_at_target (UmzDeparture *c)
{
  UmzState said;
  g_autoptr (JsonNode) request = umz_move_peer_request (c->move, c->cause, UMZ_LINES_ALONG);
  g_autoptr (JsonNode) answer =
    umz_move_call_peer (c->move, "/abort", request, UMZ_PEER_ANSWER_S, NULL);
  return answer != NULL && umz_move_read_state (answer, &said) && said == UMZ_STATE_ABORTED;
}

typedef struct {
  UmzDeparture *c;
  UmzEvent event;
} Abort;

static bool
attempt_abort (void *data, GError **error)
{
  const Abort *wanted = data;
  UmzMove *move = wanted->c->move;
  g_autoptr (GError) own_error = NULL;
  if (umz_move_step (move, wanted->event, &own_error))
    return true;
  umz_move_say_unwritten (move, own_error); /* asking may take a while */
  if (is_aborted_at_target (wanted->c)) {
    umz_move_step_anyway (move, wanted->event);
    return true;
  }
  g_propagate_error (error, g_steal_pointer (&own_error));
  return false;
}

bool
umz_departure_abort (UmzDeparture *c, UmzEvent event)
{
  Abort wanted = { c, event };
  return umz_move_insist_on (c->move, attempt_abort, &wanted);
}

void
umz_departure_close (UmzDeparture *c)
{
  umz_scribe_forget (c->scribe);
  umz_move_close (c->move);
}

/* ---- what is left here ---- */

/* Waits until libvirt, too, sees that the domain is off.  Without a QEMU it never was on. */
static bool
wait_until_down (UmzDeparture *c, GError **error)
{
  unsigned timeout_s = umz_vm_state_has_qemu (c->move->vm_state) ? SETTLE_S : OFF_S;
  int64_t end_us = g_get_monotonic_time () + timeout_s * G_USEC_PER_SEC;
  while (!umz_inputs_must_quit (c->move->inputs) && g_get_monotonic_time () < end_us) {
    bool is_active;
    if (umz_hypervisor_is_active (c->move->hypervisor, c->move->record->uuid, &is_active,
                                  NULL) &&
        !is_active)
      return true;
    g_autoptr (UmzInput) input = umz_inputs_pop (c->move->inputs, 20); /* notices QUIT */
  }
  umz_set_error (error, UMZ_MSG_UMZ0122, "the domain is not off yet", NULL);
  return false;
}

bool
umz_departure_remove_definition (void *data, GError **error)
{
  UmzDeparture *c = data;
  const UmzMeans *means = c->move->means;
  const char *uuid = c->move->record->uuid;
  return wait_until_down (c, error) && !umz_fault_fails ("source-undefine", error) &&
         umz_hypervisor_undefine (c->move->hypervisor, uuid, error) &&
         !umz_fault_fails ("source-forget", error) &&
         umz_store_forget_vm (means->store, uuid, error) &&
         !umz_fault_fails ("source-lower", error) &&
         umz_fence_lower (means->config->fence_dir, uuid, error);
}

bool
umz_departure_raise_fence (UmzDeparture *c, UmzMessageId id, GError **error)
{
  const UmzConfig *config = c->move->means->config;
  g_autoptr (UmzNotice) refusal =
    umz_notice_new (id, c->move->label, c->move->record->peer, NULL);
  g_autofree char *why = umz_notice_render (refusal, config->language);
  return umz_fence_raise (config->fence_dir, c->move->record->uuid, UMZ_SIDE_SOURCE, why, error);
}

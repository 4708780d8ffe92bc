/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/inputs.h"

#include <unistd.h>

#define INSIST_MS 500

struct UmzInputs {
  char *move_id;      /* owned */
  GAsyncQueue *queue; /* owned; of UmzInput */
  bool must_quit;     /* of the move's thread */
};

struct UmzReplySlot {
  GMutex lock;
  GCond answered;
  JsonNode *answer;  /* NULL until answered */
  bool is_abandoned; /* nobody will answer */
};

static UmzReplySlot *
new_slot (void)
{
  UmzReplySlot *slot = g_atomic_rc_box_new0 (UmzReplySlot);
  g_mutex_init (&slot->lock);
  g_cond_init (&slot->answered);
  return slot;
}

static void
clear_slot (void *data)
{
  UmzReplySlot *slot = data;
  g_clear_pointer (&slot->answer, json_node_unref);
  g_mutex_clear (&slot->lock);
  g_cond_clear (&slot->answered);
}

static void
abandon_slot (UmzReplySlot *slot)
{
  g_mutex_lock (&slot->lock);
  slot->is_abandoned = true;
  g_cond_signal (&slot->answered);
  g_mutex_unlock (&slot->lock);
  g_atomic_rc_box_release_full (slot, clear_slot);
}

static UmzInput *
new_input (UmzInputKind kind, UmzNotice *notice)
{
  UmzInput *input = g_new0 (UmzInput, 1);
  input->kind = kind;
  input->notice = notice;
  input->fd = -1;
  input->message = (UmzRelayMessage) UMZ_RELAY_MESSAGE_INIT;
  return input;
}

void
umz_input_free (UmzInput *input)
{
  if (input == NULL)
    return;
  if (input->fd >= 0)
    close (input->fd);
  g_clear_pointer (&input->slot, abandon_slot);
  umz_notice_free (input->notice);
  umz_relay_message_clear (&input->message);
  g_free (input);
}

void
umz_input_answer (UmzInput *input, JsonNode *answer)
{
  if (input->slot == NULL) {
    json_node_unref (answer);
    return;
  }
  g_mutex_lock (&input->slot->lock);
  g_clear_pointer (&input->slot->answer, json_node_unref);
  input->slot->answer = answer;
  g_cond_signal (&input->slot->answered);
  g_mutex_unlock (&input->slot->lock);
}

UmzInputs *
umz_inputs_new (const char *move_id)
{
  UmzInputs *inputs = g_new0 (UmzInputs, 1);
  inputs->move_id = g_strdup (move_id);
  inputs->queue = g_async_queue_new_full ((GDestroyNotify) umz_input_free);
  return inputs;
}

void
umz_inputs_free (UmzInputs *inputs)
{
  if (inputs == NULL)
    return;
  g_async_queue_unref (inputs->queue);
  g_free (inputs->move_id);
  g_free (inputs);
}

void
umz_inputs_push (UmzInputs *inputs, UmzInputKind kind, UmzNotice *notice)
{
  g_async_queue_push (inputs->queue, new_input (kind, notice));
}

void
umz_inputs_push_raised (UmzInputs *inputs, uint64_t suspension_us, UmzNotice *notice)
{
  UmzInput *input = new_input (UMZ_INPUT_RAISED, notice);
  input->suspension_us = suspension_us;
  g_async_queue_push (inputs->queue, input);
}

void
umz_inputs_push_decision (UmzInputs *inputs, UmzDecision decision, UmzNotice *notice)
{
  UmzInput *input = new_input (UMZ_INPUT_DECIDE, notice);
  input->decision = decision;
  g_async_queue_push (inputs->queue, input);
}

void
umz_inputs_push_stream (UmzInputs *inputs, UmzRelayKind stream, int fd)
{
  UmzInput *input = new_input (UMZ_INPUT_STREAM, NULL);
  input->stream = stream;
  input->fd = fd;
  g_async_queue_push (inputs->queue, input);
}

void
umz_inputs_push_relay (UmzInputs *inputs, UmzRelayKind stream, const UmzRelayMessage *message)
{
  UmzInput *input = new_input (message != NULL ? UMZ_INPUT_RELAY : UMZ_INPUT_RELAY_GONE, NULL);
  input->stream = stream;
  if (message != NULL)
    input->message = *message;
  g_async_queue_push (inputs->queue, input);
}

JsonNode *
umz_inputs_ask (UmzInputs *inputs, UmzInputKind kind, UmzNotice *notice, unsigned timeout_s)
{
  UmzReplySlot *slot = new_slot ();
  UmzInput *input = new_input (kind, notice);
  input->slot = g_atomic_rc_box_acquire (slot);
  g_async_queue_push (inputs->queue, input);

  int64_t end_us = g_get_monotonic_time () + timeout_s * G_USEC_PER_SEC;
  g_mutex_lock (&slot->lock);
  while (slot->answer == NULL && !slot->is_abandoned &&
         g_cond_wait_until (&slot->answered, &slot->lock, end_us))
    ; /* woken for nothing */
  JsonNode *answer = g_steal_pointer (&slot->answer);
  g_mutex_unlock (&slot->lock);
  g_atomic_rc_box_release_full (slot, clear_slot);
  return answer;
}

UmzInput *
umz_inputs_pop (UmzInputs *inputs, unsigned timeout_ms)
{
  UmzInput *input = g_async_queue_timeout_pop (inputs->queue, timeout_ms * UINT64_C (1000));
  if (input == NULL)
    return new_input (inputs->must_quit ? UMZ_INPUT_QUIT : UMZ_INPUT_NOTHING, NULL);
  inputs->must_quit = inputs->must_quit || input->kind == UMZ_INPUT_QUIT;
  return input;
}

bool
umz_inputs_is_empty (const UmzInputs *inputs)
{
  return g_async_queue_length (inputs->queue) <= 0;
}

bool
umz_inputs_must_quit (const UmzInputs *inputs)
{
  return inputs->must_quit;
}

bool
umz_inputs_insist (UmzInputs *inputs, UmzAttempt attempt, void *data)
{
  g_autofree char *logged = NULL;
  for (;;) {
    g_autoptr (GError) error = NULL;
    if (attempt (data, &error))
      return true;
    if (g_strcmp0 (logged, error->message) != 0)
      g_message ("move %s: %s", inputs->move_id, error->message);
    g_free (logged);
    logged = g_strdup (error->message);
    g_autoptr (UmzInput) input = umz_inputs_pop (inputs, INSIST_MS);
    if (input->kind == UMZ_INPUT_QUIT)
      return false;
  }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/heartbeat.h"

#include "model/json.h"

#define BEAT_MS 500

struct UmzHeartbeat {
  UmzMove *move;        /* borrowed: its thread owns us */
  GThread *thread;      /* owned; NULL when not listening */
  GMutex lock;          /* of all below */
  GCond ended;          /* must_end is true */
  bool must_end;        /* the thread */
  int64_t suspended_us; /* real time; when the guest came to stand; 0 once that is said */
};

UmzHeartbeat *
umz_heartbeat_new (UmzMove *move)
{
  UmzHeartbeat *heartbeat = g_new0 (UmzHeartbeat, 1);
  heartbeat->move = move;
  g_mutex_init (&heartbeat->lock);
  g_cond_init (&heartbeat->ended);
  return heartbeat;
}

void
umz_heartbeat_free (UmzHeartbeat *heartbeat)
{
  umz_heartbeat_end (heartbeat);
  g_mutex_clear (&heartbeat->lock);
  g_cond_clear (&heartbeat->ended);
  g_free (heartbeat);
}

/* ---- what it says ---- */

void
umz_heartbeat_note_suspended (UmzHeartbeat *heartbeat)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&heartbeat->lock);
  heartbeat->suspended_us = g_get_real_time ();
}

/* With the lock held. */
static void
say_suspended (UmzHeartbeat *heartbeat)
{
  UmzMove *move = heartbeat->move;
  if (heartbeat->suspended_us == 0 || umz_move_get_state (move) == UMZ_STATE_COPYING)
    return;
  if (move->means->config->su_type == UMZ_SU_TYPE_390 && move->vm_state == UMZ_VM_STATE_RUNNING)
    umz_lines_say_at (move->lines, heartbeat->suspended_us,
                      umz_notice_new (UMZ_MSG_VMS2452, move->label, move->record->peer, NULL));
  heartbeat->suspended_us = 0;
}

void
umz_heartbeat_say_suspended (UmzHeartbeat *heartbeat)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&heartbeat->lock);
  say_suspended (heartbeat);
}

/* After COMMITTED the target says nothing before it has heard GO. */
static void
say_before_line (void *data)
{
  umz_heartbeat_say_suspended (data);
}

void
umz_heartbeat_take_lines (UmzHeartbeat *heartbeat, JsonNode *answer)
{
  JsonObject *object = json_node_get_object (answer);
  umz_lines_take (heartbeat->move->lines, object, say_before_line, heartbeat);
  umz_lines_hear_seen (heartbeat->move->lines, object);
}

/* ---- its heartbeat ---- */

/* Whether the target has given the move up: while we copy that is as if it were not there. */
static bool
is_over_there (JsonNode *answer)
{
  UmzState state;
  return umz_move_read_state (answer, &state) &&
         (state == UMZ_STATE_REFUSED || state == UMZ_STATE_ABORTED || state == UMZ_STATE_NONE);
}

static UmzNotice *
new_refusal (UmzMove *move, JsonNode *answer)
{
  JsonNode *said = json_object_get_member (json_node_get_object (answer), "notice");
  g_autoptr (UmzNotice) why = said != NULL ? umz_json_to_notice (said, NULL) : NULL;
  g_autofree char *reason = why != NULL ? umz_notice_reason (why) : g_strdup ("-");
  return umz_notice_new (UMZ_MSG_UMZ0124, move->record->peer, reason, NULL);
}

static bool
beat (UmzHeartbeat *heartbeat, UmzPeerClient *client, GError **error)
{
  UmzMove *move = heartbeat->move;
  g_autofree char *path = g_strdup_printf ("/moves/%s/beat", move->record->id);
  g_autoptr (JsonNode) request = umz_move_peer_request (move, NULL, UMZ_LINES_ALONG);
  g_autoptr (JsonNode) answer =
    umz_peer_call (client, path, request, UMZ_HEARTBEAT_BEAT_S, NULL, error);
  if (answer == NULL)
    return false;
  umz_heartbeat_take_lines (heartbeat, answer);
  if (is_over_there (answer))
    umz_inputs_push (move->inputs, UMZ_INPUT_LINK_LOST, new_refusal (move, answer));
  return true;
}

/* Until the next beat is due, or the end. */
static bool
is_ending (UmzHeartbeat *heartbeat)
{
  int64_t due_us = g_get_monotonic_time () + BEAT_MS * 1000;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&heartbeat->lock);
  while (!heartbeat->must_end && g_cond_wait_until (&heartbeat->ended, &heartbeat->lock, due_us)) {
  }
  return heartbeat->must_end;
}

static gpointer
run (gpointer data)
{
  UmzHeartbeat *heartbeat = data;
  UmzMove *move = heartbeat->move;
  int64_t heard_us = g_get_monotonic_time ();
  bool is_lost = false;
  g_autoptr (UmzPeerClient) client =
    umz_peer_client_new (move->means->config, move->record->peer, NULL);
  if (client == NULL)
    return NULL;
  do {
    g_autoptr (GError) error = NULL;
    if (beat (heartbeat, client, &error)) {
      heard_us = g_get_monotonic_time ();
      is_lost = false;
    }
    else if (!is_lost &&
             g_get_monotonic_time () - heard_us > UMZ_HEARTBEAT_BEAT_S * G_USEC_PER_SEC) {
      is_lost = true;
      umz_inputs_push (move->inputs, UMZ_INPUT_LINK_LOST, umz_error_to_notice (error));
    }
  } while (!is_ending (heartbeat));
  (void) beat (heartbeat, client, NULL); /* the last lines; without them we lose nothing */
  return NULL;
}

void
umz_heartbeat_listen (UmzHeartbeat *heartbeat)
{
  heartbeat->thread = g_thread_new ("heartbeat", run, heartbeat);
}

void
umz_heartbeat_end (UmzHeartbeat *heartbeat)
{
  g_mutex_lock (&heartbeat->lock);
  heartbeat->must_end = true;
  g_cond_broadcast (&heartbeat->ended);
  g_mutex_unlock (&heartbeat->lock);
  g_clear_pointer (&heartbeat->thread, g_thread_join);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/partner.h"

#include <string.h>

#include "engine/engine-private.h"
#include "model/json.h"

#define BEAT_MS 500

struct UmzPartner {
  UmzMove *move;        /* borrowed: its thread owns us */
  GThread *thread;      /* owned; NULL when not listening */
  GMutex lock;          /* of all below */
  GCond ended;          /* must_end is true */
  bool must_end;        /* the thread */
  int64_t suspended_us; /* real time; when the guest came to stand; 0 once that is said */
};

UmzPartner *
umz_partner_new (UmzMove *move)
{
  UmzPartner *partner = g_new0 (UmzPartner, 1);
  partner->move = move;
  g_mutex_init (&partner->lock);
  g_cond_init (&partner->ended);
  return partner;
}

void
umz_partner_free (UmzPartner *partner)
{
  umz_partner_end (partner);
  g_mutex_clear (&partner->lock);
  g_cond_clear (&partner->ended);
  g_free (partner);
}

/* ---- what it says ---- */

void
umz_partner_note_suspended (UmzPartner *partner)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&partner->lock);
  partner->suspended_us = g_get_real_time ();
}

/* With the lock held. */
static void
say_suspended (UmzPartner *partner)
{
  UmzMove *move = partner->move;
  if (partner->suspended_us == 0 || umz_move_get_state (move) == UMZ_STATE_COPYING)
    return;
  if (move->engine->config->su_type == UMZ_SU_TYPE_390 && move->vm_state == UMZ_VM_STATE_RUNNING)
    umz_move_say_at (
      move, partner->suspended_us,
      umz_notice_new (UMZ_MSG_VMS2452, umz_move_label (move), move->record->peer, NULL));
  partner->suspended_us = 0;
}

void
umz_partner_say_suspended (UmzPartner *partner)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&partner->lock);
  say_suspended (partner);
}

/* After COMMITTED the target says nothing before it has heard GO. */
static void
say_before_line (void *data)
{
  umz_partner_say_suspended (data);
}

void
umz_partner_take_lines (UmzPartner *partner, JsonNode *answer)
{
  JsonObject *object = json_node_get_object (answer);
  umz_move_take_lines (partner->move, object, say_before_line, partner);
  umz_move_hear_seen (partner->move, object);
}

/* ---- its heartbeat ---- */

/* Whether the target has given the move up: while we copy that is as if it were not there. */
static bool
is_over_there (JsonNode *answer)
{
  const char *state = "";
  (void) umz_json_get_text (json_node_get_object (answer), "answer", 16,
                            &state); /* else it is not */
  return strcmp (state, "REFUSED") == 0 || strcmp (state, "ABORTED") == 0 ||
         strcmp (state, "NONE") == 0;
}

static bool
beat (UmzPartner *partner, UmzPeerClient *client, GError **error)
{
  UmzMove *move = partner->move;
  g_autofree char *path = g_strdup_printf ("/moves/%s/beat", move->record->id);
  g_autoptr (JsonNode) request = umz_move_peer_request (move, NULL, UMZ_LINES_ALONG);
  g_autoptr (JsonNode) answer = umz_peer_call (client, path, request, UMZ_PARTNER_BEAT_S, error);
  if (answer == NULL)
    return false;
  umz_partner_take_lines (partner, answer);
  if (is_over_there (answer))
    umz_move_push (move, UMZ_INPUT_LINK_LOST,
                   umz_notice_new (UMZ_MSG_UMZ0124, move->record->peer, "-", NULL));
  return true;
}

/* Until the next beat is due, or the end. */
static bool
is_ending (UmzPartner *partner)
{
  int64_t due_us = g_get_monotonic_time () + BEAT_MS * 1000;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&partner->lock);
  while (!partner->must_end && g_cond_wait_until (&partner->ended, &partner->lock, due_us)) {
  }
  return partner->must_end;
}

static gpointer
run (gpointer data)
{
  UmzPartner *partner = data;
  UmzMove *move = partner->move;
  int64_t heard_us = g_get_monotonic_time ();
  bool is_lost = false;
  g_autoptr (UmzPeerClient) client =
    umz_peer_client_new (move->engine->config, move->record->peer, NULL);
  if (client == NULL)
    return NULL;
  do {
    g_autoptr (GError) error = NULL;
    if (beat (partner, client, &error)) {
      heard_us = g_get_monotonic_time ();
      is_lost = false;
    }
    else if (!is_lost &&
             g_get_monotonic_time () - heard_us > UMZ_PARTNER_BEAT_S * G_USEC_PER_SEC) {
      is_lost = true;
      umz_move_push (move, UMZ_INPUT_LINK_LOST, umz_error_to_notice (error));
    }
  } while (!is_ending (partner));
  (void) beat (partner, client, NULL); /* the last lines; without them we lose nothing */
  return NULL;
}

void
umz_partner_listen (UmzPartner *partner)
{
  partner->thread = g_thread_new ("partner", run, partner);
}

void
umz_partner_end (UmzPartner *partner)
{
  g_mutex_lock (&partner->lock);
  partner->must_end = true;
  g_cond_broadcast (&partner->ended);
  g_mutex_unlock (&partner->lock);
  g_clear_pointer (&partner->thread, g_thread_join);
}

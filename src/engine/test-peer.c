/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/test-peer.h"

#include <string.h>

#include "model/json.h"
#include "peer/client.h"

typedef struct {
  UmzTestHearer hear; /* NULL: nobody listens */
  void *data;         /* borrowed; of the hearer */
  unsigned life;      /* grows whenever the SU begins or ends */
  unsigned n_asked;   /* that it has not answered yet */
} Su;

static struct {
  GMutex lock; /* of all */
  GCond changed;
  GHashTable *sus; /* Su by name */
  UmzTestLink link;
  unsigned n_refused; /* since the link was set */
} net;

struct UmzPeerClient {
  char *from, *to; /* owned; names */
  unsigned life;   /* of who has made it */
};

/* A request under way: of who asks and of who answers. */
typedef struct {
  Su *to; /* borrowed; SUs stay for ever */
  UmzTestHearer hear;
  void *data;        /* borrowed */
  char *from, *path; /* owned */
  char *request;     /* owned */
  char *answer;      /* owned; NULL until there is one */
  GError *error;     /* owned */
  bool is_over;
} Call;

void
umz_test_peer_begin (void)
{
  if (net.sus == NULL)
    net.sus = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  net.link = UMZ_TEST_LINK_WHOLE;
}

/* The lock is held. */
static Su *
get_su (const char *name)
{
  Su *su = g_hash_table_lookup (net.sus, name);
  if (su == NULL) {
    su = g_new0 (Su, 1);
    g_hash_table_insert (net.sus, g_strdup (name), su);
  }
  return su;
}

void
umz_test_peer_set (const char *su_name, UmzTestHearer hear, void *data)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&net.lock);
  Su *su = get_su (su_name);
  su->hear = hear;
  su->data = data;
  su->life++;
  g_cond_broadcast (&net.changed);
}

void
umz_test_peer_drain (const char *su_name)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&net.lock);
  const Su *su = get_su (su_name);
  while (su->n_asked > 0)
    g_cond_wait (&net.changed, &net.lock);
}

void
umz_test_peer_set_link (UmzTestLink link)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&net.lock);
  net.link = link;
  net.n_refused = 0;
  g_cond_broadcast (&net.changed);
}

unsigned
umz_test_peer_count_refused (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&net.lock);
  return net.n_refused;
}

/* ---- who answers ---- */

static void
clear_call (void *data)
{
  Call *c = data;
  g_free (c->from);
  g_free (c->path);
  g_free (c->request);
  g_free (c->answer);
  g_clear_error (&c->error);
}

static JsonNode *
handle (const Call *c, GError **error)
{
  g_autoptr (JsonNode) request = umz_json_parse (c->request, strlen (c->request), error);
  return c->hear (c->from, c->path, json_node_get_object (request), c->data, error);
}

static gpointer
run (gpointer data)
{
  Call *c = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = handle (c, &error);
  g_mutex_lock (&net.lock);
  c->answer = answer != NULL ? json_to_string (answer, FALSE) : NULL;
  c->error = g_steal_pointer (&error);
  c->is_over = true;
  c->to->n_asked--;
  g_cond_broadcast (&net.changed);
  g_mutex_unlock (&net.lock);
  g_atomic_rc_box_release_full (c, clear_call);
  return NULL;
}

/* ---- who asks ---- */

UmzPeerClient *
umz_peer_client_new (const UmzConfig *config, const char *su_name, GError **error)
{
  if (umz_config_find_peer (config, su_name) == NULL) {
    umz_set_error (error, UMZ_MSG_VMS2400, su_name, NULL);
    return NULL;
  }
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&net.lock);
  UmzPeerClient *client = g_new0 (UmzPeerClient, 1);
  client->from = g_strdup (config->su_name);
  client->to = g_strdup (su_name);
  client->life = get_su (client->from)->life;
  return client;
}

void
umz_peer_client_free (UmzPeerClient *client)
{
  if (client == NULL)
    return;
  g_free (client->from);
  g_free (client->to);
  g_free (client);
}

/* Whether the request goes out, and to whom; the lock is held. */
static bool
can_connect (const UmzPeerClient *client)
{
  return client->life == get_su (client->from)->life && get_su (client->to)->hear != NULL &&
         net.link != UMZ_TEST_LINK_REFUSED;
}

static Call *
begin_call (const UmzPeerClient *client, const char *path, JsonNode *request)
{
  Call *c = g_atomic_rc_box_new0 (Call);
  c->to = get_su (client->to);
  c->hear = c->to->hear;
  c->data = c->to->data;
  c->from = g_strdup (client->from);
  c->path = g_strdup (path);
  c->request = request != NULL ? json_to_string (request, FALSE) : g_strdup ("{}");
  if (net.link == UMZ_TEST_LINK_WHOLE || net.link == UMZ_TEST_LINK_ONE_WAY) {
    c->to->n_asked++;
    g_thread_unref (g_thread_new ("answer", run, g_atomic_rc_box_acquire (c)));
  }
  return c;
}

/* Until it is answered, the time is over, or one of the SUs ends; the lock is held. */
static bool
await (const UmzPeerClient *client, const Call *c, int64_t end_us, GCancellable *interrupt,
       bool *ret_is_ended)
{
  unsigned life = get_su (client->to)->life;
  int64_t now_us = g_get_monotonic_time ();
  for (; now_us < end_us && !g_cancellable_is_cancelled (interrupt);
       now_us = g_get_monotonic_time ()) {
    *ret_is_ended = get_su (client->to)->life != life || !can_connect (client);
    if (*ret_is_ended || (c->is_over && net.link == UMZ_TEST_LINK_WHOLE))
      return !*ret_is_ended;
    g_cond_wait_until (&net.changed, &net.lock, MIN (end_us, now_us + 20000));
  }
  return false;
}

JsonNode *
umz_peer_call (UmzPeerClient *client, const char *path, JsonNode *request, unsigned timeout_s,
               GCancellable *interrupt, GError **error)
{
  bool is_ended = true;
  JsonNode *answer = NULL;
  int64_t end_us = g_get_monotonic_time () + timeout_s * G_USEC_PER_SEC;
  g_mutex_lock (&net.lock);
  Call *c = can_connect (client) ? begin_call (client, path, request) : NULL;
  net.n_refused += c == NULL;
  bool is_answered = c != NULL && await (client, c, end_us, interrupt, &is_ended);
  if (is_answered && c->error != NULL)
    g_propagate_error (error, g_error_copy (c->error));
  else if (is_answered)
    answer = json_from_string (c->answer, NULL);
  else if (is_ended)
    umz_set_error (error, UMZ_MSG_UMZ0321, client->to, "Connection refused", NULL);
  else
    umz_set_error (error, UMZ_MSG_UMZ0320, client->to, NULL);
  g_mutex_unlock (&net.lock);
  if (c != NULL)
    g_atomic_rc_box_release_full (c, clear_call);
  return answer;
}

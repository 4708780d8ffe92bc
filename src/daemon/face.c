/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/face.h"

#include <errno.h>
#include <fcntl.h>
#include <libsoup/soup.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/request.h"
#include "daemon/routes.h"

#define LOOK_S 1 /* for who has gone */

struct UmzFace {
  UmzFaceMeans means;
  GSocket *nowhere, *nowhere_too; /* owned; a pair, see keep_alive() */
  GHashTable *operators;          /* owned; users who have shown that they are */
  GQueue connections;             /* owned; Connection */
  unsigned n_exchanges;           /* being answered; of the main loop */
  unsigned timer;
};

/* What libsoup 3.2 does not notice, it keeps for ever: that the other end has gone after an answer.
 * So each connection has a server of its own, which can be ended.
 */
typedef struct {
  UmzFace *face;     /* borrowed */
  UmzVisit *visit;   /* ends with the stream; NULL: it has */
  GIOStream *stream; /* borrowed; while the visit lasts */
  SoupServer *soup;  /* owned */
  char *su;          /* owned; as its certificate has it; NULL: it has shown none */
  bool is_answered;  /* a request of it is, just now */
  bool was_gone;     /* at the last look */
} Connection;

/* A message of HTTP while it is answered. */
typedef struct {
  UmzRequest request;
  Connection *connection;     /* borrowed; it waits for us */
  SoupServerMessage *message; /* a reference */
} Exchange;

static void
free_exchange (Exchange *exchange)
{
  umz_request_clear (&exchange->request);
  g_object_unref (exchange->message);
  g_free (exchange);
}

/* ---- requests ---- */

static void
answer (SoupServerMessage *message, const UmzRequest *request)
{
  char *text = json_to_string (request->answer, FALSE);
  soup_server_message_set_status (message, request->status, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_TAKE, text,
                                    strlen (text));
}

static gboolean
finish (void *data)
{
  Exchange *exchange = data;
  Connection *connection = exchange->connection;
  UmzFace *face = connection->face;
  connection->is_answered = false;
  answer (exchange->message, &exchange->request);
  soup_server_message_unpause (exchange->message);
  if (connection->visit != NULL)
    umz_visit_set_busy (connection->visit, false);
  if (exchange->request.is_operator)
    g_hash_table_add (face->operators, g_strdup_printf ("%u", exchange->request.uid));
  face->n_exchanges--;
  free_exchange (exchange);
  return G_SOURCE_REMOVE;
}

void
umz_face_serve (void *job)
{
  Exchange *exchange = job;
  umz_routes_serve (&exchange->request);
  g_idle_add_full (G_PRIORITY_DEFAULT, finish, exchange, NULL);
}

static UmzLane
choose_lane (const UmzFace *face, const UmzRequest *request, const char *caller)
{
  if (request->peer != NULL)
    return umz_routes_is_of_move (request) ? UMZ_LANE_MOVES : UMZ_LANE_PARTNERS;
  if (request->uid == 0)
    return UMZ_LANE_ROOT;
  return g_hash_table_contains (face->operators, caller) ? UMZ_LANE_OPERATORS : UMZ_LANE_OTHERS;
}

static void
start (Exchange *exchange)
{
  UmzRequest *request = &exchange->request;
  Connection *connection = exchange->connection;
  UmzFace *face = connection->face;
  const char *caller =
    request->peer != NULL ? request->peer : umz_visit_get_who (connection->visit);
  soup_server_message_pause (exchange->message);
  connection->is_answered = true;
  umz_visit_set_busy (connection->visit, true);
  face->n_exchanges++;
  if (umz_lanes_push (face->means.lanes, choose_lane (face, request, caller), caller, exchange))
    return;
  umz_request_refuse (request);
  finish (exchange);
}

static Exchange *
new_exchange (Connection *connection, SoupServerMessage *message, const char *path,
              GHashTable *query)
{
  const UmzFaceMeans *means = &connection->face->means;
  Exchange *exchange = g_new0 (Exchange, 1);
  exchange->connection = connection;
  exchange->message = g_object_ref (message);
  exchange->request = (UmzRequest){
    .app = means->app,
    .guest_consoles = means->guest_consoles,
    .method = soup_server_message_get_method (message),
    .path = g_strdup (path),
    .query = query != NULL ? g_hash_table_ref (query) : NULL,
    .body = soup_message_body_flatten (soup_server_message_get_request_body (message)),
    .status = SOUP_STATUS_OK,
  };
  return exchange;
}

/* Before the body is read: of one that is too large, or does not say how large it is, nothing is
 * kept.
 */
static void
check_size (SoupServerMessage *message, goffset max_bytes)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  if (soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CHUNKED &&
      soup_message_headers_get_content_length (headers) <= max_bytes)
    return;
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  UmzRequest request = { 0 };
  g_autofree char *limit = g_strdup_printf ("%" G_GOFFSET_FORMAT, max_bytes);
  umz_request_fail (&request, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE,
                    umz_notice_new (UMZ_MSG_UMZ0011, limit, NULL));
  answer (message, &request);
  umz_request_clear (&request);
}

static void
look (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, void *data)
{
  const Connection *connection = data;
  check_size (message, connection->face->means.max_bytes);
}

static uid_t
get_uid (const UmzVisit *visit)
{
  g_autoptr (GCredentials) credentials =
    g_socket_get_credentials (umz_visit_get_socket (visit), NULL);
  return credentials != NULL ? g_credentials_get_unix_user (credentials, NULL) : (uid_t) -1;
}

/* The configured SU that speaks, or "". */
static const char *
identify (const Connection *connection)
{
  const UmzConfigPeer *peer =
    umz_config_find_peer (connection->face->means.app->config, connection->su);
  return peer != NULL ? peer->name : "";
}

static void
hear (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, void *data)
{
  Connection *connection = data;
  if (connection->visit == NULL) /* gone again */
    return;
  Exchange *exchange = new_exchange (connection, message, path, query);
  if (connection->face->means.is_local)
    exchange->request.uid = get_uid (connection->visit);
  else
    exchange->request.peer = g_strdup (identify (connection));
  start (exchange);
}

/* ---- connections ---- */

/* libsoup ends a connection after its first answer unless it listens itself.  Here nobody can come:
 * it takes one end of a pair for a socket that listens, and we have the other one.
 */
static bool
keep_alive (const UmzFace *face, SoupServer *soup)
{
  int fd = fcntl (g_socket_get_fd (face->nowhere), F_DUPFD_CLOEXEC, 0);
  if (fd < 0)
    return false;
  g_autoptr (GSocket) nowhere = g_socket_new_from_fd (fd, NULL); /* it is a socket */
  return soup_server_listen_socket (soup, nowhere, 0, NULL);
}

static void
end_visit (void *data, GObject *where_the_stream_was)
{
  Connection *connection = data;
  umz_visit_end (g_steal_pointer (&connection->visit));
}

static void
free_connection (void *data)
{
  Connection *connection = data;
  soup_server_disconnect (connection->soup);
  g_object_unref (connection->soup);
  if (connection->visit != NULL) { /* somebody has the stream still */
    g_object_weak_unref (G_OBJECT (connection->stream), end_visit, connection);
    umz_visit_end (connection->visit);
  }
  g_free (connection->su);
  g_free (connection);
}

void
umz_face_take (UmzFace *face, UmzVisit *visit, GIOStream *stream, const char *su)
{
  GSocket *socket = umz_visit_get_socket (visit);
  g_autoptr (GSocketAddress) here = g_socket_get_local_address (socket, NULL);
  g_autoptr (GSocketAddress) there = g_socket_get_remote_address (socket, NULL);
  g_autoptr (SoupServer) soup = soup_server_new ("server-header", "umzugd", NULL);
  if (here == NULL || there == NULL || !keep_alive (face, soup)) {
    umz_visit_end (visit); /* gone again, or a shortage of descriptors */
    return;
  }
  Connection *connection = g_new0 (Connection, 1);
  connection->face = face;
  connection->visit = visit;
  connection->stream = stream;
  connection->soup = g_steal_pointer (&soup);
  connection->su = g_strdup (su);
  soup_server_add_early_handler (connection->soup, NULL, look, connection, NULL);
  soup_server_add_handler (connection->soup, NULL, hear, connection, NULL);
  g_queue_push_tail (&face->connections, connection);
  g_object_weak_ref (G_OBJECT (stream), end_visit, connection);
  /* It always does. */
  (void) soup_server_accept_iostream (connection->soup, stream, here, there, NULL);
}

static bool
has_gone (UmzVisit *visit)
{
  struct pollfd fd = { g_socket_get_fd (umz_visit_get_socket (visit)), POLLRDHUP, 0 };
  return umz_visit_is_shut (visit) || poll (&fd, 1, 0) > 0;
}

static gboolean
look_for_gone (void *data)
{
  UmzFace *face = data;
  for (GList *l = face->connections.head, *next; l != NULL; l = next) {
    Connection *connection = l->data;
    next = l->next;
    bool was_gone = connection->was_gone;
    connection->was_gone = connection->visit == NULL || has_gone (connection->visit);
    /* Who has only said that he will say no more is answered still. */
    if (connection->is_answered || !connection->was_gone || !was_gone)
      continue;
    free_connection (connection);
    g_queue_delete_link (&face->connections, l);
  }
  return G_SOURCE_CONTINUE;
}

void
umz_face_end_those (UmzFace *face, bool (*must_end) (GIOStream *stream, void *data), void *data)
{
  for (GList *l = face->connections.head; l != NULL; l = l->next) {
    const Connection *connection = l->data;
    if (connection->visit != NULL && must_end (connection->stream, data)) /* then it has gone */
      (void) g_socket_shutdown (umz_visit_get_socket (connection->visit), TRUE, TRUE, NULL);
  }
}

/* ---- life ---- */

static bool
make_nowhere (UmzFace *face, GError **error)
{
  int ends[2];
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
    return false;
  }
  face->nowhere = g_socket_new_from_fd (ends[0], NULL);
  face->nowhere_too = g_socket_new_from_fd (ends[1], NULL);
  return true;
}

UmzFace *
umz_face_new (const UmzFaceMeans *means, GError **error)
{
  UmzFace *face = g_new0 (UmzFace, 1);
  face->means = *means;
  face->operators = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&face->connections);
  face->timer = g_timeout_add_seconds (LOOK_S, look_for_gone, face);
  if (make_nowhere (face, error))
    return face;
  umz_face_free (face);
  return NULL;
}

void
umz_face_free (UmzFace *face)
{
  if (face == NULL)
    return;
  while (face->n_exchanges > 0)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (face->timer);
  g_queue_clear_full (&face->connections, free_connection);
  g_clear_object (&face->nowhere);
  g_clear_object (&face->nowhere_too);
  g_hash_table_unref (face->operators);
  g_free (face);
}

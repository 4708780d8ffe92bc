/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/face.h"

#include <errno.h>
#include <libsoup/soup.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/request.h"
#include "daemon/routes.h"

struct UmzFace {
  UmzFaceMeans means;
  SoupServer *soup;      /* owned; it listens nowhere, and is given connections */
  GHashTable *operators; /* owned; users who have shown that they are */
  unsigned n_exchanges;  /* being answered; of the main loop */
};

/* A message of HTTP while it is answered. */
typedef struct {
  UmzRequest request;
  UmzFace *face;              /* borrowed */
  SoupServerMessage *message; /* a reference */
} Exchange;

static void
free_exchange (Exchange *exchange)
{
  umz_request_clear (&exchange->request);
  g_object_unref (exchange->message);
  g_free (exchange);
}

/* ---- visits: the door's, with what we know of them; they go with the connection ---- */

#define VISIT_OF_ADDRESS "umzug-visit"
#define SU_OF_ADDRESS    "umzug-su"

/* libsoup knows nothing of a connection that it is given but its addresses: what we know of it is
 * kept with the one of the other end.  NULL: the connection has ended.
 */
static UmzVisit *
get_visit (SoupServerMessage *message)
{
  return g_object_get_data (G_OBJECT (soup_server_message_get_remote_address (message)),
                            VISIT_OF_ADDRESS);
}

typedef struct {
  UmzVisit *visit;
  GSocketAddress *address; /* a reference */
} Connection;

static void
end_connection (void *data, GObject *where_the_stream_was)
{
  Connection *connection = data;
  g_object_set_data (G_OBJECT (connection->address), VISIT_OF_ADDRESS, NULL);
  umz_visit_end (connection->visit);
  g_object_unref (connection->address);
  g_free (connection);
}

void
umz_face_take (UmzFace *face, UmzVisit *visit, GIOStream *stream, const char *su)
{
  GSocket *socket = umz_visit_get_socket (visit);
  g_autoptr (GSocketAddress) here = g_socket_get_local_address (socket, NULL);
  g_autoptr (GSocketAddress) there = g_socket_get_remote_address (socket, NULL);
  if (here == NULL || there == NULL) { /* gone again */
    umz_visit_end (visit);
    return;
  }
  Connection *connection = g_new0 (Connection, 1);
  connection->visit = visit;
  connection->address = g_object_ref (there);
  g_object_set_data (G_OBJECT (there), VISIT_OF_ADDRESS, visit);
  g_object_set_data_full (G_OBJECT (there), SU_OF_ADDRESS, g_strdup (su), g_free);
  g_object_weak_ref (G_OBJECT (stream), end_connection, connection);
  (void) soup_server_accept_iostream (face->soup, stream, here, there, NULL); /* it always does */
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
  UmzFace *face = exchange->face;
  UmzVisit *visit = get_visit (exchange->message);
  answer (exchange->message, &exchange->request);
  soup_server_message_unpause (exchange->message);
  if (visit != NULL)
    umz_visit_set_busy (visit, false);
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
start (UmzFace *face, Exchange *exchange, UmzVisit *visit)
{
  UmzRequest *request = &exchange->request;
  const char *caller = request->peer != NULL ? request->peer : umz_visit_get_who (visit);
  soup_server_message_pause (exchange->message);
  umz_visit_set_busy (visit, true);
  face->n_exchanges++;
  if (umz_lanes_push (face->means.lanes, choose_lane (face, request, caller), caller, exchange))
    return;
  umz_request_refuse (request);
  finish (exchange);
}

static Exchange *
new_exchange (UmzFace *face, SoupServerMessage *message, const char *path, GHashTable *query)
{
  Exchange *exchange = g_new0 (Exchange, 1);
  exchange->face = face;
  exchange->message = g_object_ref (message);
  exchange->request = (UmzRequest){
    .app = face->means.app,
    .guest_consoles = face->means.guest_consoles,
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
  const UmzFace *face = data;
  check_size (message, face->means.max_bytes);
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
identify (const UmzFace *face, SoupServerMessage *message)
{
  const char *name = g_object_get_data (
    G_OBJECT (soup_server_message_get_remote_address (message)), SU_OF_ADDRESS);
  const UmzConfigPeer *peer = umz_config_find_peer (face->means.app->config, name);
  return peer != NULL ? peer->name : "";
}

static void
hear (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, void *data)
{
  UmzFace *face = data;
  UmzVisit *visit = get_visit (message);
  if (visit == NULL) /* gone again */
    return;
  Exchange *exchange = new_exchange (face, message, path, query);
  if (face->means.is_local)
    exchange->request.uid = get_uid (visit);
  else
    exchange->request.peer = g_strdup (identify (face, message));
  start (face, exchange, visit);
}

/* ---- life ---- */

/* libsoup ends a connection after its first answer unless it listens itself.  Here nobody can come:
 * it takes one end of a pair for a socket that listens, and has the other one itself.
 */
static bool
keep_connections (SoupServer *soup, GError **error)
{
  int ends[2];
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
    return false;
  }
  g_autoptr (GSocket) nowhere = g_socket_new_from_fd (ends[0], NULL); /* it is a socket */
  g_object_set_data_full (G_OBJECT (soup), "umzug-other-end", g_socket_new_from_fd (ends[1], NULL),
                          g_object_unref);
  return soup_server_listen_socket (soup, nowhere, 0, error);
}

UmzFace *
umz_face_new (const UmzFaceMeans *means, GError **error)
{
  UmzFace *face = g_new0 (UmzFace, 1);
  face->means = *means;
  face->operators = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  face->soup = soup_server_new ("server-header", "umzugd", NULL);
  soup_server_add_early_handler (face->soup, NULL, look, face, NULL);
  soup_server_add_handler (face->soup, NULL, hear, face, NULL);
  if (keep_connections (face->soup, error))
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
  g_object_unref (face->soup);
  g_hash_table_unref (face->operators);
  g_free (face);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/server.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/guest-console.h"
#include "daemon/handshakes.h"
#include "daemon/lanes.h"
#include "daemon/request.h"
#include "daemon/routes.h"
#include "host/door.h"

#define LOCAL_BYTES_MAX   (64 * 1024)
#define CONTROL_BYTES_MAX (8 * 1024 * 1024) /* a definition, and what goes with it */
#define PARTNER_IDLE_S    120               /* longer than the pauses between what partners say */
#define PARTNER_BLOCK_MS  10000             /* that a partner who does not read may keep us */
#define ROOT              "0"

static const UmzDoorRoom local_room = {
  .n_visits = 128, .n_visits_of_each = 16, .n_trusted = 512, .idle_s = 30
};
static const UmzDoorRoom control_room = {
  .n_visits = 256, .n_visits_of_each = 64, .n_trusted = 512, .idle_s = 5
};

struct UmzServer {
  UmzApp *app;                           /* borrowed */
  unsigned n_exchanges;                  /* being answered; of the main loop */
  UmzGuestConsoles *guest_consoles;      /* owned */
  UmzLanes *lanes;                       /* owned */
  UmzHandshakes *handshakes;             /* owned; NULL when there is no other SU */
  GHashTable *known;                     /* owned; addresses from which partners have come */
  GHashTable *operators;                 /* owned; users who have shown that they are */
  UmzDoor *local_door, *control_door;    /* owned */
  SoupServer *local_soup, *control_soup; /* owned; they listen nowhere, and are given connections */
};

/* A message of HTTP while it is answered. */
typedef struct {
  UmzRequest request;
  UmzServer *server;          /* borrowed */
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

/* libsoup serves the visitor until either lets go.  su NULL: it is nobody of the cluster. */
static void
serve_visit (UmzVisit *visit, SoupServer *soup, GIOStream *stream, const char *su)
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
  (void) soup_server_accept_iostream (soup, stream, here, there, NULL); /* it always does */
}

static void
enter_locally (UmzVisit *visit, void *data)
{
  UmzServer *server = data;
  g_autoptr (GSocketConnection) stream =
    g_socket_connection_factory_create_connection (umz_visit_get_socket (visit));
  serve_visit (visit, server->local_soup, G_IO_STREAM (stream), NULL);
}

static void
enter_control (UmzVisit *visit, void *data)
{
  UmzServer *server = data;
  GSocket *socket = umz_visit_get_socket (visit);
  /* An answer is a word: a guest stands still while the kernel waits for more of them. */
  (void) g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  (void) g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, PARTNER_BLOCK_MS, NULL);
  bool is_known = g_hash_table_contains (server->known, umz_visit_get_who (visit));
  umz_handshakes_begin (server->handshakes, visit, is_known);
}

static void
hear_handshake (UmzVisit *visit, GIOStream *stream, const char *su, void *data)
{
  UmzServer *server = data;
  bool is_partner = stream != NULL && umz_config_find_peer (server->app->config, su) != NULL;
  if (stream == NULL || (is_partner && !umz_visit_trust (visit, PARTNER_IDLE_S))) {
    umz_visit_end (visit);
    return;
  }
  if (is_partner)
    g_hash_table_add (server->known, g_strdup (umz_visit_get_who (visit)));
  serve_visit (visit, server->control_soup, stream, su);
}

static bool
is_root (const char *who, void *data)
{
  return strcmp (who, ROOT) == 0;
}

static void
refuse_locally (GSocket *socket, void *data)
{
  static const char head[] = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
                             "Retry-After: 1\r\nContent-Type: application/json\r\n";
  UmzRequest request = { 0 };
  umz_request_refuse (&request);
  g_autofree char *body = json_to_string (request.answer, FALSE);
  g_autofree char *text =
    g_strdup_printf ("%sContent-Length: %zu\r\n\r\n%s", head, strlen (body), body);
  (void) g_socket_send (socket, text, strlen (text), NULL, NULL); /* it fits, or he is gone */
  umz_request_clear (&request);
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
  UmzServer *server = exchange->server;
  UmzVisit *visit = get_visit (exchange->message);
  answer (exchange->message, &exchange->request);
  soup_server_message_unpause (exchange->message);
  if (visit != NULL)
    umz_visit_set_busy (visit, false);
  if (exchange->request.is_operator)
    g_hash_table_add (server->operators, g_strdup_printf ("%u", exchange->request.uid));
  server->n_exchanges--;
  free_exchange (exchange);
  return G_SOURCE_REMOVE;
}

static void
serve (void *data)
{
  Exchange *exchange = data;
  umz_routes_serve (&exchange->request);
  g_idle_add_full (G_PRIORITY_DEFAULT, finish, exchange, NULL);
}

static UmzLane
choose_lane (const UmzServer *server, const UmzRequest *request, const char *caller)
{
  if (request->peer != NULL)
    return umz_routes_is_of_move (request) ? UMZ_LANE_MOVES : UMZ_LANE_PARTNERS;
  if (request->uid == 0)
    return UMZ_LANE_ROOT;
  return g_hash_table_contains (server->operators, caller) ? UMZ_LANE_OPERATORS : UMZ_LANE_OTHERS;
}

static void
start (UmzServer *server, Exchange *exchange, UmzVisit *visit)
{
  UmzRequest *request = &exchange->request;
  const char *caller = request->peer != NULL ? request->peer : umz_visit_get_who (visit);
  soup_server_message_pause (exchange->message);
  umz_visit_set_busy (visit, true);
  server->n_exchanges++;
  if (umz_lanes_push (server->lanes, choose_lane (server, request, caller), caller, exchange))
    return;
  umz_request_refuse (request);
  finish (exchange);
}

static Exchange *
new_exchange (UmzServer *server, SoupServerMessage *message, const char *path, GHashTable *query)
{
  Exchange *exchange = g_new0 (Exchange, 1);
  exchange->server = server;
  exchange->message = g_object_ref (message);
  exchange->request = (UmzRequest){
    .app = server->app,
    .guest_consoles = server->guest_consoles,
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
look_locally (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
              void *data)
{
  check_size (message, LOCAL_BYTES_MAX);
}

static void
look_at_peer (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
              void *data)
{
  check_size (message, CONTROL_BYTES_MAX);
}

static void
hear_local (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
            void *data)
{
  UmzVisit *visit = get_visit (message);
  if (visit == NULL) /* gone again */
    return;
  g_autoptr (GCredentials) credentials =
    g_socket_get_credentials (umz_visit_get_socket (visit), NULL);
  Exchange *exchange = new_exchange (data, message, path, query);
  exchange->request.uid =
    credentials != NULL ? g_credentials_get_unix_user (credentials, NULL) : (uid_t) -1;
  start (data, exchange, visit);
}

/* The configured SU that speaks, or "". */
static const char *
identify (const UmzServer *server, SoupServerMessage *message)
{
  const char *name = g_object_get_data (
    G_OBJECT (soup_server_message_get_remote_address (message)), SU_OF_ADDRESS);
  const UmzConfigPeer *peer = umz_config_find_peer (server->app->config, name);
  return peer != NULL ? peer->name : "";
}

static void
hear_peer (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
           void *data)
{
  UmzVisit *visit = get_visit (message);
  if (visit == NULL) /* gone again */
    return;
  Exchange *exchange = new_exchange (data, message, path, query);
  exchange->request.peer = g_strdup (identify (data, message));
  start (data, exchange, visit);
}

/* ---- who is known ---- */

static void
hear_addresses (GObject *resolver, GAsyncResult *result, void *data)
{
  g_autoptr (GHashTable) known = data;
  GList *addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (resolver), result, NULL);
  for (GList *l = addresses; l != NULL; l = l->next)
    g_hash_table_add (known, umz_door_dup_who (l->data));
  g_resolver_free_addresses (addresses); /* NULL: he is known when he has shown his certificate */
}

/* Before strangers fill the room for first handshakes. */
static void
know_partners (UmzServer *server)
{
  const UmzConfig *config = server->app->config;
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  for (guint i = 0; i < config->peers->len; i++) {
    const UmzConfigPeer *peer = config->peers->pdata[i];
    g_resolver_lookup_by_name_async (resolver, peer->address, NULL, hear_addresses,
                                     g_hash_table_ref (server->known));
  }
}

/* ---- life ---- */

static bool
listen_locally (UmzServer *server, GError **error)
{
  static const UmzDoorServer local = { enter_locally, refuse_locally, is_root };
  const char *path = server->app->config->control_socket;
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, error);
  if (socket == NULL)
    return false;
  (void) g_mkdir_with_parents (folder, 0755); /* shows at bind */
  (void) g_unlink (path);                     /* left over from an earlier run */
  server->local_soup = soup_server_new ("server-header", "umzugd", NULL);
  soup_server_add_early_handler (server->local_soup, NULL, look_locally, NULL, NULL);
  soup_server_add_handler (server->local_soup, NULL, hear_local, server, NULL);
  /* Everybody may connect; what one may do depends on who one is. */
  if (!g_socket_bind (socket, address, TRUE, error) || g_chmod (path, 0666) != 0 ||
      !g_socket_listen (socket, error) || !keep_connections (server->local_soup, error))
    return false;
  server->local_door = umz_door_open (g_steal_pointer (&socket), &local_room, &local, server);
  return true;
}

/* Whose certificates are good, and ours, as the files have them now. */
static bool
read_identity (const UmzConfig *config, GTlsDatabase **ret_database,
               GTlsCertificate **ret_certificate, GError **error)
{
  g_autoptr (GTlsDatabase) database = g_tls_file_database_new (config->ca, error);
  if (database == NULL)
    return false;
  *ret_certificate = g_tls_certificate_new_from_files (config->certificate, config->key, error);
  if (*ret_certificate != NULL)
    *ret_database = g_steal_pointer (&database);
  return *ret_certificate != NULL;
}

static bool
listen_to_peers (UmzServer *server, GError **error)
{
  static const UmzDoorServer control = { .enter = enter_control };
  const UmzConfig *config = server->app->config;
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GTlsCertificate) certificate = NULL;
  if (!read_identity (config, &database, &certificate, error))
    return false;
  GSocket *socket =
    umz_door_listen (config->listen_address, (uint16_t) config->control_port, error);
  if (socket == NULL)
    return false;
  server->control_soup = soup_server_new ("server-header", "umzugd", NULL);
  if (!keep_connections (server->control_soup, error)) {
    g_object_unref (socket);
    return false;
  }
  soup_server_add_early_handler (server->control_soup, NULL, look_at_peer, NULL, NULL);
  soup_server_add_handler (server->control_soup, NULL, hear_peer, server, NULL);
  server->handshakes = umz_handshakes_new (certificate, database, hear_handshake, server);
  server->control_door = umz_door_open (socket, &control_room, &control, server);
  know_partners (server);
  return true;
}

UmzServer *
umz_server_start (UmzApp *app, GError **error)
{
  UmzServer *server = g_new0 (UmzServer, 1);
  server->app = app;
  server->guest_consoles = umz_guest_consoles_new (app);
  server->lanes = umz_lanes_new (serve);
  server->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  server->operators = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (listen_locally (server, error) &&
      (app->config->peers->len == 0 || listen_to_peers (server, error)))
    return server;
  umz_server_stop (server);
  return NULL;
}

void
umz_server_reload (UmzServer *server)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GTlsCertificate) certificate = NULL;
  if (server->handshakes == NULL)
    return;
  if (!read_identity (server->app->config, &database, &certificate, &error)) {
    g_warning ("the certificates stay as they are: %s", error->message);
    return;
  }
  umz_handshakes_set_identity (server->handshakes, certificate, database);
  g_message ("the certificates have been read anew");
}

void
umz_server_stop (UmzServer *server)
{
  if (server == NULL)
    return;
  umz_door_close (server->control_door); /* first: nobody enters while the others end */
  umz_door_close (server->local_door);
  umz_handshakes_free (server->handshakes);
  while (server->n_exchanges > 0)
    g_main_context_iteration (NULL, TRUE);
  umz_lanes_free (server->lanes);
  g_clear_object (&server->control_soup);
  g_clear_object (&server->local_soup);
  umz_guest_consoles_free (server->guest_consoles);
  g_hash_table_unref (server->known);
  g_hash_table_unref (server->operators);
  (void) g_unlink (server->app->config->control_socket);
  g_free (server);
}

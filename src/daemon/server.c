/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/server.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>

#include "daemon/guest-console.h"
#include "daemon/request.h"
#include "daemon/routes.h"
#include "pki/pki.h"

#define REQUEST_BYTES_MAX (8 * 1024 * 1024)
#define OTHERS_THREADS    4

struct UmzServer {
  UmzApp *app;                      /* borrowed */
  unsigned n_exchanges;             /* being answered; of the main loop */
  UmzGuestConsoles *guest_consoles; /* owned */
  GThreadPool *others;              /* owned; all users but root delay only each other */
  SoupServer *local;                /* owned */
  SoupServer *control;              /* owned; NULL when there is no other SU */
};

/* A message of HTTP while it is answered. */
typedef struct {
  UmzRequest request;
  UmzServer *server;          /* borrowed */
  SoupServerMessage *message; /* a reference */
} Exchange;

static void
free_exchange (void *data)
{
  Exchange *exchange = data;
  umz_request_clear (&exchange->request);
  g_object_unref (exchange->message);
  g_free (exchange);
}

static void
serve (GTask *task, void *source, void *data, GCancellable *cancellable)
{
  Exchange *exchange = data;
  umz_routes_serve (&exchange->request);
  g_task_return_boolean (task, TRUE);
}

static void
finish (GObject *source, GAsyncResult *result, void *data)
{
  Exchange *exchange = g_task_get_task_data (G_TASK (result));
  char *text = json_to_string (exchange->request.answer, FALSE);
  soup_server_message_set_status (exchange->message, exchange->request.status, NULL);
  soup_server_message_set_response (exchange->message, "application/json", SOUP_MEMORY_TAKE, text,
                                    strlen (text));
  soup_server_message_unpause (exchange->message);
  exchange->server->n_exchanges--;
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

static void
serve_other (void *data, void *unused)
{
  g_autoptr (GTask) task = data;
  serve (task, NULL, g_task_get_task_data (task), NULL);
}

static void
start_exchange (Exchange *exchange)
{
  bool is_of_other = exchange->request.peer == NULL && exchange->request.uid != 0;
  g_autoptr (GTask) task = g_task_new (NULL, NULL, finish, NULL);
  g_task_set_task_data (task, exchange, free_exchange);
  soup_server_message_pause (exchange->message);
  exchange->server->n_exchanges++;
  if (is_of_other)
    g_thread_pool_push (exchange->server->others, g_steal_pointer (&task), NULL);
  else
    g_task_run_in_thread (task, serve);
}

/* Before the body is read: of one that is too large, or does not say how large it is, nothing is
 * kept.
 */
static void
check_size (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
            void *data)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  if (soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CHUNKED &&
      soup_message_headers_get_content_length (headers) <= REQUEST_BYTES_MAX)
    return;
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  soup_server_message_set_status (message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, NULL);
}

static void
hear_local (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
            void *data)
{
  g_autoptr (GCredentials) credentials =
    g_socket_get_credentials (soup_server_message_get_socket (message), NULL);
  Exchange *exchange = new_exchange (data, message, path, query);
  exchange->request.uid =
    credentials != NULL ? g_credentials_get_unix_user (credentials, NULL) : (uid_t) -1;
  start_exchange (exchange);
}

/* libsoup knows the certificate with the first request of a connection only; the name that was in
 * it stays with the socket for all the others.
 */
#define SU_OF_SOCKET "umzug-su"

static char *
read_su_name (SoupServerMessage *message)
{
  g_autoptr (GByteArray) der = NULL;
  GTlsCertificate *certificate = soup_server_message_get_tls_peer_certificate (message);
  if (certificate == NULL || soup_server_message_get_tls_peer_certificate_errors (message) != 0)
    return NULL;
  g_object_get (certificate, "certificate", &der, NULL);
  return umz_pki_certificate_su_name (der->data, der->len, NULL);
}

/* The configured SU that speaks, or NULL. */
static const UmzConfigPeer *
identify (UmzServer *server, SoupServerMessage *message)
{
  GObject *socket = G_OBJECT (soup_server_message_get_socket (message));
  const char *name = g_object_get_data (socket, SU_OF_SOCKET);
  if (name == NULL) {
    name = read_su_name (message);
    g_object_set_data_full (socket, SU_OF_SOCKET, (char *) name, g_free);
  }
  return name != NULL ? umz_config_find_peer (server->app->config, name) : NULL;
}

static void
hear_peer (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
           void *data)
{
  UmzServer *server = data;
  const UmzConfigPeer *peer = identify (server, message);
  Exchange *exchange = new_exchange (server, message, path, query);
  exchange->request.peer = g_strdup (peer != NULL ? peer->name : "");
  start_exchange (exchange);
}

static bool
listen_locally (UmzServer *server, GError **error)
{
  const char *path = server->app->config->control_socket;
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, error);
  if (socket == NULL)
    return false;
  (void) g_mkdir_with_parents (folder, 0755); /* shows at bind */
  (void) g_unlink (path);                     /* left over from an earlier run */
  server->local = soup_server_new ("server-header", "umzugd", NULL);
  soup_server_add_early_handler (server->local, NULL, check_size, NULL, NULL);
  soup_server_add_handler (server->local, NULL, hear_local, server, NULL);
  /* Everybody may connect; what one may do depends on who one is. */
  return g_socket_bind (socket, address, TRUE, error) && g_chmod (path, 0666) == 0 &&
         g_socket_listen (socket, error) &&
         soup_server_listen_socket (server->local, socket, 0, error);
}

/* GIO asks for every client certificate, the good ones too. */
static gboolean
accept_certificate (SoupServerMessage *message, GTlsCertificate *certificate,
                    GTlsCertificateFlags errors, void *data)
{
  return errors == 0;
}

static void
hear_connection (SoupServer *soup, SoupServerMessage *message, void *data)
{
  g_signal_connect (message, "accept-certificate", G_CALLBACK (accept_certificate), NULL);
}

static bool
listen_to_peers (UmzServer *server, GError **error)
{
  const UmzConfig *config = server->app->config;
  g_autoptr (GTlsDatabase) database = g_tls_file_database_new (config->ca, error);
  if (database == NULL)
    return false;
  g_autoptr (GTlsCertificate) certificate =
    g_tls_certificate_new_from_files (config->certificate, config->key, error);
  if (certificate == NULL)
    return false;
  server->control =
    soup_server_new ("server-header", "umzugd", "tls-certificate", certificate, "tls-database",
                     database, "tls-auth-mode", G_TLS_AUTHENTICATION_REQUIRED, NULL);
  g_signal_connect (server->control, "request-started", G_CALLBACK (hear_connection), NULL);
  soup_server_add_early_handler (server->control, NULL, check_size, NULL, NULL);
  soup_server_add_handler (server->control, NULL, hear_peer, server, NULL);
  if (config->listen_address == NULL)
    return soup_server_listen_all (server->control, (guint) config->control_port,
                                   SOUP_SERVER_LISTEN_HTTPS, error);
  g_autoptr (GSocketAddress) address =
    g_inet_socket_address_new_from_string (config->listen_address, (guint) config->control_port);
  return soup_server_listen (server->control, address, SOUP_SERVER_LISTEN_HTTPS, error);
}

UmzServer *
umz_server_start (UmzApp *app, GError **error)
{
  UmzServer *server = g_new0 (UmzServer, 1);
  server->app = app;
  server->guest_consoles = umz_guest_consoles_new (app);
  server->others = g_thread_pool_new (serve_other, NULL, OTHERS_THREADS, FALSE, NULL);
  if (listen_locally (server, error) &&
      (app->config->peers->len == 0 || listen_to_peers (server, error)))
    return server;
  umz_server_stop (server);
  return NULL;
}

void
umz_server_stop (UmzServer *server)
{
  if (server == NULL)
    return;
  while (server->n_exchanges > 0)
    g_main_context_iteration (NULL, TRUE);
  g_thread_pool_free (server->others, FALSE, TRUE);
  g_clear_object (&server->control);
  g_clear_object (&server->local);
  umz_guest_consoles_free (server->guest_consoles);
  (void) g_unlink (server->app->config->control_socket);
  g_free (server);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* server.c: HTTP and JSON, on both faces.
 *
 * Local socket (who may do what is decided by the peer credentials of the connection):
 *   POST /1/commands       {"text", "language", "resume"}  ->  see reply.h
 *   GET  /1/console?after=N&language=L           ->  {"lines": [{"number", "time_us", "text"}]}
 *   GET  /1/guests/NAME/console?after=OFFSET     ->  see guest-console.h; administrators only
 *   GET  /1/openapi.json   describes all of this
 *   GET  /1/moves/ID?after=N&language=L          ->  the same, and the progress of that move
 *
 * Control port (mutual TLS; who speaks is known by the certificate):
 *   POST /peer/3/check           umz_judgement_hear()
 *   POST /peer/3/su              umz_self_describe()
 *   POST /peer/3/definitions     umz_herald_hear_list()
 *   POST /peer/3/definition      umz_herald_hear_definition()
 *   POST /peer/3/takeover        umz_takeovers_hear()
 *   POST /peer/3/moves/ID/VERB   umz_engine_handle_move()
 *
 * A worker thread answers each request: libvirt and the other SU may take their time.
 */
#include "daemon/server.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <libsoup/soup.h>
#include <pwd.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/migrations.h"
#include "daemon/guest-console.h"
#include "describe/openapi.h"
#include "model/json.h"
#include "peer/client.h"
#include "pki/pki.h"
#include "store/console-log.h"
#include "su/admission.h"
#include "su/herald.h"
#include "su/judgement.h"
#include "su/self.h"
#include "su/takeovers.h"

#define REQUEST_BYTES_MAX (8 * 1024 * 1024)
#define CONSOLE_LINES_MAX 1000
#define RESUME_BYTES_MAX  256
#define OTHERS_THREADS    4
#define OPERATORS_GROUP   "umzug"

struct UmzServer {
  UmzApp *app;                      /* borrowed */
  unsigned n_requests;              /* being answered; of the main loop */
  UmzGuestConsoles *guest_consoles; /* owned */
  GThreadPool *others;              /* owned; all users but root delay only each other */
  SoupServer *local;                /* owned */
  SoupServer *control;              /* owned; NULL when there is no other SU */
};

typedef struct {
  UmzServer *server;          /* borrowed; it waits for us */
  UmzApp *app;                /* borrowed */
  SoupServerMessage *message; /* owned; touched in the main loop only */
  char *path;
  GHashTable *query; /* owned, may be NULL */
  GBytes *body;
  bool is_post;
  char *peer;       /* control port: name of the SU */
  uid_t uid;        /* local socket */
  JsonNode *answer; /* owned */
  unsigned status;
} Request;

static void
free_request (void *data)
{
  Request *request = data;
  g_object_unref (request->message);
  g_clear_pointer (&request->query, g_hash_table_unref);
  g_bytes_unref (request->body);
  g_clear_pointer (&request->answer, json_node_unref);
  g_free (request->path);
  g_free (request->peer);
  g_free (request);
}

static void
answer_error (Request *request, unsigned status, UmzNotice *notice)
{
  g_autoptr (UmzNotice) owned = notice;
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "error");
  json_builder_add_value (b, umz_json_from_notice (owned));
  json_builder_end_object (b);
  request->answer = json_builder_get_root (b);
  request->status = status;
}

/* ---- local socket ---- */

static bool
is_in_operators_group (const char *user, gid_t primary)
{
  const struct group *group = getgrnam (OPERATORS_GROUP);
  if (group == NULL)
    return false;
  for (char **member = group->gr_mem; *member != NULL; member++)
    if (strcmp (*member, user) == 0)
      return true;
  return group->gr_gid == primary;
}

/* getpwuid() and getgrnam() share static memory: one request at a time looks. */
static bool
find_role (uid_t uid, char **ret_name)
{
  static GMutex lock;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  const struct passwd *user = getpwuid (uid);
  *ret_name = user != NULL ? g_strdup (user->pw_name) : g_strdup_printf ("%u", uid);
  return uid == 0 || (user != NULL && is_in_operators_group (*ret_name, user->pw_gid));
}

static UmzLang
language_of (Request *request, const char *text)
{
  UmzLang language = request->app->config->language;
  if (text != NULL)
    (void) umz_lang_parse (text, &language); /* else the configured one */
  return language;
}

static const char *
query_of (Request *request, const char *name)
{
  return request->query != NULL ? g_hash_table_lookup (request->query, name) : NULL;
}

static void
serve_command (Request *request)
{
  const char *text, *language = NULL, *resume = "";
  g_autoptr (GError) error = NULL;
  g_autofree char *user = NULL;
  g_autoptr (JsonNode) body = umz_json_parse (g_bytes_get_data (request->body, NULL),
                                              g_bytes_get_size (request->body), &error);
  JsonObject *object = body != NULL ? json_node_get_object (body) : NULL;
  if (object == NULL || !umz_json_get_text (object, "text", REQUEST_BYTES_MAX, &text)) {
    answer_error (request, SOUP_STATUS_BAD_REQUEST,
                  umz_notice_new (UMZ_MSG_UMZ0310, "command", NULL));
    return;
  }
  (void) umz_json_get_text (object, "language", 16, &language); /* optional, like what follows */
  (void) umz_json_get_text (object, "resume", RESUME_BYTES_MAX, &resume);
  bool is_administrator = find_role (request->uid, &user);
  g_autoptr (UmzReply) reply =
    umz_reply_new (request->app, user, language_of (request, language));
  reply->is_administrator = is_administrator;
  reply->resume = resume;
  umz_commands_execute (reply, text);
  request->answer = umz_reply_to_json (reply);
}

static void
add_console_line (JsonBuilder *b, const UmzConsoleLine *line, UmzLang language)
{
  g_autofree char *text = NULL;
  g_autoptr (UmzNotice) notice = NULL;
  bool is_echo = line->code[0] == '\0';
  if (!is_echo)
    notice = umz_notice_new_from_code (line->code, (const char *const *) line->inserts, NULL);
  if (notice != NULL)
    text = umz_notice_render (notice, language);
  json_builder_begin_object (b);
  umz_json_set_number (b, "number", line->number);
  umz_json_set_number (b, "time_us", (uint64_t) line->time_us);
  umz_json_set_text (b, "su", line->su);
  umz_json_set_number (b, "echo", is_echo);
  umz_json_set_text (b, "text", text != NULL ? text : is_echo ? line->inserts[0]
                                                              : line->code);
  json_builder_end_object (b);
}

static bool
add_console (Request *request, JsonBuilder *b, const char *move)
{
  g_autoptr (GError) error = NULL;
  const char *after = query_of (request, "after");
  g_autoptr (GPtrArray) lines = umz_store_list_console (
    request->app->store, after != NULL ? g_ascii_strtoull (after, NULL, 10) : 0, move,
    CONSOLE_LINES_MAX, &error);
  if (lines == NULL) {
    answer_error (request, SOUP_STATUS_INTERNAL_SERVER_ERROR, umz_error_to_notice (error));
    return false;
  }
  json_builder_set_member_name (b, "lines");
  json_builder_begin_array (b);
  for (guint i = 0; i < lines->len; i++)
    add_console_line (b, lines->pdata[i], language_of (request, query_of (request, "language")));
  json_builder_end_array (b);
  umz_json_set_text (b, "su", request->app->config->su_name);
  return true;
}

static void
serve_console (Request *request)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  if (!add_console (request, b, NULL))
    return;
  json_builder_end_object (b);
  request->answer = json_builder_get_root (b);
}

static void
serve_move (Request *request, const char *id)
{
  UmzProgress p;
  g_autoptr (JsonBuilder) b = json_builder_new ();
  if (!umz_engine_get_progress (request->app->engine, id, &p)) {
    answer_error (request, SOUP_STATUS_NOT_FOUND, umz_notice_new (UMZ_MSG_UMZ0133, id, NULL));
    return;
  }
  json_builder_begin_object (b);
  umz_json_set_text (b, "phase", umz_phase_name (p.phase));
  umz_json_set_number (b, "in_doubt", p.phase == UMZ_PHASE_DOUBT);
  umz_json_set_text (b, "status", umz_monjv_state_text (p.status));
  umz_json_set_number (b, "ended", umz_monjv_state_is_final (p.status));
  umz_json_set_number (b, "memory_total_bytes", p.job.memory_total_bytes);
  umz_json_set_number (b, "memory_remaining_bytes", p.job.memory_remaining_bytes);
  umz_json_set_number (b, "dirty_pages_per_s", p.job.dirty_pages_per_s);
  umz_json_set_number (b, "round", p.job.iteration);
  umz_migrations_add_transfer (b, &p.transfer);
  umz_json_set_number (b, "guest_bytes_per_s", p.guest_bytes_per_s);
  umz_json_set_number (b, "left_ms", (uint64_t) p.left_us / 1000);
  umz_json_set_number (b, "in_flight_bytes", p.in_flight_bytes);
  umz_json_set_number (b, "in_flight_max_bytes", p.in_flight_max_bytes);
  if (!add_console (request, b, id))
    return;
  json_builder_end_object (b);
  request->answer = json_builder_get_root (b);
}

/* The VM in "/1/guests/NAME/console"; NULL: it is another path. */
static char *
dup_guest (const char *path)
{
  static const char begin[] = "/1/guests/", end[] = "/console";
  size_t length = strlen (path), frame_length = strlen (begin) + strlen (end);
  if (length <= frame_length || !g_str_has_prefix (path, begin) || !g_str_has_suffix (path, end))
    return NULL;
  return g_strndup (path + strlen (begin), length - frame_length);
}

static void
serve_guest_console (Request *request, const char *vm)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *user = NULL;
  const char *after = query_of (request, "after");
  if (!find_role (request->uid, &user)) {
    answer_error (request, SOUP_STATUS_FORBIDDEN, umz_notice_new (UMZ_MSG_CMD0216, NULL));
    return;
  }
  request->answer = umz_guest_consoles_read (
    request->server->guest_consoles, vm,
    after != NULL ? g_ascii_strtoull (after, NULL, 10) : UMZ_CONSOLE_END, &error);
  if (request->answer == NULL)
    answer_error (request, SOUP_STATUS_CONFLICT, umz_error_to_notice (error));
}

static void
serve_description (Request *request)
{
  g_autofree char *text = umz_describe_openapi ();
  request->answer = json_from_string (text, NULL);
}

static void
serve_local (Request *request)
{
  g_autofree char *guest = request->is_post ? NULL : dup_guest (request->path);
  if (request->is_post && strcmp (request->path, "/1/commands") == 0)
    serve_command (request);
  else if (!request->is_post && strcmp (request->path, "/1/console") == 0)
    serve_console (request);
  else if (guest != NULL)
    serve_guest_console (request, guest);
  else if (!request->is_post && strcmp (request->path, "/1/openapi.json") == 0)
    serve_description (request);
  else if (!request->is_post && g_str_has_prefix (request->path, "/1/moves/"))
    serve_move (request, request->path + strlen ("/1/moves/"));
  else
    answer_error (request, SOUP_STATUS_NOT_FOUND, umz_notice_new (UMZ_MSG_UMZ0310, "path", NULL));
}

/* ---- control port ---- */

typedef JsonNode *(*Hearer) (UmzApp *app, const char *su, JsonObject *request, GError **error);

static Hearer
find_hearer (const char *path)
{
  static const struct {
    const char *path;
    Hearer hearer;
  } hearers[] = {
    { "definitions", umz_herald_hear_list },
    { "definition", umz_herald_hear_definition },
    { "takeover", umz_takeovers_hear },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (hearers); i++)
    if (strcmp (path, hearers[i].path) == 0)
      return hearers[i].hearer;
  return NULL;
}

static void
serve_peer (Request *request)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *prefix = g_strdup_printf ("/peer/%d/", UMZ_PEER_VERSION);
  g_autoptr (JsonNode) body = umz_json_parse (g_bytes_get_data (request->body, NULL),
                                              g_bytes_get_size (request->body), &error);
  g_auto (GStrv) parts = g_strsplit (
    request->path + (g_str_has_prefix (request->path, prefix) ? strlen (prefix) : 0), "/", 4);
  guint n = g_strv_length (parts);
  if (request->peer[0] == '\0') {
    answer_error (request, SOUP_STATUS_FORBIDDEN,
                  umz_notice_new (UMZ_MSG_VMS2343, request->app->config->su_name, NULL));
    return;
  }
  if (body != NULL && n == 1 && strcmp (parts[0], "check") == 0)
    request->answer =
      umz_judgement_hear (request->app, request->peer, json_node_get_object (body), &error);
  else if (body != NULL && n == 1 && strcmp (parts[0], "su") == 0)
    request->answer = umz_self_describe (request->app);
  else if (body != NULL && n == 1 && find_hearer (parts[0]) != NULL)
    request->answer = find_hearer (parts[0]) (request->app, request->peer,
                                              json_node_get_object (body), &error);
  else if (body != NULL && n == 3 && strcmp (parts[0], "moves") == 0 &&
           strcmp (parts[2], "begin") == 0)
    request->answer = umz_admission_hear_begin (request->app, request->peer, parts[1],
                                                json_node_get_object (body), &error);
  else if (body != NULL && n == 3 && strcmp (parts[0], "moves") == 0)
    request->answer = umz_engine_handle_move (request->app->engine, request->peer, parts[1],
                                              parts[2], json_node_get_object (body), &error);
  else if (body != NULL) {
    answer_error (request, SOUP_STATUS_NOT_FOUND,
                  umz_notice_new (UMZ_MSG_VMS2410, request->app->config->su_name, NULL));
    return;
  }
  if (request->answer == NULL)
    answer_error (request, SOUP_STATUS_CONFLICT, umz_error_to_notice (error));
}

/* ---- both ---- */

static void
serve (GTask *task, void *source, void *data, GCancellable *cancellable)
{
  Request *request = data;
  if (request->peer != NULL)
    serve_peer (request);
  else
    serve_local (request);
  g_task_return_boolean (task, TRUE);
}

static void
finish (GObject *source, GAsyncResult *result, void *data)
{
  Request *request = g_task_get_task_data (G_TASK (result));
  char *text = json_to_string (request->answer, FALSE);
  soup_server_message_set_status (request->message, request->status, NULL);
  soup_server_message_set_response (request->message, "application/json", SOUP_MEMORY_TAKE, text,
                                    strlen (text));
  soup_server_message_unpause (request->message);
  request->server->n_requests--;
}

static Request *
new_request (UmzServer *server, SoupServerMessage *message, const char *path, GHashTable *query)
{
  Request *request = g_new0 (Request, 1);
  request->server = server;
  request->app = server->app;
  request->message = g_object_ref (message);
  request->path = g_strdup (path);
  request->query = query != NULL ? g_hash_table_ref (query) : NULL;
  request->body = soup_message_body_flatten (soup_server_message_get_request_body (message));
  request->is_post = soup_server_message_get_method (message) == SOUP_METHOD_POST;
  request->status = SOUP_STATUS_OK;
  return request;
}

static void
serve_other (void *data, void *unused)
{
  g_autoptr (GTask) task = data;
  serve (task, NULL, g_task_get_task_data (task), NULL);
}

static void
start_request (Request *request)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, finish, NULL);
  g_task_set_task_data (task, request, free_request);
  soup_server_message_pause (request->message);
  request->server->n_requests++;
  if (request->peer == NULL && request->uid != 0)
    g_thread_pool_push (request->server->others, g_steal_pointer (&task), NULL);
  else
    g_task_run_in_thread (task, serve);
}

/* Before the body is read: one that is too large, or does not say how large it is, is not read. */
static void
check_size (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
            void *data)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED ||
      soup_message_headers_get_content_length (headers) > REQUEST_BYTES_MAX)
    soup_server_message_set_status (message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, NULL);
}

static void
hear_local (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
            void *data)
{
  g_autoptr (GCredentials) credentials =
    g_socket_get_credentials (soup_server_message_get_socket (message), NULL);
  Request *request = new_request (data, message, path, query);
  request->uid = credentials != NULL ? g_credentials_get_unix_user (credentials, NULL) : (uid_t) -1;
  start_request (request);
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
  Request *request = new_request (server, message, path, query);
  request->peer = g_strdup (peer != NULL ? peer->name : "");
  start_request (request);
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
  while (server->n_requests > 0)
    g_main_context_iteration (NULL, TRUE);
  g_thread_pool_free (server->others, FALSE, TRUE);
  g_clear_object (&server->control);
  g_clear_object (&server->local);
  umz_guest_consoles_free (server->guest_consoles);
  (void) g_unlink (server->app->config->control_socket);
  g_free (server);
}

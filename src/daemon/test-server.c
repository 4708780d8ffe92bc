/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-server.c: umzugd's two faces, over a real local socket and over real HTTPS on loopback, with
 * certificates of a cluster that is made for the test; and who asks over HTTPS (peer/client.h).
 */
#include "daemon/server.h"

#include <gio/gunixsocketaddress.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hypervisor/test-libvirt.h"
#include "peer/client.h"
#include "pki/pki.h"

#define URI    "test:///ABGSE501"
#define LONG_S 20 /* until a defect ends a test */

typedef struct {
  char *folder;
  UmzApp *app;       /* of ABGSE501, which listens */
  UmzServer *server; /* NULL: nobody does */
  UmzConfig *asks;   /* of ABGSE701 */
  int silent_fd;     /* listens, and says nothing */
  uint16_t silent_port;
} Fixture;

/* ---- setting up ---- */

/* A socket of ours on loopback; *ret_port: where. */
static int
open_socket (uint16_t *ret_port)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &address, &length), ==, 0);
  *ret_port = ntohs (address.sin_port);
  return fd;
}

static uint16_t
find_free_port (void)
{
  uint16_t port;
  close (open_socket (&port));
  return port;
}

/* Two clusters: what one of them has issued is worth nothing in the other. */
static void
make_certificates (const char *folder)
{
  static const char *const clusters[] = { "pki", "other-pki" };
  static const char *const names[] = { "ABGSE501", "ABGSE701", "STRANGER" };
  g_autoptr (GError) error = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS (clusters); i++) {
    g_autofree char *dir = g_build_filename (folder, clusters[i], NULL);
    umz_pki_init (dir, "CLUSTER", &error);
    g_assert_no_error (error);
    for (size_t k = 0; k < G_N_ELEMENTS (names); k++) {
      umz_pki_issue (dir, names[k], &error);
      g_assert_no_error (error);
    }
  }
}

static UmzConfig *
make_config (const char *folder, const char *name, uint16_t port, const char *peer,
             uint16_t peer_port)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_strdup_printf ("%s/%s.conf", folder, name);
  g_autofree char *text = g_strdup_printf (
    "[su]\nname=%s\ntype=390\n[libvirt]\nuri=" URI "\n"
    "[listen]\naddress=127.0.0.1\ncontrol-port=%u\nsocket=%s/umzugd.sock\n"
    "[cluster]\nca=%s/pki/ca.pem\ncertificate=%s/pki/%s.pem\nkey=%s/pki/%s-key.pem\n"
    "revoked=%s/pki/revoked.pem\n"
    "[paths]\nstate=%s/state\nrun=%s/run\nmigration=%s/m\n"
    "[su %s]\naddress=127.0.0.1\nport=%u\n",
    name, port, folder, folder, folder, name, folder, name, folder, folder, folder, folder, peer,
    peer_port);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  UmzConfig *config = umz_config_load (path, &error);
  g_assert_no_error (error);
  return config;
}

static void
set_up (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  uint16_t port = find_free_port ();
  f->folder = g_dir_make_tmp ("umzug-server-XXXXXX", &error);
  g_assert_no_error (error);
  make_certificates (f->folder);
  umz_test_libvirt_begin (f->folder);
  f->silent_fd = open_socket (&f->silent_port);
  g_assert_cmpint (listen (f->silent_fd, 1), ==, 0);
  f->asks = make_config (f->folder, "ABGSE701", find_free_port (), "ABGSE501", port);
  f->app =
    umz_app_new_from_config (make_config (f->folder, "ABGSE501", port, "ABGSE701", port),
                             f->folder, &error);
  g_assert_no_error (error);
  f->server = umz_server_start (f->app, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, const void *unused)
{
  umz_server_stop (f->server);
  umz_app_free (f->app);
  umz_config_free (f->asks);
  umz_test_libvirt_end ();
  close (f->silent_fd);
  g_autofree char *command = g_strdup_printf ("rm -r %s", f->folder);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_free (f->folder);
}

/* ---- asking: in another thread, for the main loop answers ---- */

static void
run_beside_main_loop (GThreadFunc ask, void *data, const gint *is_over)
{
  GThread *thread = g_thread_new ("asks", ask, data);
  while (!g_atomic_int_get (is_over))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
}

static void
end (gint *is_over)
{
  g_atomic_int_set (is_over, true);
  g_main_context_wakeup (NULL);
}

typedef struct {
  const UmzConfig *config;
  const char *su, *path;
  unsigned timeout_s;
  GCancellable *interrupt;
  JsonNode *answer; /* owned */
  GError *error;    /* owned */
  gint is_over;
} Call;

static void *
call (void *data)
{
  Call *c = data;
  g_autoptr (UmzPeerClient) client = umz_peer_client_new (c->config, c->su, &c->error);
  if (client != NULL)
    c->answer = umz_peer_call (client, c->path, NULL, c->timeout_s, c->interrupt, &c->error);
  end (&c->is_over);
  return NULL;
}

/* What is answered: "ok", or the code of what is wrong. */
static char *
dup_outcome (const UmzConfig *config, const char *path, unsigned timeout_s,
             GCancellable *interrupt)
{
  const UmzConfigPeer *su = config->peers->pdata[0];
  Call c = { .config = config,
             .su = su->name,
             .path = path,
             .timeout_s = timeout_s,
             .interrupt = interrupt };
  run_beside_main_loop (call, &c, &c.is_over);
  g_autoptr (JsonNode) answer = c.answer;
  g_autoptr (GError) error = c.error;
  if (answer != NULL)
    return g_strdup ("ok");
  g_autoptr (UmzNotice) notice = umz_error_to_notice (error);
  g_test_message ("%s", error->message);
  return g_strdup (umz_message_code (umz_notice_get_id (notice)));
}

static void
assert_outcome (const UmzConfig *config, const char *path, const char *expected)
{
  g_autofree char *outcome = dup_outcome (config, path, LONG_S, NULL);
  g_assert_cmpstr (outcome, ==, expected);
}

/* ---- the control port ---- */

static void
test_answers (Fixture *f, const void *unused)
{
  assert_outcome (f->asks, "/su", "ok");
  assert_outcome (f->asks, "/check", "UMZ0310"); /* it is asked of no VM */
  assert_outcome (f->asks, "/no/such/path", "VMS2410");
}

/* The client keeps its connection: who has spoken is known to the second request, too. */
static void *
call_twice (void *data)
{
  Call *c = data;
  g_autoptr (UmzPeerClient) client = umz_peer_client_new (c->config, c->su, &c->error);
  for (int i = 0; i < 2 && c->error == NULL; i++) {
    g_clear_pointer (&c->answer, json_node_unref);
    c->answer = umz_peer_call (client, "/su", NULL, 5, NULL, &c->error);
  }
  end (&c->is_over);
  return NULL;
}

static void
test_answers_twice (Fixture *f, const void *unused)
{
  Call c = { .config = f->asks, .su = "ABGSE501" };
  run_beside_main_loop (call_twice, &c, &c.is_over);
  g_assert_no_error (c.error);
  g_assert_nonnull (c.answer);
  json_node_unref (c.answer);
}

static void
set_path (char **path, const Fixture *f, const char *name)
{
  g_free (*path);
  *path = g_build_filename (f->folder, name, NULL);
}

static void
test_strangers (Fixture *f, const void *unused)
{
  static const struct {
    const char *ca, *certificate, *key, *outcome;
  } rows[] = {
    { "pki/ca.pem", "pki/ABGSE701.pem", "pki/ABGSE701-key.pem", "ok" },
    { "pki/ca.pem", "pki/STRANGER.pem", "pki/STRANGER-key.pem", "VMS2343" },
    { "pki/ca.pem", "other-pki/ABGSE701.pem", "other-pki/ABGSE701-key.pem", "UMZ0321" },
    { "other-pki/ca.pem", "pki/ABGSE701.pem", "pki/ABGSE701-key.pem", "UMZ0321" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    set_path (&f->asks->ca, f, rows[i].ca);
    set_path (&f->asks->certificate, f, rows[i].certificate);
    set_path (&f->asks->key, f, rows[i].key);
    assert_outcome (f->asks, "/su", rows[i].outcome);
  }
}

/* Another SU of the cluster listens where this one should. */
static void
test_other_name (Fixture *f, const void *unused)
{
  UmzConfigPeer *peer = f->asks->peers->pdata[0];
  g_free (peer->name);
  peer->name = g_strdup ("ABGSE801");
  assert_outcome (f->asks, "/su", "UMZ0321");
}

static void
test_nobody (Fixture *f, const void *unused)
{
  UmzConfigPeer *peer = f->asks->peers->pdata[0];
  g_autoptr (GCancellable) interrupt = g_cancellable_new ();
  peer->port = f->silent_port;
  g_autofree char *silence = dup_outcome (f->asks, "/su", 1, NULL);
  g_assert_cmpstr (silence, ==, "UMZ0320");
  g_cancellable_cancel (interrupt);
  g_autofree char *interrupted = dup_outcome (f->asks, "/su", LONG_S, interrupt);
  g_assert_cmpstr (interrupted, ==, "UMZ0320");
  g_assert_cmpint (shutdown (f->silent_fd, SHUT_RDWR), ==, 0); /* refuses from now on */
  assert_outcome (f->asks, "/su", "UMZ0321");
}

static void
test_not_configured (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (umz_peer_client_new (f->asks, "NOSUCH", &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_VMS2400);
  set_path (&f->asks->key, f, "no-such-key.pem");
  g_assert_null (umz_peer_client_new (f->asks, "ABGSE501", NULL));
  set_path (&f->asks->ca, f, "no-such-ca.pem");
  g_assert_null (umz_peer_client_new (f->asks, "ABGSE501", NULL));
}

/* ---- the local socket ---- */

typedef struct {
  const char *path; /* of the socket */
  const char *request;
  GString *answer; /* owned */
  gint is_over;
} Dialog;

static GSocketConnection *
connect_to (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  GSocketConnection *connection =
    g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);
  g_assert_no_error (error);
  return connection;
}

static void
speak_on (Dialog *d, GIOStream *stream)
{
  char buffer[4096];
  gssize n = 1;
  g_autoptr (GError) error = NULL;
  g_output_stream_write_all (g_io_stream_get_output_stream (stream), d->request,
                             strlen (d->request), NULL, NULL, &error);
  g_assert_no_error (error);
  while (n > 0) {
    n = g_input_stream_read (g_io_stream_get_input_stream (stream), buffer, sizeof buffer, NULL,
                             NULL);
    g_string_append_len (d->answer, buffer, MAX (n, 0));
  }
  end (&d->is_over);
}

static void *
speak (void *data)
{
  Dialog *d = data;
  g_autoptr (GSocketConnection) connection = connect_to (d->path);
  speak_on (d, G_IO_STREAM (connection));
  return NULL;
}

#define KEEP(method, path) method " " path " HTTP/1.1\r\nHost: localhost\r\n"
#define HEAD(method, path) KEEP (method, path) "Connection: close\r\n"

static void
test_local (Fixture *f, const void *unused)
{
  static const struct {
    const char *request, *status, *shows;
  } rows[] = {
    { HEAD ("GET", "/1/openapi.json") "\r\n", "HTTP/1.1 200 ", "\"openapi\"" },
    { HEAD ("GET", "/1/console?after=0") "\r\n", "HTTP/1.1 200 ", "\"su\":\"ABGSE501\"" },
    { HEAD ("GET", "/1/nowhere") "\r\n", "HTTP/1.1 404 ", "UMZ0310" },
    { HEAD ("GET", "/1/moves/m-1") "\r\n", "HTTP/1.1 404 ", "UMZ0133" },
    { HEAD ("POST", "/1/commands") "Content-Length: 2\r\n\r\n{}", "HTTP/1.1 400 ", "UMZ0310" },
    { HEAD ("POST", "/1/commands") "Content-Length: 41\r\n\r\n"
                                   "{\"text\":\"HELP-MSG-INFORMATION VMS4000,E\"}",
      "HTTP/1.1 200 ", "NOT INITIALIZED" },
    { HEAD ("POST", "/1/commands") "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 413 ", "UMZ0011" },
    { KEEP ("GET", "/1/openapi.json") "\r\n" HEAD ("GET", "/1/nowhere") "\r\n",
      "HTTP/1.1 200 ", "HTTP/1.1 404 " },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    Dialog d = { .path = f->app->config->control_socket,
                 .request = rows[i].request,
                 .answer = g_string_new (NULL) };
    run_beside_main_loop (speak, &d, &d.is_over);
    g_test_message ("%s", d.answer->str);
    g_assert_true (g_str_has_prefix (d.answer->str, rows[i].status));
    g_assert_nonnull (strstr (d.answer->str, rows[i].shows));
    g_string_free (d.answer, TRUE);
  }
}

static gboolean
accept_certificate (GTlsConnection *connection, GTlsCertificate *certificate,
                    GTlsCertificateFlags errors, void *data)
{
  return TRUE;
}

static void
show_certificate (GSocketClient *client, GSocketClientEvent event, GSocketConnectable *where,
                  GIOStream *stream, const UmzConfig *config)
{
  g_autoptr (GError) error = NULL;
  if (event != G_SOCKET_CLIENT_TLS_HANDSHAKING)
    return;
  g_autoptr (GTlsCertificate) certificate =
    g_tls_certificate_new_from_files (config->certificate, config->key, &error);
  g_assert_no_error (error);
  g_tls_connection_set_certificate (G_TLS_CONNECTION (stream), certificate);
  g_signal_connect (stream, "accept-certificate", G_CALLBACK (accept_certificate), NULL);
}

typedef struct {
  Dialog dialog;
  const UmzConfig *config; /* of who speaks */
} PeerDialog;

static void *
speak_as_peer (void *data)
{
  PeerDialog *d = data;
  const UmzConfigPeer *su = d->config->peers->pdata[0];
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_socket_client_set_tls (client, TRUE);
  g_signal_connect (client, "event", G_CALLBACK (show_certificate), (void *) d->config);
  g_autoptr (GSocketConnection) connection =
    g_socket_client_connect_to_host (client, su->address, (guint16) su->port, NULL, &error);
  g_assert_no_error (error);
  speak_on (&d->dialog, G_IO_STREAM (connection));
  return NULL;
}

/* A guest that stands still does not wait for another handshake. */
static void
test_keeps (Fixture *f, const void *unused)
{
  g_autofree char *requests =
    g_strconcat (KEEP ("POST", "/peer/1/nowhere"), "Content-Length: 2\r\n\r\n{}",
                 HEAD ("GET", "/nowhere"), "\r\n", NULL);
  PeerDialog d = { .config = f->asks,
                   .dialog = { .request = requests, .answer = g_string_new (NULL) } };
  run_beside_main_loop (speak_as_peer, &d, &d.dialog.is_over);
  g_test_message ("%s", d.dialog.answer->str);
  const char *first = strstr (d.dialog.answer->str, "HTTP/1.1 404 ");
  g_assert_nonnull (first);
  g_assert_nonnull (strstr (first + 1, "HTTP/1.1 404 "));
  g_string_free (d.dialog.answer, TRUE);
}

static unsigned
count_descriptors (void)
{
  unsigned n = 0;
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  while (g_dir_read_name (folder) != NULL)
    n++;
  return n;
}

static void
wait_for_descriptors (unsigned n)
{
  while (count_descriptors () > n)
    g_main_context_iteration (NULL, TRUE);
}

static void *
speak_and_go (void *data)
{
  Dialog *d = data;
  char letter;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection = connect_to (d->path);
  GIOStream *stream = G_IO_STREAM (connection);
  g_output_stream_write_all (g_io_stream_get_output_stream (stream), d->request,
                             strlen (d->request), NULL, NULL, &error);
  g_assert_no_error (error);
  if (g_str_has_suffix (d->request, "\r\n\r\n"))
    g_input_stream_read (g_io_stream_get_input_stream (stream), &letter, 1, NULL, NULL);
  g_clear_object (&connection);
  end (&d->is_over);
  return NULL;
}

/* With or without an answer, and without a word about the end. */
static void
test_goes (Fixture *f, const void *unused)
{
  static const char *const requests[] = { "", "GET /1/vm",
                                          KEEP ("GET", "/nowhere") "\r\n" };
  Dialog d = { .path = f->app->config->control_socket };
  unsigned n = count_descriptors ();
  for (size_t i = 0; i < G_N_ELEMENTS (requests); i++) {
    d.request = requests[i];
    d.is_over = false;
    run_beside_main_loop (speak_and_go, &d, &d.is_over);
    wait_for_descriptors (n);
  }
}

/* libsoup asks in this way: the connection is kept until the client is freed. */
static void
test_partner_goes (Fixture *f, const void *unused)
{
  assert_outcome (f->asks, "/su", "ok"); /* what is kept of GnuTLS for good is there from now on */
  unsigned n = count_descriptors ();
  for (int i = 0; i < 3; i++)
    assert_outcome (f->asks, "/su", "ok");
  wait_for_descriptors (n);
}

#define FLOOD_MIB 64

static void *
flood (void *data)
{
  Dialog *d = data;
  static char mib[1 << 20];
  gsize n;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection = connect_to (d->path);
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  g_output_stream_write_all (out, d->request, strlen (d->request), NULL, NULL, &error);
  for (int i = 0; i < FLOOD_MIB && error == NULL; i++)
    g_output_stream_write_all (out, mib, sizeof mib, NULL, NULL, &error);
  g_assert_no_error (error);
  char answer[64] = "";
  g_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (connection)), answer,
                           sizeof answer - 1, &n, NULL, NULL);
  g_string_append (d->answer, answer);
  end (&d->is_over);
  return NULL;
}

static long
get_peak_kib (void)
{
  struct rusage usage;
  g_assert_cmpint (getrusage (RUSAGE_SELF, &usage), ==, 0);
  return usage.ru_maxrss;
}

/* Everybody may connect: nobody may fill our memory. */
static void
test_flood (Fixture *f, const void *unused)
{
#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("the sanitizer keeps what was freed");
  return;
#endif
  Dialog d = { .path = f->app->config->control_socket,
               .request = HEAD ("POST", "/1/commands") "Content-Length: 67108864\r\n\r\n",
               .answer = g_string_new (NULL) };
  long before_kib = get_peak_kib ();
  run_beside_main_loop (flood, &d, &d.is_over);
  g_assert_true (g_str_has_prefix (d.answer->str, "HTTP/1.1 413 "));
  g_assert_cmpint (get_peak_kib () - before_kib, <, FLOOD_MIB * 1024 / 2);
  g_string_free (d.answer, TRUE);
}

/* As many connections as root has room for, then one more. */
static void
test_no_room (Fixture *f, const void *unused)
{
  struct rlimit files;
  GSocketConnection *crowd[513];
  const char *path = f->app->config->control_socket;
  if (geteuid () != 0) {
    g_test_skip ("needs root");
    return;
  }
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &files), ==, 0);
  files.rlim_cur = files.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &files), ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (crowd); i++) {
    crowd[i] = connect_to (path);
    while (g_main_context_iteration (NULL, FALSE))
      ;
  }
  GIOStream *last = G_IO_STREAM (crowd[G_N_ELEMENTS (crowd) - 1]);
  g_autofree char *text = g_malloc0 (4096);
  g_input_stream_read_all (g_io_stream_get_input_stream (last), text, 4095, NULL, NULL, NULL);
  g_assert_true (g_str_has_prefix (text, "HTTP/1.1 503 "));
  g_assert_nonnull (strstr (text, "UMZ0028"));
  for (size_t i = 0; i < G_N_ELEMENTS (crowd); i++)
    g_object_unref (crowd[i]);
}

static int
connect_silently (uint16_t port)
{
  struct sockaddr_in there = { .sin_family = AF_INET,
                               .sin_port = htons (port),
                               .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &there, sizeof there), ==, 0);
  return fd;
}

/* Strangers who say nothing, and strangers who begin and say no more. */
static void
test_crowd (Fixture *f, const void *unused)
{
  int crowd[200];
  for (size_t i = 0; i < G_N_ELEMENTS (crowd); i++) {
    crowd[i] = connect_silently ((uint16_t) f->app->config->control_port);
    if (i % 2 == 0)
      g_assert_cmpint (send (crowd[i], "\x16\x03\x01", 3, MSG_NOSIGNAL), ==, 3);
    while (g_main_context_iteration (NULL, FALSE))
      ;
  }
  assert_outcome (f->asks, "/su", "ok");
  for (size_t i = 0; i < G_N_ELEMENTS (crowd); i++)
    close (crowd[i]);
}

/* Another cluster's, as after a change of CA: who has the old one is a stranger from now on. */
static void
test_reload (Fixture *f, const void *unused)
{
  set_path (&f->app->config->ca, f, "other-pki/ca.pem");
  set_path (&f->app->config->certificate, f, "other-pki/ABGSE501.pem");
  set_path (&f->app->config->key, f, "other-pki/ABGSE501-key.pem");
  assert_outcome (f->asks, "/su", "ok");
  umz_server_reload (f->server);
  assert_outcome (f->asks, "/su", "UMZ0321");
  set_path (&f->asks->ca, f, "other-pki/ca.pem");
  set_path (&f->asks->certificate, f, "other-pki/ABGSE701.pem");
  set_path (&f->asks->key, f, "other-pki/ABGSE701-key.pem");
  assert_outcome (f->asks, "/su", "ok");
}

static void
revoke_certificate (Fixture *f, const char *certificate)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_build_filename (f->folder, "pki", NULL);
  g_autofree char *path = g_build_filename (dir, certificate, NULL);
  g_assert_true (umz_pki_revoke (dir, path, &error));
}

typedef struct {
  Fixture *f;
  char *outcomes[2]; /* owned */
  gint is_revoked, is_over;
} Session;

static gboolean
revoke_and_reload (void *data)
{
  Session *session = data;
  revoke_certificate (session->f, "ABGSE701.pem");
  umz_server_reload (session->f->server);
  g_atomic_int_set (&session->is_revoked, true);
  return G_SOURCE_REMOVE;
}

/* Asks twice over one connection. */
static void *
ask_twice (void *data)
{
  Session *session = data;
  g_autoptr (UmzPeerClient) client = umz_peer_client_new (session->f->asks, "ABGSE501", NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (session->outcomes); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonNode) answer = umz_peer_call (client, "/su", NULL, 5, NULL, &error);
    session->outcomes[i] = g_strdup (answer != NULL ? "ok" : error->message);
    g_idle_add (revoke_and_reload, session);
    while (!g_atomic_int_get (&session->is_revoked))
      g_thread_yield ();
  }
  end (&session->is_over);
  return NULL;
}

/* Also over a connection that it has already; and whoever is asked is looked at as well. */
static void
test_revoked (Fixture *f, const void *unused)
{
  Session session = { .f = f };
  run_beside_main_loop (ask_twice, &session, &session.is_over);
  g_assert_cmpstr (session.outcomes[0], ==, "ok");
  g_assert_nonnull (strstr (session.outcomes[1], "UMZ0321"));
  for (size_t i = 0; i < G_N_ELEMENTS (session.outcomes); i++)
    g_free (session.outcomes[i]);
  while (g_main_context_iteration (NULL, FALSE))
    ; /* the second of its ideas to revoke */
}

static void
test_asks_nobody_revoked (Fixture *f, const void *unused)
{
  assert_outcome (f->asks, "/su", "ok");
  revoke_certificate (f, "ABGSE501.pem");
  assert_outcome (f->asks, "/su", "UMZ0321");
}

/* What an umzugd that was killed has left does not keep the next one from listening. */
static void
test_starts_again (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  umz_server_stop (f->server);
  g_assert_false (g_file_test (f->app->config->control_socket, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_set_contents (f->app->config->control_socket, "", -1, NULL));
  f->server = umz_server_start (f->app, &error);
  g_assert_no_error (error);
  assert_outcome (f->asks, "/su", "ok");
}

static void
test_cannot_start (Fixture *f, const void *unused)
{
  g_autoptr (GError) error = NULL;
  g_clear_pointer (&f->server, umz_server_stop);
  set_path (&f->app->config->key, f, "no-such-key.pem");
  g_assert_null (umz_server_start (f->app, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add ("/server/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("answers-another-su", test_answers);
  ADD ("knows-who-asks-again", test_answers_twice);
  ADD ("keeps-the-connection-of-who-asks", test_keeps);
  ADD ("answers-no-stranger", test_strangers);
  ADD ("is-believed-by-its-own-name-only", test_other_name);
  ADD ("is-missed-when-it-is-not-there", test_nobody);
  ADD ("is-asked-by-who-is-configured", test_not_configured);
  ADD ("answers-operators", test_local);
  ADD ("ends-the-connection-of-who-goes", test_goes);
  ADD ("ends-the-connection-of-a-partner-who-goes", test_partner_goes);
  ADD ("keeps-nothing-of-what-is-too-large", test_flood);
  ADD ("says-that-it-has-no-room", test_no_room);
  ADD ("hears-its-partner-in-a-silent-crowd", test_crowd);
  ADD ("reads-its-certificates-anew", test_reload);
  ADD ("hears-nobody-whose-certificate-is-revoked", test_revoked);
  ADD ("asks-nobody-whose-certificate-is-revoked", test_asks_nobody_revoked);
  ADD ("listens-where-another-has-ended", test_starts_again);
  ADD ("does-not-start-without-its-key", test_cannot_start);
  return g_test_run ();
}

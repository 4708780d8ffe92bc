/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/server.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "daemon/face.h"
#include "daemon/guest-console.h"
#include "daemon/handshakes.h"
#include "daemon/lanes.h"
#include "daemon/request.h"
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
  UmzApp *app;                        /* borrowed */
  UmzGuestConsoles *guest_consoles;   /* owned */
  UmzLanes *lanes;                    /* owned */
  UmzHandshakes *handshakes;          /* owned; NULL when there is no other SU */
  GHashTable *known;                  /* owned; addresses from which partners have come */
  UmzFace *local_face, *control_face; /* owned */
  UmzDoor *local_door, *control_door; /* owned */
};

static void
enter_locally (UmzVisit *visit, void *data)
{
  UmzServer *server = data;
  g_autoptr (GSocketConnection) stream =
    g_socket_connection_factory_create_connection (umz_visit_get_socket (visit));
  umz_face_take (server->local_face, visit, G_IO_STREAM (stream), NULL);
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
  umz_face_take (server->control_face, visit, stream, su);
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
  /* Everybody may connect; what one may do depends on who one is. */
  if (!g_socket_bind (socket, address, TRUE, error) || g_chmod (path, 0666) != 0 ||
      !g_socket_listen (socket, error))
    return false;
  server->local_door = umz_door_open (g_steal_pointer (&socket), &local_room, &local, server);
  return true;
}

/* As the files have it now. */
static bool
read_identity (const UmzConfig *config, UmzIdentity *ret_identity, GError **error)
{
  ret_identity->database = g_tls_file_database_new (config->ca, error);
  if (ret_identity->database == NULL)
    return false;
  ret_identity->certificate =
    g_tls_certificate_new_from_files (config->certificate, config->key, error);
  if (ret_identity->certificate == NULL)
    return false;
  ret_identity->revoked = umz_revoked_load (config->revoked, config->ca, error);
  return ret_identity->revoked != NULL;
}

static bool
listen_to_peers (UmzServer *server, GError **error)
{
  static const UmzDoorServer control = { .enter = enter_control };
  const UmzConfig *config = server->app->config;
  g_auto (UmzIdentity) identity = { 0 };
  if (!read_identity (config, &identity, error))
    return false;
  GSocket *socket =
    umz_door_listen (config->listen_address, (uint16_t) config->control_port, error);
  if (socket == NULL)
    return false;
  server->handshakes = umz_handshakes_new (&identity, hear_handshake, server);
  server->control_door = umz_door_open (socket, &control_room, &control, server);
  know_partners (server);
  return true;
}

static bool
make_faces (UmzServer *server, GError **error)
{
  UmzFaceMeans means = { .app = server->app,
                         .guest_consoles = server->guest_consoles,
                         .lanes = server->lanes };
  means.max_bytes = CONTROL_BYTES_MAX;
  server->control_face = umz_face_new (&means, error);
  means.max_bytes = LOCAL_BYTES_MAX;
  means.is_local = true;
  server->local_face = server->control_face != NULL ? umz_face_new (&means, error) : NULL;
  return server->local_face != NULL;
}

UmzServer *
umz_server_start (UmzApp *app, GError **error)
{
  UmzServer *server = g_new0 (UmzServer, 1);
  server->app = app;
  server->guest_consoles = umz_guest_consoles_new (app);
  server->lanes = umz_lanes_new (umz_face_serve);
  server->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (make_faces (server, error) && listen_locally (server, error) &&
      (app->config->peers->len == 0 || listen_to_peers (server, error)))
    return server;
  umz_server_stop (server);
  return NULL;
}

static bool
is_refused (GIOStream *stream, void *data)
{
  return !umz_handshakes_still_accept (data, stream);
}

void
umz_server_reload (UmzServer *server)
{
  g_autoptr (GError) error = NULL;
  g_auto (UmzIdentity) identity = { 0 };
  if (server->handshakes == NULL)
    return;
  if (!read_identity (server->app->config, &identity, &error)) {
    g_warning ("the certificates stay as they are: %s", error->message);
    return;
  }
  umz_handshakes_set_identity (server->handshakes, &identity);
  umz_face_end_those (server->control_face, is_refused, server->handshakes);
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
  umz_face_free (server->control_face);
  umz_face_free (server->local_face);
  umz_lanes_free (server->lanes);
  umz_guest_consoles_free (server->guest_consoles);
  g_hash_table_unref (server->known);
  (void) g_unlink (server->app->config->control_socket);
  g_free (server);
}

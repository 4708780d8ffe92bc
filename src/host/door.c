/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/door.h"

#include <string.h>

#define BACKLOG       128
#define SHORTAGE_MS   200 /* until the next look */
#define LOOK_S        1   /* for who has been idle for too long */
#define NET_BYTES     8   /* of an IPv6 address: what one site has */
#define MAPPED_OFFSET 12  /* of the IPv4 address in an IPv6 one that maps it */

struct UmzDoor {
  GSocket *socket; /* owned; listens */
  UmzDoorRoom room;
  const UmzDoorServer *server; /* borrowed */
  void *data;
  GQueue visits; /* UmzVisit, each owned by who serves it */
  guint source;  /* of the socket, or of the look again; 0: closed */
  guint timer;   /* for who has been idle for too long */
};

struct UmzVisit {
  UmzDoor *door;   /* borrowed; NULL: it is closed */
  GSocket *socket; /* a reference */
  char *who;       /* owned */
  int64_t idle_since_us;
  unsigned idle_s;
  bool is_trusted, is_busy, is_kept;
  int is_shut; /* atomic; he has to go, and is counted no more */
};

/* ---- who it is ---- */

static char *
dup_net (const uint8_t *bytes)
{
  static const uint8_t mapped[MAPPED_OFFSET] = { [10] = 0xff, [11] = 0xff };
  uint8_t net[16] = { 0 };
  if (memcmp (bytes, mapped, sizeof mapped) == 0) {
    g_autoptr (GInetAddress) v4 =
      g_inet_address_new_from_bytes (bytes + MAPPED_OFFSET, G_SOCKET_FAMILY_IPV4);
    return g_inet_address_to_string (v4);
  }
  memcpy (net, bytes, NET_BYTES);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_bytes (net, G_SOCKET_FAMILY_IPV6);
  g_autofree char *text = g_inet_address_to_string (address);
  return g_strdup_printf ("%s/%d", text, NET_BYTES * 8);
}

char *
umz_door_dup_who (GInetAddress *address)
{
  return g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6
           ? dup_net (g_inet_address_to_bytes (address))
           : g_inet_address_to_string (address);
}

static char *
dup_address (GSocket *socket)
{
  g_autoptr (GSocketAddress) address = g_socket_get_remote_address (socket, NULL);
  if (!G_IS_INET_SOCKET_ADDRESS (address)) /* gone again */
    return g_strdup ("");
  return umz_door_dup_who (
    g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

static char *
dup_user (GSocket *socket)
{
  g_autoptr (GCredentials) credentials = g_socket_get_credentials (socket, NULL);
  uid_t uid = credentials != NULL ? g_credentials_get_unix_user (credentials, NULL) : (uid_t) -1;
  return g_strdup_printf ("%u", uid);
}

static char *
dup_who (GSocket *socket)
{
  return g_socket_get_family (socket) == G_SOCKET_FAMILY_UNIX ? dup_user (socket)
                                                              : dup_address (socket);
}

/* ---- room ---- */

bool
umz_visit_is_shut (const UmzVisit *visit)
{
  return g_atomic_int_get (&visit->is_shut);
}

static void
shut (UmzVisit *visit)
{
  g_atomic_int_set (&visit->is_shut, true);
  (void) g_socket_shutdown (visit->socket, TRUE, TRUE, NULL); /* he may be gone already */
}

static unsigned
count (const UmzDoor *door, bool is_trusted)
{
  unsigned n = 0;
  for (const GList *l = door->visits.head; l != NULL; l = l->next) {
    const UmzVisit *visit = l->data;
    n += !umz_visit_is_shut (visit) && visit->is_trusted == is_trusted;
  }
  return n;
}

static unsigned
count_of (const UmzDoor *door, const char *who)
{
  unsigned n = 0;
  for (const GList *l = door->visits.head; l != NULL; l = l->next) {
    const UmzVisit *visit = l->data;
    n += !umz_visit_is_shut (visit) && !visit->is_trusted && strcmp (visit->who, who) == 0;
  }
  return n;
}

static bool
may_go (const UmzVisit *visit)
{
  return !umz_visit_is_shut (visit) && !visit->is_trusted && !visit->is_busy &&
         !visit->is_kept;
}

/* Who has most idle visits; NULL: nobody has one. */
static const char *
find_crowd (const UmzDoor *door)
{
  const char *crowd = NULL;
  unsigned n_of_crowd = 0;
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  for (const GList *l = door->visits.head; l != NULL; l = l->next) {
    const UmzVisit *visit = l->data;
    if (!may_go (visit))
      continue;
    unsigned n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, visit->who)) + 1;
    g_hash_table_insert (counts, visit->who, GUINT_TO_POINTER (n));
    if (n > n_of_crowd) {
      n_of_crowd = n;
      crowd = visit->who;
    }
  }
  return crowd;
}

static UmzVisit *
find_longest_idle (const UmzDoor *door, const char *who)
{
  UmzVisit *found = NULL;
  for (const GList *l = door->visits.head; l != NULL; l = l->next) {
    UmzVisit *visit = l->data;
    if (may_go (visit) && strcmp (visit->who, who) == 0 &&
        (found == NULL || visit->idle_since_us < found->idle_since_us))
      found = visit;
  }
  return found;
}

static bool
make_room (UmzDoor *door, const char *who)
{
  const char *crowd;
  if (count_of (door, who) >= door->room.n_visits_of_each)
    crowd = who;
  else if (count (door, false) >= door->room.n_visits)
    crowd = find_crowd (door);
  else
    return true;
  UmzVisit *leaving = crowd != NULL ? find_longest_idle (door, crowd) : NULL;
  if (leaving != NULL)
    shut (leaving);
  return leaving != NULL;
}

static gboolean
look_for_idle (void *data)
{
  UmzDoor *door = data;
  int64_t now_us = g_get_monotonic_time ();
  for (GList *l = door->visits.head; l != NULL; l = l->next) {
    UmzVisit *visit = l->data;
    if (!umz_visit_is_shut (visit) && !visit->is_busy &&
        visit->idle_since_us + (int64_t) visit->idle_s * G_USEC_PER_SEC < now_us)
      shut (visit);
  }
  return G_SOURCE_CONTINUE;
}

/* ---- visits ---- */

static void
let_in (UmzDoor *door, GSocket *socket)
{
  g_autofree char *who = dup_who (socket);
  bool is_trusted = door->server->is_trusted != NULL && door->server->is_trusted (who, door->data);
  bool has_room =
    is_trusted ? count (door, true) < door->room.n_trusted : make_room (door, who);
  if (!has_room) {
    if (door->server->refuse != NULL)
      door->server->refuse (socket, door->data);
    return;
  }
  UmzVisit *visit = g_new0 (UmzVisit, 1);
  visit->door = door;
  visit->socket = g_object_ref (socket);
  visit->who = g_steal_pointer (&who);
  visit->is_trusted = is_trusted;
  visit->idle_s = door->room.idle_s;
  visit->idle_since_us = g_get_monotonic_time ();
  g_queue_push_tail (&door->visits, visit);
  door->server->enter (visit, door->data);
}

GSocket *
umz_visit_get_socket (const UmzVisit *visit)
{
  return visit->socket;
}

const char *
umz_visit_get_who (const UmzVisit *visit)
{
  return visit->who;
}

void
umz_visit_set_busy (UmzVisit *visit, bool is_busy)
{
  visit->is_busy = is_busy;
  visit->idle_since_us = g_get_monotonic_time ();
}

void
umz_visit_keep (UmzVisit *visit)
{
  visit->is_kept = true;
}

bool
umz_visit_trust (UmzVisit *visit, unsigned idle_s)
{
  if (visit->door != NULL && count (visit->door, true) >= visit->door->room.n_trusted)
    return false;
  visit->is_trusted = true;
  visit->idle_s = idle_s;
  visit->idle_since_us = g_get_monotonic_time ();
  return true;
}

void
umz_visit_end (UmzVisit *visit)
{
  if (visit->door != NULL)
    g_queue_remove (&visit->door->visits, visit);
  g_object_unref (visit->socket);
  g_free (visit->who);
  g_free (visit);
}

/* ---- the socket ---- */

static void look (UmzDoor *door);

static gboolean
look_again (void *data)
{
  look (data);
  return G_SOURCE_REMOVE;
}

static gboolean
accept_one (GSocket *listener, GIOCondition condition, void *data)
{
  UmzDoor *door = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_accept (listener, NULL, &error);
  if (socket != NULL) {
    g_socket_set_blocking (socket, FALSE);
    let_in (door, socket);
    return G_SOURCE_CONTINUE;
  }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  door->source = g_timeout_add (SHORTAGE_MS, look_again, door);
  return G_SOURCE_REMOVE;
}

static void
look (UmzDoor *door)
{
  g_autoptr (GSource) source = g_socket_create_source (door->socket, G_IO_IN, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (accept_one), door, NULL);
  door->source = g_source_attach (source, NULL);
}

static GSocket *
bind_all (uint16_t port, GSocketFamily family, GError **error)
{
  g_autoptr (GInetAddress) any = g_inet_address_new_any (family);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (any, port);
  g_autoptr (GSocket) socket =
    g_socket_new (family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
  if (socket == NULL)
    return NULL;
  (void) g_socket_speaks_ipv4 (socket); /* makes one of IPv6 do so */
  return g_socket_bind (socket, address, TRUE, error) ? g_steal_pointer (&socket) : NULL;
}

static GSocket *
bind_one (const char *address, uint16_t port, GError **error)
{
  g_autoptr (GSocketAddress) where = g_inet_socket_address_new_from_string (address, port);
  if (where == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "'%s' is no IP address", address);
    return NULL;
  }
  g_autoptr (GSocket) socket =
    g_socket_new (g_socket_address_get_family (where), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                  error);
  return socket != NULL && g_socket_bind (socket, where, TRUE, error) ? g_steal_pointer (&socket)
                                                                      : NULL;
}

GSocket *
umz_door_listen (const char *address, uint16_t port, GError **error)
{
  g_autoptr (GSocket) socket = address != NULL ? bind_one (address, port, error)
                                               : bind_all (port, G_SOCKET_FAMILY_IPV6, NULL);
  if (socket == NULL && address == NULL)
    socket = bind_all (port, G_SOCKET_FAMILY_IPV4, error);
  if (socket == NULL)
    return NULL;
  g_socket_set_listen_backlog (socket, BACKLOG);
  return g_socket_listen (socket, error) ? g_steal_pointer (&socket) : NULL;
}

UmzDoor *
umz_door_open (GSocket *socket, const UmzDoorRoom *room, const UmzDoorServer *server, void *data)
{
  UmzDoor *door = g_new0 (UmzDoor, 1);
  door->socket = socket;
  door->room = *room;
  door->server = server;
  door->data = data;
  g_queue_init (&door->visits);
  g_socket_set_blocking (socket, FALSE);
  door->timer = g_timeout_add_seconds (LOOK_S, look_for_idle, door);
  look (door);
  return door;
}

void
umz_door_close (UmzDoor *door)
{
  if (door == NULL)
    return;
  for (UmzVisit *visit; (visit = g_queue_pop_head (&door->visits)) != NULL;) {
    shut (visit);
    visit->door = NULL;
  }
  g_source_remove (door->source);
  g_source_remove (door->timer);
  (void) g_socket_close (door->socket, NULL); /* nobody waits for how that ends */
  g_object_unref (door->socket);
  g_free (door);
}

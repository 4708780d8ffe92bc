/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/dataport.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "host/door.h"
#include "messages/catalogue.h"
#include "relay/preamble.h"

static const UmzDoorRoom room = { .n_visits = 128, .n_visits_of_each = 32, .idle_s = 5 };

struct UmzDataPort {
  UmzDoor *door; /* owned */
  UmzDataPortHandler handler;
  void *data;
  GQueue callers; /* Caller */
};

/* Who has connected and has not yet said for which stream. */
typedef struct {
  UmzDataPort *port; /* borrowed */
  UmzVisit *visit;   /* owned */
  guint source;
  size_t n; /* of the bytes that have come */
  uint8_t bytes[UMZ_PREAMBLE_BYTES];
} Caller;

/* A descriptor of its own for the connection, whose GSocket closes the other one. */
static int
dup_fd (GSocket *socket)
{
  int copy = fcntl (g_socket_get_fd (socket), F_DUPFD_CLOEXEC, 4);
  if (copy >= 0)
    fcntl (copy, F_SETFL, fcntl (copy, F_GETFL) | O_NONBLOCK);
  return copy;
}

static void
dismiss (Caller *caller)
{
  g_source_remove (caller->source);
  g_queue_remove (&caller->port->callers, caller);
  umz_visit_end (caller->visit);
  g_free (caller);
}

static void
take_preamble (Caller *caller)
{
  const UmzDataPort *port = caller->port;
  uint8_t stream_id[UMZ_RELAY_STREAM_ID_BYTES];
  if (!umz_preamble_decode (caller->bytes, stream_id, NULL))
    return;
  int fd = dup_fd (umz_visit_get_socket (caller->visit));
  if (fd >= 0)
    port->handler (stream_id, fd, port->data);
}

/* Not one byte more than the preamble: what follows is the relay's. */
static gboolean
receive (GSocket *socket, GIOCondition condition, void *data)
{
  Caller *caller = data;
  ssize_t n = recv (g_socket_get_fd (socket), caller->bytes + caller->n,
                    sizeof caller->bytes - caller->n, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  caller->n += n > 0 ? (size_t) n : 0;
  if (n > 0 && caller->n < sizeof caller->bytes)
    return G_SOURCE_CONTINUE;
  if (n > 0)
    take_preamble (caller);
  dismiss (caller);
  return G_SOURCE_CONTINUE; /* it has been removed */
}

static void
enter (UmzVisit *visit, void *data)
{
  UmzDataPort *port = data;
  Caller *caller = g_new0 (Caller, 1);
  caller->port = port;
  caller->visit = visit;
  g_autoptr (GSource) source =
    g_socket_create_source (umz_visit_get_socket (visit), G_IO_IN, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (receive), caller, NULL);
  caller->source = g_source_attach (source, NULL);
  g_queue_push_tail (&port->callers, caller);
}

UmzDataPort *
umz_data_port_open (const UmzConfig *config, UmzDataPortHandler handler, void *data, GError **error)
{
  static const UmzDoorServer server = { .enter = enter };
  GSocket *socket =
    umz_door_listen (config->data_address, (uint16_t) config->data_port, error);
  if (socket == NULL)
    return NULL;
  UmzDataPort *port = g_new0 (UmzDataPort, 1);
  port->handler = handler;
  port->data = data;
  g_queue_init (&port->callers);
  port->door = umz_door_open (socket, &room, &server, port);
  return port;
}

void
umz_data_port_close (UmzDataPort *port)
{
  if (port == NULL)
    return;
  while (!g_queue_is_empty (&port->callers))
    dismiss (port->callers.head->data);
  umz_door_close (port->door);
  g_free (port);
}

int
umz_data_port_connect (const UmzConfigPeer *su, const uint8_t stream_id[UMZ_RELAY_STREAM_ID_BYTES],
                       unsigned timeout_s, GCancellable *interrupt, GError **error)
{
  uint8_t bytes[UMZ_PREAMBLE_BYTES];
  g_autoptr (GError) cause = NULL;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_timeout (client, timeout_s);
  g_autoptr (GSocketConnection) connection = g_socket_client_connect_to_host (
    client, su->data_address, (uint16_t) su->data_port, interrupt, &cause);
  umz_preamble_encode (stream_id, bytes);
  bool is_sent =
    connection != NULL &&
    g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), bytes,
                               sizeof bytes, NULL, NULL, &cause);
  int fd = is_sent ? dup_fd (g_socket_connection_get_socket (connection)) : -1;
  if (fd < 0)
    umz_set_error (error, UMZ_MSG_UMZ0321, su->name,
                   cause != NULL ? cause->message : g_strerror (errno), NULL);
  return fd;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/dataport.h"

#include <fcntl.h>
#include <unistd.h>

#include "messages/catalogue.h"
#include "relay/preamble.h"

#define PREAMBLE_S 5
#define THREADS    16

struct UmzDataPort {
  GSocketService *service; /* owned */
  UmzDataPortHandler handler;
  void *data;
};

/* A descriptor of its own for the connection's socket, whose GSocket closes the other one. */
static int
dup_fd (GSocketConnection *connection)
{
  int fd = g_socket_get_fd (g_socket_connection_get_socket (connection));
  int copy = fcntl (fd, F_DUPFD_CLOEXEC, 4);
  if (copy >= 0)
    fcntl (copy, F_SETFL, fcntl (copy, F_GETFL) | O_NONBLOCK);
  return copy;
}

static gboolean
accept_stream (GThreadedSocketService *service, GSocketConnection *connection, GObject *source,
               gpointer data)
{
  UmzDataPort *port = data;
  uint8_t bytes[UMZ_PREAMBLE_BYTES], stream_id[UMZ_RELAY_STREAM_ID_BYTES];
  size_t n_read = 0;
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  g_socket_set_timeout (g_socket_connection_get_socket (connection), PREAMBLE_S);
  if (g_input_stream_read_all (input, bytes, sizeof bytes, &n_read, NULL, NULL) &&
      n_read == sizeof bytes && umz_preamble_decode (bytes, stream_id, NULL)) {
    int fd = dup_fd (connection);
    if (fd >= 0)
      port->handler (stream_id, fd, port->data);
  }
  return TRUE;
}

static bool
listen_on (GSocketListener *listener, const char *address, uint16_t port, GError **error)
{
  if (address == NULL)
    return g_socket_listener_add_inet_port (listener, port, NULL, error);
  g_autoptr (GSocketAddress) where = g_inet_socket_address_new_from_string (address, port);
  if (where != NULL)
    return g_socket_listener_add_address (listener, where, G_SOCKET_TYPE_STREAM,
                                          G_SOCKET_PROTOCOL_TCP, NULL, NULL, error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "'%s' is no IP address", address);
  return false;
}

UmzDataPort *
umz_data_port_open (const UmzConfig *config, UmzDataPortHandler handler, void *data, GError **error)
{
  UmzDataPort *port = g_new0 (UmzDataPort, 1);
  port->service = g_threaded_socket_service_new (THREADS);
  port->handler = handler;
  port->data = data;
  g_signal_connect (port->service, "run", G_CALLBACK (accept_stream), port);
  if (!listen_on (G_SOCKET_LISTENER (port->service), config->data_address,
                  (uint16_t) config->data_port, error)) {
    umz_data_port_close (port);
    return NULL;
  }
  g_socket_service_start (port->service);
  return port;
}

void
umz_data_port_close (UmzDataPort *port)
{
  if (port == NULL)
    return;
  g_socket_service_stop (port->service);
  g_socket_listener_close (G_SOCKET_LISTENER (port->service));
  g_object_unref (port->service);
  g_free (port);
}

int
umz_data_port_connect (const UmzConfigPeer *su, const uint8_t stream_id[UMZ_RELAY_STREAM_ID_BYTES],
                       unsigned timeout_s, GError **error)
{
  uint8_t bytes[UMZ_PREAMBLE_BYTES];
  g_autoptr (GError) cause = NULL;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_socket_client_set_timeout (client, timeout_s);
  g_autoptr (GSocketConnection) connection = g_socket_client_connect_to_host (
    client, su->data_address, (uint16_t) su->data_port, NULL, &cause);
  umz_preamble_encode (stream_id, bytes);
  if (connection != NULL &&
      g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), bytes,
                                 sizeof bytes, NULL, NULL, &cause))
    return dup_fd (connection);
  umz_set_error (error, UMZ_MSG_UMZ0321, su->name, cause->message, NULL);
  return -1;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/dataport.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "messages/catalogue.h"
#include "relay/preamble.h"

#define PREAMBLE_S 5
#define THREADS    16

/* Who is told of streams.  The service's threads may outlive the port, and keep this. */
typedef struct {
  GMutex lock;                /* held while the handler runs */
  UmzDataPortHandler handler; /* NULL: the port is closed */
  void *data;
} Receiver;

struct UmzDataPort {
  GSocketService *service; /* owned */
  Receiver *receiver;      /* one reference owned, another by the service */
};

static void
clear_receiver (void *data)
{
  Receiver *receiver = data;
  g_mutex_clear (&receiver->lock);
}

static void
release_receiver (gpointer data, GClosure *closure)
{
  g_atomic_rc_box_release_full (data, clear_receiver);
}

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

/* Reads all n bytes and not one more; one deadline for all of them, however slowly they drip. */
static bool
receive (int fd, uint8_t *bytes, size_t n, int64_t end_us)
{
  struct pollfd poller = { .fd = fd, .events = POLLIN };
  while (n > 0) {
    int64_t left_us = end_us - g_get_monotonic_time ();
    if (left_us <= 0)
      return false;
    (void) poll (&poller, 1, (int) (left_us / 1000 + 1)); /* recv() says what came of it */
    ssize_t n_got = recv (fd, bytes, n, MSG_DONTWAIT);
    if (n_got == 0 || (n_got < 0 && errno != EAGAIN && errno != EINTR))
      return false;
    if (n_got > 0) {
      bytes += n_got;
      n -= (size_t) n_got;
    }
  }
  return true;
}

static gboolean
accept_stream (GThreadedSocketService *service, GSocketConnection *connection, GObject *source,
               gpointer data)
{
  Receiver *receiver = data;
  uint8_t bytes[UMZ_PREAMBLE_BYTES], stream_id[UMZ_RELAY_STREAM_ID_BYTES];
  int64_t end_us = g_get_monotonic_time () + PREAMBLE_S * G_USEC_PER_SEC;
  int fd = g_socket_get_fd (g_socket_connection_get_socket (connection));
  if (!receive (fd, bytes, sizeof bytes, end_us) || !umz_preamble_decode (bytes, stream_id, NULL))
    return TRUE;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&receiver->lock);
  int copy = receiver->handler != NULL ? dup_fd (connection) : -1;
  if (copy >= 0)
    receiver->handler (stream_id, copy, receiver->data);
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
  port->receiver = g_atomic_rc_box_new0 (Receiver);
  g_mutex_init (&port->receiver->lock);
  port->receiver->handler = handler;
  port->receiver->data = data;
  g_signal_connect_data (port->service, "run", G_CALLBACK (accept_stream),
                         g_atomic_rc_box_acquire (port->receiver), release_receiver, 0);
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
  g_mutex_lock (&port->receiver->lock);
  port->receiver->handler = NULL;
  g_mutex_unlock (&port->receiver->lock);
  g_atomic_rc_box_release_full (port->receiver, clear_receiver);
  g_object_unref (port->service);
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
  int fd = is_sent ? dup_fd (connection) : -1;
  if (fd < 0)
    umz_set_error (error, UMZ_MSG_UMZ0321, su->name,
                   cause != NULL ? cause->message : g_strerror (errno), NULL);
  return fd;
}

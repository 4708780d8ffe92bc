/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/dataport.h"

#include <errno.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/preamble.h"

static const uint8_t stream_id[UMZ_RELAY_STREAM_ID_BYTES] = "0123456789ABCDE";

typedef struct {
  struct sockaddr_in address;
  int reserved; /* has the port's number, so that nobody else is given it */
  UmzDataPort *port;
  GAsyncQueue *fds; /* what the handler was told, +1 */
  bool is_closed;
} Fixture;

static void
hear (const uint8_t id[UMZ_RELAY_STREAM_ID_BYTES], int fd, void *data)
{
  Fixture *f = data;
  g_assert_cmpmem (id, UMZ_RELAY_STREAM_ID_BYTES, stream_id, sizeof stream_id);
  g_assert_false (f->is_closed);
  g_async_queue_push (f->fds, GINT_TO_POINTER (fd + 1));
  g_main_context_wakeup (NULL);
}

static void
set_up (Fixture *f, const void *unused)
{
  int on = 1;
  socklen_t length = sizeof f->address;
  g_autoptr (GError) error = NULL;
  f->address = (struct sockaddr_in){ .sin_family = AF_INET,
                                     .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  f->reserved = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (setsockopt (f->reserved, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), ==, 0);
  g_assert_cmpint (bind (f->reserved, (struct sockaddr *) &f->address, length), ==, 0);
  g_assert_cmpint (getsockname (f->reserved, (struct sockaddr *) &f->address, &length), ==, 0);
  f->fds = g_async_queue_new ();
  UmzConfig config = { .data_address = (char *) "127.0.0.1",
                       .data_port = ntohs (f->address.sin_port) };
  f->port = umz_data_port_open (&config, hear, f, &error);
  g_assert_no_error (error);
}

static void
close_port (Fixture *f)
{
  umz_data_port_close (g_steal_pointer (&f->port));
  f->is_closed = true;
}

static void
tear_down (Fixture *f, const void *unused)
{
  close_port (f);
  g_assert_cmpint (g_async_queue_length (f->fds), ==, 0);
  g_async_queue_unref (f->fds);
  close (f->reserved);
}

static int
connect_to (const Fixture *f, const uint8_t *bytes, size_t n)
{
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (connect (fd, (const struct sockaddr *) &f->address, sizeof f->address), ==, 0);
  g_assert_cmpint (send (fd, bytes, n, MSG_NOSIGNAL), ==, (ssize_t) n);
  return fd;
}

static int
wait_for_stream (Fixture *f)
{
  void *told;
  while ((told = g_async_queue_try_pop (f->fds)) == NULL)
    g_main_context_iteration (NULL, TRUE);
  return GPOINTER_TO_INT (told) - 1;
}

static gboolean
note (int fd, GIOCondition condition, gpointer data)
{
  *(bool *) data = true;
  return G_SOURCE_REMOVE;
}

/* Waits until the other end has let go of the connection, and closes it. */
static void
wait_for_end (int fd)
{
  char byte;
  bool is_readable = false;
  g_unix_fd_add (fd, G_IO_IN | G_IO_HUP | G_IO_ERR, note, &is_readable);
  while (!is_readable)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (recv (fd, &byte, 1, MSG_DONTWAIT), ==, 0);
  close (fd);
}

static void
test_good (Fixture *f, const void *unused)
{
  char text[4];
  uint8_t bytes[UMZ_PREAMBLE_BYTES + sizeof text];
  umz_preamble_encode (stream_id, bytes);
  memcpy (bytes + UMZ_PREAMBLE_BYTES, "MORE", sizeof text);
  int ours = connect_to (f, bytes, sizeof bytes);
  int theirs = wait_for_stream (f);
  g_assert_cmpint (recv (theirs, text, sizeof text, MSG_DONTWAIT), ==, sizeof text);
  g_assert_cmpmem (text, sizeof text, "MORE", sizeof text);
  g_assert_cmpint (send (theirs, "x", 1, MSG_NOSIGNAL), ==, 1);
  g_assert_cmpint (recv (ours, text, 1, 0), ==, 1);
  close (theirs);
  wait_for_end (ours);
}

static void
test_in_pieces (Fixture *f, const void *unused)
{
  uint8_t bytes[UMZ_PREAMBLE_BYTES];
  umz_preamble_encode (stream_id, bytes);
  int ours = connect_to (f, bytes, 1);
  for (size_t i = 1; i < sizeof bytes; i++) {
    g_main_context_iteration (NULL, FALSE);
    g_assert_cmpint (send (ours, bytes + i, 1, MSG_NOSIGNAL), ==, 1);
  }
  close (wait_for_stream (f));
  wait_for_end (ours);
}

static void
test_garbage (Fixture *f, const void *unused)
{
  static const struct {
    const char *why;
    size_t position, n_bytes;
  } rows[] = {
    { "magic word", 0, UMZ_PREAMBLE_BYTES },
    { "version", 7, UMZ_PREAMBLE_BYTES },
    { "one byte missing", 0, UMZ_PREAMBLE_BYTES - 1 },
    { "nothing", 0, 0 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    uint8_t bytes[UMZ_PREAMBLE_BYTES];
    g_test_message ("%s", rows[i].why);
    umz_preamble_encode (stream_id, bytes);
    if (rows[i].n_bytes == sizeof bytes)
      bytes[rows[i].position] ^= 0x40;
    int fd = connect_to (f, bytes, rows[i].n_bytes);
    shutdown (fd, SHUT_WR);
    wait_for_end (fd);
  }
}

/* More than there is room for, and none says a word. */
static void
test_crowd (Fixture *f, const void *unused)
{
  int silent[300];
  uint8_t bytes[UMZ_PREAMBLE_BYTES];
  umz_preamble_encode (stream_id, bytes);
  for (size_t i = 0; i < G_N_ELEMENTS (silent); i++) {
    silent[i] = connect_to (f, bytes, 0);
    while (g_main_context_iteration (NULL, FALSE))
      ; /* the queue of the socket is shorter than that */
  }
  int good = connect_to (f, bytes, sizeof bytes);
  close (wait_for_stream (f));
  wait_for_end (good);
  wait_for_end (silent[0]); /* it had to go for others */
  for (size_t i = 1; i < G_N_ELEMENTS (silent); i++)
    close (silent[i]);
}

/* They are accepted in the order in which they came: all before the one that is heard of. */
static void
test_close (Fixture *f, const void *unused)
{
  uint8_t bytes[UMZ_PREAMBLE_BYTES];
  umz_preamble_encode (stream_id, bytes);
  int silent = connect_to (f, bytes, 0);
  int partial = connect_to (f, bytes, 10);
  int good = connect_to (f, bytes, sizeof bytes);
  close (wait_for_stream (f));
  wait_for_end (good);
  close_port (f);
  g_assert_cmpint (send (partial, bytes + 10, sizeof bytes - 10, MSG_NOSIGNAL), ==, 14);
  shutdown (silent, SHUT_WR);
  wait_for_end (partial);
  wait_for_end (silent);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  TEST ("/dataport/what-follows-a-good-preamble-is-the-handlers", test_good);
  TEST ("/dataport/a-preamble-may-come-byte-by-byte", test_in_pieces);
  TEST ("/dataport/what-is-no-preamble-is-not-heard-of", test_garbage);
  TEST ("/dataport/a-silent-crowd-keeps-nobody-out", test_crowd);
  TEST ("/dataport/nothing-is-heard-of-after-the-port-is-closed", test_close);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-link.c: one TLS session between two links in one process. */
#include "relay/link.h"

#include <string.h>
#include <sys/socket.h>

static const uint8_t stream_id[UMZ_RELAY_STREAM_ID_BYTES] = "stream";
static const uint8_t key[UMZ_RELAY_KEY_BYTES] = "key";

typedef struct {
  UmzLink *client, *server; /* owned */
} Links;

static void
links_clear (Links *links)
{
  umz_link_free (links->client);
  umz_link_free (links->server);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Links, links_clear)

static void
links_open (Links *links, const uint8_t *server_id, const uint8_t *server_key)
{
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  links->client = umz_link_new (fds[0], UMZ_RELAY_SIDE_SOURCE, stream_id, key, NULL);
  links->server = umz_link_new (fds[1], UMZ_RELAY_SIDE_TARGET, server_id, server_key, NULL);
  g_assert_nonnull (links->client);
  g_assert_nonnull (links->server);
}

/* One step of one side; false when it failed. */
static bool
shake (UmzLink *link, bool *done, GError **error)
{
  return (*done || (umz_link_fill (link, error) && umz_link_handshake (link, done, error))) &&
         umz_link_flush (link, error);
}

static bool
shake_hands (Links *links, GError **error)
{
  bool client_done = false, server_done = false;

  while (!client_done || !server_done)
    if (!shake (links->client, &client_done, error) || !shake (links->server, &server_done, error))
      return false;
  return true;
}

/* Sends all, in pieces that fit the socket, and checks what arrives. */
static void
carry (Links *links, const uint8_t *bytes, size_t n_bytes)
{
  g_autofree uint8_t *got = g_malloc0 (n_bytes + 1); /* room to ask for more */
  g_autoptr (GError) error = NULL;
  size_t received = 0, n = 0;

  for (size_t at = 0; at < n_bytes; at += 50000) {
    g_assert_true (umz_link_send (links->client, bytes + at, MIN (50000, n_bytes - at), &error));
    g_assert_true (umz_link_flush (links->client, &error));
    g_assert_false (umz_link_has_unsent (links->client));
    g_assert_true (umz_link_fill (links->server, &error));
    UmzLinkResult result;
    while ((result = umz_link_recv (links->server, got + received, n_bytes + 1 - received, &n,
                                    &error)) == UMZ_LINK_BYTES)
      received += n;
    g_assert_no_error (error);
    g_assert_cmpint (result, ==, UMZ_LINK_NOTHING);
  }
  g_assert_cmpuint (received, ==, n_bytes);
  g_assert_true (memcmp (got, bytes, n_bytes) == 0);
}

static uint8_t *
make_bytes (size_t n_bytes)
{
  uint8_t *bytes = g_malloc (n_bytes);

  for (size_t i = 0; i < n_bytes; i++)
    bytes[i] = i * 31 >> 3;
  return bytes;
}

static void
test_carries (void)
{
  g_auto (Links) links = { 0 };
  g_autofree uint8_t *bytes = make_bytes (1000000);
  g_autoptr (GError) error = NULL;
  links_open (&links, stream_id, key);

  g_assert_true (shake_hands (&links, &error));
  g_assert_no_error (error);
  carry (&links, bytes, 1000000);
}

/* A key update among the data once made the receiver believe that there was nothing more.  GnuTLS
 * takes at most eight updates in a second; we make one in 64 GiB.
 */
static void
test_new_keys (void)
{
  g_auto (Links) links = { 0 };
  g_autofree uint8_t *bytes = make_bytes (1000000);
  links_open (&links, stream_id, key);

  g_assert_true (shake_hands (&links, NULL));
  umz_link_set_rekey_bytes (links.client, 1);
  for (size_t at = 0; at < 1000; at += 250) /* four pieces, four keys, one fill */
    g_assert_true (umz_link_send (links.client, bytes + at, 250, NULL));
  umz_link_set_rekey_bytes (links.client, 400000);
  g_autofree uint8_t *got = g_malloc (1001);
  size_t received = 0, n = 0;
  g_assert_true (umz_link_flush (links.client, NULL));
  g_assert_true (umz_link_fill (links.server, NULL));
  while (umz_link_recv (links.server, got + received, 1001 - received, &n, NULL) == UMZ_LINK_BYTES)
    received += n;
  g_assert_cmpmem (got, received, bytes, 1000);
  carry (&links, bytes, 1000000);
}

static void
test_goodbye (void)
{
  g_auto (Links) links = { 0 };
  uint8_t byte;
  size_t n = 0;
  links_open (&links, stream_id, key);

  g_assert_true (shake_hands (&links, NULL));
  umz_link_finish (links.client);
  g_assert_true (umz_link_flush (links.client, NULL));
  g_assert_true (umz_link_fill (links.server, NULL));
  g_assert_cmpint (umz_link_recv (links.server, &byte, 1, &n, NULL), ==, UMZ_LINK_FINISHED);
}

static void
test_cut (void)
{
  g_auto (Links) links = { 0 };
  g_autoptr (GError) error = NULL;
  uint8_t byte;
  size_t n = 0;
  links_open (&links, stream_id, key);

  g_assert_true (shake_hands (&links, NULL));
  g_clear_pointer (&links.client, umz_link_free);
  g_assert_true (umz_link_fill (links.server, NULL));
  g_assert_cmpint (umz_link_recv (links.server, &byte, 1, &n, &error), ==, UMZ_LINK_FAILED);
  g_assert_error (error, UMZ_RELAY_ERROR, UMZ_RELAY_END_LINK);
}

static void
test_other_key_or_stream (void)
{
  static const uint8_t other_key[UMZ_RELAY_KEY_BYTES] = "kez";
  static const uint8_t other_id[UMZ_RELAY_STREAM_ID_BYTES] = "streal";

  for (unsigned i = 0; i < 2; i++) {
    g_auto (Links) links = { 0 };
    g_autoptr (GError) error = NULL;
    links_open (&links, i == 0 ? other_id : stream_id, i == 1 ? other_key : key);
    g_assert_false (shake_hands (&links, &error));
    g_assert_error (error, UMZ_RELAY_ERROR, UMZ_RELAY_END_TLS);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/link/carries-bytes-exactly", test_carries);
  g_test_add_func ("/link/new-keys-among-the-data-lose-nothing", test_new_keys);
  g_test_add_func ("/link/a-goodbye-is-an-end", test_goodbye);
  g_test_add_func ("/link/a-cut-is-no-end", test_cut);
  g_test_add_func ("/link/another-key-or-stream-is-refused", test_other_key_or_stream);
  return g_test_run ();
}

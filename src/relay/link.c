/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* link.c: the TLS session of one stream. */
#include "relay/link.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* TLS 1.3, fresh keys for each session besides the shared one (so that a key that leaks later opens
 * nothing recorded earlier), AES-128-GCM: the fastest where AES has instructions, as on every host
 * that runs KVM.
 */
#define PRIORITIES                                                   \
  "NONE:+VERS-TLS1.3:+AEAD:+AES-128-GCM:+SHA256:+ECDHE-PSK:+DHE-PSK" \
  ":+GROUP-X25519:+GROUP-SECP256R1:+SIGN-ALL:+COMP-NULL:+CTYPE-X509"

#define RECORD_BYTES 16384

/* AES-GCM wants a new key before 2^24.5 records (RFC 8446, 5.5); this is 2^22 of them. */
#define REKEY_AFTER_BYTES (G_GUINT64_CONSTANT (64) * 1024 * 1024 * 1024)

/* Nobody there has acknowledged anything for so long, though asked each second: the line is dead.
 * As long as for the control link (heartbeat.h).
 */
#define SILENT_MS    4000
#define ASKED_EACH_S 1
#define ASKED_TIMES  3
#define ESTABLISHED  1 /* TCP_ESTABLISHED of netinet/tcp.h, which has not all of tcp_info */
/* The other side takes nothing, but is there as far as anybody knows. */
#define STUCK_MS 30000

/* Unsent bytes in the kernel beyond this would only stand in the way of an ACK. */
#define UNSENT_BYTES (2 * UMZ_LINK_BATCH_BYTES)

struct UmzLink {
  int fd; /* owned */
  gnutls_session_t session;
  gnutls_psk_client_credentials_t client; /* one of the two is set */
  gnutls_psk_server_credentials_t server;
  char name[2 * UMZ_RELAY_STREAM_ID_BYTES + 1]; /* stream id in hex: the PSK identity */
  gnutls_datum_t key;                           /* owned, server only, wiped at the end */
  uint8_t *in;                                  /* owned; bytes from the socket */
  size_t in_start, in_end;
  bool in_eof;
  uint8_t *out; /* owned; bytes for the socket */
  size_t out_start, out_end, out_size;
  uint64_t rekey_bytes, rekey_left_bytes;
};

#define IN_BYTES (UMZ_LINK_BATCH_BYTES + 16 * 1024)

static bool
set_tls_error (GError **error, const char *what, int rc)
{
  g_set_error (error, UMZ_RELAY_ERROR, UMZ_RELAY_END_TLS, "%s: %s", what, gnutls_strerror (rc));
  return false;
}

static bool
set_link_error (GError **error, const char *what, int saved_errno)
{
  g_set_error (error, UMZ_RELAY_ERROR, UMZ_RELAY_END_LINK, "%s: %s", what,
               strerrordesc_np (saved_errno));
  return false;
}

/* GnuTLS reads: what the buffer holds. */
static ssize_t
pull (gnutls_transport_ptr_t ptr, void *bytes, size_t n_bytes)
{
  UmzLink *link = ptr;
  size_t n = MIN (n_bytes, link->in_end - link->in_start);

  if (n == 0 && !link->in_eof) {
    gnutls_transport_set_errno (link->session, EAGAIN);
    return -1;
  }
  memcpy (bytes, link->in + link->in_start, n);
  link->in_start += n;
  return n;
}

static int
pull_timeout (gnutls_transport_ptr_t ptr, unsigned ms)
{
  const UmzLink *link = ptr;

  return link->in_eof || link->in_end > link->in_start;
}

static void
make_room (UmzLink *link, size_t n_bytes)
{
  if (link->out_start == link->out_end)
    link->out_start = link->out_end = 0;
  if (link->out_size - link->out_end >= n_bytes)
    return;
  link->out_size = MAX (2 * link->out_size, link->out_end + n_bytes);
  link->out = g_realloc (link->out, link->out_size);
}

/* GnuTLS writes: the buffer takes all. */
static ssize_t
push (gnutls_transport_ptr_t ptr, const giovec_t *iov, int n_iov)
{
  UmzLink *link = ptr;
  ssize_t total = 0;

  for (int i = 0; i < n_iov; i++) {
    make_room (link, iov[i].iov_len);
    memcpy (link->out + link->out_end, iov[i].iov_base, iov[i].iov_len);
    link->out_end += iov[i].iov_len;
    total += iov[i].iov_len;
  }
  return total;
}

static int
find_key (gnutls_session_t session, const char *name, gnutls_datum_t *ret_key)
{
  const UmzLink *link = gnutls_session_get_ptr (session);

  if (strcmp (name, link->name) != 0)
    return -1;
  ret_key->data = gnutls_malloc (link->key.size); /* GnuTLS frees it */
  ret_key->size = link->key.size;
  memcpy (ret_key->data, link->key.data, link->key.size);
  return 0;
}

static int
set_client_key (UmzLink *link, const gnutls_datum_t *key)
{
  int rc = gnutls_psk_allocate_client_credentials (&link->client);
  if (rc < 0)
    return rc;

  int set =
    gnutls_psk_set_client_credentials (link->client, link->name, key, GNUTLS_PSK_KEY_RAW);
  return set < 0 ? set : gnutls_credentials_set (link->session, GNUTLS_CRD_PSK, link->client);
}

static int
set_server_key (UmzLink *link, const gnutls_datum_t *key)
{
  int rc = gnutls_psk_allocate_server_credentials (&link->server);
  if (rc < 0)
    return rc;

  link->key.data = g_memdup2 (key->data, key->size);
  link->key.size = key->size;
  gnutls_psk_set_server_credentials_function (link->server, find_key);
  return gnutls_credentials_set (link->session, GNUTLS_CRD_PSK, link->server);
}

static bool
start_session (UmzLink *link, UmzRelaySide side, const uint8_t *key, GError **error)
{
  bool is_client = side == UMZ_RELAY_SIDE_SOURCE;
  const gnutls_datum_t datum = { (unsigned char *) key, UMZ_RELAY_KEY_BYTES };

  int rc = gnutls_init (&link->session, (is_client ? GNUTLS_CLIENT : GNUTLS_SERVER) |
                                          GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS | GNUTLS_NO_SIGNAL);
  if (rc < 0)
    return set_tls_error (error, "TLS session", rc);

  gnutls_session_set_ptr (link->session, link);
  gnutls_transport_set_ptr (link->session, link);
  gnutls_transport_set_pull_function (link->session, pull);
  gnutls_transport_set_pull_timeout_function (link->session, pull_timeout);
  gnutls_transport_set_vec_push_function (link->session, push);

  rc = gnutls_priority_set_direct (link->session, PRIORITIES, NULL);
  if (rc < 0)
    return set_tls_error (error, "TLS priorities", rc);
  rc = is_client ? set_client_key (link, &datum) : set_server_key (link, &datum);
  return rc >= 0 || set_tls_error (error, "TLS key", rc);
}

/* All of it is a wish: tests run over socket pairs, which know nothing of TCP. */
static void
tune_socket (int fd)
{
  const struct {
    int level, name, value;
  } options[] = {
    { IPPROTO_TCP, TCP_NODELAY, 1 },
    { IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_BYTES },
    { IPPROTO_TCP, TCP_USER_TIMEOUT, STUCK_MS },
    { IPPROTO_TCP, TCP_KEEPIDLE, ASKED_EACH_S },
    { IPPROTO_TCP, TCP_KEEPINTVL, ASKED_EACH_S },
    { IPPROTO_TCP, TCP_KEEPCNT, ASKED_TIMES },
    { SOL_SOCKET, SO_KEEPALIVE, 1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (options); i++)
    (void) setsockopt (fd, options[i].level, options[i].name, &options[i].value, sizeof (int));
}

UmzLink *
umz_link_new (int fd, UmzRelaySide side, const uint8_t stream_id[UMZ_RELAY_STREAM_ID_BYTES],
              const uint8_t key[UMZ_RELAY_KEY_BYTES], GError **error)
{
  g_autoptr (UmzLink) link = g_new0 (UmzLink, 1);

  link->fd = fd;
  link->in = g_malloc (IN_BYTES);
  link->out_size = 2 * UMZ_LINK_BATCH_BYTES;
  link->out = g_malloc (link->out_size);
  umz_link_set_rekey_bytes (link, REKEY_AFTER_BYTES);
  for (unsigned i = 0; i < UMZ_RELAY_STREAM_ID_BYTES; i++)
    g_snprintf (link->name + 2 * i, 3, "%02x", stream_id[i]);

  tune_socket (fd);
  if (!start_session (link, side, key, error))
    return NULL;
  return g_steal_pointer (&link);
}

void
umz_link_free (UmzLink *link)
{
  if (link == NULL)
    return;

  if (link->session != NULL)
    gnutls_deinit (link->session);
  if (link->client != NULL)
    gnutls_psk_free_client_credentials (link->client);
  if (link->server != NULL)
    gnutls_psk_free_server_credentials (link->server);
  if (link->key.data != NULL)
    explicit_bzero (link->key.data, link->key.size);
  g_free (link->key.data);
  g_free (link->in);
  g_free (link->out);
  (void) close (link->fd); /* nothing depends on how that ends */
  g_free (link);
}

void
umz_link_set_rekey_bytes (UmzLink *link, uint64_t n_bytes)
{
  link->rekey_bytes = link->rekey_left_bytes = n_bytes;
}

int
umz_link_get_fd (const UmzLink *link)
{
  return link->fd;
}

/* GnuTLS says GNUTLS_E_AGAIN for two reasons: the bytes end within a record, or the record was
 * about TLS itself (a key update) and more may follow.  Whether it took bytes without using them up
 * tells.
 */
static bool
should_go_on (const UmzLink *link, ssize_t rc, size_t in_start_before)
{
  if (rc == GNUTLS_E_AGAIN)
    return link->in_start > in_start_before && link->in_start < link->in_end;
  return rc < 0 && !gnutls_error_is_fatal (rc);
}

bool
umz_link_handshake (UmzLink *link, bool *ret_done, GError **error)
{
  size_t before;
  int rc;

  do {
    before = link->in_start;
    rc = gnutls_handshake (link->session);
  } while (should_go_on (link, rc, before));
  if (rc == GNUTLS_E_PREMATURE_TERMINATION || rc == GNUTLS_E_PULL_ERROR) {
    g_set_error_literal (error, UMZ_RELAY_ERROR, UMZ_RELAY_END_LINK,
                         "link closed during the handshake");
    return false;
  }
  if (rc < 0 && rc != GNUTLS_E_AGAIN) {
    (void) gnutls_alert_send_appropriate (link->session, rc); /* a courtesy */
    return set_tls_error (error, "TLS handshake", rc);
  }
  *ret_done = rc == 0;
  return true;
}

bool
umz_link_fill (UmzLink *link, GError **error)
{
  g_assert (link->in_start == link->in_end);

  ssize_t n;
  do
    n = recv (link->fd, link->in, IN_BYTES, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n < 0 && errno != EAGAIN)
    return set_link_error (error, "link", errno);

  link->in_start = 0;
  link->in_end = MAX (n, 0);
  link->in_eof = n == 0;
  return true;
}

UmzLinkResult
umz_link_recv (UmzLink *link, void *bytes, size_t size_bytes, size_t *ret_n_bytes, GError **error)
{
  size_t before;
  ssize_t n;

  do {
    before = link->in_start;
    n = gnutls_record_recv (link->session, bytes, size_bytes);
  } while (should_go_on (link, n, before));
  if (n == GNUTLS_E_AGAIN)
    return UMZ_LINK_NOTHING;
  if (n == 0)
    return UMZ_LINK_FINISHED;
  if (n > 0) {
    *ret_n_bytes = n;
    return UMZ_LINK_BYTES;
  }
  if (n == GNUTLS_E_PREMATURE_TERMINATION)
    g_set_error_literal (error, UMZ_RELAY_ERROR, UMZ_RELAY_END_LINK, "link closed");
  else
    set_tls_error (error, "TLS", n);
  return UMZ_LINK_FAILED;
}

static bool
count_for_rekey (UmzLink *link, size_t n_bytes, GError **error)
{
  if (n_bytes < link->rekey_left_bytes) {
    link->rekey_left_bytes -= n_bytes;
    return true;
  }
  link->rekey_left_bytes = link->rekey_bytes;
  int rc = gnutls_session_key_update (link->session, 0);
  return rc >= 0 || set_tls_error (error, "TLS key update", rc);
}

bool
umz_link_send (UmzLink *link, const void *bytes, size_t n_bytes, GError **error)
{
  const uint8_t *at = bytes;

  for (size_t left = n_bytes; left > 0;) {
    ssize_t n = gnutls_record_send (link->session, at, MIN (left, RECORD_BYTES));
    if (n < 0) /* our buffer takes all, so that is never GNUTLS_E_AGAIN */
      return set_tls_error (error, "TLS", n);
    at += n;
    left -= n;
  }
  return count_for_rekey (link, n_bytes, error);
}

void
umz_link_finish (UmzLink *link)
{
  (void) gnutls_bye (link->session, GNUTLS_SHUT_WR); /* without it the other side sees a cut */
}

bool
umz_link_flush (UmzLink *link, GError **error)
{
  while (link->out_start < link->out_end) {
    ssize_t n = send (link->fd, link->out + link->out_start, link->out_end - link->out_start,
                      MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 && errno == EAGAIN)
      return true;
    if (n < 0)
      return set_link_error (error, "link", errno);
    link->out_start += n;
  }
  link->out_start = link->out_end = 0;
  return true;
}

bool
umz_link_has_unsent (const UmzLink *link)
{
  return link->out_start < link->out_end;
}

/* False: this kernel does not tell. */
static bool
get_tcp_info (const UmzLink *link, struct tcp_info *ret_info)
{
  socklen_t length = sizeof *ret_info;

  *ret_info = (struct tcp_info){ 0 };
  return getsockopt (link->fd, IPPROTO_TCP, TCP_INFO, ret_info, &length) == 0 &&
         length >= offsetof (struct tcp_info, tcpi_min_rtt) + sizeof ret_info->tcpi_min_rtt;
}

bool
umz_link_is_silent (const UmzLink *link)
{
  struct tcp_info info;

  if (!get_tcp_info (link, &info) || info.tcpi_state != ESTABLISHED)
    return false;
  /* With a window that is shut the kernel asks more and more seldom. */
  bool is_stuck = info.tcpi_unacked == 0 && info.tcpi_notsent_bytes > 0;
  return !is_stuck && info.tcpi_last_ack_recv > SILENT_MS;
}

uint64_t
umz_link_get_round_trip_us (const UmzLink *link)
{
  struct tcp_info info;

  if (!get_tcp_info (link, &info))
    return 0;
  return info.tcpi_min_rtt == ~0u ? 0 : info.tcpi_min_rtt; /* all ones: no sample yet */
}

uint64_t
umz_link_get_queued_bytes (const UmzLink *link)
{
  struct tcp_info info;
  uint64_t ours = link->out_end - link->out_start;

  if (!get_tcp_info (link, &info))
    return ours;
  return ours + info.tcpi_notsent_bytes + (uint64_t) info.tcpi_unacked * info.tcpi_snd_mss;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/handshakes.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define THREADS     16  /* of each of the two sets */
#define OF_EACH_MAX 4   /* handshakes of one stranger at a time */
#define LOOK_MS     100 /* for the rest of a hello */

/* The head of a TLS record (RFC 8446, 5.1); the first one that a client sends is a handshake's. */
#define RECORD_HEAD_BYTES 5
#define RECORD_BYTES_MAX  16384
#define RECORD_HANDSHAKE  22
#define RECORD_MAJOR      3

struct UmzHandshakes {
  GMutex lock;          /* of the next one */
  UmzIdentity identity; /* owned */
  UmzHandshakeDone done;
  void *data;
  GThreadPool *strangers, *known; /* owned */
  GQueue callers;                 /* Caller */
  GHashTable *n_of_each;          /* owned; address → how many handshakes of strangers */
};

typedef struct {
  UmzHandshakes *handshakes; /* borrowed */
  UmzVisit *visit;           /* owned by the handler, which hears of its end */
  bool is_known, is_counted;
  GIOStream *stream; /* owned; NULL: the handshake has failed */
  char *su;          /* owned */
} Caller;

/* GIO asks for every client certificate, the good ones too. */
static gboolean
accept_certificate (GTlsConnection *connection, GTlsCertificate *certificate,
                    GTlsCertificateFlags errors, void *data)
{
  return errors == 0;
}

static GIOStream *
new_stream (UmzHandshakes *h, GSocket *socket)
{
  g_autoptr (GSocketConnection) plain = g_socket_connection_factory_create_connection (socket);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&h->lock);
  GIOStream *stream =
    g_tls_server_connection_new (G_IO_STREAM (plain), h->identity.certificate, NULL);
  if (stream == NULL)
    return NULL;
  g_tls_connection_set_database (G_TLS_CONNECTION (stream), h->identity.database);
  g_object_set (stream, "authentication-mode", G_TLS_AUTHENTICATION_REQUIRED, NULL);
  g_signal_connect (stream, "accept-certificate", G_CALLBACK (accept_certificate), NULL);
  return stream;
}

/* NULL: none was shown. */
static GByteArray *
get_der (GIOStream *stream)
{
  GByteArray *der = NULL;
  GTlsCertificate *shown = g_tls_connection_get_peer_certificate (G_TLS_CONNECTION (stream));
  if (shown != NULL)
    g_object_get (shown, "certificate", &der, NULL);
  return der;
}

bool
umz_handshakes_still_accept (UmzHandshakes *handshakes, GIOStream *stream)
{
  g_autoptr (GByteArray) der = get_der (stream);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&handshakes->lock);
  return der != NULL && !umz_revoked_has (handshakes->identity.revoked, der->data, der->len);
}

static char *
dup_su (GIOStream *stream)
{
  g_autoptr (GByteArray) der = get_der (stream);
  return der != NULL ? umz_pki_certificate_su_name (der->data, der->len, NULL) : NULL;
}

static unsigned
count (const UmzHandshakes *h, const Caller *caller)
{
  return GPOINTER_TO_UINT (
    g_hash_table_lookup (h->n_of_each, umz_visit_get_who (caller->visit)));
}

static void
set_count (UmzHandshakes *h, const Caller *caller, unsigned n)
{
  const char *who = umz_visit_get_who (caller->visit);
  if (n > 0)
    g_hash_table_insert (h->n_of_each, g_strdup (who), GUINT_TO_POINTER (n));
  else
    g_hash_table_remove (h->n_of_each, who);
}

static gboolean
tell (void *data)
{
  Caller *caller = data;
  UmzHandshakes *h = caller->handshakes;
  g_queue_remove (&h->callers, caller);
  if (caller->is_counted)
    set_count (h, caller, count (h, caller) - 1);
  /* In the main loop, as a reload is: nobody slips in between the old list and the new one. */
  bool is_good = caller->stream != NULL && umz_handshakes_still_accept (h, caller->stream);
  h->done (caller->visit, is_good ? caller->stream : NULL, caller->su, h->data);
  g_clear_object (&caller->stream);
  g_free (caller->su);
  g_free (caller);
  return G_SOURCE_REMOVE;
}

/* In a thread. */
static void
shake_hands (void *data, void *unused)
{
  Caller *caller = data;
  g_autoptr (GIOStream) stream = NULL;
  if (!umz_visit_is_shut (caller->visit)) /* to begin one costs milliseconds */
    stream = new_stream (caller->handshakes, umz_visit_get_socket (caller->visit));
  if (stream != NULL && g_tls_connection_handshake (G_TLS_CONNECTION (stream), NULL, NULL))
    caller->su = dup_su (stream);
  if (caller->su != NULL)
    caller->stream = g_steal_pointer (&stream);
  g_idle_add_full (G_PRIORITY_DEFAULT, tell, caller, NULL);
}

typedef enum {
  HELLO_NONE, /* it is none, or nobody is there any more */
  HELLO_PART,
  HELLO_WHOLE,
} Hello;

/* What has come, without taking it. */
static Hello
look_for_hello (const Caller *caller)
{
  int n_here = 0;
  uint8_t head[RECORD_HEAD_BYTES];
  int fd = g_socket_get_fd (umz_visit_get_socket (caller->visit));
  ssize_t n = recv (fd, head, sizeof head, MSG_PEEK | MSG_DONTWAIT);
  if (n <= 0 || umz_visit_is_shut (caller->visit))
    return n < 0 && errno == EAGAIN ? HELLO_PART : HELLO_NONE;
  if (head[0] != RECORD_HANDSHAKE || (n > 1 && head[1] != RECORD_MAJOR))
    return HELLO_NONE;
  if (n < RECORD_HEAD_BYTES || ioctl (fd, FIONREAD, &n_here) != 0)
    return HELLO_PART;
  int n_record = head[3] << 8 | head[4];
  if (n_record > RECORD_BYTES_MAX)
    return HELLO_NONE;
  return n_here >= RECORD_HEAD_BYTES + n_record ? HELLO_WHOLE : HELLO_PART;
}

static void
begin (Caller *caller)
{
  UmzHandshakes *h = caller->handshakes;
  umz_visit_keep (caller->visit);
  caller->is_counted = !caller->is_known;
  if (caller->is_counted)
    set_count (h, caller, count (h, caller) + 1);
  g_thread_pool_push (caller->is_known ? h->known : h->strangers, caller,
                      NULL); /* without a thread it waits for one */
}

static gboolean
look (void *data)
{
  Caller *caller = data;
  UmzHandshakes *h = caller->handshakes;
  Hello hello = look_for_hello (caller);
  if (hello == HELLO_PART)
    return G_SOURCE_CONTINUE;
  if (hello == HELLO_WHOLE && (caller->is_known || count (h, caller) < OF_EACH_MAX))
    begin (caller);
  else
    tell (caller);
  return G_SOURCE_REMOVE;
}

/* He has sent something, or is gone.  A hello comes in one piece as a rule. */
static gboolean
hear_first_byte (GSocket *socket, GIOCondition condition, void *data)
{
  if (look (data) == G_SOURCE_CONTINUE)
    g_timeout_add (LOOK_MS, look, data);
  return G_SOURCE_REMOVE;
}

void
umz_handshakes_begin (UmzHandshakes *handshakes, UmzVisit *visit, bool is_known)
{
  Caller *caller = g_new0 (Caller, 1);
  caller->handshakes = handshakes;
  caller->visit = visit;
  caller->is_known = is_known;
  g_queue_push_tail (&handshakes->callers, caller);
  g_autoptr (GSource) source =
    g_socket_create_source (umz_visit_get_socket (visit), G_IO_IN, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (hear_first_byte), caller, NULL);
  g_source_attach (source, NULL);
}

void
umz_identity_clear (UmzIdentity *identity)
{
  g_clear_object (&identity->certificate);
  g_clear_object (&identity->database);
  g_clear_pointer (&identity->revoked, umz_revoked_free);
}

void
umz_handshakes_set_identity (UmzHandshakes *handshakes, UmzIdentity *identity)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&handshakes->lock);
  umz_identity_clear (&handshakes->identity);
  handshakes->identity = *identity;
  *identity = (UmzIdentity){ 0 };
}

UmzHandshakes *
umz_handshakes_new (UmzIdentity *identity, UmzHandshakeDone done, void *data)
{
  UmzHandshakes *h = g_new0 (UmzHandshakes, 1);
  g_mutex_init (&h->lock);
  umz_handshakes_set_identity (h, identity);
  h->done = done;
  h->data = data;
  h->strangers = g_thread_pool_new (shake_hands, NULL, THREADS, FALSE, NULL);
  h->known = g_thread_pool_new (shake_hands, NULL, THREADS, FALSE, NULL);
  g_queue_init (&h->callers);
  h->n_of_each = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return h;
}

void
umz_handshakes_free (UmzHandshakes *handshakes)
{
  if (handshakes == NULL)
    return;
  for (const GList *l = handshakes->callers.head; l != NULL; l = l->next) {
    const Caller *caller = l->data;
    (void) g_socket_shutdown (umz_visit_get_socket (caller->visit), TRUE, TRUE, NULL);
  }
  while (!g_queue_is_empty (&handshakes->callers))
    g_main_context_iteration (NULL, TRUE);
  g_thread_pool_free (handshakes->strangers, FALSE, TRUE);
  g_thread_pool_free (handshakes->known, FALSE, TRUE);
  g_hash_table_unref (handshakes->n_of_each);
  umz_identity_clear (&handshakes->identity);
  g_mutex_clear (&handshakes->lock);
  g_free (handshakes);
}

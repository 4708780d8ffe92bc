/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/test-p2p.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unix-socket.h"
#include "hypervisor/definition.h"
#include "hypervisor/test-libvirt.h"
#include "relay/test-rpc.h"

#define HEADER_BYTES 28
#define FRAME_MAX    (1024 * 1024)
#define N_STEPS      20 /* of a copy */
#define FLAGS        UMZ_TEST_RPC_FLAGS
#define BROKEN       "End of file while reading data: Input/output error"

enum {
  OPEN = 1,
  CLOSE = 2,
  SUPPORTS_FEATURE = 60,
  AUTH_LIST = 66,
  PREPARE = 303,
  FINISH = 306,
  REGISTER_CLOSE = 360,
  UNREGISTER_CLOSE = 361,
};

static unsigned copy_ms;
static uint64_t copy_bytes = 64 * 1024;
static bool begins = true;
static bool has_thief;
static int comes_in; /* atomic */

void
umz_test_p2p_set_copy (unsigned ms, uint64_t n_bytes)
{
  copy_ms = ms;
  copy_bytes = n_bytes;
}

void
umz_test_p2p_set_begins (bool does_begin)
{
  begins = does_begin;
}

void
umz_test_p2p_set_thief (bool is_there)
{
  has_thief = is_there;
}

bool
umz_test_p2p_comes_in (void)
{
  return g_atomic_int_get (&comes_in);
}

/* ---- frames ---- */

static bool
write_all (int fd, const void *bytes, size_t n)
{
  const uint8_t *p = bytes;
  while (n > 0) {
    ssize_t n_sent = send (fd, p, n, MSG_NOSIGNAL);
    if (n_sent < 0 && errno != EINTR)
      return false;
    p += n_sent > 0 ? n_sent : 0;
    n -= n_sent > 0 ? (size_t) n_sent : 0;
  }
  return true;
}

static bool
read_all (int fd, void *bytes, size_t n)
{
  uint8_t *p = bytes;
  while (n > 0) {
    ssize_t n_got = recv (fd, p, n, 0);
    if (n_got == 0 || (n_got < 0 && errno != EINTR))
      return false;
    p += n_got > 0 ? n_got : 0;
    n -= n_got > 0 ? (size_t) n_got : 0;
  }
  return true;
}

typedef struct {
  uint32_t procedure, serial, status;
  GByteArray *body; /* owned */
} Frame;

static void
frame_clear (Frame *frame)
{
  g_clear_pointer (&frame->body, g_byte_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Frame, frame_clear)

static bool
read_frame (int fd, Frame *ret_frame)
{
  uint32_t words[HEADER_BYTES / 4];
  if (!read_all (fd, words, sizeof words))
    return false;
  uint32_t length = GUINT32_FROM_BE (words[0]);
  g_assert_cmpuint (length, >=, HEADER_BYTES);
  g_assert_cmpuint (length, <=, FRAME_MAX);
  *ret_frame = (Frame){ .procedure = GUINT32_FROM_BE (words[3]),
                        .serial = GUINT32_FROM_BE (words[5]),
                        .status = GUINT32_FROM_BE (words[6]),
                        .body = g_byte_array_new () };
  g_byte_array_set_size (ret_frame->body, length - HEADER_BYTES);
  return read_all (fd, ret_frame->body->data, ret_frame->body->len);
}

/* ---- the target's libvirtd ---- */

typedef struct {
  char *uri;           /* owned */
  char *migration_dir; /* owned */
  int listener;        /* owned */
} Daemon;

/* One connection, and the guest that has come over it. */
typedef struct {
  const Daemon *daemon; /* borrowed; lives for ever */
  char *uri;            /* owned */
  char *uuid;           /* owned; NULL: none has come */
  int fd;               /* owned */
  int memory;           /* owned; where its QEMU listens, or -1 */
  GThread *qemu;        /* owned; takes in the memory */
  bool is_complete;     /* of qemu; read when that has been joined */
  bool is_kept;         /* Finish has said so */
} Connection;

/* -1: nobody will come any more. */
static int
accept_next (int listener)
{
  struct pollfd p = { .fd = listener, .events = POLLIN };
  while (poll (&p, 1, -1) >= 0 || errno == EINTR) {
    int fd = accept (listener, NULL, NULL);
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
      return fd;
  }
  return -1;
}

static gpointer
take_in_memory (gpointer data)
{
  Connection *c = data;
  uint64_t n_bytes = 0;
  uint8_t page[4096];
  int fd = accept_next (c->memory);
  if (fd < 0)
    return NULL;
  g_autofree char *why = umz_test_libvirt_take_failure (c->uri, "MEMORY");
  bool ok = why == NULL && read_all (fd, &n_bytes, sizeof n_bytes);
  g_atomic_int_set (&comes_in, ok);
  for (uint64_t n = 0; ok && n < n_bytes; n += sizeof page)
    ok = read_all (fd, page, sizeof page) &&
         umz_test_libvirt_get_state (c->uri, c->uuid, NULL) >= 0;
  close (fd);
  c->is_complete = ok;
  if (!ok)
    umz_test_libvirt_end_domain (c->uri, c->uuid, VIR_DOMAIN_SHUTOFF_FAILED);
  return NULL;
}

/* The XDR string that begins so: its length stands before it. */
static char *
dup_string (const GByteArray *body, const char *begin)
{
  uint32_t length;
  const uint8_t *from = memmem (body->data, body->len, begin, strlen (begin));
  g_assert_nonnull (from);
  memcpy (&length, from - sizeof length, sizeof length);
  return g_strndup ((const char *) from, GUINT32_FROM_BE (length));
}

/* The same folder of the move, and the same socket in it, below our own. */
static char *
dup_own_path (const Daemon *daemon, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *move = g_path_get_dirname (path);
  g_autofree char *folder = g_path_get_basename (move);
  return g_build_filename (daemon->migration_dir, folder, name, NULL);
}

/* The copy is there, paused, and its QEMU listens. */
static void
prepare (Connection *c, const GByteArray *body)
{
  g_autofree char *xml = dup_string (body, "<domain");
  g_autofree char *uri = dup_string (body, "unix://");
  g_autofree char *there = g_uri_unescape_string (uri + strlen ("unix://"), NULL);
  g_autofree char *path = dup_own_path (c->daemon, there);
  g_autoptr (UmzVm) vm = umz_definition_parse (xml, NULL);
  g_assert_nonnull (vm);
  c->uuid = g_strdup (vm->uuid);
  c->memory = umz_unix_listen (path);
  g_assert_cmpint (c->memory, >=, 0);
  umz_test_libvirt_arrive (c->uri, xml, has_thief ? -1 : c->memory);
  c->qemu = g_thread_new ("qemu", take_in_memory, c);
}

static bool
finish (Connection *c, const GByteArray *body)
{
  bool is_cancelled = body->data[body->len - 1] != 0;
  if (c->qemu == NULL)
    return false;
  if (is_cancelled)
    shutdown (c->memory, SHUT_RDWR);
  g_clear_pointer (&c->qemu, g_thread_join);
  c->is_kept = c->is_complete && !is_cancelled;
  if (c->is_kept)
    umz_test_libvirt_set_state (c->uri, c->uuid, VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_USER);
  return c->is_kept;
}

/* NULL: it is done; else the text of an error. */
static char *
carry_out (Connection *c, const Frame *call)
{
  char *why = NULL;
  if (call->procedure == PREPARE) {
    why = umz_test_libvirt_take_failure (c->uri, "PREPARE");
    if (why == NULL)
      prepare (c, call->body);
  }
  else if (call->procedure == FINISH) {
    bool is_kept = finish (c, call->body);
    why = umz_test_libvirt_take_failure (c->uri, "FINISH");
    if (why == NULL && !is_kept)
      why = g_strdup ("Unable to read from monitor: Connection reset by peer");
    c->is_kept = why == NULL;
  }
  return why;
}

static bool
answer (Connection *c, const Frame *call)
{
  g_autofree char *why = carry_out (c, call);
  g_autoptr (GByteArray) reply = g_byte_array_new ();
  const char *body = why != NULL ? why : "done";
  umz_test_rpc_add (reply, &(UmzTestRpcFrame){ .procedure = call->procedure,
                                               .type = 1,
                                               .serial = call->serial,
                                               .status = why != NULL,
                                               .body = body,
                                               .body_bytes = strlen (body) });
  return write_all (c->fd, reply->data, reply->len);
}

/* A copy that Finish did not keep goes with the connection. */
static void
end_connection (Connection *c)
{
  if (c->qemu != NULL)
    shutdown (c->memory, SHUT_RDWR);
  g_clear_pointer (&c->qemu, g_thread_join);
  if (c->uuid != NULL && !c->is_kept)
    umz_test_libvirt_end_domain (c->uri, c->uuid, VIR_DOMAIN_SHUTOFF_DESTROYED);
  if (c->memory >= 0)
    close (c->memory);
  close (c->fd);
  g_free (c->uuid);
  g_free (c->uri);
  g_free (c);
}

static gpointer
serve (gpointer data)
{
  Connection *c = data;
  for (bool goes_on = true; goes_on;) {
    g_auto (Frame) call = { 0 };
    goes_on = read_frame (c->fd, &call) && answer (c, &call);
  }
  end_connection (c);
  return NULL;
}

G_GNUC_NORETURN static gpointer
accept_all (gpointer data)
{
  Daemon *daemon = data;
  for (;;) {
    int fd = accept_next (daemon->listener);
    g_assert_cmpint (fd, >=, 0);
    Connection *c = g_new0 (Connection, 1);
    c->daemon = daemon;
    c->uri = g_strdup (daemon->uri);
    c->fd = fd;
    c->memory = -1;
    g_thread_unref (g_thread_new ("libvirtd", serve, c));
  }
}

/* ---- the source's libvirtd ---- */

typedef struct {
  const char *uri, *uuid, *memory_uri; /* borrowed */
  char *xml, *name;                    /* owned */
  int fd;                              /* owned */
  uint32_t serial;
} Migration;

/* NULL: it was answered with OK; else the text of an error, for the caller to free. */
static char *
call (Migration *m, uint32_t procedure, const GByteArray *frame)
{
  g_auto (Frame) reply = { 0 };
  g_autoptr (GByteArray) plain = g_byte_array_new ();
  if (procedure == OPEN)
    umz_test_rpc_add_open (plain, m->serial, "qemu:///system", 0);
  else if (frame == NULL)
    umz_test_rpc_add (plain, &(UmzTestRpcFrame){ .procedure = procedure,
                                                 .serial = m->serial,
                                                 .body = "arguments...",
                                                 .body_bytes = 12 });
  const GByteArray *sent = frame != NULL ? frame : plain;
  if (!write_all (m->fd, sent->data, sent->len) || !read_frame (m->fd, &reply))
    return g_strdup (BROKEN);
  g_assert_cmpuint (reply.procedure, ==, procedure);
  g_assert_cmpuint (reply.serial, ==, m->serial);
  m->serial++;
  return reply.status == 0 ? NULL
                           : g_strndup ((const char *) reply.body->data, reply.body->len);
}

static char *
call_prepare (Migration *m)
{
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  umz_test_rpc_add_prepare (frame, &(UmzTestRpcArgs){ .serial = m->serial,
                                                      .xml = m->xml,
                                                      .name = m->name,
                                                      .uri = m->memory_uri,
                                                      .flags = FLAGS });
  return call (m, PREPARE, frame);
}

static char *
call_finish (Migration *m, bool is_cancelled)
{
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  umz_test_rpc_add_finish (frame, &(UmzTestRpcArgs){ .serial = m->serial,
                                                     .xml = m->xml,
                                                     .name = m->name,
                                                     .flags = FLAGS,
                                                     .cancelled = is_cancelled });
  return call (m, FINISH, frame);
}

/* Whether the connection to the target's libvirtd ends within the time; 0: has ended. */
static bool
is_broken (const Migration *m, int ms)
{
  uint8_t byte;
  struct pollfd p = { .fd = m->fd, .events = POLLIN };
  (void) poll (&p, 1, ms); /* recv() tells what came of it */
  return recv (m->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static char *
send_memory (Migration *m, int fd)
{
  static const uint8_t zeros[4096];
  uint64_t n_bytes = copy_bytes;
  if (!write_all (fd, &n_bytes, sizeof n_bytes))
    return g_strdup ("unable to write to socket: Broken pipe");
  for (uint64_t n = 0; n < n_bytes; n += sizeof zeros) {
    if (n % (n_bytes / N_STEPS / sizeof zeros * sizeof zeros + sizeof zeros) == 0) {
      umz_test_libvirt_set_job (m->uri, n_bytes, n_bytes - n, 10, 1);
      if (is_broken (m, (int) copy_ms / N_STEPS))
        return g_strdup (BROKEN);
    }
    char *why = umz_test_libvirt_take_failure (m->uri, "PERFORM");
    if (why != NULL)
      return why;
    if (umz_test_libvirt_get_state (m->uri, m->uuid, NULL) == VIR_DOMAIN_SHUTOFF)
      return g_strdup ("domain is no longer running");
    if (!write_all (fd, zeros, sizeof zeros))
      return g_strdup ("unable to write to socket: Broken pipe");
  }
  return NULL;
}

/* Ends with the guest paused, as QEMU stops it for the last part of its memory. */
static char *
perform (Migration *m)
{
  g_autofree char *path = g_uri_unescape_string (m->memory_uri + strlen ("unix://"), NULL);
  while (!begins && !is_broken (m, -1))
    ; /* a frame that nobody has asked for */
  int fd = begins ? umz_unix_connect (path) : -1;
  if (fd < 0)
    return g_strdup (BROKEN);
  char *why = send_memory (m, fd);
  if (why == NULL)
    umz_test_libvirt_set_state (m->uri, m->uuid, VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_MIGRATION);
  shutdown (fd, SHUT_WR);
  uint8_t byte;
  while (why == NULL && recv (fd, &byte, 1, 0) > 0)
    ; /* nothing comes back but the end */
  close (fd);
  return why;
}

/* The domain goes on if it ran before, or goes, as libvirt has it. */
static char *
migrate_over (Migration *m)
{
  static const uint32_t opening[] = { AUTH_LIST, SUPPORTS_FEATURE, OPEN, SUPPORTS_FEATURE,
                                      SUPPORTS_FEATURE, REGISTER_CLOSE, SUPPORTS_FEATURE,
                                      SUPPORTS_FEATURE, SUPPORTS_FEATURE };
  char *why = NULL;
  int state_before = umz_test_libvirt_get_state (m->uri, m->uuid, NULL);
  for (size_t i = 0; why == NULL && i < G_N_ELEMENTS (opening); i++)
    why = call (m, opening[i], NULL);
  if (why == NULL)
    why = call_prepare (m);
  if (why != NULL)
    return why;
  why = perform (m);
  if (why != NULL)
    g_free (call_finish (m, true));
  else
    why = call_finish (m, false);
  umz_test_libvirt_set_job (m->uri, 0, 0, 0, 0);
  if (why == NULL) {
    g_free (call (m, UNREGISTER_CLOSE, NULL));
    g_free (call (m, CLOSE, NULL));
    umz_test_libvirt_end_domain (m->uri, m->uuid, VIR_DOMAIN_SHUTOFF_MIGRATED);
  }
  else if (state_before == VIR_DOMAIN_RUNNING &&
           umz_test_libvirt_get_state (m->uri, m->uuid, NULL) == VIR_DOMAIN_PAUSED)
    umz_test_libvirt_set_state (m->uri, m->uuid, VIR_DOMAIN_RUNNING,
                                VIR_DOMAIN_RUNNING_MIGRATION_CANCELED);
  return why;
}

static char *
migrate (const char *uri, const char *uuid, const char *connection_uri, const char *memory_uri,
         void *data)
{
  static const char begin[] = "qemu+unix:///system?socket=";
  g_assert_true (g_str_has_prefix (connection_uri, begin));
  g_autofree char *xml = umz_test_libvirt_dup_xml (uri, uuid);
  if (xml == NULL)
    return g_strdup ("Domain not found");
  const char *name = strstr (xml, "<name>") + strlen ("<name>");
  g_autofree char *own_name = g_strndup (name, strcspn (name, "<"));
  Migration m = {
    .uri = uri,
    .uuid = uuid,
    .memory_uri = memory_uri,
    .xml = xml,
    .name = own_name,
    .serial = 1,
  };
  m.fd = umz_unix_connect (connection_uri + strlen (begin));
  if (m.fd < 0)
    return g_strdup_printf ("Failed to connect socket: %s", g_strerror (errno));
  char *why = migrate_over (&m);
  close (m.fd);
  return why;
}

void
umz_test_p2p_listen (const char *uri, const char *socket_path, const char *migration_dir)
{
  Daemon *daemon = g_new0 (Daemon, 1);
  daemon->uri = g_strdup (uri);
  daemon->migration_dir = g_strdup (migration_dir);
  daemon->listener = umz_unix_listen (socket_path);
  g_assert_cmpint (daemon->listener, >=, 0);
  g_thread_unref (g_thread_new ("libvirtd", accept_all, daemon));
  umz_test_libvirt_set_migrate (migrate, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-pair.c: two relays for tests. */
#include "relay/test-pair.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "relay/relay.h"

static int
listen_tcp (struct sockaddr_in *address)
{
  socklen_t length = sizeof *address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  *address =
    (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  g_assert_cmpint (bind (fd, (struct sockaddr *) address, sizeof *address), ==, 0);
  g_assert_cmpint (listen (fd, 1), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) address, &length), ==, 0);
  return fd;
}

static void
connect_tcp (int fds[2])
{
  struct sockaddr_in address;
  int listener = listen_tcp (&address);

  fds[0] = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (connect (fds[0], (struct sockaddr *) &address, sizeof address), ==, 0);
  fds[1] = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  g_assert_cmpint (fds[1], >=, 0);
  close (listener);
}

/* An abstract name that the kernel chooses. */
static int
listen_unix (void)
{
  const struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof (sa_family_t)), ==, 0);
  g_assert_cmpint (listen (fd, 1), ==, 0);
  return fd;
}

/* Keeps nothing of the test: who holds a copy of a control socket keeps a relay alive. */
static _Noreturn void
run_child (int inherited, const UmzTestPairOptions *options)
{
  int control = dup2 (inherited, UMZ_RELAY_CONTROL_FD); /* the copy is not CLOEXEC */
  close_range (control + 1, ~0u, 0);
  prctl (PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves nobody behind */

  if (options->program != NULL) {
    g_autofree char *root = g_strdup_printf ("--root=%s", options->root);
    g_autofree char *user = g_strdup_printf ("--user=%d:%d", UMZ_TEST_USER, UMZ_TEST_USER);
    execl (options->program, options->program, root, user, "--allow-faults", NULL);
    _exit (127);
  }

  g_auto (UmzRelayMessage) start = UMZ_RELAY_MESSAGE_INIT;
  struct pollfd p = { .fd = control, .events = POLLIN };
  poll (&p, 1, -1);
  if (!umz_relay_control_recv (control, UMZ_RELAY_FROM_DAEMON, &start, NULL))
    _exit (126);
  umz_relay_run (control, &start, geteuid ());
  _exit (0);
}

static void
start_relay (UmzTestRelay *relay, const UmzTestPairOptions *options)
{
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), ==, 0);
  *relay = (UmzTestRelay){ .control = fds[0] };
  relay->pid = fork ();
  g_assert_cmpint (relay->pid, >=, 0);
  if (relay->pid == 0) {
    close (fds[0]);
    run_child (fds[1], options);
  }
  close (fds[1]);
}

static void
add_mirror (UmzRelayMessage *m, const UmzTestPairOptions *options, bool is_source)
{
  m->start.mirror_max_bytes = 64 << 20;
  m->fds[is_source ? 2 : 1] = options->mirror_fds[is_source ? 0 : 1];
  memcpy (m->start.mirror_key, "a key of this host, which is not the other's", 40);
  m->start.mirror_key[0] += is_source;
  memcpy (m->start.mirror_digest, options->mirror.digest, sizeof m->start.mirror_digest);
}

static void
send_start (UmzTestRelay *relay, UmzRelaySide side, const UmzTestPairOptions *options, int link,
            int listener)
{
  UmzRelayMessage m = UMZ_RELAY_MESSAGE_INIT;
  g_autoptr (GError) error = NULL;
  bool is_source = side == UMZ_RELAY_SIDE_SOURCE;

  m.type = UMZ_RELAY_MESSAGE_START;
  m.start = (UmzRelayStart){
    .kind = options->kind,
    .side = side,
    .stream_id = "0123456789abcde",
    .key = "31 bytes and a NUL: not secret!",
    .limit_us = options->limit_us != 0 ? options->limit_us : 300000,
    .fault_offset_bytes = options->fault_offset_bytes,
    .fault = is_source ? options->source_fault : options->target_fault,
    .vm_uuid = { 0x8f, 0x2b, 0x0d, 0x5e, 0x1c, 0x5a, 0x4d, 0x0e, 0x9a, 0x51, 1, 0x23, 0x45, 0x67,
                 0x89, 0xab },
    .vm_name = UMZ_TEST_VM_NAME,
  };
  if (options->has_wrong_key && !is_source)
    m.start.key[31] ^= 1;
  m.fds[0] = link;
  m.fds[1] = listener;
  if (options->is_coded && (is_source || !options->is_plain_there))
    m.start.engine = UMZ_RELAY_ENGINE_CODEC;
  if (options->mirror_fds != NULL)
    add_mirror (&m, options, is_source);
  umz_relay_control_send (relay->control, &m, &error);
  g_assert_no_error (error);
}

void
umz_test_pair_start (UmzTestPair *pair, const UmzTestPairOptions *options)
{
  int link[2];

  *pair = (UmzTestPair){ .source_fd = -1, .target_fd = -1, .listener = listen_unix () };
  start_relay (&pair->source, options); /* before there is a link that they could inherit */
  start_relay (&pair->target, options);
  connect_tcp (link);
  send_start (&pair->source, UMZ_RELAY_SIDE_SOURCE, options, link[0], pair->listener);
  send_start (&pair->target, UMZ_RELAY_SIDE_TARGET, options, link[1], -1);
  close (link[0]);
  close (link[1]);
}

static UmzRelayMessage
receive (UmzTestRelay *relay)
{
  UmzRelayMessage m = UMZ_RELAY_MESSAGE_INIT;
  struct pollfd p = { .fd = relay->control, .events = POLLIN };
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (poll (&p, 1, 60000), ==, 1);
  umz_relay_control_recv (relay->control, UMZ_RELAY_FROM_RELAY, &m, &error);
  g_assert_no_error (error);
  if (m.type == UMZ_RELAY_MESSAGE_STATS)
    relay->stats = m.stats;
  return m;
}

UmzRelayMessage
umz_test_relay_next (UmzTestRelay *relay)
{
  UmzRelayMessage m;

  do
    m = receive (relay);
  while (m.type == UMZ_RELAY_MESSAGE_STATS);
  return m;
}

UmzRelayMessage
umz_test_relay_expect (UmzTestRelay *relay, UmzRelayMessageType type)
{
  UmzRelayMessage m = umz_test_relay_next (relay);

  if (m.type == UMZ_RELAY_MESSAGE_ENDED)
    g_test_message ("ENDED %s: %s", umz_relay_end_name (m.ended.end), m.ended.text);
  g_assert_cmphex (m.type, ==, type);
  return m;
}

void
umz_test_relay_wait_stats (UmzTestRelay *relay)
{
  UmzRelayMessage m = receive (relay);

  g_assert_cmphex (m.type, ==, UMZ_RELAY_MESSAGE_STATS);
}

void
umz_test_relay_send (UmzTestRelay *relay, UmzRelayMessageType type)
{
  UmzRelayMessage m = UMZ_RELAY_MESSAGE_INIT;
  g_autoptr (GError) error = NULL;

  m.type = type;
  umz_relay_control_send (relay->control, &m, &error);
  g_assert_no_error (error);
}

void
umz_test_relay_expect_end (UmzTestRelay *relay, UmzRelayEnd end)
{
  UmzRelayMessage m = umz_test_relay_expect (relay, UMZ_RELAY_MESSAGE_ENDED);
  int status = 0;

  g_test_message ("ended: %s", m.ended.text);
  g_assert_cmpstr (umz_relay_end_name (m.ended.end), ==, umz_relay_end_name (end));
  g_assert_cmpint (waitpid (relay->pid, &status, 0), ==, relay->pid);
  g_assert_true (WIFEXITED (status));
  relay->pid = 0;
}

int
umz_test_pair_connect (const UmzTestPair *pair)
{
  struct sockaddr_un address;
  socklen_t length = sizeof address;
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (getsockname (pair->listener, (struct sockaddr *) &address, &length), ==, 0);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &address, length), ==, 0);
  return fd;
}

void
umz_test_pair_connect_source (UmzTestPair *pair)
{
  pair->source_fd = umz_test_pair_connect (pair);
  umz_test_relay_expect (&pair->source, UMZ_RELAY_MESSAGE_CONNECTED);
}

void
umz_test_pair_connect_target (UmzTestPair *pair)
{
  UmzRelayMessage m = UMZ_RELAY_MESSAGE_INIT;
  g_autoptr (GError) error = NULL;
  int fds[2];

  umz_test_relay_expect (&pair->target, UMZ_RELAY_MESSAGE_WANT_LOCAL);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  m.type = UMZ_RELAY_MESSAGE_LOCAL;
  m.fds[0] = fds[1];
  umz_relay_control_send (pair->target.control, &m, &error);
  g_assert_no_error (error);
  close (fds[1]);
  pair->target_fd = fds[0];
  umz_test_relay_expect (&pair->target, UMZ_RELAY_MESSAGE_CONNECTED);
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static void
stop_relay (UmzTestRelay *relay)
{
  close_fd (&relay->control); /* it must end by that alone */
  if (relay->pid > 0)
    g_assert_cmpint (waitpid (relay->pid, NULL, 0), ==, relay->pid);
  relay->pid = 0;
}

void
umz_test_pair_stop (UmzTestPair *pair)
{
  stop_relay (&pair->source);
  stop_relay (&pair->target);
  close_fd (&pair->source_fd);
  close_fd (&pair->target_fd);
  close_fd (&pair->listener);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-control.c: no message is believed unchecked. */
#include "relay/control.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
  int a, b; /* owned: both ends */
} Pair;

static void
pair_open (Pair *pair)
{
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), ==, 0);
  *pair = (Pair){ fds[0], fds[1] };
}

static void
pair_close (Pair *pair)
{
  close (pair->a);
  close (pair->b);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_close)

static UmzRelayMessage
make_start (int link, int listener)
{
  UmzRelayMessage m = UMZ_RELAY_MESSAGE_INIT;

  m.type = UMZ_RELAY_MESSAGE_START;
  m.start = (UmzRelayStart){
    .kind = UMZ_RELAY_KIND_RPC,
    .side = listener >= 0 ? UMZ_RELAY_SIDE_SOURCE : UMZ_RELAY_SIDE_TARGET,
    .key = "key",
    .limit_us = 300000,
    .vm_name = "vm",
  };
  m.fds[0] = link;
  m.fds[1] = listener;
  return m;
}

static unsigned
count_fds (void)
{
  unsigned n = 0;

  for (int fd = 0; fd < 256; fd++)
    n += fcntl (fd, F_GETFD) >= 0;
  return n;
}

static void
test_start_round_trip (void)
{
  g_auto (Pair) pair;
  pair_open (&pair);
  UmzRelayMessage sent = make_start (0, 1);
  g_auto (UmzRelayMessage) got = UMZ_RELAY_MESSAGE_INIT;
  g_autoptr (GError) error = NULL;

  g_assert_true (umz_relay_control_send (pair.a, &sent, &error));
  g_assert_true (umz_relay_control_recv (pair.b, UMZ_RELAY_FROM_DAEMON, &got, &error));
  g_assert_cmpint (got.type, ==, sent.type);
  g_assert_cmpmem (&got.start, sizeof got.start, &sent.start, sizeof sent.start);
  g_assert_cmpint (fcntl (got.fds[0], F_GETFD), ==, FD_CLOEXEC);
  g_assert_cmpint (fcntl (got.fds[1], F_GETFD), ==, FD_CLOEXEC);
}

static void
test_clear_wipes (void)
{
  UmzRelayMessage m = make_start (-1, -1);

  umz_relay_message_clear (&m);
  g_assert_cmpuint (m.start.key[0], ==, 0);
  g_assert_cmpint (m.fds[0], ==, -1);
}

static void
test_nothing_and_end (void)
{
  g_auto (UmzRelayMessage) got = UMZ_RELAY_MESSAGE_INIT;
  g_autoptr (GError) nothing = NULL, end = NULL;
  g_auto (Pair) pair;
  pair_open (&pair);

  g_assert_false (umz_relay_control_recv (pair.b, UMZ_RELAY_FROM_DAEMON, &got, &nothing));
  g_assert_error (nothing, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  shutdown (pair.a, SHUT_WR);
  g_assert_false (umz_relay_control_recv (pair.b, UMZ_RELAY_FROM_DAEMON, &got, &end));
  g_assert_error (end, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

/* A packet as a hostile end would make it: type and body as given. */
typedef struct {
  const char *name;
  UmzRelaySender from;
  uint16_t version, type;
  uint32_t said_bytes, body_bytes;
  union {
    UmzRelayStart start;
    UmzRelayLimit limit;
    UmzRelayFinishReplied finish_replied;
    UmzRelayHeldState held_state;
    UmzRelayStats stats;
    UmzRelayEnded ended;
    UmzRelayMirror mirror;
    uint8_t bytes[512];
  } body;
  unsigned n_fds;
} Packet;

static void
send_packet (int fd, const Packet *packet)
{
  struct {
    uint16_t version, type;
    uint32_t length;
  } header = { packet->version, packet->type, packet->said_bytes };
  union {
    char bytes[CMSG_SPACE (8 * sizeof (int))];
    struct cmsghdr align;
  } ancillary = { 0 };
  struct iovec iov[] = { { &header, sizeof header },
                         { (void *) &packet->body, packet->body_bytes } };
  struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

  if (packet->n_fds > 0) {
    msg.msg_control = ancillary.bytes;
    msg.msg_controllen = CMSG_SPACE (packet->n_fds * sizeof (int));
    struct cmsghdr *c = CMSG_FIRSTHDR (&msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN (packet->n_fds * sizeof (int)); /* all of them descriptor 0 */
  }
  g_assert_cmpint (sendmsg (fd, &msg, 0), >, 0);
}

static bool
is_taken (const Packet *packet)
{
  g_auto (UmzRelayMessage) got = UMZ_RELAY_MESSAGE_INIT;
  g_autoptr (GError) error = NULL;
  g_auto (Pair) pair;
  pair_open (&pair);

  send_packet (pair.a, packet);
  unsigned before = count_fds ();
  bool taken = umz_relay_control_recv (pair.b, packet->from, &got, &error);
  if (!taken) {
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    g_assert_cmpuint (count_fds (), ==, before);
  }
  return taken;
}

#define SAYS(word, said, sent)                                            \
  .version = UMZ_RELAY_CONTROL_VERSION, .type = UMZ_RELAY_MESSAGE_##word, \
  .said_bytes = (said), .body_bytes = (sent)
#define RELAY    .from = UMZ_RELAY_FROM_RELAY,
#define START_OK SAYS (START, sizeof (UmzRelayStart), sizeof (UmzRelayStart))
#define ENDED_OK RELAY SAYS (ENDED, sizeof (UmzRelayEnded), sizeof (UmzRelayEnded))
#define VM       .vm_name = "vm"
#define REST     .limit_us = 1, VM
#define SOURCE   .kind = 1, .side = 1, REST
#define TARGET   .kind = 1, .side = 2, REST
#define MEMORY   .kind = 2, .side = 2, REST

/* clang-format off */
static const Packet refused[] = {
  { "wrong version",       .version = 1, .type = UMZ_RELAY_MESSAGE_STOP },
  { "unknown type",        .version = 2, .type = 0x07 },
  { "type 0",              .version = 2, .type = 0 },
  { "other direction",     SAYS (READY, 0, 0) },
  { "daemon's word",       RELAY SAYS (STOP, 0, 0) },
  { "body where none is",  SAYS (STOP, 0, 1) },
  { "length that lies",    SAYS (STOP, 1, 0) },
  { "short START",         SAYS (START, 8, 8), .n_fds = 1 },
  { "long packet",         SAYS (START, sizeof (UmzRelayStart), 512), .n_fds = 1 },
  { "no link",             START_OK, .body.start = { TARGET } },
  { "target + listener",   START_OK, .body.start = { TARGET }, .n_fds = 2 },
  { "source, no listener", START_OK, .body.start = { SOURCE }, .n_fds = 1 },
  { "three descriptors",   START_OK, .body.start = { SOURCE }, .n_fds = 3 },
  { "eight descriptors",   START_OK, .body.start = { SOURCE }, .n_fds = 8 },
  { "kind 3",              START_OK, .body.start = { .kind = 3, .side = 2, REST }, .n_fds = 1 },
  { "side 3",              START_OK, .body.start = { .kind = 1, .side = 3, REST }, .n_fds = 1 },
  { "limit 0",             START_OK,
    .body.start = { .kind = 1, .side = 2, .limit_us = 0, VM }, .n_fds = 1 },
  { "limit too large",     START_OK,
    .body.start = { .kind = 1, .side = 2, .limit_us = UMZ_RELAY_LIMIT_MAX_US + 1, VM },
    .n_fds = 1 },
  { "no name",             START_OK,
    .body.start = { .kind = 1, .side = 2, .limit_us = 1 }, .n_fds = 1 },
  { "name not UTF-8",      START_OK,
    .body.start = { .kind = 1, .side = 2, .limit_us = 1, .vm_name = "\xff" }, .n_fds = 1 },
  { "fault 6",             START_OK, .body.start = { TARGET, .fault = 6 }, .n_fds = 1 },
  { "engine 2",            START_OK, .body.start = { MEMORY, .engine = 2 }, .n_fds = 1 },
  { "codec for RPC",       START_OK, .body.start = { TARGET, .engine = 1 }, .n_fds = 1 },
  { "mirror, but plain",   START_OK, .body.start = { MEMORY, .mirror_max_bytes = 1 }, .n_fds = 2 },
  { "mirror without file", START_OK,
    .body.start = { MEMORY, .engine = 1, .mirror_max_bytes = 1 }, .n_fds = 1 },
  { "file without mirror", START_OK, .body.start = { MEMORY, .engine = 1 }, .n_fds = 2 },
  { "unusable of 2",       RELAY SAYS (MIRROR, 20, 20), .body.mirror = { .is_usable = 2 } },
  { "LOCAL without",       SAYS (LOCAL, 0, 0) },
  { "LOCAL with two",      SAYS (LOCAL, 0, 0), .n_fds = 2 },
  { "STOP with one",       SAYS (STOP, 0, 0), .n_fds = 1 },
  { "LIMIT 0",             SAYS (LIMIT, 8, 8) },
  { "READY with one",      RELAY SAYS (READY, 0, 0), .n_fds = 1 },
  { "held, not ok",        RELAY SAYS (FINISH_REPLIED, 8, 8),
    .body.finish_replied = { .held = 1 } },
  { "truth of 2",          RELAY SAYS (HELD_STATE, 12, 12), .body.held_state = { .link_open = 2 } },
  { "in flight > most",    RELAY SAYS (STATS, 64, 64), .body.stats = { .in_flight_bytes = 1 } },
  { "end 0",               ENDED_OK, .body.ended = { .end = 0 } },
  { "end 11",              ENDED_OK, .body.ended = { .end = 11 } },
  { "text not UTF-8",      ENDED_OK, .body.ended = { .end = 1, .text = "\xff" } },
};

static const Packet taken[] = {
  { "target",        START_OK, .body.start = { TARGET }, .n_fds = 1 },
  { "source",        START_OK,
    .body.start = { .kind = 2, .side = 1, .limit_us = UMZ_RELAY_LIMIT_MAX_US, VM }, .n_fds = 2 },
  { "STOP",          SAYS (STOP, 0, 0) },
  { "LOCAL",         SAYS (LOCAL, 0, 0), .n_fds = 1 },
  { "codec, mirror", START_OK,
    .body.start = { MEMORY, .engine = 1, .mirror_max_bytes = 1 }, .n_fds = 2 },
  { "ENDED",         ENDED_OK, .body.ended = { .end = 10, .text = "why" } },
};
/* clang-format on */

static void
test_refused (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_test_message ("%s", refused[i].name);
    g_assert_false (is_taken (&refused[i]));
  }
}

static void
test_taken (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (taken); i++) {
    g_test_message ("%s", taken[i].name);
    g_assert_true (is_taken (&taken[i]));
  }
}

static void
test_text_without_end (void)
{
  Packet packet = { ENDED_OK, .body.ended = { .end = 1 } };

  memset (packet.body.ended.text, 'x', sizeof packet.body.ended.text);
  g_assert_false (is_taken (&packet));
  packet.body.ended.text[UMZ_RELAY_TEXT_BYTES - 1] = '\0';
  g_assert_true (is_taken (&packet));
}

static void
test_truncated_anywhere (void)
{
  Packet packet = taken[0];

  for (packet.body_bytes = 0; packet.body_bytes < sizeof (UmzRelayStart); packet.body_bytes++)
    g_assert_false (is_taken (&packet));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/control/start-arrives-with-its-descriptors", test_start_round_trip);
  g_test_add_func ("/control/clearing-wipes-the-key", test_clear_wipes);
  g_test_add_func ("/control/nothing-yet-differs-from-the-end", test_nothing_and_end);
  g_test_add_func ("/control/malformed-messages-are-refused-and-leak-no-descriptor", test_refused);
  g_test_add_func ("/control/valid-messages-are-taken", test_taken);
  g_test_add_func ("/control/a-text-must-end", test_text_without_end);
  g_test_add_func ("/control/a-truncated-start-is-refused", test_truncated_anywhere);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-relay.c: two relays carry a stream, exactly, or say why not. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "relay/flow.h"
#include "relay/link.h"
#include "relay/rpc-filter.h"
#include "relay/test-pair.h"
#include "relay/test-rpc.h"

static void
write_all (int fd, const void *bytes, size_t n_bytes)
{
  for (const char *at = bytes; n_bytes > 0;) {
    ssize_t n = write (fd, at, n_bytes);
    g_assert_cmpint (n, >, 0);
    at += n;
    n_bytes -= n;
  }
}

static void
read_all (int fd, void *bytes, size_t n_bytes)
{
  for (char *at = bytes; n_bytes > 0;) {
    ssize_t n = read (fd, at, n_bytes);
    g_assert_cmpint (n, >, 0);
    at += n;
    n_bytes -= n;
  }
}

static void
expect_eof (int fd)
{
  char c;

  g_assert_cmpint (read (fd, &c, 1), ==, 0);
}

static void
start_ready (UmzTestPair *pair, const UmzTestPairOptions *options)
{
  umz_test_pair_start (pair, options);
  umz_test_relay_expect (&pair->source, UMZ_RELAY_MESSAGE_READY);
  umz_test_relay_expect (&pair->target, UMZ_RELAY_MESSAGE_READY);
}

/* Memory, connected on both sides by one byte, which is read. */
static void
start_memory (UmzTestPair *pair, UmzTestPairOptions options)
{
  char c = 0;

  options.kind = UMZ_RELAY_KIND_MEMORY;
  start_ready (pair, &options);
  umz_test_pair_connect_source (pair);
  write_all (pair->source_fd, "Q", 1);
  umz_test_pair_connect_target (pair);
  read_all (pair->target_fd, &c, 1);
}

static void
start_rpc (UmzTestPair *pair, UmzTestPairOptions options)
{
  options.kind = UMZ_RELAY_KIND_RPC;
  start_ready (pair, &options);
  umz_test_pair_connect_target (pair);
  umz_test_pair_connect_source (pair);
}

/* ---- memory ---- */

/* Writes n random bytes of that seed, in random pieces; in a process of its own. */
static pid_t
start_writer (int fd, uint32_t seed, size_t n_bytes)
{
  const pid_t pid = fork ();
  if (pid != 0)
    return pid;
  prctl (PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves nobody behind */

  g_autoptr (GRand) content = g_rand_new_with_seed (seed), sizes = g_rand_new_with_seed (~seed);
  static uint32_t words[65536];
  for (size_t left = n_bytes; left > 0;) {
    size_t wanted = 4 * (size_t) g_rand_int_range (sizes, 1, G_N_ELEMENTS (words));
    size_t n = MIN (left, wanted);
    for (size_t i = 0; i < n / 4; i++)
      words[i] = g_rand_int (content);
    write_all (fd, words, n);
    left -= n;
  }
  shutdown (fd, SHUT_WR);
  _exit (0);
}

static void
check_bytes (int fd, uint32_t seed, size_t n_bytes)
{
  g_autoptr (GRand) content = g_rand_new_with_seed (seed);
  static uint32_t words[16384];

  for (size_t left = n_bytes; left > 0;) {
    size_t n = MIN (left, sizeof words);
    read_all (fd, words, n);
    for (size_t i = 0; i < n / 4; i++)
      g_assert_cmphex (words[i], ==, g_rand_int (content));
    left -= n;
  }
  expect_eof (fd);
}

static void
test_bytes_are_exact (void)
{
  size_t there = 24 * 1048576, back = 3 * 1048576;
  uint32_t seed = g_test_rand_int ();
  UmzTestPair pair;
  start_memory (&pair, (UmzTestPairOptions){ 0 });

  const pid_t a = start_writer (pair.source_fd, seed, there);
  const pid_t b = start_writer (pair.target_fd, seed + 1, back);
  check_bytes (pair.target_fd, seed, there);
  check_bytes (pair.source_fd, seed + 1, back);
  waitpid (a, NULL, 0);
  waitpid (b, NULL, 0);
  umz_test_relay_expect_end (&pair.source, UMZ_RELAY_END_DONE);
  umz_test_relay_expect_end (&pair.target, UMZ_RELAY_END_DONE);
  umz_test_pair_stop (&pair);
}

static void
test_half_close (void)
{
  UmzTestPair pair;
  char answer[5] = { 0 };
  start_memory (&pair, (UmzTestPairOptions){ 0 });

  shutdown (pair.source_fd, SHUT_WR);
  expect_eof (pair.target_fd);
  write_all (pair.target_fd, "after", 5); /* the other direction goes on */
  read_all (pair.source_fd, answer, 5);
  g_assert_cmpmem (answer, 5, "after", 5);
  close (pair.target_fd);
  pair.target_fd = -1;
  expect_eof (pair.source_fd);
  umz_test_relay_expect_end (&pair.source, UMZ_RELAY_END_DONE);
  umz_test_relay_expect_end (&pair.target, UMZ_RELAY_END_DONE);
  umz_test_pair_stop (&pair);
}

/* Another user connects first; his connection ends without a byte. */
_Noreturn static void
run_stranger (const UmzTestPair *pair)
{
  char c;
  if (setresuid (UMZ_TEST_USER, UMZ_TEST_USER, UMZ_TEST_USER) != 0)
    _exit (1);
  int fd = umz_test_pair_connect (pair);
  _exit (recv (fd, &c, 1, 0) == 0 ? 0 : 2);
}

static void
test_strangers_stay_outside (void)
{
  UmzTestPair pair;
  int status = -1;
  if (geteuid () != 0) {
    g_test_skip ("needs root");
    return;
  }
  start_ready (&pair, &(UmzTestPairOptions){ .kind = UMZ_RELAY_KIND_MEMORY });
  pid_t stranger = fork ();
  g_assert_cmpint (stranger, >=, 0);
  if (stranger == 0)
    run_stranger (&pair);
  g_assert_cmpint (waitpid (stranger, &status, 0), ==, stranger);
  g_assert_cmpint (status, ==, 0);
  umz_test_pair_connect_source (&pair);
  umz_test_pair_stop (&pair);
}

static void
test_end_without_a_byte (void)
{
  UmzTestPair pair;
  start_ready (&pair, &(UmzTestPairOptions){ .kind = UMZ_RELAY_KIND_MEMORY });

  umz_test_pair_connect_source (&pair);
  shutdown (pair.source_fd, SHUT_WR);
  umz_test_relay_expect_end (&pair.target, UMZ_RELAY_END_DONE); /* without WANT_LOCAL */
  umz_test_relay_expect_end (&pair.source, UMZ_RELAY_END_DONE);
  umz_test_pair_stop (&pair);
}

/* Nobody reads at the target: the source's writer must come to a stop within the window. */
static void
test_window_is_kept (void)
{
  UmzTestPair pair;
  g_autofree char *chunk = g_malloc0 (65536);
  start_memory (&pair, (UmzTestPairOptions){ .limit_us = 1 });

  for (unsigned quiet = 0; quiet < 3;) {
    uint64_t before = pair.source.stats.local_read_bytes;
    while (send (pair.source_fd, chunk, 65536, MSG_DONTWAIT) > 0)
      ;
    g_assert_cmpint (errno, ==, EAGAIN);
    umz_test_relay_wait_stats (&pair.source);
    g_assert_cmpuint (pair.source.stats.in_flight_max_bytes, <=, UMZ_FLOW_WINDOW_START_BYTES);
    quiet = pair.source.stats.local_read_bytes == before ? quiet + 1 : 0;
  }
  g_assert_cmpuint (pair.source.stats.in_flight_bytes, >,
                    UMZ_FLOW_WINDOW_MIN_BYTES - UMZ_LINK_BATCH_BYTES / 2);
  g_assert_cmpuint (pair.source.stats.local_read_bytes - pair.source.stats.acked_bytes, ==,
                    pair.source.stats.in_flight_bytes);
  umz_test_pair_stop (&pair);
}

/* One direction is stuck, because nobody reads at the target; the other one must not notice. */
static void
test_stuck_direction (void)
{
  size_t size = 4 * 1048576;
  UmzTestPair pair;
  uint32_t seed = g_test_rand_int ();
  start_memory (&pair, (UmzTestPairOptions){ 0 });

  const pid_t a = start_writer (pair.source_fd, seed, size);
  const pid_t b = start_writer (pair.target_fd, seed + 1, size);
  check_bytes (pair.source_fd, seed + 1, size);
  check_bytes (pair.target_fd, seed, size);
  waitpid (a, NULL, 0);
  waitpid (b, NULL, 0);
  umz_test_relay_expect_end (&pair.source, UMZ_RELAY_END_DONE);
  umz_test_relay_expect_end (&pair.target, UMZ_RELAY_END_DONE);
  umz_test_pair_stop (&pair);
}

static void
test_wrong_key (void)
{
  UmzTestPair pair;
  umz_test_pair_start (
    &pair, &(UmzTestPairOptions){ .kind = UMZ_RELAY_KIND_MEMORY, .has_wrong_key = true });

  umz_test_relay_expect_end (&pair.target, UMZ_RELAY_END_TLS);
  UmzRelayMessage m = umz_test_relay_expect (&pair.source, UMZ_RELAY_MESSAGE_ENDED);
  g_assert_cmpint (m.ended.end, !=, UMZ_RELAY_END_DONE);
  umz_test_pair_stop (&pair);
}

static void
test_control_end (void)
{
  UmzTestPair pair;
  int status = -1;
  start_memory (&pair, (UmzTestPairOptions){ 0 });

  close (pair.source.control);
  pair.source.control = -1;
  g_assert_cmpint (waitpid (pair.source.pid, &status, 0), ==, pair.source.pid);
  g_assert_true (WIFEXITED (status));
  pair.source.pid = 0;
  umz_test_relay_expect_end (&pair.target, UMZ_RELAY_END_LINK); /* never an orderly end */
  umz_test_pair_stop (&pair);
}

static void
test_stop (void)
{
  UmzTestPair pair;
  start_memory (&pair, (UmzTestPairOptions){ 0 });

  umz_test_relay_send (&pair.target, UMZ_RELAY_MESSAGE_STOP);
  umz_test_relay_expect_end (&pair.target, UMZ_RELAY_END_STOPPED);
  expect_eof (pair.target_fd);
  umz_test_relay_expect_end (&pair.source, UMZ_RELAY_END_LINK);
  umz_test_pair_stop (&pair);
}

static void
test_flipped_byte (void)
{
  UmzTestPair pair;
  char got[4] = { 0 };
  start_memory (&pair, (UmzTestPairOptions){ .source_fault = UMZ_RELAY_FAULT_FLIP_BYTE,
                                             .fault_offset_bytes = 2 });

  write_all (pair.source_fd, "abcd", 4);
  read_all (pair.target_fd, got, 4);
  g_assert_cmpmem (got, 4, "accd", 4); /* 'Q' was at offset 0 */
  umz_test_pair_stop (&pair);
}

/* ---- RPC ---- */

static const UmzTestRpcArgs args = {
  .serial = 1,
  .xml = UMZ_TEST_RPC_XML,
  .uri = UMZ_TEST_RPC_URI,
  .flags = UMZ_TEST_RPC_FLAGS,
};

/* Sends the bytes from one end and expects them, unchanged, at the other. */
static void
pass (int from, int to, const GByteArray *bytes)
{
  g_autofree uint8_t *got = g_malloc (bytes->len);

  write_all (from, bytes->data, bytes->len);
  read_all (to, got, bytes->len);
  g_assert_cmpmem (got, bytes->len, bytes->data, bytes->len);
}

static GByteArray *
make_reply (uint32_t procedure, uint32_t status)
{
  GByteArray *bytes = g_byte_array_new ();

  umz_test_rpc_add (bytes, &(UmzTestRpcFrame){
                             .procedure = procedure,
                             .type = 1,
                             .serial = args.serial,
                             .status = status,
                             .body = "a domain and a cookie...",
                             .body_bytes = 24,
                           });
  return bytes;
}

static void
pass_prepare (UmzTestPair *pair)
{
  g_autoptr (GByteArray) call = g_byte_array_new ();
  g_autoptr (GByteArray) reply = make_reply (303, 0);

  umz_test_rpc_add_prepare (call, &args);
  pass (pair->source_fd, pair->target_fd, call);
  pass (pair->target_fd, pair->source_fd, reply);
  umz_test_relay_expect (&pair->source, UMZ_RELAY_MESSAGE_PREPARED);
  umz_test_relay_expect (&pair->target, UMZ_RELAY_MESSAGE_PREPARED);
}

static void
pass_finish_call (UmzTestPair *pair)
{
  g_autoptr (GByteArray) call = g_byte_array_new ();

  umz_test_rpc_add_finish (call, &args);
  pass (pair->source_fd, pair->target_fd, call);
  UmzRelayMessage m = umz_test_relay_expect (&pair->source, UMZ_RELAY_MESSAGE_FINISH_CALLED);
  g_assert_cmpuint (m.finish_called.cancelled, ==, 0);
  umz_test_relay_expect (&pair->target, UMZ_RELAY_MESSAGE_FINISH_CALLED);
}

static void
expect_finish_replied (UmzTestRelay *relay, uint32_t ok, uint32_t held)
{
  UmzRelayMessage m = umz_test_relay_expect (relay, UMZ_RELAY_MESSAGE_FINISH_REPLIED);

  g_assert_cmpuint (m.finish_replied.ok, ==, ok);
  g_assert_cmpuint (m.finish_replied.held, ==, held);
}

static void
expect_held_state (UmzTestRelay *relay, uint32_t held, uint32_t local_open, uint32_t link_open)
{
  UmzRelayMessage m = umz_test_relay_expect (relay, UMZ_RELAY_MESSAGE_HELD_STATE);

  g_assert_cmpuint (m.held_state.held, ==, held);
  g_assert_cmpuint (m.held_state.local_open, ==, local_open);
  g_assert_cmpuint (m.held_state.link_open, ==, link_open);
}

/* Up to the moment at which the reply is held. */
static GByteArray *
start_held (UmzTestPair *pair, UmzRelayFault source_fault)
{
  GByteArray *reply = make_reply (306, 0);

  start_rpc (pair, (UmzTestPairOptions){ .source_fault = source_fault });
  pass_prepare (pair);
  pass_finish_call (pair);
  write_all (pair->target_fd, reply->data, reply->len);
  expect_finish_replied (&pair->target, 1, 0);
  expect_finish_replied (&pair->source, 1, 1);
  return reply;
}

static void
ping (int fd)
{
  static const uint8_t pong[] = { 0, 0, 0, 28, 0x6b, 0x65, 0x65, 0x70, 0, 0, 0, 1, 0, 0,
                                  0, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  uint8_t got[sizeof pong];

  umz_test_rpc_add (
    bytes, &(UmzTestRpcFrame){ .program = UMZ_TEST_RPC_KEEPALIVE, .procedure = 1, .type = 2 });
  write_all (fd, bytes->data, bytes->len);
  read_all (fd, got, sizeof got);
  g_assert_cmpmem (got, sizeof got, pong, sizeof pong);
}

/* What comes first here is the answer to the PING, so the reply has not been delivered. */
static void
test_hold_and_release (void)
{
  UmzTestPair pair;
  g_autoptr (GByteArray) reply = start_held (&pair, UMZ_RELAY_FAULT_NONE);
  g_autofree uint8_t *got = g_malloc (reply->len);

  ping (pair.source_fd);
  umz_test_relay_send (&pair.source, UMZ_RELAY_MESSAGE_QUERY_HELD);
  expect_held_state (&pair.source, 1, 1, 1);
  umz_test_relay_send (&pair.source, UMZ_RELAY_MESSAGE_RELEASE);
  read_all (pair.source_fd, got, reply->len);
  g_assert_cmpmem (got, reply->len, reply->data, reply->len);
  umz_test_relay_send (&pair.source, UMZ_RELAY_MESSAGE_QUERY_HELD);
  expect_held_state (&pair.source, 0, 1, 1);
  umz_test_pair_stop (&pair);
}

static void
test_release_too_early (void)
{
  UmzTestPair pair;
  start_rpc (&pair, (UmzTestPairOptions){ 0 });

  umz_test_relay_send (&pair.source, UMZ_RELAY_MESSAGE_RELEASE);
  pass_prepare (&pair);
  pass_finish_call (&pair);
  g_autoptr (GByteArray) reply = make_reply (306, 0);
  write_all (pair.target_fd, reply->data, reply->len);
  expect_finish_replied (&pair.source, 1, 1);
  ping (pair.source_fd);
  umz_test_pair_stop (&pair);
}

static void
test_error_reply_passes (void)
{
  UmzTestPair pair;
  g_autoptr (GByteArray) reply = make_reply (306, 1);
  start_rpc (&pair, (UmzTestPairOptions){ 0 });

  pass_prepare (&pair);
  pass_finish_call (&pair);
  pass (pair.target_fd, pair.source_fd, reply);
  expect_finish_replied (&pair.source, 0, 0);
  umz_test_pair_stop (&pair);
}

static void
test_local_leaves_while_held (void)
{
  UmzTestPair pair;
  g_byte_array_unref (start_held (&pair, UMZ_RELAY_FAULT_NONE));

  close (pair.source_fd);
  pair.source_fd = -1;
  expect_held_state (&pair.source, 1, 0, 1);
  umz_test_relay_send (&pair.source, UMZ_RELAY_MESSAGE_QUERY_HELD);
  expect_held_state (&pair.source, 1, 0, 1);
  umz_test_relay_send (&pair.source, UMZ_RELAY_MESSAGE_RELEASE);
  umz_test_relay_expect_end (&pair.source, UMZ_RELAY_END_LOCAL);
  umz_test_pair_stop (&pair);
}

static void
test_link_breaks_while_held (void)
{
  UmzTestPair pair;
  g_autoptr (GByteArray) reply = start_held (&pair, UMZ_RELAY_FAULT_NONE);
  g_autofree uint8_t *got = g_malloc (reply->len);

  umz_test_relay_send (&pair.target, UMZ_RELAY_MESSAGE_STOP);
  expect_held_state (&pair.source, 1, 1, 0);
  ping (pair.source_fd); /* libvirtd is still kept waiting, not cut off */
  umz_test_relay_send (&pair.source, UMZ_RELAY_MESSAGE_RELEASE);
  read_all (pair.source_fd, got, reply->len);
  g_assert_cmpmem (got, reply->len, reply->data, reply->len);
  expect_eof (pair.source_fd);
  umz_test_relay_expect_end (&pair.source, UMZ_RELAY_END_LINK);
  umz_test_pair_stop (&pair);
}

static void
test_refusal_ends_both (void)
{
  UmzTestPair pair;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  start_rpc (&pair, (UmzTestPairOptions){ 0 });

  umz_test_rpc_add (bytes, &(UmzTestRpcFrame){ .procedure = 10 }); /* DOMAIN_CREATE_XML */
  write_all (pair.source_fd, bytes->data, bytes->len);
  umz_test_relay_expect_end (&pair.source, UMZ_RELAY_END_REFUSED);
  umz_test_relay_expect_end (&pair.target, UMZ_RELAY_END_LINK);
  expect_eof (pair.target_fd); /* not a byte of it */
  umz_test_pair_stop (&pair);
}

/* More than the window at its start, in one frame. */
static void
test_large_frames (void)
{
  UmzTestPair pair;
  UmzTestRpcArgs large = args;
  g_autofree char *comment = g_strnfill (3 * 1048576, 'x');
  g_autofree char *xml =
    g_strdup_printf ("<domain><name>%s</name><uuid>%s</uuid><!-- %s --></domain>", UMZ_TEST_VM_NAME,
                     UMZ_TEST_VM_UUID, comment);
  g_autoptr (GByteArray) call = g_byte_array_new ();
  g_autofree uint8_t *got = NULL;
  start_rpc (&pair, (UmzTestPairOptions){ 0 });

  large.xml = xml;
  umz_test_rpc_add_prepare (call, &large);
  got = g_malloc (call->len);
  write_all (pair.source_fd, call->data, call->len);
  read_all (pair.target_fd, got, call->len);
  g_assert_true (memcmp (got, call->data, call->len) == 0);
  umz_test_pair_stop (&pair);
}

static void
test_faults_at_finish (void)
{
  UmzTestPair pair;
  g_autoptr (GByteArray) call = g_byte_array_new ();
  umz_test_rpc_add_finish (call, &args);

  start_rpc (&pair, (UmzTestPairOptions){ .source_fault = UMZ_RELAY_FAULT_CLOSE_AT_FINISH_CALL });
  pass_prepare (&pair);
  write_all (pair.source_fd, call->data, call->len);
  umz_test_relay_expect_end (&pair.source, UMZ_RELAY_END_FAULT);
  expect_eof (pair.target_fd);
  umz_test_pair_stop (&pair);

  g_autoptr (GByteArray) reply = make_reply (306, 0);
  start_rpc (&pair, (UmzTestPairOptions){ .target_fault = UMZ_RELAY_FAULT_CLOSE_AT_FINISH_REPLY });
  pass_prepare (&pair);
  pass_finish_call (&pair);
  write_all (pair.target_fd, reply->data, reply->len);
  umz_test_relay_expect_end (&pair.target, UMZ_RELAY_END_FAULT);
  expect_eof (pair.source_fd);
  umz_test_pair_stop (&pair);
}

static void
test_spoilt_reply (void)
{
  UmzTestPair pair;
  g_autoptr (GByteArray) reply = start_held (&pair, UMZ_RELAY_FAULT_SPOIL_FINISH_REPLY);
  g_autofree uint8_t *got = g_malloc (reply->len);

  umz_test_relay_send (&pair.source, UMZ_RELAY_MESSAGE_RELEASE);
  read_all (pair.source_fd, got, reply->len);
  g_assert_cmpmem (got, UMZ_RPC_HEADER_BYTES, reply->data, UMZ_RPC_HEADER_BYTES);
  for (size_t i = UMZ_RPC_HEADER_BYTES; i < reply->len; i++)
    g_assert_cmphex (got[i], ==, 0xff);
  umz_test_pair_stop (&pair);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/memory/bytes-arrive-exactly-both-ways", test_bytes_are_exact);
  g_test_add_func ("/relay/memory/each-direction-ends-by-itself", test_half_close);
  g_test_add_func ("/relay/memory/a-stream-without-a-byte-is-done", test_end_without_a_byte);
  g_test_add_func ("/relay/memory/nobody-but-its-owner-connects", test_strangers_stay_outside);
  g_test_add_func ("/relay/memory/bytes-in-flight-stay-within-the-window", test_window_is_kept);
  g_test_add_func ("/relay/memory/a-stuck-direction-does-not-stop-the-other", test_stuck_direction);
  g_test_add_func ("/relay/memory/an-injected-fault-flips-one-bit", test_flipped_byte);
  g_test_add_func ("/relay/link/a-wrong-key-is-refused", test_wrong_key);
  g_test_add_func ("/relay/control/its-end-ends-the-relay", test_control_end);
  g_test_add_func ("/relay/control/stop-ends-the-relay", test_stop);
  g_test_add_func ("/relay/rpc/finish-is-held-until-release", test_hold_and_release);
  g_test_add_func ("/relay/rpc/a-release-too-early-releases-nothing", test_release_too_early);
  g_test_add_func ("/relay/rpc/an-error-reply-to-finish-passes", test_error_reply_passes);
  g_test_add_func ("/relay/rpc/libvirtd-leaving-while-held-is-told", test_local_leaves_while_held);
  g_test_add_func ("/relay/rpc/the-held-reply-survives-the-link", test_link_breaks_while_held);
  g_test_add_func ("/relay/rpc/a-refusal-ends-both-sides", test_refusal_ends_both);
  g_test_add_func ("/relay/rpc/frames-larger-than-the-window-pass", test_large_frames);
  g_test_add_func ("/relay/rpc/injected-faults-strike-at-finish", test_faults_at_finish);
  g_test_add_func ("/relay/rpc/an-injected-fault-spoils-the-held-reply", test_spoilt_reply);
  return g_test_run ();
}

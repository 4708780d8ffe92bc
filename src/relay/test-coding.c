/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-coding.c: two relays carry a guest's memory with the codec. */
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "codec/test-stream.h"
#include "relay/test-pair.h"

static pid_t
start_writer (int fd, const GByteArray *bytes)
{
  const pid_t pid = fork ();
  if (pid != 0)
    return pid;

  size_t at = 0;
  while (at < bytes->len) {
    ssize_t n = write (fd, bytes->data + at, bytes->len - at);
    if (n <= 0)
      _exit (1);
    at += n;
  }
  shutdown (fd, SHUT_WR);
  _exit (0);
}

static void
assert_arrives (int fd, const GByteArray *bytes)
{
  g_autofree uint8_t *got = g_malloc (bytes->len + 1);
  size_t at = 0;
  ssize_t n;

  while ((n = read (fd, got + at, bytes->len + 1 - at)) > 0)
    at += n;
  g_assert_cmpuint (at, ==, bytes->len);
  g_assert_true (memcmp (got, bytes->data, at) == 0);
}

static void
start (UmzTestPair *pair, UmzTestPairOptions options)
{
  options.kind = UMZ_RELAY_KIND_MEMORY;
  umz_test_pair_start (pair, &options);
  umz_test_relay_expect (&pair->source, UMZ_RELAY_MESSAGE_READY);
  umz_test_relay_expect (&pair->target, UMZ_RELAY_MESSAGE_READY);
  umz_test_pair_connect_source (pair);
}

/* Carries the stream to its end; what the mirrors hold then, the same on both sides. */
static UmzRelayMirror
carry (UmzTestPairOptions options, const GByteArray *stream, UmzRelayStats *ret_stats)
{
  UmzTestPair pair;
  UmzRelayMirror mirror = { 0 };
  static const uint8_t answer[] = { 0, 2, 0, 4, 0, 0, 0, 1 }; /* QEMU's PONG */
  uint8_t got[sizeof answer];

  start (&pair, options);
  const pid_t writer = start_writer (pair.source_fd, stream);
  umz_test_pair_connect_target (&pair);
  assert_arrives (pair.target_fd, stream);
  waitpid (writer, NULL, 0);
  g_assert_cmpint (write (pair.target_fd, answer, sizeof answer), ==, sizeof answer);
  g_assert_cmpint (read (pair.source_fd, got, sizeof got), ==, sizeof got);
  g_assert_cmpmem (got, sizeof got, answer, sizeof answer);
  shutdown (pair.target_fd, SHUT_WR);
  if (options.mirror_fds != NULL) {
    mirror = umz_test_relay_expect (&pair.source, UMZ_RELAY_MESSAGE_MIRROR).mirror;
    UmzRelayMessage m = umz_test_relay_expect (&pair.target, UMZ_RELAY_MESSAGE_MIRROR);
    g_assert_cmpmem (&m.mirror, sizeof mirror, &mirror, sizeof mirror);
  }
  umz_test_relay_expect_end (&pair.source, UMZ_RELAY_END_DONE);
  umz_test_relay_expect_end (&pair.target, UMZ_RELAY_END_DONE);
  *ret_stats = pair.source.stats;
  umz_test_pair_stop (&pair);
  return mirror;
}

static void
memory_arrives_as_it_was (void)
{
  g_autoptr (GByteArray) stream = umz_test_stream (1);
  UmzRelayStats stats;

  carry ((UmzTestPairOptions){ .is_coded = true }, stream, &stats);
}

static void
what_is_no_migration_arrives_too (void)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  uint8_t page[UMZ_PAGE_BYTES];
  UmzRelayStats stats;

  for (unsigned i = 0; i < 2000; i++) {
    umz_test_fill (page, g_test_rand_int ());
    g_byte_array_append (stream, page, sizeof page);
  }
  carry ((UmzTestPairOptions){ .is_coded = true }, stream, &stats);
}

static void
nothing_at_all_arrives (void)
{
  UmzTestPair pair;

  start (&pair, (UmzTestPairOptions){ .is_coded = true });
  shutdown (pair.source_fd, SHUT_WR);
  umz_test_relay_expect_end (&pair.target, UMZ_RELAY_END_DONE);
  umz_test_relay_expect_end (&pair.source, UMZ_RELAY_END_DONE);
  umz_test_pair_stop (&pair);
}

static void
a_guest_that_comes_back_meets_its_mirror (void)
{
  g_autoptr (GByteArray) stream = umz_test_stream (1);
  int mirrors[2] = { memfd_create ("a", MFD_CLOEXEC), memfd_create ("b", MFD_CLOEXEC) };
  UmzTestPairOptions options = { .is_coded = true, .mirror_fds = mirrors };
  UmzRelayStats there, back;

  options.mirror = carry (options, stream, &there);
  g_assert_true (options.mirror.is_usable);
  options.mirror = carry (options, stream, &back);
  g_assert_true (options.mirror.is_usable);
  g_assert_cmpuint (back.same_pages + back.delta_pages, >, there.same_pages + there.delta_pages);
  close (mirrors[0]);
  close (mirrors[1]);
}

static void
a_mirror_that_holds_something_else_ends_the_move (void)
{
  g_autoptr (GByteArray) stream = umz_test_stream (1);
  int mirrors[2] = { memfd_create ("a", MFD_CLOEXEC), memfd_create ("b", MFD_CLOEXEC) };
  UmzTestPairOptions options = { .is_coded = true, .mirror_fds = mirrors };
  UmzRelayStats stats;
  UmzTestPair pair;

  options.mirror = carry (options, stream, &stats);
  g_assert_cmpint (ftruncate (mirrors[1], 0), ==, 0); /* and nobody has said so */
  start (&pair, options);
  const pid_t writer = start_writer (pair.source_fd, stream);
  umz_test_relay_expect_end (&pair.target, UMZ_RELAY_END_CODEC);
  umz_test_pair_stop (&pair);
  waitpid (writer, NULL, 0);
  close (mirrors[0]);
  close (mirrors[1]);
}

static void
a_damaged_batch_ends_the_move_and_reaches_nobody (void)
{
  g_autoptr (GByteArray) stream = umz_test_stream (1);
  UmzTestPair pair;

  start (&pair, (UmzTestPairOptions){ .is_coded = true,
                                      .source_fault = UMZ_RELAY_FAULT_SPOIL_BATCH,
                                      .fault_offset_bytes = 100 });
  const pid_t writer = start_writer (pair.source_fd, stream);
  umz_test_relay_expect_end (&pair.target, UMZ_RELAY_END_CODEC); /* it never wanted a socket */
  umz_test_pair_stop (&pair);
  waitpid (writer, NULL, 0);
}

static void
a_batch_for_who_does_not_code_is_hostile (void)
{
  g_autoptr (GByteArray) stream = umz_test_stream (1);
  UmzTestPair pair;

  start (&pair, (UmzTestPairOptions){ .is_coded = true, .is_plain_there = true });
  const pid_t writer = start_writer (pair.source_fd, stream);
  umz_test_relay_expect_end (&pair.target, UMZ_RELAY_END_HOSTILE);
  umz_test_pair_stop (&pair);
  waitpid (writer, NULL, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/coding/" name, function)
  ADD ("memory-arrives-as-it-was", memory_arrives_as_it_was);
  ADD ("what-is-no-migration-arrives-too", what_is_no_migration_arrives_too);
  ADD ("nothing-at-all-arrives", nothing_at_all_arrives);
  ADD ("a-guest-that-comes-back-meets-its-mirror", a_guest_that_comes_back_meets_its_mirror);
  ADD ("a-mirror-that-holds-something-else-ends-the-move",
       a_mirror_that_holds_something_else_ends_the_move);
  ADD ("a-damaged-batch-ends-the-move-and-reaches-nobody",
       a_damaged_batch_ends_the_move_and_reaches_nobody);
  ADD ("a-batch-for-who-does-not-code-is-hostile", a_batch_for_who_does_not_code_is_hostile);
#undef ADD
  return g_test_run ();
}

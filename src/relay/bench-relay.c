/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bench-relay.c: what two relays cost: bytes per second, CPU per byte, and added delay.
 *
 *   bench-relay [gigabytes]
 *
 * Writer, two relays and reader are four processes; with fewer cores than that they share.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "relay/test-pair.h"

#define CHUNK_BYTES (256 * 1024)
#define PINGS       2000

static void
write_all (int fd, const void *bytes, size_t n_bytes)
{
  for (const char *at = bytes; n_bytes > 0;) {
    ssize_t n = write (fd, at, n_bytes);
    g_assert (n > 0);
    at += n;
    n_bytes -= n;
  }
}

static void
measure_delay (const UmzTestPair *pair)
{
  int64_t begun_us = g_get_monotonic_time ();

  for (unsigned i = 0; i < PINGS; i++) {
    char c = i;
    write_all (pair->source_fd, &c, 1);
    g_assert (read (pair->target_fd, &c, 1) == 1);
    write_all (pair->target_fd, &c, 1);
    g_assert (read (pair->source_fd, &c, 1) == 1);
  }
  printf ("round trip through both relays: %.1f us\n",
          (g_get_monotonic_time () - begun_us) / (double) PINGS);
}

static void
measure_throughput (UmzTestPair *pair, uint64_t total_bytes)
{
  g_autofree char *chunk = g_malloc (CHUNK_BYTES);
  int64_t begun_us = g_get_monotonic_time ();
  const pid_t writer = fork ();

  memset (chunk, 0x5a, CHUNK_BYTES);
  if (writer == 0) {
    for (uint64_t done = 0; done < total_bytes; done += CHUNK_BYTES)
      write_all (pair->source_fd, chunk, CHUNK_BYTES);
    _exit (0);
  }
  for (uint64_t left = total_bytes; left > 0;) {
    ssize_t n = read (pair->target_fd, chunk, CHUNK_BYTES);
    g_assert (n > 0);
    left -= n;
  }

  double s = (g_get_monotonic_time () - begun_us) / 1e6;
  waitpid (writer, NULL, 0);
  while (pair->source.stats.acked_bytes < total_bytes)
    umz_test_relay_wait_stats (&pair->source);
  while (pair->target.stats.local_written_bytes < total_bytes)
    umz_test_relay_wait_stats (&pair->target);
  const UmzRelayStats *a = &pair->source.stats, *b = &pair->target.stats;
  printf ("%.1f GB in %.2f s: %.2f GB/s\n", total_bytes / 1e9, s, total_bytes / s / 1e9);
  printf ("CPU: source relay %.2f ns/B, target relay %.2f ns/B (one core each: %.2f GB/s)\n",
          a->cpu_us * 1e3 / total_bytes, b->cpu_us * 1e3 / total_bytes,
          total_bytes / 1e3 / MAX (a->cpu_us, b->cpu_us));
  printf ("window %.1f MiB, most in flight %.1f MiB, rate %.2f GB/s\n", a->window_bytes / 1048576.0,
          a->in_flight_max_bytes / 1048576.0, a->rate_bytes_per_s / 1e9);
}

int
main (int argc, char **argv)
{
  UmzTestPair pair;
  uint64_t gigabytes = argc > 1 ? strtoull (argv[1], NULL, 10) : 4;

  setvbuf (stdout, NULL, _IOLBF, 0);
  umz_test_pair_start (&pair, &(UmzTestPairOptions){ .kind = UMZ_RELAY_KIND_MEMORY });
  umz_test_relay_expect (&pair.source, UMZ_RELAY_MESSAGE_READY);
  umz_test_relay_expect (&pair.target, UMZ_RELAY_MESSAGE_READY);
  umz_test_pair_connect_source (&pair);
  write_all (pair.source_fd, "x", 1);
  umz_test_pair_connect_target (&pair);
  char c;
  g_assert (read (pair.target_fd, &c, 1) == 1);

  measure_delay (&pair);
  measure_throughput (&pair, gigabytes * 1000 * 1000 * 1000 / CHUNK_BYTES * CHUNK_BYTES);
  umz_test_pair_stop (&pair);
  return 0;
}

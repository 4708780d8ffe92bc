/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-isolation.c: the real umzug-relay, run as root, is nobody and still works.
 *
 *   test-isolation PROGRAM
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/test-pair.h"
#include "relay/test-rpc.h"

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#else
#define IS_SANITIZED 0
#endif

static const char *program; /* set once by main */

/* The rest of the line of /proc/PID/status that begins with `field`, blanks as one. */
static char *
read_status (pid_t pid, const char *field)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", pid);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, &error));
  const char *found = strstr (text, field);
  g_assert_nonnull (found);
  found += strlen (field);
  g_autofree char *value = g_strndup (found, strcspn (found, "\n"));
  return g_strdup (g_strdelimit (g_strstrip (value), "\t", ' '));
}

static void
check_status (pid_t pid)
{
  static const struct {
    const char *field, *value;
  } cases[] = {
    { "\nUid:", "65534 65534 65534 65534" },
    { "\nGid:", "65534 65534 65534 65534" },
    { "\nGroups:", "" },
    { "\nCapEff:", "0000000000000000" },
    { "\nCapPrm:", "0000000000000000" },
    { "\nNoNewPrivs:", "1" },
    { "\nSeccomp:", IS_SANITIZED ? "0" : "2" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *value = read_status (pid, cases[i].field);
    g_test_message ("%s %s", cases[i].field + 1, value);
    g_assert_cmpstr (value, ==, cases[i].value);
  }
}

static void
check_surroundings (pid_t pid, const char *root)
{
  g_autofree char *link = g_strdup_printf ("/proc/%d/root", pid);
  g_autofree char *fds = g_strdup_printf ("/proc/%d/fd", pid);
  char *where = g_file_read_link (link, NULL);
  g_autoptr (GDir) dir = g_dir_open (fds, 0, NULL);
  const char *name;
  unsigned n = 0;

  g_assert_cmpstr (where, ==, root);
  g_free (where);
  while ((name = g_dir_read_name (dir)) != NULL)
    n++;
  g_assert_cmpuint (n, <=, 6); /* 0 to 3, link, listener */
}

static void
exchange (int from, int to, const char *bytes, size_t n_bytes)
{
  g_autofree char *got = g_malloc (n_bytes);

  g_assert_cmpint (write (from, bytes, n_bytes), ==, n_bytes);
  for (size_t done = 0; done < n_bytes;) {
    ssize_t n = read (to, got + done, n_bytes - done);
    g_assert_cmpint (n, >, 0);
    done += n;
  }
  g_assert_cmpmem (got, n_bytes, bytes, n_bytes);
}

static char *
start (UmzTestPair *pair, UmzRelayKind kind)
{
  char *root = g_dir_make_tmp ("umzug-empty-XXXXXX", NULL);

  umz_test_pair_start (pair,
                       &(UmzTestPairOptions){ .kind = kind, .program = program, .root = root });
  umz_test_relay_expect (&pair->source, UMZ_RELAY_MESSAGE_READY);
  umz_test_relay_expect (&pair->target, UMZ_RELAY_MESSAGE_READY);
  return root;
}

static bool
is_skipped (void)
{
  if (getuid () != 0)
    g_test_skip ("needs root");
  return getuid () != 0;
}

static void
test_nobody (void)
{
  UmzTestPair pair;
  if (is_skipped ())
    return;

  g_autofree char *root = start (&pair, UMZ_RELAY_KIND_MEMORY);
  check_status (pair.source.pid);
  check_status (pair.target.pid);
  check_surroundings (pair.source.pid, root);
  umz_test_pair_stop (&pair);
  rmdir (root);
}

/* Whatever the data path needs, it may. */
static void
test_memory (void)
{
  UmzTestPair pair;
  g_autofree char *block = g_strnfill (100000, 'm');
  if (is_skipped ())
    return;

  g_autofree char *root = start (&pair, UMZ_RELAY_KIND_MEMORY);
  umz_test_pair_connect_source (&pair);
  g_assert_cmpint (write (pair.source_fd, "Q", 1), ==, 1);
  umz_test_pair_connect_target (&pair);
  g_assert_cmpint (read (pair.target_fd, block, 1), ==, 1);
  for (unsigned i = 0; i < 300; i++)
    exchange (pair.source_fd, pair.target_fd, block, 100000);
  exchange (pair.target_fd, pair.source_fd, block, 1000);
  umz_test_relay_wait_stats (&pair.source);
  shutdown (pair.source_fd, SHUT_WR);
  shutdown (pair.target_fd, SHUT_WR);
  umz_test_relay_expect_end (&pair.source, UMZ_RELAY_END_DONE);
  umz_test_relay_expect_end (&pair.target, UMZ_RELAY_END_DONE);
  umz_test_pair_stop (&pair);
  rmdir (root);
}

static void
test_rpc (void)
{
  UmzTestPair pair;
  g_autoptr (GByteArray) call = g_byte_array_new ();
  g_autoptr (GByteArray) wrong = g_byte_array_new ();
  if (is_skipped ())
    return;

  g_autofree char *root = start (&pair, UMZ_RELAY_KIND_RPC);
  umz_test_pair_connect_target (&pair);
  umz_test_pair_connect_source (&pair);
  umz_test_rpc_add_prepare (call, &(UmzTestRpcArgs){ .xml = UMZ_TEST_RPC_XML,
                                                     .uri = UMZ_TEST_RPC_URI,
                                                     .flags = UMZ_TEST_RPC_FLAGS });
  exchange (pair.source_fd, pair.target_fd, (const char *) call->data, call->len);
  umz_test_rpc_add (wrong, &(UmzTestRpcFrame){ .procedure = 10 });
  g_assert_cmpint (write (pair.source_fd, wrong->data, wrong->len), ==, wrong->len);
  umz_test_relay_expect_end (&pair.source, UMZ_RELAY_END_REFUSED);
  umz_test_relay_expect_end (&pair.target, UMZ_RELAY_END_LINK);
  umz_test_pair_stop (&pair);
  rmdir (root);
}

/* A link that is reset is told, not died of: saying what an errno means must not open a file. */
static void
test_reset (void)
{
  UmzTestPair pair;
  g_autofree char *block = g_strnfill (100000, 'm');
  if (is_skipped ())
    return;

  g_autofree char *root = start (&pair, UMZ_RELAY_KIND_MEMORY);
  umz_test_pair_connect_source (&pair);
  kill (pair.target.pid, SIGSTOP);
  g_assert_cmpint (write (pair.source_fd, block, 100000), ==, 100000);
  umz_test_relay_wait_stats (&pair.source);
  kill (pair.target.pid, SIGKILL); /* with bytes unread: its kernel answers with a reset */
  umz_test_relay_expect_end (&pair.source, UMZ_RELAY_END_LINK);
  umz_test_pair_stop (&pair);
  rmdir (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  program = argv[1];
  g_test_add_func ("/isolation/a-relay-is-nobody", test_nobody);
  g_test_add_func ("/isolation/a-memory-relay-works-as-nobody", test_memory);
  g_test_add_func ("/isolation/an-rpc-relay-works-as-nobody", test_rpc);
  g_test_add_func ("/isolation/a-reset-link-is-told-by-a-relay-as-nobody", test_reset);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "arbiter/test-server.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define STARTS_MAX 5 /* each with another port */

/* etcd cannot be given port 0: its gateway connects to the port that it was told. */
static unsigned
find_free_port (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, length), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &address, &length), ==, 0);
  close (fd);
  return ntohs (address.sin_port);
}

/* A failed test leaves nobody behind. */
static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* Adds what the process says, until it says that it is ready; false: it has ended before. */
static bool
wait_until_ready (GSubprocess *process, GString *output)
{
  GInputStream *pipe = g_subprocess_get_stdout_pipe (process);
  while (strstr (output->str, "ready to serve client requests") == NULL) {
    char buffer[4096];
    gssize n_bytes = g_input_stream_read (pipe, buffer, sizeof buffer, NULL, NULL);
    if (n_bytes <= 0)
      return false;
    g_string_append_len (output, buffer, n_bytes);
  }
  return true;
}

/* The name of the host is what a certificate of `umzug pki` can hold. */
static char *
dup_command (const char *folder, const char *pki_dir, unsigned port)
{
  const char *scheme = pki_dir != NULL ? "https" : "http";
  g_autofree char *tls =
    pki_dir != NULL ? g_strdup_printf (" --client-cert-auth --trusted-ca-file %s/ca.pem"
                                       " --cert-file %s/LOCALHOST.pem"
                                       " --key-file %s/LOCALHOST-key.pem",
                                       pki_dir, pki_dir, pki_dir)
                    : g_strdup ("");
  return g_strdup_printf ("etcd --data-dir %s/data --listen-client-urls %s://127.0.0.1:%u"
                          " --advertise-client-urls %s://127.0.0.1:%u"
                          " --listen-peer-urls http://127.0.0.1:0"
                          " --initial-advertise-peer-urls http://127.0.0.1:1"
                          " --initial-cluster default=http://127.0.0.1:1%s",
                          folder, scheme, port, scheme, port, tls);
}

static GSubprocess *
spawn (const char *command)
{
  g_auto (GStrv) argv = g_strsplit (command, " ", -1);
  g_autoptr (GSubprocessLauncher) launcher =
    g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  g_autoptr (GError) error = NULL;
  GSubprocess *process =
    g_subprocess_launcher_spawnv (launcher, (const char *const *) argv, &error);
  if (process == NULL)
    g_error ("%s", error->message);
  return process;
}

/* tests/check.py takes this text for a failure. */
static char *
dup_lack (const char *program, const char *package)
{
  g_autofree char *path = g_find_program_in_path (program);
  return path == NULL
           ? g_strdup_printf ("%s is not installed (Debian package %s)", program, package)
           : NULL;
}

bool
umz_test_find_program (const char *program, const char *package)
{
  g_autofree char *lack = dup_lack (program, package);
  if (lack != NULL)
    printf ("1..0 # SKIP %s\n", lack);
  return lack == NULL;
}

/* Another program may take the port before etcd does; then another port. */
bool
umz_test_server_start (UmzTestServer *server, const char *pki_dir)
{
  g_autofree char *lack = dup_lack (UMZ_TEST_ETCD);
  if (lack != NULL) {
    g_test_skip (lack);
    return false;
  }
  g_autoptr (GString) output = g_string_new (NULL);
  *server = (UmzTestServer){ .folder = g_dir_make_tmp ("umzug-etcd-XXXXXX", NULL) };
  g_assert_nonnull (server->folder);
  for (unsigned i = 0; i < STARTS_MAX; i++) {
    unsigned port = find_free_port ();
    g_autofree char *command = dup_command (server->folder, pki_dir, port);
    server->process = spawn (command);
    if (wait_until_ready (server->process, output)) {
      server->endpoint = pki_dir != NULL ? g_strdup_printf ("https://localhost:%u", port)
                                         : g_strdup_printf ("http://127.0.0.1:%u", port);
      return true;
    }
    g_clear_object (&server->process);
  }
  g_error ("etcd does not start: %s", output->str);
}

void
umz_test_server_stop (UmzTestServer *server)
{
  g_subprocess_force_exit (server->process);
  g_assert_true (g_subprocess_wait (server->process, NULL, NULL));
  g_object_unref (server->process);
  umz_test_remove_folder (server->folder);
  g_free (server->folder);
  g_free (server->endpoint);
}

void
umz_test_remove_folder (const char *folder)
{
  const char *argv[] = { "rm", "-r", folder, NULL };
  g_autoptr (GSubprocess) rm = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_NONE, NULL);
  g_assert_true (g_subprocess_wait_check (rm, NULL, NULL));
}

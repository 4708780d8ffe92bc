/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-relay-process.c: what umzugd hears of relays that somebody has taken over.  The relay is
 * this program itself: umzugd starts it with --root=.
 */
#include "engine/relay-process.h"

#include <poll.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WORDS 1000 /* more than anybody wants to hear */

static char *self;

/* ---- the relay ---- */

static void
say (UmzRelayMessageType type)
{
  UmzRelayMessage message = UMZ_RELAY_MESSAGE_INIT;
  message.type = type;
  message.finish_replied.ok = type == UMZ_RELAY_MESSAGE_FINISH_REPLIED;
  message.finish_replied.held = message.finish_replied.ok;
  while (!umz_relay_control_send (UMZ_RELAY_CONTROL_FD, &message, NULL)) {
    struct pollfd p = { .fd = UMZ_RELAY_CONTROL_FD, .events = POLLOUT };
    poll (&p, 1, -1);
    if ((p.revents & POLLHUP) != 0)
      _exit (0);
  }
}

G_GNUC_NORETURN static void
be_relay (void)
{
  g_auto (UmzRelayMessage) start = UMZ_RELAY_MESSAGE_INIT;
  struct pollfd p = { .fd = UMZ_RELAY_CONTROL_FD, .events = POLLIN };
  poll (&p, 1, -1);
  if (!umz_relay_control_recv (UMZ_RELAY_CONTROL_FD, UMZ_RELAY_FROM_DAEMON, &start, NULL))
    _exit (1);
  say (UMZ_RELAY_MESSAGE_READY);
  if (start.start.kind == UMZ_RELAY_KIND_MEMORY)
    say (UMZ_RELAY_MESSAGE_FINISH_REPLIED);
  for (int i = 0; i < WORDS; i++)
    say (UMZ_RELAY_MESSAGE_CONNECTED);
  for (;;)
    pause (); /* it does not end by itself */
}

/* ---- umzugd ---- */

typedef struct {
  GMutex lock;
  GCond over;
  unsigned n_of_type[256];
  bool is_over;
} Heard;

static void
hear (UmzRelayKind kind, const UmzRelayMessage *message, void *data)
{
  Heard *heard = data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&heard->lock);
  if (message != NULL)
    heard->n_of_type[message->type & 0xff]++;
  else
    heard->is_over = true;
  g_cond_broadcast (&heard->over);
}

static void
run_relay (UmzRelayKind kind, Heard *heard)
{
  g_autoptr (GError) error = NULL;
  int link[2];
  g_autofree char *run_dir = g_dir_make_tmp ("umzug-relay-XXXXXX", &error);
  UmzConfig config = { .relay = self, .run_dir = run_dir };
  config.relay_user = g_strdup (getpwuid (getuid ())->pw_name);
  UmzRelayStart start = { .kind = kind,
                          .side = UMZ_RELAY_SIDE_TARGET,
                          .key = "key",
                          .limit_us = 300000,
                          .vm_name = "vm" };
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link), ==, 0);
  const int fds[UMZ_RELAY_MESSAGE_FDS] = { link[0], -1, -1 };
  UmzRelayProcess *relay = umz_engine_relay_start (&config, &start, fds, hear, heard, &error);
  g_assert_no_error (error);
  g_mutex_lock (&heard->lock);
  while (!heard->is_over)
    g_cond_wait (&heard->over, &heard->lock);
  g_mutex_unlock (&heard->lock);
  umz_engine_relay_end (relay);
  close (link[1]);
  g_autofree char *empty = g_build_filename (run_dir, "empty", NULL);
  g_assert_cmpint (rmdir (empty), ==, 0);
  g_assert_cmpint (rmdir (run_dir), ==, 0);
  g_free (config.relay_user);
}

/* It would make the source believe that the copy is complete. */
static void
memory_has_no_say_about_finish (void)
{
  Heard heard = { 0 };
  run_relay (UMZ_RELAY_KIND_MEMORY, &heard);
  g_assert_cmpuint (heard.n_of_type[UMZ_RELAY_MESSAGE_READY], ==, 1);
  g_assert_cmpuint (heard.n_of_type[UMZ_RELAY_MESSAGE_FINISH_REPLIED], ==, 0);
  g_assert_cmpuint (heard.n_of_type[UMZ_RELAY_MESSAGE_CONNECTED], ==, 0);
}

static void
who_says_too_much_is_ended (void)
{
  Heard heard = { 0 };
  run_relay (UMZ_RELAY_KIND_RPC, &heard);
  g_assert_cmpuint (heard.n_of_type[UMZ_RELAY_MESSAGE_READY], ==, 1);
  g_assert_cmpuint (heard.n_of_type[UMZ_RELAY_MESSAGE_CONNECTED], <, WORDS / 2);
}

int
main (int argc, char **argv)
{
  if (argc > 1 && g_str_has_prefix (argv[1], "--root="))
    be_relay ();
  g_test_init (&argc, &argv, NULL);
  self = g_canonicalize_filename (argv[0], NULL);
  g_test_add_func ("/relay-process/memory-has-no-say-about-finish", memory_has_no_say_about_finish);
  g_test_add_func ("/relay-process/who-says-too-much-is-ended", who_says_too_much_is_ended);
  int status = g_test_run ();
  g_free (self);
  return status;
}

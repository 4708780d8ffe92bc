/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/relay-process.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/fault.h"

#define PASSWD_BYTES 16384 /* of a user's entry with all its texts */
#define WORDS_MAX    100   /* of one relay: a good one says some ten */

struct UmzRelayProcess {
  UmzRelayKind kind;
  int control_fd;       /* owned */
  GSubprocess *process; /* owned */
  GThread *thread;      /* owned; reads what the relay says */
  int is_ended_by_us;   /* atomic */
  unsigned n_words;     /* of the thread; that it has said beside its figures */
  UmzRelayHandler handler;
  void *data; /* borrowed from whoever started us, who ends us before it goes */
};

/* Whoever looks for the cause of a relay's end finds what it ended by. */
static void
log_end (UmzRelayProcess *relay, bool has_said_why, const char *why)
{
  const char *name = relay->kind == UMZ_RELAY_KIND_RPC ? "RPC" : "memory";
  if (!g_subprocess_wait (relay->process, NULL, NULL))
    return;
  if (!g_subprocess_get_if_exited (relay->process))
    g_message ("%s relay: signal %d (%s)", name, g_subprocess_get_term_sig (relay->process), why);
  else if (!has_said_why || g_subprocess_get_exit_status (relay->process) != 0)
    g_message ("%s relay: exit status %d (%s)", name,
               g_subprocess_get_exit_status (relay->process), why);
}

/* What it says waits in a queue.  A relay that somebody has taken over fills none. */
static bool
may_say (UmzRelayProcess *relay, const UmzRelayMessage *message, GError **error)
{
  bool is_figure = message->type == UMZ_RELAY_MESSAGE_STATS;
  relay->n_words += !is_figure;
  if (umz_relay_kind_says (relay->kind, message->type) && relay->n_words <= WORDS_MAX)
    return true;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "it says what it may not (0x%02x)",
               message->type);
  return false;
}

static gpointer
listen_to_relay (gpointer data)
{
  UmzRelayProcess *relay = data;
  g_autofree char *why = NULL;
  bool has_said_why = false;
  struct pollfd poller = { .fd = relay->control_fd, .events = POLLIN };
  for (;;) {
    g_auto (UmzRelayMessage) message = UMZ_RELAY_MESSAGE_INIT;
    g_autoptr (GError) error = NULL;
    if (poll (&poller, 1, -1) < 0 && errno != EINTR)
      break;
    if (umz_relay_control_recv (relay->control_fd, UMZ_RELAY_FROM_RELAY, &message, &error) &&
        may_say (relay, &message, &error)) {
      has_said_why = has_said_why || message.type == UMZ_RELAY_MESSAGE_ENDED;
      relay->handler (relay->kind, &message, relay->data);
    }
    else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
      why = g_strdup (error->message);
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA))
        g_subprocess_force_exit (relay->process); /* and is heard no more */
      break;
    }
  }
  bool is_ended_by_us = g_atomic_int_get (&relay->is_ended_by_us); /* whoever hears of it ends us */
  relay->handler (relay->kind, NULL, relay->data);
  if (!is_ended_by_us)
    log_end (relay, has_said_why, why != NULL ? why : "-");
  return NULL;
}

/* The option that makes the relay nobody's.  NULL: there is no such user. */
static char *
dup_user_option (const char *name, GError **error)
{
  struct passwd user, *found = NULL;
  g_autofree char *texts = g_malloc (PASSWD_BYTES);
  int code = getpwnam_r (name, &user, texts, PASSWD_BYTES, &found);
  if (found != NULL)
    return g_strdup_printf ("--user=%u:%u", user.pw_uid, user.pw_gid);
  if (code != 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "user '%s': %s", name,
                 g_strerror (code));
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 "there is no user '%s' for the relays: useradd --system %s", name, name);
  return NULL;
}

static GSubprocess *
spawn (const UmzConfig *config, int control_fd, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher =
    g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE);
  g_autofree char *user_option = dup_user_option (config->relay_user, error);
  if (user_option == NULL) {
    close (control_fd);
    return NULL;
  }
  g_autofree char *root = g_build_filename (config->run_dir, "empty", NULL);
  g_autofree char *root_option = g_strdup_printf ("--root=%s", root);
  (void) g_mkdir_with_parents (root, 0755); /* a failure shows in the relay's chroot */
  g_subprocess_launcher_take_fd (launcher, control_fd, UMZ_RELAY_CONTROL_FD);
  return g_subprocess_launcher_spawn (launcher, error, config->relay, root_option, user_option,
                                      umz_fault_is_allowed () ? "--allow-faults" : NULL, NULL);
}

static void
close_all (const int *fds, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (fds[i] >= 0)
      close (fds[i]);
}

UmzRelayProcess *
umz_engine_relay_start (const UmzConfig *config, const UmzRelayStart *start,
                        const int fds[static UMZ_RELAY_MESSAGE_FDS], UmzRelayHandler handler,
                        void *data, GError **error)
{
  int pair[2] = { -1, -1 };
  g_auto (UmzRelayMessage) message = UMZ_RELAY_MESSAGE_INIT;
  message.type = UMZ_RELAY_MESSAGE_START;
  message.start = *start;
  unsigned n_fds = 0;
  for (unsigned i = 0; i < UMZ_RELAY_MESSAGE_FDS; i++)
    if (fds[i] >= 0)
      message.fds[n_fds++] = fds[i];
  umz_fault_arm_relay (&message.start);
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
    g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
    return NULL;
  }
  g_autoptr (GSubprocess) process = spawn (config, pair[1], error);
  if (process == NULL || !umz_relay_control_send (pair[0], &message, error)) {
    close_all (pair, 1);
    return NULL;
  }
  UmzRelayProcess *relay = g_new0 (UmzRelayProcess, 1);
  relay->kind = (UmzRelayKind) start->kind;
  relay->control_fd = pair[0];
  relay->process = g_steal_pointer (&process);
  relay->handler = handler;
  relay->data = data;
  relay->thread = g_thread_new ("relay", listen_to_relay, relay);
  return relay;
}

void
umz_engine_relay_end (UmzRelayProcess *relay)
{
  if (relay == NULL)
    return;
  g_atomic_int_set (&relay->is_ended_by_us, true);
  (void) umz_engine_relay_send (relay, UMZ_RELAY_MESSAGE_STOP); /* fails only if it is gone */
  shutdown (relay->control_fd, SHUT_RDWR);
  g_subprocess_force_exit (relay->process);
  g_thread_join (relay->thread);
  close (relay->control_fd);
  g_object_unref (relay->process);
  g_free (relay);
}

bool
umz_engine_relay_send (UmzRelayProcess *relay, UmzRelayMessageType type)
{
  g_auto (UmzRelayMessage) message = UMZ_RELAY_MESSAGE_INIT;
  message.type = type;
  return umz_relay_control_send (relay->control_fd, &message, NULL);
}

bool
umz_engine_relay_send_limit (UmzRelayProcess *relay, uint64_t limit_us)
{
  g_auto (UmzRelayMessage) message = UMZ_RELAY_MESSAGE_INIT;
  message.type = UMZ_RELAY_MESSAGE_LIMIT;
  message.limit.limit_us = limit_us;
  return umz_relay_control_send (relay->control_fd, &message, NULL);
}

bool
umz_engine_relay_send_local (UmzRelayProcess *relay, int fd)
{
  g_auto (UmzRelayMessage) message = UMZ_RELAY_MESSAGE_INIT;
  message.type = UMZ_RELAY_MESSAGE_LOCAL;
  message.fds[0] = fd;
  return umz_relay_control_send (relay->control_fd, &message, NULL);
}

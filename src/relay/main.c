/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* main.c: umzug-relay, started by umzugd for one stream.
 *
 *   umzug-relay --root=DIR --user=UID:GID [--allow-faults]     started by root
 *   umzug-relay --keep-user [--allow-faults]                   tests without root
 *
 * Descriptor 3 is the control socket (control.h); START must come first.  Exit status: 0 when the
 * stream is done or was stopped or umzugd is gone, 1 when it failed, 2 when it could not begin.
 */
#include <getopt.h>
#include <gio/gio.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "relay/privileges.h"
#include "relay/relay.h"

typedef struct {
  const char *root; /* borrowed from argv */
  unsigned uid, gid;
  bool keep_user;
  bool allow_faults;
} Options;

static bool
parse_options (int argc, char **argv, Options *options)
{
  static const struct option known[] = {
    { "root", required_argument, NULL, 'r' },
    { "user", required_argument, NULL, 'u' },
    { "keep-user", no_argument, NULL, 'k' },
    { "allow-faults", no_argument, NULL, 'f' },
    { 0 },
  };
  char rest;
  int c;

  while ((c = getopt_long (argc, argv, "", known, NULL)) != -1) {
    switch (c) {
    case 'r': options->root = optarg; break;
    case 'u':
      if (sscanf (optarg, "%u:%u%c", &options->uid, &options->gid, &rest) != 2)
        return false;
      break;
    case 'k': options->keep_user = true; break;
    case 'f': options->allow_faults = true; break;
    default: return false;
    }
  }
  return optind == argc && (options->root != NULL && options->uid != 0) != options->keep_user;
}

/* Waits for START.  It comes from root and is looked at as root, but by the same checks as always.
 */
static bool
read_start (const Options *options, UmzRelayMessage *ret_start, GError **error)
{
  struct pollfd p = { .fd = UMZ_RELAY_CONTROL_FD, .events = POLLIN };

  while (poll (&p, 1, -1) < 0)
    ;
  if (!umz_relay_control_recv (UMZ_RELAY_CONTROL_FD, UMZ_RELAY_FROM_DAEMON, ret_start, error))
    return false;
  if (ret_start->type != UMZ_RELAY_MESSAGE_START) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "START must come first");
    return false;
  }
  if (ret_start->start.fault != UMZ_RELAY_FAULT_NONE && !options->allow_faults) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                         "faults are not allowed here");
    return false;
  }
  return true;
}

static bool
isolate (const Options *options, UmzRelayMessage *ret_start, GError **error)
{
  return umz_privileges_keep_fds (error) && read_start (options, ret_start, error) &&
         (options->keep_user ||
          umz_privileges_leave (options->root, options->uid, options->gid, error)) &&
         umz_privileges_limit (ret_start->start.mirror_max_bytes, error);
}

int
main (int argc, char **argv)
{
  Options options = { 0 };
  uid_t owner = geteuid (); /* until it is left */
  g_auto (UmzRelayMessage) start = UMZ_RELAY_MESSAGE_INIT;
  g_autoptr (GError) error = NULL;

  if (!parse_options (argc, argv, &options)) {
    fprintf (stderr, "Usage: umzug-relay --root=DIR --user=UID:GID | --keep-user [--allow-faults]\n"
                     "umzugd starts this program; it is of no use by hand.\n");
    return 2;
  }
  (void) signal (SIGPIPE, SIG_IGN); /* cannot fail */
  (void) signal (SIGXFSZ, SIG_IGN); /* what is too much for the mirror is an error */
  if (!isolate (&options, &start, &error)) {
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
      return 0;
    fprintf (stderr, "umzug-relay: %s\n", error->message);
    return 2;
  }

  UmzRelayEnd end = umz_relay_run (UMZ_RELAY_CONTROL_FD, &start, owner);
  return end == UMZ_RELAY_END_DONE || end == UMZ_RELAY_END_STOPPED || end == UMZ_RELAY_END_CONTROL
           ? 0
           : 1;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-control.c: any packet is a message that could be sent on as it is, or refused; and whichever
 * it is, no descriptor that came with it stays behind.
 *
 * The first byte says how many descriptors come along, and which end has sent the rest.
 */
#include "relay/control.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FDS_MAX 5 /* more than any message has */

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static int
get_next_fd (void)
{
  int fd = dup (STDERR_FILENO);
  close (fd);
  return fd;
}

static void
send_packet (int fd, const uint8_t *data, size_t size, size_t n_fds)
{
  union {
    char bytes[CMSG_SPACE (FDS_MAX * sizeof (int))];
    struct cmsghdr align;
  } ancillary = { 0 };
  struct iovec iov = { (void *) data, size };
  struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
  if (n_fds > 0) {
    msg.msg_control = ancillary.bytes;
    msg.msg_controllen = CMSG_SPACE (n_fds * sizeof (int));
    struct cmsghdr *cmsg = CMSG_FIRSTHDR (&msg);
    *cmsg = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
                              .cmsg_type = SCM_RIGHTS,
                              .cmsg_len = CMSG_LEN (n_fds * sizeof (int)) };
    for (size_t i = 0; i < n_fds; i++)
      memcpy (CMSG_DATA (cmsg) + i * sizeof (int), &(int){ STDERR_FILENO }, sizeof (int));
  }
  g_assert_cmpint (sendmsg (fd, &msg, 0), ==, (ssize_t) size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int ends[2], next_fd = get_next_fd ();
  if (size < 2)
    return 0;
  UmzRelaySender from = (data[0] & 1) != 0 ? UMZ_RELAY_FROM_RELAY : UMZ_RELAY_FROM_DAEMON;
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET, 0, ends), ==, 0);
  send_packet (ends[0], data + 1, size - 1, (data[0] >> 1) % (FDS_MAX + 1));
  g_auto (UmzRelayMessage) message = UMZ_RELAY_MESSAGE_INIT;
  g_auto (UmzRelayMessage) again = UMZ_RELAY_MESSAGE_INIT;
  if (umz_relay_control_recv (ends[1], from, &message, NULL)) {
    g_assert_true (umz_relay_control_send (ends[0], &message, NULL));
    g_assert_true (umz_relay_control_recv (ends[1], from, &again, NULL));
    g_assert_cmpmem (&again, offsetof (UmzRelayMessage, fds), &message,
                     offsetof (UmzRelayMessage, fds));
  }
  umz_relay_message_clear (&message);
  umz_relay_message_clear (&again);
  close (ends[0]);
  close (ends[1]);
  g_assert_cmpint (get_next_fd (), ==, next_fd);
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/unix-socket.h"

#include <errno.h>
#include <glib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool
set_path (struct sockaddr_un *address, const char *path)
{
  *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
  if (g_strlcpy (address->sun_path, path, sizeof address->sun_path) < sizeof address->sun_path)
    return true;
  errno = ENAMETOOLONG;
  return false;
}

static int
fail_and_close (int fd)
{
  int why = errno;
  if (fd >= 0)
    close (fd);
  errno = why;
  return -1;
}

int
umz_unix_listen (const char *path)
{
  struct sockaddr_un address;
  if (!set_path (&address, path))
    return -1;
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  /* bind() gives the file the mode that the socket has. */
  if (fd >= 0 && fchmod (fd, 0600) == 0 &&
      bind (fd, (struct sockaddr *) &address, sizeof address) == 0 && listen (fd, 1) == 0)
    return fd;
  return fail_and_close (fd);
}

int
umz_unix_connect (const char *path)
{
  struct sockaddr_un address;
  if (!set_path (&address, path))
    return -1;
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  return fail_and_close (fd);
}

bool
umz_unix_get_peer (int fd, pid_t *ret_pid, uid_t *ret_uid)
{
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
    return false;
  *ret_pid = peer.pid;
  *ret_uid = peer.uid;
  return true;
}

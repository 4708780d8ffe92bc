/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* local.c: the socket to libvirtd or QEMU. */
#include "relay/local.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/control.h"

/* Written bytes at the front are dropped when they are worth a memmove. */
#define COMPACT_BYTES (1024 * 1024)

void
umz_local_init (UmzLocal *local)
{
  *local = (UmzLocal){ .fd = -1, .waiting = g_byte_array_new () };
}

void
umz_local_clear (UmzLocal *local)
{
  if (local->fd >= 0)
    (void) close (local->fd); /* nothing depends on how that ends */
  local->fd = -1;
  g_clear_pointer (&local->waiting, g_byte_array_unref);
}

void
umz_local_attach (UmzLocal *local, int fd)
{
  g_assert (local->fd < 0 && fd >= 0);
  local->fd = fd;
}

static bool
set_local_error (GError **error, int saved_errno)
{
  g_set_error (error, UMZ_RELAY_ERROR, UMZ_RELAY_END_LOCAL, "local socket: %s",
               strerrordesc_np (saved_errno));
  return false;
}

bool
umz_local_read (UmzLocal *local, void *bytes, size_t size_bytes, size_t *ret_n_bytes,
                GError **error)
{
  ssize_t n;

  do
    n = recv (local->fd, bytes, size_bytes, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n < 0 && errno != EAGAIN && errno != ECONNRESET)
    return set_local_error (error, errno);

  local->at_end = n == 0 || (n < 0 && errno == ECONNRESET);
  *ret_n_bytes = MAX (n, 0);
  local->read_bytes += *ret_n_bytes;
  return true;
}

/* What the socket takes now; *ret_n_bytes of it. */
static bool
write_some (UmzLocal *local, const uint8_t *bytes, size_t n_bytes, size_t *ret_n_bytes,
            GError **error)
{
  size_t done = 0;

  while (done < n_bytes) {
    ssize_t n = send (local->fd, bytes + done, n_bytes - done, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 && errno == EAGAIN)
      break;
    if (n < 0)
      return set_local_error (error, errno);
    done += n;
  }
  local->written_bytes += done;
  *ret_n_bytes = done;
  return true;
}

bool
umz_local_write (UmzLocal *local, const void *bytes, size_t n_bytes, GError **error)
{
  const uint8_t *at = bytes;
  size_t n = 0;

  g_assert (!local->is_shut);
  if (local->fd >= 0 && umz_local_get_waiting_bytes (local) == 0 &&
      !write_some (local, at, n_bytes, &n, error))
    return false;
  if (n < n_bytes)
    g_byte_array_append (local->waiting, at + n, n_bytes - n);
  return true;
}

bool
umz_local_flush (UmzLocal *local, GError **error)
{
  size_t n = 0;

  if (local->fd < 0)
    return true;
  if (!write_some (local, local->waiting->data + local->waiting_start,
                   umz_local_get_waiting_bytes (local), &n, error))
    return false;

  local->waiting_start += n;
  if (umz_local_get_waiting_bytes (local) == 0 || local->waiting_start >= COMPACT_BYTES) {
    g_byte_array_remove_range (local->waiting, 0, local->waiting_start);
    local->waiting_start = 0;
  }
  return true;
}

size_t
umz_local_get_waiting_bytes (const UmzLocal *local)
{
  return local->waiting->len - local->waiting_start;
}

void
umz_local_shut (UmzLocal *local)
{
  g_assert (umz_local_get_waiting_bytes (local) == 0);
  local->is_shut = true;
  (void) shutdown (local->fd, SHUT_WR); /* it may be gone already */
}

bool
umz_local_is_open (const UmzLocal *local)
{
  struct pollfd p = { .fd = local->fd, .events = POLLRDHUP };

  return local->fd >= 0 && poll (&p, 1, 0) == 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* control.c: messages between umzugd and a relay: checked, then believed. */
#include "relay/control.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
  uint16_t version;
  uint16_t type;
  uint32_t body_bytes;
} Header;

typedef union {
  UmzRelayStart start;
  UmzRelayStats stats;
  UmzRelayEnded ended;
} LargestBody;

G_STATIC_ASSERT (sizeof (Header) == 8);
G_STATIC_ASSERT (sizeof (UmzRelayStart) == 8 + 16 + 32 + 16 + 4 + 16 + 256 + 4 + 8 + 40 + 16);
G_STATIC_ASSERT (sizeof (UmzRelayStats) == 13 * 8);
G_STATIC_ASSERT (sizeof (UmzRelayMirror) == 4 + 16);
G_STATIC_ASSERT (sizeof (UmzRelayEnded) == 8 + 4 + 256 + 4); /* ends in padding */

G_DEFINE_QUARK (umz_relay_error, umz_relay_error)

/* Says no, or nothing: each looks at a body of the right length. */
static bool
is_truth (uint32_t value)
{
  return value <= 1;
}

static bool
is_text (const char *text, size_t size)
{
  const char *end = memchr (text, '\0', size);

  return end != NULL && g_utf8_validate (text, end - text, NULL);
}

static bool
is_limit (uint64_t limit_us)
{
  return limit_us >= 1 && limit_us <= UMZ_RELAY_LIMIT_MAX_US;
}

static unsigned
count_fds (const int *fds)
{
  unsigned n = 0;

  while (n < UMZ_RELAY_MESSAGE_FDS && fds[n] >= 0)
    n++;
  return n;
}

static bool
engine_is_valid (const UmzRelayStart *s)
{
  return s->engine == UMZ_RELAY_ENGINE_PLAIN
           ? s->mirror_max_bytes == 0
           : s->engine == UMZ_RELAY_ENGINE_CODEC && s->kind == UMZ_RELAY_KIND_MEMORY;
}

static bool
start_is_valid (const UmzRelayMessage *m)
{
  const UmzRelayStart *s = &m->start;
  bool is_source = s->side == UMZ_RELAY_SIDE_SOURCE;

  return (s->kind == UMZ_RELAY_KIND_RPC || s->kind == UMZ_RELAY_KIND_MEMORY) &&
         (is_source || s->side == UMZ_RELAY_SIDE_TARGET) && is_limit (s->limit_us) &&
         s->fault <= UMZ_RELAY_FAULT_SPOIL_BATCH && is_text (s->vm_name, sizeof s->vm_name) &&
         s->vm_name[0] != '\0' && engine_is_valid (s) &&
         count_fds (m->fds) == 1u + is_source + (s->mirror_max_bytes > 0);
}

static bool
local_is_valid (const UmzRelayMessage *m)
{
  return count_fds (m->fds) == 1;
}

static bool
limit_is_valid (const UmzRelayMessage *m)
{
  return is_limit (m->limit.limit_us);
}

static bool
finish_called_is_valid (const UmzRelayMessage *m)
{
  return is_truth (m->finish_called.cancelled);
}

static bool
finish_replied_is_valid (const UmzRelayMessage *m)
{
  return is_truth (m->finish_replied.ok) && is_truth (m->finish_replied.held) &&
         m->finish_replied.held <= m->finish_replied.ok;
}

static bool
held_state_is_valid (const UmzRelayMessage *m)
{
  return is_truth (m->held_state.held) && is_truth (m->held_state.local_open) &&
         is_truth (m->held_state.link_open);
}

static bool
stats_are_valid (const UmzRelayMessage *m)
{
  return m->stats.in_flight_bytes <= m->stats.in_flight_max_bytes;
}

static bool
ended_is_valid (const UmzRelayMessage *m)
{
  return m->ended.end >= UMZ_RELAY_END_DONE && m->ended.end <= UMZ_RELAY_END_CODEC &&
         is_text (m->ended.text, sizeof m->ended.text);
}

static bool
mirror_is_valid (const UmzRelayMessage *m)
{
  return is_truth (m->mirror.is_usable);
}

typedef struct {
  uint16_t type;
  uint16_t body_bytes;
  bool has_fds;
  bool (*is_valid) (const UmzRelayMessage *message); /* NULL: nothing more to look at */
} Layout;

/* clang-format off */
#define BODY(type) sizeof (UmzRelay##type)
static const Layout layouts[] = {
  /* type                               body                   fds    check                 */
  { UMZ_RELAY_MESSAGE_START,            BODY (Start),          true,  start_is_valid          },
  { UMZ_RELAY_MESSAGE_LOCAL,            0,                     true,  local_is_valid          },
  { UMZ_RELAY_MESSAGE_QUERY_HELD,       0,                     false, NULL                    },
  { UMZ_RELAY_MESSAGE_RELEASE,          0,                     false, NULL                    },
  { UMZ_RELAY_MESSAGE_LIMIT,            BODY (Limit),          false, limit_is_valid          },
  { UMZ_RELAY_MESSAGE_STOP,             0,                     false, NULL                    },
  { UMZ_RELAY_MESSAGE_READY,            0,                     false, NULL                    },
  { UMZ_RELAY_MESSAGE_WANT_LOCAL,       0,                     false, NULL                    },
  { UMZ_RELAY_MESSAGE_CONNECTED,        0,                     false, NULL                    },
  { UMZ_RELAY_MESSAGE_PREPARED,         0,                     false, NULL                    },
  { UMZ_RELAY_MESSAGE_FINISH_CALLED,    BODY (FinishCalled),   false, finish_called_is_valid  },
  { UMZ_RELAY_MESSAGE_FINISH_REPLIED,   BODY (FinishReplied),  false, finish_replied_is_valid },
  { UMZ_RELAY_MESSAGE_HELD_STATE,       BODY (HeldState),      false, held_state_is_valid     },
  { UMZ_RELAY_MESSAGE_STATS,            BODY (Stats),          false, stats_are_valid         },
  { UMZ_RELAY_MESSAGE_ENDED,            BODY (Ended),          false, ended_is_valid          },
  { UMZ_RELAY_MESSAGE_MIRROR,           BODY (Mirror),         false, mirror_is_valid         },
};
#undef BODY
/* clang-format on */

static const Layout *
find_layout (uint16_t type)
{
  for (size_t i = 0; i < G_N_ELEMENTS (layouts); i++)
    if (layouts[i].type == type)
      return &layouts[i];
  return NULL;
}

bool
umz_relay_kind_says (UmzRelayKind kind, UmzRelayMessageType type)
{
  switch (type) {
  case UMZ_RELAY_MESSAGE_READY:
  case UMZ_RELAY_MESSAGE_WANT_LOCAL:
  case UMZ_RELAY_MESSAGE_CONNECTED:
  case UMZ_RELAY_MESSAGE_STATS:
  case UMZ_RELAY_MESSAGE_ENDED: return true;
  case UMZ_RELAY_MESSAGE_PREPARED:
  case UMZ_RELAY_MESSAGE_FINISH_CALLED:
  case UMZ_RELAY_MESSAGE_FINISH_REPLIED:
  case UMZ_RELAY_MESSAGE_HELD_STATE: return kind == UMZ_RELAY_KIND_RPC;
  case UMZ_RELAY_MESSAGE_MIRROR: return kind == UMZ_RELAY_KIND_MEMORY;
  case UMZ_RELAY_MESSAGE_START:
  case UMZ_RELAY_MESSAGE_LOCAL:
  case UMZ_RELAY_MESSAGE_QUERY_HELD:
  case UMZ_RELAY_MESSAGE_RELEASE:
  case UMZ_RELAY_MESSAGE_LIMIT:
  case UMZ_RELAY_MESSAGE_STOP: return false;
  }
  return false;
}

static bool
is_valid (const UmzRelayMessage *message, const Layout *layout)
{
  if (!layout->has_fds && count_fds (message->fds) > 0)
    return false;
  return layout->is_valid == NULL || layout->is_valid (message);
}

static bool
set_errno_error (GError **error, const char *what)
{
  int saved = errno;

  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (saved), "%s: %s", what,
               strerrordesc_np (saved));
  return false;
}

static void
attach_fds (struct msghdr *msg, const int *fds)
{
  size_t n = count_fds (fds);

  if (n == 0) {
    msg->msg_control = NULL;
    msg->msg_controllen = 0;
    return;
  }

  msg->msg_controllen = CMSG_SPACE (n * sizeof (int));
  struct cmsghdr *cmsg = CMSG_FIRSTHDR (msg);
  cmsg->cmsg_level = SOL_SOCKET;
  cmsg->cmsg_type = SCM_RIGHTS;
  cmsg->cmsg_len = CMSG_LEN (n * sizeof (int));
  memcpy (CMSG_DATA (cmsg), fds, n * sizeof (int));
}

bool
umz_relay_control_send (int fd, const UmzRelayMessage *message, GError **error)
{
  const Layout *layout = find_layout (message->type);
  g_assert (layout != NULL && is_valid (message, layout));

  Header header = {
    .version = UMZ_RELAY_CONTROL_VERSION,
    .type = message->type,
    .body_bytes = layout->body_bytes,
  };
  union {
    char bytes[CMSG_SPACE (UMZ_RELAY_MESSAGE_FDS * sizeof (int))];
    struct cmsghdr align;
  } ancillary = { 0 };
  struct iovec iov[] = {
    { &header, sizeof header },
    { (void *) &message->start, layout->body_bytes }, /* all bodies start where this one does */
  };
  struct msghdr msg = {
    .msg_iov = iov,
    .msg_iovlen = G_N_ELEMENTS (iov),
    .msg_control = ancillary.bytes,
    .msg_controllen = sizeof ancillary.bytes,
  };
  attach_fds (&msg, message->fds);

  ssize_t n;
  do
    n = sendmsg (fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  return n >= 0 || set_errno_error (error, "relay control socket");
}

static void
forget_fds (UmzRelayMessage *message)
{
  for (unsigned i = 0; i < UMZ_RELAY_MESSAGE_FDS; i++)
    message->fds[i] = -1;
}

/* Takes over every descriptor that came; returns how many could not be kept. */
static unsigned
collect_fds (struct msghdr *msg, int *fds)
{
  unsigned n = 0, refused = 0;

  for (struct cmsghdr *c = CMSG_FIRSTHDR (msg); c != NULL; c = CMSG_NXTHDR (msg, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
      continue;
    size_t count = (c->cmsg_len - CMSG_LEN (0)) / sizeof (int);
    for (size_t i = 0; i < count; i++) {
      int fd;
      memcpy (&fd, CMSG_DATA (c) + i * sizeof fd, sizeof fd);
      if (n < UMZ_RELAY_MESSAGE_FDS)
        fds[n++] = fd;
      else {
        (void) close (fd); /* nothing depends on how that ends */
        refused++;
      }
    }
  }
  return refused;
}

/* One packet into *message and *header; the number of bytes, or -1. */
static ssize_t
receive_packet (int fd, Header *header, UmzRelayMessage *message, bool *ret_whole)
{
  union {
    char bytes[CMSG_SPACE (4 * UMZ_RELAY_MESSAGE_FDS * sizeof (int))];
    struct cmsghdr align;
  } ancillary;
  struct iovec iov[] = {
    { header, sizeof *header },
    { &message->start, sizeof (LargestBody) },
  };
  struct msghdr msg = {
    .msg_iov = iov,
    .msg_iovlen = G_N_ELEMENTS (iov),
    .msg_control = ancillary.bytes,
    .msg_controllen = sizeof ancillary.bytes,
  };

  ssize_t n;
  do
    n = recvmsg (fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n >= 0)
    *ret_whole =
      collect_fds (&msg, message->fds) == 0 && !(msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
  return n;
}

static const char *
find_objection (const Header *header, size_t n, UmzRelaySender from, const UmzRelayMessage *message)
{
  if (n < sizeof *header)
    return "shorter than a header";
  if (header->version != UMZ_RELAY_CONTROL_VERSION)
    return "of another version";

  const Layout *layout = find_layout (header->type);
  if (layout == NULL)
    return "of unknown type";
  if ((header->type >= 0x80) != (from == UMZ_RELAY_FROM_RELAY))
    return "of a type for the other direction";
  if (header->body_bytes != layout->body_bytes || n != sizeof *header + layout->body_bytes)
    return "of the wrong length";
  if (!is_valid (message, layout))
    return "out of range";
  return NULL;
}

bool
umz_relay_control_recv (int fd, UmzRelaySender from, UmzRelayMessage *ret_message, GError **error)
{
  Header header = { 0 };
  g_auto (UmzRelayMessage) message = UMZ_RELAY_MESSAGE_INIT;
  bool whole = false;

  ssize_t n = receive_packet (fd, &header, &message, &whole);
  if (n < 0)
    return set_errno_error (error, "relay control socket");
  if (n == 0) { /* nobody sends empty packets, so this is the end */
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "relay control socket closed");
    return false;
  }

  const char *objection = whole ? find_objection (&header, n, from, &message) : "too long";
  if (objection != NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "relay control message %s", objection);
    return false;
  }

  message.type = header.type;
  *ret_message = message;
  forget_fds (&message); /* handed over */
  return true;
}

void
umz_relay_message_clear (UmzRelayMessage *message)
{
  for (unsigned i = 0; i < UMZ_RELAY_MESSAGE_FDS; i++)
    if (message->fds[i] >= 0)
      (void) close (message->fds[i]); /* nothing depends on how that ends */
  explicit_bzero (message, sizeof *message);
  forget_fds (message);
}

int
umz_relay_message_steal_fd (UmzRelayMessage *message, unsigned index)
{
  g_assert (index < UMZ_RELAY_MESSAGE_FDS);

  int fd = message->fds[index];
  message->fds[index] = -1;
  return fd;
}

const char *
umz_relay_end_name (UmzRelayEnd end)
{
  switch (end) {
  case UMZ_RELAY_END_DONE: return "done";
  case UMZ_RELAY_END_STOPPED: return "stopped";
  case UMZ_RELAY_END_CONTROL: return "control";
  case UMZ_RELAY_END_TLS: return "tls";
  case UMZ_RELAY_END_LINK: return "link";
  case UMZ_RELAY_END_HOSTILE: return "hostile";
  case UMZ_RELAY_END_REFUSED: return "refused";
  case UMZ_RELAY_END_LOCAL: return "local";
  case UMZ_RELAY_END_FAULT: return "fault";
  case UMZ_RELAY_END_CODEC: return "codec";
  }
  return "unknown";
}

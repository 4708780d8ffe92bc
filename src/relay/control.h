/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* control.h: what umzugd and its relays say to each other, for both ends.
 *
 * One SOCK_SEQPACKET socket per relay; it is the relay's descriptor 3.  One packet is one message.
 * Both programs come from one build and the socket never leaves the host, so integers are in host
 * order and a body is the struct below as it stands; the sizes are asserted in control.c.
 *
 *    0  u16  version, UMZ_RELAY_CONTROL_VERSION
 *    2  u16  type, UmzRelayMessageType
 *    4  u32  length of the body: exactly the size of the type's struct, 0 where it has none
 *    8  ...  body
 *
 * Descriptors travel beside it (SCM_RIGHTS).  In the structs a truth value is a u32, 0 or 1, and a
 * text is UTF-8 ending in at least one NUL.  The receiving end believes nothing of that unchecked:
 * a relay may have been taken over by the bytes that it carries.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define UMZ_RELAY_CONTROL_VERSION  3
#define UMZ_RELAY_CONTROL_FD       3
#define UMZ_RELAY_STREAM_ID_BYTES  16
#define UMZ_RELAY_KEY_BYTES        32
#define UMZ_RELAY_VM_NAME_BYTES    256 /* with the NUL */
#define UMZ_RELAY_VM_UUID_BYTES    16
#define UMZ_RELAY_TEXT_BYTES       256 /* with the NUL */
#define UMZ_RELAY_MESSAGE_FDS      3
#define UMZ_RELAY_MIRROR_KEY_BYTES 40 /* codec/mirror.h */
#define UMZ_RELAY_DIGEST_BYTES     16
#define UMZ_RELAY_LIMIT_MAX_US     (3600 * G_GUINT64_CONSTANT (1000000))

typedef enum {
  UMZ_RELAY_KIND_RPC = 1,    /* libvirt's connection from the source's to the target's libvirtd */
  UMZ_RELAY_KIND_MEMORY = 2, /* QEMU's migration stream, and any other bytes taken as they are */
} UmzRelayKind;

typedef enum {
  UMZ_RELAY_SIDE_SOURCE = 1, /* libvirtd or QEMU connects to us; TLS client */
  UMZ_RELAY_SIDE_TARGET = 2, /* umzugd connects to libvirtd or QEMU for us; TLS server */
} UmzRelaySide;

typedef enum {
  UMZ_RELAY_ENGINE_PLAIN = 0, /* bytes as they are */
  UMZ_RELAY_ENGINE_CODEC = 1, /* MEMORY only: the source's bytes coded, as long as that pays */
} UmzRelayEngine;

typedef enum {
  UMZ_RELAY_FAULT_NONE = 0,
  UMZ_RELAY_FAULT_FLIP_BYTE = 1,             /* of the local end's stream, at fault_offset_bytes */
  UMZ_RELAY_FAULT_CLOSE_AT_FINISH_CALL = 2,  /* the CALL is not passed on */
  UMZ_RELAY_FAULT_CLOSE_AT_FINISH_REPLY = 3, /* the REPLY is neither passed on nor held */
  UMZ_RELAY_FAULT_SPOIL_FINISH_REPLY = 4,    /* the held REPLY is one that libvirt cannot use */
  UMZ_RELAY_FAULT_SPOIL_BATCH = 5,           /* a bit of what is coded, at fault_offset_bytes */
} UmzRelayFault;

/* Why a relay ended; also the codes of UMZ_RELAY_ERROR. */
typedef enum {
  UMZ_RELAY_END_DONE = 1,    /* both directions ended and everything was delivered */
  UMZ_RELAY_END_STOPPED = 2, /* STOP */
  UMZ_RELAY_END_CONTROL = 3, /* the control socket failed; seen as an exit only */
  UMZ_RELAY_END_TLS = 4,     /* no TLS session: wrong key, or not one of ours */
  UMZ_RELAY_END_LINK = 5,    /* the link broke, or ended before its time */
  UMZ_RELAY_END_HOSTILE = 6, /* the other relay sent what no relay sends */
  UMZ_RELAY_END_REFUSED = 7, /* the RPC filter says no; the text names the procedure */
  UMZ_RELAY_END_LOCAL = 8,   /* the local socket failed */
  UMZ_RELAY_END_FAULT = 9,   /* an injected fault struck */
  UMZ_RELAY_END_CODEC = 10,  /* a batch is damaged, or the mirror of the target fails */
} UmzRelayEnd;

/* Below 0x80 umzugd speaks, from 0x80 on the relay. */
typedef enum {
  UMZ_RELAY_MESSAGE_START = 0x01,      /* first, once; fds: see UmzRelayStart */
  UMZ_RELAY_MESSAGE_LOCAL = 0x02,      /* target, answer to WANT_LOCAL; fd: the connected socket */
  UMZ_RELAY_MESSAGE_QUERY_HELD = 0x03, /* answered by HELD_STATE */
  UMZ_RELAY_MESSAGE_RELEASE = 0x04,    /* deliver the held reply; nothing held: nothing happens */
  UMZ_RELAY_MESSAGE_LIMIT = 0x05,      /* new permitted suspension */
  UMZ_RELAY_MESSAGE_STOP = 0x06,       /* end now */

  UMZ_RELAY_MESSAGE_READY = 0x81,          /* TLS is up */
  UMZ_RELAY_MESSAGE_WANT_LOCAL = 0x82,     /* target: RPC after READY, MEMORY at the first byte */
  UMZ_RELAY_MESSAGE_CONNECTED = 0x83,      /* the local connection is there */
  UMZ_RELAY_MESSAGE_PREPARED = 0x84,       /* RPC: the OK reply to PREPARE3_PARAMS passed */
  UMZ_RELAY_MESSAGE_FINISH_CALLED = 0x85,  /* RPC: FINISH3_PARAMS passed */
  UMZ_RELAY_MESSAGE_FINISH_REPLIED = 0x86, /* RPC: its reply passed, or is held */
  UMZ_RELAY_MESSAGE_HELD_STATE = 0x87,     /* when asked, or when an end drops while held */
  UMZ_RELAY_MESSAGE_STATS = 0x88,          /* each 250 ms from READY on; when a direction ends */
  UMZ_RELAY_MESSAGE_ENDED = 0x89,          /* last; then the relay exits */
  UMZ_RELAY_MESSAGE_MIRROR = 0x8a,         /* before a good end: what the mirror holds now */
} UmzRelayMessageType;

/* Its descriptors, one after the other: the link; on the source the listener; the mirror's file, if
 * mirror_max_bytes is not 0.
 */
typedef struct {
  uint32_t kind; /* UmzRelayKind */
  uint32_t side; /* UmzRelaySide */
  uint8_t stream_id[UMZ_RELAY_STREAM_ID_BYTES];
  uint8_t key[UMZ_RELAY_KEY_BYTES]; /* TLS pre-shared key of this stream alone */
  uint64_t limit_us;                /* permitted suspension, 1 to UMZ_RELAY_LIMIT_MAX_US */
  uint64_t fault_offset_bytes;      /* FLIP_BYTE only */
  uint32_t fault;                   /* UmzRelayFault; a relay without --allow-faults refuses it */
  uint8_t vm_uuid[UMZ_RELAY_VM_UUID_BYTES];
  char vm_name[UMZ_RELAY_VM_NAME_BYTES];          /* not empty */
  uint32_t engine;                                /* UmzRelayEngine; both sides have the same */
  uint64_t mirror_max_bytes;                      /* with CODEC only; 0: no mirror */
  uint8_t mirror_key[UMZ_RELAY_MIRROR_KEY_BYTES]; /* of this host's file */
  uint8_t mirror_digest[UMZ_RELAY_DIGEST_BYTES];  /* what it holds; all zero: it is empty */
} UmzRelayStart;

typedef struct {
  uint64_t limit_us;
} UmzRelayLimit;

typedef struct {
  uint32_t cancelled;
} UmzRelayFinishCalled;

typedef struct {
  uint32_t ok;
  uint32_t held; /* only on the source, only with ok */
} UmzRelayFinishReplied;

typedef struct {
  uint32_t held;
  uint32_t local_open; /* the local end had not hung up at this moment */
  uint32_t link_open;  /* the link had not been seen to fail */
} UmzRelayHeldState;

typedef struct {
  uint64_t local_read_bytes;    /* from the local socket */
  uint64_t local_written_bytes; /* to the local socket */
  uint64_t acked_bytes;         /* sent over the link, delivered by the other relay */
  uint64_t in_flight_bytes;     /* sent over the link, not acknowledged */
  uint64_t in_flight_max_bytes; /* the most since the start */
  uint64_t window_bytes;        /* in flight stays within this */
  uint64_t rate_bytes_per_s;    /* delivery while there was something to deliver; 0: not known */
  uint64_t cpu_us;              /* of this process */
  uint64_t link_bytes;          /* of the local end's stream in the form in which it was sent */
  uint64_t same_pages;          /* these four as in UmzCodecStats */
  uint64_t delta_pages;
  uint64_t fresh_pages;
  uint64_t zero_pages;
} UmzRelayStats;

typedef struct {
  uint32_t is_usable; /* there is a mirror, and it holds what digest says */
  uint8_t digest[UMZ_RELAY_DIGEST_BYTES];
} UmzRelayMirror;

typedef struct {
  int64_t at_us; /* of the host's monotonic clock: two relays' words may be heard in wrong order */
  uint32_t end;  /* UmzRelayEnd */
  char text[UMZ_RELAY_TEXT_BYTES];
} UmzRelayEnded;

/* A message in memory.  Start from UMZ_RELAY_MESSAGE_INIT, end with umz_relay_message_clear(). */
typedef struct {
  UmzRelayMessageType type;
  union {
    UmzRelayStart start;
    UmzRelayLimit limit;
    UmzRelayFinishCalled finish_called;
    UmzRelayFinishReplied finish_replied;
    UmzRelayHeldState held_state;
    UmzRelayStats stats;
    UmzRelayEnded ended;
    UmzRelayMirror mirror;
  };
  int fds[UMZ_RELAY_MESSAGE_FDS]; /* -1: none, and none behind it.  LOCAL: the socket */
} UmzRelayMessage;

#define UMZ_RELAY_MESSAGE_INIT \
  {                            \
    .fds = { -1, -1, -1 },     \
  }

typedef enum {
  UMZ_RELAY_FROM_DAEMON,
  UMZ_RELAY_FROM_RELAY,
} UmzRelaySender;

/* Errors of a stream; the codes are UmzRelayEnd. */
#define UMZ_RELAY_ERROR (umz_relay_error_quark ())
GQuark umz_relay_error_quark (void);

/* Sends one message, without waiting.  The descriptors are lent: the caller still closes them.
 * Errors: G_IO_ERROR_WOULD_BLOCK when the socket is full, else another G_IO_ERROR.  A message that
 * the other end would refuse is a bug.
 */
bool umz_relay_control_send (int fd, const UmzRelayMessage *message, GError **error);

/* Whether a relay of this kind has any use for it: what reads a guest's memory has no say about
 * libvirt's words, nor the other way round.
 */
bool umz_relay_kind_says (UmzRelayKind kind, UmzRelayMessageType type);

/* Receives one message that `from` may send, without waiting.  On success the caller owns
 * *ret_message.  Errors: G_IO_ERROR_WOULD_BLOCK when there is none; G_IO_ERROR_CLOSED when the
 * other end is gone; G_IO_ERROR_INVALID_DATA for anything but a valid message, whose descriptors
 * are closed: give up the socket then.
 */
bool umz_relay_control_recv (int fd, UmzRelaySender from, UmzRelayMessage *ret_message,
                             GError **error);

/* Closes the descriptors and wipes the rest (START holds a key).  Afterwards it is as
 * UMZ_RELAY_MESSAGE_INIT.
 */
void umz_relay_message_clear (UmzRelayMessage *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UmzRelayMessage, umz_relay_message_clear)

/* Takes one descriptor out of the message: the caller owns it, or gets -1. */
int umz_relay_message_steal_fd (UmzRelayMessage *message, unsigned index);

/* A short English word for logs, never NULL. */
const char *umz_relay_end_name (UmzRelayEnd end);

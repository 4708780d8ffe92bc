/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* relay.c: one stream of a move, from a local socket here to a local socket there.
 *
 * THEORY OF OPERATION
 *
 *     libvirtd or QEMU ──unix── relay ══ TLS 1.3 over TCP ══ relay ──unix── libvirtd or QEMU
 *                                 │                            │
 *                              umzugd                       umzugd          (control.h)
 *
 * A relay is a process of its own for each stream, side and move.  What a guest (memory) or another
 * host (RPC) can choose goes through it, so it is nobody: no files, no rights, no secrets but one.
 * That one is the pre-shared key of its stream, made by umzugd for this stream and brought to the
 * other side over the control channel, where both umzugds have proved who they are with their
 * certificates.  So the private key of the SU never comes near these bytes, and who takes over a
 * relay has gained what he had: one stream.  The TLS handshake mixes in fresh Diffie-Hellman keys,
 * and both sides prove that they know the key: this is mutual authentication.
 *
 * Formats: control.h (to umzugd), preamble.h (in front of TLS; umzugd's business), frame.h (in
 * TLS), rpc-filter.c (libvirt's frames), codec/batch.h (a guest's memory in fewer bytes).
 *
 * Life.  TLS handshake, then READY.  On the source one connection is accepted from the listener;
 * on the target the relay says WANT_LOCAL, RPC at once, MEMORY at the first byte (before that
 * QEMU's socket need not exist), and umzugd opens it.  Each direction ends by itself: end of file
 * here → END → the other relay shuts its local socket for writing.  When both have ended and all is
 * delivered and acknowledged the relay is DONE; anything else that ends it is an error with a
 * reason.  An end without END in both directions is never taken for a good one, so cutting the link
 * cannot shorten a stream unnoticed.
 *
 * A relay never outlives its umzugd: when the control socket ends it exits, whatever it was doing.
 *
 * Flow.  What was sent and is not yet delivered stays within a window (flow.h); beyond it the local
 * socket is not read, and QEMU feels that as a slow link.  The receiving side reads the link always
 * and keeps what the local socket does not take (local.h).  So ACKs never wait behind data, the two
 * directions cannot block each other, and the sender's window bounds the memory.  An ACK goes out
 * in each turn that delivered something: at most one for 256 KiB on a busy link, at once on a quiet
 * one.  No timer takes part in moving data.  RPC bytes count as delivered when the filter has taken
 * them, since a frame may be larger than the window and goes on only when it is whole.
 *
 * The hold (docs: hand-over).  On the source the OK reply to Finish is kept out of libvirtd's
 * sight. While it is kept nothing but STOP, a refused frame or the loss of umzugd ends the relay.
 * If the link breaks or libvirtd hangs up, HELD_STATE says so and the reply is still there: whether
 * it is delivered is umzugd's decision.  The state is told as of the moment of the question,
 * because umzugd asks after it has frozen the guest and must not believe anything older.
 */
#include "base/unix-socket.h"
#include "relay/relay.h"

#include <errno.h>
#include <gio/gio.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "relay/coding.h"
#include "relay/fault.h"
#include "relay/flow.h"
#include "relay/frame.h"
#include "relay/link.h"
#include "relay/local.h"
#include "relay/rpc-filter.h"

#define STATS_EVERY_US 250000

/* More than the largest window and frame can wait only if the other relay ignores our ACKs. */
#define WAITING_MAX_BYTES (UMZ_FLOW_WINDOW_MAX_BYTES + UMZ_RPC_FRAME_MAX_BYTES)

typedef struct {
  int control_fd;      /* borrowed from the caller of umz_relay_run */
  UmzRelayStart start; /* the keys are wiped */
  int listener_fd;     /* owned; -1 when there is none, or no longer */
  uid_t owner;         /* who is let in there */
  UmzLink *link;       /* owned; NULL once it was lost while a reply was held */
  GError *link_error;  /* owned; why it was lost */
  UmzLocal local;
  UmzFlow flow;           /* local → link */
  UmzRpcFilter *filter;   /* owned; NULL for MEMORY */
  UmzCoding *coding;      /* owned; NULL: not with the codec */
  bool coding_is_over;    /* a batch more would be out of place */
  bool has_plain_rest;    /* what came behind the batches went as it is */
  UmzFrameDecoder frames; /* link → local */
  GByteArray *held;       /* owned; the reply to Finish, or NULL */
  GQueue events;          /* owned UmzRelayMessages that the control socket did not take yet */
  uint8_t *from_local;    /* owned; room for a frame header, then UMZ_LINK_BATCH_BYTES */
  uint8_t *from_link;     /* owned; UMZ_LINK_BATCH_BYTES */
  uint64_t taken_bytes;   /* DATA that came over the link */
  uint64_t told_bytes;    /* the last ACK sent */
  uint64_t link_bytes;    /* of DATA and CODED, sent or come */
  int64_t stats_due_us;   /* when READY */
  bool is_ready;
  bool has_wanted_local;
  bool end_sent;
  bool end_received;
  bool hang_up_told; /* HELD_STATE has said that the local end is gone */
  bool control_lost;
} UmzRelay;

static bool
end_with (UmzRelayEnd end, const char *text, GError **error)
{
  g_set_error_literal (error, UMZ_RELAY_ERROR, (int) end, text);
  return false;
}

/* ---- to umzugd ---- */

static void
flush_events (UmzRelay *relay)
{
  UmzRelayMessage *message;

  while ((message = g_queue_peek_head (&relay->events)) != NULL) {
    g_autoptr (GError) error = NULL;
    if (!umz_relay_control_send (relay->control_fd, message, &error)) {
      relay->control_lost = !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
      return;
    }
    g_free (g_queue_pop_head (&relay->events));
  }
}

static void
tell (UmzRelay *relay, const UmzRelayMessage *message)
{
  g_queue_push_tail (&relay->events, g_memdup2 (message, sizeof *message));
  flush_events (relay);
}

static void
tell_type (UmzRelay *relay, UmzRelayMessageType type)
{
  UmzRelayMessage message = UMZ_RELAY_MESSAGE_INIT;

  message.type = type;
  tell (relay, &message);
}

static void
tell_held_state (UmzRelay *relay)
{
  UmzRelayMessage message = UMZ_RELAY_MESSAGE_INIT;

  message.type = UMZ_RELAY_MESSAGE_HELD_STATE;
  message.held_state = (UmzRelayHeldState){
    .held = relay->held != NULL,
    .local_open = umz_local_is_open (&relay->local),
    .link_open = relay->link != NULL,
  };
  tell (relay, &message);
}

static uint64_t
get_cpu_us (void)
{
  struct timespec t = { 0 };

  (void) clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t); /* cannot fail on Linux */
  return t.tv_sec * G_GUINT64_CONSTANT (1000000) + t.tv_nsec / 1000;
}

static void
tell_stats (UmzRelay *relay)
{
  UmzRelayMessage message = UMZ_RELAY_MESSAGE_INIT;

  UmzCodecStats pages =
    relay->coding != NULL ? umz_coding_get_stats (relay->coding) : (UmzCodecStats){ 0 };
  message.type = UMZ_RELAY_MESSAGE_STATS;
  message.stats = (UmzRelayStats){
    .local_read_bytes = relay->local.read_bytes,
    .local_written_bytes = relay->local.written_bytes,
    .acked_bytes = relay->flow.acked_bytes,
    .in_flight_bytes = umz_flow_get_in_flight_bytes (&relay->flow),
    .in_flight_max_bytes = relay->flow.in_flight_max_bytes,
    .window_bytes = relay->flow.window_bytes,
    .rate_bytes_per_s = relay->flow.rate_bytes_per_s,
    .cpu_us = get_cpu_us (),
    .link_bytes = relay->link_bytes,
    .same_pages = pages.same_pages,
    .delta_pages = pages.delta_pages,
    .fresh_pages = pages.fresh_pages,
    .zero_pages = pages.zero_pages,
  };
  tell (relay, &message);
}

static void
tell_mirror (UmzRelay *relay)
{
  UmzRelayMessage message = UMZ_RELAY_MESSAGE_INIT;
  UmzDigest digest;

  if (relay->start.mirror_max_bytes == 0)
    return;
  message.type = UMZ_RELAY_MESSAGE_MIRROR;
  message.mirror.is_usable =
    umz_coding_get_digest (relay->coding, &digest) && !relay->has_plain_rest;
  memcpy (message.mirror.digest, digest.bytes, sizeof message.mirror.digest);
  tell (relay, &message);
}

static void
tell_rpc_event (UmzRelay *relay, const UmzRpcVerdict *verdict)
{
  UmzRelayMessage message = UMZ_RELAY_MESSAGE_INIT;

  switch (verdict->event) {
  case UMZ_RPC_NO_EVENT: return;
  case UMZ_RPC_PREPARED: message.type = UMZ_RELAY_MESSAGE_PREPARED; break;
  case UMZ_RPC_FINISH_CALLED:
    message.type = UMZ_RELAY_MESSAGE_FINISH_CALLED;
    message.finish_called.cancelled = verdict->cancelled;
    break;
  case UMZ_RPC_FINISH_REPLIED:
    message.type = UMZ_RELAY_MESSAGE_FINISH_REPLIED;
    message.finish_replied.ok = verdict->ok;
    message.finish_replied.held = verdict->action == UMZ_RPC_HOLD;
    break;
  }
  tell (relay, &message);
}

/* ---- how far we are ---- */

static uint64_t
get_delivered_bytes (const UmzRelay *relay)
{
  return relay->filter != NULL ? relay->taken_bytes : relay->local.written_bytes;
}

static bool
is_drained (const UmzRelay *relay)
{
  return relay->held == NULL && umz_local_get_waiting_bytes (&relay->local) == 0;
}

static bool
is_done (const UmzRelay *relay)
{
  return relay->end_sent && relay->end_received && is_drained (relay) &&
         umz_flow_get_in_flight_bytes (&relay->flow) == 0 &&
         relay->told_bytes == get_delivered_bytes (relay) && relay->link != NULL &&
         !umz_link_has_unsent (relay->link);
}

/* ---- the link ---- */

/* While a reply is held, or one is still being delivered, the relay stays without its link.
 * Takes why.  False: it is over.
 */
static bool
lose_link (UmzRelay *relay, GError *why, GError **error)
{
  bool is_needed = relay->held != NULL ||
                   (relay->filter != NULL && umz_local_get_waiting_bytes (&relay->local) > 0);

  if (!is_needed || !g_error_matches (why, UMZ_RELAY_ERROR, UMZ_RELAY_END_LINK)) {
    g_propagate_error (error, why);
    return false;
  }
  g_clear_pointer (&relay->link, umz_link_free);
  relay->link_error = why;
  if (relay->held != NULL)
    tell_held_state (relay);
  return true;
}

static bool
flush_link (UmzRelay *relay, GError **error)
{
  GError *local = NULL;

  return relay->link == NULL || umz_link_flush (relay->link, &local) ||
         lose_link (relay, local, error);
}

/* header_and_bytes: UMZ_FRAME_HEADER_BYTES to be filled in here, then n_bytes. */
static bool
send_data (UmzRelay *relay, uint8_t *header_and_bytes, size_t n_bytes, GError **error)
{
  umz_frame_encode_data_header (n_bytes, header_and_bytes);
  if (!umz_link_send (relay->link, header_and_bytes, UMZ_FRAME_HEADER_BYTES + n_bytes, error))
    return false;
  umz_flow_note_sent (&relay->flow, n_bytes, g_get_monotonic_time ());
  relay->link_bytes += n_bytes;
  return true;
}

static bool
send_coded (UmzRelay *relay, const uint8_t *bytes, size_t n_bytes, UmzCodecNext next,
            GError **error)
{
  size_t raw_bytes = 0;
  const GByteArray *frame =
    umz_coding_encode (relay->coding, bytes, n_bytes, next, &raw_bytes);

  if (frame == NULL)
    return true;
  umz_relay_fault_flip (&relay->start, UMZ_RELAY_FAULT_SPOIL_BATCH, relay->link_bytes,
                        frame->data + UMZ_FRAME_HEADER_BYTES, frame->len - UMZ_FRAME_HEADER_BYTES);
  if (!umz_link_send (relay->link, frame->data, frame->len, error))
    return false;
  umz_flow_note_sent (&relay->flow, raw_bytes, g_get_monotonic_time ());
  relay->link_bytes += frame->len - UMZ_FRAME_HEADER_BYTES;
  return true;
}

/* What QEMU at the target answers goes as it is. */
static bool
is_encoding (const UmzRelay *relay)
{
  return relay->coding != NULL && relay->start.side == UMZ_RELAY_SIDE_SOURCE &&
         !relay->coding_is_over;
}

static bool
end_coding (UmzRelay *relay, GError **error)
{
  if (!is_encoding (relay))
    return true;
  relay->coding_is_over = true;
  return send_coded (relay, NULL, 0, UMZ_CODEC_END, error);
}

static bool
send_memory (UmzRelay *relay, size_t n_bytes, GError **error)
{
  if (is_encoding (relay) && umz_coding_is_given_up (relay->coding) && !end_coding (relay, error))
    return false;
  if (is_encoding (relay))
    return send_coded (relay, relay->from_local + UMZ_FRAME_HEADER_BYTES, n_bytes,
                       UMZ_CODEC_MORE, error);
  if (relay->start.side == UMZ_RELAY_SIDE_SOURCE)
    relay->has_plain_rest = true;
  return send_data (relay, relay->from_local, n_bytes, error);
}

static bool
send_rpc (UmzRelay *relay, const uint8_t *bytes, size_t n_bytes, GError **error)
{
  if (relay->link == NULL)
    return true; /* lost; the connection ends after the held reply */

  g_autofree uint8_t *frame = g_malloc (UMZ_FRAME_HEADER_BYTES + n_bytes);
  memcpy (frame + UMZ_FRAME_HEADER_BYTES, bytes, n_bytes);
  return send_data (relay, frame, n_bytes, error);
}

static bool
take_ack (UmzRelay *relay, uint64_t total_bytes, GError **error)
{
  if (!umz_flow_note_acked (&relay->flow, total_bytes, g_get_monotonic_time ()))
    return end_with (UMZ_RELAY_END_HOSTILE, "the other relay acknowledged what was never sent",
                     error);
  if (umz_flow_is_sample_due (&relay->flow))
    umz_flow_take_sample (&relay->flow, umz_link_get_round_trip_us (relay->link));
  if (relay->coding != NULL)
    umz_coding_note_acked (relay->coding, total_bytes, umz_link_get_round_trip_us (relay->link));
  return true;
}

/* ---- the RPC filter ---- */

static bool
strike_at_finish (const UmzRelay *relay, const UmzRpcVerdict *verdict, GError **error)
{
  if ((verdict->event == UMZ_RPC_FINISH_CALLED &&
       umz_relay_fault_is (&relay->start, UMZ_RELAY_FAULT_CLOSE_AT_FINISH_CALL)) ||
      (verdict->event == UMZ_RPC_FINISH_REPLIED &&
       umz_relay_fault_is (&relay->start, UMZ_RELAY_FAULT_CLOSE_AT_FINISH_REPLY)))
    return end_with (UMZ_RELAY_END_FAULT, "injected fault at Finish", error);
  return true;
}

typedef enum {
  FROM_LOCAL,
  FROM_LINK,
} Origin;

static bool
act_on (UmzRelay *relay, Origin origin, const UmzRpcVerdict *verdict, GError **error)
{
  if (!strike_at_finish (relay, verdict, error))
    return false;

  switch (verdict->action) {
  case UMZ_RPC_NEED_MORE:
  case UMZ_RPC_SWALLOW: break;
  case UMZ_RPC_PASS:
    if (origin == FROM_LOCAL
          ? !send_rpc (relay, verdict->bytes, verdict->length_bytes, error)
          : !umz_local_write (&relay->local, verdict->bytes, verdict->length_bytes, error))
      return false;
    break;
  case UMZ_RPC_HOLD:
    g_assert (relay->held == NULL); /* the filter lets Finish be called once */
    relay->held = g_byte_array_new ();
    g_byte_array_append (relay->held, verdict->bytes, verdict->length_bytes);
    umz_relay_fault_spoil (&relay->start, relay->held->data + UMZ_RPC_HEADER_BYTES,
                           relay->held->len - UMZ_RPC_HEADER_BYTES);
    break;
  case UMZ_RPC_ANSWER:
    g_assert (origin == FROM_LOCAL); /* keepalives over the link are refused */
    if (!umz_local_write (&relay->local, verdict->bytes, verdict->length_bytes, error))
      return false;
    break;
  }
  tell_rpc_event (relay, verdict);
  return true;
}

static bool
run_filter (UmzRelay *relay, Origin origin, const uint8_t *bytes, size_t n_bytes, GError **error)
{
  bool from_source = (relay->start.side == UMZ_RELAY_SIDE_SOURCE) == (origin == FROM_LOCAL);
  UmzRpcDirection direction = from_source ? UMZ_RPC_CALLS : UMZ_RPC_REPLIES;
  UmzRpcVerdict verdict;
  UmzReader reader;

  umz_reader_init (&reader, bytes, n_bytes);
  do {
    if (!umz_rpc_filter_next (relay->filter, direction, &reader, &verdict, error) ||
        !act_on (relay, origin, &verdict, error))
      return false;
  } while (verdict.action != UMZ_RPC_NEED_MORE);
  return true;
}

/* ---- link → local ---- */

static void
want_local (UmzRelay *relay)
{
  if (relay->has_wanted_local)
    return;
  relay->has_wanted_local = true;
  tell_type (relay, UMZ_RELAY_MESSAGE_WANT_LOCAL);
}

static bool
take_stream (UmzRelay *relay, const uint8_t *bytes, size_t n_bytes, GError **error)
{
  if (relay->end_received)
    return end_with (UMZ_RELAY_END_HOSTILE, "the other relay sent data after its end", error);

  relay->taken_bytes += n_bytes;
  if (relay->start.side == UMZ_RELAY_SIDE_TARGET)
    want_local (relay);
  if (relay->filter != NULL ? !run_filter (relay, FROM_LINK, bytes, n_bytes, error)
                            : !umz_local_write (&relay->local, bytes, n_bytes, error))
    return false;
  if (umz_local_get_waiting_bytes (&relay->local) > WAITING_MAX_BYTES)
    return end_with (UMZ_RELAY_END_HOSTILE, "more data than the window allows", error);
  return true;
}

static bool
take_data (UmzRelay *relay, const uint8_t *bytes, size_t n_bytes, GError **error)
{
  if (relay->start.side == UMZ_RELAY_SIDE_TARGET)
    relay->coding_is_over = relay->has_plain_rest = true;
  relay->link_bytes += n_bytes;
  return take_stream (relay, bytes, n_bytes, error);
}

/* Nothing of a batch goes on before all of it is known to be as it was. */
static bool
take_coded (UmzRelay *relay, const uint8_t *batch, size_t n_bytes, GError **error)
{
  if (relay->coding == NULL || relay->start.side != UMZ_RELAY_SIDE_TARGET || relay->coding_is_over)
    return end_with (UMZ_RELAY_END_HOSTILE, "the other relay sent a batch out of place", error);

  relay->link_bytes += n_bytes;
  const GByteArray *bytes = umz_coding_decode (relay->coding, batch, n_bytes, error);
  return bytes != NULL && take_stream (relay, bytes->data, bytes->len, error);
}

static bool
take_end (UmzRelay *relay, GError **error)
{
  if (relay->end_received)
    return end_with (UMZ_RELAY_END_HOSTILE, "the other relay ended twice", error);

  relay->end_received = true;
  relay->stats_due_us = 0;
  if (relay->start.side == UMZ_RELAY_SIDE_TARGET && !relay->has_wanted_local)
    relay->local.at_end = true; /* not a byte came: nobody needs to be connected */
  return true;
}

static bool
take_frames (UmzRelay *relay, const uint8_t *bytes, size_t n_bytes, GError **error)
{
  UmzReader reader;
  UmzFrame frame;

  umz_reader_init (&reader, bytes, n_bytes);
  for (;;) {
    if (!umz_frame_decoder_next (&relay->frames, &reader, &frame, error))
      return false;
    if (frame.type == 0)
      return true;

    bool ok = false;
    switch (frame.type) {
    case UMZ_FRAME_DATA: ok = take_data (relay, frame.data, frame.length_bytes, error); break;
    case UMZ_FRAME_CODED: ok = take_coded (relay, frame.data, frame.length_bytes, error); break;
    case UMZ_FRAME_END: ok = take_end (relay, error); break;
    case UMZ_FRAME_ACK: ok = take_ack (relay, frame.total_bytes, error); break;
    }
    if (!ok)
      return false;
  }
}

/* Records are gathered first, so that the local socket gets them in few calls. */
static bool
take_records (UmzRelay *relay, GError **error)
{
  g_autoptr (GError) why = NULL;
  UmzLinkResult result;

  do {
    size_t n_bytes = 0, n = 0;
    while ((result = umz_link_recv (relay->link, relay->from_link + n_bytes,
                                    UMZ_LINK_BATCH_BYTES - n_bytes, &n, &why)) == UMZ_LINK_BYTES) {
      n_bytes += n;
      if (n_bytes == UMZ_LINK_BATCH_BYTES)
        break;
    }
    if (!take_frames (relay, relay->from_link, n_bytes, error))
      return false;
  } while (result == UMZ_LINK_BYTES);

  if (result != UMZ_LINK_NOTHING && is_done (relay))
    return true; /* the other relay was first to see that all is done */
  if (result == UMZ_LINK_FINISHED)
    end_with (UMZ_RELAY_END_LINK, "the other relay ended the link early", &why);
  return result == UMZ_LINK_NOTHING || lose_link (relay, g_steal_pointer (&why), error);
}

static void
become_ready (UmzRelay *relay)
{
  relay->is_ready = true;
  relay->stats_due_us = g_get_monotonic_time () + STATS_EVERY_US;
  tell_type (relay, UMZ_RELAY_MESSAGE_READY);
  if (relay->start.side == UMZ_RELAY_SIDE_TARGET && relay->start.kind == UMZ_RELAY_KIND_RPC)
    want_local (relay);
}

static bool
read_link (UmzRelay *relay, GError **error)
{
  GError *why = NULL;
  bool done = true;

  if (!umz_link_fill (relay->link, &why))
    return lose_link (relay, why, error);
  if (!relay->is_ready && !umz_link_handshake (relay->link, &done, error))
    return false;
  if (!done)
    return true;
  if (!relay->is_ready)
    become_ready (relay);
  return take_records (relay, error);
}

/* ---- local → link ---- */

/* Whether it is the link that keeps us from reading. */
static bool
is_blocked (const UmzRelay *relay)
{
  return umz_link_has_unsent (relay->link) || umz_flow_get_room_bytes (&relay->flow) == 0 ||
         (is_encoding (relay) && umz_coding_is_blocked (relay->coding));
}

static size_t
get_wanted_bytes (const UmzRelay *relay)
{
  if (!relay->is_ready || relay->local.fd < 0 || relay->local.at_end)
    return 0;
  if (relay->link == NULL)
    return UMZ_LINK_BATCH_BYTES; /* a reply is held: go on answering keepalives */
  if (is_blocked (relay))
    return 0;
  return MIN (umz_flow_get_room_bytes (&relay->flow), UMZ_LINK_BATCH_BYTES);
}

static bool
read_local (UmzRelay *relay, GError **error)
{
  uint8_t *bytes = relay->from_local + UMZ_FRAME_HEADER_BYTES;
  uint64_t offset = relay->local.read_bytes;
  size_t n = 0;

  if (!umz_local_read (&relay->local, bytes, get_wanted_bytes (relay), &n, error))
    return false;
  if (n == 0)
    return true;
  if (relay->filter != NULL)
    return run_filter (relay, FROM_LOCAL, bytes, n, error);
  umz_relay_fault_flip (&relay->start, UMZ_RELAY_FAULT_FLIP_BYTE, offset, bytes, n);
  return send_memory (relay, n, error);
}

static bool
is_owner (const UmzRelay *relay, int fd)
{
  pid_t pid;
  uid_t uid;
  return umz_unix_get_peer (fd, &pid, &uid) && uid == relay->owner;
}

static bool
accept_local (UmzRelay *relay, GError **error)
{
  int fd = accept4 (relay->listener_fd, NULL, NULL, SOCK_CLOEXEC);

  if (fd < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED))
    return true;
  if (fd < 0)
    return end_with (UMZ_RELAY_END_LOCAL, strerrordesc_np (errno), error);
  if (!is_owner (relay, fd)) {
    (void) close (fd); /* a stranger has read nothing and said nothing */
    return true;
  }

  (void) close (relay->listener_fd); /* one connection is all */
  relay->listener_fd = -1;
  umz_local_attach (&relay->local, fd);
  tell_type (relay, UMZ_RELAY_MESSAGE_CONNECTED);
  return true;
}

/* ---- from umzugd ---- */

static bool
take_local (UmzRelay *relay, UmzRelayMessage *message, GError **error)
{
  if (!relay->has_wanted_local || relay->local.fd >= 0)
    return end_with (UMZ_RELAY_END_CONTROL, "LOCAL was not wanted", error);
  umz_local_attach (&relay->local, umz_relay_message_steal_fd (message, 0));
  tell_type (relay, UMZ_RELAY_MESSAGE_CONNECTED);
  return umz_local_flush (&relay->local, error);
}

static bool
release (UmzRelay *relay, GError **error)
{
  if (relay->held == NULL)
    return true;

  g_autoptr (GByteArray) frame = g_steal_pointer (&relay->held);
  return umz_local_write (&relay->local, frame->data, frame->len, error);
}

static bool
obey (UmzRelay *relay, UmzRelayMessage *message, GError **error)
{
  switch (message->type) {
  case UMZ_RELAY_MESSAGE_LOCAL: return take_local (relay, message, error);
  case UMZ_RELAY_MESSAGE_QUERY_HELD: tell_held_state (relay); return true;
  case UMZ_RELAY_MESSAGE_RELEASE: return release (relay, error);
  case UMZ_RELAY_MESSAGE_LIMIT:
    umz_flow_set_limit (&relay->flow, message->limit.limit_us);
    if (relay->coding != NULL)
      umz_coding_set_limit (relay->coding, message->limit.limit_us);
    return true;
  case UMZ_RELAY_MESSAGE_STOP: return end_with (UMZ_RELAY_END_STOPPED, "stopped", error);
  case UMZ_RELAY_MESSAGE_START: return end_with (UMZ_RELAY_END_CONTROL, "a second START", error);
  case UMZ_RELAY_MESSAGE_READY:
  case UMZ_RELAY_MESSAGE_WANT_LOCAL:
  case UMZ_RELAY_MESSAGE_CONNECTED:
  case UMZ_RELAY_MESSAGE_PREPARED:
  case UMZ_RELAY_MESSAGE_FINISH_CALLED:
  case UMZ_RELAY_MESSAGE_FINISH_REPLIED:
  case UMZ_RELAY_MESSAGE_HELD_STATE:
  case UMZ_RELAY_MESSAGE_STATS:
  case UMZ_RELAY_MESSAGE_MIRROR:
  case UMZ_RELAY_MESSAGE_ENDED: break;
  }
  g_assert_not_reached (); /* the receiver refuses what a relay sends */
}

static bool
read_control (UmzRelay *relay, GError **error)
{
  g_auto (UmzRelayMessage) message = UMZ_RELAY_MESSAGE_INIT;
  g_autoptr (GError) why = NULL;

  if (umz_relay_control_recv (relay->control_fd, UMZ_RELAY_FROM_DAEMON, &message, &why))
    return obey (relay, &message, error);
  if (g_error_matches (why, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return true;
  relay->control_lost = true;
  return end_with (UMZ_RELAY_END_CONTROL, why->message, error);
}

/* ---- one turn of the loop ---- */

static bool
send_ack (UmzRelay *relay, GError **error)
{
  uint8_t ack[UMZ_FRAME_ACK_BYTES];

  relay->told_bytes = get_delivered_bytes (relay);
  umz_frame_encode_ack (relay->told_bytes, ack);
  return umz_link_send (relay->link, ack, sizeof ack, error);
}

static bool
send_end (UmzRelay *relay, GError **error)
{
  uint8_t end[UMZ_FRAME_HEADER_BYTES];

  if (!end_coding (relay, error))
    return false;
  relay->end_sent = true;
  relay->stats_due_us = 0;
  umz_frame_encode_end (end);
  return umz_link_send (relay->link, end, sizeof end, error);
}

/* What is due on the link after the data of this turn. */
static bool
send_due (UmzRelay *relay, GError **error)
{
  if (relay->link == NULL || !relay->is_ready)
    return flush_link (relay, error);
  if (relay->local.at_end && !relay->end_sent && !send_end (relay, error))
    return false;
  if (!umz_link_has_unsent (relay->link) || relay->end_sent)
    if (get_delivered_bytes (relay) != relay->told_bytes && !send_ack (relay, error))
      return false;
  return flush_link (relay, error);
}

static bool
settle (UmzRelay *relay, GError **error)
{
  if (relay->control_lost)
    return end_with (UMZ_RELAY_END_CONTROL, "umzugd is gone", error);
  if (relay->link == NULL && is_drained (relay)) {
    g_propagate_error (error, g_steal_pointer (&relay->link_error));
    return false;
  }
  if (relay->end_received && is_drained (relay) && relay->local.fd >= 0 && !relay->local.is_shut)
    umz_local_shut (&relay->local);
  if (is_done (relay)) {
    tell_stats (relay);
    tell_mirror (relay);
    umz_link_finish (relay->link);
    (void) umz_link_flush (relay->link, NULL); /* the other side has everything already */
    return end_with (UMZ_RELAY_END_DONE, "done", error);
  }
  if (relay->is_ready && g_get_monotonic_time () >= relay->stats_due_us) {
    relay->stats_due_us = g_get_monotonic_time () + STATS_EVERY_US;
    if (g_queue_is_empty (&relay->events)) /* else umzugd is behind; newer figures will do */
      tell_stats (relay);
  }
  return true;
}

typedef enum {
  POLL_CONTROL,
  POLL_LINK,
  POLL_LOCAL,
  POLL_LISTENER,
  N_POLLED,
} Polled;

/* A descriptor of which nothing is wanted is left out: it would report a hang-up for ever. */
static void
choose (const UmzRelay *relay, struct pollfd *polled)
{
  bool watch_hang_up = relay->held != NULL && !relay->hang_up_told;
  bool has_unsent = relay->link != NULL && umz_link_has_unsent (relay->link);
  bool has_waiting = umz_local_get_waiting_bytes (&relay->local) > 0;
  const short local_events = (get_wanted_bytes (relay) > 0 ? POLLIN : 0) |
                             (has_waiting ? POLLOUT : 0) | (watch_hang_up ? POLLRDHUP : 0);

  polled[POLL_CONTROL] = (struct pollfd){
    .fd = relay->control_fd,
    .events = POLLIN | (g_queue_is_empty (&((UmzRelay *) relay)->events) ? 0 : POLLOUT),
  };
  polled[POLL_LINK] = (struct pollfd){
    .fd = relay->link != NULL ? umz_link_get_fd (relay->link) : -1,
    .events = POLLIN | (has_unsent ? POLLOUT : 0),
  };
  polled[POLL_LOCAL] =
    (struct pollfd){ .fd = local_events ? relay->local.fd : -1, .events = local_events };
  polled[POLL_LISTENER] = (struct pollfd){ .fd = relay->listener_fd, .events = POLLIN };
}

static int
get_timeout_ms (const UmzRelay *relay)
{
  if (!relay->is_ready)
    return -1;

  int64_t left_us = relay->stats_due_us - g_get_monotonic_time ();
  return left_us <= 0 ? 0 : left_us / 1000 + 1;
}

static bool
serve_local (UmzRelay *relay, short happened, GError **error)
{
  if ((happened & (POLLRDHUP | POLLHUP | POLLERR)) && relay->held != NULL && !relay->hang_up_told) {
    relay->hang_up_told = true;
    tell_held_state (relay);
  }
  if ((happened & POLLOUT) && !umz_local_flush (&relay->local, error))
    return false;
  if ((happened & (POLLIN | POLLHUP | POLLERR)) && get_wanted_bytes (relay) > 0)
    return read_local (relay, error);
  return true;
}

/* As often as figures are told. */
static bool
look_for_silence (UmzRelay *relay, GError **error)
{
  GError *why = NULL;

  if (relay->link == NULL || !relay->is_ready ||
      g_get_monotonic_time () < relay->stats_due_us || !umz_link_is_silent (relay->link))
    return true;
  end_with (UMZ_RELAY_END_LINK, "link: nobody answers", &why);
  return lose_link (relay, why, error);
}

static bool
turn (UmzRelay *relay, GError **error)
{
  struct pollfd polled[N_POLLED];

  choose (relay, polled);
  int64_t start_us = g_get_monotonic_time ();
  bool was_blocked = relay->link != NULL && is_encoding (relay) && is_blocked (relay);
  uint64_t queued_bytes = was_blocked ? umz_link_get_queued_bytes (relay->link) : 0;
  if (poll (polled, N_POLLED, get_timeout_ms (relay)) < 0) {
    g_assert (errno == EINTR);
    return true;
  }
  if (was_blocked)
    umz_coding_note_waited (relay->coding, g_get_monotonic_time () - start_us, queued_bytes);

  if (polled[POLL_CONTROL].revents & POLLOUT)
    flush_events (relay);
  if ((polled[POLL_CONTROL].revents & ~POLLOUT) && !read_control (relay, error))
    return false;
  if (polled[POLL_LISTENER].revents && !accept_local (relay, error))
    return false;
  if ((polled[POLL_LINK].revents & ~POLLOUT) && !read_link (relay, error))
    return false;
  if (!serve_local (relay, polled[POLL_LOCAL].revents, error))
    return false;
  return look_for_silence (relay, error) && send_due (relay, error) && settle (relay, error);
}

/* ---- life ---- */

static void
relay_init (UmzRelay *relay, int control_fd, UmzRelayMessage *start)
{
  bool is_source = start->start.side == UMZ_RELAY_SIDE_SOURCE;

  *relay = (UmzRelay){
    .control_fd = control_fd,
    .start = start->start,
    .listener_fd = is_source ? umz_relay_message_steal_fd (start, 1) : -1,
    .from_local = g_malloc (UMZ_FRAME_HEADER_BYTES + UMZ_LINK_BATCH_BYTES),
    .from_link = g_malloc (UMZ_LINK_BATCH_BYTES),
  };
  if (start->start.engine == UMZ_RELAY_ENGINE_CODEC)
    relay->coding =
      umz_coding_new (&start->start, umz_relay_message_steal_fd (start, is_source ? 2 : 1));
  explicit_bzero (relay->start.key, sizeof relay->start.key);
  explicit_bzero (relay->start.mirror_key, sizeof relay->start.mirror_key);
  g_queue_init (&relay->events);
  umz_local_init (&relay->local);
  umz_flow_init (&relay->flow, start->start.limit_us);
  if (start->start.kind == UMZ_RELAY_KIND_RPC)
    relay->filter =
      umz_rpc_filter_new (start->start.side, start->start.vm_name, start->start.vm_uuid);
}

static void
close_sockets (UmzRelay *relay)
{
  g_clear_pointer (&relay->link, umz_link_free);
  umz_local_clear (&relay->local);
  if (relay->listener_fd >= 0)
    (void) close (relay->listener_fd); /* nothing depends on how that ends */
  relay->listener_fd = -1;
}

static void
relay_clear (UmzRelay *relay)
{
  close_sockets (relay);
  g_clear_error (&relay->link_error);
  g_clear_pointer (&relay->filter, umz_rpc_filter_free);
  g_clear_pointer (&relay->coding, umz_coding_free);
  umz_frame_decoder_clear (&relay->frames);
  g_clear_pointer (&relay->held, g_byte_array_unref);
  g_queue_clear_full (&relay->events, g_free);
  g_free (relay->from_local);
  g_free (relay->from_link);
}

/* Whole letters only, and nothing that a terminal would obey: parts of it may come from outside. */
static void
copy_text (char *to, size_t size, const char *from)
{
  const char *end;

  memset (to, 0, size);
  g_strlcpy (to, from, size);
  if (!g_utf8_validate (to, -1, &end))
    to[end - to] = '\0';
  for (char *c = to; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = '?';
}

/* umzugd learns it before libvirtd and QEMU do, unless it does not read. */
static void
tell_ended (UmzRelay *relay, const GError *why)
{
  UmzRelayMessage message = UMZ_RELAY_MESSAGE_INIT;

  message.type = UMZ_RELAY_MESSAGE_ENDED;
  message.ended.at_us = g_get_monotonic_time ();
  message.ended.end = why->code;
  copy_text (message.ended.text, sizeof message.ended.text, why->message);
  tell (relay, &message);

  close_sockets (relay);
  while (!relay->control_lost && !g_queue_is_empty (&relay->events)) {
    struct pollfd p = { .fd = relay->control_fd, .events = POLLOUT };
    if (poll (&p, 1, -1) < 0)
      continue;
    relay->control_lost = (p.revents & (POLLHUP | POLLERR)) != 0;
    flush_events (relay);
  }
}

UmzRelayEnd
umz_relay_run (int control_fd, UmzRelayMessage *start, uid_t owner)
{
  UmzRelay relay;
  g_autoptr (GError) why = NULL;

  relay_init (&relay, control_fd, start);
  relay.owner = owner;
  relay.link = umz_link_new (umz_relay_message_steal_fd (start, 0), start->start.side,
                             start->start.stream_id, start->start.key, &why);
  umz_relay_message_clear (start);

  bool done = false;
  if (relay.link != NULL && umz_link_handshake (relay.link, &done, &why) &&
      flush_link (&relay, &why))
    while (turn (&relay, &why))
      ;
  if (!relay.control_lost)
    tell_ended (&relay, why);
  UmzRelayEnd end = why->code;
  relay_clear (&relay);
  return end;
}

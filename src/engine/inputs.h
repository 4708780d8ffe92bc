/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* inputs.h: all that a move hears, in the order in which it came.
 *
 * Relays, libvirt's migration, the heartbeat, the operator and the other SU speak to a move through
 * this queue alone, so its course reads from top to bottom, and what it decides depends on the
 * order in which it hears things, not on luck.
 */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "engine/terms.h"
#include "messages/catalogue.h"
#include "relay/control.h"

typedef enum {
  UMZ_INPUT_NOTHING,    /* the time is over */
  UMZ_INPUT_RELAY,      /* a relay says something */
  UMZ_INPUT_RELAY_GONE, /* a relay's process is gone */
  UMZ_INPUT_STREAM,     /* target: a connection for one of our streams */
  UMZ_INPUT_P2P_ENDED,  /* source: libvirt's migration call has returned */
  UMZ_INPUT_LINK_LOST,  /* the other SU does not answer */
  UMZ_INPUT_CANCEL,     /* source: an operator asks for the end */
  UMZ_INPUT_STOPPED,    /* source: the guest stands still */
  UMZ_INPUT_GIVE_UP,    /* source: the guard's decision, with its figures */
  UMZ_INPUT_RAISED,     /* source: the guest may stand still for longer; with the figures */
  UMZ_INPUT_SUSPENDED,  /* source: the guard has suspended the guest; with the figures */
  UMZ_INPUT_GO,         /* target: the source says GO(epoch) */
  UMZ_INPUT_GO_LAST,    /* target: the same, and that it can never take the guest back */
  UMZ_INPUT_ABORT,      /* target: the source says ABORTED(epoch) */
  UMZ_INPUT_GONE,       /* target: the source says GONE(epoch): it will not ask again */
  UMZ_INPUT_DECIDE,     /* an operator decides what is in doubt */
  UMZ_INPUT_QUIT,       /* umzugd ends; the journal keeps the rest */
} UmzInputKind;

/* Where the thread of a peer's request waits for the answer of the move's thread. */
typedef struct UmzReplySlot UmzReplySlot;

typedef struct {
  UmzInputKind kind;
  UmzRelayKind stream;     /* RELAY, RELAY_GONE, STREAM */
  UmzRelayMessage message; /* RELAY */
  int fd;                  /* STREAM; owned, -1 otherwise */
  UmzDecision decision;    /* DECIDE */
  UmzNotice *notice;       /* owned; the cause; of P2P_ENDED NULL: success; of DECIDE: who, what */
  uint64_t suspension_us;  /* RAISED: permitted */
  UmzReplySlot *slot;      /* a reference; GO, ABORT, GONE */
} UmzInput;

void umz_input_free (UmzInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzInput, umz_input_free)

/* Answers a request; answer is taken.  Whoever asked may have given up waiting. */
void umz_input_answer (UmzInput *input, JsonNode *answer);

typedef struct UmzInputs UmzInputs;

/* move_id is for the log. */
UmzInputs *umz_inputs_new (const char *move_id);
void umz_inputs_free (UmzInputs *inputs);

/* ---- for any thread ---- */

/* notice (may be NULL) is taken. */
void umz_inputs_push (UmzInputs *inputs, UmzInputKind kind, UmzNotice *notice);
void umz_inputs_push_raised (UmzInputs *inputs, uint64_t suspension_us, UmzNotice *notice);
void umz_inputs_push_decision (UmzInputs *inputs, UmzDecision decision, UmzNotice *notice);
/* fd is taken. */
void umz_inputs_push_stream (UmzInputs *inputs, UmzRelayKind stream, int fd);
/* What a relay says; it carries no descriptors.  NULL: it is gone. */
void umz_inputs_push_relay (UmzInputs *inputs, UmzRelayKind stream, const UmzRelayMessage *message);

/* Pushes a request and waits at most timeout_s for its answer; NULL: none came. */
JsonNode *umz_inputs_ask (UmzInputs *inputs, UmzInputKind kind, UmzNotice *notice,
                          unsigned timeout_s);

/* ---- for the move's thread ---- */

/* The next input, or UMZ_INPUT_NOTHING after timeout_ms; once QUIT was among them, QUIT.  Free it.
 */
UmzInput *umz_inputs_pop (UmzInputs *inputs, unsigned timeout_ms);

/* Whether nothing waits at this moment. */
bool umz_inputs_is_empty (const UmzInputs *inputs);

/* Whether QUIT was among them; never taken back. */
bool umz_inputs_must_quit (const UmzInputs *inputs);

/* Tries until it succeeds, twice a second, and logs each new failure.  False: umzugd ends first.
 * What comes meanwhile is dropped, and whoever asked gets no answer.
 */
typedef bool (*UmzAttempt) (void *data, GError **error);
bool umz_inputs_insist (UmzInputs *inputs, UmzAttempt attempt, void *data);

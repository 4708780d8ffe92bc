/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* move.h: one move on one SU: what both sides share, for the engine's own files.
 *
 * A move is a thread that runs its course (departure.h, arrival.h) and hears through its inputs.
 * It changes its state by umz_move_step() alone, which journals before anything is done.
 */
#pragma once

#include <gio/gio.h>
#include <glib.h>

#include "engine/inputs.h"
#include "engine/lines.h"
#include "engine/machine.h"
#include "engine/means.h"
#include "engine/pace.h"
#include "engine/relay-process.h"
#include "engine/terms.h"
#include "engine/transfer.h"
#include "host/process.h"
#include "model/side.h"
#include "model/vm.h"
#include "peer/client.h"

typedef struct {
  uint8_t id[UMZ_RELAY_STREAM_ID_BYTES];
  uint8_t key[UMZ_RELAY_KEY_BYTES];
} UmzStream;

#define UMZ_N_STREAMS 2 /* RPC, MEMORY: index is kind - 1 */

typedef struct UmzMove UmzMove;
typedef void (*UmzCourse) (UmzMove *move);

struct UmzMove {
  /* What never changes. */
  const UmzMeans *means; /* borrowed; the engine ends every move before it goes */
  UmzSide side;
  UmzVm *vm;                 /* owned */
  UmzVmState vm_state;       /* at the source, when the move began */
  char *label;               /* owned; the VM insert, "(12,VM12PROD)" */
  char *folder;              /* owned; of the sockets */
  UmzHypervisor *hypervisor; /* owned; a connection for this move alone */
  bool is_recovered;         /* from the journal, after a restart of umzugd */

  /* Set before the move runs. */
  UmzStream streams[UMZ_N_STREAMS];
  UmzMoveTerms terms;
  UmzExpectation expected;
  UmzCourse course; /* of the thread */

  /* For any thread. */
  UmzInputs *inputs;       /* owned */
  UmzLines *lines;         /* owned */
  GCancellable *interrupt; /* owned; cancelled when an operator cancels the move */

  /* Of the engine. */
  GThread *thread; /* owned */

  /* Of the move's thread. */
  UmzTransfer transfer;
  UmzPeerClient *client;                  /* owned */
  UmzRelayProcess *relays[UMZ_N_STREAMS]; /* owned */
  UmzProcess *copy;                       /* target, owned: the arrived QEMU, see copy.h; or NULL */
  int64_t copy_us;                        /* source: how long memory was copied */
  int64_t stood_us;                       /* source: how long the guest stood, as umzugd saw it */

  GMutex lock;           /* of everything below */
  UmzMoveRecord *record; /* owned; changed by the move's thread only */
  UmzState state;
  UmzProgress progress;
  UmzPace pace;       /* at which the guest's memory arrives */
  int64_t heard_us;   /* monotonic; when the other SU was last heard; 0: in an earlier run */
  int64_t doubt_us;   /* monotonic; when it last came to be in doubt */
  bool is_forgotten;  /* by the other SU, which has lost its journal */
  bool has_doubted;   /* since the other SU last said what decides */
  bool is_canceled;   /* source: by an operator, in time */
  bool is_too_late;   /* source: to cancel it */
  bool has_ended;     /* the operator was told the outcome */
  UmzNotice *cause;   /* source, owned: why it was aborted; NULL: it was not */
  UmzNotice *refusal; /* target, owned: why the copy is refused; NULL: it is not */
  GCond ended;        /* has_ended, or the record closed: one of both has become true */

  /* What the relays said last. */
  bool is_copy_complete; /* target: the Finish reply has passed */
  UmzRelayMirror mirror;
  UmzRelayEnded ends[UMZ_N_STREAMS]; /* of each kind's relay the last word; all zero: none yet */
};

/* record and vm are taken. */
UmzMove *umz_move_new (const UmzMeans *means, UmzSide side, UmzMoveRecord *record, UmzVm *vm);

/* One that the journal has left open, as the journal has it; record is taken. */
UmzMove *umz_move_new_from_journal (const UmzMeans *means, UmzMoveRecord *record);

UmzMove *umz_move_ref (UmzMove *move);
void umz_move_unref (UmzMove *move);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzMove, umz_move_unref)

/* What is known of a move that begins now; without id and epoch. */
UmzMoveRecord *umz_move_make_record (UmzSide side, const UmzVm *vm, const char *peer);

/* Starts the move's thread, which runs its course; it holds a reference. */
void umz_move_run (UmzMove *move, UmzCourse course);

/* ---- for any thread ---- */

UmzState umz_move_get_state (UmzMove *move);
bool umz_move_is_in_doubt (UmzMove *move);
bool umz_move_has_ended (UmzMove *move);
bool umz_move_is_closed (UmzMove *move);

/* Waits for it, at most until end_us (monotonic).  False: it has not come. */
bool umz_move_wait_until_ended (UmzMove *move, int64_t end_us);
bool umz_move_wait_until_closed (UmzMove *move, int64_t end_us);

/* Source: ends the move on behalf of an operator; notice is taken.  False: it is too late. */
bool umz_move_cancel (UmzMove *move, UmzNotice *notice);

/* The other SU was heard just now. */
void umz_move_hear (UmzMove *move);

/* Adds "notice", the reason, if the copy is refused. */
void umz_move_add_refusal (UmzMove *move, JsonBuilder *builder);

/* ---- for the move's thread ---- */

/* Source: from now on it is too late to cancel.  False: it was cancelled. */
bool umz_move_go_through (UmzMove *move);

/* Takes the event: looks up the row, journals, and only then changes the state.  An event without a
 * row is a bug.  False: the journal cannot be written, and the state is what it was.
 */
bool umz_move_step (UmzMove *move, UmzEvent event, GError **error);

/* umz_inputs_insist(); that the store cannot be written is said on the console, too (UMZ0249). */
bool umz_move_insist_on (UmzMove *move, UmzAttempt attempt, void *data);

/* umz_move_step(), insisted on.  False: umzugd ends first. */
bool umz_move_insist (UmzMove *move, UmzEvent event);

/* The same of a step that a restart takes again, from what is journaled before it: it is taken
 * though the journal cannot be written.
 */
void umz_move_step_anyway (UmzMove *move, UmzEvent event);

/* The console says, once, why it cannot be written. */
void umz_move_say_unwritten (UmzMove *move, const GError *error);

/* An operator's decision (NULL: there is none), in the journal with what is journaled next; and at
 * once.
 */
void umz_move_set_decision (UmzMove *move, const char *text);
bool umz_move_journal_decision (UmzMove *move, const char *text, GError **error);

/* Target: the copy is frozen, and nobody was at it before; the same. */
void umz_move_set_held (UmzMove *move);
bool umz_move_journal_held (UmzMove *move, GError **error);

/* Source: before the target is told that nobody else can run the guest. */
bool umz_move_journal_last (UmzMove *move, GError **error);

/* Source, before the target has a place for the VM: it goes on with an epoch beyond that one, of
 * which this SU has lost the memory.  Journaled.
 */
bool umz_move_raise_epoch (UmzMove *move, uint64_t beyond, GError **error);

/* Journals that nothing is left to be done; if umzugd ends before it can, the move is taken up
 * again.
 */
void umz_move_close (UmzMove *move);

/* Closes one that is not in the journal, for it could not be written. */
void umz_move_drop (UmzMove *move);

/* Tells whoever watches the move (the job variable) how it stands. */
void umz_move_tell (UmzMove *move, UmzMonjvState status, const char *cause_code);

/* Source: why the move is aborted; told before its end is.  Target: why the copy is refused. */
void umz_move_note_cause (UmzMove *move, const UmzNotice *cause);
void umz_move_note_refusal (UmzMove *move, const UmzNotice *why);

void umz_move_set_phase (UmzMove *move, UmzPhase phase);

/* What umz_peer_call() needs to name this move and its epoch, and how many of the other SU's
 * lines are here; notice may be NULL.  Our own lines go along except where the guest stands still
 * meanwhile: the other SU would write them to its disk.
 */
typedef enum {
  UMZ_LINES_LATER,
  UMZ_LINES_ALONG,
} UmzLinesTime;
JsonNode *umz_move_peer_request (UmzMove *move, const UmzNotice *notice, UmzLinesTime lines);

/* Calls the other SU about this move: "/moves/ID" + suffix. */
JsonNode *umz_move_call_peer (UmzMove *move, const char *suffix, JsonNode *request,
                              unsigned timeout_s, GError **error);

/* The state in which the other SU says that it is; false: it says none, or none that we know. */
bool umz_move_read_state (JsonNode *answer, UmzState *ret_state);

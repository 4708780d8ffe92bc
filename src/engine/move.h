/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* move.h: one move on one SU, for the engine's own files.
 *
 * A move is a thread that reads inputs from a queue.  Relays, libvirt's migration, the heartbeat,
 * the operator and the other SU all speak to it through that queue, so its own course reads from
 * top to bottom, and what it decides depends on the order in which it hears things, not on luck.
 */
#pragma once

#include <glib.h>

#include "engine/engine.h"
#include "engine/machine.h"
#include "engine/pace.h"
#include "engine/relays.h"
#include "host/process.h"
#include "hypervisor/hypervisor.h"
#include "mirrors/mirrors.h"
#include "peer/client.h"
#include "store/store.h"

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
typedef struct {
  GMutex lock;
  GCond answered;
  JsonNode *answer;  /* NULL until answered */
  bool is_abandoned; /* nobody will answer */
} UmzReplySlot;

typedef struct {
  UmzInputKind kind;
  UmzRelayKind stream;     /* RELAY, RELAY_GONE, STREAM */
  UmzRelayMessage message; /* RELAY */
  int fd;                  /* STREAM; owned, -1 otherwise */
  UmzDecision decision;    /* DECIDE */
  UmzNotice *notice;       /* the cause; of P2P_ENDED NULL: success; of DECIDE: who and what */
  uint64_t suspension_us;  /* RAISED: permitted */
  UmzReplySlot *slot;      /* GO, ABORT, GONE; refcounted */
} UmzInput;

#define UMZ_FOLDER_NAME_LENGTH 13 /* of a UUID: 12 digits and a hyphen */

typedef struct {
  uint8_t id[UMZ_RELAY_STREAM_ID_BYTES];
  uint8_t key[UMZ_RELAY_KEY_BYTES];
} UmzStream;

#define UMZ_PERMITTED_SUSPENSION_US 300000 /* QEMU's default downtime-limit */
#define UMZ_N_STREAMS               2      /* RPC, MEMORY: index is kind - 1 */

typedef enum {
  UMZ_MIRROR_NONE,
  UMZ_MIRROR_EMPTY,
  UMZ_MIRROR_KEPT, /* of an earlier move of this VM between the same SUs */
} UmzMirrorUse;

typedef void (*UmzCourse) (UmzMove *move);

struct UmzMove {
  UmzEngine *engine; /* borrowed; it ends every move before it goes */
  UmzSide side;
  UmzVm *vm;           /* owned */
  UmzVmState vm_state; /* at the source, when the move began */
  UmzStream streams[UMZ_N_STREAMS];
  UmzMoveTerms terms;
  UmzExpectation expected;
  UmzRelayEngine transfer_engine; /* see transfer.h, as of the next two */
  UmzMirrorUse mirror_offered;    /* source: the most that the target may answer */
  UmzMirrorUse mirror_use;
  UmzMirrorFile mirror_file;       /* if there is one; the descriptor is owned, or -1 */
  char *folder;                    /* owned; of the sockets */
  GAsyncQueue *inputs;             /* owned; of UmzInput */
  GThread *thread;                 /* owned */
  UmzCourse course;                /* of the thread */
  UmzPeerClient *client;           /* owned; of the move's thread */
  UmzRelay *relays[UMZ_N_STREAMS]; /* owned; of the move's thread */
  GCancellable *interrupt;         /* owned; cancelled when an operator cancels the move */
  bool is_recovered;               /* from the journal, after a restart of umzugd */
  bool must_quit;                  /* of the move's thread: umzugd ends; never taken back */
  bool is_told_to_run;             /* target: the copy, by us */
  bool is_ours_since_now;          /* target: it became OWNER in this run of umzugd */
  UmzNotice *end_of_stream;        /* target, owned: why the relay here has ended it; or NULL */
  bool may_have_run;               /* target: it was told to run, seen running, or others had it */
  UmzProcess *copy;                /* target, owned: the arrived QEMU, frozen until we know */
  bool is_copy_held;               /* target: frozen since it came, by us */
  int64_t disks_due_us;            /* target, monotonic: when its disks are looked at again */
  bool is_defined;                 /* target: the definition is with libvirt */
  int64_t stood_since_us;          /* source, monotonic: when the guest came to stand; 0: runs */
  int64_t copy_since_us;           /* source, monotonic: when memory began to be copied */
  int64_t copy_us;                 /* source: how long it was, until the guest came to stand */
  int64_t stood_us;                /* source: how long it stood, as far as umzugd saw it */

  GMutex lock;           /* of everything below */
  UmzMoveRecord *record; /* owned; changed by the move's thread only */
  UmzState state;
  UmzProgress progress;
  UmzPace pace;           /* at which the guest's memory arrives */
  GPtrArray *lines;       /* owned; UmzConsoleLine said here, for the other SU */
  uint64_t n_lines_heard; /* how many of them it has */
  int64_t heard_us;       /* monotonic; when the other SU was last heard; 0: in an earlier run */
  int64_t doubt_us;       /* monotonic; when it last came to be in doubt */
  bool is_canceled;       /* source: by an operator, in time */
  bool is_too_late;       /* source: to cancel it */
  bool has_ended;         /* the operator was told the outcome */
  UmzNotice *cause;       /* source, owned: why it was aborted; NULL: it was not */
  bool is_copy_complete;  /* target: the Finish reply has passed */
  UmzNotice *refusal;     /* target, owned: why the copy is refused; NULL: it is not */
  UmzRelayMirror mirror;  /* what the memory relay said last */
  UmzRelayEnded ended[UMZ_N_STREAMS]; /* of each kind's relay the last word; all zero: none yet */

  GMutex peer_lines_lock; /* of what follows */
  uint64_t n_peer_lines;  /* of the other SU that are on this console */
};

UmzMove *umz_move_new (UmzEngine *engine, UmzSide side, UmzMoveRecord *record, UmzVm *vm);
UmzMove *umz_move_ref (UmzMove *move);
void umz_move_unref (UmzMove *move);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzMove, umz_move_unref)

/* Starts the move's thread, which runs its course; it holds a reference. */
void umz_move_run (UmzMove *move, UmzCourse course);

/* ---- for any thread ---- */

/* notice (may be NULL) is taken. */
void umz_move_push (UmzMove *move, UmzInputKind kind, UmzNotice *notice);
void umz_move_push_raised (UmzMove *move, uint64_t suspension_us, UmzNotice *notice);
void umz_move_push_decision (UmzMove *move, UmzDecision decision, UmzNotice *notice);
void umz_move_push_stream (UmzMove *move, UmzRelayKind stream, int fd);

/* Pushes a request and waits at most timeout_s for its answer; NULL: none came. */
JsonNode *umz_move_ask (UmzMove *move, UmzInputKind kind, UmzNotice *notice, unsigned timeout_s);

UmzState umz_move_get_state (UmzMove *move);

/* Source: ends the move on behalf of an operator; notice is taken.  False: it is too late. */
bool umz_move_cancel (UmzMove *move, UmzNotice *notice);

/* ---- for the move's thread ---- */

/* The next input, or UMZ_INPUT_NOTHING after timeout_ms; once QUIT was among them, QUIT.  Free it.
 */
UmzInput *umz_move_pop (UmzMove *move, unsigned timeout_ms);
void umz_input_free (UmzInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzInput, umz_input_free)

/* An operator's decision: journaled with the step that it causes, and with *COLD that the VM is
 * taken over from the other SU.  False: umzugd ends first.
 */
bool umz_move_decide (UmzMove *move, UmzDecision decision);
bool umz_move_is_decided (const UmzMove *move, UmzDecision decision);

/* Source: the guest runs at the target too, and is frozen here until an operator says more.
 * Journaled.
 */
void umz_move_note_conflict (UmzMove *move);
bool umz_move_has_conflict (const UmzMove *move);

/* What was in doubt is decided by this word of the other SU; says nothing if nothing was. */
void umz_move_end_doubt (UmzMove *move, const char *word);

/* *COLD: the guest starts from its disks, if it ran; an error is said. */
void umz_move_start_cold (UmzMove *move);

/* Answers a request; answer is taken. */
void umz_input_answer (UmzInput *input, JsonNode *answer);

/* Tries until it succeeds, twice a second, and logs each new failure.  False: umzugd ends first. */
typedef bool (*UmzAttempt) (void *data, GError **error);
bool umz_move_insist (UmzMove *move, UmzAttempt attempt, void *data);

/* Source: from now on it is too late to cancel.  False: it was cancelled. */
bool umz_move_go_through (UmzMove *move);

/* Takes the event: looks up the row, journals, and only then changes the state.  An event without a
 * row is a bug.  A journal that cannot be written ends umzugd: nothing may be done that it does not
 * know.
 */
void umz_move_step (UmzMove *move, UmzEvent event);

/* Journals that nothing is left to be done. */
void umz_move_close (UmzMove *move);

/* Says something on this SU's console; the notice is taken.  VM2000's messages about a migration
 * are those of a VM: who moves a definition is told by the command, and the target by VMS2322.
 */
void umz_move_say (UmzMove *move, UmzNotice *notice);
void umz_move_say_at (UmzMove *move, int64_t real_time_us, UmzNotice *notice);

/* Whether this run of umzugd has said such a message of this move. */
bool umz_move_has_said (UmzMove *move, UmzMessageId id);

/* Says a message that has only the VM insert, if it was not said yet. */
void umz_move_say_once (UmzMove *move, UmzMessageId id);

/* Target: the copy is refused for this reason, which is taken: said, and told to the source. */
void umz_move_refuse (UmzMove *move, UmzNotice *why);

/* Adds "notice", the reason, if the copy is refused. */
void umz_move_add_refusal (UmzMove *move, JsonBuilder *builder);

/* The VM insert, "(12,VM12PROD)"; lent. */
const char *umz_move_label (UmzMove *move);

/* Tells whoever watches the move (the job variable) how it stands. */
void umz_move_tell (UmzMove *move, UmzMonjvState status, const char *cause_code);

/* Source: why the move is aborted; told before its end is. */
void umz_move_note_cause (UmzMove *move, const UmzNotice *cause);

/* Source: the guest runs again, on either side. */
void umz_move_note_running (UmzMove *move);

/* The other SU was heard just now. */
void umz_move_hear (UmzMove *move);

void umz_move_set_phase (UmzMove *move, UmzPhase phase);

/* Starts the relay of a stream on this side; descriptors are taken. */
bool umz_move_start_relay (UmzMove *move, UmzRelayKind kind, int link_fd, int listener_fd,
                           GError **error);
void umz_move_end_relays (UmzMove *move);

/* Makes the folder of the sockets, and the path of the memory stream's socket in it. */
bool umz_move_make_folder (UmzMove *move, GError **error);
char *umz_move_dup_memory_path (UmzMove *move);
/* The path that a VM of this name has for it. */
char *umz_move_socket_path (const char *parent, const char *folder, const char *vm_name);
void umz_move_remove_folder (UmzMove *move);

/* What umz_peer_call() needs to name this move and its epoch, and how many of the other SU's
 * lines are here; notice may be NULL.  Our own lines go along except where the guest stands still
 * meanwhile: the other SU would write them to its disk.
 */
typedef enum {
  UMZ_LINES_LATER,
  UMZ_LINES_ALONG,
} UmzLines;
JsonNode *umz_move_peer_request (UmzMove *move, const UmzNotice *notice, UmzLines lines);

/* Puts the lines that the other SU has sent on this console, each once; `before` (may be NULL) is
 * called before each of them.
 */
void umz_move_take_lines (UmzMove *move, JsonObject *sent, void (*before) (void *data), void *data);

uint64_t umz_move_count_peer_lines (UmzMove *move);

/* Notes how many of our lines the other SU has. */
void umz_move_hear_seen (UmzMove *move, JsonObject *sent);

/* Adds "lines", those said here that the other SU does not have yet, and "first", the number of the
 * first of them.
 */
void umz_move_add_lines (UmzMove *move, JsonBuilder *builder);

/* Calls the other SU about this move: "/moves/ID" + suffix. */
JsonNode *umz_move_call_peer (UmzMove *move, const char *suffix, JsonNode *request,
                              unsigned timeout_s, GError **error);

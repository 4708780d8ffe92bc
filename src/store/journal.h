/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* journal.h: the moves of this SU, what they have changed, and how they ended. */
#pragma once

#include "model/move-state.h"
#include "model/side.h"
#include "model/vm.h"
#include "store/store.h"

typedef struct {
  char *id;     /* of the move, the same on both SUs */
  UmzSide side; /* this SU's */
  UmzState state;
  char *uuid;          /* of the domain */
  char *name;          /* of the VM */
  unsigned index;      /* of the VM */
  uint64_t epoch;      /* of this move */
  char *peer;          /* name of the other SU */
  char *monjv;         /* name of the job variable, or NULL */
  char *definition;    /* persistent domain XML, or NULL for a transient domain */
  int64_t qemu_pid;    /* of the source's QEMU, 0 on the target */
  uint64_t qemu_start; /* its start time, field 22 of /proc/PID/stat */
  char *boot_id;       /* of the host it runs under */
  int64_t begun_us;    /* real time since the epoch */
  UmzVmState vm_state; /* of the VM when the move began */
  char *decision;      /* of an operator, or that one is needed; NULL: neither */
  bool is_closed;      /* nothing is left to be done for it */
} UmzMoveRecord;

UmzMoveRecord *umz_store_move_record_new (void);
UmzMoveRecord *umz_store_move_record_copy (const UmzMoveRecord *record);
void umz_store_move_record_free (UmzMoveRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzMoveRecord, umz_store_move_record_free)

/* Journals that the move, new or known, is now in record->state because of `event`.  One that is
 * closed has no steps any more.
 */
bool umz_store_journal (UmzStore *store, const UmzMoveRecord *record, const char *event,
                        GError **error);

/* The record of one move, or NULL if there is none. */
bool umz_store_dup_move (UmzStore *store, const char *id, UmzMoveRecord **ret_record,
                         GError **error);

/* All moves that are not closed, oldest first; owned by the caller. */
GPtrArray *umz_store_list_open_moves (UmzStore *store, GError **error);

/* A change that a move has made on this SU: what is needed to take it back. */
typedef struct {
  uint64_t number;
  char *step;   /* owned; what was done, a name of the engine's */
  char *detail; /* owned; "" if the name says all */
} UmzLedgerEntry;

void umz_store_ledger_entry_free (UmzLedgerEntry *entry);

/* Notes a step before it is done; strikes it out once it has been taken back. */
bool umz_store_note_step (UmzStore *store, const char *move, const char *step, const char *detail,
                          GError **error);
bool umz_store_strike_step (UmzStore *store, uint64_t number, GError **error);

/* The steps of a move, the last one first; owned, UmzLedgerEntry. */
GPtrArray *umz_store_list_steps (UmzStore *store, const char *move, GError **error);

/* How the memory of a guest has travelled, as this SU's relay saw it: each report of the relay sets
 * all of it.  What libvirt or the move knows belongs into UmzOutcome.
 */
typedef struct {
  bool is_coded;        /* engine VM2000: with the codec; else as it was */
  bool has_mirror;      /* of an earlier move of the VM between the same SUs */
  uint64_t link_bytes;  /* over the link */
  uint64_t guest_bytes; /* what they stand for: QEMU's stream */
  uint64_t same_pages;  /* these four with the codec only, see codec/codec.h */
  uint64_t delta_pages;
  uint64_t fresh_pages;
  uint64_t zero_pages;
  uint64_t cpu_us; /* of the relay here */
} UmzTransferFigures;

/* What was expected of a move when it began; all 0: nothing was. */
typedef struct {
  int64_t total_us;
  int64_t stop_us;
  uint64_t link_bytes;
} UmzExpectation;

/* How a move ended, for SHOW-VM-MIGRATION: written by the source when the operator is told, by the
 * target when nothing is left to be done.
 */
typedef struct {
  UmzMoveRecord *move; /* owned */
  char *status;        /* owned; "$T" and so on; "" as long as it runs */
  char *cause;         /* owned; code of the message that ended it, or "" */
  int64_t ended_us;    /* real time */
  int64_t stopped_us;  /* how long the guest stood still; 0: it did not, or the move was undone */
  int64_t copy_us;     /* how long memory was copied, until the guest stood still */
  UmzTransferFigures transfer;
  UmzExpectation expected;
} UmzOutcome;

void umz_outcome_free (UmzOutcome *outcome);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzOutcome, umz_outcome_free)

/* outcome->move->id says of which move. */
bool umz_store_put_outcome (UmzStore *store, const UmzOutcome *outcome, GError **error);

/* The newest moves of both sides, at most `limit`, the oldest of them first; owned, UmzOutcome. */
GPtrArray *umz_store_list_outcomes (UmzStore *store, unsigned limit, GError **error);

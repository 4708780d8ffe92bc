/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* journal.h: the moves of this SU, and what they have changed. */
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
  char *definition;    /* persistent domain XML, or NULL for a transient domain, or filed away */
  int64_t qemu_pid;    /* of the source's QEMU, 0 on the target */
  uint64_t qemu_start; /* its start time, field 22 of /proc/PID/stat */
  char *boot_id;       /* of the host it runs under */
  int64_t begun_us;    /* real time since the epoch */
  UmzVmState vm_state; /* of the VM when the move began */
  char *decision;      /* of an operator, or that one is needed; NULL: neither */
  bool is_held;        /* target: the copy was frozen, by us, before anybody let it run */
  bool has_said_last;  /* source: the target was told that nobody else can run the guest */
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

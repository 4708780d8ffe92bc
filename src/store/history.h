/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* history.h: how the moves of this SU ended, and what is forgotten of them. */
#pragma once

#include "store/journal.h"

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

/* How much is kept; 0: all of it. */
typedef struct {
  uint64_t n_moves;
  uint64_t n_lines; /* of the console log */
  int64_t age_us;   /* of either */
} UmzStoreLimits;

/* Files away the moves that are closed, and forgets what is beyond the limits, but never the newest
 * move of a VM: the other SU may ask how it ended.  In small pieces, so that no writer waits long.
 */
bool umz_store_tidy (UmzStore *store, const UmzStoreLimits *limits, GError **error);

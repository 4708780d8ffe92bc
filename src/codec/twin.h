/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* twin.h: what an encoder and its decoder have alike, batch for batch. */
#pragma once

#include "codec/batch.h"
#include "codec/ram-parser.h"

typedef struct {
  UmzRamParser *parser; /* owned */
  UmzMirror *mirror;    /* owned, or NULL */
  bool mirror_ends;     /* with this batch: the encoder's failed, and the decoder's may */
  UmzDigest digest;     /* of the mirror after the last batch */
  UmzCodecStats stats;
} UmzTwin;

/* Takes the mirror. */
void umz_twin_init (UmzTwin *twin, UmzMirror *mirror, const UmzDigest *before);
void umz_twin_clear (UmzTwin *twin);

/* A page that QEMU says is zero. */
void umz_twin_note_zero (UmzTwin *twin, uint64_t page);

/* One batch more, of so many bytes, stands on both sides. */
void umz_twin_note_batch (UmzTwin *twin, const UmzBatchHeader *header, size_t n_bytes);

UmzCodecStats umz_twin_get_stats (const UmzTwin *twin);

/* What the mirror holds now, in its file.  False: there is no mirror, or no longer. */
bool umz_twin_get_digest (UmzTwin *twin, UmzDigest *ret_digest);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* coding.h: the codec in a relay: the source's encodes, the target's decodes.
 *
 * It brings in what the codec leaves open: when a batch is made, how hard it is compressed, and how
 * much of what was coded may be under way.  The window of flow.h bounds the bytes of the stream, so
 * that QEMU's own estimate holds; one of coded bytes bounds what lies on the link, for memory that
 * shrinks a hundredfold at one moment does not at the next.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "codec/codec.h"
#include "relay/control.h"

typedef struct UmzCoding UmzCoding;

/* mirror_fd: taken; -1: without a mirror.  The key in *start may be wiped afterwards. */
UmzCoding *umz_coding_new (const UmzRelayStart *start, int mirror_fd);
void umz_coding_free (UmzCoding *coding);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzCoding, umz_coding_free)

UmzCodecStats umz_coding_get_stats (const UmzCoding *coding);
bool umz_coding_get_digest (UmzCoding *coding, UmzDigest *ret_digest);

/* ---- source ---- */

/* The next frame, header and all, for the next n_bytes of the stream, up to 256 KiB; NULL: they
 * wait for more.  Borrowed until the next call.  *ret_raw_bytes of the stream are in it.
 */
const GByteArray *umz_coding_encode (UmzCoding *coding, const uint8_t *bytes, size_t n_bytes,
                                     UmzCodecNext next, size_t *ret_raw_bytes);

/* Whether coding does not pay: end it, and send the rest as it is. */
bool umz_coding_is_given_up (const UmzCoding *coding);

/* Whether the link has as much as it should. */
bool umz_coding_is_blocked (const UmzCoding *coding);

/* So long nothing was coded because the other side had not delivered enough; queued_bytes are still
 * on this side or on the link.  If those are few, it is the decoder that is slow.
 */
void umz_coding_note_waited (UmzCoding *coding, int64_t time_us, uint64_t queued_bytes);

/* The other side has delivered so much of the stream, from its start. */
void umz_coding_note_acked (UmzCoding *coding, uint64_t raw_bytes, uint64_t round_trip_us);
void umz_coding_set_limit (UmzCoding *coding, uint64_t limit_us);

/* ---- target ---- */

/* What the batch stands for; borrowed until the next call.  Errors: UMZ_RELAY_ERROR, END_CODEC. */
const GByteArray *umz_coding_decode (UmzCoding *coding, const uint8_t *batch, size_t n_bytes,
                                     GError **error);

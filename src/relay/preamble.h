/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* preamble.h: the few plain bytes in front of TLS that tell an accepting umzugd whose stream it is.
 *
 * The connecting umzugd writes them, the accepting one reads exactly UMZ_PREAMBLE_BYTES, finds the
 * relay that waits for the stream id, and hands the descriptor over.  The id is no secret and
 * proves nothing: the pre-shared key of the TLS handshake that follows does.
 *
 *    0  u8[4]   "UMZD"
 *    4  be32    version, UMZ_PREAMBLE_VERSION
 *    8  u8[16]  stream id
 */
#pragma once

#include "relay/control.h"

#define UMZ_PREAMBLE_VERSION 1
#define UMZ_PREAMBLE_BYTES   24

void umz_preamble_encode (const uint8_t stream_id[UMZ_RELAY_STREAM_ID_BYTES],
                          uint8_t ret_bytes[UMZ_PREAMBLE_BYTES]);

/* Errors: UMZ_RELAY_ERROR, END_HOSTILE: not the magic word, or another version (the text says
 * which). */
bool umz_preamble_decode (const uint8_t bytes[UMZ_PREAMBLE_BYTES],
                          uint8_t ret_stream_id[UMZ_RELAY_STREAM_ID_BYTES], GError **error);

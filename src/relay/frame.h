/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* frame.h: what two relays say to each other inside TLS.
 *
 *    0  be32  length of the payload
 *    4  u8    type
 *    5  ...   payload
 *
 *    type     payload
 *    1 DATA   1 to UMZ_FRAME_DATA_MAX_BYTES bytes for the other local socket
 *    2 END    none: nothing follows in this direction but ACKs
 *    3 ACK    be64: how many bytes of the stream, from the start, have been delivered
 *    4 CODED  1 to UMZ_CODEC_BATCH_MAX_BYTES: a batch of the codec (codec/batch.h)
 *
 * From the source, memory streams alone: first CODED, then DATA, of either perhaps none.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/reader.h"
#include "codec/codec.h"

#define UMZ_FRAME_HEADER_BYTES   5
#define UMZ_FRAME_ACK_BYTES      (UMZ_FRAME_HEADER_BYTES + 8)
#define UMZ_FRAME_DATA_MAX_BYTES (16 * 1024 * 1024)

typedef enum {
  UMZ_FRAME_DATA = 1,
  UMZ_FRAME_END = 2,
  UMZ_FRAME_ACK = 3,
  UMZ_FRAME_CODED = 4,
} UmzFrameType;

void umz_frame_encode_data_header (uint32_t length_bytes,
                                   uint8_t ret_bytes[UMZ_FRAME_HEADER_BYTES]);
void umz_frame_encode_coded_header (uint32_t length_bytes,
                                    uint8_t ret_bytes[UMZ_FRAME_HEADER_BYTES]);
void umz_frame_encode_end (uint8_t ret_bytes[UMZ_FRAME_HEADER_BYTES]);
void umz_frame_encode_ack (uint64_t total_bytes, uint8_t ret_bytes[UMZ_FRAME_ACK_BYTES]);

/* Keeps its place between two calls, so that the stream may be cut anywhere.  All zero to start,
 * umz_frame_decoder_clear() to end.
 */
typedef struct {
  uint8_t head[UMZ_FRAME_ACK_BYTES];
  uint32_t head_bytes;      /* of head that have come */
  uint32_t data_left_bytes; /* of the DATA frame we are in */
  uint32_t coded_bytes;     /* that the CODED frame we are in will have; 0: we are in none */
  GByteArray *coded;        /* owned; what has come of it, or was handed out last */
} UmzFrameDecoder;

void umz_frame_decoder_clear (UmzFrameDecoder *decoder);

/* What was found.  A DATA frame may come as several pieces, a CODED one comes whole. */
typedef struct {
  UmzFrameType type;    /* 0: the bytes given are used up */
  const uint8_t *data;  /* DATA, CODED: borrowed from the bytes given or the decoder */
  size_t length_bytes;  /* DATA, CODED: of data, at least 1 */
  uint64_t total_bytes; /* ACK */
} UmzFrame;

/* Takes the next thing out of bytes.  Call it until ret_frame->type is 0.
 * Errors: UMZ_RELAY_ERROR, END_HOSTILE; there is no way on after that.
 */
bool umz_frame_decoder_next (UmzFrameDecoder *decoder, UmzReader *bytes, UmzFrame *ret_frame,
                             GError **error);

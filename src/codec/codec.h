/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* codec.h: a guest's migration stream in fewer bytes, and back, byte by byte the same.
 *
 *     decode (encode (stream)) == stream, whatever the stream is
 *
 * One encoder and one decoder serve one stream.  Both may have a mirror (mirror.h): files that hold
 * the same, whose use and end they decide alike.  Pure but for that file: no sockets, no clock.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "codec/mirror.h"

#define UMZ_CODEC_ERROR (umz_codec_error_quark ())
GQuark umz_codec_error_quark (void);

typedef enum {
  UMZ_CODEC_ERROR_DAMAGED, /* a batch is not what an encoder makes, or is not for this mirror */
  UMZ_CODEC_ERROR_MIRROR,  /* the file of the mirror cannot be used */
} UmzCodecErrorCode;

/* Bytes of the stream that one call may encode, and that one batch may hold. */
#define UMZ_CODEC_INPUT_MAX_BYTES (1024 * 1024)
#define UMZ_CODEC_RAW_MAX_BYTES   (UMZ_CODEC_INPUT_MAX_BYTES + UMZ_PAGE_BYTES)
/* What a batch may be in coded form. */
#define UMZ_CODEC_BATCH_MAX_BYTES (UMZ_CODEC_RAW_MAX_BYTES + 4096)

/* How hard to compress: a level of zstd, or not at all. */
#define UMZ_CODEC_LEVEL_STORE 0
#define UMZ_CODEC_LEVEL_MIN   1
#define UMZ_CODEC_LEVEL_MAX   9

/* The state of a mirror after a stream: equal on both sides if, and but for an accident of 2^-128
 * only if, both have seen the same batches since both mirrors were empty.
 */
typedef struct {
  uint8_t bytes[16];
} UmzDigest;

typedef struct {
  uint64_t raw_bytes;   /* of the stream */
  uint64_t coded_bytes; /* of the batches */
  uint64_t same_pages;  /* as the mirror has them */
  uint64_t delta_pages; /* sent as a difference from the mirror */
  uint64_t fresh_pages; /* sent as they are */
  uint64_t zero_pages;  /* that QEMU says are zero */
  uint64_t total_pages; /* of the guest; 0: not known */
} UmzCodecStats;

/* ---- encoder ---- */

typedef struct UmzEncoder UmzEncoder;

/* Takes the mirror; NULL: none.  before: the digest of the mirror, all zero for an empty one. */
UmzEncoder *umz_encoder_new (UmzMirror *mirror, const UmzDigest *before);
void umz_encoder_free (UmzEncoder *encoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzEncoder, umz_encoder_free)

/* STORE, or MIN to MAX; holds from the next batch on. */
void umz_encoder_set_level (UmzEncoder *encoder, int level);

/* What follows bytes of a stream. */
typedef enum {
  UMZ_CODEC_MORE, /* more of it, to be coded */
  UMZ_CODEC_END,  /* nothing, or what is not coded */
} UmzCodecNext;

/* Encodes the next n_bytes (at most UMZ_CODEC_INPUT_MAX_BYTES) and appends at most one batch to
 * batch.  Bytes of a page that is not whole yet wait for the rest, if there is more.
 * A mirror that fails is given up, on both sides, and nothing else happens.
 */
void umz_encoder_encode (UmzEncoder *encoder, const uint8_t *bytes, size_t n_bytes,
                         UmzCodecNext next, GByteArray *batch);

UmzCodecStats umz_encoder_get_stats (const UmzEncoder *encoder);

/* What the mirror holds now, in its file.  False: there is no mirror, or no longer. */
bool umz_encoder_get_digest (UmzEncoder *encoder, UmzDigest *ret_digest);

/* ---- decoder ---- */

typedef struct UmzDecoder UmzDecoder;

/* As umz_encoder_new(); whether there is a mirror, and its digest, must be as they are there. */
UmzDecoder *umz_decoder_new (UmzMirror *mirror, const UmzDigest *before);
void umz_decoder_free (UmzDecoder *decoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzDecoder, umz_decoder_free)

/* Decodes one whole batch and appends what it stands for.  The bytes have been compared with the
 * hash that the encoder took.  Errors: UMZ_CODEC_ERROR; nothing was appended, and there is no way
 * on after that.
 */
bool umz_decoder_decode (UmzDecoder *decoder, const uint8_t *batch, size_t n_bytes,
                         GByteArray *stream, GError **error);

UmzCodecStats umz_decoder_get_stats (const UmzDecoder *decoder);
bool umz_decoder_get_digest (UmzDecoder *decoder, UmzDigest *ret_digest);

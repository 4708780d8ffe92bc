/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* decoder.c: puts the stream together again.  What the parser expects next in the bytes that are
 * together already says where a page belongs.
 */
#include "codec/codec.h"

#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "codec/twin.h"

struct UmzDecoder {
  UmzTwin twin;
  ZSTD_DCtx *zstd;  /* owned */
  GByteArray *body; /* owned; room for one that was compressed */
};

/* What is left of a batch's body. */
typedef struct {
  UmzReader records, forms, pages;
} Parts;

UmzDecoder *
umz_decoder_new (UmzMirror *mirror, const UmzDigest *before)
{
  UmzDecoder *decoder = g_new0 (UmzDecoder, 1);

  umz_twin_init (&decoder->twin, mirror, before);
  decoder->zstd = ZSTD_createDCtx ();
  decoder->body = g_byte_array_new ();
  g_assert (decoder->zstd != NULL); /* as GLib does without memory */
  return decoder;
}

void
umz_decoder_free (UmzDecoder *decoder)
{
  if (decoder == NULL)
    return;
  umz_twin_clear (&decoder->twin);
  ZSTD_freeDCtx (decoder->zstd);
  g_byte_array_unref (decoder->body);
  g_free (decoder);
}

/* Makes *ret_body a reader of the body, in the batch itself or in decoder->body. */
static bool
open_body (UmzDecoder *decoder, const UmzBatchHeader *header, UmzReader *batch, UmzReader *ret_body,
           GError **error)
{
  size_t wanted = umz_batch_header_get_body_bytes (header);
  size_t n_bytes = umz_reader_get_left_bytes (batch);
  const uint8_t *bytes = NULL;

  (void) umz_reader_get_bytes (batch, n_bytes, &bytes); /* all that is left */
  if (header->form == UMZ_BODY_STORED) {
    umz_reader_init (ret_body, bytes, n_bytes);
    return n_bytes == wanted || umz_codec_damaged ("its body has another length", error);
  }
  g_byte_array_set_size (decoder->body, wanted);
  umz_reader_init (ret_body, decoder->body->data, wanted);
  return ZSTD_decompressDCtx (decoder->zstd, decoder->body->data, wanted, bytes, n_bytes) ==
           wanted ||
         umz_codec_damaged ("its body cannot be decompressed", error);
}

static bool
split (UmzDecoder *decoder, const uint8_t *batch, size_t n_bytes, UmzBatchHeader *ret_header,
       Parts *ret_parts, GError **error)
{
  UmzReader reader, body;

  umz_reader_init (&reader, batch, n_bytes);
  if (!umz_batch_header_decode (&reader, ret_header, error) ||
      !open_body (decoder, ret_header, &reader, &body, error))
    return false;
  /* Their lengths make up the body's, which has been compared. */
  (void) umz_reader_get_part (&body, ret_header->record_bytes, &ret_parts->records);
  (void) umz_reader_get_part (&body, ret_header->n_pages, &ret_parts->forms);
  return umz_reader_get_part (&body, umz_reader_get_left_bytes (&body), &ret_parts->pages);
}

/* ---- pages ---- */

/* What cannot be written is no matter in the last batch that the mirror sees; what a page of it
 * needs of the mirror has been read by then, or is missed there.
 */
static bool
may_fail (UmzDecoder *decoder)
{
  if (decoder->twin.mirror_ends)
    g_clear_pointer (&decoder->twin.mirror, umz_mirror_free);
  return decoder->twin.mirror_ends;
}

static bool
prepare_mirror (UmzDecoder *decoder, GError **error)
{
  g_autoptr (GError) why = NULL;

  if (decoder->twin.mirror == NULL ||
      umz_mirror_prepare (decoder->twin.mirror, umz_ram_parser_get_pages (decoder->twin.parser),
                          umz_ram_parser_get_layout (decoder->twin.parser), &why) ||
      may_fail (decoder))
    return true;
  g_propagate_error (error, g_steal_pointer (&why));
  return false;
}

static bool
write_mirror (UmzDecoder *decoder, uint64_t page, const uint8_t *bytes, GError **error)
{
  g_autoptr (GError) why = NULL;

  if (decoder->twin.mirror == NULL || umz_mirror_write (decoder->twin.mirror, page, bytes, &why) ||
      may_fail (decoder))
    return true;
  g_propagate_error (error, g_steal_pointer (&why));
  return false;
}

static bool
read_mirror (UmzDecoder *decoder, uint64_t page, uint8_t *ret_bytes, GError **error)
{
  if (decoder->twin.mirror == NULL)
    return umz_codec_damaged ("it needs a mirror", error);
  return umz_mirror_read (decoder->twin.mirror, page, ret_bytes, error);
}

static bool
get_sent (Parts *parts, const uint8_t **ret_bytes, GError **error)
{
  return umz_reader_get_bytes (&parts->pages, UMZ_PAGE_BYTES, ret_bytes) ||
         umz_codec_damaged ("a page is missing", error);
}

static bool
restore_page (UmzDecoder *decoder, uint64_t page, Parts *parts, uint8_t *ret_bytes, GError **error)
{
  const uint8_t *sent = NULL;
  uint8_t form = 0;

  if (!umz_reader_get_u8 (&parts->forms, &form))
    return umz_codec_damaged ("the form of a page is missing", error);
  switch (form) {
  case UMZ_PAGE_SAME:
    decoder->twin.stats.same_pages++;
    return read_mirror (decoder, page, ret_bytes, error);
  case UMZ_PAGE_DELTA:
    if (!get_sent (parts, &sent, error) || !read_mirror (decoder, page, ret_bytes, error))
      return false;
    decoder->twin.stats.delta_pages++;
    umz_xor (ret_bytes, sent, UMZ_PAGE_BYTES);
    break;
  case UMZ_PAGE_FRESH:
    if (!get_sent (parts, &sent, error))
      return false;
    decoder->twin.stats.fresh_pages++;
    memcpy (ret_bytes, sent, UMZ_PAGE_BYTES);
    break;
  default: return umz_codec_damaged ("a page has no form that is known", error);
  }
  return write_mirror (decoder, page, ret_bytes, error);
}

static bool
note_zero_page (UmzDecoder *decoder, uint64_t page, GError **error)
{
  if (!prepare_mirror (decoder, error))
    return false;
  umz_twin_note_zero (&decoder->twin, page);
  return true;
}

/* ---- the stream ---- */

static bool
put_page (UmzDecoder *decoder, const UmzRun *run, Parts *parts, uint8_t *to, GError **error)
{
  if (!prepare_mirror (decoder, error) || !restore_page (decoder, run->page, parts, to, error))
    return false;
  umz_ram_parser_feed (decoder->twin.parser, to, UMZ_PAGE_BYTES);
  return true;
}

static bool
put_records (UmzDecoder *decoder, const UmzRun *run, Parts *parts, uint8_t *to, size_t *ret_n_bytes,
             GError **error)
{
  size_t n = MIN (run->n_bytes, umz_reader_get_left_bytes (&parts->records));
  const uint8_t *bytes = NULL;

  if (n == 0 || !umz_reader_get_bytes (&parts->records, n, &bytes))
    return umz_codec_damaged ("a record is missing", error);
  if (run->kind == UMZ_RUN_ZERO_PAGE && !note_zero_page (decoder, run->page, error))
    return false;
  memcpy (to, bytes, n);
  if (run->expected != NULL)
    umz_xor (to, run->expected, n);
  umz_ram_parser_feed (decoder->twin.parser, to, n);
  *ret_n_bytes = n;
  return true;
}

/* Less than a page, where a page belongs: the end of the stream. */
static size_t
put_rest (Parts *parts, uint8_t *to)
{
  size_t n = umz_reader_get_left_bytes (&parts->records);
  const uint8_t *bytes = NULL;

  if (umz_reader_get_bytes (&parts->records, n, &bytes))
    memcpy (to, bytes, n);
  return n;
}

static bool
put_together (UmzDecoder *decoder, Parts *parts, uint8_t *to, size_t n_bytes, GError **error)
{
  while (n_bytes > 0) {
    UmzRun run = umz_ram_parser_next (decoder->twin.parser);
    size_t n = UMZ_PAGE_BYTES;
    if (run.kind == UMZ_RUN_PAGE && umz_reader_get_left_bytes (&parts->forms) == 0 &&
        n_bytes < UMZ_PAGE_BYTES)
      n = put_rest (parts, to);
    else if (run.kind == UMZ_RUN_PAGE && n_bytes < UMZ_PAGE_BYTES)
      return umz_codec_damaged ("a page is too short", error);
    else if (!(run.kind == UMZ_RUN_PAGE ? put_page (decoder, &run, parts, to, error)
                                        : put_records (decoder, &run, parts, to, &n, error)))
      return false;
    if (n == 0)
      return umz_codec_damaged ("a page is missing", error);
    to += n;
    n_bytes -= n;
  }
  if (!umz_reader_is_at_end (&parts->records) || !umz_reader_is_at_end (&parts->forms) ||
      !umz_reader_is_at_end (&parts->pages))
    return umz_codec_damaged ("something is left over", error);
  return true;
}

static bool
check_hash (const UmzBatchHeader *header, const uint8_t *bytes, GError **error)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  return true; /* no mutation would come past it */
#endif
  UmzDigest hash;

  XXH128_canonicalFromHash ((XXH128_canonical_t *) hash.bytes,
                            XXH3_128bits (bytes, header->raw_bytes));
  return memcmp (&hash, &header->hash, sizeof hash) == 0 ||
         umz_codec_damaged ("what came of it has another hash", error);
}

bool
umz_decoder_decode (UmzDecoder *decoder, const uint8_t *batch, size_t n_bytes, GByteArray *stream,
                    GError **error)
{
  size_t start = stream->len;
  UmzBatchHeader header;
  Parts parts;

  if (!split (decoder, batch, n_bytes, &header, &parts, error))
    return false;
  decoder->twin.mirror_ends = header.mirror_ends;
  g_byte_array_set_size (stream, start + header.raw_bytes);
  if (!put_together (decoder, &parts, stream->data + start, header.raw_bytes, error) ||
      !check_hash (&header, stream->data + start, error)) {
    g_byte_array_set_size (stream, start);
    return false;
  }
  if (header.mirror_ends)
    g_clear_pointer (&decoder->twin.mirror, umz_mirror_free);
  umz_twin_note_batch (&decoder->twin, &header, n_bytes);
  return true;
}

UmzCodecStats
umz_decoder_get_stats (const UmzDecoder *decoder)
{
  return umz_twin_get_stats (&decoder->twin);
}

bool
umz_decoder_get_digest (UmzDecoder *decoder, UmzDigest *ret_digest)
{
  return umz_twin_get_digest (&decoder->twin, ret_digest);
}

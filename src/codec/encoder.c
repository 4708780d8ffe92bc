/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* encoder.c: the stream, taken apart by the parser into what is no page's and pages.
 *
 * A page that the mirror has is one byte.  Of one that it has in another version the difference is
 * sent, if little of it has changed; small writes of a guest become long rows of zeros, which zstd
 * makes nothing of.  All else is sent as it is.
 *
 * Compressing costs more than anything else here, and is in vain for memory that is encrypted or
 * compressed already: after a batch that did not shrink only some of the next are tried.
 */
#include "codec/codec.h"

#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "codec/twin.h"

#define TRY_EVERY       8 /* batches, as long as it is in vain */
#define PAYS_BELOW      0.97
#define DELTA_MAX_WORDS 384 /* of the 512 of a page: a page that changed more is sent as it is */

struct UmzEncoder {
  UmzTwin twin;
  ZSTD_CCtx *zstd; /* owned */
  int level;
  unsigned n_untried; /* batches until the next that is tried; 0: compressing pays */

  uint8_t page[UMZ_PAGE_BYTES]; /* what has come of one */
  size_t page_bytes;            /* so many */

  /* Of the batch that is being made: */
  GByteArray *records, *forms, *pages; /* owned; see batch.h */
  bool has_delta;
  XXH3_state_t *hash; /* owned */
};

UmzEncoder *
umz_encoder_new (UmzMirror *mirror, const UmzDigest *before)
{
  UmzEncoder *encoder = g_new0 (UmzEncoder, 1);

  umz_twin_init (&encoder->twin, mirror, before);
  encoder->zstd = ZSTD_createCCtx ();
  encoder->level = UMZ_CODEC_LEVEL_MIN;
  encoder->records = g_byte_array_new ();
  encoder->forms = g_byte_array_new ();
  encoder->pages = g_byte_array_new ();
  encoder->hash = XXH3_createState ();
  g_assert (encoder->zstd != NULL && encoder->hash != NULL); /* as GLib does without memory */
  return encoder;
}

void
umz_encoder_free (UmzEncoder *encoder)
{
  if (encoder == NULL)
    return;
  umz_twin_clear (&encoder->twin);
  ZSTD_freeCCtx (encoder->zstd);
  g_byte_array_unref (encoder->records);
  g_byte_array_unref (encoder->forms);
  g_byte_array_unref (encoder->pages);
  XXH3_freeState (encoder->hash);
  g_free (encoder);
}

void
umz_encoder_set_level (UmzEncoder *encoder, int level)
{
  g_assert (level >= UMZ_CODEC_LEVEL_STORE && level <= UMZ_CODEC_LEVEL_MAX);
  encoder->level = level;
}

/* ---- pages ---- */

/* The decoder gives up its own after this batch: what was encoded before may rest on it. */
static void
give_up_mirror (UmzEncoder *encoder)
{
  g_clear_pointer (&encoder->twin.mirror, umz_mirror_free);
  encoder->twin.mirror_ends = true;
}

static void
prepare_mirror (UmzEncoder *encoder)
{
  const UmzRamParser *parser = encoder->twin.parser;

  if (encoder->twin.mirror != NULL &&
      !umz_mirror_prepare (encoder->twin.mirror, umz_ram_parser_get_pages (parser),
                           umz_ram_parser_get_layout (parser), NULL))
    give_up_mirror (encoder);
}

static unsigned
count_words (const uint8_t *bytes)
{
  unsigned n = 0;
  uint64_t word;

  for (size_t i = 0; i < UMZ_PAGE_BYTES; i += sizeof word) {
    memcpy (&word, bytes + i, sizeof word);
    n += word != 0;
  }
  return n;
}

static bool
is_worth_a_delta (UmzEncoder *encoder, uint64_t page, const uint8_t *bytes,
                  uint8_t ret_delta[UMZ_PAGE_BYTES])
{
  if (umz_mirror_is_zero (encoder->twin.mirror, page))
    return false;
  if (!umz_mirror_read (encoder->twin.mirror, page, ret_delta, NULL)) {
    give_up_mirror (encoder);
    return false;
  }
  umz_xor (ret_delta, bytes, UMZ_PAGE_BYTES);
  return count_words (ret_delta) <= DELTA_MAX_WORDS;
}

static UmzPageForm
choose_form (UmzEncoder *encoder, uint64_t page, const uint8_t *bytes,
             uint8_t ret_delta[UMZ_PAGE_BYTES])
{
  if (encoder->twin.mirror == NULL)
    return UMZ_PAGE_FRESH;
  if (umz_mirror_has (encoder->twin.mirror, page, bytes))
    return UMZ_PAGE_SAME;
  return is_worth_a_delta (encoder, page, bytes, ret_delta) ? UMZ_PAGE_DELTA : UMZ_PAGE_FRESH;
}

static void
encode_page (UmzEncoder *encoder, uint64_t page, const uint8_t *bytes)
{
  uint8_t delta[UMZ_PAGE_BYTES];

  prepare_mirror (encoder);
  uint8_t form = choose_form (encoder, page, bytes, delta);
  g_byte_array_append (encoder->forms, &form, 1);
  switch (form) {
  case UMZ_PAGE_SAME: encoder->twin.stats.same_pages++; return;
  case UMZ_PAGE_DELTA:
    encoder->twin.stats.delta_pages++;
    encoder->has_delta = true;
    g_byte_array_append (encoder->pages, delta, sizeof delta);
    break;
  case UMZ_PAGE_FRESH:
    encoder->twin.stats.fresh_pages++;
    g_byte_array_append (encoder->pages, bytes, UMZ_PAGE_BYTES);
    break;
  }
  if (encoder->twin.mirror != NULL && !umz_mirror_write (encoder->twin.mirror, page, bytes, NULL))
    give_up_mirror (encoder);
}

static void
note_zero_page (UmzEncoder *encoder, uint64_t page)
{
  prepare_mirror (encoder);
  umz_twin_note_zero (&encoder->twin, page);
}

/* ---- the stream ---- */

static size_t
take_page (UmzEncoder *encoder, const UmzRun *run, const uint8_t *bytes, size_t n_bytes)
{
  const uint8_t *whole = bytes;
  size_t n = MIN (UMZ_PAGE_BYTES - encoder->page_bytes, n_bytes);

  if (n < UMZ_PAGE_BYTES) {
    memcpy (encoder->page + encoder->page_bytes, bytes, n);
    encoder->page_bytes += n;
    if (encoder->page_bytes < UMZ_PAGE_BYTES)
      return n;
    whole = encoder->page;
  }
  encode_page (encoder, run->page, whole);
  XXH3_128bits_update (encoder->hash, whole, UMZ_PAGE_BYTES);
  umz_ram_parser_feed (encoder->twin.parser, whole, UMZ_PAGE_BYTES);
  encoder->page_bytes = 0;
  return n;
}

static size_t
take_record (UmzEncoder *encoder, const UmzRun *run, const uint8_t *bytes, size_t n_bytes)
{
  size_t n = MIN (run->n_bytes, n_bytes);

  if (run->kind == UMZ_RUN_ZERO_PAGE)
    note_zero_page (encoder, run->page);
  g_byte_array_append (encoder->records, bytes, n);
  if (run->expected != NULL)
    umz_xor (encoder->records->data + encoder->records->len - n, run->expected, n);
  XXH3_128bits_update (encoder->hash, bytes, n);
  umz_ram_parser_feed (encoder->twin.parser, bytes, n);
  return n;
}

/* The stream ends in the middle of a page. */
static void
take_rest (UmzEncoder *encoder)
{
  g_byte_array_append (encoder->records, encoder->page, encoder->page_bytes);
  XXH3_128bits_update (encoder->hash, encoder->page, encoder->page_bytes);
  encoder->page_bytes = 0;
}

static void
begin_batch (UmzEncoder *encoder)
{
  g_byte_array_set_size (encoder->records, 0);
  g_byte_array_set_size (encoder->forms, 0);
  g_byte_array_set_size (encoder->pages, 0);
  encoder->has_delta = false;
  encoder->twin.mirror_ends = false;
  XXH3_128bits_reset (encoder->hash);
}

/* ---- the batch ---- */

static bool
is_to_be_tried (UmzEncoder *encoder)
{
  if (encoder->level == UMZ_CODEC_LEVEL_STORE)
    return false;
  if (encoder->n_untried == 0 || encoder->has_delta || encoder->pages->len == 0)
    return true;
  encoder->n_untried--;
  return encoder->n_untried == 0;
}

static size_t
compress_body (UmzEncoder *encoder, size_t body_bytes, uint8_t *to, size_t size)
{
  const GByteArray *parts[] = { encoder->records, encoder->forms, encoder->pages };
  ZSTD_outBuffer out = { .dst = to, .size = size };

  (void) ZSTD_CCtx_reset (encoder->zstd, ZSTD_reset_session_only); /* these cannot fail here */
  (void) ZSTD_CCtx_setParameter (encoder->zstd, ZSTD_c_compressionLevel, encoder->level);
  (void) ZSTD_CCtx_setPledgedSrcSize (encoder->zstd, body_bytes);
  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++) {
    bool is_last = i + 1 == G_N_ELEMENTS (parts);
    ZSTD_inBuffer in = { .src = parts[i]->data, .size = parts[i]->len };
    size_t left = ZSTD_compressStream2 (encoder->zstd, &out, &in,
                                        is_last ? ZSTD_e_end : ZSTD_e_continue);
    g_assert (!ZSTD_isError (left) && in.pos == in.size && (!is_last || left == 0));
  }
  return out.pos;
}

/* Appends the body in fewer bytes; false: that does not pay, and nothing is appended. */
static bool
append_compressed (UmzEncoder *encoder, size_t body_bytes, GByteArray *batch)
{
  size_t start = batch->len, size = ZSTD_compressBound (body_bytes);

  g_byte_array_set_size (batch, start + size);
  size_t n = compress_body (encoder, body_bytes, batch->data + start, size);
  bool pays = n < body_bytes * PAYS_BELOW;
  g_byte_array_set_size (batch, pays ? start + n : start);
  if (encoder->pages->len > 0)
    encoder->n_untried = pays ? 0 : TRY_EVERY;
  return pays;
}

static void
append_stored (UmzEncoder *encoder, GByteArray *batch)
{
  g_byte_array_append (batch, encoder->records->data, encoder->records->len);
  g_byte_array_append (batch, encoder->forms->data, encoder->forms->len);
  g_byte_array_append (batch, encoder->pages->data, encoder->pages->len);
}

static void
end_batch (UmzEncoder *encoder, GByteArray *batch)
{
  size_t start = batch->len;
  UmzBatchHeader header = {
    .form = UMZ_BODY_ZSTD,
    .mirror_ends = encoder->twin.mirror_ends,
    .raw_bytes = encoder->records->len + encoder->forms->len * UMZ_PAGE_BYTES,
    .record_bytes = encoder->records->len,
    .n_pages = encoder->forms->len,
    .n_sent_pages = encoder->pages->len / UMZ_PAGE_BYTES,
  };

  XXH128_canonicalFromHash ((XXH128_canonical_t *) header.hash.bytes,
                            XXH3_128bits_digest (encoder->hash));
  g_byte_array_set_size (batch, start + UMZ_BATCH_HEADER_BYTES);
  if (!is_to_be_tried (encoder) ||
      !append_compressed (encoder, umz_batch_header_get_body_bytes (&header), batch)) {
    header.form = UMZ_BODY_STORED;
    append_stored (encoder, batch);
  }
  umz_batch_header_encode (&header, batch->data + start);
  umz_twin_note_batch (&encoder->twin, &header, batch->len - start);
}

void
umz_encoder_encode (UmzEncoder *encoder, const uint8_t *bytes, size_t n_bytes,
                    UmzCodecNext next, GByteArray *batch)
{
  g_assert (n_bytes <= UMZ_CODEC_INPUT_MAX_BYTES);
  begin_batch (encoder);
  while (n_bytes > 0) {
    UmzRun run = umz_ram_parser_next (encoder->twin.parser);
    size_t n = run.kind == UMZ_RUN_PAGE ? take_page (encoder, &run, bytes, n_bytes)
                                        : take_record (encoder, &run, bytes, n_bytes);
    bytes += n;
    n_bytes -= n;
  }
  if (next == UMZ_CODEC_END)
    take_rest (encoder);
  if (encoder->records->len + encoder->forms->len > 0)
    end_batch (encoder, batch);
}

UmzCodecStats
umz_encoder_get_stats (const UmzEncoder *encoder)
{
  return umz_twin_get_stats (&encoder->twin);
}

bool
umz_encoder_get_digest (UmzEncoder *encoder, UmzDigest *ret_digest)
{
  return umz_twin_get_digest (&encoder->twin, ret_digest);
}

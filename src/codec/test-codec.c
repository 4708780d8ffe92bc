/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/codec.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "codec/batch.h"
#include "codec/test-stream.h"

static const uint8_t key[UMZ_MIRROR_KEY_BYTES] = "a key of thirty-two bytes, and eight";

/* Both ends of a link. */
typedef struct {
  UmzEncoder *encoder;
  UmzDecoder *decoder;
} Pair;

/* What stays of a guest on both SUs between two moves; -1: no mirror. */
typedef struct {
  int source_fd, target_fd;
  UmzDigest digest;
} Mirrors;

static const Mirrors no_mirrors = { .source_fd = -1, .target_fd = -1 };

static Mirrors
make_mirrors (void)
{
  const Mirrors mirrors = {
    .source_fd = memfd_create ("source", MFD_CLOEXEC | MFD_ALLOW_SEALING),
    .target_fd = memfd_create ("target", MFD_CLOEXEC | MFD_ALLOW_SEALING),
  };

  g_assert_true (mirrors.source_fd >= 0 && mirrors.target_fd >= 0);
  return mirrors;
}

static void
close_mirrors (const Mirrors *mirrors)
{
  close (mirrors->source_fd);
  close (mirrors->target_fd);
}

static UmzMirror *
open_mirror (int fd)
{
  return fd < 0 ? NULL : umz_mirror_new (dup (fd), 64 << 20, key);
}

static Pair
open_pair (const Mirrors *mirrors)
{
  return (Pair){
    .encoder = umz_encoder_new (open_mirror (mirrors->source_fd), &mirrors->digest),
    .decoder = umz_decoder_new (open_mirror (mirrors->target_fd), &mirrors->digest),
  };
}

static void
close_pair (Pair *pair)
{
  umz_encoder_free (pair->encoder);
  umz_decoder_free (pair->decoder);
}

/* Over the link in pieces of that size; next: what follows them all. */
static void
carry (const Pair *pair, const uint8_t *bytes, size_t n_bytes, size_t piece_bytes,
       UmzCodecNext next, GByteArray *arrived)
{
  g_autoptr (GByteArray) batch = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  size_t n;

  for (size_t at = 0; at <= n_bytes; at += n) {
    n = MIN (piece_bytes, n_bytes - at);
    g_byte_array_set_size (batch, 0);
    umz_encoder_encode (pair->encoder, bytes + at, n, at + n == n_bytes ? next : UMZ_CODEC_MORE,
                        batch);
    g_assert_cmpuint (batch->len, <=, UMZ_CODEC_BATCH_MAX_BYTES);
    if (batch->len > 0)
      umz_decoder_decode (pair->decoder, batch->data, batch->len, arrived, &error);
    g_assert_no_error (error);
    if (n == 0)
      break;
  }
}

static void
assert_same (const GByteArray *a, const uint8_t *b, size_t n_bytes)
{
  g_assert_cmpuint (a->len, ==, n_bytes);
  g_assert_true (n_bytes == 0 || memcmp (a->data, b, n_bytes) == 0); /* no dump of megabytes */
}

static UmzCodecStats
assert_law (Mirrors *mirrors, const uint8_t *bytes, size_t n_bytes, size_t piece_bytes, int level)
{
  Pair pair = open_pair (mirrors);
  g_autoptr (GByteArray) arrived = g_byte_array_new ();
  UmzDigest other;

  umz_encoder_set_level (pair.encoder, level);
  carry (&pair, bytes, n_bytes, piece_bytes, UMZ_CODEC_END, arrived);
  assert_same (arrived, bytes, n_bytes);
  UmzCodecStats stats = umz_encoder_get_stats (pair.encoder);
  UmzCodecStats there = umz_decoder_get_stats (pair.decoder);
  g_assert_cmpmem (&stats, sizeof stats, &there, sizeof there);
  bool has_mirror = umz_encoder_get_digest (pair.encoder, &mirrors->digest);
  g_assert_true (umz_decoder_get_digest (pair.decoder, &other) == has_mirror);
  g_assert_cmpmem (&mirrors->digest, sizeof other, &other, sizeof other);
  close_pair (&pair);
  return stats;
}

static void
the_stream_arrives_however_it_is_cut (const void *data)
{
  bool has_mirrors = GPOINTER_TO_INT (data);
  static const size_t pieces[] = { 7, 4096, 65536, UMZ_CODEC_INPUT_MAX_BYTES };
  static const int levels[] = { UMZ_CODEC_LEVEL_STORE, UMZ_CODEC_LEVEL_MIN, UMZ_CODEC_LEVEL_MAX };
  g_autoptr (GByteArray) stream = umz_test_stream (1);

  for (size_t i = 0; i < G_N_ELEMENTS (pieces); i++) {
    for (size_t k = 0; k < G_N_ELEMENTS (levels); k++) {
      Mirrors mirrors = has_mirrors ? make_mirrors () : no_mirrors;
      assert_law (&mirrors, stream->data, stream->len, pieces[i], levels[k]);
      close_mirrors (&mirrors);
    }
  }
}

static void
every_beginning_of_a_stream_arrives (void)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  const uint8_t page[UMZ_PAGE_BYTES] = { 1, 2, 3 };

  umz_test_put_start (stream);
  umz_test_put_part (stream);
  umz_test_put_page (stream, UMZ_TEST_BLOCK_A, 1, page);
  umz_test_put_zero_page (stream, NULL, 2);
  umz_test_put_footer (stream);
  umz_test_put_end (stream);
  for (size_t n = 0; n <= stream->len; n++) {
    Mirrors mirrors = make_mirrors ();
    assert_law (&mirrors, stream->data, n, 1000, UMZ_CODEC_LEVEL_MIN);
    close_mirrors (&mirrors);
  }
}

static void
a_mutated_stream_arrives (void)
{
  g_autoptr (GByteArray) whole = umz_test_stream (1);
  Mirrors mirrors = make_mirrors ();

  for (unsigned round = 0; round < 300; round++) {
    g_autoptr (GByteArray) stream = g_byte_array_new ();
    g_byte_array_append (stream, whole->data, whole->len);
    for (int i = g_test_rand_int_range (1, 20); i > 0; i--) {
      /* Most of them where records are, which are less than a hundredth of the stream. */
      int at = i % 2 ? g_test_rand_int_range (0, 300) : g_test_rand_int_range (0, whole->len);
      stream->data[at] = g_test_rand_int_range (0, 256);
    }
    assert_law (&mirrors, stream->data, stream->len, 50000, UMZ_CODEC_LEVEL_MIN);
  }
  close_mirrors (&mirrors);
}

static void
recorded_streams_arrive (const void *data)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "corpus", "streams", data, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = NULL;
  gsize n_bytes = 0;
  Mirrors mirrors = make_mirrors ();

  g_file_get_contents (path, &bytes, &n_bytes, &error);
  g_assert_no_error (error);
  UmzCodecStats first = assert_law (&mirrors, (uint8_t *) bytes, n_bytes, 32768, 1);
  UmzCodecStats second = assert_law (&mirrors, (uint8_t *) bytes, n_bytes, 32768, 1);
  /* Every page is found: what the parser did not know would be bytes without a meaning. */
  g_assert_cmpuint (first.zero_pages + first.same_pages + first.delta_pages + first.fresh_pages,
                    >=, first.total_pages);
  g_assert_cmpuint (first.total_pages, >, 500);
  g_assert_cmpuint (first.delta_pages, >, 0); /* more than one round */
  g_assert_cmpuint (second.coded_bytes, <, first.coded_bytes);
  for (unsigned i = 0; i < 200; i++)
    assert_law (&mirrors, (uint8_t *) bytes, g_test_rand_int_range (0, n_bytes), 32768, 1);
  close_mirrors (&mirrors);
}

static void
a_return_is_sent_as_differences (void)
{
  g_autoptr (GByteArray) there = umz_test_stream (1), back = umz_test_stream (1);
  Mirrors mirrors = make_mirrors (), back_mirrors;

  UmzCodecStats first = assert_law (&mirrors, there->data, there->len, 65536, 1);
  g_assert_cmpuint (first.delta_pages, >, 0);
  g_assert_cmpuint (first.same_pages, >, 0);
  back_mirrors = (Mirrors){ mirrors.target_fd, mirrors.source_fd, mirrors.digest };
  UmzCodecStats second = assert_law (&back_mirrors, back->data, back->len, 65536, 1);
  g_assert_cmpuint (second.fresh_pages, <, first.fresh_pages / 2);
  g_assert_cmpuint (second.coded_bytes, <, first.coded_bytes / 3);
  g_assert_cmpint (memcmp (&mirrors.digest, &back_mirrors.digest, sizeof (UmzDigest)), !=, 0);
  close_mirrors (&mirrors);
}

static void
a_mirror_that_fails_at_the_source_is_given_up_on_both_sides (const void *data)
{
  bool at_once = GPOINTER_TO_INT (data);
  g_autoptr (GByteArray) stream = umz_test_stream (1), arrived = g_byte_array_new ();
  size_t part_bytes = stream->len * 3 / 4; /* in the second round, which reads the mirror */
  Mirrors mirrors = make_mirrors ();
  UmzDigest digest;

  Pair pair = open_pair (&mirrors);
  if (at_once)
    g_assert_cmpint (fcntl (mirrors.source_fd, F_ADD_SEALS, F_SEAL_GROW), ==, 0);
  carry (&pair, stream->data, part_bytes, 65536, UMZ_CODEC_MORE, arrived);
  if (!at_once)
    g_assert_cmpint (ftruncate (mirrors.source_fd, 2 * UMZ_PAGE_BYTES), ==, 0);
  carry (&pair, stream->data + part_bytes, stream->len - part_bytes, 65536, UMZ_CODEC_END, arrived);
  assert_same (arrived, stream->data, stream->len);
  g_assert_false (umz_encoder_get_digest (pair.encoder, &digest));
  g_assert_false (umz_decoder_get_digest (pair.decoder, &digest));
  close_pair (&pair);
  close_mirrors (&mirrors);
}

static void
a_guest_that_is_too_large_for_both_mirrors_does_without (void)
{
  g_autoptr (GByteArray) stream = umz_test_stream (1), arrived = g_byte_array_new ();
  const Mirrors mirrors = make_mirrors ();
  UmzDigest digest;

  Pair pair = {
    .encoder = umz_encoder_new (umz_mirror_new (dup (mirrors.source_fd), 8192, key),
                                &mirrors.digest),
    .decoder = umz_decoder_new (umz_mirror_new (dup (mirrors.target_fd), 8192, key),
                                &mirrors.digest),
  };
  carry (&pair, stream->data, stream->len, 65536, UMZ_CODEC_END, arrived);
  assert_same (arrived, stream->data, stream->len);
  g_assert_false (umz_encoder_get_digest (pair.encoder, &digest));
  g_assert_false (umz_decoder_get_digest (pair.decoder, &digest));
  close_pair (&pair);
  close_mirrors (&mirrors);
}

/* ---- what is not from an encoder ---- */

/* The first batch of a stream that has pages of all forms. */
static GByteArray *
make_batch (Mirrors *mirrors)
{
  g_autoptr (GByteArray) stream = umz_test_stream (1);
  GByteArray *batch = g_byte_array_new ();

  assert_law (mirrors, stream->data, stream->len, 65536, UMZ_CODEC_LEVEL_MIN);
  g_autoptr (UmzEncoder) encoder =
    umz_encoder_new (open_mirror (mirrors->source_fd), &mirrors->digest);
  umz_encoder_encode (encoder, stream->data, 20000, UMZ_CODEC_MORE, batch);
  return batch;
}

static void
assert_damaged (const Mirrors *mirrors, const uint8_t *batch, size_t n_bytes)
{
  g_autoptr (UmzDecoder) decoder =
    umz_decoder_new (open_mirror (mirrors->target_fd), &mirrors->digest);
  g_autoptr (GByteArray) arrived = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (umz_decoder_decode (decoder, batch, n_bytes, arrived, &error));
  g_assert_nonnull (error);
  g_assert_true (error->domain == UMZ_CODEC_ERROR); /* the mirror is of no use behind the first */
  g_assert_cmpuint (arrived->len, ==, 0);
}

static void
a_batch_that_is_damaged_anywhere_is_refused (void)
{
  Mirrors mirrors = make_mirrors ();
  g_autoptr (GByteArray) batch = make_batch (&mirrors);

  for (size_t i = 0; i < batch->len; i++) {
    batch->data[i] ^= 1 << (i % 7); /* never the bit of MIRROR_ENDS, which changes no byte */
    assert_damaged (&mirrors, batch->data, batch->len);
    batch->data[i] ^= 1 << (i % 7);
  }
  close_mirrors (&mirrors);
}

static void
a_batch_that_is_cut_or_too_long_is_refused (void)
{
  Mirrors mirrors = make_mirrors ();
  g_autoptr (GByteArray) batch = make_batch (&mirrors);

  for (size_t n = 0; n < batch->len; n++)
    assert_damaged (&mirrors, batch->data, n);
  umz_test_put_u8 (batch, 0);
  assert_damaged (&mirrors, batch->data, batch->len);
  close_mirrors (&mirrors);
}

static void
a_batch_for_another_mirror_is_refused (void)
{
  Mirrors mirrors = make_mirrors (), others = make_mirrors ();
  g_autoptr (GByteArray) batch = make_batch (&mirrors);

  assert_damaged (&others, batch->data, batch->len);
  assert_damaged (&no_mirrors, batch->data, batch->len);
  close_mirrors (&mirrors);
  close_mirrors (&others);
}

static const struct {
  const char *name;
  UmzBatchHeader header;
} wrong_headers[] = {
  { "no-form", { .form = 0, .raw_bytes = 1, .record_bytes = 1 } },
  { "unknown-form", { .form = 3, .raw_bytes = 1, .record_bytes = 1 } },
  { "nothing", { .form = UMZ_BODY_STORED } },
  { "too-long",
    { .form = UMZ_BODY_STORED,
      .raw_bytes = UMZ_CODEC_RAW_MAX_BYTES + 1,
      .record_bytes = UMZ_CODEC_RAW_MAX_BYTES + 1 } },
  { "more-pages-than-bytes",
    { .form = UMZ_BODY_STORED, .raw_bytes = 4097, .record_bytes = 1, .n_pages = 2 } },
  { "more-pages-sent-than-there-are",
    { .form = UMZ_BODY_STORED,
      .raw_bytes = 4097,
      .record_bytes = 1,
      .n_pages = 1,
      .n_sent_pages = 2 } },
};

static void
a_header_that_does_not_fit_together_is_refused (const void *data)
{
  const UmzBatchHeader *header = data;
  uint8_t batch[UMZ_BATCH_HEADER_BYTES + 1] = { 0 };

  umz_batch_header_encode (header, batch);
  assert_damaged (&no_mirrors, batch, sizeof batch);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)            g_test_add_func ("/codec/" name, function)
#define ADD_DATA(name, data, function) g_test_add_data_func ("/codec/" name, data, function)
  ADD_DATA ("the-stream-arrives-however-it-is-cut/with-mirrors", GINT_TO_POINTER (1),
            the_stream_arrives_however_it_is_cut);
  ADD_DATA ("the-stream-arrives-however-it-is-cut/without", GINT_TO_POINTER (0),
            the_stream_arrives_however_it_is_cut);
  ADD ("every-beginning-of-a-stream-arrives", every_beginning_of_a_stream_arrives);
  ADD ("a-mutated-stream-arrives", a_mutated_stream_arrives);
  ADD_DATA ("recorded-streams-arrive/s390x", "s390x", recorded_streams_arrive);
  ADD_DATA ("recorded-streams-arrive/x86_64", "x86_64", recorded_streams_arrive);
  ADD ("a-return-is-sent-as-differences", a_return_is_sent_as_differences);
  ADD_DATA ("a-mirror-that-fails-at-the-source-is-given-up-on-both-sides/at-once",
            GINT_TO_POINTER (1), a_mirror_that_fails_at_the_source_is_given_up_on_both_sides);
  ADD_DATA ("a-mirror-that-fails-at-the-source-is-given-up-on-both-sides/later",
            GINT_TO_POINTER (0), a_mirror_that_fails_at_the_source_is_given_up_on_both_sides);
  ADD ("a-guest-that-is-too-large-for-both-mirrors-does-without",
       a_guest_that_is_too_large_for_both_mirrors_does_without);
  ADD ("a-batch-that-is-damaged-anywhere-is-refused", a_batch_that_is_damaged_anywhere_is_refused);
  ADD ("a-batch-that-is-cut-or-too-long-is-refused", a_batch_that_is_cut_or_too_long_is_refused);
  ADD ("a-batch-for-another-mirror-is-refused", a_batch_for_another_mirror_is_refused);
  for (size_t i = 0; i < G_N_ELEMENTS (wrong_headers); i++) {
    g_autofree char *name = g_strdup_printf (
      "/codec/a-header-that-does-not-fit-together-is-refused/%s", wrong_headers[i].name);
    g_test_add_data_func (name, &wrong_headers[i].header,
                          a_header_that_does_not_fit_together_is_refused);
  }
#undef ADD_DATA
#undef ADD
  return g_test_run ();
}

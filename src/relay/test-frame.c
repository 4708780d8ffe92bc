/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-frame.c: frames between two relays. */
#include "relay/frame.h"

#include <string.h>

#include "relay/control.h"

/* DATA "hello", ACK, CODED "batch", END, CODED "y", DATA "x" */
static GByteArray *
make_stream (void)
{
  GByteArray *bytes = g_byte_array_new ();
  uint8_t header[UMZ_FRAME_ACK_BYTES];

  umz_frame_encode_data_header (5, header);
  g_byte_array_append (bytes, header, UMZ_FRAME_HEADER_BYTES);
  g_byte_array_append (bytes, (const uint8_t *) "hello", 5);
  umz_frame_encode_ack (0x0102030405060708, header);
  g_byte_array_append (bytes, header, UMZ_FRAME_ACK_BYTES);
  umz_frame_encode_coded_header (5, header);
  g_byte_array_append (bytes, header, UMZ_FRAME_HEADER_BYTES);
  g_byte_array_append (bytes, (const uint8_t *) "batch", 5);
  umz_frame_encode_end (header);
  g_byte_array_append (bytes, header, UMZ_FRAME_HEADER_BYTES);
  umz_frame_encode_coded_header (1, header);
  g_byte_array_append (bytes, header, UMZ_FRAME_HEADER_BYTES);
  g_byte_array_append (bytes, (const uint8_t *) "y", 1);
  umz_frame_encode_data_header (1, header);
  g_byte_array_append (bytes, header, UMZ_FRAME_HEADER_BYTES);
  g_byte_array_append (bytes, (const uint8_t *) "x", 1);
  return bytes;
}

static void
decode (UmzFrameDecoder *decoder, const uint8_t *bytes, size_t n, GString *trace)
{
  g_autofree uint8_t *copy = g_memdup2 (bytes, n);
  UmzReader reader;
  UmzFrame frame = { 0 };

  umz_reader_init (&reader, copy, n);
  do {
    g_assert_true (umz_frame_decoder_next (decoder, &reader, &frame, NULL));
    if (frame.type == UMZ_FRAME_DATA)
      g_string_append_len (trace, (const char *) frame.data, frame.length_bytes);
    if (frame.type == UMZ_FRAME_CODED)
      g_string_append_printf (trace, "[coded %.*s]", (int) frame.length_bytes, frame.data);
    if (frame.type == UMZ_FRAME_ACK)
      g_string_append_printf (trace, "[ack %" G_GINT64_MODIFIER "x]", frame.total_bytes);
    if (frame.type == UMZ_FRAME_END)
      g_string_append (trace, "[end]");
  } while (frame.type != 0);
  g_assert_cmpuint (umz_reader_get_left_bytes (&reader), ==, 0);
}

static void
test_cuts_do_not_matter (void)
{
  g_autoptr (GByteArray) bytes = make_stream ();

  for (size_t piece = 1; piece <= bytes->len; piece++) {
    UmzFrameDecoder decoder = { 0 };
    GString *trace = g_string_new (NULL);
    for (size_t at = 0; at < bytes->len; at += piece)
      decode (&decoder, bytes->data + at, MIN (piece, bytes->len - at), trace);
    g_assert_cmpstr (trace->str, ==, "hello[ack 102030405060708][coded batch][end][coded y]x");
    umz_frame_decoder_clear (&decoder);
    g_string_free (trace, TRUE);
  }
}

static void
test_malformed (void)
{
  static const struct {
    const char *name;
    uint8_t bytes[5];
  } cases[] = {
    { "type 0", { 0, 0, 0, 1, 0 } },
    { "type 5", { 0, 0, 0, 1, 5 } },
    { "empty CODED", { 0, 0, 0, 0, UMZ_FRAME_CODED } },
    { "CODED of the limit + 1", { 0, 0x10, 0x20, 0x01, UMZ_FRAME_CODED } },
    { "empty DATA", { 0, 0, 0, 0, UMZ_FRAME_DATA } },
    { "DATA of the limit + 1", { 1, 0, 0, 1, UMZ_FRAME_DATA } },
    { "DATA of 4 GiB - 1", { 0xff, 0xff, 0xff, 0xff, UMZ_FRAME_DATA } },
    { "END with payload", { 0, 0, 0, 1, UMZ_FRAME_END } },
    { "short ACK", { 0, 0, 0, 7, UMZ_FRAME_ACK } },
    { "long ACK", { 0, 0, 0, 9, UMZ_FRAME_ACK } },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    UmzFrameDecoder decoder = { 0 };
    UmzFrame frame = { 0 };
    UmzReader reader;
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", cases[i].name);
    umz_reader_init (&reader, cases[i].bytes, sizeof cases[i].bytes);
    g_assert_false (umz_frame_decoder_next (&decoder, &reader, &frame, &error));
    g_assert_error (error, UMZ_RELAY_ERROR, UMZ_RELAY_END_HOSTILE);
  }
}

/* The table has the limit in bytes. */
G_STATIC_ASSERT (UMZ_CODEC_BATCH_MAX_BYTES == 0x102000);

static void
test_largest_data (void)
{
  static const uint8_t bytes[] = { 1, 0, 0, 0, UMZ_FRAME_DATA, 'y' };
  UmzFrameDecoder decoder = { 0 };
  GString *trace = g_string_new (NULL);

  decode (&decoder, bytes, sizeof bytes, trace);
  g_assert_cmpstr (trace->str, ==, "y");
  g_string_free (trace, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame/it-does-not-matter-how-bytes-are-cut", test_cuts_do_not_matter);
  g_test_add_func ("/frame/malformed-headers-are-hostile", test_malformed);
  g_test_add_func ("/frame/data-of-the-limit-is-taken", test_largest_data);
  return g_test_run ();
}

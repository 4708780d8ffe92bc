/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* umzug-codec: the codec at work on files, to look at what it makes of a recorded stream.
 *
 * A coded file is a row of batches, each with its length in front, be32.
 */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include "base/reader.h"
#include "codec/codec.h"

#define PIECE_BYTES (256 * 1024)

static const char usage[] =
  "usage: umzug-codec [--mirror FILE] [--level 0-9] encode STREAM CODED\n"
  "       umzug-codec [--mirror FILE] decode CODED STREAM\n"
  "\n"
  "STREAM is QEMU's migration stream, CODED what a relay would send of it.  The mirror's FILE is\n"
  "made if it is not there, and can be used for the next stream of the same guest; the two\n"
  "commands need one each.  Its key is a fixed one: this is a tool to measure with.\n";

static char *mirror_file;
static int level = UMZ_CODEC_LEVEL_MIN;

static const GOptionEntry options[] = {
  { "mirror", 0, 0, G_OPTION_ARG_FILENAME, &mirror_file, NULL, NULL },
  { "level", 0, 0, G_OPTION_ARG_INT, &level, NULL, NULL },
  { NULL },
};

static bool
open_mirror (UmzMirror **ret_mirror, GError **error)
{
  uint8_t key[UMZ_MIRROR_KEY_BYTES];

  *ret_mirror = NULL;
  if (mirror_file == NULL)
    return true;
  for (size_t i = 0; i < sizeof key; i++)
    key[i] = i;

  int fd = open (mirror_file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", mirror_file,
                 strerrordesc_np (errno));
    return false;
  }
  *ret_mirror = umz_mirror_new (fd, G_MAXUINT64, key);
  return true;
}

static bool
write_batch (GOutputStream *out, const GByteArray *batch, GError **error)
{
  uint32_t length = GUINT32_TO_BE (batch->len);

  return batch->len == 0 ||
         (g_output_stream_write_all (out, &length, sizeof length, NULL, NULL, error) &&
          g_output_stream_write_all (out, batch->data, batch->len, NULL, NULL, error));
}

static bool
encode (GInputStream *in, GOutputStream *out, UmzMirror *mirror, UmzCodecStats *ret_stats,
        GError **error)
{
  g_autoptr (UmzEncoder) encoder = umz_encoder_new (mirror, &(UmzDigest){ 0 });
  g_autoptr (GByteArray) batch = g_byte_array_new ();
  g_autofree uint8_t *piece = g_malloc (PIECE_BYTES);
  gsize n = 0;

  umz_encoder_set_level (encoder, level);
  do {
    if (!g_input_stream_read_all (in, piece, PIECE_BYTES, &n, NULL, error))
      return false;
    g_byte_array_set_size (batch, 0);
    umz_encoder_encode (encoder, piece, n, n < PIECE_BYTES ? UMZ_CODEC_END : UMZ_CODEC_MORE, batch);
    if (!write_batch (out, batch, error))
      return false;
  } while (n == PIECE_BYTES);
  *ret_stats = umz_encoder_get_stats (encoder);
  return true;
}

/* *ret_length is 0 at the end of the file. */
static bool
read_length (GInputStream *in, uint32_t *ret_length, GError **error)
{
  uint8_t bytes[4];
  gsize n = 0;
  UmzReader reader;

  *ret_length = 0;
  if (!g_input_stream_read_all (in, bytes, sizeof bytes, &n, NULL, error))
    return false;
  umz_reader_init (&reader, bytes, n);
  if (n == 0 || (umz_reader_get_u32 (&reader, ret_length) && *ret_length >= 1 &&
                 *ret_length <= UMZ_CODEC_BATCH_MAX_BYTES))
    return true;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "no batch begins here");
  return false;
}

static bool
decode (GInputStream *in, GOutputStream *out, UmzMirror *mirror, UmzCodecStats *ret_stats,
        GError **error)
{
  g_autoptr (UmzDecoder) decoder = umz_decoder_new (mirror, &(UmzDigest){ 0 });
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  g_autofree uint8_t *batch = g_malloc (UMZ_CODEC_BATCH_MAX_BYTES);
  uint32_t length = 0;
  gsize n = 0;

  for (;;) {
    if (!read_length (in, &length, error))
      return false;
    if (length == 0)
      break;
    g_byte_array_set_size (stream, 0);
    if (!g_input_stream_read_all (in, batch, length, &n, NULL, error) ||
        !umz_decoder_decode (decoder, batch, n, stream, error) ||
        !g_output_stream_write_all (out, stream->data, stream->len, NULL, NULL, error))
      return false;
  }
  *ret_stats = umz_decoder_get_stats (decoder);
  return true;
}

static void
print_stats (const UmzCodecStats *stats, int64_t time_us)
{
#define N "%" G_GUINT64_FORMAT
  g_print (N " bytes of stream, " N " coded; pages: ", stats->raw_bytes, stats->coded_bytes);
  g_print (N " same, " N " delta, ", stats->same_pages, stats->delta_pages);
  g_print (N " fresh, " N " zero; %.0f ms\n", stats->fresh_pages, stats->zero_pages, time_us / 1e3);
#undef N
}

/* What was there stays; GIO would put the unfinished file in its place. */
static void
discard (GOutputStream *out)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();

  g_cancellable_cancel (cancelled);
  (void) g_output_stream_close (out, cancelled, NULL);
}

static bool
run (const char *verb, const char *from, const char *to, GError **error)
{
  g_autoptr (GFile) source = g_file_new_for_commandline_arg (from);
  g_autoptr (GFile) target = g_file_new_for_commandline_arg (to);
  UmzMirror *mirror = NULL;
  UmzCodecStats stats = { 0 };
  int64_t start_us = g_get_monotonic_time ();

  g_autoptr (GFileInputStream) in = g_file_read (source, NULL, error);
  if (in == NULL)
    return false;
  g_autoptr (GFileOutputStream) out =
    g_file_replace (target, NULL, false, G_FILE_CREATE_PRIVATE, NULL, error);
  if (out == NULL)
    return false;
  if (!open_mirror (&mirror, error) ||
      !(g_str_equal (verb, "encode") ? encode : decode) (
        G_INPUT_STREAM (in), G_OUTPUT_STREAM (out), mirror, &stats, error)) {
    discard (G_OUTPUT_STREAM (out));
    return false;
  }
  if (!g_output_stream_close (G_OUTPUT_STREAM (out), NULL, error))
    return false;
  print_stats (&stats, g_get_monotonic_time () - start_us);
  return true;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_help_enabled (context, false);
  g_option_context_add_main_entries (context, options, NULL);
  bool is_parsed = g_option_context_parse (context, &argc, &argv, NULL);
  if (!is_parsed || argc != 4 || level < UMZ_CODEC_LEVEL_STORE || level > UMZ_CODEC_LEVEL_MAX ||
      !(g_str_equal (argv[1], "encode") || g_str_equal (argv[1], "decode"))) {
    g_printerr ("%s", usage);
    return 2;
  }
  if (!run (argv[1], argv[2], argv[3], &error)) {
    g_printerr ("umzug-codec: %s\n", error->message);
    return 1;
  }
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/stream.h"

#define BYTES 200000 /* more than is read at once */

static GInputStream *
new_stream (size_t n_bytes)
{
  char *bytes = g_strnfill (n_bytes, 'x');
  return g_memory_input_stream_new_from_data (bytes, (gssize) n_bytes, g_free);
}

static void
what_fits_is_read (void)
{
  static const size_t sizes[] = { 0, 1, 65536, BYTES };
  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GInputStream) stream = new_stream (sizes[i]);
    g_autoptr (GBytes) bytes = umz_stream_read (stream, BYTES, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (g_bytes_get_size (bytes), ==, sizes[i]);
  }
}

/* However much there is, little more than that is taken from it. */
static void
what_is_longer_is_not_read (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = new_stream (10 * BYTES);
  g_assert_null (umz_stream_read (stream, BYTES, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);
  g_assert_cmpint (g_seekable_tell (G_SEEKABLE (stream)), <, 2 * BYTES);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stream/what-fits-is-read", what_fits_is_read);
  g_test_add_func ("/stream/what-is-longer-is-not-read", what_is_longer_is_not_read);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/stream.h"

#include <errno.h>

#define PIECE_BYTES (64 * 1024)

GBytes *
umz_stream_read (GInputStream *stream, size_t max_bytes, GCancellable *cancellable, GError **error)
{
  g_autofree char *piece = g_malloc (PIECE_BYTES);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gssize n;
  while ((n = g_input_stream_read (stream, piece, PIECE_BYTES, cancellable, error)) > 0) {
    if ((size_t) n > max_bytes - bytes->len) {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, g_strerror (EMSGSIZE));
      return NULL;
    }
    g_byte_array_append (bytes, (const guint8 *) piece, (guint) n);
  }
  return n == 0 ? g_byte_array_free_to_bytes (g_steal_pointer (&bytes)) : NULL;
}

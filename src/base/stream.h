/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stream.h: reading what may be endless. */
#pragma once

#include <gio/gio.h>

/* All that comes until the end of the stream.  NULL: it could not be read, or is longer than that
 * (G_IO_ERROR_MESSAGE_TOO_LARGE), of which no more has been read.
 */
GBytes *umz_stream_read (GInputStream *stream, size_t max_bytes, GCancellable *cancellable,
                         GError **error);

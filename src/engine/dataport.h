/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dataport.h: the data port: where the streams of moves come in, and how one is opened to another
 * SU. */
#pragma once

#include <gio/gio.h>

#include "config/config.h"
#include "relay/control.h"

typedef struct UmzDataPort UmzDataPort;

/* A connection with a well-formed preamble; fd is handed over.  Told in the main loop. */
typedef void (*UmzDataPortHandler) (const uint8_t stream_id[UMZ_RELAY_STREAM_ID_BYTES], int fd,
                                    void *data);

UmzDataPort *umz_data_port_open (const UmzConfig *config, UmzDataPortHandler handler, void *data,
                                 GError **error);

/* No handler is called any more when it returns.  Not from a handler. */
void umz_data_port_close (UmzDataPort *port);

/* Connects a stream to the other SU's data port, at most timeout_s.  -1 on failure; the caller
 * owns the descriptor, which is non-blocking.
 */
int umz_data_port_connect (const UmzConfigPeer *su,
                           const uint8_t stream_id[UMZ_RELAY_STREAM_ID_BYTES], unsigned timeout_s,
                           GCancellable *interrupt, GError **error);

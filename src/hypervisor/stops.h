/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stops.h: when domains came to stand, from libvirt's events.
 *
 * QEMU stops a guest by itself for the last part of its memory, and whoever looks from time to time
 * sees that too late to tell how long it stood.  All functions may be called from any thread.
 */
#pragma once

#include <libvirt/libvirt.h>
#include <stdint.h>

typedef struct UmzStops UmzStops;

/* Starts libvirt's event loop in a thread of its own, once for the process: before the first
 * connection is opened.  From then on libvirtd asks each connection whether it is alive
 * (libvirtd.conf: keepalive_interval), which is answered there.
 */
UmzStops *umz_stops_new (void);
void umz_stops_free (UmzStops *stops);

/* Listens on the connection too, until it is given to umz_stops_leave().  Without libvirt's events
 * nothing is known of its domains.
 */
void umz_stops_follow (UmzStops *stops, virConnectPtr connection);
void umz_stops_leave (UmzStops *stops, virConnectPtr connection);

/* Since when the domain stands, or stood when its QEMU ended (monotonic); 0: not known. */
int64_t umz_stops_get_us (UmzStops *stops, const char *uuid);

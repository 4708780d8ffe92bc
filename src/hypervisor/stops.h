/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stops.h: when domains came to stand, from libvirt's events.
 *
 * QEMU stops a guest by itself for the last part of its memory, and whoever looks from time to time
 * sees that too late to tell how long it stood.
 */
#pragma once

#include <libvirt/libvirt.h>
#include <stdint.h>

typedef struct UmzStops UmzStops;

/* Before the first connection is opened.  libvirt's events are heard while the default main context
 * is iterated.  From then on libvirtd asks each connection whether it is alive (libvirtd.conf:
 * keepalive_interval), which is answered there too, or by a call that waits.
 */
UmzStops *umz_stops_new (void);
void umz_stops_free (UmzStops *stops);

/* Listens on the connection, until it is given to umz_stops_leave().  What was known before is
 * forgotten: a guest may have been resumed unheard.  One connection at a time, and these two never
 * at once; without libvirt's events nothing is known, which is logged.
 */
void umz_stops_follow (UmzStops *stops, virConnectPtr connection);
void umz_stops_leave (UmzStops *stops, virConnectPtr connection);

/* Since when the domain stands, or stood when its QEMU ended (monotonic); 0: not known.  From any
 * thread.
 */
int64_t umz_stops_get_us (UmzStops *stops, const char *uuid);

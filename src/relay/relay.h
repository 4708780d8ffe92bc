/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* relay.h: carries one stream of a move until it ends. */
#pragma once

#include <sys/types.h>

#include "relay/control.h"

/* Runs the relay that START describes; returns when it has ended and umzugd has been told so, or
 * when umzugd is gone.  control_fd is lent.  The descriptors of *start are taken and its key is
 * wiped.  Only `owner`, the user of umzugd and libvirtd, is let in at the listener.
 */
UmzRelayEnd umz_relay_run (int control_fd, UmzRelayMessage *start, uid_t owner);

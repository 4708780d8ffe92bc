/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* connection.h: a connection to libvirtd that is there when it is needed.
 *
 * A libvirtd that was restarted is connected to anew.  One that is silent costs who asks it no more
 * than some seconds: an opening is left behind after a while, and keepalive ends a connection whose
 * other end does not answer, with every call that waits there.
 */
#pragma once

#include <glib.h>
#include <libvirt/libvirt.h>

typedef struct UmzConnection UmzConnection;

/* Opens nothing yet. */
UmzConnection *umz_connection_new (const char *uri);
void umz_connection_free (UmzConnection *connection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzConnection, umz_connection_free)

/* Ends it until it is needed again. */
void umz_connection_drop (UmzConnection *connection);

/* A reference to a libvirt connection that has just answered; UMZ0122 otherwise. */
virConnectPtr umz_connection_get (UmzConnection *connection, GError **error);

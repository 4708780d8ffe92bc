/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hypervisor-private.h: libvirt's objects, for the files that ask it for facts. */
#pragma once

#include <libvirt/libvirt.h>

#include "hypervisor/hypervisor.h"

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (virDomainPtr, virDomainFree, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (virConnectPtr, virConnectClose, NULL)

/* A reference to a connection that has just answered. */
virConnectPtr umz_hypervisor_connect (UmzHypervisor *hypervisor, GError **error);

/* UMZ0122 too if there is no such domain. */
virDomainPtr umz_hypervisor_look_up (UmzHypervisor *hypervisor, const char *uuid, GError **error);

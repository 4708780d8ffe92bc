/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-libvirt.h: for tests: a libvirt of one domain, which keeps a list of what it was asked
 * to do to the domain's devices.
 *
 * It stands in for libvirt's own functions when it is linked into a test: host devices can be
 * detached and attached where there are none.
 */
#pragma once

#include <glib.h>

#define SCRIPTED_NEVER G_MAXUINT

/* The domain, which runs; its guest releases a device when it was looked at so often. */
void scripted_libvirt_begin (const char *domain_xml, unsigned looks_until_release);

/* The guest releases what it was last asked for. */
void scripted_libvirt_release (void);

/* Takes a device out of the domain. */
void scripted_libvirt_remove (const char *mn);

/* Every attach fails from now on with this text; NULL: none does. */
void scripted_libvirt_fail_attach (const char *text);

/* What it was asked to do, as "detach TAPE, attach TAPE"; lent until the next call. */
const char *scripted_libvirt_get_calls (void);

/* The domain as it is now; lent. */
const char *scripted_libvirt_get_xml (void);

void scripted_libvirt_end (void);

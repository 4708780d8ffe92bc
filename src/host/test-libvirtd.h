/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-libvirtd.h: for tests: a libvirtd that is set up as a test says, whatever this host has.
 *
 * Linked into a test it stands in for hook.h.  Unless told otherwise the hook is called,
 * definitions can be written, and the administrator has set nothing.
 */
#pragma once

#include "host/hook.h"

void umz_test_libvirtd_set_hook (UmzHookState state);
void umz_test_libvirtd_set_can_define (bool it_can);

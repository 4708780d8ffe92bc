/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parse.h: from what the operator typed to a command with all its operands. */
#pragma once

#include "sdf/command.h"

/* Reads one command of at most 16 KiB.  Fails with a message that names the column, what was read
 * and what is allowed.
 *
 * A VM name is upper-cased in `text` like every name outside quotes, but libvirt's names are in any
 * case: look it up by `original` first, then without regard to case.
 */
bool umz_sdf_parse (const char *text, UmzCommand **ret_command, GError **error);

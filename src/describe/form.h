/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* form.h: a command as the manual prints it.
 *
 *   SHOW-VM-DEVICE-STATUS
 *     UNITS  = list-poss(28): *ALL / *DEVICE-RANGE(...)
 *            / <alphanum-name 1..8 with-wild(20)>
 *        *DEVICE-RANGE(...)
 *           |  FROM = <alphanum-name 1..8>
 *           | ,TO   = <alphanum-name 1..8>
 *    ,SELECT = *PARAMETERS(...)
 *        [*PARAMETERS](...)
 *           |  STATE = *ANY / *ASSIGNED(...)
 *
 * Brackets: the value may be left out and its parentheses alone mean it.
 */
#pragma once

#include "sdf/spec.h"

/* Lines of at most 80 columns, each with its newline.  The caller frees it. */
char *umz_describe_form (const UmzCommandSpec *command);

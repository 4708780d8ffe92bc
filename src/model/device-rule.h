/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* device-rule.h: what becomes of a device when its VM moves.
 *
 *                                           before the stop   on the target   after a failure
 *   DETACHED    host device without partner, detached          stays away      attached again
 *               image or medium that only
 *               this host reaches
 *   REATTACHED  host device with a teaming   detached          attached again  attached again
 *               partner (VM2000: alias)
 *   TRAVELS     everything else              stays             as it was       stays
 */
#pragma once

#include "model/vm.h"

typedef enum {
  UMZ_DEVICE_RULE_TRAVELS,
  UMZ_DEVICE_RULE_DETACHED,
  UMZ_DEVICE_RULE_REATTACHED,
} UmzDeviceRule;

/* The facts of the source decide (is_local).  What the guest boots from is never detached: a local
 * disk or a host device of that kind TRAVELS, which it cannot, and the check rejects the move for
 * it (UMZ0106, UMZ0109).
 */
UmzDeviceRule umz_device_get_rule (const UmzDevice *device);

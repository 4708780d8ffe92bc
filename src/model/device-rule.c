/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/device-rule.h"

UmzDeviceRule
umz_device_get_rule (const UmzDevice *device)
{
  switch (device->kind) {
  case UMZ_DEVICE_HOST:
    if (device->is_alias)
      return UMZ_DEVICE_RULE_REATTACHED;
    return device->is_boot ? UMZ_DEVICE_RULE_TRAVELS : UMZ_DEVICE_RULE_DETACHED;
  case UMZ_DEVICE_DISK:
    return device->is_local && !device->is_boot ? UMZ_DEVICE_RULE_DETACHED
                                                : UMZ_DEVICE_RULE_TRAVELS;
  case UMZ_DEVICE_CD:
    return device->is_local ? UMZ_DEVICE_RULE_DETACHED : UMZ_DEVICE_RULE_TRAVELS;
  case UMZ_DEVICE_CONSOLE:
  case UMZ_DEVICE_LAN: return UMZ_DEVICE_RULE_TRAVELS;
  }
  g_assert_not_reached ();
}

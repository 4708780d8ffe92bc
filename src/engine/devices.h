/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* devices.h: devices that do not travel with their VM (model/device-rule.h).
 *
 * At the source they are taken from the guest before it is copied: host devices and local disks are
 * detached, of a CD the medium is taken out and the drive travels.  If the move is undone the guest
 * gets them back at their old places.  On the target alias devices are attached again.
 */
#pragma once

#include "engine/move.h"

/* Source: takes them from the guest, one after the other, and says so.  may_go_on() is called while
 * the guest makes up its mind; false ends that without an error.  A device that is not released
 * within the limit is VMS2406 with VMS4003 and its name.
 */
bool umz_devices_detach (UmzMove *move, bool (*may_go_on) (void *data), void *data, GError **error);

/* For the ledger: gives back the device, or the medium, of this element.  What libvirt does not
 * take back is UMZ0204, and done with; what the guest has not released yet is UMZ0205, and given
 * back when it has.
 */
bool umz_devices_give_back (UmzMove *move, const char *device_xml, GError **error);
bool umz_devices_insert (UmzMove *move, const char *cd_xml, GError **error);

/* Gives back what guests have released after the end of their moves, and says so.  Blocks. */
void umz_devices_give_back_late (const UmzMeans *means);

/* The definition for the target: without what stays behind.  The caller frees it. */
char *umz_devices_dup_definition (const UmzVm *vm, const char *definition);

/* Target: what the guest had at the source it has here too; failing that says UMZ0202. */
void umz_devices_attach_aliases (UmzMove *move);

/* Whether the device is among those that travel. */
bool umz_devices_travels (const UmzDevice *device);

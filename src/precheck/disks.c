/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/checks.h"

#include "messages/catalogue.h"
#include "model/device-rule.h"

/* Of some protocols neither side can tell the size; then libvirt finds out. */
static bool
is_unknown (const UmzDevice *disk)
{
  static const char *const known[] = { "nbd:", "file:", "block:" };
  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_has_prefix (disk->source, known[i]))
      return false;
  return disk->size_bytes == 0 && !disk->is_local;
}

static UmzNotice *
compare (const UmzDevice *disk, const UmzDiskFacts *there)
{
  g_autofree char *size_here = g_strdup_printf ("%" G_GUINT64_FORMAT " BYTES", disk->size_bytes);
  g_autofree char *size_there = g_strdup_printf ("%" G_GUINT64_FORMAT " BYTES", there->size_bytes);
  if (is_unknown (disk))
    return umz_notice_new (UMZ_MSG_UMZ0152, disk->mn, disk->source, NULL);
  if (there->size_bytes == 0)
    return umz_notice_new (UMZ_MSG_VMS4034, disk->mn, NULL);
  if (there->size_bytes != disk->size_bytes)
    return umz_notice_new (UMZ_MSG_UMZ0105, disk->mn, size_here, size_there, NULL);
  if (there->identity != NULL && strcmp (there->identity, disk->identity) != 0)
    return umz_notice_new (UMZ_MSG_UMZ0105, disk->mn, disk->identity, there->identity, NULL);
  return there->cannot_open != NULL ? umz_notice_copy (there->cannot_open) : NULL;
}

void
umz_check_disks (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *disk = vm->devices->pdata[i];
    if (!umz_device_has_storage (disk) || umz_device_get_rule (disk) != UMZ_DEVICE_RULE_TRAVELS)
      continue;
    UmzNotice *difference = compare (disk, &facts->disks[i]);
    if (difference != NULL)
      g_ptr_array_add (findings, difference);
  }
}

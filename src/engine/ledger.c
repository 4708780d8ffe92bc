/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/ledger.h"

#include <errno.h>

#include "host/look.h"

/* In the store. */
static const char *const names[] = {
  [UMZ_STEP_FENCE] = "FENCE",
  [UMZ_STEP_FOLDER] = "FOLDER",
  [UMZ_STEP_GUEST] = "GUEST",
  [UMZ_STEP_INDEX] = "INDEX",
  [UMZ_STEP_OWNER] = "OWNER",
  [UMZ_STEP_FILE] = "FILE",
  [UMZ_STEP_DEVICE] = "DEVICE",
  [UMZ_STEP_MEDIUM] = "MEDIUM",
  [UMZ_STEP_DOMAIN] = "DOMAIN",
};

const char *
umz_step_name (UmzStep step)
{
  return names[step];
}

bool
umz_ledger_note (UmzMove *move, UmzStep step, const char *detail, GError **error)
{
  return umz_store_note_step (move->means->store, move->record->id, names[step], detail, error);
}

bool
umz_ledger_note_owner (UmzMove *move, const char *path, GError **error)
{
  UmzLook look = umz_look_at (path);
  if (look.error == ETIMEDOUT) { /* whose it is has to be known before libvirt changes it */
    umz_set_error (error, UMZ_MSG_UMZ0042, path, g_strerror (look.error), NULL);
    return false;
  }
  if (look.error != 0)
    return true;
  g_autofree char *detail =
    g_strdup_printf ("%u:%u:%o:%" G_GUINT64_FORMAT ":%s", look.stat.st_uid, look.stat.st_gid,
                     look.stat.st_mode & UMZ_LEDGER_PERMISSIONS, (uint64_t) look.stat.st_ino, path);
  return umz_ledger_note (move, UMZ_STEP_OWNER, detail, error);
}

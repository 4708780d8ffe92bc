/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/copy.h"
#include "engine/devices.h"
#include "engine/fault.h"
#include "engine/ledger.h"
#include "engine/streams.h"
#include "host/fence.h"
#include "store/vms.h"

static bool
lower_fence (UmzMove *move, const char *detail, GError **error)
{
  return umz_fence_lower (move->means->config->fence_dir, move->record->uuid, error);
}

static bool
remove_folder (UmzMove *move, const char *detail, GError **error)
{
  umz_streams_remove_folder (move);
  return true;
}

/* The guest goes on here, whether libvirt has left it running or paused.  One that was held when
 * the move began is held still.
 */
static bool
give_back_guest (UmzMove *move, const char *detail, GError **error)
{
  UmzHypervisor *hypervisor = move->hypervisor;
  const char *uuid = move->record->uuid;
  g_autoptr (UmzVm) vm = NULL;
  if (!umz_hypervisor_find (hypervisor, uuid, &vm, error))
    return false;
  bool stands = vm != NULL && vm->state == UMZ_VM_STATE_IN_HOLD;
  return !stands || move->vm_state != UMZ_VM_STATE_RUNNING ||
         umz_hypervisor_resume (hypervisor, uuid, NULL, error);
}

static bool
forget_vm (UmzMove *move, const char *detail, GError **error)
{
  return umz_store_forget_vm (move->means->store, move->record->uuid, error);
}

typedef struct {
  unsigned uid, gid, mode;
  uint64_t inode;
  const char *path; /* borrowed */
} Owned;

static bool
read_owned (const char *detail, Owned *ret_owned)
{
  int length = 0;
  if (sscanf (detail, "%u:%u:%o:%" SCNu64 ":%n", &ret_owned->uid, &ret_owned->gid,
              &ret_owned->mode, &ret_owned->inode, &length) != 4 ||
      length == 0)
    return false;
  ret_owned->path = detail + length;
  return true;
}

/* errno, or 0.  What is open has no name that somebody could give to another file. */
static int
give_back (int fd, const Owned *owned)
{
  struct stat st;
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  if (fstat (fd, &st) != 0)
    return errno;
  if (st.st_ino != owned->inode)
    return ESTALE;
  bool is_as_it_was = st.st_uid == owned->uid && st.st_gid == owned->gid &&
                      (st.st_mode & UMZ_LEDGER_PERMISSIONS) == owned->mode;
  /* The owner first: that takes SUID away. */
  return is_as_it_was || (fchownat (fd, "", owned->uid, owned->gid, AT_EMPTY_PATH) == 0 &&
                          chmod (path, owned->mode) == 0)
           ? 0
           : errno;
}

/* Not to be allowed to is no reason to try for ever, and it harms nobody but the next move. */
static bool
give_back_file (UmzMove *move, const char *detail, GError **error)
{
  Owned owned;
  if (!read_owned (detail, &owned))
    return true;
  int fd = open (owned.path, O_PATH | O_CLOEXEC);
  int code = fd >= 0 ? give_back (fd, &owned) : errno;
  if (fd >= 0)
    close (fd);
  if (code != 0 && code != ENOENT)
    umz_lines_say (move->lines,
                   umz_notice_new (UMZ_MSG_UMZ0200, owned.path, g_strerror (code), NULL));
  return true;
}

static bool
remove_file (UmzMove *move, const char *path, GError **error)
{
  if (g_unlink (path) == 0 || errno == ENOENT)
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0043, path, g_strerror (errno), NULL);
  return false;
}

static bool
remove_domain (UmzMove *move, const char *detail, GError **error)
{
  UmzHypervisor *hypervisor = move->hypervisor;
  const char *uuid = move->record->uuid;
  return umz_copy_kill (move, error) && umz_hypervisor_destroy (hypervisor, uuid, error) &&
         umz_hypervisor_undefine (hypervisor, uuid, error);
}

static const struct {
  UmzStep step;
  bool (*take_back) (UmzMove *move, const char *detail, GError **error);
} steps[] = {
  { UMZ_STEP_FENCE, lower_fence },
  { UMZ_STEP_FOLDER, remove_folder },
  { UMZ_STEP_GUEST, give_back_guest },
  { UMZ_STEP_INDEX, forget_vm },
  { UMZ_STEP_OWNER, give_back_file },
  { UMZ_STEP_FILE, remove_file },
  { UMZ_STEP_DEVICE, umz_devices_give_back },
  { UMZ_STEP_MEDIUM, umz_devices_insert },
  { UMZ_STEP_DOMAIN, remove_domain },
};

static bool
fails (UmzMove *move, const char *step, GError **error)
{
  g_autofree char *lower = g_ascii_strdown (step, -1);
  g_autofree char *point =
    g_strconcat (move->side == UMZ_SIDE_SOURCE ? "source" : "target", "-undo-", lower, NULL);
  return umz_fault_fails (point, error);
}

static bool
take_back (UmzMove *move, const UmzLedgerEntry *entry, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS (steps); i++)
    if (strcmp (umz_step_name (steps[i].step), entry->step) == 0)
      return !fails (move, entry->step, error) &&
             steps[i].take_back (move, entry->detail, error) &&
             umz_store_strike_step (move->means->store, entry->number, error);
  g_error ("move %s: step '%s' in the ledger", move->record->id, entry->step);
}

bool
umz_undo_take_back (void *data, GError **error)
{
  UmzMove *move = data;
  g_autoptr (GPtrArray) entries =
    umz_store_list_steps (move->means->store, move->record->id, error);
  if (entries == NULL)
    return false;
  for (guint i = 0; i < entries->len; i++)
    if (!take_back (move, entries->pdata[i], error))
      return false;
  return true;
}

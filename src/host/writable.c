/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* writable.c: whether QEMU's user can open a disk on this host.
 *
 * root can open what QEMU cannot, and a network file system asks its server: so a child process
 * becomes that user and tries.
 */
#include <fcntl.h>
#include <string.h>

#include "host/libvirt-conf.h"
#include "host/look.h"
#include "host/storage.h"
#include "host/user.h"
#include "messages/catalogue.h"

#define NBD_MS 5000

char *
umz_storage_dup_opener (const UmzLibvirtConf *qemu_conf, const char *source)
{
  bool does_chown = umz_libvirt_conf_get_number (qemu_conf, "dynamic_ownership", 1) != 0;
  if (does_chown && g_str_has_prefix (source, "block:"))
    return g_strdup ("root");
  return umz_user_dup_of_qemu (qemu_conf);
}

static bool
fail (const UmzDevice *disk, const char *user, const char *cause, GError **error)
{
  umz_set_error (error, UMZ_MSG_UMZ0151, disk->mn, user, cause, NULL);
  return false;
}

static bool
check_path (const UmzDevice *disk, const char *user, const char *group, GError **error)
{
  UmzUser found;
  const char *path = strchr (disk->source, ':') + 1;
  if (!umz_user_find (user, group, &found))
    return fail (disk, user, "there is no such user", error);
  int code = umz_look_open (path, disk->is_read_only ? O_RDONLY : O_RDWR, &found);
  if (code == UMZ_LOOK_CANNOT_BECOME)
    return fail (disk, user, "umzugd may not become this user", error);
  return code == 0 || fail (disk, user, g_strerror (code), error);
}

static bool
check_export (const UmzDevice *disk, const char *user, GError **error)
{
  bool is_read_only = false;
  g_autoptr (GError) cause = NULL;
  if (!umz_storage_get_nbd_mode (disk->source, NBD_MS, &is_read_only, &cause))
    return fail (disk, user, cause->message, error);
  return !is_read_only || disk->is_read_only ||
         fail (disk, user, "the NBD server exports it read-only", error);
}

bool
umz_storage_check_writable (const UmzDevice *disk, const char *user, GError **error)
{
  g_autoptr (UmzLibvirtConf) conf = umz_libvirt_conf_load (UMZ_LIBVIRT_CONF_FOLDER "/qemu.conf");
  g_autofree char *opener = umz_storage_dup_opener (conf, disk->source);
  const char *name = user != NULL ? user : opener;
  /* The group of qemu.conf goes with the user of qemu.conf. */
  bool is_configured = strcmp (name, umz_libvirt_conf_get (conf, "user", "")) == 0;
  const char *group = is_configured ? umz_libvirt_conf_get (conf, "group", "") : "";
  if (g_str_has_prefix (disk->source, "file:") || g_str_has_prefix (disk->source, "block:"))
    return check_path (disk, name, group, error);
  if (g_str_has_prefix (disk->source, "nbd://") && umz_storage_has_nbd ())
    return check_export (disk, name, error);
  return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/storage.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "host/look.h"
#include "messages/catalogue.h"

#define GFS2_MAGIC  0x01161970
#define OCFS2_MAGIC 0x7461636f
#define GPFS_MAGIC  0x47504653
#define CEPH_MAGIC  0x00c36400
#define CIFS_MAGIC  0xff534d42
#define SMB2_MAGIC  0xfe534d42

#define NBD_MS 5000 /* to connect and to hear the size */

static bool
is_network_file_system (const UmzLook *look)
{
  switch (look->file_system) {
  case NFS_SUPER_MAGIC:
  case GFS2_MAGIC:
  case OCFS2_MAGIC:
  case GPFS_MAGIC:
  case CEPH_MAGIC:
  case SMB_SUPER_MAGIC:
  case CIFS_MAGIC:
  case SMB2_MAGIC: return true;
  default: return false;
  }
}

/* Text of a file in the folder that the kernel keeps for a block device; "" if there is none. */
static char *
read_attribute (dev_t device, const char *name)
{
  g_autofree char *text = NULL;
  g_autofree char *path =
    g_strdup_printf ("/sys/dev/block/%u:%u/%s", major (device), minor (device), name);
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return g_strdup ("");
  return g_strdup (g_strstrip (text));
}

/* A multipath device or logical volume has the same UUID on every host, a SCSI or NVMe disk its
 * WWID; a partition that of its disk.
 */
static char *
dup_block_identity (dev_t device)
{
  static const char *const names[] = { "dm/uuid", "wwid", "device/wwid", "../wwid",
                                       "../device/wwid" };
  g_autofree char *partition = read_attribute (device, "partition");
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *text = read_attribute (device, names[i]);
    if (text[0] != '\0')
      return g_strdup_printf ("%s%s%s", text, partition[0] != '\0' ? " PARTITION " : "",
                              partition);
  }
  return g_strdup ("");
}

/* Servers of files give a file one number for all their clients. */
static char *
dup_identity (const char *source, const UmzLook *look)
{
  if (look->error == 0 && S_ISBLK (look->stat.st_mode))
    return dup_block_identity (look->stat.st_rdev);
  return g_str_has_prefix (source, "file:") && is_network_file_system (look)
           ? g_strdup_printf ("INODE %" G_GUINT64_FORMAT, (uint64_t) look->stat.st_ino)
           : g_strdup ("");
}

char *
umz_storage_dup_identity (const char *source)
{
  const char *path = umz_storage_get_path (source);
  UmzLook look = path != NULL ? umz_look_at (path) : (UmzLook){ 0 };
  return dup_identity (source, &look);
}

bool
umz_storage_is_local (const char *source)
{
  const char *path = umz_storage_get_path (source);
  if (path != NULL) {
    UmzLook look = umz_look_at (path);
    g_autofree char *identity = dup_identity (source, &look);
    bool has_server = look.error == ETIMEDOUT; /* no disk of this host would be silent */
    return identity[0] == '\0' && !has_server;
  }
  /* Of a network protocol the same address means the same bytes; a local socket's path does not.
   * A volume of a pool may be anywhere: whether the target has it shows there.
   */
  return source[0] != '\0' && strstr (source, "://") == NULL && strcmp (source, "volume:") != 0;
}

const char *
umz_storage_get_path (const char *source)
{
  bool has_path = g_str_has_prefix (source, "file:") || g_str_has_prefix (source, "block:");
  return has_path ? strchr (source, ':') + 1 : NULL;
}

static int
get_size_error (const UmzLook *look)
{
  if (look->error != 0)
    return look->error;
  return S_ISREG (look->stat.st_mode) || S_ISBLK (look->stat.st_mode) ? look->open_error : EINVAL;
}

static bool
get_local_size (const char *path, uint64_t *ret_bytes, GError **error)
{
  UmzLook look = umz_look_at (path);
  int code = get_size_error (&look);
  if (code == 0)
    *ret_bytes = look.bytes;
  else
    umz_set_error (error, UMZ_MSG_UMZ0106, "", g_strerror (code), NULL);
  return code == 0;
}

bool
umz_storage_can_examine (const char *source)
{
  return (g_str_has_prefix (source, "nbd://") && umz_storage_has_nbd ()) ||
         umz_storage_get_path (source) != NULL;
}

bool
umz_storage_get_size (const char *source, uint64_t *ret_bytes, GError **error)
{
  const char *path = umz_storage_get_path (source);
  if (g_str_has_prefix (source, "nbd://"))
    return umz_storage_get_nbd_size (source, NBD_MS, ret_bytes, error);
  if (path != NULL)
    return get_local_size (path, ret_bytes, error);
  umz_set_error (error, UMZ_MSG_UMZ0106, "", "this kind of storage cannot be examined", NULL);
  return false;
}

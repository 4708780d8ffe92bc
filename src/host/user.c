/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/user.h"

#include <grp.h>
#include <pwd.h>
#include <stdint.h>

#define BUFFER_BYTES 16384 /* of an entry in passwd or group */

/* libvirt takes "qemu", "107" and "+107". */
static bool
is_number (const char *name, unsigned *ret_number)
{
  guint64 number;
  if (!g_ascii_string_to_unsigned (name[0] == '+' ? name + 1 : name, 10, 0, UINT32_MAX - 1,
                                   &number, NULL))
    return false;
  *ret_number = (unsigned) number;
  return true;
}

static bool
find_group (const char *name, gid_t *ret_gid)
{
  char buffer[BUFFER_BYTES];
  struct group entry, *found = NULL;
  if (is_number (name, ret_gid))
    return true;
  if (getgrnam_r (name, &entry, buffer, sizeof buffer, &found) != 0 || found == NULL)
    return false;
  *ret_gid = found->gr_gid;
  return true;
}

bool
umz_user_find (const char *user, const char *group, UmzUser *ret_user)
{
  char buffer[BUFFER_BYTES];
  struct passwd entry, *found = NULL;
  unsigned uid;
  if (is_number (user, &uid))
    (void) getpwuid_r (uid, &entry, buffer, sizeof buffer, &found); /* else found is NULL */
  else
    (void) getpwnam_r (user, &entry, buffer, sizeof buffer, &found);
  if (found == NULL)
    return false;
  ret_user->uid = found->pw_uid;
  ret_user->gid = found->pw_gid;
  ret_user->n_groups = UMZ_USER_GROUPS_MAX;
  return (group[0] == '\0' || find_group (group, &ret_user->gid)) &&
         getgrouplist (found->pw_name, ret_user->gid, ret_user->groups,
                       &ret_user->n_groups) >= 0;
}

char *
umz_user_dup_of_qemu (const UmzLibvirtConf *qemu_conf)
{
  /* What Debian builds into libvirt, then what others do. */
  static const char *const presets[] = { "libvirt-qemu", "qemu", "root" };
  const char *user = umz_libvirt_conf_get (qemu_conf, "user", "");
  UmzUser found;
  for (size_t i = 0; user[0] == '\0' && i < G_N_ELEMENTS (presets); i++)
    if (umz_user_find (presets[i], "", &found))
      user = presets[i];
  return g_strdup (user);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/fence.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "messages/catalogue.h"

static bool
sync_folder (const char *folder)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool ok = fd >= 0 && fsync (fd) == 0;
  if (fd >= 0)
    close (fd);
  return ok;
}

bool
umz_fence_raise (const char *folder, const char *uuid, UmzSide side, const char *text,
                 GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *path = g_build_filename (folder, uuid, NULL);
  g_autofree char *content =
    g_strdup_printf ("%s\n%s\n", text, side == UMZ_SIDE_TARGET ? "arriving" : "leaving");
  if (g_mkdir_with_parents (folder, 0755) == 0 &&
      g_file_set_contents_full (path, content, -1,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644,
                                &cause) &&
      sync_folder (folder))
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0043, path, cause != NULL ? cause->message : g_strerror (errno),
                 NULL);
  return false;
}

char *
umz_fence_dup_reason (const char *folder, const char *uuid)
{
  g_autofree char *path = g_build_filename (folder, uuid, NULL);
  g_autofree char *content = NULL;
  if (!g_file_get_contents (path, &content, NULL, NULL))
    return NULL;
  char *end = strchr (content, '\n');
  return end != NULL ? g_strndup (content, (gsize) (end - content)) : g_steal_pointer (&content);
}

static char *
dup_pass_path (const char *folder, const char *uuid)
{
  g_autofree char *name = g_strconcat (uuid, ".pass", NULL);
  return g_build_filename (folder, name, NULL);
}

bool
umz_fence_let_pass (const char *folder, const char *uuid, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *path = dup_pass_path (folder, uuid);
  if (g_file_set_contents (path, "", 0, &cause))
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0043, path, cause->message, NULL);
  return false;
}

bool
umz_fence_lower (const char *folder, const char *uuid, GError **error)
{
  g_autofree char *path = g_build_filename (folder, uuid, NULL);
  g_autofree char *pass = dup_pass_path (folder, uuid);
  (void) g_unlink (pass); /* there only if what may pass never started */
  if ((g_unlink (path) == 0 && sync_folder (folder)) || errno == ENOENT)
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0043, path, g_strerror (errno), NULL);
  return false;
}

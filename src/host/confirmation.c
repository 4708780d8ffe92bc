/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/confirmation.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "messages/catalogue.h"

#define ALL     "all"
#define REFUSED ".refused"

static char *
dup_demand_path (const UmzConfig *config)
{
  return g_strconcat (config->fence_dir, ".cluster", NULL);
}

static char *
dup_folder (const UmzConfig *config)
{
  return g_build_filename (config->run_dir, "confirmed", NULL);
}

static char *
dup_path (const UmzConfig *config, const char *name)
{
  g_autofree char *folder = dup_folder (config);
  return g_build_filename (folder, name, NULL);
}

static void
set_error (GError **error, const char *path, const char *cause)
{
  umz_set_error (error, UMZ_MSG_UMZ0043, path, cause, NULL);
}

static bool
make_folder (const char *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0755) == 0)
    return true;
  set_error (error, path, g_strerror (errno));
  return false;
}

static bool
write_file (const char *path, const char *content, GError **error)
{
  g_autoptr (GError) cause = NULL;
  if (g_file_set_contents_full (path, content, -1,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644,
                                &cause))
    return true;
  set_error (error, path, cause->message);
  return false;
}

bool
umz_confirmation_demand (const UmzConfig *config, const char *text, GError **error)
{
  g_autofree char *path = dup_demand_path (config);
  g_autofree char *folder = dup_folder (config);
  g_autofree char *content = g_strdup_printf ("%s\n%s\n", text, folder);
  g_autofree char *present = NULL;
  (void) g_file_get_contents (path, &present, NULL, NULL); /* else it is written */
  return make_folder (folder, error) &&
         (g_strcmp0 (present, content) == 0 || write_file (path, content, error));
}

bool
umz_confirmation_waive (const UmzConfig *config, GError **error)
{
  g_autofree char *path = dup_demand_path (config);
  if (g_unlink (path) == 0 || errno == ENOENT)
    return true;
  set_error (error, path, g_strerror (errno));
  return false;
}

bool
umz_confirmation_give (const UmzConfig *config, const char *uuid, GError **error)
{
  g_autofree char *folder = dup_folder (config);
  g_autofree char *path = dup_path (config, uuid != NULL ? uuid : ALL);
  return make_folder (folder, error) && write_file (path, "", error);
}

void
umz_confirmation_withdraw (const UmzConfig *config, const char *uuid)
{
  g_autofree char *path = dup_path (config, uuid);
  (void) g_unlink (path); /* there is none if every VM is confirmed */
}

static bool
exists (const UmzConfig *config, const char *name)
{
  g_autofree char *path = dup_path (config, name);
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

bool
umz_confirmation_is_given (const UmzConfig *config, const char *uuid)
{
  g_autofree char *demand = dup_demand_path (config);
  return !g_file_test (demand, G_FILE_TEST_EXISTS) || exists (config, ALL) ||
         (uuid != NULL && exists (config, uuid));
}

GStrv
umz_confirmation_list_refused (const UmzConfig *config)
{
  g_autofree char *folder = dup_folder (config);
  g_autoptr (GDir) entries = g_dir_open (folder, 0, NULL);
  g_autoptr (GStrvBuilder) uuids = g_strv_builder_new ();
  const char *name;
  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL) {
    if (!g_str_has_suffix (name, REFUSED))
      continue;
    g_autofree char *uuid = g_strndup (name, strlen (name) - strlen (REFUSED));
    g_strv_builder_add (uuids, uuid);
  }
  return g_strv_builder_end (uuids);
}

void
umz_confirmation_forget_refused (const UmzConfig *config, const char *uuid)
{
  g_autofree char *name = g_strconcat (uuid, REFUSED, NULL);
  g_autofree char *path = dup_path (config, name);
  (void) g_unlink (path); /* else it is looked at again */
}

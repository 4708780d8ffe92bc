/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-config.c: any bytes are a configuration, or refused; and what a key file names, it has. */
#include "config/config.h"

#include <sys/mman.h>
#include <unistd.h>

#include "config/keyfile.h"
#include "messages/catalogue.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
look_at_entries (const UmzKeyfile *keyfile)
{
  for (guint i = 0; i < keyfile->entries->len; i++) {
    const UmzKeyfileEntry *entry = keyfile->entries->pdata[i];
    g_assert_true (umz_keyfile_find (keyfile, entry->group, entry->key) == entry);
    if (entry->key != NULL)
      g_free (umz_keyfile_dup_value (keyfile, entry));
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int fd = memfd_create ("umzugd.conf", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_assert_cmpint (write (fd, data, size), ==, (ssize_t) size);
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzKeyfile) keyfile = umz_keyfile_load (path, NULL);
  g_autoptr (UmzConfig) config = umz_config_load (path, &error);
  close (fd);
  if (keyfile != NULL)
    look_at_entries (keyfile);
  g_assert_true (config != NULL || error->domain == UMZ_ERROR);
  g_assert_true (config == NULL || keyfile != NULL);
  return 0;
}

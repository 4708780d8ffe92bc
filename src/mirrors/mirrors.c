/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mirrors/mirrors.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/text.h"

#define MIB         (UINT64_C (1) << 20)
#define SLACK_BYTES (256 * MIB)  /* of a guest's memory: video memory, firmware, tables */
#define DISK_BYTES  (1024 * MIB) /* that stay free */

typedef struct {
  char *uuid, *name, *peer, *path; /* owned */
  uint64_t max_bytes;
  uint8_t key[UMZ_MIRROR_KEY_BYTES];
  UmzMirrorMark mark; /* if it is not in use */
  int64_t kept_us;    /* monotonic; when it was kept, or begun */
  bool is_in_use;
} Mirror;

struct UmzMirrors {
  const UmzConfig *config; /* borrowed */
  char *folder;            /* owned */
  GMutex lock;             /* of what follows */
  GHashTable *mirrors;     /* owned; UUID, the mirror's own → Mirror */
};

/* ---- files ---- */

static void
mirror_free (Mirror *mirror)
{
  (void) g_unlink (mirror->path); /* a move that uses it has it open */
  g_free (mirror->uuid);
  g_free (mirror->name);
  g_free (mirror->peer);
  g_free (mirror->path);
  explicit_bzero (mirror, sizeof *mirror);
  g_free (mirror);
}

static void
remove_old_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    (void) g_unlink (path); /* what stays only takes room: its key is gone */
  }
}

UmzMirrors *
umz_mirrors_new (const UmzConfig *config)
{
  UmzMirrors *mirrors = g_new0 (UmzMirrors, 1);
  mirrors->config = config;
  mirrors->folder = g_build_filename (config->state_dir, "mirror", NULL);
  g_mutex_init (&mirrors->lock);
  mirrors->mirrors =
    g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) mirror_free);
  remove_old_files (mirrors->folder);
  (void) g_mkdir_with_parents (mirrors->folder, 0700); /* without it no mirror can be begun */
  return mirrors;
}

void
umz_mirrors_free (UmzMirrors *mirrors)
{
  if (mirrors == NULL)
    return;
  g_hash_table_unref (mirrors->mirrors);
  g_mutex_clear (&mirrors->lock);
  g_free (mirrors->folder);
  g_free (mirrors);
}

/* ---- room ---- */

static uint64_t
get_needed_bytes (uint64_t guest_bytes)
{
  return umz_mirror_get_max_bytes ((guest_bytes + SLACK_BYTES) / UMZ_PAGE_BYTES + 1);
}

static uint64_t
get_disk_bytes (const char *path)
{
  struct stat st;
  return stat (path, &st) == 0 ? (uint64_t) st.st_blocks * 512 : 0;
}

static bool
get_free_bytes (const char *folder, uint64_t *ret_bytes)
{
  struct statvfs st;
  if (statvfs (folder, &st) != 0)
    return false;
  *ret_bytes = (uint64_t) st.f_bavail * st.f_frsize;
  return true;
}

/* A mirror counts with as much as it can ever be: one that is in use grows yet.
   without_kept: as if all that are not in use were gone. */
static bool
has_room (UmzMirrors *mirrors, uint64_t n_bytes, bool without_kept)
{
  GHashTableIter iter;
  void *value;
  uint64_t free_bytes;
  uint64_t max_bytes = n_bytes;              /* of all mirrors */
  uint64_t new_bytes = n_bytes + DISK_BYTES; /* that the disk is to give yet */
  if (!get_free_bytes (mirrors->folder, &free_bytes))
    return false;
  g_hash_table_iter_init (&iter, mirrors->mirrors);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const Mirror *mirror = value;
    uint64_t has_bytes = get_disk_bytes (mirror->path);
    if (mirror->is_in_use && mirror->max_bytes > has_bytes)
      new_bytes += mirror->max_bytes - has_bytes;
    if (mirror->is_in_use || !without_kept)
      max_bytes += mirror->max_bytes;
    else
      free_bytes += has_bytes;
  }
  return max_bytes <= mirrors->config->mirror_mib * MIB && new_bytes <= free_bytes;
}

static Mirror *
find_oldest (UmzMirrors *mirrors)
{
  GHashTableIter iter;
  void *value;
  Mirror *oldest = NULL;
  g_hash_table_iter_init (&iter, mirrors->mirrors);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Mirror *mirror = value;
    if (!mirror->is_in_use && (oldest == NULL || mirror->kept_us < oldest->kept_us))
      oldest = mirror;
  }
  return oldest;
}

static void
make_room (UmzMirrors *mirrors, uint64_t n_bytes)
{
  Mirror *oldest;
  while (!has_room (mirrors, n_bytes, false) && (oldest = find_oldest (mirrors)) != NULL)
    g_hash_table_remove (mirrors->mirrors, oldest->uuid);
}

static gboolean
is_too_old (void *uuid, void *value, void *data)
{
  const UmzMirrors *mirrors = data;
  const Mirror *mirror = value;
  int64_t limit_us = (int64_t) mirrors->config->mirror_age_s * G_USEC_PER_SEC;
  return !mirror->is_in_use && g_get_monotonic_time () - mirror->kept_us >= limit_us;
}

/* What is too old goes before anything is looked for. */
static GMutexLocker *
look (UmzMirrors *mirrors)
{
  GMutexLocker *locker = g_mutex_locker_new (&mirrors->lock);
  g_hash_table_foreach_remove (mirrors->mirrors, is_too_old, mirrors);
  return locker;
}

bool
umz_mirrors_has_room (UmzMirrors *mirrors, uint64_t guest_bytes)
{
  g_autoptr (GMutexLocker) locker = look (mirrors);
  return has_room (mirrors, get_needed_bytes (guest_bytes), true);
}

/* ---- for a move ---- */

bool
umz_mirrors_find (UmzMirrors *mirrors, const char *uuid, const char *peer, uint64_t guest_bytes,
                  UmzMirrorMark *ret_mark)
{
  g_autoptr (GMutexLocker) locker = look (mirrors);
  const Mirror *mirror = g_hash_table_lookup (mirrors->mirrors, uuid);
  if (mirror == NULL || mirror->is_in_use || !umz_text_is_same_name (mirror->peer, peer) ||
      mirror->max_bytes < get_needed_bytes (guest_bytes))
    return false;
  *ret_mark = mirror->mark;
  return true;
}

static bool
open_for_move (Mirror *mirror, int flags, UmzMirrorFile *ret_file)
{
  *ret_file = (UmzMirrorFile){
    .fd = open (mirror->path, O_RDWR | O_CLOEXEC | flags, 0600),
    .max_bytes = mirror->max_bytes,
    .digest = mirror->mark.digest,
  };
  memcpy (ret_file->key, mirror->key, sizeof ret_file->key);
  mirror->is_in_use = ret_file->fd >= 0;
  return mirror->is_in_use;
}

/* The relay maps a part of the file, and must know that there is room for it. */
static bool
can_allocate (int fd)
{
  return fallocate (fd, FALLOC_FL_KEEP_SIZE, 0, UMZ_PAGE_BYTES) == 0;
}

bool
umz_mirrors_take (UmzMirrors *mirrors, const char *uuid, UmzMirrorFile *ret_file)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mirrors->lock);
  Mirror *mirror = g_hash_table_lookup (mirrors->mirrors, uuid);
  ret_file->fd = -1;
  if (mirror == NULL || mirror->is_in_use)
    return false;
  if (!open_for_move (mirror, 0, ret_file))
    g_hash_table_remove (mirrors->mirrors, uuid); /* nobody can use it */
  return ret_file->fd >= 0;
}

bool
umz_mirrors_begin (UmzMirrors *mirrors, const char *uuid, const char *name, const char *peer,
                   uint64_t guest_bytes, UmzMirrorFile *ret_file)
{
  uint64_t n_bytes = get_needed_bytes (guest_bytes);
  g_autoptr (GMutexLocker) locker = look (mirrors);
  ret_file->fd = -1;
  g_hash_table_remove (mirrors->mirrors, uuid);
  if (!has_room (mirrors, n_bytes, true))
    return false;
  make_room (mirrors, n_bytes);

  Mirror *mirror = g_new0 (Mirror, 1);
  mirror->uuid = g_strdup (uuid);
  mirror->name = g_strdup (name);
  mirror->peer = g_strdup (peer);
  mirror->path = g_build_filename (mirrors->folder, uuid, NULL);
  mirror->max_bytes = n_bytes;
  mirror->kept_us = g_get_monotonic_time ();
  g_hash_table_insert (mirrors->mirrors, mirror->uuid, mirror);
  if (getrandom (mirror->key, sizeof mirror->key, 0) == sizeof mirror->key &&
      open_for_move (mirror, O_CREAT | O_EXCL, ret_file) && can_allocate (ret_file->fd))
    return true;
  g_hash_table_remove (mirrors->mirrors, uuid);
  if (ret_file->fd >= 0)
    close (ret_file->fd);
  ret_file->fd = -1;
  return false;
}

void
umz_mirrors_keep (UmzMirrors *mirrors, const char *uuid, const UmzMirrorMark *mark)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mirrors->lock);
  Mirror *mirror = g_hash_table_lookup (mirrors->mirrors, uuid);
  if (mirror == NULL || !mirror->is_in_use)
    return;
  mirror->mark = *mark;
  mirror->kept_us = g_get_monotonic_time ();
  mirror->is_in_use = false;
}

bool
umz_mirrors_drop (UmzMirrors *mirrors, const char *uuid)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mirrors->lock);
  return g_hash_table_remove (mirrors->mirrors, uuid);
}

/* ---- for people ---- */

void
umz_mirrors_info_free (UmzMirrorInfo *info)
{
  g_free (info->uuid);
  g_free (info->name);
  g_free (info->peer);
  g_free (info);
}

static int
compare_names (const void *a, const void *b)
{
  return strcmp ((*(UmzMirrorInfo *const *) a)->name, (*(UmzMirrorInfo *const *) b)->name);
}

GPtrArray *
umz_mirrors_list (UmzMirrors *mirrors)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) umz_mirrors_info_free);
  GHashTableIter iter;
  void *value;
  g_autoptr (GMutexLocker) locker = look (mirrors);
  g_hash_table_iter_init (&iter, mirrors->mirrors);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const Mirror *mirror = value;
    UmzMirrorInfo *info = g_new0 (UmzMirrorInfo, 1);
    info->uuid = g_strdup (mirror->uuid);
    info->name = g_strdup (mirror->name);
    info->peer = g_strdup (mirror->peer);
    info->bytes = get_disk_bytes (mirror->path);
    info->age_us = g_get_monotonic_time () - mirror->kept_us;
    info->is_in_use = mirror->is_in_use;
    g_ptr_array_add (list, info);
  }
  g_ptr_array_sort (list, compare_names);
  return list;
}

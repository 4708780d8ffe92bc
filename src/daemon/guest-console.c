/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* guest-console.c: the console of a guest, from its file or from libvirt's pty.
 *
 * THEORY OF OPERATION
 *
 * What a guest has written is numbered from its first byte on; who views it asks again and again
 * for what comes after the last one he has.  The bytes are hostile: they are bounded, never
 * interpreted, and leave as harmless text.
 *
 * A console with a file, its own or its log, is read from the file, anew each time.  The path is
 * libvirt's, but what lies there is only read if it is a regular file and no symbolic link.
 *
 * A pty gives each byte once.  It is opened when somebody asks first, and a thread keeps its last
 * 64 KiB for all who view it; 10 s after the last request the thread closes it and ends.
 */
#include "daemon/guest-console.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "hypervisor/guest-console.h"
#include "model/json.h"
#include "su/vms.h"

#define PIECE_BYTES_MAX (32 * 1024) /* of an answer */
#define END_BYTES       (16 * 1024) /* shown to who begins to view */
#define RING_BYTES      (64 * 1024)
#define LINGER_US       (10 * G_USEC_PER_SEC)
#define LOOK_US         (100 * 1000)

typedef struct {
  uint64_t offset;
  size_t n_bytes;
  uint8_t bytes[PIECE_BYTES_MAX];
} Piece;

/* Where to begin in what there is from `oldest` up to `end`. */
static uint64_t
choose_offset (uint64_t after, uint64_t oldest, uint64_t end)
{
  if (after == UMZ_CONSOLE_END)
    return end - MIN (end - oldest, END_BYTES);
  return after > end ? oldest : MAX (after, oldest);
}

/* ---- a file ---- */

static int
open_file (const char *path, uint64_t *ret_size_bytes)
{
  struct stat status;
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0 || fstat (fd, &status) < 0)
    return fd;
  if (S_ISREG (status.st_mode)) {
    *ret_size_bytes = (uint64_t) status.st_size;
    return fd;
  }
  close (fd);
  errno = EINVAL;
  return -1;
}

static bool
read_file (const char *path, uint64_t after, Piece *piece, GError **error)
{
  uint64_t size_bytes = 0;
  int fd = open_file (path, &size_bytes);
  piece->offset = choose_offset (after, 0, size_bytes);
  ssize_t n = fd < 0 ? -1 : pread (fd, piece->bytes, PIECE_BYTES_MAX, (off_t) piece->offset);
  if (n < 0)
    umz_set_error (error, UMZ_MSG_UMZ0042, path, g_strerror (errno), NULL);
  if (fd >= 0)
    close (fd);
  piece->n_bytes = n < 0 ? 0 : (size_t) n;
  return n >= 0;
}

/* ---- a pty ---- */

struct UmzGuestConsoles {
  UmzApp *app;    /* borrowed */
  GMutex opening; /* taken before `lock`: one at a time opens a console */
  GMutex lock;    /* of all below, and of what the viewers have read */
  GCond change;
  bool must_stop;
  GHashTable *viewers; /* Viewer by UUID; each is owned by its thread */
};

typedef struct {
  UmzGuestConsoles *consoles; /* borrowed; they wait for us */
  char *uuid;                 /* owned */
  UmzConsoleStream *stream;   /* owned; used by the thread only */
  int64_t asked_us;           /* monotonic; the last request */
  uint64_t n_bytes;           /* read since it was opened */
  uint8_t ring[RING_BYTES];   /* byte i at i modulo its size */
} Viewer;

static void
append (Viewer *viewer, const uint8_t *bytes, size_t n_bytes)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&viewer->consoles->lock);
  for (size_t i = 0; i < n_bytes; i++)
    viewer->ring[viewer->n_bytes++ % RING_BYTES] = bytes[i];
}

/* Whether it is still viewed; rests before that when there was nothing to read. */
static bool
is_viewed (Viewer *viewer, bool was_silent)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&viewer->consoles->lock);
  int64_t end_us = g_get_monotonic_time () + LOOK_US;
  while (was_silent && !viewer->consoles->must_stop &&
         g_cond_wait_until (&viewer->consoles->change, &viewer->consoles->lock, end_us))
    ; /* woken for nothing */
  return !viewer->consoles->must_stop && g_get_monotonic_time () < viewer->asked_us + LINGER_US;
}

static gpointer
listen_to_guest (gpointer data)
{
  Viewer *viewer = data;
  UmzGuestConsoles *consoles = viewer->consoles;
  uint8_t buffer[4096];
  ssize_t n;
  do {
    n = umz_hypervisor_console_stream_read (viewer->stream, buffer, sizeof buffer);
    if (n > 0)
      append (viewer, buffer, (size_t) n);
  } while (n >= 0 && is_viewed (viewer, n == 0));
  umz_hypervisor_console_stream_close (viewer->stream);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&consoles->lock);
  g_hash_table_remove (consoles->viewers, viewer->uuid);
  g_cond_broadcast (&consoles->change);
  g_free (viewer->uuid);
  g_free (viewer);
  return NULL;
}

static void
start_viewer (UmzGuestConsoles *consoles, const char *uuid, UmzConsoleStream *stream)
{
  Viewer *viewer = g_new0 (Viewer, 1);
  viewer->consoles = consoles;
  viewer->uuid = g_strdup (uuid);
  viewer->stream = stream;
  viewer->asked_us = g_get_monotonic_time ();
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&consoles->lock);
  g_hash_table_insert (consoles->viewers, viewer->uuid, viewer);
  g_thread_unref (g_thread_new ("guest-console", listen_to_guest, viewer));
}

/* False: it is not open. */
static bool
read_ring (UmzGuestConsoles *consoles, const char *uuid, uint64_t after, Piece *piece)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&consoles->lock);
  Viewer *viewer = g_hash_table_lookup (consoles->viewers, uuid);
  if (viewer == NULL)
    return false;
  uint64_t end = viewer->n_bytes;
  viewer->asked_us = g_get_monotonic_time ();
  piece->offset = choose_offset (after, end - MIN (end, RING_BYTES), end);
  piece->n_bytes = MIN (end - piece->offset, PIECE_BYTES_MAX);
  for (size_t i = 0; i < piece->n_bytes; i++)
    piece->bytes[i] = viewer->ring[(piece->offset + i) % RING_BYTES];
  return true;
}

static bool
read_pty (UmzGuestConsoles *consoles, const char *uuid, const char *alias, uint64_t after,
          Piece *piece, GError **error)
{
  if (read_ring (consoles, uuid, after, piece))
    return true;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&consoles->opening);
  if (read_ring (consoles, uuid, after, piece))
    return true; /* another request was faster */
  UmzConsoleStream *stream =
    umz_hypervisor_console_stream_open (consoles->app->config->libvirt_uri, uuid, alias, error);
  if (stream == NULL)
    return false;
  start_viewer (consoles, uuid, stream);
  piece->offset = 0;
  piece->n_bytes = 0;
  return true;
}

/* ---- both ---- */

static bool
is_active (const UmzVm *vm)
{
  return vm->state != UMZ_VM_STATE_DOWN && vm->state != UMZ_VM_STATE_DEFINED_ONLY;
}

/* 0: it is a name. */
static uint64_t
read_index (const char *text)
{
  uint64_t index = 0;
  (void) g_ascii_string_to_unsigned (text, 10, 1, UINT_MAX, &index, NULL); /* else 0 */
  return index;
}

/* An exact name goes before one in another case. */
static UmzVm *
take_vm (GPtrArray *vms, const char *text)
{
  guint found = vms->len;
  uint64_t index = read_index (text);
  for (guint i = 0; i < vms->len; i++) {
    const UmzVm *vm = vms->pdata[i];
    if (!is_active (vm))
      continue;
    if (strcmp (vm->name, text) == 0)
      return g_ptr_array_steal_index (vms, i);
    if (umz_text_is_same_name (vm->name, text) || (index != 0 && vm->index == index))
      found = i;
  }
  return found < vms->len ? g_ptr_array_steal_index (vms, found) : NULL;
}

static UmzVm *
find_vm (UmzApp *app, const char *text, GError **error)
{
  g_autoptr (GPtrArray) vms = umz_vms_list (app, error);
  if (vms == NULL)
    return NULL;
  UmzVm *vm = take_vm (vms, text);
  if (vm == NULL) {
    g_autofree char *label = g_strdup_printf (read_index (text) > 0 ? "(%s,)" : "(,%s)", text);
    umz_set_error (error, UMZ_MSG_VMS4000, label, NULL);
  }
  return vm;
}

static bool
read_console (UmzGuestConsoles *consoles, const UmzVm *vm, uint64_t after, Piece *piece,
              GError **error)
{
  g_autofree char *xml = umz_hypervisor_dup_xml (consoles->app->hypervisor, vm->uuid, error);
  g_autoptr (UmzConsoleSource) source =
    xml != NULL ? umz_hypervisor_console_source_parse (xml, error) : NULL;
  if (source == NULL)
    return false;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  switch (source->kind) {
  case UMZ_CONSOLE_FILE: return read_file (source->path, after, piece, error);
  case UMZ_CONSOLE_PTY: return read_pty (consoles, vm->uuid, source->alias, after, piece, error);
  case UMZ_CONSOLE_OTHER: break;
  }
  umz_set_error (error, UMZ_MSG_UMZ0024, label, source->type, NULL);
  return false;
}

JsonNode *
umz_guest_consoles_read (UmzGuestConsoles *consoles, const char *vm_text, uint64_t after,
                         GError **error)
{
  size_t n_used;
  g_autofree Piece *piece = g_new (Piece, 1);
  g_autoptr (UmzVm) vm = find_vm (consoles->app, vm_text, error);
  if (vm == NULL || !read_console (consoles, vm, after, piece, error))
    return NULL;
  g_autofree char *text = umz_text_dup_harmless (piece->bytes, piece->n_bytes, &n_used);
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  umz_json_set_text (b, "text", text);
  umz_json_set_number (b, "next", piece->offset + n_used);
  umz_json_set_text (b, "su", consoles->app->config->su_name);
  json_builder_end_object (b);
  return json_builder_get_root (b);
}

UmzGuestConsoles *
umz_guest_consoles_new (UmzApp *app)
{
  UmzGuestConsoles *consoles = g_new0 (UmzGuestConsoles, 1);
  consoles->app = app;
  g_mutex_init (&consoles->opening);
  g_mutex_init (&consoles->lock);
  g_cond_init (&consoles->change);
  consoles->viewers = g_hash_table_new (g_str_hash, g_str_equal);
  return consoles;
}

void
umz_guest_consoles_free (UmzGuestConsoles *consoles)
{
  if (consoles == NULL)
    return;
  g_mutex_lock (&consoles->lock);
  consoles->must_stop = true;
  g_cond_broadcast (&consoles->change);
  while (g_hash_table_size (consoles->viewers) > 0)
    g_cond_wait (&consoles->change, &consoles->lock);
  g_mutex_unlock (&consoles->lock);
  g_hash_table_unref (consoles->viewers);
  g_cond_clear (&consoles->change);
  g_mutex_clear (&consoles->lock);
  g_mutex_clear (&consoles->opening);
  g_free (consoles);
}

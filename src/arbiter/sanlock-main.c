/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sanlock-main.c: umzug-sanlock, started by umzugd for each question to the shared disk.
 *
 *   umzug-sanlock init DISK                                       by the administrator, once
 *   umzug-sanlock join DISK HOST-ID
 *   umzug-sanlock get|forget DISK HOST-ID UUID EPOCH
 *   umzug-sanlock decide DISK HOST-ID UUID EPOCH COMMITTED|ABORTED
 *
 * THEORY OF OPERATION
 *
 * sanlock's daemon kills whoever holds a lease when it loses the disk.  So a lease is held by this
 * program, for moments, and never by umzugd; and all reading and writing is the daemon's, so that
 * this program can be killed at any time.
 *
 * At the beginning of the disk is the lockspace, behind it one lease for each bucket of page.h.
 * Its value ("LVB") is the bucket's page.  Who holds the lease reads the page and may write another
 * one; the daemon writes it when the lease is released, before anybody else can have it.
 *
 * But the daemon says neither if writing the value fails nor if reading it does, and then shows
 * what was in its memory.  Hence two rules.  What was written counts when it was read in a round of
 * its own: so decide takes the lease twice.  And the lease's name, which the daemon does check,
 * ends with a generation of the page: whoever reads a younger page than the name says renames the
 * lease by releasing it, and a page that is older than the name is refused.
 */
#include "arbiter/page.h"

#include <errno.h>
#include <fcntl.h>
#include <sanlock.h>
#include <sanlock_admin.h>
#include <sanlock_resource.h>
#include <sanlock_rv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arbiter/sanlock.h"
#include "arbiter/verdict.h"

#define LOCKSPACE    "umzug"
#define HOST_ID_MAX  2000
#define BLANK_BYTES  (1024 * 1024)
#define BUSY_LIMIT_S 1.5 /* less than umzugd waits, so that the cause can be told */
#define PAUSE_MIN_US 5000
#define PAUSE_MAX_US 25000

typedef struct {
  const char *path;
  uint64_t host_id;
  uint64_t lease_bytes;
  int connection; /* to the daemon, which ends what it stands for when it is closed */
  GTimer *timer;
} Disk;

typedef struct {
  struct sanlk_resource resource;
  struct sanlk_disk disk; /* what sanlock expects behind it */
} Lease;

typedef struct {
  Lease lease;
  uint64_t generation; /* in the lease's name; never younger than the page */
  UmzPage page;
} Holding;

/* ---- how it ends ---- */

G_GNUC_PRINTF (2, 3)
static _Noreturn void
fail (UmzSanlockStatus status, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  vfprintf (stderr, format, arguments);
  va_end (arguments);
  fputc ('\n', stderr);
  exit (status);
}

/* Somebody else is at it, here or on another host. */
static bool
is_busy (int result)
{
  switch (result) {
  case -EAGAIN:
  case -EBUSY:
  case -EEXIST:
  case SANLK_ACQUIRE_IDLIVE:
  case SANLK_ACQUIRE_OWNED:
  case SANLK_ACQUIRE_OTHER:
  case SANLK_ACQUIRE_OWNED_RETRY:
  case SANLK_LEADER_RESOURCE: /* renamed in between */
    return true;
  default: return false;
  }
}

/* The number is what sanlock's own log has. */
static _Noreturn void
fail_at (const char *what, int result)
{
  bool is_unusable =
    result <= SANLK_DBLOCK_READ && result >= SANLK_LEADER_CHECKSUM && !is_busy (result);
  if (result == -ENOENT || result == -ECONNREFUSED)
    fail (UMZ_SANLOCK_SILENT, "%s: %s. Does the sanlock daemon run, is the disk there?", what,
          g_strerror (-result));
  fail (is_unusable ? UMZ_SANLOCK_UNUSABLE : UMZ_SANLOCK_SILENT,
        "%s: sanlock error %d (%s). See sanlock.log", what, result,
        result > SANLK_ERROR ? g_strerror (-result) : sanlock_strerror (result));
}

/* ---- the disk ---- */

static void
set_path (struct sanlk_disk *place, const Disk *disk, uint64_t offset)
{
  if (g_strlcpy (place->path, disk->path, sizeof place->path) >= sizeof place->path)
    fail (UMZ_SANLOCK_USAGE, "%s: %s", disk->path, g_strerror (ENAMETOOLONG));
  place->offset = offset;
}

static struct sanlk_lockspace
make_lockspace (const Disk *disk)
{
  struct sanlk_lockspace lockspace = { .name = LOCKSPACE, .host_id = disk->host_id };
  set_path (&lockspace.host_id_disk, disk, 0);
  return lockspace;
}

static Lease
make_lease (const Disk *disk, unsigned bucket)
{
  Lease lease = { .resource = { .lockspace_name = LOCKSPACE, .num_disks = 1 } };
  set_path (&lease.disk, disk, (bucket + 1) * disk->lease_bytes);
  return lease;
}

static void
set_name (Lease *lease, unsigned bucket, uint64_t generation)
{
  g_snprintf (lease->resource.name, sizeof lease->resource.name, "%u.%" G_GUINT64_FORMAT, bucket,
              generation);
}

/* False if it is no name of ours. */
static bool
parse_name (const Lease *lease, unsigned bucket, uint64_t *ret_generation)
{
  g_autofree char *name = g_strndup (lease->resource.name, sizeof lease->resource.name);
  g_autofree char *prefix = g_strdup_printf ("%u.", bucket);
  return g_str_has_prefix (name, prefix) &&
         g_ascii_string_to_unsigned (name + strlen (prefix), 10, 0, UINT64_MAX, ret_generation,
                                     NULL);
}

/* It depends on the sectors of the disk. */
static void
find_lease_bytes (Disk *disk)
{
  struct sanlk_disk place = { 0 };
  set_path (&place, disk, 0);
  int result = sanlock_align (&place);
  if (result <= 0)
    fail_at (disk->path, result);
  disk->lease_bytes = result;
}

/* ---- init ---- */

/* Whatever stands there is somebody's. */
static void
check_blank (const Disk *disk)
{
  g_autofree char *bytes = g_malloc (BLANK_BYTES);
  int fd = open (disk->path, O_RDONLY | O_CLOEXEC);
  ssize_t n_bytes = fd >= 0 ? pread (fd, bytes, BLANK_BYTES, 0) : -1;
  if (n_bytes < 0)
    fail (UMZ_SANLOCK_SILENT, "%s: %s", disk->path, g_strerror (errno));
  close (fd);
  for (ssize_t i = 0; i < n_bytes; i++)
    if (bytes[i] != 0)
      fail (UMZ_SANLOCK_UNUSABLE, "%s is in use: its first MiB is not blank", disk->path);
}

/* The lockspace comes last: without it the disk is still blank. */
static void
init (Disk *disk)
{
  check_blank (disk);
  find_lease_bytes (disk);
  for (unsigned bucket = 0; bucket < UMZ_PAGE_BUCKETS; bucket++) {
    Lease lease = make_lease (disk, bucket);
    set_name (&lease, bucket, 0);
    int result = sanlock_write_resource (&lease.resource, 0, 0, 0);
    if (result < 0)
      fail_at (disk->path, result);
  }
  struct sanlk_lockspace lockspace = make_lockspace (disk);
  int result = sanlock_write_lockspace (&lockspace, 0, 0, 0);
  if (result < 0)
    fail_at (disk->path, result);
}

/* ---- the lockspace ---- */

static _Noreturn void
fail_at_lockspace (int result)
{
  if (result == -EINVAL)
    fail (UMZ_SANLOCK_UNUSABLE,
          "sanlock has joined '" LOCKSPACE "' on another disk or with another host-id. Leave that"
          " one: sanlock client gets, sanlock client rem_lockspace");
  fail_at ("lockspace", result);
}

static bool
is_joined (const Disk *disk)
{
  struct sanlk_lockspace lockspace = make_lockspace (disk);
  int result = sanlock_inq_lockspace (&lockspace, 0);
  if (result != 0 && result != -ENOENT && result != -EINPROGRESS)
    fail_at_lockspace (result);
  return result == 0;
}

/* Takes sanlock half a minute, in which nobody waits. */
static void
join (const Disk *disk)
{
  struct sanlk_lockspace lockspace = make_lockspace (disk);
  int result = sanlock_add_lockspace (&lockspace, SANLK_ADD_ASYNC);
  if (result != 0 && result != -EEXIST && result != -EINPROGRESS)
    fail_at_lockspace (result);
}

static void
need_lockspace (const Disk *disk)
{
  if (is_joined (disk))
    return;
  join (disk);
  fail (UMZ_SANLOCK_SILENT,
        "sanlock is joining the lockspace. If that lasts: another SU has host-id"
        " %" G_GUINT64_FORMAT ", or see sanlock.log",
        disk->host_id);
}

/* ---- one lease ---- */

static void
read_page (Holding *holding, unsigned bucket)
{
  uint8_t bytes[UMZ_PAGE_BYTES];
  int result = sanlock_get_lvb (0, &holding->lease.resource, (char *) bytes, sizeof bytes);
  if (result < 0)
    fail_at ("value of the lease", result);
  if (!umz_page_parse (bytes, bucket, &holding->page))
    fail (UMZ_SANLOCK_UNUSABLE, "lease %s: its value is damaged. Initialize the disk anew",
          holding->lease.resource.name);
  if (holding->page.generation < holding->generation)
    fail (UMZ_SANLOCK_UNUSABLE, "lease %s: its value is of an older generation. Check the disk",
          holding->lease.resource.name);
}

/* What sanlock answers, for is_busy(). */
static int
try_to_take (const Disk *disk, unsigned bucket, Holding *holding)
{
  holding->lease = make_lease (disk, bucket);
  struct sanlk_resource *resource = &holding->lease.resource;
  int result = sanlock_read_resource (resource, 0);
  if (result < 0)
    return result;
  if (!parse_name (&holding->lease, bucket, &holding->generation))
    fail (UMZ_SANLOCK_UNUSABLE, "lease %u is not Umzug's. Is it the right disk?", bucket);
  resource->flags = 0;
  resource->lver = 0;
  return sanlock_acquire (disk->connection, -1, SANLK_ACQUIRE_LVB | SANLK_ACQUIRE_OWNER_NOWAIT, 1,
                          &resource, NULL);
}

static void
take (const Disk *disk, unsigned bucket, Holding *holding)
{
  for (;;) {
    int result = try_to_take (disk, bucket, holding);
    if (result >= 0)
      break;
    if (!is_busy (result) || g_timer_elapsed (disk->timer, NULL) > BUSY_LIMIT_S)
      fail_at ("lease", result);
    g_usleep (g_random_int_range (PAUSE_MIN_US, PAUSE_MAX_US));
  }
  read_page (holding, bucket);
}

/* The lease is free then, or will be when this program ends. */
static void
release (const Disk *disk, Holding *holding, uint64_t generation)
{
  Lease renamed = holding->lease;
  set_name (&renamed, holding->page.bucket, generation);
  struct sanlk_resource *resources[] = { &holding->lease.resource, &renamed.resource };
  bool is_renamed = generation != holding->generation;
  (void) sanlock_release (disk->connection, -1, is_renamed ? SANLK_REL_RENAME : 0,
                          is_renamed ? 2 : 1, resources); /* the next round tells */
}

static void
write_and_release (const Disk *disk, Holding *holding)
{
  uint8_t bytes[UMZ_PAGE_BYTES];
  holding->page.generation++;
  umz_page_format (&holding->page, bytes);
  int result = sanlock_set_lvb (0, &holding->lease.resource, (char *) bytes, sizeof bytes);
  if (result < 0)
    fail_at ("value of the lease", result);
  release (disk, holding, holding->generation);
}

/* ---- the verbs ---- */

static void
add (UmzPage *page, const UmzPageKey *key, UmzVerdict verdict)
{
  if (!umz_page_add (page, key, verdict))
    fail (UMZ_SANLOCK_UNUSABLE,
          "no room for another decision. When no move is under way, initialize the disk anew");
}

/* Rounds until one of them finds that nothing is left to be written. */
static UmzVerdict
ask (const Disk *disk, const char *verb, const UmzPageKey *key, UmzVerdict wanted)
{
  bool is_decide = strcmp (verb, "decide") == 0;
  bool is_forget = strcmp (verb, "forget") == 0;
  for (;;) {
    Holding holding;
    take (disk, umz_page_get_bucket (key), &holding);
    UmzVerdict found = umz_page_find (&holding.page, key);
    if (is_decide && found == UMZ_VERDICT_NONE)
      add (&holding.page, key, wanted);
    else if (is_forget && found != UMZ_VERDICT_NONE)
      umz_page_remove (&holding.page, key);
    else {
      release (disk, &holding, holding.page.generation);
      return found;
    }
    write_and_release (disk, &holding);
  }
}

static void
ask_and_print (Disk *disk, char **arguments, int n_arguments)
{
  guint64 epoch;
  UmzVerdict wanted = UMZ_VERDICT_NONE;
  if (!g_uuid_string_is_valid (arguments[4]) ||
      !g_ascii_string_to_unsigned (arguments[5], 10, 0, UINT64_MAX, &epoch, NULL) ||
      (n_arguments > 6 && !umz_verdict_parse (arguments[6], &wanted)))
    fail (UMZ_SANLOCK_USAGE, "UUID, EPOCH or verdict");
  UmzPageKey key = umz_page_make_key (arguments[4], epoch);
  need_lockspace (disk);
  find_lease_bytes (disk);
  disk->connection = sanlock_register ();
  if (disk->connection < 0)
    fail_at ("sanlock daemon", disk->connection);
  puts (umz_verdict_text (ask (disk, arguments[1], &key, wanted)));
}

static bool
has_arguments (const char *verb, int n_arguments)
{
  static const struct {
    const char *verb;
    int n_arguments;
  } verbs[] = { { "init", 3 }, { "join", 4 }, { "get", 6 }, { "forget", 6 }, { "decide", 7 } };
  for (size_t i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (verb, verbs[i].verb) == 0)
      return n_arguments == verbs[i].n_arguments;
  return false;
}

int
main (int n_arguments, char **arguments)
{
  Disk disk = { .connection = -1, .timer = g_timer_new () };
  if (n_arguments < 3 || !has_arguments (arguments[1], n_arguments) ||
      (n_arguments > 3 &&
       !g_ascii_string_to_unsigned (arguments[3], 10, 1, HOST_ID_MAX, &disk.host_id, NULL)))
    fail (UMZ_SANLOCK_USAGE, "Usage: umzug-sanlock init DISK | join DISK HOST-ID\n"
                             "       umzug-sanlock get|forget DISK HOST-ID UUID EPOCH\n"
                             "       umzug-sanlock decide DISK HOST-ID UUID EPOCH VERDICT");
  disk.path = arguments[2];
  if (strcmp (arguments[1], "init") == 0)
    init (&disk);
  else if (strcmp (arguments[1], "join") == 0)
    join (&disk);
  else
    ask_and_print (&disk, arguments, n_arguments);
  g_timer_destroy (disk.timer);
  return UMZ_SANLOCK_DONE;
}

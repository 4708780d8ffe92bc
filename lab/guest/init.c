/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The only program of a lab guest: process 1 of a real Linux kernel.  It proves, from the inside,
 * that the guest is never stopped for good, never runs twice and never loses a byte.
 *
 * THEORY OF OPERATION
 *
 * Three threads, each with one promise:
 *
 *   tick    writes a numbered line to the virtio-serial port `umzug.tick` every umz.tick ms.  The
 *           number grows by one; a collector outside notices every hole and every repetition.
 *   memory  owns a region.  What each page holds follows from its number, and word 0 counts how
 *           often the page was written.  The thread dirties pages at the asked rate, compares what
 *           it can of each page just before it writes it, and beside that sweeps over the whole
 *           region comparing every byte.  Loads:
 *             counters:MIB:MIBPERS  noise; a write changes word 0 alone
 *             pages:MIB:MIBPERS     noise; a write changes the whole page
 *             random:MIB            noise that nobody changes
 *             text:MIB              pieces of programs (/programs) and words (the kernel's names)
 *   disk    writes numbered, checksummed records to each writable disk, in an area of its own
 *           (umz.slot), reads back what it wrote and one older record each time.  A disk with the
 *           serial number umzug-local is left alone: it is taken away when the guest moves.
 *
 * A tick line, fixed width, so that a torn one is seen:
 *
 *   T <boot id, 16 hex> <tick, 16 hex> <memory errors, 8 hex> <disk errors, 8 hex>
 *     <pages dirtied, 16 hex> <full sweeps, 8 hex> <ready, 1> <checksum of the line so far, 8
 * hex>\n
 *
 * Settings come from the kernel's command line: umz.tick=MS umz.load=idle|LOAD[+LOAD…] umz.slot=N
 * umz.skip=TICK (leave that tick out: to prove that the collector notices).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/fs.h>

#define PAGE_BYTES           4096u
#define PAGE_WORDS           (PAGE_BYTES / sizeof (uint64_t))
#define MIB_PAGES            256u
#define STEP_NS              10000000 /* the memory thread works in steps of 10 ms */
#define SWEEP_PAGES_PER_STEP 64       /* 25 MiB/s compared */
#define DISK_RECORDS         64u
#define DISK_SLOTS           32u /* of 256 KiB: a disk of the lab has 8 MiB */
#define DISK_PERIOD_NS       50000000
#define LOADS_MAX            4
#define NAMES_MAX            65536
#define DISKS_MAX            8

typedef struct Load Load;

/* What the page holds after so many writes. */
typedef void (*MakePage) (uint64_t page, uint64_t count, uint64_t *ret_words);

struct Load {
  uint64_t *words;
  uint64_t n_pages;
  MakePage make;
  bool changes_whole_pages;
  uint64_t dirty_pages_per_step_q8; /* in 1/256 pages, so that slow rates are exact too */
  uint64_t n_writes;                /* page i got n_writes / n_pages of them (+ 1 if i < rest) */
  uint64_t swept;
};

/* A file of the guest's, as a whole. */
typedef struct {
  const char *bytes;
  size_t n_bytes;
} File;

typedef struct {
  const char *bytes;
  size_t n_bytes; /* with the space behind it */
} Name;

typedef struct {
  char name[32];
  int fd;
  uint64_t n_written;
} Disk;

typedef struct {
  uint64_t magic;
  uint64_t boot;
  uint64_t number;
  uint64_t slot;
  uint64_t fill[PAGE_WORDS - 5];
  uint64_t checksum;
} DiskRecord;

static uint64_t boot_id;
static uint64_t n_dirtied;
static uint32_t n_memory_errors;
static uint32_t n_disk_errors;
static uint32_t n_sweeps;
static bool loads_ready;
static Load loads[LOADS_MAX];
static unsigned n_loads;
static Disk disks[DISKS_MAX];
static unsigned n_disks;
static unsigned slot;
static File programs;
static Name names[NAMES_MAX];
static unsigned n_names;

static void
say (const char *format, ...)
{
  char line[256];
  va_list args;
  va_start (args, format);
  int n = vsnprintf (line, sizeof line - 1, format, args);
  va_end (args);
  line[n++] = '\n';
  (void) !write (1, line, (size_t) n); /* a console that does not take it is not our matter */
}

static void
sleep_until (struct timespec *next, long step_ns)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  next->tv_nsec += step_ns;
  while (next->tv_nsec >= 1000000000) {
    next->tv_nsec -= 1000000000;
    next->tv_sec++;
  }
  /* After a long stop go on from now: a burst of late steps would only disturb the measurement. */
  if (now.tv_sec > next->tv_sec)
    *next = now;
  clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL);
}

static uint64_t
mix (uint64_t x)
{
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdu;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53u;
  return x ^ (x >> 33);
}

static uint64_t
next_word (uint64_t x)
{
  x ^= x << 13;
  x ^= x >> 7;
  return x ^ (x << 17);
}

static bool
read_setting (const char *name, char *ret_value, size_t size)
{
  static char line[2048];
  if (line[0] == '\0') {
    int fd = open ("/proc/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t n = read (fd, line, sizeof line - 1);
    line[n > 0 ? n : 0] = '\0';
    close (fd);
  }
  const char *at = strstr (line, name);
  if (at == NULL)
    return false;
  at += strlen (name);
  size_t n = strcspn (at, " \n");
  if (n >= size)
    return false;
  memcpy (ret_value, at, n);
  ret_value[n] = '\0';
  return true;
}

/* ---- memory ---- */

static uint64_t
expected_count (const Load *load, uint64_t page)
{
  return load->n_writes / load->n_pages + (page < load->n_writes % load->n_pages ? 1 : 0);
}

static void
make_noise (uint64_t seed, uint64_t count, uint64_t *ret_words)
{
  uint64_t x = mix (seed);
  ret_words[0] = count;
  for (size_t i = 1; i < PAGE_WORDS; i++)
    ret_words[i] = x = next_word (x);
}

static void
make_counter (uint64_t page, uint64_t count, uint64_t *ret_words)
{
  make_noise (page + 1, count, ret_words);
}

static void
make_new_noise (uint64_t page, uint64_t count, uint64_t *ret_words)
{
  make_noise (page + 1 + (count << 32), count, ret_words);
}

/* From anywhere in the file: no two pages are cut alike. */
static void
make_program_piece (uint64_t page, char *ret_bytes)
{
  size_t at = mix (page + 1) % programs.n_bytes;
  for (size_t n = 0; n < PAGE_BYTES;) {
    size_t piece = programs.n_bytes - at < PAGE_BYTES - n ? programs.n_bytes - at : PAGE_BYTES - n;
    memcpy (ret_bytes + n, programs.bytes + at, piece);
    n += piece;
    at = 0;
  }
}

/* As memcpy(), whose instruction for a length that is not known is slow when it is emulated. */
static void
copy_short (char *to, const char *from, size_t n_bytes)
{
  size_t n = 0;
  for (; n + 8 <= n_bytes; n += 8)
    memcpy (to + n, from + n, 8);
  if (n_bytes & 4)
    memcpy (to + n, from + n, 4);
  n += n_bytes & 4;
  if (n_bytes & 2)
    memcpy (to + n, from + n, 2);
  if (n_bytes & 1)
    to[n_bytes - 1] = from[n_bytes - 1];
}

static void
make_words (uint64_t page, char *ret_bytes)
{
  uint64_t x = mix (page + 1);
  for (size_t n = 0; n < PAGE_BYTES;) {
    x = next_word (x);
    const Name *name = &names[x % n_names];
    size_t n_bytes = name->n_bytes < PAGE_BYTES - n ? name->n_bytes : PAGE_BYTES - n;
    copy_short (ret_bytes + n, name->bytes, n_bytes);
    n += n_bytes;
  }
}

static void
make_text (uint64_t page, uint64_t count, uint64_t *ret_words)
{
  if (page % 2 == 0)
    make_program_piece (page, (char *) ret_words);
  else
    make_words (page, (char *) ret_words);
  ret_words[0] = count;
}

static bool
page_is_right (const Load *load, uint64_t page)
{
  static uint64_t wanted[PAGE_WORDS]; /* of the memory thread alone */
  const uint64_t *found = load->words + page * PAGE_WORDS;
  uint64_t differing = 0;
  load->make (page, expected_count (load, page), wanted);
  for (size_t i = 0; i < PAGE_WORDS; i++) /* memcmp() of s390x is one byte at a time, emulated */
    differing |= found[i] ^ wanted[i];
  return differing == 0;
}

static void
fill_page (Load *load, uint64_t page)
{
  load->make (page, expected_count (load, page), load->words + page * PAGE_WORDS);
}

static void
note_memory_error (Load *load, uint64_t page)
{
  __atomic_add_fetch (&n_memory_errors, 1, __ATOMIC_RELAXED);
  say ("umzug-guest: page %llu does not hold what was written there", (unsigned long long) page);
  fill_page (load, page); /* each damage counts once */
}

static void
dirty_some (Load *load, uint64_t n)
{
  for (uint64_t i = 0; i < n; i++) {
    uint64_t page = load->n_writes % load->n_pages;
    uint64_t *count = load->words + page * PAGE_WORDS;
    if (*count != expected_count (load, page))
      note_memory_error (load, page);
    (*count)++;
    load->n_writes++;
    if (load->changes_whole_pages)
      fill_page (load, page);
  }
  __atomic_add_fetch (&n_dirtied, n, __ATOMIC_RELAXED);
}

static void
sweep_some (Load *load)
{
  for (unsigned i = 0; i < SWEEP_PAGES_PER_STEP; i++) {
    if (!page_is_right (load, load->swept))
      note_memory_error (load, load->swept);
    if (++load->swept < load->n_pages)
      continue;
    load->swept = 0;
    if (load == &loads[0])
      __atomic_add_fetch (&n_sweeps, 1, __ATOMIC_RELAXED);
  }
}

static void *
run_memory (void *unused)
{
  struct timespec next;
  uint64_t debt_q8[LOADS_MAX] = { 0 };

  for (unsigned i = 0; i < n_loads; i++)
    for (uint64_t page = 0; page < loads[i].n_pages; page++)
      fill_page (&loads[i], page);
  __atomic_store_n (&loads_ready, true, __ATOMIC_RELEASE);

  clock_gettime (CLOCK_MONOTONIC, &next);
  while (n_loads > 0) {
    sleep_until (&next, STEP_NS);
    for (unsigned i = 0; i < n_loads; i++) {
      debt_q8[i] += loads[i].dirty_pages_per_step_q8;
      dirty_some (&loads[i], debt_q8[i] >> 8);
      debt_q8[i] &= 0xff;
      sweep_some (&loads[i]);
    }
  }
  return unused;
}

static File
read_file (const char *path)
{
  enum { MAX_BYTES = 64 << 20 };
  File file = { 0 };
  char *bytes = mmap (NULL, MAX_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  ssize_t n;
  while ((n = read (fd, bytes + file.n_bytes, MAX_BYTES - 1 - file.n_bytes)) > 0)
    file.n_bytes += (size_t) n;
  close (fd);
  file.bytes = bytes; /* with a NUL behind it */
  return file;
}

/* "ffffffff81000000 T name [module]", a line each. */
static void
read_names (void)
{
  File list = read_file ("/proc/kallsyms");
  for (char *line = (char *) list.bytes; *line != '\0' && n_names < NAMES_MAX;) {
    char *end = strchr (line, '\n');
    if (end == NULL)
      break;
    *end = '\0';
    char *name = strchr (line, ' ');
    if (name != NULL && strlen (name) > 3) {
      size_t length = strcspn (name + 3, "\t ");
      name[3 + length] = ' ';
      names[n_names++] = (Name){ .bytes = name + 3, .n_bytes = length + 1 };
    }
    line = end + 1;
  }
}

static bool
prepare_text (void)
{
  if (n_names == 0)
    read_names ();
  if (programs.n_bytes == 0)
    programs = read_file ("/programs");
  return n_names > 0 && programs.n_bytes > 0;
}

static const struct {
  const char *format; /* MIB, MIBPERS */
  int n_numbers;
  MakePage make;
  bool changes_whole_pages;
} kinds[] = {
  { "counters:%u:%u", 2, make_counter, false },
  { "pages:%u:%u", 2, make_new_noise, true },
  { "random:%u", 1, make_counter, false },
  { "text:%u", 1, make_text, false },
};

static bool
add_load (const char *text)
{
  unsigned mib = 0, mib_per_s = 0;
  size_t kind = 0;
  while (kind < sizeof kinds / sizeof kinds[0] &&
         sscanf (text, kinds[kind].format, &mib, &mib_per_s) != kinds[kind].n_numbers)
    kind++;
  if (kind == sizeof kinds / sizeof kinds[0] || n_loads == LOADS_MAX || mib == 0 ||
      (kinds[kind].make == make_text && !prepare_text ()))
    return false;
  Load *load = &loads[n_loads++];
  load->make = kinds[kind].make;
  load->changes_whole_pages = kinds[kind].changes_whole_pages;
  load->n_pages = (uint64_t) mib * MIB_PAGES;
  load->dirty_pages_per_step_q8 = (uint64_t) mib_per_s * MIB_PAGES * 256 / (1000000000 / STEP_NS);
  load->words = mmap (NULL, load->n_pages * PAGE_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return load->words != MAP_FAILED;
}

static void
start_loads (void)
{
  char spec[256], *rest = spec;
  pthread_t thread;

  if (!read_setting ("umz.load=", spec, sizeof spec))
    strcpy (spec, "idle");
  for (char *part; (part = strsep (&rest, "+")) != NULL;)
    if (strcmp (part, "idle") != 0 && !add_load (part))
      say ("umzug-guest: load '%s' is not known or does not fit", part);
  pthread_create (&thread, NULL, run_memory, NULL);
}

/* ---- disks ---- */

static uint64_t
checksum_record (const DiskRecord *record)
{
  const uint64_t *words = (const uint64_t *) record;
  uint64_t sum = 0;
  for (size_t i = 0; i < PAGE_WORDS - 1; i++)
    sum = mix (sum ^ words[i]);
  return sum;
}

static off_t
record_offset (uint64_t number)
{
  return (off_t) ((slot * DISK_RECORDS + number % DISK_RECORDS) * PAGE_BYTES);
}

static void
note_disk_error (Disk *disk, uint64_t number, const char *what)
{
  __atomic_add_fetch (&n_disk_errors, 1, __ATOMIC_RELAXED);
  say ("umzug-guest: disk %s, record %llu: %s", disk->name, (unsigned long long) number, what);
}

static void
write_record (Disk *disk, DiskRecord *record, uint64_t number)
{
  *record =
    (DiskRecord){ .magic = 0x554d5a5547444b31u, .boot = boot_id, .number = number, .slot = slot };
  for (size_t i = 0; i < PAGE_WORDS - 5; i++)
    record->fill[i] = mix (number * PAGE_WORDS + i);
  record->checksum = checksum_record (record);
  if (pwrite (disk->fd, record, sizeof *record, record_offset (number)) != sizeof *record)
    note_disk_error (disk, number, strerror (errno));
}

static void
check_record (Disk *disk, DiskRecord *record, uint64_t number)
{
  if (pread (disk->fd, record, sizeof *record, record_offset (number)) != sizeof *record)
    note_disk_error (disk, number, strerror (errno));
  else if (record->boot != boot_id || record->number != number ||
           record->checksum != checksum_record (record)) {
    note_disk_error (disk, number, "not what was written");
    write_record (disk, record, number); /* each damage counts once */
  }
}

static void *
run_disks (void *unused)
{
  struct timespec next;
  DiskRecord *record = aligned_alloc (PAGE_BYTES, sizeof *record);

  clock_gettime (CLOCK_MONOTONIC, &next);
  for (uint64_t number = 0;; number++) {
    sleep_until (&next, DISK_PERIOD_NS);
    for (unsigned i = 0; i < n_disks; i++) {
      write_record (&disks[i], record, number);
      check_record (&disks[i], record, number);
      uint64_t n_kept = number < DISK_RECORDS ? number + 1 : DISK_RECORDS;
      check_record (&disks[i], record, number - (number * 7 + 1) % n_kept);
    }
  }
  return unused;
}

static bool
is_local (const char *disk)
{
  char path[320], serial[32] = "";
  snprintf (path, sizeof path, "/sys/block/%s/serial", disk);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  (void) !read (fd, serial, sizeof serial - 1); /* empty if it fails: an ordinary disk */
  close (fd);
  return strncmp (serial, "umzug-local", 11) == 0;
}

static void
start_disks (void)
{
  DIR *dir = opendir ("/sys/block");
  pthread_t thread;
  for (struct dirent *entry; dir != NULL && (entry = readdir (dir)) != NULL;) {
    char path[300];
    int read_only = 1;
    if (strncmp (entry->d_name, "vd", 2) != 0 || n_disks == DISKS_MAX ||
        is_local (entry->d_name))
      continue;
    snprintf (path, sizeof path, "/dev/%s", entry->d_name);
    int fd = open (path, O_RDWR | O_DIRECT | O_SYNC | O_CLOEXEC);
    if (fd < 0 || ioctl (fd, BLKROGET, &read_only) < 0 || read_only)
      continue;
    disks[n_disks].fd = fd;
    snprintf (disks[n_disks].name, sizeof disks[n_disks].name, "%.31s", entry->d_name);
    n_disks++;
  }
  if (dir != NULL)
    closedir (dir);
  if (n_disks > 0)
    pthread_create (&thread, NULL, run_disks, NULL);
}

/* ---- ticks ---- */

static int
open_tick_port (void)
{
  DIR *dir = opendir ("/sys/class/virtio-ports");
  int fd = -1;
  for (struct dirent *entry; dir != NULL && fd < 0 && (entry = readdir (dir)) != NULL;) {
    char path[320], name[64] = "";
    snprintf (path, sizeof path, "/sys/class/virtio-ports/%s/name", entry->d_name);
    int name_fd = open (path, O_RDONLY | O_CLOEXEC);
    if (name_fd < 0)
      continue;
    (void) !read (name_fd, name, sizeof name - 1); /* empty if it fails: not our port */
    close (name_fd);
    if (strncmp (name, "umzug.tick", 10) != 0)
      continue;
    snprintf (path, sizeof path, "/dev/%s", entry->d_name);
    fd = open (path, O_WRONLY | O_CLOEXEC);
  }
  if (dir != NULL)
    closedir (dir);
  return fd;
}

static void
send_tick (int fd, uint64_t tick)
{
  char line[128];
  int n = snprintf (line, sizeof line, "T %016llx %016llx %08x %08x %016llx %08x %d",
                    (unsigned long long) boot_id, (unsigned long long) tick,
                    __atomic_load_n (&n_memory_errors, __ATOMIC_RELAXED),
                    __atomic_load_n (&n_disk_errors, __ATOMIC_RELAXED),
                    (unsigned long long) __atomic_load_n (&n_dirtied, __ATOMIC_RELAXED),
                    __atomic_load_n (&n_sweeps, __ATOMIC_RELAXED),
                    __atomic_load_n (&loads_ready, __ATOMIC_ACQUIRE));
  uint32_t sum = 0;
  for (int i = 0; i < n; i++)
    sum = sum * 31 + (unsigned char) line[i];
  n += snprintf (line + n, sizeof line - (size_t) n, " %08x\n", sum);
  (void) !write (fd, line,
                 (size_t) n); /* a line that did not go out is a hole: the collector sees it */
}

static void
run_ticks (int fd)
{
  char text[32];
  struct timespec next;
  long period_ms = read_setting ("umz.tick=", text, sizeof text) ? atol (text) : 10;
  uint64_t skip =
    read_setting ("umz.skip=", text, sizeof text) ? strtoull (text, NULL, 10) : UINT64_MAX;

  clock_gettime (CLOCK_MONOTONIC, &next);
  for (uint64_t tick = 0;; tick++) {
    if (tick != skip)
      send_tick (fd, tick);
    if (tick % (uint64_t) (1000 / period_ms) == 0)
      say ("umzug-guest: tick %llu, memory errors %u, disk errors %u", (unsigned long long) tick,
           n_memory_errors, n_disk_errors);
    sleep_until (&next, period_ms * 1000000);
  }
}

/* ---- start ---- */

static void
load_modules (void)
{
  FILE *list = fopen ("/modules/order", "re");
  char path[128] = "/modules/";
  while (list != NULL && fscanf (list, "%100s", path + 9) == 1) {
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || syscall (SYS_finit_module, fd, "", 0) < 0)
      say ("umzug-guest: module %s: %s", path, strerror (errno));
    close (fd);
  }
  if (list != NULL)
    fclose (list);
}

/* Entropy is poor this early in an emulated machine: the clock's nanoseconds are mixed in. */
static uint64_t
make_boot_id (void)
{
  uint64_t id = 0;
  struct timespec now;
  clock_gettime (CLOCK_REALTIME, &now);
  (void) !getrandom (&id, sizeof id, GRND_INSECURE);
  return id ^ mix ((uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec);
}

int
main (void)
{
  char text[32];

  mount ("proc", "/proc", "proc", 0, NULL);
  mount ("sysfs", "/sys", "sysfs", 0, NULL);
  mount ("devtmpfs", "/dev", "devtmpfs", 0, NULL);
  int console = open ("/dev/console", O_RDWR);
  if (console >= 0) {
    dup2 (console, 1);
    dup2 (console, 2);
  }
  load_modules ();
  usleep (200000); /* ports and disks appear on their own time */
  slot = read_setting ("umz.slot=", text, sizeof text) ? (unsigned) atoi (text) % DISK_SLOTS : 0;
  boot_id = make_boot_id ();

  int port = -1;
  for (int i = 0; i < 50 && (port = open_tick_port ()) < 0; i++)
    usleep (100000);
  if (port < 0)
    say ("umzug-guest: no port umzug.tick: nobody will hear from this guest");
  start_loads ();
  start_disks ();
  say ("umzug-guest: up, %u load(s), %u disk(s)", n_loads, n_disks);
  run_ticks (port);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-sanlock.c: one disk, and two real daemons of sanlock as on two SUs; the program that is
 * tested is umzug-sanlock, named by the first argument.
 */
#include "arbiter/arbiter.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "arbiter/page.h"
#include "arbiter/test-server.h"
#include "base/unix-socket.h"
#include "messages/catalogue.h"

#define N_THREADS   4
#define ROUNDS      3
#define LEASE_BYTES (1024 * 1024)
#define VALUE_AT    (2002 * 512) /* in a lease */
#define NAME_AT     56           /* in a lease, first the lockspace's, then its own */
#define NAME_BYTES  48

/* Two SUs with their daemons.  They live as long as the program: joining takes seconds. */
typedef struct {
  char *folder; /* where the socket of its daemon is */
  GSubprocess *daemon;
  GThread *drain; /* reads what the daemon says */
  UmzConfig config;
  UmzArbiter *arbiter;
} Su;

static char *folder, *disk;
static const char *real_program;
static Su here, there;

/* ---- the daemons ---- */

static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static GSubprocess *
spawn (const Su *su, const char *command)
{
  g_auto (GStrv) argv = g_strsplit (command, " ", -1);
  g_autoptr (GSubprocessLauncher) launcher =
    g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  g_subprocess_launcher_setenv (launcher, "SANLOCK_RUN_DIR", su->folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "SANLOCK_PRIVILEGED", "0", TRUE);
  g_autoptr (GError) error = NULL;
  GSubprocess *process =
    g_subprocess_launcher_spawnv (launcher, (const char *const *) argv, &error);
  if (process == NULL)
    g_error ("%s", error->message);
  return process;
}

G_GNUC_PRINTF (2, 3)
static void
run (const Su *su, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_autofree char *said = NULL;
  g_autoptr (GSubprocess) process = spawn (su, command);
  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &said, NULL, NULL));
  if (!g_subprocess_get_successful (process))
    g_error ("%s: %s", command, said);
}

/* Up to the end of what it says. */
static gpointer
drain (gpointer data)
{
  GInputStream *pipe = g_subprocess_get_stdout_pipe (data);
  char buffer[4096];
  while (g_input_stream_read (pipe, buffer, sizeof buffer, NULL, NULL) > 0)
    ;
  return NULL;
}

/* It says that it has started before it can be reached. */
static void
wait_until_reachable (const Su *su)
{
  g_autofree char *path = g_build_filename (su->folder, "sanlock.sock", NULL);
  int fd;
  while ((fd = umz_unix_connect (path)) < 0) {
    if (g_subprocess_get_identifier (su->daemon) == NULL)
      g_error ("sanlock does not start");
    g_thread_yield ();
  }
  close (fd);
}

static void
start_daemon (Su *su)
{
  g_autofree char *command =
    g_strdup_printf ("sanlock daemon -D -w 0 -h 0 -l 0 -L -1 -S -1 -U %s -G %s -e SU%u",
                     g_get_user_name (), g_get_user_name (), (unsigned) su->config.arbiter.host_id);
  su->daemon = spawn (su, command);
  su->drain = g_thread_new ("drain", drain, su->daemon);
  wait_until_reachable (su);
}

static void
kill_daemon (Su *su)
{
  g_subprocess_force_exit (su->daemon);
  g_assert_true (g_subprocess_wait (su->daemon, NULL, NULL));
  g_thread_join (su->drain);
  g_clear_object (&su->daemon);
}

/* Its umzug-sanlock finds its daemon. */
static void
set_up_su (Su *su, const char *name, unsigned host_id)
{
  su->folder = g_build_filename (folder, name, NULL);
  g_assert_cmpint (g_mkdir (su->folder, 0700), ==, 0);
  char *program = g_build_filename (su->folder, "umzug-sanlock", NULL);
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\nSANLOCK_RUN_DIR=%s exec %s \"$@\"\n",
                                             su->folder, real_program);
  g_assert_true (g_file_set_contents (program, script, -1, NULL));
  g_assert_cmpint (g_chmod (program, 0700), ==, 0);
  su->config.arbiter = (UmzConfigArbiter){
    .kind = UMZ_ARBITER_SANLOCK, .disk = disk, .host_id = host_id, .program = program
  };
  start_daemon (su);
}

/* With patience of one second instead of ten. */
static void
join (const Su *su)
{
  run (su, "sanlock client add_lockspace -s umzug:%u:%s:0 -o 1",
       (unsigned) su->config.arbiter.host_id, disk);
}

static gpointer
join_in_thread (gpointer data)
{
  join (data);
  return NULL;
}

static void
set_up_all (void)
{
  folder = g_dir_make_tmp ("umzug-sanlock-XXXXXX", NULL);
  g_assert_nonnull (folder);
  g_autofree char *build = g_get_current_dir ();
  disk = g_build_filename (build, "disk-XXXXXX", NULL); /* /tmp may know no direct I/O */
  int fd = g_mkstemp (disk);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  set_up_su (&here, "here", 1);
  set_up_su (&there, "there", 2);
  run (&here, "%s init %s", real_program, disk);
  run (&here, "sanlock client init -s umzug:0:%s:0 -o 1", disk);
  GThread *thread = g_thread_new ("join", join_in_thread, &there);
  join (&here);
  g_thread_join (thread);
  g_assert_true (umz_arbiter_new (&here.config, &here.arbiter, NULL));
  g_assert_true (umz_arbiter_new (&there.config, &there.arbiter, NULL));
}

static void
tear_down_su (Su *su)
{
  kill_daemon (su);
  umz_arbiter_free (su->arbiter);
  g_free (su->config.arbiter.program);
  g_free (su->folder);
}

static void
tear_down_all (void)
{
  tear_down_su (&here);
  tear_down_su (&there);
  umz_test_remove_folder (folder);
  g_assert_cmpint (g_unlink (disk), ==, 0);
  g_free (disk);
  g_free (folder);
}

/* ---- each test: a VM of its own ---- */

typedef struct {
  char *uuid;
} Fixture;

static void
set_up (Fixture *fixture, const void *data)
{
  fixture->uuid = g_uuid_string_random ();
}

static void
tear_down (Fixture *fixture, const void *data)
{
  g_free (fixture->uuid);
}

/* An answer is had in the end; until then nobody answers. */
static UmzVerdict
decide (const Su *su, const char *uuid, uint64_t epoch, UmzVerdict wanted)
{
  for (;;) {
    g_autoptr (GError) error = NULL;
    UmzVerdict decided;
    if (umz_arbiter_decide (su->arbiter, uuid, epoch, wanted, &decided, &error))
      return decided;
    g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0240);
  }
}

static UmzVerdict
get (const Su *su, const char *uuid, uint64_t epoch)
{
  for (;;) {
    g_autoptr (GError) error = NULL;
    UmzVerdict decided;
    if (umz_arbiter_get (su->arbiter, uuid, epoch, &decided, &error))
      return decided;
    g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0240);
  }
}

static void
forget (const Su *su, const char *uuid, uint64_t epoch)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (umz_arbiter_forget (su->arbiter, uuid, epoch, &error));
  g_assert_no_error (error);
}

static void
assert_error (GError *error, UmzMessageId id, const char *cause)
{
  g_assert_error (error, UMZ_ERROR, (int) id);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, cause));
}

static void
assert_get_fails (const UmzConfig *config, const char *uuid, UmzMessageId id, const char *cause)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzArbiter) arbiter = NULL;
  UmzVerdict decided;
  g_assert_true (umz_arbiter_new (config, &arbiter, NULL));
  g_assert_false (umz_arbiter_get (arbiter, uuid, 1, &decided, &error));
  assert_error (error, id, cause);
}

/* ---- the contract ---- */

static void
the_first_decision_stands_until_it_is_forgotten (Fixture *fixture, const void *data)
{
  static const struct {
    uint64_t epoch;
    UmzVerdict first, second;
  } table[] = {
    { 0, UMZ_VERDICT_COMMITTED, UMZ_VERDICT_ABORTED },
    { UINT64_MAX, UMZ_VERDICT_ABORTED, UMZ_VERDICT_COMMITTED },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    UmzVerdict first = table[i].first, second = table[i].second;
    uint64_t epoch = table[i].epoch;
    g_assert_cmpint (get (&there, fixture->uuid, epoch), ==, UMZ_VERDICT_NONE);
    g_assert_cmpint (decide (&here, fixture->uuid, epoch, first), ==, first);
    g_assert_cmpint (decide (&there, fixture->uuid, epoch, second), ==, first);
    g_assert_cmpint (decide (&here, fixture->uuid, epoch, second), ==, first);
    g_assert_cmpint (get (&there, fixture->uuid, epoch), ==, first);
  }
  for (unsigned i = 0; i < 2; i++) { /* the second time it is gone already */
    forget (&there, fixture->uuid, 0);
    g_assert_cmpint (get (&here, fixture->uuid, 0), ==, UMZ_VERDICT_NONE);
  }
  g_assert_cmpint (get (&here, fixture->uuid, UINT64_MAX), ==, UMZ_VERDICT_ABORTED);
  g_assert_cmpint (decide (&here, fixture->uuid, 0, UMZ_VERDICT_ABORTED), ==, UMZ_VERDICT_ABORTED);
  g_assert_cmpint (get (&there, fixture->uuid, 0), ==, UMZ_VERDICT_ABORTED);
}

typedef struct {
  const char *uuid;
  unsigned number;
  uint64_t epoch;
  UmzVerdict decided;
} Contender;

static gpointer
contend (gpointer data)
{
  Contender *contender = data;
  bool is_odd = contender->number % 2 == 1;
  contender->decided = decide (is_odd ? &here : &there, contender->uuid, contender->epoch,
                               is_odd ? UMZ_VERDICT_COMMITTED : UMZ_VERDICT_ABORTED);
  return NULL;
}

static void
who_contends_gets_the_same_answer (Fixture *fixture, const void *data)
{
  for (uint64_t epoch = 1; epoch <= ROUNDS; epoch++) {
    Contender contenders[N_THREADS];
    GThread *threads[N_THREADS];
    for (unsigned i = 0; i < N_THREADS; i++) {
      contenders[i] = (Contender){ .uuid = fixture->uuid, .number = i, .epoch = epoch };
      threads[i] = g_thread_new ("contender", contend, &contenders[i]);
    }
    for (unsigned i = 0; i < N_THREADS; i++)
      g_thread_join (threads[i]);
    UmzVerdict decided = get (&here, fixture->uuid, epoch);
    g_assert_cmpint (decided, !=, UMZ_VERDICT_NONE);
    for (unsigned i = 0; i < N_THREADS; i++)
      g_assert_cmpint (contenders[i].decided, ==, decided);
  }
}

/* The next epoch behind this one whose decision belongs into that page. */
static uint64_t
find_epoch (const Fixture *fixture, unsigned bucket, uint64_t epoch)
{
  for (;;) {
    UmzPageKey key = umz_page_make_key (fixture->uuid, ++epoch);
    if (umz_page_get_bucket (&key) == bucket)
      return epoch;
  }
}

static void
a_full_page_has_room_when_one_is_forgotten (Fixture *fixture, const void *data)
{
  UmzPageKey first_key = umz_page_make_key (fixture->uuid, 1);
  unsigned bucket = umz_page_get_bucket (&first_key);
  g_autoptr (GError) error = NULL;
  UmzVerdict decided;
  uint64_t epoch = 1;
  while (umz_arbiter_decide (here.arbiter, fixture->uuid, epoch, UMZ_VERDICT_COMMITTED, &decided,
                             &error))
    epoch = find_epoch (fixture, bucket, epoch);
  assert_error (error, UMZ_MSG_UMZ0241, "no room for another decision");
  g_assert_cmpint (get (&there, fixture->uuid, epoch), ==, UMZ_VERDICT_NONE);
  g_assert_cmpint (get (&there, fixture->uuid, 1), ==, UMZ_VERDICT_COMMITTED);
  forget (&there, fixture->uuid, 1);
  g_assert_cmpint (decide (&here, fixture->uuid, epoch, UMZ_VERDICT_ABORTED), ==,
                   UMZ_VERDICT_ABORTED);
  for (uint64_t last = epoch, next = 1; next < last; forget (&here, fixture->uuid, next))
    next = find_epoch (fixture, bucket, next); /* room for the tests that follow */
}

/* ---- the daemon, the program and the disk at their worst ---- */

static void
a_decision_outlives_a_daemon_that_is_killed (Fixture *fixture, const void *data)
{
  decide (&here, fixture->uuid, 1, UMZ_VERDICT_COMMITTED);
  kill_daemon (&here);
  assert_get_fails (&here.config, fixture->uuid, UMZ_MSG_UMZ0240, "Does the sanlock daemon run");
  g_assert_cmpint (get (&there, fixture->uuid, 1), ==, UMZ_VERDICT_COMMITTED);
  start_daemon (&here);
  assert_get_fails (&here.config, fixture->uuid, UMZ_MSG_UMZ0240,
                    "sanlock is joining the lockspace");
  g_assert_cmpint (get (&here, fixture->uuid, 1), ==, UMZ_VERDICT_COMMITTED);
}

static char *
dup_lease_name (unsigned bucket)
{
  char names[NAME_AT + 2 * NAME_BYTES];
  int fd = open (disk, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (pread (fd, names, sizeof names, (bucket + 1) * LEASE_BYTES), ==, sizeof names);
  close (fd);
  g_assert_cmpstr (names + NAME_AT, ==, "umzug");
  return g_strndup (names + NAME_AT + NAME_BYTES, NAME_BYTES);
}

/* What holds the lease stands for umzug-sanlock between reading and writing. */
static void
who_is_killed_with_the_lease_has_decided_nothing (Fixture *fixture, const void *data)
{
  g_autoptr (GError) error = NULL;
  UmzVerdict decided;
  UmzPageKey key = umz_page_make_key (fixture->uuid, 1);
  unsigned bucket = umz_page_get_bucket (&key);
  g_autofree char *name = dup_lease_name (bucket);
  g_autofree char *command =
    g_strdup_printf ("sanlock client command -r umzug:%s:%s:%u -c /bin/cat /dev/zero", name, disk,
                     (bucket + 1) * LEASE_BYTES);
  g_autoptr (GSubprocess) holder = spawn (&here, command);
  GInputStream *said = g_subprocess_get_stdout_pipe (holder);
  char byte = 1;
  while (byte != 0) /* then it has the lease, and is cat */
    g_assert_cmpint (g_input_stream_read (said, &byte, 1, NULL, NULL), ==, 1);
  g_assert_false (umz_arbiter_decide (there.arbiter, fixture->uuid, 1, UMZ_VERDICT_COMMITTED,
                                      &decided, &error));
  assert_error (error, UMZ_MSG_UMZ0240, ""); /* held by another host, or too late */
  g_subprocess_force_exit (holder);
  g_assert_true (g_subprocess_wait (holder, NULL, NULL));
  g_assert_cmpint (get (&there, fixture->uuid, 1), ==, UMZ_VERDICT_NONE);
  g_assert_cmpint (decide (&there, fixture->uuid, 1, UMZ_VERDICT_ABORTED), ==,
                   UMZ_VERDICT_ABORTED);
}

static void
access_value (unsigned bucket, uint8_t *read_here, const uint8_t *written)
{
  int fd = open (disk, O_RDWR | O_CLOEXEC);
  off_t at = (bucket + 1) * LEASE_BYTES + VALUE_AT;
  if (read_here != NULL)
    g_assert_cmpint (pread (fd, read_here, UMZ_PAGE_BYTES, at), ==, UMZ_PAGE_BYTES);
  if (written != NULL)
    g_assert_cmpint (pwrite (fd, written, UMZ_PAGE_BYTES, at), ==, UMZ_PAGE_BYTES);
  g_assert_cmpint (fsync (fd), ==, 0);
  close (fd);
}

static void
a_damaged_value_is_no_answer (Fixture *fixture, const void *data)
{
  UmzPageKey key = umz_page_make_key (fixture->uuid, 1);
  unsigned bucket = umz_page_get_bucket (&key);
  uint8_t value[UMZ_PAGE_BYTES], zeros[UMZ_PAGE_BYTES] = { 0 }, old[UMZ_PAGE_BYTES];
  UmzPage page;
  decide (&here, fixture->uuid, 1, UMZ_VERDICT_COMMITTED);
  access_value (bucket, value, NULL);
  g_assert_true (umz_page_parse (value, bucket, &page));
  value[40] ^= 1;
  access_value (bucket, NULL, value);
  assert_get_fails (&there.config, fixture->uuid, UMZ_MSG_UMZ0241, "its value is damaged");
  page.generation--;
  page.n_records = 0;
  umz_page_format (&page, old);
  const uint8_t *const older[] = { zeros, old };
  for (size_t i = 0; i < G_N_ELEMENTS (older); i++) {
    access_value (bucket, NULL, older[i]);
    assert_get_fails (&there.config, fixture->uuid, UMZ_MSG_UMZ0241, "of an older generation");
  }
  value[40] ^= 1;
  access_value (bucket, NULL, value);
  g_assert_cmpint (get (&there, fixture->uuid, 1), ==, UMZ_VERDICT_COMMITTED);
}

static void
a_program_that_gives_no_answer_is_an_error (Fixture *fixture, const void *data)
{
  static const struct {
    const char *script;
    UmzMessageId id;
    const char *cause;
  } table[] = {
    { NULL, UMZ_MSG_UMZ0240, "No such file or directory" },
    { "exec sleep 1000", UMZ_MSG_UMZ0240, "timed out" },
    { "kill -9 $$", UMZ_MSG_UMZ0240, "signal 9" },
    { "echo busy >&2; exit 1", UMZ_MSG_UMZ0240, "busy" },
    { "echo COMMITTED; exit 2", UMZ_MSG_UMZ0241, "status 2" },
    { "echo PERHAPS", UMZ_MSG_UMZ0241, "status 0" },
    { ":", UMZ_MSG_UMZ0241, "status 0" },
  };
  g_autofree char *program = g_build_filename (folder, "program", NULL);
  UmzConfig config = here.config;
  config.arbiter.program = program;
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *script = g_strdup_printf ("#!/bin/sh\n%s\n", table[i].script);
    if (table[i].script != NULL)
      g_assert_true (g_file_set_contents_full (program, script, -1,
                                               G_FILE_SET_CONTENTS_CONSISTENT, 0700, NULL));
    assert_get_fails (&config, fixture->uuid, table[i].id, table[i].cause);
  }
}

static void
another_disk_or_host_id_is_refused (Fixture *fixture, const void *data)
{
  UmzConfig config = here.config;
  config.arbiter.host_id = 3;
  assert_get_fails (&config, fixture->uuid, UMZ_MSG_UMZ0241, "with another host-id");
  config = here.config;
  config.arbiter.disk = (char *) "/nowhere/disk";
  assert_get_fails (&config, fixture->uuid, UMZ_MSG_UMZ0241, "on another disk");
}

static void
a_disk_that_is_in_use_is_not_initialized (Fixture *fixture, const void *data)
{
  g_autofree char *complaint = NULL;
  g_autofree char *command = g_strdup_printf ("%s init %s", real_program, disk);
  g_autoptr (GSubprocess) process = spawn (&here, command);
  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &complaint, NULL, NULL));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 2);
  g_assert_nonnull (strstr (complaint, "its first MiB is not blank"));
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C");
  g_test_init (&argc, &argv, NULL);
  real_program = argv[1];
  if (!umz_test_find_program ("sanlock", "sanlock"))
    return 0;
  ADD ("/sanlock/the-first-decision-stands-until-it-is-forgotten",
       the_first_decision_stands_until_it_is_forgotten);
  ADD ("/sanlock/who-contends-gets-the-same-answer", who_contends_gets_the_same_answer);
  ADD ("/sanlock/a-full-page-has-room-when-one-is-forgotten",
       a_full_page_has_room_when_one_is_forgotten);
  ADD ("/sanlock/who-is-killed-with-the-lease-has-decided-nothing",
       who_is_killed_with_the_lease_has_decided_nothing);
  ADD ("/sanlock/a-damaged-value-is-no-answer", a_damaged_value_is_no_answer);
  ADD ("/sanlock/a-program-that-gives-no-answer-is-an-error",
       a_program_that_gives_no_answer_is_an_error);
  ADD ("/sanlock/another-disk-or-host-id-is-refused", another_disk_or_host_id_is_refused);
  ADD ("/sanlock/a-disk-that-is-in-use-is-not-initialized",
       a_disk_that_is_in_use_is_not_initialized);
  ADD ("/sanlock/a-decision-outlives-a-daemon-that-is-killed",
       a_decision_outlives_a_daemon_that_is_killed);
  set_up_all ();
  int result = g_test_run ();
  tear_down_all ();
  return result;
}

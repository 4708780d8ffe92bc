/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-course.c: whole moves between two SUs of one process, undisturbed and disturbed at every
 * point.
 *
 *   test-course RELAY [FIRST/OF]      the FIRST of so many equal parts of the cases; 1/1 without
 *
 * Each case runs in a process of its own, several at a time, for most of a disturbed move is
 * waiting.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/fault-points.h"
#include "engine/test-fault.h"
#include "engine/test-p2p.h"
#include "engine/test-peer.h"
#include "engine/test-su.h"
#include "host/fence.h"
#include "hypervisor/test-libvirt.h"

#define LIMIT_S  90 /* of a case that hangs */
#define PARALLEL 40

typedef struct Case Case;
struct Case {
  const char *name;
  void (*run) (const Case *c);
  UmzSuType type;
  UmzVmState state;
  UmzTestFault fault;
  const char *point;
};

static const char *relay;
static char *own_folder; /* of a case */

/* ---- what must be true in the end ---- */

static void
assert_is_empty (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_assert_null (dir != NULL ? g_dir_read_name (dir) : NULL);
}

static void
assert_no_fence (const UmzTestSu *su)
{
  g_autofree char *reason = umz_fence_dup_reason (su->config.fence_dir, UMZ_TEST_UUID);
  g_assert_cmpstr (reason, ==, NULL);
}

/* The VM is here as it was, and only here; nothing is left of the move. */
static void
assert_is_at (UmzTestPair *pair, UmzTestSu *here)
{
  UmzTestSu *there = here == &pair->source ? &pair->target : &pair->source;
  static const int states[] = {
    [UMZ_VM_STATE_RUNNING] = VIR_DOMAIN_RUNNING,
    [UMZ_VM_STATE_IN_HOLD] = VIR_DOMAIN_PAUSED,
    [UMZ_VM_STATE_INIT_ONLY] = VIR_DOMAIN_PAUSED,
    [UMZ_VM_STATE_DOWN] = VIR_DOMAIN_SHUTOFF,
    [UMZ_VM_STATE_DEFINED_ONLY] = VIR_DOMAIN_SHUTOFF,
  };
  g_test_message ("%s: %s", pair->source.name, pair->source.said->str);
  g_test_message ("%s: %s", pair->target.name, pair->target.said->str);
  g_assert_cmpint (umz_test_libvirt_get_state (there->uri, UMZ_TEST_UUID, NULL), ==, -1);
  g_assert_cmpint (umz_test_libvirt_get_state (here->uri, UMZ_TEST_UUID, NULL), ==,
                   states[pair->state]);
  g_assert_cmpuint (umz_test_libvirt_count_running (UMZ_TEST_UUID), ==,
                    pair->state == UMZ_VM_STATE_RUNNING);
  g_autofree char *definition =
    umz_hypervisor_dup_definition (here->means.hypervisor, UMZ_TEST_UUID, NULL);
  g_assert_nonnull (definition);
  assert_is_empty (pair->source.config.migration_dir);
  assert_is_empty (pair->target.config.migration_dir);
  assert_no_fence (&pair->source);
  assert_no_fence (&pair->target);
}

/* Wherever the VM is. */
static void
assert_is_once (UmzTestPair *pair)
{
  bool is_here = umz_test_libvirt_get_state (pair->source.uri, UMZ_TEST_UUID, NULL) >= 0;
  assert_is_at (pair, is_here ? &pair->source : &pair->target);
}

static UmzTestPair *
begin (const Case *c)
{
  g_autoptr (GError) error = NULL;
  UmzTestPair *pair = umz_test_pair_new (own_folder, relay, c->type, c->state);
  if (c->fault != UMZ_TEST_FAULT_NONE)
    umz_test_fault_order (c->fault, c->point, umz_test_pair_kill, pair);
  umz_test_pair_migrate (pair, &error);
  g_assert_no_error (error);
  return pair;
}

/* ---- cases ---- */

static void
moves (const Case *c)
{
  UmzTestPair *pair = begin (c);
  umz_test_pair_settle (pair);
  assert_is_at (pair, &pair->target);
  g_assert_cmpuint (pair->source.n_closed, ==, 1);
  g_assert_cmpuint (pair->target.n_closed, ==, 1);
  g_assert_cmpint (pair->source.status, ==, UMZ_MONJV_ENDED);
}

/* Struck at the point.  Where the VM is in the end follows from the point; it is there once. */
static void
is_struck (const Case *c)
{
  UmzTestPair *pair = begin (c);
  umz_test_pair_settle (pair);
  g_assert_true (umz_test_fault_has_struck ());
  assert_is_once (pair);
}

static const Case cases[] = {
  { "a guest of SU 390 moves", moves, UMZ_SU_TYPE_390, UMZ_VM_STATE_RUNNING },
  { "a guest of SU x86 moves", moves, UMZ_SU_TYPE_X86, UMZ_VM_STATE_RUNNING },
  { "a VM that is held moves", moves, UMZ_SU_TYPE_390, UMZ_VM_STATE_IN_HOLD },
  { "a VM that never ran moves", moves, UMZ_SU_TYPE_390, UMZ_VM_STATE_INIT_ONLY },
  { "a VM that is off moves", moves, UMZ_SU_TYPE_X86, UMZ_VM_STATE_DOWN },
  { "a definition moves", moves, UMZ_SU_TYPE_390, UMZ_VM_STATE_DEFINED_ONLY },
};

/* ---- each in a process of its own ---- */

/* gcov's counts are written at an exit, which this is none. */
extern void __gcov_dump (void) __attribute__ ((weak));

G_GNUC_NORETURN static void
run_case (const Case *c, const char *log)
{
  own_folder = g_strconcat (log, ".d", NULL);
  (void) freopen (log, "w", stderr);
  (void) freopen (log, "a", stdout);
  alarm (LIMIT_S);
  c->run (c);
  if (__gcov_dump != NULL)
    __gcov_dump ();
  _exit (0);
}

typedef struct {
  const Case *c;
  pid_t pid;
  int status;
  char *log; /* owned; a file */
} Run;

static void
show_log (const Run *run)
{
  g_autofree char *text = NULL;
  if (g_file_get_contents (run->log, &text, NULL, NULL))
    fprintf (stderr, "%s", text);
}

static void
start (Run *run, const Case *c, const char *folder, guint number)
{
  run->c = c;
  run->log = g_strdup_printf ("%s/%u", folder, number);
  run->pid = fork ();
  g_assert_cmpint (run->pid, >=, 0);
  if (run->pid == 0)
    run_case (c, run->log);
}

static void
await_one (GArray *runs)
{
  int status;
  pid_t pid = wait (&status);
  for (guint i = 0; i < runs->len; i++) {
    Run *run = &g_array_index (runs, Run, i);
    if (run->pid == pid)
      run->status = status;
  }
}

static void
run_all (GArray *runs, GArray *chosen, const char *folder)
{
  guint n_under_way = 0;
  g_array_set_size (runs, chosen->len);
  for (guint i = 0; i < chosen->len; i++) {
    if (n_under_way == PARALLEL) {
      await_one (runs);
      n_under_way--;
    }
    start (&g_array_index (runs, Run, i), &g_array_index (chosen, Case, i), folder, i);
    n_under_way++;
  }
  for (; n_under_way > 0; n_under_way--)
    await_one (runs);
}

static void
judge (gconstpointer data)
{
  const Run *run = data;
  if (run->status != 0)
    show_log (run);
  g_assert_cmpint (run->status, ==, 0);
}

static void
add_case (GArray *all, const Case *c)
{
  g_array_append_vals (all, c, 1);
}

/* Every point of a move that goes through, killed and failed. */
static void
add_strikes (GArray *all)
{
  size_t n;
  const UmzFaultPoint *points = umz_fault_get_points (&n);
  for (size_t i = 0; i < n && strcmp (points[i].name, "source-aborted") != 0; i++)
    for (UmzTestFault fault = UMZ_TEST_FAULT_FAIL; fault <= UMZ_TEST_FAULT_KILL; fault++) {
      if (fault == UMZ_TEST_FAULT_FAIL && !points[i].can_fail)
        continue;
      const char *verb = fault == UMZ_TEST_FAULT_FAIL ? "fails" : "kills";
      add_case (all, &(Case){ g_strdup_printf ("%s %s", points[i].name, verb), is_struck,
                              i % 2 == 0 ? UMZ_SU_TYPE_390 : UMZ_SU_TYPE_X86,
                              UMZ_VM_STATE_RUNNING, fault, points[i].name });
    }
}

int
main (int argc, char **argv)
{
  guint first = 1, of = 1;
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, >=, 2);
  relay = g_canonicalize_filename (argv[1], NULL);
  if (argc > 2)
    g_assert_cmpint (sscanf (argv[2], "%u/%u", &first, &of), ==, 2);
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (Case));
  g_autoptr (GArray) chosen = g_array_new (FALSE, FALSE, sizeof (Case));
  g_autoptr (GArray) runs = g_array_new (FALSE, TRUE, sizeof (Run));
  g_autofree char *folder = g_dir_make_tmp ("umzug-course-XXXXXX", NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    add_case (all, &cases[i]);
  add_strikes (all);
  for (guint i = first - 1; i < all->len; i += of)
    add_case (chosen, &g_array_index (all, Case, i));
  run_all (runs, chosen, folder);
  for (guint i = 0; i < runs->len; i++) {
    const Run *run = &g_array_index (runs, Run, i);
    g_autofree char *name = g_strdelimit (g_strdup (run->c->name), " ", '-');
    g_autofree char *path = g_strconcat ("/course/", name, NULL);
    g_test_add_data_func (path, run, judge);
  }
  int status = g_test_run ();
  g_autofree char *command = g_strdup_printf ("rm -r %s", folder);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  return status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-course.c: whole moves between two SUs of one process, undisturbed and disturbed at every
 * point.
 *
 *   test-course RELAY [FIRST/OF]      the FIRST of so many equal parts of the cases; 1/1 without
 *
 * Each case runs in a process of its own, several at a time, for most of a disturbed move is
 * waiting.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/engine-private.h"
#include "engine/fault-points.h"
#include "engine/test-fault.h"
#include "engine/test-p2p.h"
#include "engine/test-peer.h"
#include "engine/test-su.h"
#include "host/fence.h"
#include "host/libvirt-conf.h"
#include "host/user.h"
#include "hypervisor/test-libvirt.h"
#include "store/test-disk.h"
#include "store/vms.h"

#define LIMIT_S  240 /* of a case that hangs */
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

static void
show (const UmzTestPair *pair)
{
  g_autofree char *source_said = umz_test_su_dup_said (&pair->source);
  g_autofree char *target_said = umz_test_su_dup_said (&pair->target);
  g_test_message ("%s: %s", pair->source.name, source_said);
  g_test_message ("%s: %s", pair->target.name, target_said);
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
  show (pair);
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
  if (c->point != NULL && strcmp (c->point, "target-relay") == 0)
    pair->source.config.init_limit_s = 8; /* nothing else tells the source */
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
  while (umz_test_su_get_closed (&pair->source) == 0 ||
         umz_test_su_get_closed (&pair->target) == 0)
    umz_test_pair_go_on (pair);
  g_assert_cmpuint (umz_test_su_get_closed (&pair->source), ==, 1);
  g_assert_cmpuint (umz_test_su_get_closed (&pair->target), ==, 1);
  g_assert_cmpint (umz_test_su_get_status (&pair->source), ==, UMZ_MONJV_ENDED);
}

/* Struck at the point.  Where the VM is in the end follows from the point; it is there once. */
static void
is_struck (const Case *c)
{
  UmzTestPair *pair = begin (c);
  umz_test_pair_settle (pair);
  show (pair);
  g_assert_true (umz_test_fault_has_struck ());
  assert_is_once (pair);
}

/* Both ways: what has not changed since is not sent again. */
static void
comes_back (const Case *c)
{
  UmzTestPair *pair = begin (c);
  umz_test_pair_settle (pair);
  assert_is_at (pair, &pair->target);
  UmzTestPair back = { .state = pair->state };
  umz_test_su_copy (&pair->target, &back.source);
  umz_test_su_copy (&pair->source, &back.target);
  g_autoptr (GError) error = NULL;
  umz_test_pair_migrate (&back, &error);
  g_assert_no_error (error);
  umz_test_pair_settle (&back);
  assert_is_at (&back, &back.target);
}

/* ---- undone ---- */

static void
assert_undone (UmzTestPair *pair, const char *cause)
{
  umz_test_pair_settle (pair);
  assert_is_at (pair, &pair->source);
  g_assert_cmpint (umz_test_su_get_status (&pair->source), ==, UMZ_MONJV_ABORTED);
  g_test_message ("%s", cause);
  g_assert_true (umz_test_su_has_said (&pair->source, cause));
}

/* Of a move that copies for long. */
static UmzTestPair *
begin_slowly (const Case *c)
{
  umz_test_p2p_set_copy (20000, 1 << 20);
  UmzTestPair *pair = begin (c);
  while (!umz_test_p2p_comes_in ())
    umz_test_pair_go_on (pair);
  return pair;
}

static void
is_canceled (const Case *c)
{
  g_autoptr (GError) error = NULL;
  UmzTestPair *pair = begin_slowly (c);
  umz_engine_cancel (pair->source.engine, UMZ_TEST_UUID, "TSOS", &error);
  g_assert_no_error (error);
  assert_undone (pair, "UMZ0123");
  g_assert_false (umz_engine_cancel (pair->source.engine, UMZ_TEST_UUID, "TSOS", &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0133);
}

static void
assert_private (const UmzTestSu *su, uid_t owner)
{
  struct stat st;
  g_autoptr (GDir) parent = g_dir_open (su->config.migration_dir, 0, NULL);
  g_assert_nonnull (parent);
  g_autofree char *folder =
    g_build_filename (su->config.migration_dir, g_dir_read_name (parent), NULL);
  g_assert_cmpint (stat (folder, &st), ==, 0);
  g_assert_cmphex (st.st_mode & 0777, ==, 0700);
  g_assert_cmpuint (st.st_uid, ==, owner);
}

/* No more than its user can get at the sockets of a move. */
static void
keeps_its_sockets (const Case *c)
{
  UmzUser qemu = { .uid = geteuid () };
  UmzTestPair *pair = begin_slowly (c);
  g_autoptr (UmzLibvirtConf) conf = umz_libvirt_conf_load (UMZ_LIBVIRT_CONF_FOLDER "/qemu.conf");
  g_autofree char *user = umz_user_dup_of_qemu (conf);
  if (geteuid () == 0)
    g_assert_true (umz_user_find (user, "", &qemu));
  assert_private (&pair->source, geteuid ());
  assert_private (&pair->target, qemu.uid);
  g_autoptr (GError) error = NULL;
  umz_engine_cancel (pair->source.engine, UMZ_TEST_UUID, "TSOS", &error);
  g_assert_no_error (error);
  assert_undone (pair, "UMZ0123");
}

static void
meets_a_thief (const Case *c)
{
  umz_test_p2p_set_thief (true);
  UmzTestPair *pair = begin (c);
  assert_undone (pair, "UMZ012");
  g_assert_true (umz_test_su_has_said (&pair->target, "UMZ0042"));
  g_assert_false (umz_test_p2p_comes_in ());
}

static void
loses_the_link (const Case *c)
{
  UmzTestPair *pair = begin_slowly (c);
  umz_test_peer_set_link (UMZ_TEST_LINK_SILENT);
  while (!umz_test_su_has_said (&pair->source, "VMS2421"))
    umz_test_pair_go_on (pair);
  g_assert_cmpuint (umz_test_libvirt_count_running (UMZ_TEST_UUID), ==, 1);
  umz_test_peer_set_link (UMZ_TEST_LINK_WHOLE);
  assert_undone (pair, "UMZ0320");
}

/* Who is the first to notice, a relay or libvirt, says it. */
static void
loses_the_relays_at_the_source (const Case *c)
{
  UmzTestPair *pair = begin_slowly (c);
  umz_test_su_kill_relays (&pair->source);
  assert_undone (pair, "UMZ012");
}

static void
loses_the_relays_at_the_target (const Case *c)
{
  UmzTestPair *pair = begin_slowly (c);
  umz_test_su_kill_relays (&pair->target);
  assert_undone (pair, "VMS24");
}

/* An administrator destroys the copy. */
static void
loses_the_copy (const Case *c)
{
  UmzTestPair *pair = begin_slowly (c);
  umz_test_libvirt_end_domain (pair->target.uri, UMZ_TEST_UUID, VIR_DOMAIN_SHUTOFF_DESTROYED);
  assert_undone (pair, "VMS2420");
}

/* The guest ends in the midst of its move: it is off where it was. */
static void
loses_the_guest (const Case *c)
{
  UmzTestPair *pair = begin_slowly (c);
  umz_test_libvirt_end_domain (pair->source.uri, UMZ_TEST_UUID, VIR_DOMAIN_SHUTOFF_CRASHED);
  pair->state = UMZ_VM_STATE_DOWN;
  assert_undone (pair, "UMZ0131");
}

static void
takes_too_long_to_begin (const Case *c)
{
  umz_test_p2p_set_begins (false);
  UmzTestPair *pair = umz_test_pair_new (own_folder, relay, c->type, c->state);
  g_autoptr (GError) error = NULL;
  pair->source.config.init_limit_s = pair->source.config.copy_limit_s = 1;
  umz_test_pair_migrate (pair, &error);
  g_assert_no_error (error);
  assert_undone (pair, "UMZ0203");
}

typedef struct {
  UmzSide side;
  const char *function, *cause;
} Refusal;

/* libvirt refuses something for good: `point` names it, "SIDE FUNCTION CAUSE". */
static Refusal
read_refusal (const Case *c)
{
  g_auto (GStrv) parts = g_strsplit (c->point, " ", 3);
  return (Refusal){ .side = strcmp (parts[0], "source") == 0 ? UMZ_SIDE_SOURCE : UMZ_SIDE_TARGET,
                    .function = g_strdup (parts[1]),
                    .cause = g_strdup (parts[2]) };
}

static void
is_refused (const Case *c)
{
  g_autoptr (GError) error = NULL;
  Refusal refusal = read_refusal (c);
  UmzTestPair *pair = umz_test_pair_new (own_folder, relay, c->type, c->state);
  UmzTestSu *su = refusal.side == UMZ_SIDE_SOURCE ? &pair->source : &pair->target;
  umz_test_libvirt_fail (su->uri, refusal.function, "internal error: not today");
  umz_test_pair_migrate (pair, &error);
  g_assert_no_error (error);
  assert_undone (pair, refusal.cause);
}

static void
has_a_faulty_relay (const Case *c)
{
  umz_test_fault_arm_relays (atoi (c->point), 0);
  UmzTestPair *pair = begin (c);
  umz_test_pair_settle (pair);
  umz_test_fault_arm_relays (0, 0);
  assert_is_once (pair);
}

/* A move that is undone in its last moment, struck on its way back. */
static void
is_struck_while_undone (const Case *c)
{
  g_autoptr (GError) error = NULL;
  UmzTestPair *pair = umz_test_pair_new (own_folder, relay, c->type, c->state);
  umz_test_libvirt_fail (pair->target.uri, "FINISH", "internal error: not today");
  umz_test_fault_order (c->fault, c->point, umz_test_pair_kill, pair);
  umz_test_pair_migrate (pair, &error);
  g_assert_no_error (error);
  umz_test_pair_settle (pair);
  show (pair);
  g_assert_true (umz_test_fault_has_struck ());
  assert_is_at (pair, &pair->source);
}

/* ---- its turn ---- */

#define CROWD 5 /* a quarter of the workers that libvirtd has if its file does not say */

/* So many others copy.  The VM's move waits. */
static UmzTestPair *
begin_in_line (const Case *c, const char *others)
{
  g_autoptr (GError) error = NULL;
  UmzTestPair *pair = umz_test_pair_new (own_folder, relay, c->type, c->state);
  for (int i = 0; i < CROWD; i++)
    umz_queue_enter (pair->source.engine->means.queue, &others[i]);
  umz_test_pair_migrate (pair, &error);
  g_assert_no_error (error);
  while (!umz_test_su_has_said (&pair->source, "UMZ0248"))
    umz_test_pair_go_on (pair);
  g_assert_cmpint (umz_test_su_get_status (&pair->source), ==, UMZ_MONJV_ACCEPTED);
  g_assert_false (umz_test_su_has_said (&pair->source, "VMS2450"));
  return pair;
}

static void
waits_for_its_turn (const Case *c)
{
  static const char others[CROWD];
  UmzTestPair *pair = begin_in_line (c, others);
  umz_queue_leave (pair->source.engine->means.queue, &others[1]);
  umz_test_pair_settle (pair);
  assert_is_at (pair, &pair->target);
}

static void
is_canceled_in_line (const Case *c)
{
  static const char others[CROWD];
  g_autoptr (GError) error = NULL;
  UmzTestPair *pair = begin_in_line (c, others);
  umz_engine_cancel (pair->source.engine, UMZ_TEST_UUID, "TSOS", &error);
  g_assert_no_error (error);
  umz_test_pair_settle (pair);
  assert_is_at (pair, &pair->source);
  g_assert_true (umz_test_su_has_said (&pair->source, "UMZ0123"));
}

/* ---- a disk that cannot be written any more ---- */

#define N_WRITES 56 /* of either side in a move, and some more */

static const int disk_errors[] = { ENOSPC, EIO, EROFS };

static bool
has_been_told (const UmzTestSu *su)
{
  return umz_test_su_has_said (su, "UMZ0249") || umz_test_su_has_said (su, "UMZ0300") ||
         umz_test_su_get_closed (su) > 0;
}

/* The guest goes on, here or there, without waiting for the disk. */
static bool
is_provided_for (const UmzTestPair *pair)
{
  bool has_arrived = umz_test_libvirt_get_state (pair->target.uri, UMZ_TEST_UUID, NULL) ==
                     VIR_DOMAIN_RUNNING;
  return umz_test_libvirt_count_running (UMZ_TEST_UUID) == 1 &&
         (has_arrived || has_been_told (&pair->source) || has_been_told (&pair->target));
}

/* `point` says whose, and from which write on: "source 17".  Every other time the records can be
 * written still.
 */
static void
loses_the_disk (const Case *c)
{
  char side[8];
  unsigned n;
  g_autoptr (GError) error = NULL;
  UmzTestPair *pair = umz_test_pair_new (own_folder, relay, c->type, c->state);
  g_assert_cmpint (sscanf (c->point, "%7s %u", side, &n), ==, 2);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL); /* the history may be lost */
  UmzTestSu *su = strcmp (side, "source") == 0 ? &pair->source : &pair->target;
  g_autofree char *path = g_build_filename (su->folder, n % 2 == 0 ? "" : "umzug.db", NULL);
  umz_store_has_room (su->means.store, &error); /* which it makes by many writes */
  g_assert_no_error (error);
  umz_test_disk_fail (path, n, disk_errors[n / 3 % G_N_ELEMENTS (disk_errors)]);
  if (umz_test_pair_migrate (pair, &error))
    while (!umz_test_disk_has_failed () || !is_provided_for (pair))
      umz_test_pair_go_on (pair);
  umz_test_disk_heal ();
  umz_test_pair_settle (pair);
  show (pair);
  assert_is_once (pair);
}

/* ---- in doubt ---- */

/* The SU of that side ends at the point, and stays away. */
static UmzTestPair *
begin_silence (const Case *c, const char *point, UmzTestSu **ret_here, UmzTestSu **ret_away)
{
  g_autoptr (GError) error = NULL;
  bool is_source_away = g_str_has_prefix (point, "source");
  UmzTestPair *pair = umz_test_pair_new (own_folder, relay, c->type, c->state);
  *ret_here = is_source_away ? &pair->target : &pair->source;
  *ret_away = is_source_away ? &pair->source : &pair->target;
  pair->stays_away = true;
  umz_test_fault_order (UMZ_TEST_FAULT_KILL, point, umz_test_pair_kill, pair);
  umz_test_pair_migrate (pair, &error);
  g_assert_no_error (error);
  while (!umz_test_su_has_said (*ret_here, "UMZ0127"))
    umz_test_pair_go_on (pair);
  g_assert_true (umz_engine_is_in_doubt ((*ret_here)->engine, UMZ_TEST_UUID));
  return pair;
}

/* The guest stands still on both. */
static UmzTestPair *
begin_doubt (const Case *c, const char *point, UmzTestSu **ret_here, UmzTestSu **ret_away)
{
  UmzTestPair *pair = begin_silence (c, point, ret_here, ret_away);
  g_assert_cmpuint (umz_test_libvirt_count_running (UMZ_TEST_UUID), ==, 0);
  return pair;
}

/* It is back, and does not know what it has done. */
static void
come_back_without_journal (UmzTestPair *pair, const UmzTestSu *here, const UmzTestSu *away)
{
  umz_test_su_forget (away);
  pair->stays_away = false;
  while (!umz_test_su_has_said (here, "UMZ0244"))
    umz_test_pair_go_on (pair);
  g_assert_true (umz_engine_is_in_doubt (here->engine, UMZ_TEST_UUID));
}

static void
decide (UmzTestSu *here, UmzDecision decision)
{
  g_autoptr (GError) error = NULL;
  g_auto (UmzDoubt) doubt = { 0 };
  umz_engine_get_doubt (here->engine, UMZ_TEST_UUID, decision, &doubt, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (doubt.peer, ==, here->peer.name);
  umz_engine_decide (here->engine, UMZ_TEST_UUID, decision, "TSOS", &error);
  g_assert_no_error (error);
}

static void
wait_until_it_runs (UmzTestPair *pair, const UmzTestSu *here)
{
  while (umz_test_libvirt_get_state (here->uri, UMZ_TEST_UUID, NULL) != VIR_DOMAIN_RUNNING)
    umz_test_pair_go_on (pair);
  g_assert_cmpuint (umz_test_libvirt_count_running (UMZ_TEST_UUID), ==, 1);
}

/* The source comes back by itself: it says how it is. */
static void
is_resolved_on_contact (const Case *c)
{
  UmzTestSu *here, *away;
  UmzTestPair *pair = begin_doubt (c, c->point, &here, &away);
  pair->stays_away = false;
  umz_test_pair_settle (pair);
  assert_is_at (pair, &pair->target);
  g_assert_true (umz_test_su_has_said (here, "UMZ0219"));
}

/* The host of the source is off for good, and with it the guest there. */
static void
is_decided_cold_at_the_target (const Case *c)
{
  UmzTestSu *here, *away;
  UmzTestPair *pair = begin_doubt (c, "source-committed", &here, &away);
  umz_test_libvirt_kill_domain (away->uri, UMZ_TEST_UUID);
  decide (here, UMZ_DECISION_COLD);
  wait_until_it_runs (pair, here);
  pair->stays_away = false;
  umz_test_pair_settle (pair);
  g_assert_cmpuint (umz_test_libvirt_count_running (UMZ_TEST_UUID), ==, 1);
}

static void
is_resumed_at_the_target (const Case *c)
{
  UmzTestSu *here, *away;
  UmzTestPair *pair = begin_doubt (c, "source-committed", &here, &away);
  decide (here, UMZ_DECISION_RESUME);
  wait_until_it_runs (pair, here);
  pair->stays_away = false;
  umz_test_pair_settle (pair);
  assert_is_at (pair, here);
}

static void
is_thawed_at_the_source (const Case *c)
{
  UmzTestSu *here, *away;
  UmzTestPair *pair = begin_doubt (c, "target-go", &here, &away);
  decide (here, UMZ_DECISION_THAW);
  wait_until_it_runs (pair, here);
  pair->stays_away = false;
  umz_test_pair_settle (pair);
  assert_is_at (pair, here);
}

static void
is_decided_cold_at_the_source (const Case *c)
{
  UmzTestSu *here, *away;
  UmzTestPair *pair = begin_doubt (c, "target-go", &here, &away);
  decide (here, UMZ_DECISION_COLD);
  wait_until_it_runs (pair, here);
  pair->stays_away = false;
  umz_test_pair_settle (pair);
  assert_is_at (pair, here);
}

/* What nobody here knows to be worthless is not destroyed. */
static void
is_forgotten_by_the_source (const Case *c)
{
  UmzTestSu *here, *away;
  UmzTestPair *pair = begin_doubt (c, "source-committed", &here, &away);
  come_back_without_journal (pair, here, away);
  decide (here, UMZ_DECISION_RESUME);
  wait_until_it_runs (pair, here);
  umz_test_pair_settle (pair);
  g_assert_cmpuint (umz_test_libvirt_count_running (UMZ_TEST_UUID), ==, 1);
}

static void
is_forgotten_by_the_target (const Case *c)
{
  UmzTestSu *here, *away;
  UmzTestPair *pair = begin_doubt (c, "target-go", &here, &away);
  come_back_without_journal (pair, here, away);
  decide (here, UMZ_DECISION_THAW);
  wait_until_it_runs (pair, here);
  umz_test_pair_settle (pair);
}

/* The guest has gone on there. */
static void
is_forgotten_by_its_owner (const Case *c)
{
  UmzTestSu *here, *away;
  UmzTestPair *pair = begin_silence (c, "target-runs", &here, &away);
  come_back_without_journal (pair, here, away);
  decide (here, UMZ_DECISION_DISCARD);
  umz_test_pair_settle (pair);
  g_assert_cmpint (umz_test_libvirt_get_state (here->uri, UMZ_TEST_UUID, NULL), ==, -1);
  g_assert_cmpint (umz_test_libvirt_get_state (away->uri, UMZ_TEST_UUID, NULL), ==,
                   VIR_DOMAIN_RUNNING);
}

static void
is_discarded_at_the_target (const Case *c)
{
  UmzTestSu *here, *away;
  UmzTestPair *pair = begin_doubt (c, "source-committed", &here, &away);
  decide (here, UMZ_DECISION_DISCARD);
  pair->stays_away = false;
  umz_test_pair_settle (pair);
  assert_is_at (pair, away);
}

/* After a restart the target's libvirt cannot tell whether the copy, which is ours, has run. */
static void
is_unclear_at_the_target (const Case *c)
{
  UmzTestSu *source, *target;
  UmzTestPair *pair = begin_doubt (c, "target-owner", &source, &target);
  umz_test_libvirt_fail (target->uri, "virDomainLookupByUUIDString", "internal error: not today");
  pair->stays_away = false;
  while (!umz_test_su_has_said (target, "UMZ0245"))
    umz_test_pair_go_on (pair);
  g_assert_cmpuint (umz_test_libvirt_count_running (UMZ_TEST_UUID), ==, 0);
  decide (target, UMZ_DECISION_DISCARD);
  while (!umz_test_su_has_said (target, "UMZ0210"))
    umz_test_pair_go_on (pair);
  umz_test_libvirt_fail (target->uri, "virDomainLookupByUUIDString", NULL);
  umz_test_pair_settle (pair);
  assert_is_at (pair, source);
}

/* The source has lost count of the moves of the VM; and, as the domain's metadata says, not of all.
 */
static void
takes_up_the_epochs_of_the_target (const Case *c)
{
  g_autoptr (GError) error = NULL;
  UmzVmRecord record;
  UmzTestPair *pair = umz_test_pair_new (own_folder, relay, c->type, c->state);
  umz_store_raise_epoch (pair->target.means.store, UMZ_TEST_UUID, 7, &error);
  g_assert_no_error (error);
  umz_test_pair_migrate (pair, &error);
  g_assert_no_error (error);
  umz_test_pair_settle (pair);
  assert_is_at (pair, &pair->target);
  umz_store_get_vm (pair->target.means.store, UMZ_TEST_UUID, &record, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (record.epoch, ==, 8);
}

/* Both operators decide, and one of them was wrong: the guest at the source is frozen on contact,
 * until somebody ends it.
 */
static void
runs_twice_by_a_wrong_decision (const Case *c)
{
  UmzTestSu *here, *away;
  UmzTestPair *pair = begin_doubt (c, "source-commit", &here, &away);
  decide (here, UMZ_DECISION_RESUME);
  wait_until_it_runs (pair, here);
  pair->stays_away = false;
  while (!umz_test_su_has_said (away, "UMZ0212"))
    umz_test_pair_go_on (pair);
  g_assert_cmpuint (umz_test_libvirt_count_running (UMZ_TEST_UUID), ==, 1);
  umz_test_libvirt_kill_domain (away->uri, UMZ_TEST_UUID);
  umz_test_pair_settle (pair);
  assert_is_at (pair, here);
}

#define RUNNING UMZ_VM_STATE_RUNNING

/* clang-format off */
static const Case cases[] = {
  { "a guest of SU 390 moves", moves, UMZ_SU_TYPE_390, RUNNING },
  { "a guest of SU x86 moves", moves, UMZ_SU_TYPE_X86, RUNNING },
  { "a VM that is held moves", moves, UMZ_SU_TYPE_390, UMZ_VM_STATE_IN_HOLD },
  { "a VM that never ran moves", moves, UMZ_SU_TYPE_390, UMZ_VM_STATE_INIT_ONLY },
  { "a VM that is off moves", moves, UMZ_SU_TYPE_X86, UMZ_VM_STATE_DOWN },
  { "a definition moves", moves, UMZ_SU_TYPE_390, UMZ_VM_STATE_DEFINED_ONLY },
  { "a guest comes back", comes_back, UMZ_SU_TYPE_390, RUNNING },
  { "an operator cancels", is_canceled, UMZ_SU_TYPE_390, RUNNING },
  { "the link goes silent", loses_the_link, UMZ_SU_TYPE_X86, RUNNING },
  { "the relays of the source die", loses_the_relays_at_the_source, UMZ_SU_TYPE_390, RUNNING },
  { "the relays of the target die", loses_the_relays_at_the_target, UMZ_SU_TYPE_390, RUNNING },
  { "nobody gets at the sockets", keeps_its_sockets, UMZ_SU_TYPE_390, RUNNING },
  { "another process listens", meets_a_thief, UMZ_SU_TYPE_X86, RUNNING },
  { "the copy is destroyed", loses_the_copy, UMZ_SU_TYPE_X86, RUNNING },
  { "the guest ends", loses_the_guest, UMZ_SU_TYPE_390, RUNNING },
  { "the copy does not begin", takes_too_long_to_begin, UMZ_SU_TYPE_390, RUNNING },
  { "Prepare fails", is_refused, UMZ_SU_TYPE_390, RUNNING, 0, "target PREPARE UMZ0122" },
  { "Finish fails", is_refused, UMZ_SU_TYPE_X86, RUNNING, 0, "target FINISH UMZ0122" },
  { "the copy's QEMU fails", is_refused, UMZ_SU_TYPE_390, RUNNING, 0, "target MEMORY VMS2420" },
  { "the copying fails", is_refused, UMZ_SU_TYPE_390, RUNNING, 0, "source PERFORM VMS242" },
  { "the target cannot define it", is_refused, UMZ_SU_TYPE_390, RUNNING, 0,
    "target virDomainDefineXML UMZ0124" },
  { "the target cannot resume it", is_refused, UMZ_SU_TYPE_390, RUNNING, 0,
    "target virDomainResume UMZ0124" },
  { "a held VM cannot be defined", is_refused, UMZ_SU_TYPE_X86, UMZ_VM_STATE_IN_HOLD, 0,
    "target virDomainDefineXML UMZ0124" },
  { "an unused VM cannot be started", is_refused, UMZ_SU_TYPE_X86, UMZ_VM_STATE_INIT_ONLY, 0,
    "target virDomainCreateWithFlags UMZ0124" },
  { "a byte flips", has_a_faulty_relay, UMZ_SU_TYPE_390, RUNNING, 0, "1" },
  { "a relay ends at Finish", has_a_faulty_relay, UMZ_SU_TYPE_390, RUNNING, 0, "2" },
  { "a relay ends at its reply", has_a_faulty_relay, UMZ_SU_TYPE_X86, RUNNING, 0, "3" },
  { "a relay spoils the reply", has_a_faulty_relay, UMZ_SU_TYPE_390, RUNNING, 0, "4" },
  { "a batch is spoiled", has_a_faulty_relay, UMZ_SU_TYPE_390, RUNNING, 0, "5" },
  { "it waits for its turn", waits_for_its_turn, UMZ_SU_TYPE_390, RUNNING },
  { "it is cancelled in line", is_canceled_in_line, UMZ_SU_TYPE_X86, RUNNING },
  { "the source comes back", is_resolved_on_contact, UMZ_SU_TYPE_390, RUNNING, 0,
    "source-committed" },
  { "the target comes back", is_resolved_on_contact, UMZ_SU_TYPE_X86, RUNNING, 0, "target-go" },
  { "cold at the target", is_decided_cold_at_the_target, UMZ_SU_TYPE_390, RUNNING },
  { "cold at the source", is_decided_cold_at_the_source, UMZ_SU_TYPE_390, RUNNING },
  { "resumed at the target", is_resumed_at_the_target, UMZ_SU_TYPE_390, RUNNING },
  { "thawed at the source", is_thawed_at_the_source, UMZ_SU_TYPE_X86, RUNNING },
  { "the source has no journal", is_forgotten_by_the_source, UMZ_SU_TYPE_390, RUNNING },
  { "the target has no journal", is_forgotten_by_the_target, UMZ_SU_TYPE_X86, RUNNING },
  { "the owner has no journal", is_forgotten_by_its_owner, UMZ_SU_TYPE_390, RUNNING },
  { "the target knows later moves", takes_up_the_epochs_of_the_target, UMZ_SU_TYPE_X86, RUNNING },
  { "unclear at the target", is_unclear_at_the_target, UMZ_SU_TYPE_390, RUNNING },
  { "discarded at the target", is_discarded_at_the_target, UMZ_SU_TYPE_X86, RUNNING },
  { "a wrong decision", runs_twice_by_a_wrong_decision, UMZ_SU_TYPE_390, RUNNING },
};
/* clang-format on */

/* ---- each in a process of its own ---- */

/* gcov's counts are written at an exit, which this is none. */
#if UMZ_HAS_COVERAGE
extern void __gcov_dump (void);
#else
static void
__gcov_dump (void)
{
}
#endif

G_GNUC_NORETURN static void
run_case (const Case *c, const char *log)
{
  own_folder = g_strconcat (log, ".d", NULL);
  (void) freopen (log, "w", stderr);
  (void) freopen (log, "a", stdout);
  alarm (LIMIT_S);
  c->run (c);
  __gcov_dump ();
  _exit (0);
}

typedef struct {
  const Case *c;
  pid_t pid;
  int status;
  int64_t begin_us, end_us; /* monotonic */
  char *log;                /* owned; a file */
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
  run->begin_us = g_get_monotonic_time ();
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
    if (run->pid != pid)
      continue;
    run->status = status;
    run->end_us = g_get_monotonic_time ();
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

/* How long it took is for who reads, and no test. */
static void
judge (gconstpointer data)
{
  const Run *run = data;
  g_test_message ("%.1f s", (double) (run->end_us - run->begin_us) / G_USEC_PER_SEC);
  if (run->status == 0)
    return;
  show_log (run);
  g_test_fail ();
}

static void
add_case (GArray *all, const Case *c)
{
  g_array_append_vals (all, c, 1);
}

/* Where the way of each part of the list begins; see fault-points.c. */
static bool
is_of_undo (const UmzFaultPoint *point)
{
  static const char *const of_undo[] = { "source-aborted", "source-thawed", "source-p2p-over",
                                         "source-tell-aborted", "source-told-aborted",
                                         "target-abort", "target-aborted", "target-undone", NULL };
  return strstr (point->name, "-undo-") != NULL || g_strv_contains (of_undo, point->name);
}

/* What only a move of a VM with certain devices comes to, or no move. */
static bool
is_elsewhere (const UmzFaultPoint *point)
{
  static const char *const elsewhere[] = { "recover-begun", "recover-defined",
                                           "source-undo-device", "source-undo-medium",
                                           "target-undo-owner", "target-undo-file", NULL };
  return g_strv_contains (elsewhere, point->name);
}

/* Every point, killed and failed. */
static void
add_strikes (GArray *all)
{
  size_t n;
  const UmzFaultPoint *points = umz_fault_get_points (&n);
  for (size_t i = 0; i < n; i++)
    for (UmzTestFault fault = UMZ_TEST_FAULT_FAIL; fault <= UMZ_TEST_FAULT_KILL; fault++) {
      if (is_elsewhere (&points[i]) || (fault == UMZ_TEST_FAULT_FAIL && !points[i].can_fail))
        continue;
      const char *verb = fault == UMZ_TEST_FAULT_FAIL ? "fails" : "kills";
      g_autofree char *name = g_strdup_printf ("%s %s", points[i].name, verb);
      add_case (all, &(Case){ g_intern_string (name),
                              is_of_undo (&points[i]) ? is_struck_while_undone : is_struck,
                              i % 2 == 0 ? UMZ_SU_TYPE_390 : UMZ_SU_TYPE_X86, RUNNING, fault,
                              points[i].name });
    }
}

/* At each write of a move to a journal of either side; at every third one unless all are asked for.
 */
static void
add_lost_disks (GArray *all)
{
  static const char *const sides[] = { "source", "target" };
  unsigned step = g_getenv ("UMZUG_CHECK_ALL") != NULL ? 1 : 3;
  for (size_t i = 0; i < G_N_ELEMENTS (sides); i++)
    for (unsigned n = 1; n <= N_WRITES; n += step) {
      g_autofree char *point = g_strdup_printf ("%s %u", sides[i], n);
      g_autofree char *name = g_strdup_printf ("%s cannot be written", point);
      add_case (all, &(Case){ g_intern_string (name), loses_the_disk,
                              n % 2 == 0 ? UMZ_SU_TYPE_390 : UMZ_SU_TYPE_X86, RUNNING,
                              UMZ_TEST_FAULT_NONE, g_intern_string (point) });
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
  add_lost_disks (all);
  for (guint i = first - 1; i < all->len; i += of)
    add_case (chosen, &g_array_index (all, Case, i));
  run_all (runs, chosen, folder);
  g_test_set_nonfatal_assertions (); /* the other cases have run by now */
  for (guint i = 0; i < runs->len; i++) {
    const Run *run = &g_array_index (runs, Run, i);
    g_autofree char *name = g_strdelimit (g_strdup (run->c->name), " ", '-');
    g_autofree char *path = g_strconcat ("/course/", name, NULL);
    g_test_add_data_func (path, run, judge);
  }
  int status = g_test_run ();
  for (guint i = 0; i < runs->len; i++)
    g_free (g_array_index (runs, Run, i).log);
  g_autofree char *command = g_strdup_printf ("rm -r %s", folder);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  return status;
}

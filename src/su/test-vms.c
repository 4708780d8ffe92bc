/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "su/vms.h"

#include "host/fence.h"
#include "hypervisor/test-libvirt.h"
#include "store/vms.h"
#include "su/ownership.h"
#include "su/test-site.h"

/* The VM of this name in the list; NULL: it is not there. */
static UmzVm *
find (UmzApp *app, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) vms = umz_vms_list_with_arrivals (app, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < vms->len; i++)
    if (g_str_equal (((const UmzVm *) vms->pdata[i])->name, name))
      return g_ptr_array_steal_index (vms, i);
  return NULL;
}

static char *
dup_state (UmzApp *app, const char *name)
{
  g_autoptr (UmzVm) vm = find (app, name);
  return vm != NULL ? umz_vms_dup_state (app, vm) : g_strdup ("");
}

/* ---- states ---- */

static void
test_states (void)
{
  static const struct {
    virDomainState state; /* of libvirt */
    UmzLife life;         /* of the store */
    const char *expected;
    UmzLife after;
  } rows[] = {
    { VIR_DOMAIN_RUNNING, UMZ_LIFE_NONE, "RUNNING", UMZ_LIFE_RAN },
    { VIR_DOMAIN_RUNNING, UMZ_LIFE_INIT_ONLY, "RUNNING", UMZ_LIFE_RAN },
    { VIR_DOMAIN_RUNNING, UMZ_LIFE_RAN, "RUNNING", UMZ_LIFE_RAN },
    { VIR_DOMAIN_RUNNING, UMZ_LIFE_DELETED, "RUNNING", UMZ_LIFE_RAN },
    { VIR_DOMAIN_PAUSED, UMZ_LIFE_NONE, "IN HOLD", UMZ_LIFE_RAN },
    { VIR_DOMAIN_PAUSED, UMZ_LIFE_INIT_ONLY, "INIT-ONLY", UMZ_LIFE_INIT_ONLY },
    { VIR_DOMAIN_SHUTOFF, UMZ_LIFE_RAN, "DOWN", UMZ_LIFE_RAN },
    { VIR_DOMAIN_SHUTOFF, UMZ_LIFE_NONE, "DOWN", UMZ_LIFE_NONE }, /* libvirt saw it run */
    { VIR_DOMAIN_SHUTOFF, UMZ_LIFE_INIT_ONLY, "DEFINED-ONLY", UMZ_LIFE_INIT_ONLY },
    { VIR_DOMAIN_SHUTOFF, UMZ_LIFE_DELETED, "DEFINED-ONLY", UMZ_LIFE_DELETED },
  };
  static const UmzVmState states[] = { [VIR_DOMAIN_RUNNING] = UMZ_VM_STATE_RUNNING,
                                       [VIR_DOMAIN_PAUSED] = UMZ_VM_STATE_IN_HOLD,
                                       [VIR_DOMAIN_SHUTOFF] = UMZ_VM_STATE_DOWN };
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  UmzApp *app = site->here.app;
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    UmzVmRecord record;
    g_autoptr (GError) error = NULL;
    g_autofree char *name = g_strdup_printf ("VM%zu", i);
    const char *uuid = umz_test_vm_get_uuid (name);
    umz_test_unit_add (&site->here, &(UmzTestVm){ name, 0, states[rows[i].state] });
    umz_store_set_life (app->store, uuid, rows[i].life, &error);
    g_assert_no_error (error);
    g_autofree char *state = dup_state (app, name);
    g_assert_cmpstr (state, ==, rows[i].expected);
    umz_store_get_vm (app->store, uuid, &record, &error);
    g_assert_no_error (error);
    g_assert_cmpint (record.life, ==, rows[i].after);
  }
}

/* It has a QEMU, and that has its disks open: nothing here may be started, or moved as if it were
 * off.
 */
static void
test_crashed (void)
{
  static const virDomainState states[] = { VIR_DOMAIN_CRASHED, VIR_DOMAIN_SHUTDOWN,
                                           VIR_DOMAIN_PMSUSPENDED, VIR_DOMAIN_NOSTATE };
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  umz_test_unit_add (&site->here, &(UmzTestVm){ "VM", 5, UMZ_VM_STATE_RUNNING });
  for (size_t i = 0; i < G_N_ELEMENTS (states); i++) {
    umz_test_libvirt_set_state (site->here.uri, umz_test_vm_get_uuid ("VM"), states[i], 0);
    g_autofree char *state = dup_state (site->here.app, "VM");
    g_assert_cmpstr (state, ==, "IN HOLD");
  }
}

/* Of one of them libvirt could not say all: what is left of the list would pass for the whole. */
static void
test_part (void)
{
  static const UmzTestVm vms[] = { { "ONE", 0, UMZ_VM_STATE_RUNNING },
                                   { "TWO", 0, UMZ_VM_STATE_DEFINED_ONLY } };
  static const struct {
    const char *function;
    unsigned n; /* that it is called */
  } rows[] = { { "virConnectListAllDomains", 3 },
               { "virConnectGetAllDomainStats", 1 },
               { "virDomainGetXMLDesc", G_N_ELEMENTS (vms) } };
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (vms); i++)
    umz_test_unit_add (&site->here, &vms[i]);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    for (unsigned skip = 0; skip < rows[i].n; skip++) {
      g_autoptr (GError) error = NULL;
      umz_test_libvirt_fail_once (site->here.uri, rows[i].function, skip,
                                  "internal error: not today");
      g_assert_null (umz_vms_list (site->here.app, &error));
      g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0122);
      g_autoptr (GPtrArray) whole = umz_vms_list (site->here.app, NULL);
      g_assert_cmpuint (whole->len, ==, G_N_ELEMENTS (vms));
    }
}

/* Each one that is initialised gets an index; definitions come last, by name. */
static void
test_order (void)
{
  static const UmzTestVm vms[] = {
    { "PLANB", 0, UMZ_VM_STATE_DEFINED_ONLY },
    { "NINE", 9, UMZ_VM_STATE_RUNNING },
    { "PLANA", 0, UMZ_VM_STATE_DEFINED_ONLY },
    { "NEW", 0, UMZ_VM_STATE_RUNNING },
    { "FIXED", 3, UMZ_VM_STATE_DEFINED_ONLY },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (vms); i++)
    umz_test_unit_add (&site->here, &vms[i]);
  g_autoptr (GPtrArray) list = umz_vms_list (site->here.app, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < list->len; i++) {
    const UmzVm *vm = list->pdata[i];
    g_string_append_printf (text, "%u %s, ", vm->index, vm->name);
  }
  g_assert_cmpstr (text->str, ==, "2 NEW, 3 FIXED, 9 NINE, 0 PLANA, 0 PLANB, ");
  g_assert_true (umz_vms_has (list, umz_test_vm_get_uuid ("NEW")));
  g_assert_false (umz_vms_has (list, umz_test_vm_get_uuid ("OLD")));
}

/* There are fewer indexes than VMs: one VM has none, and is a VM as all others. */
static void
test_too_many (void)
{
  unsigned n_without = 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  uint64_t index_max = site->here.app->config->index_max;
  for (uint64_t i = 2; i <= index_max + 1; i++) {
    g_autofree char *name = g_strdup_printf ("VM%u", (unsigned) i);
    umz_test_unit_add (&site->here, &(UmzTestVm){ name, 0, UMZ_VM_STATE_IN_HOLD });
  }
  g_autoptr (GPtrArray) list = umz_vms_list (site->here.app, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, index_max);
  for (guint i = 0; i < list->len; i++)
    n_without += ((const UmzVm *) list->pdata[i])->index == 0;
  g_assert_cmpuint (n_without, ==, 1);
  const UmzVm *last = list->pdata[list->len - 1];
  g_assert_cmpuint (last->index, ==, 0);
  g_autofree char *state = dup_state (site->here.app, last->name);
  g_assert_cmpstr (state, ==, "IN HOLD");
}

/* It stood when it came: until it has run it is not moved on. */
static void
test_must_run (void)
{
  UmzVmRecord record;
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  UmzApp *app = site->here.app;
  const char *uuid = umz_test_vm_get_uuid ("VM");
  umz_test_unit_add (&site->here, &(UmzTestVm){ "VM", 5, UMZ_VM_STATE_IN_HOLD });
  umz_store_note_must_run (app->store, uuid, &error);
  g_assert_no_error (error);
  g_autoptr (UmzVm) held = find (app, "VM");
  g_assert_true (held->must_run);
  umz_test_libvirt_set_state (site->here.uri, uuid, VIR_DOMAIN_RUNNING, 0);
  g_autoptr (UmzVm) runs = find (app, "VM");
  g_assert_false (runs->must_run);
  umz_store_get_vm (app->store, uuid, &record, &error);
  g_assert_no_error (error);
  g_assert_false (record.must_run);
}

/* ---- what keeps a VM from starting ---- */

static void
test_obstacles (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  UmzApp *app = site->here.app;
  umz_test_unit_add (&site->here, &(UmzTestVm){ "OFF", 5, UMZ_VM_STATE_DOWN });
  umz_test_unit_add (&site->here, &(UmzTestVm){ "RUNS", 6, UMZ_VM_STATE_RUNNING });
  g_autoptr (UmzVm) off = find (app, "OFF");
  g_autoptr (UmzVm) runs = find (app, "RUNS");
  g_assert_null (umz_vms_dup_obstacle (app, off));

  umz_ownership_begin (app);
  g_autofree char *unconfirmed = umz_vms_dup_obstacle (app, off);
  g_assert_true (g_str_has_prefix (unconfirmed, "UMZ0213 "));
  g_assert_null (umz_vms_dup_obstacle (app, runs));

  umz_fence_raise (app->config->fence_dir, off->uuid, UMZ_SIDE_SOURCE, "IT HAS LEFT", &error);
  g_assert_no_error (error);
  g_autofree char *fenced = umz_vms_dup_obstacle (app, off);
  g_assert_cmpstr (fenced, ==, "IT HAS LEFT");
  g_autofree char *state = umz_vms_dup_state (app, off);
  g_assert_cmpstr (state, ==, "NOT RUNNABLE");
}

/* ---- on the move ---- */

static void
begin_move (UmzTestSite *site, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  const UmzMoveOrder order = { .target_su = site->there.name,
                               .terms = umz_terms_of_su_type (UMZ_SU_TYPE_390) };
  umz_engine_migrate (site->here.app->engine, find (site->here.app, name), &order, &id, &error);
  g_assert_no_error (error);
}

/* From the first moment it is in both lists, and its place is kept. */
static void
test_moves (void)
{
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  umz_test_unit_add (&site->here, &(UmzTestVm){ "VM", 5, UMZ_VM_STATE_DOWN });
  umz_test_unit_hold (&site->there, "/go");
  begin_move (site, "VM");
  umz_test_unit_await_held (&site->there);
  g_autofree char *here = dup_state (site->here.app, "VM");
  g_autofree char *there = dup_state (site->there.app, "VM");
  g_assert_cmpstr (here, ==, "DOWN(MIGR)");
  g_assert_cmpstr (there, ==, "SETUP(MIGR)");
  umz_test_unit_hold (&site->there, NULL);
  umz_test_site_settle (site);
  g_autofree char *gone = dup_state (site->here.app, "VM");
  g_autofree char *come = dup_state (site->there.app, "VM");
  g_assert_cmpstr (gone, ==, "");
  g_assert_cmpstr (come, ==, "DOWN");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vms/have-the-state-that-libvirt-and-the-store-tell", test_states);
  g_test_add_func ("/vms/are-listed-by-index-and-name", test_order);
  g_test_add_func ("/vms/that-have-crashed-are-not-off", test_crashed);
  g_test_add_func ("/vms/are-listed-all-or-not-at-all", test_part);
  g_test_add_func ("/vms/may-be-more-than-there-are-indexes", test_too_many);
  g_test_add_func ("/vms/must-run-until-they-have-run", test_must_run);
  g_test_add_func ("/vms/that-are-off-say-why-they-may-not-start", test_obstacles);
  g_test_add_func ("/vms/that-move-are-here-and-there", test_moves);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-sampler.c: what is known of VMs from looking at them, and what is concluded from it. */
#include "su/sampler.h"

#include "hypervisor/test-libvirt.h"
#include "store/history.h"
#include "store/vms.h"
#include "su/facts.h"
#include "su/test-site.h"
#include "su/vms.h"

static const UmzTestVm runs = { "RUNS", 2, UMZ_VM_STATE_RUNNING };

static UmzVm *
find (UmzApp *app, const char *name)
{
  g_autoptr (GError) error = NULL;
  UmzVm *vm = NULL;
  umz_hypervisor_find (app->hypervisor, umz_test_vm_get_uuid (name), &vm, &error);
  g_assert_no_error (error);
  g_assert_nonnull (vm);
  return vm;
}

/* The first look was long enough ago to be compared with. */
static UmzUsage
wait_for_usage (UmzApp *app, const UmzVm *vm, unsigned minutes)
{
  UmzUsage usage = { 0 };
  while (umz_sampler_get_usage (app->sampler, vm, minutes, &usage) && usage.span_s == 0)
    umz_test_site_go_on ();
  return usage;
}

static void
test_usage (void)
{
  UmzUsage usage;
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  UmzApp *app = site->here.app;
  umz_test_unit_add (&site->here, &runs);
  g_autoptr (UmzVm) vm = find (app, "RUNS");
  g_assert_true (umz_sampler_get_usage (app->sampler, vm, 0, &usage));
  g_assert_cmpfloat (usage.span_s, ==, 0); /* nobody has looked before */
  g_assert_cmpuint (usage.resident_bytes, >, 0);
  umz_sampler_start (app->sampler);
  usage = wait_for_usage (app, vm, 0);
  g_assert_cmpfloat (usage.span_s, >=, 1);
  g_assert_true (usage.has_dirty_rate);
  g_assert_cmpfloat (usage.dirty_mib_per_s, ==, 12);
  g_assert_cmpfloat (usage.cpu_percent, <, 50); /* it sleeps */
  usage = wait_for_usage (app, vm, 5);
  g_assert_true (usage.has_dirty_rate);
  g_assert_cmpuint (umz_facts_get_dirty_rate (app, vm), ==, 12 << 20);
  umz_test_libvirt_end_domain (site->here.uri, vm->uuid, VIR_DOMAIN_SHUTOFF_SHUTDOWN);
  g_assert_false (umz_sampler_get_usage (app->sampler, vm, 0, &usage));
  g_assert_cmpuint (umz_facts_get_dirty_rate (app, vm), ==, 0);
}

/* Somebody has undefined a domain without us: its index is free again. */
static void
test_absent (void)
{
  bool has_index = true;
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  UmzApp *app = site->here.app;
  umz_test_unit_add (&site->here, &runs);
  umz_store_set_index (app->store, umz_test_vm_get_uuid ("GONE"), 9, &error);
  g_assert_no_error (error);
  umz_sampler_start (app->sampler);
  while (has_index) {
    g_autoptr (GPtrArray) uuids = umz_store_list_indexed (app->store, &error);
    g_assert_no_error (error);
    has_index = uuids->len != 1;
  }
}

/* ---- how a move will go ---- */

static void
put_past_move (UmzApp *app, const char *su, const char *status, const char *cause,
               uint64_t n_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzMoveRecord) move = umz_store_move_record_new ();
  move->id = g_uuid_string_random ();
  move->uuid = g_strdup (umz_test_vm_get_uuid ("RUNS"));
  move->name = g_strdup ("RUNS");
  move->peer = g_strdup (su);
  move->begun_us = 1000 * G_USEC_PER_SEC;
  move->is_closed = true;
  UmzOutcome outcome = { .move = move,
                         .status = (char *) status,
                         .cause = (char *) cause,
                         .ended_us = 1064 * G_USEC_PER_SEC,
                         .copy_us = 64 * G_USEC_PER_SEC,
                         .transfer = { .is_coded = true,
                                       .link_bytes = n_bytes,
                                       .guest_bytes = n_bytes } };
  umz_store_journal (app->store, move, "test", &error);
  g_assert_no_error (error);
  umz_store_put_outcome (app->store, &outcome, &error);
  g_assert_no_error (error);
}

static void
test_forecast (void)
{
  static const struct {
    const char *su, *status, *cause; /* of the last move there */
    uint64_t n_bytes;                /* that it carried in 64 s */
    uint64_t link_rate;              /* what it tells of the link */
    UmzForecastBasis basis;
    bool is_hopeless;
  } rows[] = {
    { "SUA", "$T", "", 1 << 30, 16 << 20, UMZ_FORECAST_HISTORY, false },
    { "SUB", "$T", "", 1 << 20, 0, UMZ_FORECAST_HISTORY, false }, /* too little for a rate */
    { "SUC", "$AE", "UMZ0123", 512 << 20, 8 << 20, UMZ_FORECAST_NONE, false },
    { "SUD", "$AE", "VMS2425", 512 << 20, 8 << 20, UMZ_FORECAST_HISTORY, true },
    { "SUE", "$AE", "UMZ0123", UINT64_C (64) << 30, 1 << 30, UMZ_FORECAST_LINK, false },
  };
  const UmzMoveTerms terms = umz_terms_of_su_type (UMZ_SU_TYPE_390);
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  UmzApp *app = site->here.app;
  umz_test_unit_add (&site->here, &runs);
  g_autoptr (UmzVm) vm = find (app, "RUNS");
  umz_sampler_start (app->sampler);
  wait_for_usage (app, vm, 5);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    put_past_move (app, rows[i].su, rows[i].status, rows[i].cause, rows[i].n_bytes);
    g_assert_cmpuint (umz_facts_get_link_rate (app, rows[i].su), ==, rows[i].link_rate);
    UmzForecast forecast = umz_facts_forecast (app, vm, rows[i].su, &terms);
    g_assert_cmpint (forecast.basis, ==, rows[i].basis);
    g_assert_cmpint (forecast.is_hopeless, ==, rows[i].is_hopeless);
  }
}

static void
test_words (void)
{
  static const UmzForecast forecast = { .basis = UMZ_FORECAST_LINK,
                                        .total_us = 6500000,
                                        .stop_us = 90000,
                                        .link_bytes = 9 << 20 };
  static const UmzForecast hopeless = { .arrived_bytes_per_s = 8 << 20 };
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  umz_test_unit_add (&site->here, &runs);
  g_autoptr (UmzVm) vm = find (site->here.app, "RUNS");
  g_autoptr (UmzNotice) expectation = umz_facts_new_expectation (&forecast);
  g_autofree char *expected = umz_notice_reason (expectation);
  g_assert_cmpstr (expected, ==, "UMZ0176,6.5,90,9");
  g_autoptr (UmzNotice) refusal =
    umz_facts_new_hopeless (site->here.app, vm, "ABGSE701", &hopeless);
  g_autofree char *refused = umz_notice_reason (refusal);
  g_assert_cmpstr (refused, ==, "UMZ0174,0,8,ABGSE701");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/measures-what-a-vm-uses", test_usage);
  g_test_add_func ("/sampler/forgets-what-libvirt-has-not-any-more", test_absent);
  g_test_add_func ("/forecast/follows-from-moves-and-looks-before", test_forecast);
  g_test_add_func ("/forecast/is-said-with-its-figures", test_words);
  return g_test_run ();
}

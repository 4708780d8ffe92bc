/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "partners/recovery.h"

#include <string.h>

#include "messages/catalogue.h"
#include "model/vm.h"
#include "partners/exchange.h"

/* ---- which SU ---- */

static void
free_config_peer (void *peer)
{
  g_free (peer);
}

/* Lends all texts; freed with its array of peers only. */
static UmzConfig
make_config (const char *const *peers)
{
  UmzConfig config = { .su_name = (char *) "ABGSE701", .su_type = UMZ_SU_TYPE_390 };
  config.peers = g_ptr_array_new_with_free_func (free_config_peer);
  for (; *peers != NULL; peers++) {
    UmzConfigPeer *peer = g_new0 (UmzConfigPeer, 1);
    peer->name = (char *) *peers;
    peer->type = g_str_has_prefix (*peers, "X86") ? UMZ_SU_TYPE_X86 : UMZ_SU_TYPE_390;
    g_ptr_array_add (config.peers, peer);
  }
  return config;
}

/* A reason, or NULL. */
static char *
dup_reason (const GError *error)
{
  g_autoptr (UmzNotice) notice = error != NULL ? umz_error_to_notice (error) : NULL;
  return notice != NULL ? umz_notice_reason (notice) : NULL;
}

static void
test_su (void)
{
  static const struct {
    const char *peers[4];
    const char *su_name; /* NULL: *UNIQUE */
    const char *expected;
    const char *reason;
  } rows[] = {
    { { "ABGSE501" }, NULL, "ABGSE501", NULL },
    { { "ABGSE501" }, "abgse501", "ABGSE501", NULL },
    { { "ABGSE501", "ABGSE801" }, "ABGSE801", "ABGSE801", NULL },
    { { "ABGSE501", "ABGSE801" }, NULL, NULL, "VMS2341" },
    { { "ABGSE501" }, "ABGSE701", NULL, "VMS2342,ABGSE701" },
    { { "ABGSE501", "X86SE" }, "X86SE", NULL, "VMS2343,X86SE" },
    { { "ABGSE501" }, "NOSUCH", NULL, "VMS2400,NOSUCH" },
    { { NULL }, NULL, NULL, "VMS2347" },
    { { NULL }, "ABGSE501", NULL, "VMS2347" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    UmzConfig config = make_config (rows[i].peers);
    const UmzConfigPeer *su = umz_recovery_find_su (&config, rows[i].su_name, &error);
    g_autofree char *reason = dup_reason (error);
    g_assert_cmpstr (su != NULL ? su->name : NULL, ==, rows[i].expected);
    g_assert_cmpstr (reason, ==, rows[i].reason);
    g_ptr_array_unref (config.peers);
  }
}

/* ---- which definition ---- */

static GPtrArray *
make_known (void)
{
  static const struct {
    const char *owner, *uuid, *name;
  } rows[] = {
    { "A", "u-1", "ONE" },
    { "A", "u-2", "Two" },
    { "A", "u-3", "TWO" },
    { "A", "u-4", "four" },
    { "A", "u-5", "FIVE" },
    { "A", "u-6", "SIX" },
    { "B", "u-7", "FIVE" },
    { "B", "u-6", "OTHER" },
  };
  GPtrArray *known =
    g_ptr_array_new_with_free_func ((GDestroyNotify) umz_store_definition_record_free);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    UmzDefinitionRecord *record = umz_store_definition_record_new ();
    record->owner = g_strdup (rows[i].owner);
    record->uuid = g_strdup (rows[i].uuid);
    record->name = g_strdup (rows[i].name);
    g_ptr_array_add (known, record);
  }
  return known;
}

static void
test_definition (void)
{
  static const struct {
    const char *name;
    const char *expected; /* UUID */
    const char *reason;
  } rows[] = {
    { "ONE", "u-1", NULL },
    { "one", "u-1", NULL },
    { "Two", "u-2", NULL },
    { "TWO", "u-3", NULL },
    { "two", NULL, "UMZ0020,two,Two, TWO" },
    { "FOUR", "u-4", NULL },
    { "NOSUCH", NULL, "VMS2300,NOSUCH" },
    { "OTHER", NULL, "VMS2300,OTHER" }, /* of another owner */
    { "FIVE", NULL, "VMS2346,FIVE" },   /* same name elsewhere */
    { "SIX", NULL, "VMS2346,SIX" },     /* same UUID elsewhere */
  };
  g_autoptr (GPtrArray) known = make_known ();
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    const UmzDefinitionRecord *record = umz_recovery_find (known, "A", rows[i].name, &error);
    g_autofree char *reason = dup_reason (error);
    g_assert_cmpstr (record != NULL ? record->uuid : NULL, ==, rows[i].expected);
    g_assert_cmpstr (reason, ==, rows[i].reason);
  }
}

/* ---- whether it fits ---- */

static void
add_vm (GPtrArray *vms, const char *uuid, const char *name)
{
  UmzVm *vm = umz_vm_new ();
  vm->uuid = g_strdup (uuid);
  vm->name = g_strdup (name);
  g_ptr_array_add (vms, vm);
}

static void
assert_fits (const GPtrArray *vms, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) known = make_known ();
  g_assert_true (umz_recovery_fits (known->pdata[0], vms, &error) == (expected == NULL));
  g_autofree char *reason = dup_reason (error);
  g_assert_cmpstr (reason, ==, expected);
}

static void
test_fits (void)
{
  g_autoptr (GPtrArray) vms = g_ptr_array_new_with_free_func ((GDestroyNotify) umz_vm_free);
  assert_fits (vms, NULL);
  add_vm (vms, "u-9", "ONES");
  assert_fits (vms, NULL);
  add_vm (vms, "u-9", "ONE");
  assert_fits (vms, "VMS4013,ONE");
  g_ptr_array_set_size (vms, 0);
  add_vm (vms, "u-1", "RENAMED");
  assert_fits (vms, "VMS4013,ONE");
}

static void
test_full (void)
{
  g_autoptr (GPtrArray) vms = g_ptr_array_new_with_free_func ((GDestroyNotify) umz_vm_free);
  while (vms->len < UMZ_DEFINITIONS_MAX - 1)
    add_vm (vms, "u-9", "X");
  assert_fits (vms, NULL);
  add_vm (vms, "u-9", "X");
  assert_fits (vms, "VMS2311");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recovery/the-su-is-the-one-that-is-named-or-the-only-one", test_su);
  g_test_add_func ("/recovery/a-definition-is-found-if-it-is-unique-in-the-cluster",
                   test_definition);
  g_test_add_func ("/recovery/a-name-or-uuid-that-is-taken-is-refused", test_fits);
  g_test_add_func ("/recovery/an-su-has-at-most-1000-definitions", test_full);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-judgement.c: what an SU says to a VM that wants to come, when it is asked (judgement.h) and
 * when it comes (admission.h), and the facts behind it (facts.h).
 */
#include "su/judgement.h"

#include "host/test-libvirtd.h"
#include "hypervisor/test-libvirt.h"
#include "su/admission.h"
#include "su/facts.h"
#include "su/self.h"
#include "su/test-site.h"
#include "su/vms.h"

/* ---- what is asked ---- */

static const UmzTestVm running = { "NEW", 7, UMZ_VM_STATE_RUNNING };
static const UmzTestVm defined = { "NEW", 7, UMZ_VM_STATE_DEFINED_ONLY };

/* A VM of the SU there, as it would describe it. */
static UmzVm *
make_vm (UmzTestSite *site, const UmzTestVm *vm)
{
  g_autoptr (GError) error = NULL;
  UmzVm *found = NULL;
  umz_test_unit_add (&site->there, vm);
  umz_hypervisor_find (site->there.app->hypervisor, umz_test_vm_get_uuid (vm->name), &found,
                       &error);
  g_assert_no_error (error);
  found->index = vm->index;
  found->state = vm->state;
  return found;
}

static JsonNode *
make_request (const UmzVm *vm)
{
  JsonObject *object = json_object_new ();
  json_object_set_member (object, "vm", umz_vm_to_json (vm));
  JsonNode *request = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (request, object);
  return request;
}

/* The codes of what is found: "VMS4013 VMS4012"; or of the refusal to look. */
static char *
judge (UmzTestSite *site, const UmzVm *vm)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) request = make_request (vm);
  g_autoptr (JsonNode) answer =
    umz_judgement_hear (site->here.app, "ABGSE701", json_node_get_object (request), &error);
  if (answer == NULL) {
    g_autoptr (UmzNotice) notice = umz_error_to_notice (error);
    return g_strdup (umz_message_code (umz_notice_get_id (notice)));
  }
  GString *codes = g_string_new (NULL);
  JsonArray *findings =
    json_object_get_array_member (json_node_get_object (answer), "findings");
  for (guint i = 0; i < json_array_get_length (findings); i++)
    g_string_append_printf (codes, "%s%s", i > 0 ? " " : "",
                            json_object_get_string_member (
                              json_array_get_object_element (findings, i), "code"));
  return g_string_free (codes, FALSE);
}

/* ---- what is found ---- */

/* What of a VM of the SU there is otherwise; NULL and 0: as it is. */
typedef struct {
  const char *name, *emulator, *cpus, *file;
  unsigned index;
  uint64_t memory_bytes, huge_page_kib;
} Difference;

static void
replace (char **text, const char *by)
{
  if (by == NULL)
    return;
  g_free (*text);
  *text = g_strdup (by);
}

static UmzVm *
make_different (const UmzVm *vm, const Difference *d)
{
  UmzVm *copy = umz_vm_copy (vm);
  replace (&copy->name, d->name);
  replace (&copy->emulator, d->emulator);
  replace (&copy->pinned_cpus, d->cpus);
  if (d->file != NULL) {
    g_strfreev (copy->files);
    copy->files = g_strsplit (d->file, " ", -1);
  }
  copy->index = d->index != 0 ? d->index : vm->index;
  copy->memory_bytes = d->memory_bytes != 0 ? d->memory_bytes : vm->memory_bytes;
  copy->huge_page_kib = d->huge_page_kib;
  return copy;
}

static void
test_findings (void)
{
  static const struct {
    Difference difference;
    const char *codes;
  } rows[] = {
    { { NULL }, "" },
    { { .name = "TAKEN" }, "VMS4013" },
    { { .index = 2 }, "VMS4012" },
    { { .memory_bytes = UINT64_C (1) << 50 }, "VMS4011" },
    { { .huge_page_kib = 7 }, "UMZ0157" },
    { { .cpus = "8000" }, "UMZ0156" },
    { { .emulator = "/nonexistent" }, "UMZ0103" },
    { { .file = "/nonexistent" }, "UMZ0158" },
    { { .file = "/etc/passwd" }, "" },
  };
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  umz_test_unit_add (&site->here, &(UmzTestVm){ "TAKEN", 2, UMZ_VM_STATE_RUNNING });
  g_autoptr (UmzVm) vm = make_vm (site, &running);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (UmzVm) different = make_different (vm, &rows[i].difference);
    g_autofree char *codes = judge (site, different);
    g_assert_cmpstr (codes, ==, rows[i].codes);
  }
}

static void
test_same_uuid (void)
{
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  g_autoptr (UmzVm) vm = make_vm (site, &running);
  umz_test_unit_add (&site->here, &running);
  g_autofree char *codes = judge (site, vm);
  g_assert_cmpstr (codes, ==, "UMZ0112");
}

/* A port is taken by whoever listens, be it another SU. */
static void
test_port (void)
{
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  g_autoptr (UmzVm) vm = make_vm (site, &running);
  g_strfreev (vm->graphics_ports);
  vm->graphics_ports = g_new0 (char *, 2);
  vm->graphics_ports[0] = g_strdup_printf ("%u", site->there.port);
  g_autofree char *codes = judge (site, vm);
  g_assert_cmpstr (codes, ==, "UMZ0160");
}

static void
test_su (void)
{
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  g_autoptr (UmzVm) vm = make_vm (site, &running);
  site->here.app->config->is_active = false;
  umz_test_libvirtd_set_can_define (false);
  umz_test_libvirtd_set_hook (UMZ_HOOK_UNSEEN);
  g_autofree char *codes = judge (site, vm);
  umz_test_libvirtd_set_can_define (true);
  umz_test_libvirtd_set_hook (UMZ_HOOK_ACTIVE);
  g_assert_cmpstr (codes, ==, "VMS2402 VMS2331 UMZ0161");
}

/* It takes a name and an index, and no room. */
static void
test_definition (void)
{
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  g_autoptr (UmzVm) vm = make_vm (site, &defined);
  vm->memory_bytes = UINT64_C (1) << 50;
  g_autofree char *fits = judge (site, vm);
  g_assert_cmpstr (fits, ==, "");
  umz_test_unit_add (&site->here, &(UmzTestVm){ "OTHER", 7, UMZ_VM_STATE_DOWN });
  g_autofree char *is_taken = judge (site, vm);
  g_assert_cmpstr (is_taken, ==, "VMS4012");
}

/* What libvirt does not say is no verdict. */
static void
test_unknown (void)
{
  static const UmzTestVm *const vms[] = { &running, &defined };
  for (size_t i = 0; i < G_N_ELEMENTS (vms); i++) {
    g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
    g_autoptr (UmzVm) vm = make_vm (site, vms[i]);
    umz_test_libvirt_fail (site->here.uri, "virConnectListAllDomains", "not today");
    g_autofree char *codes = judge (site, vm);
    g_assert_cmpstr (codes, ==, "UMZ0122");
  }
}

static void
test_nonsense (void)
{
  g_autoptr (GError) error = NULL, other = NULL;
  g_autoptr (JsonNode) request = json_from_string ("{\"vm\":{}}", NULL);
  JsonObject *object = json_node_get_object (request);
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  g_assert_null (umz_judgement_hear (site->here.app, "ABGSE701", object, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0310);
  g_assert_null (umz_admission_hear_begin (site->here.app, "ABGSE701", "m-1", object, &other));
  g_assert_error (other, UMZ_ERROR, UMZ_MSG_UMZ0310);
}

/* ---- what comes ---- */

/* Between the check and the move somebody else has taken the place: both consoles say so. */
static void
test_refuses (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  g_autoptr (UmzVm) vm = make_vm (site, &running);
  umz_test_unit_add (&site->here, &(UmzTestVm){ "OTHER", 7, UMZ_VM_STATE_RUNNING });
  g_autoptr (JsonNode) request = make_request (vm);
  g_assert_null (umz_admission_hear_begin (site->here.app, "ABGSE701",
                                           "8a5f0c1e-6f4c-4a66-9a6a-27d1f0f0a009",
                                           json_node_get_object (request), &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_VMS4012);
  g_assert_cmpuint (umz_test_unit_count_said (&site->here, "VMS2404"), ==, 1);
}

static void
test_promised (void)
{
  static const UmzTestVm vms[] = {
    { "OFF", 2, UMZ_VM_STATE_DOWN },          /* all of it: it may be started again */
    { "PLAN", 0, UMZ_VM_STATE_DEFINED_ONLY }, /* nothing */
    { "RUNS", 3, UMZ_VM_STATE_RUNNING },      /* what it has not touched yet */
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (vms); i++)
    umz_test_unit_add (&site->here, &vms[i]);
  g_autoptr (GPtrArray) list = umz_vms_list (site->here.app, &error);
  g_assert_no_error (error);
  uint64_t promised = umz_facts_sum_promised (site->here.app, list);
  g_assert_cmpuint (promised, >, 64 << 20);
  g_assert_cmpuint (promised, <, 128 << 20);
}

/* ---- over the link ---- */

static void
test_pair (void)
{
  static const char *const wrong[] = {
    "1",
    "{}",
    "{\"time_us\":1,\"libvirt_version\":2}",
    "{\"time_us\":1,\"libvirt_version\":2,\"emulator_version\":\"3\"}",
  };
  UmzPairFacts read;
  g_autoptr (GError) error = NULL;
  const UmzPairFacts facts = {
    .time_us = 7, .libvirt_version = 9000000, .emulator_version = 7002000
  };
  g_autoptr (JsonNode) node = umz_facts_pair_to_json (&facts);
  umz_facts_pair_from_json (node, &read, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (&read, sizeof read, &facts, sizeof facts);
  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) refusal = NULL;
    g_autoptr (JsonNode) other = json_from_string (wrong[i], NULL);
    g_assert_false (umz_facts_pair_from_json (other, &read, &refusal));
    g_assert_error (refusal, UMZ_ERROR, UMZ_MSG_UMZ0310);
  }
  g_assert_false (umz_facts_pair_from_json (NULL, &read, NULL));
}

static void
test_self (void)
{
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  umz_test_unit_add (&site->here, &(UmzTestVm){ "RUNS", 3, UMZ_VM_STATE_RUNNING });
  umz_test_unit_add (&site->here, &(UmzTestVm){ "PLAN", 0, UMZ_VM_STATE_DEFINED_ONLY });
  g_autoptr (JsonNode) node = umz_self_describe (site->here.app);
  JsonObject *self = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (self, "su"), ==, "ABGSE501");
  g_assert_cmpstr (json_object_get_string_member (self, "type"), ==, "390");
  g_assert_cmpint (json_object_get_int_member (self, "vms"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (self, "active"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (self, "available_mib"), >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/judgement/finds-what-is-in-the-way-of-a-vm", test_findings);
  g_test_add_func ("/judgement/finds-the-same-uuid", test_same_uuid);
  g_test_add_func ("/judgement/finds-a-port-that-is-taken", test_port);
  g_test_add_func ("/judgement/finds-what-is-wrong-with-the-su", test_su);
  g_test_add_func ("/judgement/wants-no-room-for-a-definition", test_definition);
  g_test_add_func ("/judgement/is-none-when-libvirt-is-silent", test_unknown);
  g_test_add_func ("/judgement/is-not-about-nonsense", test_nonsense);
  g_test_add_func ("/admission/refuses-what-has-no-place-any-more", test_refuses);
  g_test_add_func ("/facts/promise-memory-to-vms-that-may-touch-it", test_promised);
  g_test_add_func ("/facts/of-a-pair-are-the-same-on-both-sus", test_pair);
  g_test_add_func ("/self/is-described", test_self);
  return g_test_run ();
}

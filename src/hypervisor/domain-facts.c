/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* domain-facts.c: what libvirt and QEMU do with a domain at the moment.
 *
 * What cannot be found out is taken as not there: libvirt looks itself when the move begins.
 */
#include <libvirt/libvirt-qemu.h>
#include <stdlib.h>
#include <string.h>

#include "hypervisor/facts.h"
#include "hypervisor/hypervisor-private.h"
#include "model/json.h"

#define ERRORS_MAX   64
#define BLOCKERS_MAX 64

/* By virDomainJobOperation. */
static const char *
get_operation_name (int operation)
{
  switch (operation) {
  case VIR_DOMAIN_JOB_OPERATION_SAVE: return "SAVE";
  case VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN:
  case VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT: return "MIGRATION";
  case VIR_DOMAIN_JOB_OPERATION_SNAPSHOT:
  case VIR_DOMAIN_JOB_OPERATION_SNAPSHOT_REVERT: return "SNAPSHOT";
  case VIR_DOMAIN_JOB_OPERATION_DUMP: return "DUMP";
  case VIR_DOMAIN_JOB_OPERATION_BACKUP: return "BACKUP";
  default: return "JOB";
  }
}

static char *
dup_job (virDomainPtr domain)
{
  virTypedParameterPtr params = NULL;
  int n = 0, type = VIR_DOMAIN_JOB_NONE, operation = 0;
  if (virDomainGetJobStats (domain, &type, &params, &n, 0) < 0)
    return NULL;
  (void) virTypedParamsGetInt (params, n, VIR_DOMAIN_JOB_OPERATION, &operation); /* else a JOB */
  virTypedParamsFree (params, n);
  return type != VIR_DOMAIN_JOB_NONE ? g_strdup (get_operation_name (operation)) : NULL;
}

static char **
list_block_jobs (virDomainPtr domain, const UmzVm *vm)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *device = vm->devices->pdata[i];
    virDomainBlockJobInfo info;
    if (umz_device_has_storage (device) &&
        virDomainGetBlockJobInfo (domain, device->target, &info, 0) == 1)
      g_strv_builder_add (names, device->mn);
  }
  return g_strv_builder_end (names);
}

static bool
has_error (const UmzDevice *device, const virDomainDiskError *errors, int n)
{
  for (int i = 0; device->target != NULL && i < n; i++)
    if (strcmp (errors[i].disk, device->target) == 0)
      return true;
  return false;
}

static char **
list_io_errors (virDomainPtr domain, const UmzVm *vm)
{
  virDomainDiskError errors[ERRORS_MAX];
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  int n = virDomainGetDiskErrors (domain, errors, ERRORS_MAX, 0);
  for (guint i = 0; i < vm->devices->len; i++)
    if (has_error (vm->devices->pdata[i], errors, n))
      g_strv_builder_add (names, ((UmzDevice *) vm->devices->pdata[i])->mn);
  for (int i = 0; i < n; i++)
    free (errors[i].disk);
  return g_strv_builder_end (names);
}

char **
umz_hypervisor_parse_blockers (const char *answer)
{
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();
  g_autoptr (JsonNode) node = umz_json_parse (answer, strlen (answer), NULL);
  JsonNode *result =
    node != NULL ? json_object_get_member (json_node_get_object (node), "return") : NULL;
  JsonArray *reasons = result != NULL && JSON_NODE_HOLDS_OBJECT (result)
                         ? umz_json_get_array (json_node_get_object (result), "blocked-reasons",
                                               BLOCKERS_MAX)
                         : NULL;
  for (guint i = 0; reasons != NULL && i < json_array_get_length (reasons); i++) {
    JsonNode *reason = json_array_get_element (reasons, i);
    if (json_node_get_value_type (reason) == G_TYPE_STRING)
      g_strv_builder_add (texts, json_node_get_string (reason));
  }
  return g_strv_builder_end (texts);
}

static char **
list_blockers (virDomainPtr domain)
{
  char *answer = NULL;
  if (virDomainQemuMonitorCommand (domain, "{\"execute\":\"query-migrate\"}", &answer, 0) < 0)
    return NULL;
  char **blockers = umz_hypervisor_parse_blockers (answer);
  free (answer);
  return blockers;
}

bool
umz_hypervisor_get_domain_facts (UmzHypervisor *hypervisor, const UmzVm *vm,
                                 UmzDomainFacts *ret_facts, GError **error)
{
  g_auto (virDomainPtr) domain = umz_hypervisor_look_up (hypervisor, vm->uuid, error);
  if (domain == NULL)
    return false;
  int n_snapshots = virDomainSnapshotNum (domain, 0);
  *ret_facts = (UmzDomainFacts){ .n_snapshots = n_snapshots > 0 ? (unsigned) n_snapshots : 0,
                                 .has_saved_state =
                                   virDomainHasManagedSaveImage (domain, 0) == 1 };
  if (virDomainIsActive (domain) != 1)
    return true;
  ret_facts->job = dup_job (domain);
  ret_facts->block_jobs = list_block_jobs (domain, vm);
  ret_facts->io_errors = list_io_errors (domain, vm);
  ret_facts->blockers = vm->may_block ? list_blockers (domain) : NULL;
  return true;
}

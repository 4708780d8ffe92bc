/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hypervisor/hypervisor.h"

#include <libvirt/virterror.h>
#include <string.h>

#include "hypervisor/connection.h"
#include "hypervisor/definition.h"
#include "hypervisor/device-xml.h"
#include "hypervisor/hypervisor-private.h"
#include "messages/catalogue.h"

#define DETACH_LOOK_US 50000

struct UmzHypervisor {
  char *uri;                 /* owned */
  char *pid_folder;          /* owned */
  UmzConnection *connection; /* owned */
};

static void
ignore_error (void *unused, virErrorPtr error)
{
  /* libvirt would print each error to stderr; we return them. */
}

UmzHypervisor *
umz_hypervisor_new (const char *uri, const char *pid_folder)
{
  UmzHypervisor *hypervisor = g_new0 (UmzHypervisor, 1);
  hypervisor->uri = g_strdup (uri);
  hypervisor->pid_folder = g_strdup (pid_folder);
  hypervisor->connection = umz_connection_new (uri);
  virSetErrorFunc (NULL, ignore_error);
  return hypervisor;
}

UmzHypervisor *
umz_hypervisor_new_beside (const UmzHypervisor *hypervisor)
{
  return umz_hypervisor_new (hypervisor->uri, hypervisor->pid_folder);
}

void
umz_hypervisor_free (UmzHypervisor *hypervisor)
{
  if (hypervisor == NULL)
    return;
  umz_connection_free (hypervisor->connection);
  g_free (hypervisor->uri);
  g_free (hypervisor->pid_folder);
  g_free (hypervisor);
}

void
umz_hypervisor_disconnect (UmzHypervisor *hypervisor)
{
  umz_connection_drop (hypervisor->connection);
}

static bool
fail (GError **error)
{
  const char *text = virGetLastErrorMessage ();
  umz_set_error (error, UMZ_MSG_UMZ0122, text, NULL);
  return false;
}

virConnectPtr
umz_hypervisor_connect (UmzHypervisor *hypervisor, GError **error)
{
  return umz_connection_get (hypervisor->connection, error);
}

/* NULL: there is no such domain. */
static bool
look_up (UmzHypervisor *hypervisor, const char *uuid, virDomainPtr *ret_domain, GError **error)
{
  g_auto (virConnectPtr) connection = umz_hypervisor_connect (hypervisor, error);
  if (connection == NULL)
    return false;
  *ret_domain = virDomainLookupByUUIDString (connection, uuid);
  return *ret_domain != NULL || virGetLastErrorCode () == VIR_ERR_NO_DOMAIN || fail (error);
}

static virDomainPtr
look_up_present (UmzHypervisor *hypervisor, const char *uuid, GError **error)
{
  virDomainPtr domain = NULL;
  if (look_up (hypervisor, uuid, &domain, error) && domain == NULL)
    umz_set_error (error, UMZ_MSG_UMZ0122, "the domain does not exist any more", NULL);
  return domain;
}

virDomainPtr
umz_hypervisor_look_up (UmzHypervisor *hypervisor, const char *uuid, GError **error)
{
  return look_up_present (hypervisor, uuid, error);
}

/* ---- looking ---- */

/* What libvirt says of a domain beside its XML. */
typedef struct {
  int state, reason, is_persistent, autostart;
} Attributes;

static bool
get_attributes (virDomainPtr domain, Attributes *ret, GError **error)
{
  if (virDomainGetState (domain, &ret->state, &ret->reason, 0) < 0)
    return fail (error);
  ret->is_persistent = virDomainIsPersistent (domain);
  ret->autostart = 0; /* of a transient one there is none to be asked for */
  return ret->is_persistent == 0 ||
         (ret->is_persistent == 1 && virDomainGetAutostart (domain, &ret->autostart) == 0) ||
         fail (error);
}

static UmzVm *
new_vm (const char *xml, const Attributes *known, GError **error)
{
  UmzVm *vm = umz_definition_parse (xml, error);
  if (vm == NULL)
    return NULL;
  vm->is_persistent = known->is_persistent == 1;
  vm->is_autostart = known->autostart != 0;
  switch (known->state) {
  case VIR_DOMAIN_RUNNING:
  case VIR_DOMAIN_BLOCKED: vm->state = UMZ_VM_STATE_RUNNING; break;
  case VIR_DOMAIN_SHUTOFF: vm->state = UMZ_VM_STATE_DOWN; break;
  default: vm->state = UMZ_VM_STATE_IN_HOLD; break; /* a QEMU may have its disks open */
  }
  vm->has_ended = known->state == VIR_DOMAIN_SHUTOFF &&
                  (known->reason == VIR_DOMAIN_SHUTOFF_SHUTDOWN ||
                   known->reason == VIR_DOMAIN_SHUTOFF_DESTROYED ||
                   known->reason == VIR_DOMAIN_SHUTOFF_CRASHED);
  return vm;
}

static UmzVm *
describe (virDomainPtr domain, const Attributes *known, GError **error)
{
  Attributes asked = { 0 };
  char *xml = virDomainGetXMLDesc (domain, 0);
  if (xml == NULL) {
    fail (error);
    return NULL;
  }
  bool is_known = known != NULL || get_attributes (domain, &asked, error);
  UmzVm *vm = is_known ? new_vm (xml, known != NULL ? known : &asked, error) : NULL;
  free (xml);
  return vm;
}

/* known NULL: it is asked for.  *ret_vm NULL: the domain is gone.  False: whether it is could not
 * be found out.
 */
static bool
describe_present (virDomainPtr domain, const Attributes *known, UmzVm **ret_vm, GError **error)
{
  g_autoptr (GError) cause = NULL;
  virResetLastError ();
  *ret_vm = describe (domain, known, &cause);
  if (*ret_vm != NULL || virGetLastErrorCode () == VIR_ERR_NO_DOMAIN)
    return true;
  g_propagate_error (error, g_steal_pointer (&cause));
  return false;
}

/* ---- all at once: a question for each domain costs a millisecond each ---- */

typedef struct {
  virDomainPtr *all; /* owned */
  int n;
} Domains;

static void
clear_domains (Domains *domains)
{
  for (int i = 0; i < domains->n; i++)
    virDomainFree (domains->all[i]);
  free (domains->all);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Domains, clear_domains)

static bool
list_domains (virConnectPtr connection, unsigned flags, Domains *ret_domains, GError **error)
{
  int n = virConnectListAllDomains (connection, &ret_domains->all, flags);
  ret_domains->n = MAX (n, 0);
  return n >= 0 || fail (error);
}

static Attributes *
find_attributes (GHashTable *known, virDomainPtr domain)
{
  char uuid[VIR_UUID_STRING_BUFLEN];
  return virDomainGetUUIDString (domain, uuid) == 0 ? g_hash_table_lookup (known, uuid) : NULL;
}

static bool
note_states (virConnectPtr connection, GHashTable *known, GError **error)
{
  virDomainStatsRecordPtr *records = NULL;
  int n = virConnectGetAllDomainStats (connection, VIR_DOMAIN_STATS_STATE, &records,
                                       VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
  if (n < 0)
    return fail (error);
  for (int i = 0; i < n; i++) {
    Attributes *a = g_new0 (Attributes, 1);
    char uuid[VIR_UUID_STRING_BUFLEN] = "";
    bool is_whole =
      virDomainGetUUIDString (records[i]->dom, uuid) == 0 &&
      virTypedParamsGetInt (records[i]->params, records[i]->nparams, "state.state", &a->state) ==
        1 &&
      virTypedParamsGetInt (records[i]->params, records[i]->nparams, "state.reason", &a->reason) ==
        1;
    if (is_whole)
      g_hash_table_insert (known, g_strdup (uuid), a);
    else
      g_free (a); /* asked for one by one */
  }
  virDomainStatsRecordListFree (records);
  return true;
}

static bool
note_kinds (virConnectPtr connection, GHashTable *known, GError **error)
{
  g_auto (Domains) persistent = { 0 }, autostart = { 0 };
  if (!list_domains (connection, VIR_CONNECT_LIST_DOMAINS_PERSISTENT, &persistent, error) ||
      !list_domains (connection, VIR_CONNECT_LIST_DOMAINS_AUTOSTART, &autostart, error))
    return false;
  for (int i = 0; i < persistent.n; i++) {
    Attributes *a = find_attributes (known, persistent.all[i]);
    if (a != NULL)
      a->is_persistent = 1;
  }
  for (int i = 0; i < autostart.n; i++) {
    Attributes *a = find_attributes (known, autostart.all[i]);
    if (a != NULL)
      a->autostart = a->is_persistent;
  }
  return true;
}

/* One that has just gone is not in the list; of all others it is known how they are, or there is no
 * list: a part would pass for the whole.
 */
static GPtrArray *
describe_all (const Domains *domains, GHashTable *known, GError **error)
{
  g_autoptr (GPtrArray) vms = g_ptr_array_new_with_free_func ((GDestroyNotify) umz_vm_free);
  for (int i = 0; i < domains->n; i++) {
    UmzVm *vm;
    const Attributes *a = find_attributes (known, domains->all[i]);
    if (!describe_present (domains->all[i], a, &vm, error))
      return NULL;
    if (vm != NULL)
      g_ptr_array_add (vms, vm);
  }
  return g_steal_pointer (&vms);
}

bool
umz_hypervisor_list (UmzHypervisor *hypervisor, GPtrArray **ret_vms, GError **error)
{
  g_auto (Domains) domains = { 0 };
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (virConnectPtr) connection = umz_hypervisor_connect (hypervisor, error);
  if (connection == NULL || !list_domains (connection, 0, &domains, error) ||
      !note_states (connection, known, error) || !note_kinds (connection, known, error))
    return false;
  *ret_vms = describe_all (&domains, known, error);
  return *ret_vms != NULL;
}

bool
umz_hypervisor_find (UmzHypervisor *hypervisor, const char *uuid, UmzVm **ret_vm, GError **error)
{
  g_auto (virDomainPtr) domain = NULL;
  if (!look_up (hypervisor, uuid, &domain, error))
    return false;
  *ret_vm = NULL;
  return domain == NULL || describe_present (domain, NULL, ret_vm, error);
}

bool
umz_hypervisor_is_active (UmzHypervisor *hypervisor, const char *uuid, bool *ret_is_active,
                          GError **error)
{
  g_auto (virDomainPtr) domain = NULL;
  if (!look_up (hypervisor, uuid, &domain, error))
    return false;
  int is_active = domain != NULL ? virDomainIsActive (domain) : 0;
  *ret_is_active = is_active == 1;
  return is_active >= 0 || virGetLastErrorCode () == VIR_ERR_NO_DOMAIN || fail (error);
}

struct UmzStateProbe {
  virDomainPtr domain; /* owned */
};

UmzStateProbe *
umz_hypervisor_probe_new (UmzHypervisor *hypervisor, const char *uuid)
{
  g_autoptr (UmzConnection) own = umz_connection_new (hypervisor->uri);
  g_auto (virConnectPtr) connection = umz_connection_get (own, NULL);
  virDomainPtr domain =
    connection != NULL ? virDomainLookupByUUIDString (connection, uuid) : NULL;
  if (domain == NULL)
    return NULL;
  UmzStateProbe *probe = g_new0 (UmzStateProbe, 1);
  probe->domain = domain; /* which holds the connection */
  return probe;
}

void
umz_hypervisor_probe_free (UmzStateProbe *probe)
{
  if (probe == NULL)
    return;
  virDomainFree (probe->domain);
  g_free (probe);
}

bool
umz_hypervisor_probe_is_paused (UmzStateProbe *probe)
{
  int state = 0;
  return virDomainGetState (probe->domain, &state, NULL, 0) == 0 && state == VIR_DOMAIN_PAUSED;
}

static char *
dup_xml (virDomainPtr domain, unsigned flags, GError **error)
{
  char *xml = virDomainGetXMLDesc (domain, flags);
  if (xml == NULL)
    fail (error);
  char *copy = g_strdup (xml);
  free (xml);
  return copy;
}

char *
umz_hypervisor_dup_xml (UmzHypervisor *hypervisor, const char *uuid, GError **error)
{
  g_auto (virDomainPtr) domain = look_up_present (hypervisor, uuid, error);
  return domain != NULL ? dup_xml (domain, VIR_DOMAIN_XML_SECURE, error) : NULL;
}

char *
umz_hypervisor_dup_definition (UmzHypervisor *hypervisor, const char *uuid, GError **error)
{
  g_auto (virDomainPtr) domain = look_up_present (hypervisor, uuid, error);
  return domain != NULL ? dup_xml (domain,
                                   VIR_DOMAIN_XML_SECURE | VIR_DOMAIN_XML_INACTIVE |
                                     VIR_DOMAIN_XML_MIGRATABLE,
                                   error)
                        : NULL;
}

static bool
carries_uuid (int64_t pid, const char *uuid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/cmdline", pid);
  g_autofree char *text = NULL;
  size_t length;
  return g_file_get_contents (path, &text, &length, NULL) &&
         memmem (text, length, uuid, strlen (uuid)) != NULL;
}

bool
umz_hypervisor_get_pid (UmzHypervisor *hypervisor, const char *name, const char *uuid,
                        int64_t *ret_pid, GError **error)
{
  g_autofree char *path = g_strdup_printf ("%s/%s.pid", hypervisor->pid_folder, name);
  g_autofree char *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, error))
    return false;
  int64_t pid = g_ascii_strtoll (text, NULL, 10);
  if (pid <= 1 || !carries_uuid (pid, uuid)) {
    umz_set_error (error, UMZ_MSG_UMZ0122, "the PID file does not name the domain's QEMU", NULL);
    return false;
  }
  *ret_pid = pid;
  return true;
}

/* ---- moving ---- */

static bool
migrate_domain (virDomainPtr domain, const UmzMigration *migration, GError **error)
{
  /* Never POSTCOPY, PERSIST_DEST or UNDEFINE_SOURCE: each would decide something that is ours. */
  unsigned flags =
    VIR_MIGRATE_PEER2PEER | VIR_MIGRATE_LIVE | VIR_MIGRATE_PAUSED | VIR_MIGRATE_ABORT_ON_ERROR |
    (migration->slows_guest ? VIR_MIGRATE_AUTO_CONVERGE : 0);
  virTypedParameterPtr params = NULL;
  int n = 0, max = 0;
  bool ok =
    virTypedParamsAddString (&params, &n, &max, VIR_MIGRATE_PARAM_URI, migration->memory_uri) ==
      0 &&
    virDomainMigrateToURI3 (domain, migration->connection_uri, params, (unsigned) n, flags) == 0;
  if (!ok)
    fail (error);
  virTypedParamsFree (params, n);
  return ok;
}

bool
umz_hypervisor_migrate (UmzHypervisor *hypervisor, const char *uuid, const UmzMigration *migration,
                        GError **error)
{
  /* Of its own and without keepalive: a move does not end because libvirtd is busy for a while. */
  g_auto (virConnectPtr) connection = virConnectOpen (hypervisor->uri);
  if (connection == NULL)
    return fail (error);
  g_auto (virDomainPtr) domain = virDomainLookupByUUIDString (connection, uuid);
  return domain != NULL ? migrate_domain (domain, migration, error) : fail (error);
}

static uint64_t
get_number (virTypedParameterPtr params, int n, const char *name)
{
  unsigned long long value = 0;
  return virTypedParamsGetULLong (params, n, name, &value) == 1 ? value : 0;
}

bool
umz_hypervisor_get_job (UmzHypervisor *hypervisor, const char *uuid, UmzJobStats *ret_stats,
                        GError **error)
{
  virTypedParameterPtr params = NULL;
  int n = 0, type = VIR_DOMAIN_JOB_NONE;
  g_auto (virDomainPtr) domain = look_up_present (hypervisor, uuid, error);
  if (domain == NULL)
    return false;
  if (virDomainGetJobStats (domain, &type, &params, &n, 0) < 0)
    return fail (error);
  *ret_stats = (UmzJobStats){
    .is_active = type != VIR_DOMAIN_JOB_NONE,
    .memory_total_bytes = get_number (params, n, VIR_DOMAIN_JOB_MEMORY_TOTAL),
    .memory_processed_bytes = get_number (params, n, VIR_DOMAIN_JOB_MEMORY_PROCESSED),
    .memory_remaining_bytes = get_number (params, n, VIR_DOMAIN_JOB_MEMORY_REMAINING),
    .memory_bytes_per_s = get_number (params, n, VIR_DOMAIN_JOB_MEMORY_BPS),
    .dirty_pages_per_s = get_number (params, n, VIR_DOMAIN_JOB_MEMORY_DIRTY_RATE),
    .iteration = get_number (params, n, VIR_DOMAIN_JOB_MEMORY_ITERATION),
  };
  virTypedParamsFree (params, n);
  return true;
}

/* ---- changing ---- */

static bool
start (UmzHypervisor *hypervisor, const char *uuid, unsigned flags, GError **error)
{
  g_auto (virDomainPtr) domain = look_up_present (hypervisor, uuid, error);
  return domain != NULL && (virDomainCreateWithFlags (domain, flags) == 0 || fail (error));
}

bool
umz_hypervisor_start (UmzHypervisor *hypervisor, const char *uuid, GError **error)
{
  return start (hypervisor, uuid, 0, error);
}

bool
umz_hypervisor_start_held (UmzHypervisor *hypervisor, const char *uuid, GError **error)
{
  return start (hypervisor, uuid, VIR_DOMAIN_START_PAUSED, error);
}

bool
umz_hypervisor_shutdown (UmzHypervisor *hypervisor, const char *uuid, GError **error)
{
  g_auto (virDomainPtr) domain = look_up_present (hypervisor, uuid, error);
  return domain != NULL && (virDomainShutdown (domain) == 0 || fail (error));
}

bool
umz_hypervisor_permit_suspension (UmzHypervisor *hypervisor, const char *uuid, uint64_t time_us,
                                  GError **error)
{
  g_auto (virDomainPtr) domain = look_up_present (hypervisor, uuid, error);
  return domain != NULL &&
         (virDomainMigrateSetMaxDowntime (domain, time_us / 1000, 0) == 0 || fail (error));
}

bool
umz_hypervisor_suspend (UmzHypervisor *hypervisor, const char *uuid, GError **error)
{
  g_auto (virDomainPtr) domain = look_up_present (hypervisor, uuid, error);
  return domain != NULL && (virDomainSuspend (domain) == 0 || fail (error));
}

/* A libvirtd that was restarted meanwhile may remember an older state: then the connection is gone,
 * and nothing is certain.  Nor is it while libvirt is busy with the domain: a resume may be under
 * way whose effect libvirt has not seen yet.
 */
static bool
is_as_it_arrived (virDomainPtr domain)
{
  int state = 0, reason = 0;
  virDomainControlInfo control;
  return virDomainGetControlInfo (domain, &control, 0) == 0 &&
         control.state == VIR_DOMAIN_CONTROL_OK &&
         virDomainGetState (domain, &state, &reason, 0) == 0 && state == VIR_DOMAIN_PAUSED &&
         (reason == VIR_DOMAIN_PAUSED_USER || reason == VIR_DOMAIN_PAUSED_MIGRATION ||
          reason == VIR_DOMAIN_PAUSED_STARTING_UP);
}

bool
umz_hypervisor_is_as_it_arrived (UmzHypervisor *hypervisor, const char *uuid)
{
  g_auto (virDomainPtr) domain = look_up_present (hypervisor, uuid, NULL);
  return domain != NULL && is_as_it_arrived (domain);
}

bool
umz_hypervisor_resume (UmzHypervisor *hypervisor, const char *uuid, bool *ret_never_ran,
                       GError **error)
{
  if (ret_never_ran != NULL)
    *ret_never_ran = false;
  g_auto (virDomainPtr) domain = look_up_present (hypervisor, uuid, error);
  if (domain == NULL)
    return false;
  if (virDomainResume (domain) == 0)
    return true;
  fail (error);
  if (ret_never_ran != NULL)
    *ret_never_ran = is_as_it_arrived (domain);
  return false;
}

bool
umz_hypervisor_define (UmzHypervisor *hypervisor, const char *xml, GError **error)
{
  g_auto (virConnectPtr) connection = umz_hypervisor_connect (hypervisor, error);
  if (connection == NULL)
    return false;
  g_auto (virDomainPtr) domain = virDomainDefineXML (connection, xml);
  return domain != NULL || fail (error);
}

/* ---- devices ---- */

/* What a change of devices has to reach. */
static unsigned
get_modification (virDomainPtr domain)
{
  return (virDomainIsActive (domain) == 1 ? VIR_DOMAIN_AFFECT_LIVE : 0) |
         (virDomainIsPersistent (domain) == 1 ? VIR_DOMAIN_AFFECT_CONFIG : 0);
}

bool
umz_hypervisor_attach (UmzHypervisor *hypervisor, const char *uuid, const char *device_xml,
                       GError **error)
{
  g_auto (virDomainPtr) domain = look_up_present (hypervisor, uuid, error);
  return domain != NULL &&
         (virDomainAttachDeviceFlags (domain, device_xml, get_modification (domain)) == 0 ||
          fail (error));
}

/* Of the guest that runs only, by one of libvirt's calls for that. */
static bool
change_live (UmzHypervisor *hypervisor, const char *uuid,
             int (*change) (virDomainPtr domain, const char *what, unsigned flags),
             const char *what, GError **error)
{
  g_auto (virDomainPtr) domain = look_up_present (hypervisor, uuid, error);
  return domain != NULL && (change (domain, what, VIR_DOMAIN_AFFECT_LIVE) == 0 || fail (error));
}

bool
umz_hypervisor_attach_live (UmzHypervisor *hypervisor, const char *uuid, const char *device_xml,
                            GError **error)
{
  return change_live (hypervisor, uuid, virDomainAttachDeviceFlags, device_xml, error);
}

bool
umz_hypervisor_detach_live (UmzHypervisor *hypervisor, const char *uuid, const char *device_xml,
                            GError **error)
{
  g_autofree char *alias = umz_xml_device_dup_alias (device_xml);
  return change_live (hypervisor, uuid, virDomainDetachDeviceAlias, alias, error);
}

bool
umz_hypervisor_set_medium (UmzHypervisor *hypervisor, const char *uuid, const char *cd_xml,
                           GError **error)
{
  return change_live (hypervisor, uuid, virDomainUpdateDeviceFlags, cd_xml, error);
}

static bool
has_device (virDomainPtr domain, const char *mn)
{
  g_autofree char *xml = dup_xml (domain, 0, NULL);
  g_autofree char *device = xml != NULL ? umz_xml_device_find (xml, mn) : NULL;
  return device != NULL;
}

bool
umz_hypervisor_has_device (UmzHypervisor *hypervisor, const char *uuid, const char *mn,
                           bool *ret_has, GError **error)
{
  g_auto (virDomainPtr) domain = NULL;
  if (!look_up (hypervisor, uuid, &domain, error))
    return false;
  *ret_has = domain != NULL && has_device (domain, mn);
  return true;
}

static bool
detach_live (virDomainPtr domain, const char *device, const char *mn, int64_t end_us,
             bool *ret_is_gone, GError **error)
{
  if (virDomainDetachDeviceFlags (domain, device, VIR_DOMAIN_AFFECT_LIVE) < 0)
    return fail (error);
  while (!(*ret_is_gone = !has_device (domain, mn)) && g_get_monotonic_time () < end_us)
    g_usleep (DETACH_LOOK_US);
  return true;
}

bool
umz_hypervisor_detach (UmzHypervisor *hypervisor, const char *uuid, const char *mn,
                       unsigned timeout_ms, bool *ret_is_gone, GError **error)
{
  int64_t end_us = g_get_monotonic_time () + timeout_ms * 1000;
  g_auto (virDomainPtr) domain = look_up_present (hypervisor, uuid, error);
  g_autofree char *xml = domain != NULL ? dup_xml (domain, 0, error) : NULL;
  if (xml == NULL)
    return false;
  g_autofree char *device = umz_xml_device_find (xml, mn);
  if (device == NULL) {
    umz_set_error (error, UMZ_MSG_VMS4034, mn, NULL);
    return false;
  }
  bool is_active = virDomainIsActive (domain) == 1;
  if (is_active && !detach_live (domain, device, mn, end_us, ret_is_gone, error))
    return false;
  bool is_kept = is_active && !*ret_is_gone;
  if (is_kept || virDomainIsPersistent (domain) != 1)
    return true;
  if (virDomainDetachDeviceFlags (domain, device, VIR_DOMAIN_AFFECT_CONFIG) < 0)
    return fail (error);
  *ret_is_gone = true;
  return true;
}

bool
umz_hypervisor_measure_dirty_rate (UmzHypervisor *hypervisor, const char *uuid, GError **error)
{
  g_auto (virDomainPtr) domain = look_up_present (hypervisor, uuid, error);
  return domain != NULL && (virDomainStartDirtyRateCalc (domain, 1, 0) == 0 || fail (error));
}

bool
umz_hypervisor_get_dirty_rate (UmzHypervisor *hypervisor, const char *uuid,
                               uint64_t *ret_mib_per_s)
{
  virDomainStatsRecordPtr *records = NULL;
  g_auto (virDomainPtr) domain = look_up_present (hypervisor, uuid, NULL);
  if (domain == NULL)
    return false;
  virDomainPtr domains[] = { domain, NULL };
  if (virDomainListGetStats (domains, VIR_DOMAIN_STATS_DIRTYRATE, &records, 0) < 1)
    return false;
  long long rate = -1;
  int status = VIR_DOMAIN_DIRTYRATE_UNSTARTED;
  (void) virTypedParamsGetInt (records[0]->params, records[0]->nparams,
                               "dirtyrate.calc_status", &status); /* else it is not there */
  (void) virTypedParamsGetLLong (records[0]->params, records[0]->nparams,
                                 "dirtyrate.megabytes_per_second", &rate);
  virDomainStatsRecordListFree (records);
  if (status == VIR_DOMAIN_DIRTYRATE_MEASURED && rate >= 0)
    *ret_mib_per_s = (uint64_t) rate;
  return status == VIR_DOMAIN_DIRTYRATE_MEASURED && rate >= 0;
}

/* ---- the end ---- */

bool
umz_hypervisor_destroy (UmzHypervisor *hypervisor, const char *uuid, GError **error)
{
  g_auto (virDomainPtr) domain = NULL;
  if (!look_up (hypervisor, uuid, &domain, error))
    return false;
  return domain == NULL || virDomainIsActive (domain) == 0 || virDomainDestroy (domain) == 0 ||
         virGetLastErrorCode () == VIR_ERR_NO_DOMAIN || fail (error);
}

bool
umz_hypervisor_undefine (UmzHypervisor *hypervisor, const char *uuid, GError **error)
{
  g_auto (virDomainPtr) domain = NULL;
  if (!look_up (hypervisor, uuid, &domain, error))
    return false;
  return domain == NULL || virDomainIsPersistent (domain) == 0 ||
         virDomainUndefineFlags (domain, VIR_DOMAIN_UNDEFINE_KEEP_NVRAM |
                                           VIR_DOMAIN_UNDEFINE_KEEP_TPM) == 0 ||
         virGetLastErrorCode () == VIR_ERR_NO_DOMAIN || fail (error);
}

bool
umz_hypervisor_set_epoch (UmzHypervisor *hypervisor, const char *uuid, uint64_t epoch,
                          GError **error)
{
  g_autofree char *xml = g_strdup_printf ("<move epoch='%" G_GUINT64_FORMAT "'/>", epoch);
  g_auto (virDomainPtr) domain = look_up_present (hypervisor, uuid, error);
  if (domain == NULL)
    return false;
  unsigned flags = VIR_DOMAIN_AFFECT_CURRENT;
  if (virDomainIsActive (domain) == 1 && virDomainIsPersistent (domain) == 1)
    flags = VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG;
  return virDomainSetMetadata (domain, VIR_DOMAIN_METADATA_ELEMENT, xml, "umzug",
                               UMZ_DEFINITION_URI, flags) == 0 ||
         fail (error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-libvirt-calls.c: libvirt's functions, as far as the hypervisor calls them. */
#include "hypervisor/test-libvirt-private.h"

#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hypervisor/definition.h"
#include "hypervisor/device-xml.h"

static _Thread_local int error_code;
static _Thread_local char error_text[512];

static int
fail (int code, const char *text)
{
  error_code = code;
  g_strlcpy (error_text, text, sizeof error_text);
  return -1;
}

static void *
fail_null (int code, const char *text)
{
  fail (code, text);
  return NULL;
}

/* ---- what each begins with ---- */

/* False: it fails.  The lock is held afterwards in both cases. */
static bool
enter (UmzTestHost *host, const char *function)
{
  g_mutex_lock (&umz_test_hosts.lock);
  while (host->hangs)
    g_cond_wait (&umz_test_hosts.goes_on, &umz_test_hosts.lock);
  g_autofree char *text = umz_test_host_take_failure (host, function);
  return text == NULL || fail (VIR_ERR_INTERNAL_ERROR, text) == 0;
}

/* NULL: the call fails, and so it has been said.  Leaves with the lock held. */
static UmzTestDomain *
enter_domain (virDomainPtr domain, const char *function)
{
  if (!enter (domain->host, function))
    return NULL;
  UmzTestDomain *found = umz_test_host_find (domain->host, domain->uuid);
  if (found == NULL)
    fail (VIR_ERR_NO_DOMAIN, "Domain not found");
  return found;
}

static int
leave (int result)
{
  g_mutex_unlock (&umz_test_hosts.lock);
  return result;
}

static virDomainPtr
new_handle (UmzTestHost *host, const char *uuid)
{
  virDomainPtr handle = g_new0 (struct _virDomain, 1);
  handle->host = host;
  handle->uuid = g_strdup (uuid);
  return handle;
}

/* ---- connections ---- */

virConnectPtr
virConnectOpen (const char *name)
{
  UmzTestHost *host = umz_test_host_lock (name);
  umz_test_hosts_unlock ();
  bool ok = enter (host, "virConnectOpen");
  leave (0);
  if (!ok)
    return NULL;
  virConnectPtr connection = g_new0 (struct _virConnect, 1);
  connection->host = host;
  connection->n_refs = 1;
  return connection;
}

int
virConnectRef (virConnectPtr connection)
{
  g_atomic_int_inc (&connection->n_refs);
  return 0;
}

int
virConnectClose (virConnectPtr connection)
{
  if (g_atomic_int_dec_and_test (&connection->n_refs))
    g_free (connection);
  return 0;
}

int
virEventRegisterDefaultImpl (void)
{
  return 0;
}

int
virEventRunDefaultImpl (void)
{
  for (;;)
    pause (); /* it has nothing to say by itself */
}

int
virConnectSetKeepAlive (virConnectPtr connection, int interval, unsigned count)
{
  return 0;
}

int
virConnectIsAlive (virConnectPtr connection)
{
  return 1;
}

int
virConnectGetLibVersion (virConnectPtr connection, unsigned long *version)
{
  *version = 9000000;
  return leave (enter (connection->host, "virConnectGetLibVersion") ? 0 : -1);
}

static bool
is_listed (const UmzTestDomain *domain, unsigned flags)
{
  if (flags == VIR_CONNECT_LIST_DOMAINS_PERSISTENT)
    return domain->config != NULL;
  return flags == 0 || (flags == VIR_CONNECT_LIST_DOMAINS_AUTOSTART && domain->is_autostart);
}

int
virConnectListAllDomains (virConnectPtr connection, virDomainPtr **ret_domains, unsigned flags)
{
  int n = 0;
  UmzTestHost *host = connection->host;
  if (!enter (host, "virConnectListAllDomains"))
    return leave (-1);
  *ret_domains = calloc (host->domains->len + 1, sizeof (virDomainPtr));
  for (guint i = 0; i < host->domains->len; i++) {
    const UmzTestDomain *domain = host->domains->pdata[i];
    if (is_listed (domain, flags))
      (*ret_domains)[n++] = new_handle (host, domain->uuid);
  }
  return leave (n);
}

int
virConnectGetAllDomainStats (virConnectPtr connection, unsigned stats,
                             virDomainStatsRecordPtr **ret_stats, unsigned flags)
{
  UmzTestHost *host = connection->host;
  if (!enter (host, "virConnectGetAllDomainStats"))
    return leave (-1);
  *ret_stats = g_new0 (virDomainStatsRecordPtr, host->domains->len + 1);
  for (guint i = 0; i < host->domains->len; i++) {
    int max = 0;
    const UmzTestDomain *domain = host->domains->pdata[i];
    virDomainStatsRecordPtr record = g_new0 (struct _virDomainStatsRecord, 1);
    record->dom = new_handle (host, domain->uuid);
    virTypedParamsAddInt (&record->params, &record->nparams, &max, "state.state", domain->state);
    virTypedParamsAddInt (&record->params, &record->nparams, &max, "state.reason", domain->reason);
    (*ret_stats)[i] = record;
  }
  return leave ((int) host->domains->len);
}

char *
virConnectGetDomainCapabilities (virConnectPtr connection, const char *emulator, const char *arch,
                                 const char *machine, const char *virt_type, unsigned flags)
{
  bool ok = enter (connection->host, "virConnectGetDomainCapabilities");
  leave (0);
  bool is_390 = strcmp (arch, "s390x") == 0;
  g_autofree char *caps = g_strdup_printf (
    "<domainCapabilities><machine>%s</machine><cpu><mode name='custom' supported='yes'>"
    "<model usable='yes'>%s</model></mode></cpu></domainCapabilities>",
    is_390 ? "s390-ccw-virtio-7.2" : "pc-i440fx-7.2", is_390 ? "qemu" : "Nehalem");
  return ok ? strdup (caps) : NULL; /* libvirt's callers use free() */
}

char *
virConnectBaselineHypervisorCPU (virConnectPtr connection, const char *emulator, const char *arch,
                                 const char *machine, const char *virt_type, const char **cpus,
                                 unsigned n_cpus, unsigned flags)
{
  return fail_null (VIR_ERR_NO_SUPPORT, "no CPU is expanded here");
}

virNetworkPtr
virNetworkLookupByName (virConnectPtr connection, const char *name)
{
  return strcmp (name, "default") == 0 ? (virNetworkPtr) connection
                                       : fail_null (VIR_ERR_NO_NETWORK, "no such network");
}

int
virNetworkIsActive (virNetworkPtr network)
{
  return 1;
}

int
virNetworkFree (virNetworkPtr network)
{
  return 0;
}

/* ---- domains: looking ---- */

virDomainPtr
virDomainLookupByUUIDString (virConnectPtr connection, const char *uuid)
{
  UmzTestHost *host = connection->host;
  bool ok = enter (host, "virDomainLookupByUUIDString");
  const UmzTestDomain *domain = ok ? umz_test_host_find (host, uuid) : NULL;
  if (ok && domain == NULL)
    fail (VIR_ERR_NO_DOMAIN, "Domain not found");
  virDomainPtr handle = domain != NULL ? new_handle (host, uuid) : NULL;
  leave (0);
  return handle;
}

int
virDomainFree (virDomainPtr domain)
{
  g_free (domain->uuid);
  g_free (domain);
  return 0;
}

virConnectPtr
virDomainGetConnect (virDomainPtr domain)
{
  static _Thread_local struct _virConnect lent;
  lent = (struct _virConnect){ .host = domain->host, .n_refs = 1 };
  return &lent;
}

int
virDomainIsActive (virDomainPtr domain)
{
  const UmzTestDomain *found = enter_domain (domain, "virDomainIsActive");
  return leave (found == NULL ? -1 : found->live != NULL);
}

int
virDomainGetUUIDString (virDomainPtr domain, char *uuid)
{
  g_strlcpy (uuid, domain->uuid, VIR_UUID_STRING_BUFLEN);
  return 0;
}

int
virDomainIsPersistent (virDomainPtr domain)
{
  const UmzTestDomain *found = enter_domain (domain, "virDomainIsPersistent");
  return leave (found == NULL ? -1 : found->config != NULL);
}

int
virDomainGetAutostart (virDomainPtr domain, int *autostart)
{
  const UmzTestDomain *found = enter_domain (domain, "virDomainGetAutostart");
  *autostart = found != NULL && found->is_autostart;
  return leave (found == NULL ? -1 : 0);
}

int
virDomainGetState (virDomainPtr domain, int *state, int *reason, unsigned flags)
{
  const UmzTestDomain *found = enter_domain (domain, "virDomainGetState");
  if (found == NULL)
    return leave (-1);
  *state = found->state;
  if (reason != NULL)
    *reason = found->reason;
  return leave (0);
}

int
virDomainGetControlInfo (virDomainPtr domain, virDomainControlInfoPtr info, unsigned flags)
{
  const UmzTestDomain *found = enter_domain (domain, "virDomainGetControlInfo");
  *info = (virDomainControlInfo){ .state = VIR_DOMAIN_CONTROL_OK };
  if (found != NULL && found->live == NULL)
    return leave (fail (VIR_ERR_OPERATION_INVALID, "domain is not running"));
  return leave (found == NULL ? -1 : 0);
}

char *
virDomainGetXMLDesc (virDomainPtr domain, unsigned flags)
{
  UmzTestDomain *found = enter_domain (domain, "virDomainGetXMLDesc");
  if (found != NULL && found->leaving != NULL && found->n_looks != UMZ_TEST_NEVER &&
      found->n_looks-- == 0)
    umz_test_domain_release (found);
  g_assert (found == NULL || found->config != NULL || found->live != NULL); /* else it is gone */
  bool wants_config = (flags & VIR_DOMAIN_XML_INACTIVE) != 0 && found != NULL &&
                      found->config != NULL;
  char *xml = found == NULL ? NULL
                            : strdup (wants_config || found->live == NULL ? found->config
                                                                          : found->live);
  leave (0);
  return xml;
}

int
virDomainGetJobStats (virDomainPtr domain, int *type, virTypedParameterPtr *params, int *n,
                      unsigned flags)
{
  static const char *const names[] = { VIR_DOMAIN_JOB_MEMORY_TOTAL, VIR_DOMAIN_JOB_MEMORY_REMAINING,
                                       VIR_DOMAIN_JOB_MEMORY_DIRTY_RATE,
                                       VIR_DOMAIN_JOB_MEMORY_ITERATION };
  int max = 0;
  const UmzTestDomain *found = enter_domain (domain, "virDomainGetJobStats");
  bool has_job = found != NULL && domain->host->job[0] > 0;
  *type = has_job ? VIR_DOMAIN_JOB_UNBOUNDED : VIR_DOMAIN_JOB_NONE;
  for (size_t i = 0; has_job && i < G_N_ELEMENTS (names); i++)
    virTypedParamsAddULLong (params, n, &max, names[i], domain->host->job[i]);
  return leave (found == NULL ? -1 : 0);
}

int
virDomainGetBlockJobInfo (virDomainPtr domain, const char *disk, virDomainBlockJobInfoPtr info,
                          unsigned flags)
{
  return 0;
}

int
virDomainGetDiskErrors (virDomainPtr domain, virDomainDiskErrorPtr errors, unsigned max,
                        unsigned flags)
{
  return 0;
}

int
virDomainSnapshotNum (virDomainPtr domain, unsigned flags)
{
  return 0;
}

int
virDomainHasManagedSaveImage (virDomainPtr domain, unsigned flags)
{
  return 0;
}

int
virDomainQemuMonitorCommand (virDomainPtr domain, const char *command, char **result,
                             unsigned flags)
{
  return fail (VIR_ERR_NO_SUPPORT, "there is no QEMU");
}

int
virDomainStartDirtyRateCalc (virDomainPtr domain, int seconds, unsigned flags)
{
  return leave (enter_domain (domain, "virDomainStartDirtyRateCalc") == NULL ? -1 : 0);
}

/* 12 MiB/s, measured. */
int
virDomainListGetStats (virDomainPtr *domains, unsigned stats, virDomainStatsRecordPtr **ret_stats,
                       unsigned flags)
{
  int max = 0;
  if (enter_domain (domains[0], "virDomainListGetStats") == NULL)
    return leave (-1);
  virDomainStatsRecordPtr record = g_new0 (struct _virDomainStatsRecord, 1);
  virTypedParamsAddInt (&record->params, &record->nparams, &max, "dirtyrate.calc_status",
                        VIR_DOMAIN_DIRTYRATE_MEASURED);
  virTypedParamsAddLLong (&record->params, &record->nparams, &max,
                          "dirtyrate.megabytes_per_second", 12);
  *ret_stats = g_new0 (virDomainStatsRecordPtr, 2);
  (*ret_stats)[0] = record;
  return leave (1);
}

void
virDomainStatsRecordListFree (virDomainStatsRecordPtr *stats)
{
  for (int i = 0; stats[i] != NULL; i++) {
    virTypedParamsFree (stats[i]->params, stats[i]->nparams);
    if (stats[i]->dom != NULL)
      virDomainFree (stats[i]->dom);
    g_free (stats[i]);
  }
  g_free (stats);
}

/* ---- domains: life ---- */

virDomainPtr
virDomainDefineXML (virConnectPtr connection, const char *xml)
{
  UmzTestHost *host = connection->host;
  if (!enter (host, "virDomainDefineXML")) {
    leave (0);
    return NULL;
  }
  UmzTestDomain *domain = umz_test_host_add (host, xml);
  if (domain == NULL)
    fail (VIR_ERR_XML_ERROR, "XML error: no domain");
  else {
    g_free (domain->config);
    domain->config = g_strdup (xml);
  }
  virDomainPtr handle = domain != NULL ? new_handle (host, domain->uuid) : NULL;
  leave (0);
  return handle;
}

int
virDomainUndefineFlags (virDomainPtr domain, unsigned flags)
{
  UmzTestDomain *found = enter_domain (domain, "virDomainUndefineFlags");
  if (found == NULL)
    return leave (-1);
  g_clear_pointer (&found->config, g_free);
  if (found->live == NULL)
    g_ptr_array_remove (domain->host->domains, found);
  return leave (0);
}

int
virDomainCreateWithFlags (virDomainPtr domain, unsigned flags)
{
  UmzTestDomain *found = enter_domain (domain, "virDomainCreateWithFlags");
  if (found == NULL)
    return leave (-1);
  if (found->live != NULL)
    return leave (fail (VIR_ERR_OPERATION_INVALID, "domain is already running"));
  if ((flags & VIR_DOMAIN_START_PAUSED) != 0)
    umz_test_domain_turn_on (domain->host, found, found->config, VIR_DOMAIN_PAUSED,
                             VIR_DOMAIN_PAUSED_USER);
  else
    umz_test_domain_turn_on (domain->host, found, found->config, VIR_DOMAIN_RUNNING,
                             VIR_DOMAIN_RUNNING_BOOTED);
  return leave (0);
}

int
virDomainSuspend (virDomainPtr domain)
{
  UmzTestDomain *found = enter_domain (domain, "virDomainSuspend");
  if (found == NULL)
    return leave (-1);
  if (found->live == NULL)
    return leave (fail (VIR_ERR_OPERATION_INVALID, "domain is not running"));
  found->state = VIR_DOMAIN_PAUSED;
  found->reason = VIR_DOMAIN_PAUSED_USER;
  return leave (0);
}

int
virDomainResume (virDomainPtr domain)
{
  UmzTestDomain *found = enter_domain (domain, "virDomainResume");
  if (found == NULL)
    return leave (-1);
  if (found->live == NULL || found->state == VIR_DOMAIN_RUNNING)
    return leave (fail (VIR_ERR_OPERATION_INVALID, found->live == NULL
                                                     ? "domain is not running"
                                                     : "domain is already running"));
  found->state = VIR_DOMAIN_RUNNING;
  found->reason = VIR_DOMAIN_RUNNING_UNPAUSED;
  return leave (0);
}

/* The guest does as it is asked, at once. */
int
virDomainShutdown (virDomainPtr domain)
{
  UmzTestDomain *found = enter_domain (domain, "virDomainShutdown");
  if (found == NULL)
    return leave (-1);
  if (found->live == NULL)
    return leave (fail (VIR_ERR_OPERATION_INVALID, "domain is not running"));
  umz_test_domain_turn_off (domain->host, found, VIR_DOMAIN_SHUTOFF_SHUTDOWN);
  return leave (0);
}

int
virDomainDestroy (virDomainPtr domain)
{
  UmzTestDomain *found = enter_domain (domain, "virDomainDestroy");
  if (found == NULL)
    return leave (-1);
  if (found->live == NULL)
    return leave (fail (VIR_ERR_OPERATION_INVALID, "domain is not running"));
  umz_test_domain_turn_off (domain->host, found, VIR_DOMAIN_SHUTOFF_DESTROYED);
  return leave (0);
}

int
virDomainSetMetadata (virDomainPtr domain, int type, const char *metadata, const char *key,
                      const char *uri, unsigned flags)
{
  return leave (enter_domain (domain, "virDomainSetMetadata") == NULL ? -1 : 0);
}

/* ---- domains: migration ---- */

int
virDomainMigrateSetMaxDowntime (virDomainPtr domain, unsigned long long downtime, unsigned flags)
{
  return leave (enter_domain (domain, "virDomainMigrateSetMaxDowntime") == NULL ? -1 : 0);
}

int
virDomainMigrateToURI3 (virDomainPtr domain, const char *uri, virTypedParameterPtr params,
                        unsigned n_params, unsigned flags)
{
  const char *memory_uri = "";
  const UmzTestDomain *found = enter_domain (domain, "virDomainMigrateToURI3");
  UmzTestMigrate migrate = umz_test_hosts.migrate;
  leave (0);
  if (found == NULL)
    return -1;
  g_assert_nonnull (migrate);
  g_assert_cmpuint (flags & VIR_MIGRATE_PAUSED, !=, 0);
  g_assert_cmpuint (
    flags & (VIR_MIGRATE_POSTCOPY | VIR_MIGRATE_PERSIST_DEST | VIR_MIGRATE_UNDEFINE_SOURCE), ==, 0);
  virTypedParamsGetString (params, (int) n_params, VIR_MIGRATE_PARAM_URI, &memory_uri);
  g_autofree char *text =
    migrate (domain->host->uri, domain->uuid, uri, memory_uri, umz_test_hosts.migrate_data);
  return text == NULL ? 0 : fail (VIR_ERR_OPERATION_FAILED, text);
}

/* ---- devices ---- */

static void
note (UmzTestHost *host, const char *what, const char *mn)
{
  g_string_append_printf (host->calls, "%s%s %s", host->calls->len > 0 ? ", " : "", what, mn);
}

int
virDomainDetachDeviceAlias (virDomainPtr domain, const char *alias, unsigned flags)
{
  UmzTestDomain *found = enter_domain (domain, "virDomainDetachDeviceAlias");
  if (found == NULL)
    return leave (-1);
  g_assert_true (g_str_has_prefix (alias, "ua-"));
  g_assert_cmpuint (flags, ==, VIR_DOMAIN_AFFECT_LIVE);
  note (domain->host, "detach", alias + strlen ("ua-"));
  g_free (found->leaving);
  found->leaving = g_strdup (alias + strlen ("ua-"));
  found->n_looks = domain->host->n_looks;
  return leave (0);
}

int
virDomainDetachDeviceFlags (virDomainPtr domain, const char *xml, unsigned flags)
{
  UmzTestDomain *found = enter_domain (domain, "virDomainDetachDeviceFlags");
  if (found == NULL)
    return leave (-1);
  g_autofree char *mn = umz_xml_device_dup_mn (xml);
  note (domain->host, "detach", mn);
  if ((flags & VIR_DOMAIN_AFFECT_CONFIG) != 0)
    umz_test_domain_take_out (&found->config, mn);
  if ((flags & VIR_DOMAIN_AFFECT_LIVE) != 0) {
    g_free (found->leaving);
    found->leaving = g_strdup (mn);
    found->n_looks = domain->host->n_looks;
  }
  return leave (0);
}

int
virDomainAttachDeviceFlags (virDomainPtr domain, const char *xml, unsigned flags)
{
  g_autofree char *mn = umz_xml_device_dup_mn (xml);
  g_mutex_lock (&umz_test_hosts.lock);
  note (domain->host, "attach", mn);
  g_mutex_unlock (&umz_test_hosts.lock);
  UmzTestDomain *found = enter_domain (domain, "virDomainAttachDeviceFlags");
  if (found == NULL)
    return leave (-1);
  if ((flags & VIR_DOMAIN_AFFECT_LIVE) != 0)
    umz_test_domain_put_in (&found->live, xml);
  if ((flags & VIR_DOMAIN_AFFECT_CONFIG) != 0)
    umz_test_domain_put_in (&found->config, xml);
  return leave (0);
}

int
virDomainUpdateDeviceFlags (virDomainPtr domain, const char *xml, unsigned flags)
{
  UmzTestDomain *found = enter_domain (domain, "virDomainUpdateDeviceFlags");
  if (found == NULL)
    return leave (-1);
  g_autofree char *mn = umz_xml_device_dup_mn (xml);
  g_assert_cmpuint (flags, ==, VIR_DOMAIN_AFFECT_LIVE);
  note (domain->host, strstr (xml, "<source") != NULL ? "insert" : "eject", mn);
  umz_test_domain_take_out (&found->live, mn);
  umz_test_domain_put_in (&found->live, xml);
  return leave (0);
}

/* ---- consoles ---- */

virStreamPtr
virStreamNew (virConnectPtr connection, unsigned flags)
{
  g_assert_cmpuint (flags, ==, VIR_STREAM_NONBLOCK);
  virStreamPtr stream = g_new0 (struct _virStream, 1);
  stream->host = connection->host;
  return stream;
}

int
virDomainOpenConsole (virDomainPtr domain, const char *alias, virStreamPtr stream, unsigned flags)
{
  if (enter_domain (domain, "virDomainOpenConsole") == NULL)
    return leave (-1);
  stream->uuid = g_strdup (domain->uuid);
  return leave (0);
}

int
virStreamRecv (virStreamPtr stream, char *data, size_t n_bytes)
{
  g_mutex_lock (&umz_test_hosts.lock);
  UmzTestDomain *domain = umz_test_host_find (stream->host, stream->uuid);
  if (domain == NULL || domain->live == NULL || domain->console == NULL)
    return leave (0); /* it is over */
  if (domain->console->len == 0)
    return leave (-2);
  size_t n = MIN (n_bytes, domain->console->len);
  memcpy (data, domain->console->str, n);
  g_string_erase (domain->console, 0, (gssize) n);
  return leave ((int) n);
}

int
virStreamAbort (virStreamPtr stream)
{
  return 0;
}

int
virStreamFree (virStreamPtr stream)
{
  g_free (stream->uuid);
  g_free (stream);
  return 0;
}

/* ---- errors ---- */

const char *
virGetLastErrorMessage (void)
{
  return error_text;
}

int
virGetLastErrorCode (void)
{
  return error_code;
}

void
virSetErrorFunc (void *data, virErrorFunc handler)
{
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hypervisor/test-libvirt.h"

#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "hypervisor/definition.h"
#include "hypervisor/device-xml.h"

#define LIVES_S "600" /* a process that a test leaves behind */

typedef struct {
  char *uuid, *name; /* owned */
  char *config;      /* owned; NULL: the domain is transient */
  char *live;        /* owned; NULL: it is off */
  int state, reason;
  bool is_autostart;
  GPid pid;      /* 0: none */
  char *leaving; /* owned; the device that the guest is to release, or NULL */
  unsigned n_looks;
} Domain;

typedef struct {
  char *function; /* owned */
  char *text;     /* owned */
  unsigned skip;
  bool is_once;
} Failure;

typedef struct {
  char *uri, *folder;  /* owned */
  GPtrArray *domains;  /* owned; Domain */
  GPtrArray *failures; /* owned; Failure */
  GString *calls;      /* owned */
  unsigned n_looks;    /* until a guest releases a device */
  bool hangs;
  uint64_t job[4];
} Host;

/* libvirt's objects, which are opaque for its users. */
struct _virConnect {
  Host *host; /* borrowed */
  int n_refs;
};

struct _virDomain {
  Host *host; /* borrowed */
  char *uuid; /* owned */
};

static struct {
  GMutex lock; /* of everything here */
  GCond goes_on;
  char *folder;
  GHashTable *hosts; /* by URI */
  UmzTestMigrate migrate;
  void *migrate_data;
} all;

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

/* ---- hosts and domains; the lock is held ---- */

static void
end_process (Domain *domain)
{
  if (domain->pid == 0)
    return;
  kill (domain->pid, SIGKILL);
  waitpid (domain->pid, NULL, 0);
  domain->pid = 0;
}

static void
free_domain (void *data)
{
  Domain *domain = data;
  end_process (domain);
  g_free (domain->uuid);
  g_free (domain->name);
  g_free (domain->config);
  g_free (domain->live);
  g_free (domain->leaving);
  g_free (domain);
}

static void
free_failure (void *data)
{
  Failure *failure = data;
  g_free (failure->function);
  g_free (failure->text);
  g_free (failure);
}

static void
free_host (void *data)
{
  Host *host = data;
  g_ptr_array_unref (host->domains);
  g_ptr_array_unref (host->failures);
  g_string_free (host->calls, TRUE);
  g_free (host->uri);
  g_free (host->folder);
  g_free (host);
}

static Host *
get_host (const char *uri)
{
  Host *host = g_hash_table_lookup (all.hosts, uri);
  if (host != NULL)
    return host;
  host = g_new0 (Host, 1);
  host->uri = g_strdup (uri);
  g_autofree char *name = g_path_get_basename (uri);
  host->folder = g_build_filename (all.folder, name, NULL);
  host->domains = g_ptr_array_new_with_free_func (free_domain);
  host->failures = g_ptr_array_new_with_free_func (free_failure);
  host->calls = g_string_new (NULL);
  g_assert_cmpint (g_mkdir_with_parents (host->folder, 0755), ==, 0);
  g_hash_table_insert (all.hosts, host->uri, host);
  return host;
}

static char *
dup_pid_path (const Host *host, const Domain *domain)
{
  return g_strdup_printf ("%s/%s.pid", host->folder, domain->name);
}

/* Off: what libvirt keeps of it then is the configuration, if it has one. */
static void
turn_off (Host *host, Domain *domain, int reason)
{
  g_autofree char *pid_path = dup_pid_path (host, domain);
  end_process (domain);
  remove (pid_path);
  g_clear_pointer (&domain->live, g_free);
  domain->state = VIR_DOMAIN_SHUTOFF;
  domain->reason = reason;
  if (domain->config == NULL)
    g_ptr_array_remove (host->domains, domain);
}

/* One that has ended and was not waited for, is not. */
static bool
is_alive (GPid pid)
{
  siginfo_t info = { 0 };
  return waitid (P_PID, (id_t) pid, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0;
}

/* libvirt sees at once when a QEMU ends. */
static Domain *
find (Host *host, const char *uuid)
{
  for (guint i = 0; i < host->domains->len; i++) {
    Domain *domain = host->domains->pdata[i];
    if (strcmp (domain->uuid, uuid) != 0)
      continue;
    if (domain->pid == 0 || is_alive (domain->pid))
      return domain;
    domain->pid = 0;
    turn_off (host, domain, VIR_DOMAIN_SHUTOFF_CRASHED);
    return find (host, uuid);
  }
  return NULL;
}

static Domain *
add_domain (Host *host, const char *xml)
{
  g_autoptr (UmzVm) vm = umz_definition_parse (xml, NULL);
  if (vm == NULL)
    return NULL;
  Domain *domain = find (host, vm->uuid);
  if (domain != NULL)
    return domain;
  domain = g_new0 (Domain, 1);
  domain->uuid = g_strdup (vm->uuid);
  domain->name = g_strdup (vm->name);
  domain->state = VIR_DOMAIN_SHUTOFF;
  g_ptr_array_add (host->domains, domain);
  return domain;
}

static void
turn_on (Host *host, Domain *domain, const char *xml, int state, int reason)
{
  g_autofree char *name = g_strconcat ("qemu-", domain->uuid, NULL);
  g_autofree char *pid_path = dup_pid_path (host, domain);
  char *command[] = { (char *) "/bin/sleep", name, (char *) LIVES_S, NULL };
  g_autoptr (GError) error = NULL;
  g_spawn_async (NULL, command, NULL, G_SPAWN_FILE_AND_ARGV_ZERO | G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                 NULL, &domain->pid, &error);
  g_assert_no_error (error);
  g_autofree char *pid = g_strdup_printf ("%d\n", domain->pid);
  g_assert_true (g_file_set_contents (pid_path, pid, -1, NULL));
  domain->live = g_strdup (xml);
  domain->state = state;
  domain->reason = reason;
}

static Host *
lock_host (const char *uri)
{
  g_mutex_lock (&all.lock);
  return get_host (uri);
}

static void
unlock (void)
{
  g_mutex_unlock (&all.lock);
}

/* ---- orders ---- */

void
umz_test_libvirt_begin (const char *folder)
{
  g_assert_cmpint (virInitialize (), ==, 0); /* for what is not doubled, its parameters */
  all.folder = g_strdup (folder);
  all.hosts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_host);
  all.migrate = NULL;
}

char *
umz_test_libvirt_dup_folder (const char *uri)
{
  Host *host = lock_host (uri);
  char *folder = g_strdup (host->folder);
  unlock ();
  return folder;
}

void
umz_test_libvirt_end (void)
{
  g_mutex_lock (&all.lock);
  g_clear_pointer (&all.hosts, g_hash_table_unref);
  g_clear_pointer (&all.folder, g_free);
  g_mutex_unlock (&all.lock);
}

static void
forget_failure (Host *host, const char *function)
{
  for (guint i = host->failures->len; i > 0; i--)
    if (strcmp (((Failure *) host->failures->pdata[i - 1])->function, function) == 0)
      g_ptr_array_remove_index (host->failures, i - 1);
}

static void
add_failure (const char *uri, const char *function, const Failure *failure)
{
  Host *host = lock_host (uri);
  forget_failure (host, function);
  if (failure->text != NULL) {
    Failure *copy = g_memdup2 (failure, sizeof *failure);
    copy->function = g_strdup (function);
    copy->text = g_strdup (failure->text);
    g_ptr_array_add (host->failures, copy);
  }
  unlock ();
}

void
umz_test_libvirt_fail (const char *uri, const char *function, const char *text)
{
  add_failure (uri, function, &(Failure){ .text = (char *) text });
}

void
umz_test_libvirt_fail_once (const char *uri, const char *function, unsigned skip, const char *text)
{
  add_failure (uri, function, &(Failure){ .text = (char *) text, .skip = skip, .is_once = true });
}

void
umz_test_libvirt_hang (const char *uri, bool hangs)
{
  Host *host = lock_host (uri);
  host->hangs = hangs;
  g_cond_broadcast (&all.goes_on);
  unlock ();
}

void
umz_test_libvirt_set_release (const char *uri, unsigned n_looks)
{
  Host *host = lock_host (uri);
  host->n_looks = n_looks;
  unlock ();
}

/* The lock is held. */
static void
take_out (char **xml, const char *mn)
{
  char *rest = *xml != NULL ? umz_xml_device_dup_without (*xml, mn) : NULL;
  g_free (*xml);
  *xml = rest;
}

static void
put_in (char **xml, const char *device_xml)
{
  if (*xml == NULL)
    return;
  char *end = strstr (*xml, "</devices>");
  g_autofree char *begin = g_strndup (*xml, (size_t) (end - *xml));
  char *more = g_strconcat (begin, device_xml, end, NULL);
  g_free (*xml);
  *xml = more;
}

static void
release (Domain *domain)
{
  if (domain->leaving == NULL)
    return;
  take_out (&domain->live, domain->leaving);
  g_clear_pointer (&domain->leaving, g_free);
}

void
umz_test_libvirt_release (const char *uri)
{
  Host *host = lock_host (uri);
  for (guint i = 0; i < host->domains->len; i++)
    release (host->domains->pdata[i]);
  unlock ();
}

char *
umz_test_libvirt_dup_calls (const char *uri)
{
  Host *host = lock_host (uri);
  char *calls = g_strdup (host->calls->str);
  unlock ();
  return calls;
}

int
umz_test_libvirt_get_state (const char *uri, const char *uuid, int *ret_reason)
{
  Host *host = lock_host (uri);
  const Domain *domain = find (host, uuid);
  int state = domain != NULL ? domain->state : -1;
  if (ret_reason != NULL)
    *ret_reason = domain != NULL ? domain->reason : -1;
  unlock ();
  return state;
}

char *
umz_test_libvirt_dup_xml (const char *uri, const char *uuid)
{
  Host *host = lock_host (uri);
  const Domain *domain = find (host, uuid);
  char *xml = domain != NULL ? g_strdup (domain->live != NULL ? domain->live : domain->config)
                             : NULL;
  unlock ();
  return xml;
}

static bool
is_running (const Domain *domain)
{
  char state = 0;
  g_autofree char *text = NULL;
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", domain->pid);
  if (domain->state != VIR_DOMAIN_RUNNING || !g_file_get_contents (path, &text, NULL, NULL))
    return false;
  state = strrchr (text, ')')[2];
  return state == 'S' || state == 'R' || state == 'D';
}

unsigned
umz_test_libvirt_count_running (const char *uuid)
{
  unsigned n = 0;
  GHashTableIter iter;
  void *host;
  g_mutex_lock (&all.lock);
  g_hash_table_iter_init (&iter, all.hosts);
  while (g_hash_table_iter_next (&iter, NULL, &host)) {
    const Domain *domain = find (host, uuid);
    n += domain != NULL && is_running (domain);
  }
  g_mutex_unlock (&all.lock);
  return n;
}

void
umz_test_libvirt_add (const char *uri, const char *xml, virDomainState state)
{
  Host *host = lock_host (uri);
  Domain *domain = add_domain (host, xml);
  g_assert_nonnull (domain);
  g_free (domain->config);
  domain->config = g_strdup (xml);
  if (state == VIR_DOMAIN_SHUTOFF)
    domain->reason = VIR_DOMAIN_SHUTOFF_SHUTDOWN;
  else
    turn_on (host, domain, xml, state,
             state == VIR_DOMAIN_RUNNING ? (int) VIR_DOMAIN_RUNNING_BOOTED
                                         : (int) VIR_DOMAIN_PAUSED_USER);
  unlock ();
}

int64_t
umz_test_libvirt_arrive (const char *uri, const char *xml)
{
  Host *host = lock_host (uri);
  Domain *domain = add_domain (host, xml);
  g_assert_nonnull (domain);
  turn_on (host, domain, xml, VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_MIGRATION);
  int64_t pid = domain->pid;
  unlock ();
  return pid;
}

void
umz_test_libvirt_set_state (const char *uri, const char *uuid, virDomainState state, int reason)
{
  Host *host = lock_host (uri);
  Domain *domain = find (host, uuid);
  if (domain != NULL && domain->live != NULL) {
    domain->state = state;
    domain->reason = reason;
  }
  unlock ();
}

void
umz_test_libvirt_set_autostart (const char *uri, const char *uuid)
{
  Host *host = lock_host (uri);
  Domain *domain = find (host, uuid);
  g_assert_nonnull (domain);
  domain->is_autostart = true;
  unlock ();
}

/* A process that is stopped hears SIGTERM when it goes on; libvirt waits for it meanwhile. */
void
umz_test_libvirt_end_domain (const char *uri, const char *uuid, int reason)
{
  Host *host = lock_host (uri);
  const Domain *domain = find (host, uuid);
  GPid pid = domain != NULL ? domain->pid : 0;
  unlock ();
  if (pid == 0)
    return;
  kill (pid, SIGTERM);
  waitpid (pid, NULL, 0); /* unless somebody else has seen its end */
  g_mutex_lock (&all.lock);
  Domain *ended = find (host, uuid);
  if (ended != NULL && ended->pid == pid) {
    ended->pid = 0;
    turn_off (host, ended, reason);
  }
  else if (ended != NULL && ended->state == VIR_DOMAIN_SHUTOFF)
    ended->reason = reason;
  unlock ();
}

void
umz_test_libvirt_kill_domain (const char *uri, const char *uuid)
{
  Host *host = lock_host (uri);
  const Domain *domain = find (host, uuid);
  if (domain != NULL && domain->pid != 0)
    kill (domain->pid, SIGKILL);
  unlock ();
}

void
umz_test_libvirt_remove_device (const char *uri, const char *uuid, const char *mn)
{
  Host *host = lock_host (uri);
  take_out (&find (host, uuid)->live, mn);
  unlock ();
}

void
umz_test_libvirt_set_migrate (UmzTestMigrate migrate, void *data)
{
  g_mutex_lock (&all.lock);
  all.migrate = migrate;
  all.migrate_data = data;
  g_mutex_unlock (&all.lock);
}

void
umz_test_libvirt_set_job (const char *uri, uint64_t total_bytes, uint64_t remaining_bytes,
                          uint64_t dirty_pages_per_s, uint64_t iteration)
{
  Host *host = lock_host (uri);
  const uint64_t job[] = { total_bytes, remaining_bytes, dirty_pages_per_s, iteration };
  memcpy (host->job, job, sizeof job);
  unlock ();
}

/* ---- libvirt's functions: what each begins with ---- */

/* The text of a failure that is ordered, which the caller frees, or NULL; the lock is held. */
static char *
take_failure (Host *host, const char *name)
{
  for (guint i = 0; i < host->failures->len; i++) {
    Failure *failure = host->failures->pdata[i];
    if (strcmp (failure->function, name) != 0)
      continue;
    if (failure->skip > 0) {
      failure->skip--;
      return NULL;
    }
    char *text = g_strdup (failure->text);
    if (failure->is_once)
      g_ptr_array_remove_index (host->failures, i);
    return text;
  }
  return NULL;
}

char *
umz_test_libvirt_take_failure (const char *uri, const char *name)
{
  Host *host = lock_host (uri);
  char *text = take_failure (host, name);
  unlock ();
  return text;
}

/* False: it fails.  The lock is held afterwards in both cases. */
static bool
enter (Host *host, const char *function)
{
  g_mutex_lock (&all.lock);
  while (host->hangs)
    g_cond_wait (&all.goes_on, &all.lock);
  g_autofree char *text = take_failure (host, function);
  return text == NULL || fail (VIR_ERR_INTERNAL_ERROR, text) == 0;
}

/* NULL: the call fails, and so it has been said.  Leaves with the lock held. */
static Domain *
enter_domain (virDomainPtr domain, const char *function)
{
  if (!enter (domain->host, function))
    return NULL;
  Domain *found = find (domain->host, domain->uuid);
  if (found == NULL)
    fail (VIR_ERR_NO_DOMAIN, "Domain not found");
  return found;
}

static int
leave (int result)
{
  g_mutex_unlock (&all.lock);
  return result;
}

static virDomainPtr
new_handle (Host *host, const char *uuid)
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
  Host *host = lock_host (name);
  unlock ();
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

int
virConnectListAllDomains (virConnectPtr connection, virDomainPtr **ret_domains, unsigned flags)
{
  Host *host = connection->host;
  if (!enter (host, "virConnectListAllDomains"))
    return leave (-1);
  int n = (int) host->domains->len;
  *ret_domains = calloc ((size_t) n + 1, sizeof (virDomainPtr));
  for (int i = 0; i < n; i++)
    (*ret_domains)[i] = new_handle (host, ((Domain *) host->domains->pdata[i])->uuid);
  return leave (n);
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
  Host *host = connection->host;
  bool ok = enter (host, "virDomainLookupByUUIDString");
  const Domain *domain = ok ? find (host, uuid) : NULL;
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
  const Domain *found = enter_domain (domain, "virDomainIsActive");
  return leave (found == NULL ? -1 : found->live != NULL);
}

int
virDomainIsPersistent (virDomainPtr domain)
{
  const Domain *found = enter_domain (domain, "virDomainIsPersistent");
  return leave (found == NULL ? -1 : found->config != NULL);
}

int
virDomainGetAutostart (virDomainPtr domain, int *autostart)
{
  const Domain *found = enter_domain (domain, "virDomainGetAutostart");
  *autostart = found != NULL && found->is_autostart;
  return leave (found == NULL ? -1 : 0);
}

int
virDomainGetState (virDomainPtr domain, int *state, int *reason, unsigned flags)
{
  const Domain *found = enter_domain (domain, "virDomainGetState");
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
  const Domain *found = enter_domain (domain, "virDomainGetControlInfo");
  *info = (virDomainControlInfo){ .state = VIR_DOMAIN_CONTROL_OK };
  if (found != NULL && found->live == NULL)
    return leave (fail (VIR_ERR_OPERATION_INVALID, "domain is not running"));
  return leave (found == NULL ? -1 : 0);
}

char *
virDomainGetXMLDesc (virDomainPtr domain, unsigned flags)
{
  Domain *found = enter_domain (domain, "virDomainGetXMLDesc");
  if (found != NULL && found->leaving != NULL && found->n_looks != UMZ_TEST_NEVER &&
      found->n_looks-- == 0)
    release (found);
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
  const Domain *found = enter_domain (domain, "virDomainGetJobStats");
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
    g_free (stats[i]);
  }
  g_free (stats);
}

/* ---- domains: life ---- */

virDomainPtr
virDomainDefineXML (virConnectPtr connection, const char *xml)
{
  Host *host = connection->host;
  if (!enter (host, "virDomainDefineXML")) {
    leave (0);
    return NULL;
  }
  Domain *domain = add_domain (host, xml);
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
  Domain *found = enter_domain (domain, "virDomainUndefineFlags");
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
  Domain *found = enter_domain (domain, "virDomainCreateWithFlags");
  if (found == NULL)
    return leave (-1);
  if (found->live != NULL)
    return leave (fail (VIR_ERR_OPERATION_INVALID, "domain is already running"));
  if ((flags & VIR_DOMAIN_START_PAUSED) != 0)
    turn_on (domain->host, found, found->config, VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_USER);
  else
    turn_on (domain->host, found, found->config, VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_BOOTED);
  return leave (0);
}

int
virDomainSuspend (virDomainPtr domain)
{
  Domain *found = enter_domain (domain, "virDomainSuspend");
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
  Domain *found = enter_domain (domain, "virDomainResume");
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
  Domain *found = enter_domain (domain, "virDomainShutdown");
  if (found == NULL)
    return leave (-1);
  if (found->live == NULL)
    return leave (fail (VIR_ERR_OPERATION_INVALID, "domain is not running"));
  turn_off (domain->host, found, VIR_DOMAIN_SHUTOFF_SHUTDOWN);
  return leave (0);
}

int
virDomainDestroy (virDomainPtr domain)
{
  Domain *found = enter_domain (domain, "virDomainDestroy");
  if (found == NULL)
    return leave (-1);
  if (found->live == NULL)
    return leave (fail (VIR_ERR_OPERATION_INVALID, "domain is not running"));
  turn_off (domain->host, found, VIR_DOMAIN_SHUTOFF_DESTROYED);
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
  const Domain *found = enter_domain (domain, "virDomainMigrateToURI3");
  UmzTestMigrate migrate = all.migrate;
  leave (0);
  if (found == NULL)
    return -1;
  g_assert_nonnull (migrate);
  g_assert_cmpuint (flags & VIR_MIGRATE_PAUSED, !=, 0);
  g_assert_cmpuint (
    flags & (VIR_MIGRATE_POSTCOPY | VIR_MIGRATE_PERSIST_DEST | VIR_MIGRATE_UNDEFINE_SOURCE), ==, 0);
  virTypedParamsGetString (params, (int) n_params, VIR_MIGRATE_PARAM_URI, &memory_uri);
  g_autofree char *text =
    migrate (domain->host->uri, domain->uuid, uri, memory_uri, all.migrate_data);
  return text == NULL ? 0 : fail (VIR_ERR_OPERATION_FAILED, text);
}

/* ---- devices ---- */

static void
note (Host *host, const char *what, const char *mn)
{
  g_string_append_printf (host->calls, "%s%s %s", host->calls->len > 0 ? ", " : "", what, mn);
}

int
virDomainDetachDeviceAlias (virDomainPtr domain, const char *alias, unsigned flags)
{
  Domain *found = enter_domain (domain, "virDomainDetachDeviceAlias");
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
  Domain *found = enter_domain (domain, "virDomainDetachDeviceFlags");
  if (found == NULL)
    return leave (-1);
  g_autofree char *mn = umz_xml_device_dup_mn (xml);
  note (domain->host, "detach", mn);
  if ((flags & VIR_DOMAIN_AFFECT_CONFIG) != 0)
    take_out (&found->config, mn);
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
  g_mutex_lock (&all.lock);
  note (domain->host, "attach", mn);
  g_mutex_unlock (&all.lock);
  Domain *found = enter_domain (domain, "virDomainAttachDeviceFlags");
  if (found == NULL)
    return leave (-1);
  if ((flags & VIR_DOMAIN_AFFECT_LIVE) != 0)
    put_in (&found->live, xml);
  if ((flags & VIR_DOMAIN_AFFECT_CONFIG) != 0)
    put_in (&found->config, xml);
  return leave (0);
}

int
virDomainUpdateDeviceFlags (virDomainPtr domain, const char *xml, unsigned flags)
{
  Domain *found = enter_domain (domain, "virDomainUpdateDeviceFlags");
  if (found == NULL)
    return leave (-1);
  g_autofree char *mn = umz_xml_device_dup_mn (xml);
  g_assert_cmpuint (flags, ==, VIR_DOMAIN_AFFECT_LIVE);
  note (domain->host, strstr (xml, "<source") != NULL ? "insert" : "eject", mn);
  take_out (&found->live, mn);
  put_in (&found->live, xml);
  return leave (0);
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

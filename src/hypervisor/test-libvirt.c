/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hypervisor/test-libvirt-private.h"

#include <libvirt/virterror.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

void
umz_test_libvirt_begin (const char *folder)
{
  g_assert_cmpint (virInitialize (), ==, 0); /* for what is not doubled, its parameters */
  umz_test_hosts.folder = g_strdup (folder);
  umz_test_hosts.hosts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, umz_test_host_free);
  umz_test_hosts.migrate = NULL;
}

char *
umz_test_libvirt_dup_folder (const char *uri)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  char *folder = g_strdup (host->folder);
  umz_test_hosts_unlock ();
  return folder;
}

void
umz_test_libvirt_end (void)
{
  g_mutex_lock (&umz_test_hosts.lock);
  g_clear_pointer (&umz_test_hosts.hosts, g_hash_table_unref);
  g_clear_pointer (&umz_test_hosts.folder, g_free);
  g_mutex_unlock (&umz_test_hosts.lock);
}

static void
forget_failure (UmzTestHost *host, const char *function)
{
  for (guint i = host->failures->len; i > 0; i--)
    if (strcmp (((UmzTestFailure *) host->failures->pdata[i - 1])->function, function) == 0)
      g_ptr_array_remove_index (host->failures, i - 1);
}

static void
add_failure (const char *uri, const char *function, const UmzTestFailure *failure)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  forget_failure (host, function);
  if (failure->text != NULL) {
    UmzTestFailure *copy = g_memdup2 (failure, sizeof *failure);
    copy->function = g_strdup (function);
    copy->text = g_strdup (failure->text);
    g_ptr_array_add (host->failures, copy);
  }
  umz_test_hosts_unlock ();
}

void
umz_test_libvirt_fail (const char *uri, const char *function, const char *text)
{
  add_failure (uri, function, &(UmzTestFailure){ .text = (char *) text });
}

void
umz_test_libvirt_fail_once (const char *uri, const char *function, unsigned skip, const char *text)
{
  UmzTestFailure failure = { .text = (char *) text, .skip = skip, .is_once = true };
  add_failure (uri, function, &failure);
}

void
umz_test_libvirt_hang (const char *uri, bool hangs)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  host->hangs = hangs;
  g_cond_broadcast (&umz_test_hosts.goes_on);
  umz_test_hosts_unlock ();
}

void
umz_test_libvirt_set_release (const char *uri, unsigned n_looks)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  host->n_looks = n_looks;
  umz_test_hosts_unlock ();
}

void
umz_test_libvirt_release (const char *uri)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  for (guint i = 0; i < host->domains->len; i++)
    umz_test_domain_release (host->domains->pdata[i]);
  umz_test_hosts_unlock ();
}

char *
umz_test_libvirt_dup_calls (const char *uri)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  char *calls = g_strdup (host->calls->str);
  umz_test_hosts_unlock ();
  return calls;
}

int
umz_test_libvirt_get_state (const char *uri, const char *uuid, int *ret_reason)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  const UmzTestDomain *domain = umz_test_host_find (host, uuid);
  int state = domain != NULL ? domain->state : -1;
  if (ret_reason != NULL)
    *ret_reason = domain != NULL ? domain->reason : -1;
  umz_test_hosts_unlock ();
  return state;
}

char *
umz_test_libvirt_dup_xml (const char *uri, const char *uuid)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  const UmzTestDomain *domain = umz_test_host_find (host, uuid);
  char *xml = domain != NULL ? g_strdup (domain->live != NULL ? domain->live : domain->config)
                             : NULL;
  umz_test_hosts_unlock ();
  return xml;
}

static bool
is_running (const UmzTestDomain *domain)
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
  g_mutex_lock (&umz_test_hosts.lock);
  g_hash_table_iter_init (&iter, umz_test_hosts.hosts);
  while (g_hash_table_iter_next (&iter, NULL, &host)) {
    const UmzTestDomain *domain = umz_test_host_find (host, uuid);
    n += domain != NULL && is_running (domain);
  }
  g_mutex_unlock (&umz_test_hosts.lock);
  return n;
}

void
umz_test_libvirt_add (const char *uri, const char *xml, virDomainState state)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  UmzTestDomain *domain = umz_test_host_add (host, xml);
  g_assert_nonnull (domain);
  g_free (domain->config);
  domain->config = g_strdup (xml);
  if (state == VIR_DOMAIN_SHUTOFF)
    domain->reason = VIR_DOMAIN_SHUTOFF_SHUTDOWN;
  else
    umz_test_domain_turn_on (host, domain, xml, state,
                             state == VIR_DOMAIN_RUNNING ? (int) VIR_DOMAIN_RUNNING_BOOTED
                                                         : (int) VIR_DOMAIN_PAUSED_USER);
  umz_test_hosts_unlock ();
}

int64_t
umz_test_libvirt_arrive (const char *uri, const char *xml, int listener)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  UmzTestDomain *domain = umz_test_host_add (host, xml);
  g_assert_nonnull (domain);
  domain->listener = listener;
  umz_test_domain_turn_on (host, domain, xml, VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_MIGRATION);
  domain->listener = -1;
  int64_t pid = domain->pid;
  umz_test_hosts_unlock ();
  return pid;
}

void
umz_test_libvirt_set_state (const char *uri, const char *uuid, virDomainState state, int reason)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  UmzTestDomain *domain = umz_test_host_find (host, uuid);
  if (domain != NULL && domain->live != NULL) {
    domain->state = state;
    domain->reason = reason;
  }
  umz_test_hosts_unlock ();
}

void
umz_test_libvirt_set_autostart (const char *uri, const char *uuid)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  UmzTestDomain *domain = umz_test_host_find (host, uuid);
  g_assert_nonnull (domain);
  domain->is_autostart = true;
  umz_test_hosts_unlock ();
}

void
umz_test_libvirt_write_console (const char *uri, const char *uuid, const char *text)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  UmzTestDomain *domain = umz_test_host_find (host, uuid);
  g_assert_nonnull (domain);
  if (text != NULL)
    g_string_append (domain->console, text);
  else
    g_string_free (g_steal_pointer (&domain->console), TRUE);
  umz_test_hosts_unlock ();
}

/* A process that is stopped hears SIGTERM when it goes on; libvirt waits for it meanwhile. */
void
umz_test_libvirt_end_domain (const char *uri, const char *uuid, int reason)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  const UmzTestDomain *domain = umz_test_host_find (host, uuid);
  GPid pid = domain != NULL ? domain->pid : 0;
  umz_test_hosts_unlock ();
  if (pid == 0)
    return;
  kill (pid, SIGTERM);
  waitpid (pid, NULL, 0); /* unless somebody else has seen its end */
  g_mutex_lock (&umz_test_hosts.lock);
  UmzTestDomain *ended = umz_test_host_find (host, uuid);
  if (ended != NULL && ended->pid == pid) {
    ended->pid = 0;
    umz_test_domain_turn_off (host, ended, reason);
  }
  else if (ended != NULL && ended->state == VIR_DOMAIN_SHUTOFF)
    ended->reason = reason;
  umz_test_hosts_unlock ();
}

void
umz_test_libvirt_kill_domain (const char *uri, const char *uuid)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  const UmzTestDomain *domain = umz_test_host_find (host, uuid);
  if (domain != NULL && domain->pid != 0)
    kill (domain->pid, SIGKILL);
  umz_test_hosts_unlock ();
}

void
umz_test_libvirt_remove_device (const char *uri, const char *uuid, const char *mn)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  umz_test_domain_take_out (&umz_test_host_find (host, uuid)->live, mn);
  umz_test_hosts_unlock ();
}

void
umz_test_libvirt_set_migrate (UmzTestMigrate migrate, void *data)
{
  g_mutex_lock (&umz_test_hosts.lock);
  umz_test_hosts.migrate = migrate;
  umz_test_hosts.migrate_data = data;
  g_mutex_unlock (&umz_test_hosts.lock);
}

void
umz_test_libvirt_set_job (const char *uri, uint64_t total_bytes, uint64_t remaining_bytes,
                          uint64_t dirty_pages_per_s, uint64_t iteration)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  const uint64_t job[] = { total_bytes, remaining_bytes, dirty_pages_per_s, iteration };
  memcpy (host->job, job, sizeof job);
  umz_test_hosts_unlock ();
}

char *
umz_test_libvirt_take_failure (const char *uri, const char *name)
{
  UmzTestHost *host = umz_test_host_lock (uri);
  char *text = umz_test_host_take_failure (host, name);
  umz_test_hosts_unlock ();
  return text;
}

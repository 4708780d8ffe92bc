/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hypervisor/test-libvirt-private.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hypervisor/definition.h"
#include "hypervisor/device-xml.h"

#define LIVES_S "600" /* a process that a test leaves behind */

UmzTestHosts umz_test_hosts;

static void
end_process (UmzTestDomain *domain)
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
  UmzTestDomain *domain = data;
  end_process (domain);
  g_free (domain->uuid);
  g_free (domain->name);
  g_free (domain->config);
  g_free (domain->live);
  g_free (domain->leaving);
  if (domain->console != NULL)
    g_string_free (domain->console, TRUE);
  g_free (domain);
}

static void
free_failure (void *data)
{
  UmzTestFailure *failure = data;
  g_free (failure->function);
  g_free (failure->text);
  g_free (failure);
}

void
umz_test_host_free (void *data)
{
  UmzTestHost *host = data;
  g_ptr_array_unref (host->domains);
  g_ptr_array_unref (host->failures);
  g_string_free (host->calls, TRUE);
  g_free (host->uri);
  g_free (host->folder);
  g_free (host);
}

UmzTestHost *
umz_test_host_get (const char *uri)
{
  UmzTestHost *host = g_hash_table_lookup (umz_test_hosts.hosts, uri);
  if (host != NULL)
    return host;
  host = g_new0 (UmzTestHost, 1);
  host->uri = g_strdup (uri);
  g_autofree char *name = g_path_get_basename (uri);
  host->folder = g_build_filename (umz_test_hosts.folder, name, NULL);
  host->domains = g_ptr_array_new_with_free_func (free_domain);
  host->failures = g_ptr_array_new_with_free_func (free_failure);
  host->calls = g_string_new (NULL);
  g_assert_cmpint (g_mkdir_with_parents (host->folder, 0755), ==, 0);
  g_hash_table_insert (umz_test_hosts.hosts, host->uri, host);
  return host;
}

static char *
dup_pid_path (const UmzTestHost *host, const UmzTestDomain *domain)
{
  return g_strdup_printf ("%s/%s.pid", host->folder, domain->name);
}

void
umz_test_domain_turn_off (UmzTestHost *host, UmzTestDomain *domain, int reason)
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

UmzTestDomain *
umz_test_host_find (UmzTestHost *host, const char *uuid)
{
  for (guint i = 0; i < host->domains->len; i++) {
    UmzTestDomain *domain = host->domains->pdata[i];
    if (strcmp (domain->uuid, uuid) != 0)
      continue;
    if (domain->pid == 0 || is_alive (domain->pid))
      return domain;
    domain->pid = 0;
    umz_test_domain_turn_off (host, domain, VIR_DOMAIN_SHUTOFF_CRASHED);
    return umz_test_host_find (host, uuid);
  }
  return NULL;
}

UmzTestDomain *
umz_test_host_add (UmzTestHost *host, const char *xml)
{
  g_autoptr (UmzVm) vm = umz_definition_parse (xml, NULL);
  if (vm == NULL)
    return NULL;
  UmzTestDomain *domain = umz_test_host_find (host, vm->uuid);
  if (domain != NULL)
    return domain;
  domain = g_new0 (UmzTestDomain, 1);
  domain->console = g_string_new (NULL);
  domain->uuid = g_strdup (vm->uuid);
  domain->name = g_strdup (vm->name);
  domain->state = VIR_DOMAIN_SHUTOFF;
  domain->listener = -1;
  g_ptr_array_add (host->domains, domain);
  return domain;
}

/* The kernel notes who has listened last. */
static void
listen_as_child (void *data)
{
  const UmzTestDomain *domain = data;
  if (domain->listener >= 0 && listen (domain->listener, 1) != 0)
    _exit (126);
}

/* exec() closes what its parent waits for before the kernel shows the new command line. */
static bool
shows_name (GPid pid, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/cmdline", pid);
  g_autofree char *command = NULL;
  return g_file_get_contents (path, &command, NULL, NULL) && strcmp (command, name) == 0;
}

void
umz_test_domain_turn_on (UmzTestHost *host, UmzTestDomain *domain, const char *xml, int state,
                         int reason)
{
  g_autofree char *name = g_strconcat ("qemu-", domain->uuid, NULL);
  g_autofree char *pid_path = dup_pid_path (host, domain);
  char *command[] = { (char *) "/bin/sleep", name, (char *) LIVES_S, NULL };
  g_autoptr (GError) error = NULL;
  g_spawn_async (NULL, command, NULL, G_SPAWN_FILE_AND_ARGV_ZERO | G_SPAWN_DO_NOT_REAP_CHILD,
                 listen_as_child, domain, &domain->pid, &error);
  g_assert_no_error (error);
  while (!shows_name (domain->pid, name))
    g_thread_yield ();
  g_autofree char *pid = g_strdup_printf ("%d\n", domain->pid);
  g_assert_true (g_file_set_contents (pid_path, pid, -1, NULL));
  domain->live = g_strdup (xml);
  domain->state = state;
  domain->reason = reason;
}

UmzTestHost *
umz_test_host_lock (const char *uri)
{
  g_mutex_lock (&umz_test_hosts.lock);
  return umz_test_host_get (uri);
}

void
umz_test_hosts_unlock (void)
{
  g_mutex_unlock (&umz_test_hosts.lock);
}

void
umz_test_domain_take_out (char **xml, const char *mn)
{
  char *rest = *xml != NULL ? umz_xml_device_dup_without (*xml, mn) : NULL;
  g_free (*xml);
  *xml = rest;
}

void
umz_test_domain_put_in (char **xml, const char *device_xml)
{
  if (*xml == NULL)
    return;
  char *end = strstr (*xml, "</devices>");
  g_autofree char *begin = g_strndup (*xml, (size_t) (end - *xml));
  char *more = g_strconcat (begin, device_xml, end, NULL);
  g_free (*xml);
  *xml = more;
}

void
umz_test_domain_release (UmzTestDomain *domain)
{
  if (domain->leaving == NULL)
    return;
  umz_test_domain_take_out (&domain->live, domain->leaving);
  g_clear_pointer (&domain->leaving, g_free);
}

char *
umz_test_host_take_failure (UmzTestHost *host, const char *name)
{
  for (guint i = 0; i < host->failures->len; i++) {
    UmzTestFailure *failure = host->failures->pdata[i];
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

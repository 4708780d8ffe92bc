/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "messages/catalogue.h"

/* The number after `key` in a file of "Key:   number kB" lines. */
static bool
read_kib (const char *path, const char *key, uint64_t *ret_kib)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return false;
  const char *at = strstr (text, key);
  if (at == NULL)
    return false;
  *ret_kib = strtoull (at + strlen (key), NULL, 10);
  return true;
}

bool
umz_host_get_available_bytes (uint64_t *ret_bytes, GError **error)
{
  uint64_t kib;
  if (!read_kib ("/proc/meminfo", "MemAvailable:", &kib)) {
    umz_set_error (error, UMZ_MSG_UMZ0042, "/proc/meminfo", "no MemAvailable", NULL);
    return false;
  }
  *ret_bytes = kib * 1024;
  return true;
}

uint64_t
umz_host_get_resident_bytes (int64_t pid)
{
  uint64_t kib = 0;
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/status", pid);
  return read_kib (path, "VmRSS:", &kib) ? kib * 1024 : 0;
}

uint64_t
umz_host_get_memory_bytes (void)
{
  uint64_t kib = 0;
  return read_kib ("/proc/meminfo", "MemTotal:", &kib) ? kib * 1024 : 0;
}

/* Fields 14 and 15 of /proc/PID/stat, after the name in parentheses, which may hold anything. */
uint64_t
umz_host_get_cpu_us (int64_t pid)
{
  unsigned long user = 0, system = 0;
  g_autofree char *text = NULL;
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/stat", pid);
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  const char *rest = strrchr (text, ')');
  if (rest == NULL || sscanf (rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                              &system) != 2)
    return 0;
  return (user + system) * (G_USEC_PER_SEC / (uint64_t) sysconf (_SC_CLK_TCK));
}

char *
umz_host_dup_boot_id (void)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
    return g_strdup ("");
  return g_strdup (g_strstrip (text));
}

static char *
dup_line (const char *path)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return g_strdup ("");
  return g_strdup (g_strstrip (text));
}

char *
umz_host_dup_numa_nodes (void)
{
  return dup_line ("/sys/devices/system/node/online");
}

char *
umz_host_dup_cpus (void)
{
  return dup_line ("/sys/devices/system/cpu/online");
}

uint64_t
umz_host_get_free_huge_bytes (uint64_t page_kib)
{
  g_autofree char *path = g_strdup_printf (
    "/sys/kernel/mm/hugepages/hugepages-%" G_GUINT64_FORMAT "kB/free_hugepages", page_kib);
  g_autofree char *number = dup_line (path);
  return strtoull (number, NULL, 10) * page_kib * 1024;
}

/* Lines of "  0: 0100007F:1F90 00000000:0000 0A …": local address and port, the other's, state. */
bool
umz_host_has_listener (const char *table, unsigned port)
{
  g_auto (GStrv) lines = g_strsplit (table, "\n", 0);
  for (char **line = lines; *line != NULL; line++) {
    unsigned found, state;
    if (sscanf (*line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x", &found, &state) == 2 &&
        found == port && state == 0x0a)
      return true;
  }
  return false;
}

bool
umz_host_is_port_taken (unsigned port)
{
  static const char *const tables[] = { "/proc/net/tcp", "/proc/net/tcp6" };
  for (size_t i = 0; i < G_N_ELEMENTS (tables); i++) {
    g_autofree char *text = NULL;
    if (g_file_get_contents (tables[i], &text, NULL, NULL) && umz_host_has_listener (text, port))
      return true;
  }
  return false;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* host.h: facts of the host itself. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* MemAvailable of /proc/meminfo in bytes. */
bool umz_host_get_available_bytes (uint64_t *ret_bytes, GError **error);

/* Resident memory of a process in bytes; 0 if there is none. */
uint64_t umz_host_get_resident_bytes (int64_t pid);

/* CPU time that a process has used; 0 if there is none. */
uint64_t umz_host_get_cpu_us (int64_t pid);

/* MemTotal of /proc/meminfo in bytes; 0 if it is not there. */
uint64_t umz_host_get_memory_bytes (void);

/* The kernel's id of this boot; the caller frees it. */
char *umz_host_dup_boot_id (void);

/* What is online of them, "0-3,7"; "" if the kernel does not say.  The caller frees it. */
char *umz_host_dup_numa_nodes (void);
char *umz_host_dup_cpus (void);

/* Bytes in free huge pages of this size. */
uint64_t umz_host_get_free_huge_bytes (uint64_t page_kib);

/* Whether anything listens at this TCP port, and the same of the text of /proc/net/tcp or tcp6. */
bool umz_host_is_port_taken (unsigned port);
bool umz_host_has_listener (const char *table, unsigned port);

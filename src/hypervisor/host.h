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

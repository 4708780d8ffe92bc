/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hook.h: how libvirtd of this host is set up, and whether it calls our hook. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "model/facts.h"

/* Whether libvirtd, which listens on this socket, calls the hook of this fence. */
UmzHookState umz_host_get_hook_state (const char *libvirt_socket, const char *fence_dir);

/* The same as a function of times; 0: never. */
typedef struct {
  int64_t hook_us;     /* the hook was put there */
  int64_t libvirtd_us; /* libvirtd was started */
  int64_t called_us;   /* it called the hook */
} UmzHookTimes;
UmzHookState umz_host_judge_hook (bool is_executable, const UmzHookTimes *times);

/* Whether the hook, a program, says that it looks in this folder. */
bool umz_host_looks_hook_in (const char *hook, const char *fence_dir);

/* The socket tells which daemon it is. */
void umz_host_read_libvirt_settings (const char *libvirt_socket,
                                     UmzLibvirtSettings *ret_settings);

/* Whether libvirt can write another definition. */
bool umz_host_can_define (void);

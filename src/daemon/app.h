/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* app.h: the parts of umzugd and how they hang together. */
#pragma once

#include "arbiter/arbiter.h"
#include "config/config.h"
#include "engine/engine.h"
#include "hypervisor/hypervisor.h"
#include "store/store.h"

#define UMZ_VM_INDEX_MAX 99

typedef struct {
  UmzConfig *config;                       /* owned */
  UmzStore *store;                         /* owned */
  UmzHypervisor *hypervisor;               /* owned */
  UmzArbiter *arbiter;                     /* owned; NULL: there is none */
  UmzEngine *engine;                       /* owned */
  struct UmzSampler *sampler;              /* owned; of who looks at the VMs */
  struct UmzHerald *herald;                /* owned; of who tells the other SUs */
  struct UmzGuestConsoles *guest_consoles; /* owned */
  unsigned session;                        /* number of this start, for job variables */
  GMutex change_lock;                      /* one command changes VMs at a time */
  GMutex vms_lock;                         /* from looking at VMs to noting what was seen */
  GMutex room_lock;                        /* from looking whether a VM has room to taking it in */
  GMutex jv_lock;                          /* from reading a job variable to writing it back */
} UmzApp;

/* Reads the configuration (NULL: all defaults) and opens the store. */
UmzApp *umz_app_new (const char *config_path, GError **error);
void umz_app_free (UmzApp *app);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzApp, umz_app_free)

/* ---- monitor.c: who listens to the engine: console log and job variables ---- */

extern const UmzEngineListener umz_monitor; /* its data is the UmzApp */

/* Says something on this SU's console that belongs to no move; the notice is taken. */
void umz_monitor_say (UmzApp *app, UmzNotice *notice);

/* Writes a command's echo to the console log. */
void umz_monitor_echo (UmzApp *app, const char *text);

/* Whether the job variable can monitor a move: the password fits, and it monitors no other one. */
bool umz_monitor_can_use (UmzApp *app, const char *name, const char *password, GError **error);

/* Writes the status of a request that never became a move ($AF): what is known of it, else 0 or "".
 * A job variable that monitors a move by now is left alone.
 */
void umz_monitor_reject (UmzApp *app, const char *name, unsigned vm_index, const char *vm_name,
                         const char *target_su, const char *cause_code);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* app.h: the parts of an SU and how they hang together. */
#pragma once

#include "arbiter/arbiter.h"
#include "base/ticker.h"
#include "config/config.h"
#include "engine/engine.h"
#include "hypervisor/hypervisor.h"
#include "store/store.h"

typedef struct {
  UmzConfig *config;          /* owned */
  UmzStore *store;            /* owned */
  struct UmzBacklog *backlog; /* owned; of what the store is to take */
  UmzHypervisor *hypervisor;  /* owned */
  UmzArbiter *arbiter;        /* owned; NULL: there is none */
  UmzMirrors *mirrors;        /* owned; the guests' memory that moves leave */
  UmzEngine *engine;          /* owned */
  struct UmzSampler *sampler; /* owned; of who looks at the VMs */
  struct UmzHerald *herald;   /* owned; of who tells the other SUs */
  UmzTicker *tidier;          /* owned; NULL until umz_app_start() */
  int lock_fd;                /* owned; of the state folder, which is ours alone */
  unsigned session;           /* number of this start, for job variables */
  GMutex change_lock;         /* one command changes VMs at a time */
  GMutex vms_lock;            /* from looking at VMs to noting what was seen */
  GMutex admission_lock;      /* from looking whether a VM has room to taking it in */
  GMutex jv_lock;             /* from reading a job variable to writing it back */
} UmzApp;

/* Reads the configuration (NULL: all defaults) and opens the store. */
UmzApp *umz_app_new (const char *config_path, GError **error);

/* The same of a configuration, which is taken; pid_folder as for umz_hypervisor_new(). */
UmzApp *umz_app_new_from_config (UmzConfig *config, const char *pid_folder, GError **error);

/* Begins what an SU does by itself, all of it in threads. */
void umz_app_start (UmzApp *app);
void umz_app_free (UmzApp *app);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzApp, umz_app_free)

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* facts.h: what checks need to know beside the VM itself.  Who gathers them fills them once; after
 * that they are plain values.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* What the hypervisor is doing with an active domain at the moment; all zero of one that is not. */
typedef struct {
  char **blockers; /* owned; what QEMU says keeps it from moving the domain; NULL: nothing */
  unsigned n_snapshots;
  bool has_saved_state; /* virsh managedsave: the guest's memory in a file of this host */
  char *job;            /* owned; "BACKUP" and so on; NULL: none */
  char **block_jobs;    /* owned; mnemonic names of disks that have one; NULL: none */
  char **io_errors;     /* owned; mnemonic names of disks with an error; NULL: none */
} UmzDomainFacts;

void umz_model_domain_facts_clear (UmzDomainFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UmzDomainFacts, umz_model_domain_facts_clear)

typedef enum {
  UMZ_HOOK_ACTIVE,
  UMZ_HOOK_MISSING, /* it is not there, or cannot be executed */
  UMZ_HOOK_UNSEEN,  /* it came after libvirtd was started, which therefore does not call it */
  UMZ_HOOK_ASTRAY,  /* it looks for the fences in another folder than umzugd puts them up in */
} UmzHookState;

/* What of an SU is compared with the same of the other. */
typedef struct {
  int64_t time_us;           /* real time of its clock */
  unsigned libvirt_version;  /* 9000000: 9.0.0; 0: unknown */
  unsigned emulator_version; /* the same; of the VM's emulator */
} UmzPairFacts;

/* What libvirtd.conf and qemu.conf say. */
typedef struct {
  char *auth;           /* owned; auth_unix_rw */
  char *lock_manager;   /* owned; "" for none */
  unsigned max_queued;  /* 0: no limit */
  unsigned max_workers; /* calls that libvirtd answers at a time */
  bool has_dynamic_ownership;
} UmzLibvirtSettings;

void umz_model_libvirt_settings_clear (UmzLibvirtSettings *settings);

/* One SU, its libvirt and its emulator. */
typedef struct {
  UmzPairFacts pair;
  UmzLibvirtSettings settings;
  UmzHookState hook;
  int64_t certificate_left_s; /* until it expires; negative: it has */
  int64_t ca_left_s;          /* the same of the cluster's CA */
  char *arbiter_silence;      /* owned; why its arbiter does not answer; "": nothing to be told */
} UmzSuFacts;

void umz_model_su_facts_clear (UmzSuFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UmzSuFacts, umz_model_su_facts_clear)

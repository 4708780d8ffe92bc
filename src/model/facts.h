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

void umz_domain_facts_clear (UmzDomainFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UmzDomainFacts, umz_domain_facts_clear)

typedef enum {
  UMZ_HOOK_ACTIVE,
  UMZ_HOOK_MISSING, /* it is not there, or cannot be executed */
  UMZ_HOOK_UNSEEN,  /* it came after libvirtd was started, which therefore does not call it */
} UmzHookState;

/* One SU, its libvirt and its emulator. */
typedef struct {
  int64_t time_us;            /* real time of its clock */
  unsigned libvirt_version;   /* 9000000: 9.0.0; 0: unknown */
  unsigned emulator_version;  /* the same; of the VM's emulator */
  int64_t certificate_left_s; /* until it expires; negative: it has */
  UmzHookState hook;
  char *libvirt_auth;  /* owned; auth_unix_rw */
  unsigned max_queued; /* 0: no limit */
  char *lock_manager;  /* owned; "" for none */
  bool has_dynamic_ownership;
  char *arbiter_silence; /* owned; why its arbiter does not answer; "": it does, or there is none */
} UmzSuFacts;

void umz_su_facts_clear (UmzSuFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UmzSuFacts, umz_su_facts_clear)

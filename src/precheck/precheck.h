/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* precheck.h: what stands against a move, found before anything is touched.
 *
 * A check is a function from facts to findings; it asks nobody and changes nothing.  All of them
 * run, so that the operator sees everything at once.  One check, one file.
 *
 * A finding is a message.  One of severity ERROR is a conflict, the reason of a VMS2401 or VMS2404;
 * one of severity WARNING does not stop the move and is the reason of a VMS2470, unless it is one
 * that names the VM itself (VMS2471).
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "messages/catalogue.h"
#include "model/facts.h"
#include "model/vm.h"

/* A disk of the VM as the target SU reaches it. */
typedef struct {
  uint64_t size_bytes;          /* 0: it does not */
  const char *identity;         /* NULL: not asked for */
  const UmzNotice *cannot_open; /* UMZ0151; NULL: QEMU's user can */
} UmzDiskFacts;

/* What is true of the target SU when a VM wants to come.  Lists end with NULL or are NULL. */
typedef struct {
  const char *su_name;
  const UmzSuFacts *su;
  bool is_active;          /* the SU cluster, there */
  bool can_define;         /* its libvirt can write definitions */
  const GPtrArray *vms;    /* UmzVm, the domains that are there */
  const char *index_owner; /* UUID of the VM that has the wanted index there, or NULL */
  unsigned n_indexes_free;
  uint64_t available_bytes; /* of memory, as the kernel sees it */
  uint64_t reserve_bytes;   /* that are never given away */
  uint64_t promised_bytes;  /* what guests there, running or arriving, may still touch */
  uint64_t free_huge_bytes; /* in free pages of the VM's size */
  const char *numa_nodes;   /* "0-1" */
  const char *cpus;         /* the same of CPUs */
  bool has_emulator, has_machine;
  char *const *cpu_models;   /* usable ones */
  char *const *cpu_features; /* of the best CPU there; empty: not known */
  char **missing_files;      /* those of the VM's files that are not there */
  char **taken_ports;        /* those of the VM's fixed ports that others listen at */
  bool has_tpm_emulator;
  const UmzDiskFacts *disks; /* of each device of the VM */
  const bool *has_network;   /* the same: whether its network is there */
} UmzTargetFacts;

/* What is true of the source SU. */
typedef struct {
  const char *su_name, *target_su;
  const UmzSuFacts *su;
  const UmzDomainFacts *domain;
  bool is_tpm_state_shared;   /* states of TPMs lie on a network file system */
  uint64_t link_bytes_per_s;  /* to the target SU, as last measured; 0: not known */
  uint64_t dirty_bytes_per_s; /* how fast the VM changes its memory; 0: not known */
} UmzSourceFacts;

/* Appends each finding as an UmzNotice. */
void umz_precheck_source (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings);
/* Only whether the VM's place is free: memory, name, index, and disks that nobody else holds. */
void umz_precheck_room (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);
void umz_precheck_target (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* What of a definition would stay behind. */
void umz_precheck_definition_here (const UmzVm *vm, const UmzSourceFacts *facts,
                                   GPtrArray *findings);

/* What stands against a definition: it takes nothing but its name, UUID and index. */
void umz_precheck_definition (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* The two SUs side by side: UMZ0167, UMZ0168. */
void umz_precheck_pair (const UmzSuFacts *source, const UmzSuFacts *target, GPtrArray *findings);

/* Whether one of the findings is a conflict. */
bool umz_precheck_has_conflict (const GPtrArray *findings);

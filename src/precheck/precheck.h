/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* precheck.h: what stands against a move, found before anything is touched.
 *
 * A check is a function from facts to findings; it asks nobody and changes nothing.  All of them
 * run, so that the operator sees everything at once.  Those of one subject stand in one file, which
 * ends with the order in which they run: source-checks.c, target-checks.c, su-checks.c.
 *
 * The type of its facts says what a check may read.  Whoever has a type judged has filled all of
 * it; of what is asked only now and then there is a type of its own, inside the larger one:
 *
 *   UmzNameFacts ⊂ UmzRoomFacts ⊂ UmzTargetFacts     UmzDomainFacts ⊂ UmzSourceFacts
 *   UmzPairFacts ⊂ UmzSuFacts
 *
 * So a check cannot run where nobody has gathered what it reads: it would not compile.
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

/* ---- each SU ---- */

/* Appends each finding as an UmzNotice, as all functions here do. */
void umz_precheck_su (const UmzSuFacts *su, const char *su_name, GPtrArray *findings);

/* The two SUs side by side: UMZ0167, UMZ0168. */
void umz_precheck_pair (const UmzPairFacts *source, const UmzPairFacts *target,
                        GPtrArray *findings);

/* ---- the VM on its SU ---- */

typedef struct {
  const char *su_name, *target_su; /* borrowed, as su */
  const UmzSuFacts *su;
  UmzDomainFacts domain;      /* owned */
  bool is_tpm_state_shared;   /* states of TPMs lie on a network file system */
  uint64_t link_bytes_per_s;  /* to the target SU, as last measured; 0: not known */
  uint64_t dirty_bytes_per_s; /* how fast the VM changes its memory; 0: not known */
} UmzSourceFacts;

void umz_precheck_source_facts_clear (UmzSourceFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UmzSourceFacts, umz_precheck_source_facts_clear)

void umz_precheck_source (const UmzVm *vm, const UmzSourceFacts *facts, GPtrArray *findings);

/* What of a definition would stay behind. */
void umz_precheck_definition_here (const UmzVm *vm, const UmzDomainFacts *domain,
                                   GPtrArray *findings);

/* ---- the SU that it wants to come to ---- */

/* Who has its names there. */
typedef struct {
  GPtrArray *vms;    /* owned; UmzVm, the domains that are there */
  char *index_owner; /* owned; UUID of the VM that has the wanted index there, or NULL */
  unsigned n_indexes_free;
} UmzNameFacts;

void umz_precheck_name_facts_clear (UmzNameFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UmzNameFacts, umz_precheck_name_facts_clear)

/* What others can take meanwhile. */
typedef struct {
  UmzNameFacts names;
  uint64_t available_bytes; /* of memory, as the kernel sees it */
  uint64_t reserve_bytes;   /* that are never given away */
  uint64_t promised_bytes;  /* what guests there, running or arriving, may still touch */
  uint64_t free_huge_bytes; /* in free pages of the VM's size */
} UmzRoomFacts;

void umz_precheck_room_facts_clear (UmzRoomFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UmzRoomFacts, umz_precheck_room_facts_clear)

/* A device of the VM there: a disk, as far as it is reached, or a LAN device. */
typedef struct {
  bool is_unexamined;     /* nothing is known of this kind of storage there */
  uint64_t size_bytes;    /* 0: it is not reached */
  char *identity;         /* owned; NULL: not asked for */
  UmzNotice *cannot_open; /* owned; UMZ0151; NULL: QEMU's user can */
  bool has_network;
} UmzDeviceFacts;

/* Lists end with NULL or are NULL. */
typedef struct {
  const char *su_name; /* borrowed, as su */
  const UmzSuFacts *su;
  UmzRoomFacts room;
  bool is_active;          /* the SU cluster, there */
  bool can_define;         /* its libvirt can write definitions */
  char *numa_nodes;        /* owned, as what follows; "0-1" */
  char *cpus;              /* the same of CPUs */
  char **cpu_models;       /* usable ones */
  char **cpu_features;     /* of the best CPU there; empty: not known */
  char **missing_files;    /* those of the VM's files that are not there */
  char **taken_ports;      /* those of the VM's fixed ports that others listen at */
  UmzDeviceFacts *devices; /* one for each device of the VM */
  guint n_devices;
  bool has_emulator, has_machine, has_tpm_emulator;
} UmzTargetFacts;

void umz_precheck_target_facts_clear (UmzTargetFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UmzTargetFacts, umz_precheck_target_facts_clear)

void umz_precheck_target (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings);

/* Only whether the VM's place is free: memory, name, index, and disks that nobody else holds. */
void umz_precheck_room (const UmzVm *vm, const UmzRoomFacts *facts, GPtrArray *findings);

/* What stands against a definition: it takes nothing but its name, UUID and index. */
void umz_precheck_definition (const UmzVm *vm, const UmzNameFacts *facts, GPtrArray *findings);

/* ---- findings ---- */

/* Whether one of them is a conflict. */
bool umz_precheck_has_conflict (const GPtrArray *findings);

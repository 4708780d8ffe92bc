/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vms.h: what the SU knows of its VMs and libvirt does not, by domain UUID (text form). */
#pragma once

#include "store/store.h"

/* What libvirt cannot tell about a VM. */
typedef enum {
  UMZ_LIFE_NONE,      /* nothing is known of it */
  UMZ_LIFE_INIT_ONLY, /* made by ACTIVATE-VM-DEFINITION and never run */
  UMZ_LIFE_RAN,       /* was seen running or held; when it ends, it is DOWN */
  UMZ_LIFE_DELETED,   /* by DELETE-VM: only its definition is there */
} UmzLife;

typedef struct {
  unsigned index;      /* 0: none */
  bool is_index_fixed; /* by MODIFY-VM-DEFINITION; stays when the VM is deleted */
  UmzLife life;
  bool must_run;  /* it was paused when QEMU gave away its disks, and has not run since */
  uint64_t epoch; /* of its last move; 0: it never moved */
} UmzVmRecord;

/* All zero if nothing is known of the VM. */
bool umz_store_get_vm (UmzStore *store, const char *uuid, UmzVmRecord *ret_record, GError **error);

/* The VM's index; the next free one of 2..max is given when it has none yet. */
bool umz_store_get_index (UmzStore *store, const char *uuid, uint64_t max, unsigned *ret_index,
                          GError **error);

/* Fails when another VM has the index. */
bool umz_store_set_index (UmzStore *store, const char *uuid, unsigned index, GError **error);

/* The same for as long as there is a definition.  0: it has none until it is given one. */
bool umz_store_fix_index (UmzStore *store, const char *uuid, unsigned index, GError **error);

bool umz_store_set_life (UmzStore *store, const char *uuid, UmzLife life, GError **error);

/* UmzVmRecord.must_run, until it has run. */
bool umz_store_note_must_run (UmzStore *store, const char *uuid, GError **error);
bool umz_store_note_has_run (UmzStore *store, const char *uuid, GError **error);

/* The VM is gone from this SU; its epoch is kept. */
bool umz_store_forget_vm (UmzStore *store, const char *uuid, GError **error);

/* The VM is gone, and its definition is there: an index that was fixed is kept. */
bool umz_store_delete_vm (UmzStore *store, const char *uuid, GError **error);

/* UUIDs of all that have an index; owned, text. */
GPtrArray *umz_store_list_indexed (UmzStore *store, GError **error);

/* To be called at each start: no VM outlives a restart of the SU itself. */
bool umz_store_see_boot (UmzStore *store, const char *boot_id, GError **error);

/* The UUID of the VM with this index, or NULL if there is none. */
bool umz_store_dup_uuid (UmzStore *store, unsigned index, char **ret_uuid, GError **error);

/* Epochs grow with every attempt to move a VM, on whichever SU: an order from an older attempt is
 * known by its smaller number.  new_epoch gives the next one; see_epoch notes one given elsewhere
 * and fails with UMZ0247, which has the largest one known, if it is not larger than all before.
 */
bool umz_store_new_epoch (UmzStore *store, const char *uuid, uint64_t *ret_epoch, GError **error);
bool umz_store_see_epoch (UmzStore *store, const char *uuid, uint64_t epoch, GError **error);

/* For a VM that has come otherwise: its epochs go on from there, unless they are beyond it. */
bool umz_store_raise_epoch (UmzStore *store, const char *uuid, uint64_t epoch, GError **error);

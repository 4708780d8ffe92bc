/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vm.h: a VM and its devices as facts: what was true of a libvirt domain when it was looked at.
 *
 * Facts are plain values.  The hypervisor room fills them, checks compare them, and they travel to
 * the other SU as JSON.
 */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdint.h>

#define UMZ_EPOCH_MAX (INT64_MAX / 2) /* that anybody has to be believed */

typedef enum {
  UMZ_VM_STATE_DOWN, /* has ended; of the hypervisor room: is not active */
  UMZ_VM_STATE_RUNNING,
  UMZ_VM_STATE_IN_HOLD, /* paused */
  /* Two that libvirt cannot tell from the others; see su/vms.h. */
  UMZ_VM_STATE_INIT_ONLY,    /* paused, and has never run */
  UMZ_VM_STATE_DEFINED_ONLY, /* not initialised: takes neither memory nor devices */
} UmzVmState;

typedef enum {
  UMZ_DEVICE_DISK,
  UMZ_DEVICE_CONSOLE,
  UMZ_DEVICE_LAN,
  UMZ_DEVICE_HOST, /* belongs to this host: USB, PCI, SCSI generic */
  UMZ_DEVICE_CD,   /* a drive for a medium that can be taken out: CD, floppy */
} UmzDeviceKind;

typedef struct {
  char *mn;     /* mnemonic name: "FAA4", "CS", "VDA" */
  char *target; /* of a disk or CD: "vda", libvirt's name for it; not sent to another SU */
  UmzDeviceKind kind;
  bool is_shared; /* TYPE=SD */
  bool is_read_only;
  bool is_boot;       /* a disk or CD that the guest boots from */
  bool is_alias;      /* a host device with a teaming partner, which does its work meanwhile */
  bool is_detachable; /* the hypervisor can take it away from a running guest */
  char *source;       /* of a disk: "nbd://host:port/export", "file:/path", …; of a CD too, and
                       * "" without a medium; else "" */
  char **backing;     /* sources of the images below it, "file:/base.qcow2"; mostly none */
  char *cache;        /* of a disk: "none", "unsafe", …; "" when the definition names none */
  char *network;      /* of a LAN device: "bridge:br0", "network:default", "direct:eth0", else "" */

  /* Of a disk or CD, as the SU that looked reaches it; see host/storage.h. */
  bool is_unexamined;  /* it is storage of a kind that the SU knows nothing about */
  bool is_local;       /* no other host reaches the same bytes */
  uint64_t size_bytes; /* 0 when it cannot be reached */
  char *identity;      /* what tells two disks under one name apart; "" when nothing does */
} UmzDevice;

typedef struct {
  char *name;
  char *uuid;          /* text form, lower case */
  unsigned index;      /* 0 until one is known */
  bool is_index_fixed; /* by MODIFY-VM-DEFINITION */
  UmzVmState state;
  bool must_run;  /* before it can be moved again: see UMZ0201; not sent */
  bool has_ended; /* DOWN of the hypervisor room: it ran since libvirtd was started; not sent */
  bool is_persistent;
  uint64_t memory_bytes; /* the most that the guest may touch */
  unsigned n_vcpus;
  uint64_t current_memory_bytes; /* what the guest has of it; not sent to another SU */
  char *boot;                    /* "hd", "kernel", "order"; not sent to another SU */
  bool is_autostart;             /* not sent to another SU */
  uint64_t epoch;                /* of its last move, by its definition; 0: none; not sent */
  char *cpu_pool;                /* libvirt's resource partition, or "*STDPOOL" */
  unsigned max_io_percent;       /* block I/O weight; 100 when the definition names none */
  char *virt_type;               /* "kvm" or "qemu" */
  char *arch;                    /* "s390x" */
  char *machine;                 /* "s390-ccw-virtio-7.2" */
  char *emulator;
  char *cpu_model; /* "" when the definition names none */

  /* What it asks of its host. */
  char **cpu_features;    /* all that its CPU has, if its SU could tell, else empty */
  char **files;           /* paths that the emulator opens at its start: kernel, loader … */
  char **graphics_ports;  /* decimal; those that the definition fixes */
  char *numa_nodes;       /* "0-1,3"; "" when it is bound to none */
  char *pinned_cpus;      /* the same of the host's CPUs */
  uint64_t huge_page_kib; /* its memory consists of pages of this size; 0: ordinary ones */
  bool has_tpm;           /* an emulated one */
  bool may_block;         /* parts of it may keep QEMU from moving it; not sent */

  GPtrArray *devices; /* UmzDevice, owned, in VM2000's order */
} UmzVm;

UmzVm *umz_vm_new (void);
void umz_vm_free (UmzVm *vm);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzVm, umz_vm_free)

/* "DISK" and so on; lives for ever. */
const char *umz_device_kind_name (UmzDeviceKind kind);

UmzDevice *umz_device_new (const char *mn, UmzDeviceKind kind);
void umz_device_free (UmzDevice *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzDevice, umz_device_free)

/* Whether it is a disk, or a CD with a medium. */
bool umz_device_has_storage (const UmzDevice *device);

/* VM2000's order: names of two characters first, then the longer ones, each ascending. */
void umz_vm_sort_devices (UmzVm *vm);

/* Whether it has a device of this mnemonic name. */
bool umz_vm_has_device (const UmzVm *vm, const char *mn);

/* "(12,VM12PROD)", the insert that names a VM in every message. */
char *umz_vm_label (unsigned index, const char *name);

/* As SHOW-VM-ATTRIBUTES shows it: "RUNNING", "IN HOLD", "DOWN", "INIT-ONLY", "DEFINED-ONLY". */
const char *umz_vm_state_name (UmzVmState state);

/* False if the text names no state. */
bool umz_vm_state_parse (const char *text, UmzVmState *ret_state);

/* Whether a VM in this state has a QEMU process; and whether it has a memory that is worth
 * something: one that is INIT-ONLY has not run yet.
 */
bool umz_vm_state_has_qemu (UmzVmState state);
bool umz_vm_state_has_memory (UmzVmState state);

JsonNode *umz_vm_to_json (const UmzVm *vm);

/* What is not known of it is "" in the copy. */
UmzVm *umz_vm_copy (const UmzVm *vm);

/* From another SU: NULL with UMZ0310 if a member is missing, of another type or out of range. */
UmzVm *umz_vm_from_json (JsonNode *node, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hypervisor.h: libvirt behind the few verbs that Umzug needs.
 *
 * Every call blocks until libvirt has answered, which can be long: call them from a worker thread,
 * never from the main loop.  A libvirtd that says nothing any more fails them after some 20 s, all
 * but umz_hypervisor_migrate().  They may be called from several threads at once.  A libvirtd that
 * was restarted is connected to anew.  Errors of libvirt are UMZ0122 with its text.  A domain is
 * named by its UUID in text form.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "model/vm.h"

typedef struct UmzHypervisor UmzHypervisor;

/* pid_folder: where libvirt's QEMU driver keeps a PID file for each domain. */
#define UMZ_HYPERVISOR_PID_FOLDER "/run/libvirt/qemu"
UmzHypervisor *umz_hypervisor_new (const char *uri, const char *pid_folder);
void umz_hypervisor_free (UmzHypervisor *hypervisor);

/* The same libvirt over a connection of its own, which waits for nothing that is asked over
 * another one.
 */
UmzHypervisor *umz_hypervisor_new_beside (const UmzHypervisor *hypervisor);

/* Gives up the connection until it is needed again. */
void umz_hypervisor_disconnect (UmzHypervisor *hypervisor);

/* ---- looking ---- */

/* All domains, active or not; the index of each is 0. */
bool umz_hypervisor_list (UmzHypervisor *hypervisor, GPtrArray **ret_vms, GError **error);

/* One domain, or NULL if there is none; false: that could not be found out. */
bool umz_hypervisor_find (UmzHypervisor *hypervisor, const char *uuid, UmzVm **ret_vm,
                          GError **error);

/* Whether the domain is there and has a QEMU. */
bool umz_hypervisor_is_active (UmzHypervisor *hypervisor, const char *uuid, bool *ret_is_active,
                               GError **error);

/* Looks at the state of one domain, often and without waiting for anybody: libvirt is asked over a
 * connection of its own, and QEMU is not asked.  NULL: libvirt does not answer, or has no such
 * domain.
 */
typedef struct UmzStateProbe UmzStateProbe;
UmzStateProbe *umz_hypervisor_probe_new (UmzHypervisor *hypervisor, const char *uuid);
void umz_hypervisor_probe_free (UmzStateProbe *probe);
bool umz_hypervisor_probe_is_paused (UmzStateProbe *probe);

/* The domain's XML as it is now. */
char *umz_hypervisor_dup_xml (UmzHypervisor *hypervisor, const char *uuid, GError **error);

/* The domain's XML as another host can take it: of the inactive, persistent configuration. */
char *umz_hypervisor_dup_definition (UmzHypervisor *hypervisor, const char *uuid, GError **error);

/* PID of the QEMU of an active domain.  Checked: the process carries the domain's UUID. */
bool umz_hypervisor_get_pid (UmzHypervisor *hypervisor, const char *name, const char *uuid,
                             int64_t *ret_pid, GError **error);

/* ---- moving ---- */

typedef struct {
  const char *connection_uri; /* of the target's libvirt, as libvirtd here reaches it */
  const char *memory_uri;     /* unix:///path */
  bool slows_guest;           /* if it changes more than is sent (libvirt's AUTO_CONVERGE) */
} UmzMigration;

/* Runs libvirt's peer-to-peer migration to its end; the copy arrives paused. */
bool umz_hypervisor_migrate (UmzHypervisor *hypervisor, const char *uuid,
                             const UmzMigration *migration, GError **error);

typedef struct {
  bool is_active; /* false: no job, the rest is 0 */
  uint64_t memory_total_bytes;
  uint64_t memory_processed_bytes;
  uint64_t memory_remaining_bytes;
  uint64_t memory_bytes_per_s;
  uint64_t dirty_pages_per_s;
  uint64_t iteration; /* QEMU's round of the copy, from 1; 0: none yet */
} UmzJobStats;

bool umz_hypervisor_get_job (UmzHypervisor *hypervisor, const char *uuid, UmzJobStats *ret_stats,
                             GError **error);

/* ---- changing ---- */

/* The defined domain; held: paused from its first instruction on. */
bool umz_hypervisor_start (UmzHypervisor *hypervisor, const char *uuid, GError **error);
bool umz_hypervisor_start_held (UmzHypervisor *hypervisor, const char *uuid, GError **error);

/* While it is migrated: how long it may stand still for the rest of its memory. */
bool umz_hypervisor_permit_suspension (UmzHypervisor *hypervisor, const char *uuid,
                                       uint64_t time_us, GError **error);

/* Asks the guest to shut down and does not wait for it. */
bool umz_hypervisor_shutdown (UmzHypervisor *hypervisor, const char *uuid, GError **error);

bool umz_hypervisor_suspend (UmzHypervisor *hypervisor, const char *uuid, GError **error);

/* Whether libvirt answers, has seen the domain paused, as by its arrival, and nothing else, and is
 * not doing anything with it.  It need not ask QEMU for that.
 */
bool umz_hypervisor_is_as_it_arrived (UmzHypervisor *hypervisor, const char *uuid);

/* On failure *ret_never_ran (may be NULL) says whether it is certain that the guest still is as it
 * was before the call: paused as by its arrival, and seen so over the very connection that failed.
 */
bool umz_hypervisor_resume (UmzHypervisor *hypervisor, const char *uuid, bool *ret_never_ran,
                            GError **error);
bool umz_hypervisor_define (UmzHypervisor *hypervisor, const char *xml, GError **error);

/* Gives the domain the device of this XML (see device-xml.h), now and in its definition. */
bool umz_hypervisor_attach (UmzHypervisor *hypervisor, const char *uuid, const char *device_xml,
                            GError **error);

/* The same for the guest that runs only; its definition is left alone. */
bool umz_hypervisor_attach_live (UmzHypervisor *hypervisor, const char *uuid,
                                 const char *device_xml, GError **error);

/* Asks the guest that runs to release a device of its live XML, and does not wait for it. */
bool umz_hypervisor_detach_live (UmzHypervisor *hypervisor, const char *uuid,
                                 const char *device_xml, GError **error);

/* Whether the domain, as it is now, has the device; false too if there is no such domain. */
bool umz_hypervisor_has_device (UmzHypervisor *hypervisor, const char *uuid, const char *mn,
                                bool *ret_has, GError **error);

/* Puts the medium of this element into the CD drive of the guest that runs; none: takes it out. */
bool umz_hypervisor_set_medium (UmzHypervisor *hypervisor, const char *uuid, const char *cd_xml,
                                GError **error);

/* Takes a device away from the domain, now and then in its definition.  Of a running guest its
 * release is awaited, at most timeout_ms; *ret_is_gone says whether it came.  If not, the
 * definition has the device still; the guest may release it later.
 */
bool umz_hypervisor_detach (UmzHypervisor *hypervisor, const char *uuid, const char *mn,
                            unsigned timeout_ms, bool *ret_is_gone, GError **error);

/* Has QEMU estimate how fast the guest changes its memory, for one second from now, and gives the
 * last estimate; false: there is none.  Neither while the domain moves.
 */
bool umz_hypervisor_measure_dirty_rate (UmzHypervisor *hypervisor, const char *uuid,
                                        GError **error);
bool umz_hypervisor_get_dirty_rate (UmzHypervisor *hypervisor, const char *uuid,
                                    uint64_t *ret_mib_per_s);

/* Ends the QEMU of a domain; true too if there is none. */
bool umz_hypervisor_destroy (UmzHypervisor *hypervisor, const char *uuid, GError **error);

/* Removes the persistent configuration, keeping NVRAM and TPM files; true too if there is none. */
bool umz_hypervisor_undefine (UmzHypervisor *hypervisor, const char *uuid, GError **error);

/* Writes the epoch of the last move into the definition's metadata. */
bool umz_hypervisor_set_epoch (UmzHypervisor *hypervisor, const char *uuid, uint64_t epoch,
                               GError **error);

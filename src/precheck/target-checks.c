/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target-checks.c: what on another SU keeps a VM from coming to it.
 *
 * In three circles, by what has been gathered: a definition takes a name, a UUID and an index; a VM
 * that is taken in takes room; and a VM that is only asked about has all of the SU looked at.
 */
#include "precheck/precheck.h"

#include <string.h>

#include "messages/catalogue.h"
#include "model/device-rule.h"

#define NUMBERS_MAX 8192

/* ---- names ---- */

/* Name VMS4013, index VMS4012 and VMS2311, UUID UMZ0112. */
static void
check_identity (const UmzVm *vm, const UmzNameFacts *facts, GPtrArray *findings)
{
  for (guint i = 0; i < facts->vms->len; i++) {
    const UmzVm *other = facts->vms->pdata[i];
    if (strcmp (other->uuid, vm->uuid) == 0)
      g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0112, vm->uuid, other->name, NULL));
    else if (strcmp (other->name, vm->name) == 0)
      g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS4013, vm->name, NULL));
  }
  if (facts->index_owner != NULL && strcmp (facts->index_owner, vm->uuid) != 0) {
    g_autofree char *index = g_strdup_printf ("%u", vm->index);
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS4012, index, NULL));
    if (facts->n_indexes_free == 0)
      g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS2311, NULL));
  }
}

/* ---- room ---- */

/* UMZ0157.  Huge pages are set aside by the host and no part of what is available. */
static void
check_huge_pages (const UmzVm *vm, const UmzRoomFacts *facts, GPtrArray *findings)
{
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, vm->huge_page_kib);
  g_autofree char *needed =
    g_strdup_printf ("%" G_GUINT64_FORMAT, vm->memory_bytes / (1024 * 1024));
  g_autofree char *there =
    g_strdup_printf ("%" G_GUINT64_FORMAT, facts->free_huge_bytes / (1024 * 1024));
  if (facts->free_huge_bytes < vm->memory_bytes)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0157, size, needed, there, NULL));
}

/* VMS4011 */
static void
check_memory (const UmzVm *vm, const UmzRoomFacts *facts, GPtrArray *findings)
{
  if (vm->huge_page_kib > 0) {
    check_huge_pages (vm, facts, findings);
    return;
  }
  uint64_t taken = facts->reserve_bytes + facts->promised_bytes;
  uint64_t free_bytes = facts->available_bytes > taken ? facts->available_bytes - taken : 0;
  g_autofree char *label = umz_vm_label (vm->index, vm->name);
  if (vm->memory_bytes > free_bytes)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS4011, label, NULL));
}

/* Whether an initialised VM of the target has the disk, and one of both insists on having it alone.
 */
static bool
is_held (const UmzDevice *disk, const GPtrArray *vms)
{
  for (guint i = 0; i < vms->len; i++) {
    const UmzVm *vm = vms->pdata[i];
    for (guint k = 0; vm->state != UMZ_VM_STATE_DEFINED_ONLY && k < vm->devices->len; k++) {
      const UmzDevice *other = vm->devices->pdata[k];
      bool may_share =
        (disk->is_shared && other->is_shared) || (disk->is_read_only && other->is_read_only);
      if (umz_device_has_storage (other) && strcmp (other->source, disk->source) == 0 && !may_share)
        return true;
    }
  }
  return false;
}

/* VMS2437 */
static void
check_holders (const UmzVm *vm, const UmzRoomFacts *facts, GPtrArray *findings)
{
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *disk = vm->devices->pdata[i];
    if (umz_device_has_storage (disk) && umz_device_get_rule (disk) == UMZ_DEVICE_RULE_TRAVELS &&
        is_held (disk, facts->names.vms))
      g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS2437, disk->mn, NULL));
  }
}

/* ---- the SU ---- */

/* VMS2402, VMS2331 */
static void
check_cluster (const UmzTargetFacts *facts, GPtrArray *findings)
{
  if (!facts->is_active)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS2402, facts->su_name, NULL));
  if (!facts->can_define)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_VMS2331, facts->su_name, NULL));
}

/* UMZ0163.  The source's libvirtd connects to the target's as nobody in particular: it has no
 * password.
 */
static void
check_auth (const UmzTargetFacts *facts, GPtrArray *findings)
{
  const char *auth = facts->su->settings.auth;
  if (strcmp (auth, "sasl") == 0)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0163, facts->su_name, auth, NULL));
}

/* Marks the numbers of "0-3,^2,7".  What is no such text marks nothing. */
static void
mark (const char *text, bool *numbers)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", 0);
  for (char **part = parts; *part != NULL; part++) {
    char *end;
    const char *begin = g_strstrip (*part) + ((*part)[0] == '^' ? 1 : 0);
    guint64 first = g_ascii_strtoull (begin, &end, 10), last = first;
    if (end == begin)
      continue;
    if (*end == '-')
      last = g_ascii_strtoull (end + 1, NULL, 10);
    for (guint64 i = first; i <= last && i < NUMBERS_MAX; i++)
      numbers[i] = (*part)[0] != '^';
  }
}

/* The first number that is wanted and not there, or NULL. */
static char *
find_missing (const char *wanted, const char *present)
{
  g_autofree bool *wants = g_new0 (bool, NUMBERS_MAX), *has = g_new0 (bool, NUMBERS_MAX);
  mark (wanted, wants);
  mark (present, has);
  for (unsigned i = 0; i < NUMBERS_MAX; i++)
    if (wants[i] && !has[i])
      return g_strdup_printf ("%u", i);
  return NULL;
}

/* UMZ0156 */
static void
check_numa (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  g_autofree char *node = find_missing (vm->numa_nodes, facts->numa_nodes);
  g_autofree char *cpu = find_missing (vm->pinned_cpus, facts->cpus);
  if (node != NULL)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0156, "NUMA-NODE", node, NULL));
  if (cpu != NULL)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0156, "CPU", cpu, NULL));
}

/* UMZ0158 */
static void
check_files (const UmzTargetFacts *facts, GPtrArray *findings)
{
  for (char **path = facts->missing_files; path != NULL && *path != NULL; path++)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0158, *path, NULL));
}

/* UMZ0160 */
static void
check_graphics (const UmzTargetFacts *facts, GPtrArray *findings)
{
  for (char **port = facts->taken_ports; port != NULL && *port != NULL; port++)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0160, *port, NULL));
}

/* ---- the machine ---- */

/* UMZ0103, UMZ0107 */
static void
check_machine (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  if (!facts->has_emulator)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0103, vm->arch, vm->emulator, NULL));
  else if (!facts->has_machine)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0107, vm->machine, NULL));
}

/* UMZ0159 */
static void
check_tpm_emulator (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  if (vm->has_tpm && !facts->has_tpm_emulator)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0159, NULL));
}

#define SHOWN_MAX 20

/* It is never in the best CPU, because it travels only with a fixed frequency: UMZ0113. */
#define JUDGED_BY_QEMU "invtsc"

static bool
has (char *const *list, const char *name)
{
  return list != NULL && g_strv_contains ((const char *const *) list, name);
}

/* "a b c", the first SHOWN_MAX of what `wanted` has and `present` (NULL: nothing) has not. */
static char *
join_missing (char *const *wanted, char *const *present)
{
  GString *text = g_string_new (NULL);
  unsigned n = 0;
  for (; wanted != NULL && *wanted != NULL; wanted++)
    if (!has (present, *wanted) && strcmp (*wanted, JUDGED_BY_QEMU) != 0 && n++ < SHOWN_MAX)
      g_string_append_printf (text, "%s%s", n > 1 ? " " : "", *wanted);
  if (n > SHOWN_MAX)
    g_string_append_printf (text, " + %u", n - SHOWN_MAX);
  return g_string_free (text, FALSE);
}

/* UMZ0104: feature by feature where both libvirts can tell, else by the name of the model. */
static void
check_cpu (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  if (!facts->has_machine)
    return;
  bool can_compare =
    vm->cpu_features[0] != NULL && facts->cpu_features != NULL && facts->cpu_features[0] != NULL;
  if (can_compare) {
    g_autofree char *missing = join_missing (vm->cpu_features, facts->cpu_features);
    if (missing[0] != '\0')
      g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0104, vm->cpu_model, missing, NULL));
    return;
  }
  if (vm->cpu_model[0] == '\0' || has (facts->cpu_models, vm->cpu_model))
    return;
  g_autofree char *usable = join_missing (facts->cpu_models, NULL);
  g_autofree char *missing = g_strdup_printf ("THE MODEL; USABLE ARE: %s", usable);
  g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0104, vm->cpu_model, missing, NULL));
}

/* ---- its devices ---- */

/* Of some protocols one side or both can tell nothing; then libvirt finds out. */
static bool
is_unknown (const UmzDevice *disk, const UmzDeviceFacts *there)
{
  return (disk->is_unexamined || there->is_unexamined) && !disk->is_local;
}

static UmzNotice *
compare (const UmzDevice *disk, const UmzDeviceFacts *there)
{
  g_autofree char *size_here = g_strdup_printf ("%" G_GUINT64_FORMAT " BYTES", disk->size_bytes);
  g_autofree char *size_there = g_strdup_printf ("%" G_GUINT64_FORMAT " BYTES", there->size_bytes);
  if (is_unknown (disk, there))
    return umz_notice_new (UMZ_MSG_UMZ0152, disk->mn, disk->source, NULL);
  if (there->size_bytes == 0)
    return umz_notice_new (UMZ_MSG_VMS4034, disk->mn, NULL);
  if (there->size_bytes != disk->size_bytes)
    return umz_notice_new (UMZ_MSG_UMZ0105, disk->mn, size_here, size_there, NULL);
  if (there->identity != NULL && strcmp (there->identity, disk->identity) != 0)
    return umz_notice_new (UMZ_MSG_UMZ0105, disk->mn, disk->identity, there->identity, NULL);
  return there->cannot_open != NULL ? umz_notice_copy (there->cannot_open) : NULL;
}

/* There VMS4034, the same UMZ0105, opened UMZ0151, unknown UMZ0152. */
static void
check_disks (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *disk = vm->devices->pdata[i];
    if (!umz_device_has_storage (disk) || umz_device_get_rule (disk) != UMZ_DEVICE_RULE_TRAVELS)
      continue;
    UmzNotice *difference = compare (disk, &facts->devices[i]);
    if (difference != NULL)
      g_ptr_array_add (findings, difference);
  }
}

/* UMZ0108 */
static void
check_network (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  for (guint i = 0; i < vm->devices->len; i++) {
    const UmzDevice *device = vm->devices->pdata[i];
    if (device->kind == UMZ_DEVICE_LAN && !facts->devices[i].has_network)
      g_ptr_array_add (findings,
                       umz_notice_new (UMZ_MSG_UMZ0108, device->mn, device->network, NULL));
  }
}

/* UMZ0166.  When a copy ends there, libvirt takes the image's ownership back, and with it from the
 * source.
 */
static void
check_dynamic_ownership (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  for (guint i = 0; facts->su->settings.has_dynamic_ownership && i < vm->devices->len; i++) {
    const UmzDevice *disk = vm->devices->pdata[i];
    if (g_str_has_prefix (disk->source, "file:") && !disk->is_local)
      g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0166, disk->mn, facts->su_name, NULL));
  }
}

/* ---- in the order in which VM2000 lists its conflicts ---- */

void
umz_precheck_definition (const UmzVm *vm, const UmzNameFacts *facts, GPtrArray *findings)
{
  check_identity (vm, facts, findings);
}

void
umz_precheck_room (const UmzVm *vm, const UmzRoomFacts *facts, GPtrArray *findings)
{
  check_identity (vm, &facts->names, findings);
  check_memory (vm, facts, findings);
  check_holders (vm, facts, findings);
}

void
umz_precheck_target (const UmzVm *vm, const UmzTargetFacts *facts, GPtrArray *findings)
{
  g_assert (facts->n_devices == vm->devices->len);
  check_cluster (facts, findings);
  check_identity (vm, &facts->room.names, findings);
  check_memory (vm, &facts->room, findings);
  check_numa (vm, facts, findings);
  check_machine (vm, facts, findings);
  check_cpu (vm, facts, findings);
  check_files (facts, findings);
  check_tpm_emulator (vm, facts, findings);
  check_graphics (facts, findings);
  check_disks (vm, facts, findings);
  check_holders (vm, &facts->room, findings);
  check_network (vm, facts, findings);
  check_auth (facts, findings);
  check_dynamic_ownership (vm, facts, findings);
  umz_precheck_su (facts->su, facts->su_name, findings);
}

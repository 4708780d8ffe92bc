/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* status.c: SHOW-VM-STATUS, what was measured, and SHOW-VM-RESOURCES, what there is. */
#include <string.h>
#include <unistd.h>

#include "commands/units.h"
#include "commands/find.h"
#include "commands/handlers.h"
#include "commands/show.h"
#include "host/host.h"
#include "model/json.h"
#include "su/facts.h"
#include "su/sampler.h"
#include "su/vms.h"

/* ---- SHOW-VM-STATUS ---- */

static void
add_usage_data (UmzReply *reply, const UmzVm *vm, const char *state, const UmzUsage *usage)
{
  JsonBuilder *b = reply->data;
  json_builder_begin_object (b);
  umz_json_set_number (b, "index", vm->index);
  umz_json_set_text (b, "name", vm->name);
  umz_json_set_text (b, "state", state);
  umz_json_set_number (b, "memory_mib", umz_show_mib (vm->memory_bytes));
  if (usage != NULL) {
    umz_json_set_number (b, "resident_mib", umz_show_mib (usage->resident_bytes));
    umz_json_set_double (b, "span_s", usage->span_s);
    umz_json_set_double (b, "cpu_percent", usage->cpu_percent);
    if (usage->has_dirty_rate)
      umz_json_set_double (b, "dirty_mib_per_s", usage->dirty_mib_per_s);
  }
  json_builder_end_object (b);
}

static void
show_usage (UmzReply *reply, const UmzVm *vm, unsigned minutes)
{
  UmzUsage usage;
  g_autofree char *state = umz_vms_dup_state (reply->app, vm);
  bool is_known = umz_sampler_get_usage (reply->app->sampler, vm, minutes, &usage);
  g_autofree char *cpu = is_known && usage.span_s > 0 ? g_strdup_printf ("%.1f", usage.cpu_percent)
                                                      : g_strdup ("-");
  g_autofree char *used =
    is_known ? g_strdup_printf ("%" G_GUINT64_FORMAT, umz_show_mib (usage.resident_bytes))
             : g_strdup ("-");
  g_autofree char *dirty = is_known && usage.has_dirty_rate
                             ? g_strdup_printf ("%.1f", usage.dirty_mib_per_s)
                             : g_strdup ("-");
  umz_reply_print (reply, "%2u %-10s %6s %9" G_GUINT64_FORMAT " %9s %8s  %s", vm->index, vm->name,
                   cpu, umz_show_mib (vm->memory_bytes), used, dirty, state);
  add_usage_data (reply, vm, state, is_known ? &usage : NULL);
}

void
umz_execute_show_vm_status (UmzReply *reply, const UmzCommand *command)
{
  const UmzOperand *wanted = umz_command_get (command, "VM-IDENTIFICATION");
  const UmzOperand *period = umz_command_get (command, "PERIOD");
  unsigned minutes = period->members != NULL
                       ? (unsigned) umz_operand_get (period, "MINUTES")->integer
                       : 0;
  g_autoptr (GPtrArray) vms = umz_show_list_wanted (reply, wanted, UMZ_VM_INITIALIZED);
  if (vms == NULL)
    return;
  umz_reply_print (reply, "VM-ID          CPU-%%  MEM-SIZE  MEM-USED  DIRTY/S  VM-STATE");
  for (guint i = 0; i < vms->len; i++)
    show_usage (reply, vms->pdata[i], minutes);
  if (period->kind == UMZ_OPERAND_INTEGER)
    umz_reply_again (reply, (unsigned) period->integer * 1000, g_strdup ("again"));
}

/* ---- SHOW-VM-RESOURCES ---- */

typedef struct {
  const GPtrArray *vms;
  uint64_t total_bytes, available_bytes, reserve_bytes, promised_bytes, free_bytes;
  unsigned n_initialized, n_cpus;
} Resources;

static bool
read_resources (UmzReply *reply, const GPtrArray *vms, Resources *ret_resources, GError **error)
{
  UmzApp *app = reply->app;
  Resources r = { .vms = vms,
                  .total_bytes = umz_host_get_memory_bytes (),
                  .reserve_bytes = app->config->reserve_mib << 20,
                  .promised_bytes = umz_facts_sum_promised (app, vms),
                  .n_cpus = (unsigned) sysconf (_SC_NPROCESSORS_ONLN) };
  if (!umz_host_get_available_bytes (&r.available_bytes, error))
    return false;
  uint64_t taken = r.reserve_bytes + r.promised_bytes;
  r.free_bytes = r.available_bytes > taken ? r.available_bytes - taken : 0;
  for (guint i = 0; i < vms->len; i++)
    r.n_initialized += umz_vms_is_initialized (vms->pdata[i]);
  *ret_resources = r;
  return true;
}

static GPtrArray *
filter_initialized (const GPtrArray *vms)
{
  GPtrArray *initialized = g_ptr_array_new ();
  for (guint i = 0; i < vms->len; i++)
    if (umz_vms_is_initialized (vms->pdata[i]))
      g_ptr_array_add (initialized, vms->pdata[i]);
  return initialized;
}

static void
show_std (UmzReply *reply, const Resources *r)
{
  uint64_t n_indexes = reply->app->config->index_max - 1; /* 1 is the monitor's */
  g_autoptr (GPtrArray) vms = filter_initialized (r->vms);
  umz_show_attributes_of (reply, vms);
  umz_reply_print (reply, "NOT INITIALIZED VMS:   %5u     MAX MEMORY SIZE: %9" G_GUINT64_FORMAT,
                   (unsigned) (n_indexes - MIN (n_indexes, r->n_initialized)),
                   umz_show_mib (r->free_bytes));
}

static void
show_cpu (UmzReply *reply, const Resources *r)
{
  umz_reply_print (reply, "CPU-POOL     CPUS");
  umz_reply_print (reply, "*STDPOOL     %4u", r->n_cpus);
}

static void
show_units (UmzReply *reply, const Resources *r)
{
  umz_units_show_all (reply);
}

static void
show_memory (UmzReply *reply, const Resources *r)
{
  const struct {
    const char *title;
    uint64_t bytes;
  } rows[] = {
    { "MEMORY OF THE SU:", r->total_bytes },
    { "AVAILABLE:", r->available_bytes },
    { "RESERVED FOR THE SU:", r->reserve_bytes },
    { "PROMISED TO VMS:", r->promised_bytes },
    { "FREE FOR VMS:", r->free_bytes },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    umz_reply_print (reply, "%-22s %9" G_GUINT64_FORMAT, rows[i].title,
                     umz_show_mib (rows[i].bytes));
}

static void
show_monjv (UmzReply *reply, const Resources *r)
{
  g_autoptr (GPtrArray) vms = filter_initialized (r->vms);
  for (guint i = 0; i < vms->len; i++)
    umz_layout_monjv.show (reply, vms->pdata[i]);
}

static void
show_configuration (UmzReply *reply, const Resources *r)
{
  const UmzConfig *config = reply->app->config;
  umz_reply_print (reply, "SERVER-UNIT-NAME:      %s", config->su_name);
  umz_reply_print (reply, "SERVER-UNIT-TYPE:      %s", umz_su_type_text (config->su_type));
  umz_reply_print (reply, "CONFIGURATION:         %s", config->configuration);
  umz_reply_print (reply, "MAX NUMBER OF VMS:     %u", (unsigned) config->index_max);
  umz_reply_print (reply, "UMZUG-VERSION:         %s", UMZ_VERSION);
}

static void
add_resources_data (UmzReply *reply, const Resources *r)
{
  const UmzConfig *config = reply->app->config;
  JsonBuilder *b = reply->data;
  json_builder_begin_object (b);
  umz_json_set_text (b, "su", config->su_name);
  umz_json_set_text (b, "type", umz_su_type_text (config->su_type));
  umz_json_set_text (b, "configuration", config->configuration);
  umz_json_set_text (b, "version", UMZ_VERSION);
  umz_json_set_number (b, "cpus", r->n_cpus);
  umz_json_set_number (b, "vms", r->n_initialized);
  umz_json_set_number (b, "vms_max", config->index_max);
  umz_json_set_number (b, "memory_mib", umz_show_mib (r->total_bytes));
  umz_json_set_number (b, "available_mib", umz_show_mib (r->available_bytes));
  umz_json_set_number (b, "reserved_mib", umz_show_mib (r->reserve_bytes));
  umz_json_set_number (b, "promised_mib", umz_show_mib (r->promised_bytes));
  umz_json_set_number (b, "free_mib", umz_show_mib (r->free_bytes));
  json_builder_end_object (b);
}

/* clang-format off */
static const struct {
  const char *information;
  bool is_in_all;
  void (*show) (UmzReply *reply, const Resources *resources);
} parts[] = {
  { "*STD",           true,  show_std           },
  { "*CPU",           true,  show_cpu           },
  { "*UNITS",         true,  show_units         },
  { "*MEMORY",        true,  show_memory        },
  { "*MONJV",         true,  show_monjv         },
  { "*CONFIGURATION", false, show_configuration },
};
/* clang-format on */

void
umz_execute_show_vm_resources (UmzReply *reply, const UmzCommand *command)
{
  Resources resources;
  g_autoptr (GError) error = NULL;
  const char *information = umz_command_get (command, "INFORMATION")->text;
  g_autoptr (GPtrArray) vms = umz_find_all (reply);
  if (vms == NULL)
    return;
  if (!read_resources (reply, vms, &resources, &error)) {
    umz_reply_fail (reply, error);
    return;
  }
  add_resources_data (reply, &resources);
  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    if (strcmp (information, parts[i].information) == 0 ||
        (strcmp (information, "*ALL") == 0 && parts[i].is_in_all))
      parts[i].show (reply, &resources);
}

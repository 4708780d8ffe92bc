/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "precheck/test-world.h"

#include "messages/catalogue.h"

#define MIB (UINT64_C (1) << 20)

void
umz_world_set (char **text, const char *value)
{
  g_free (*text);
  *text = g_strdup (value);
}

char **
umz_world_list (const char *words)
{
  return g_strsplit (words, " ", 0);
}

void
umz_world_set_list (char ***texts, const char *words)
{
  g_strfreev (*texts);
  *texts = umz_world_list (words);
}

static void
make_vm (UmzWorld *w)
{
  w->vm = umz_vm_new ();
  w->vm->name = g_strdup ("VM12");
  w->vm->uuid = g_strdup ("u-1");
  w->vm->index = 12;
  w->vm->state = UMZ_VM_STATE_RUNNING;
  w->vm->memory_bytes = 256 * MIB;
  w->vm->arch = g_strdup ("s390x");
  w->vm->machine = g_strdup ("m-7.2");
  w->vm->emulator = g_strdup ("/usr/bin/q");
  w->vm->cpu_model = g_strdup ("model1");
  w->vm->numa_nodes = g_strdup ("");
  w->vm->pinned_cpus = g_strdup ("");
  w->disk = umz_device_new ("FAA4", UMZ_DEVICE_DISK);
  umz_world_set (&w->disk->source, "nbd://h:1/FAA4");
  w->disk->size_bytes = 8 * MIB;
  w->device = umz_device_new ("LAN1", UMZ_DEVICE_LAN);
  umz_world_set (&w->device->network, "bridge:br0");
  w->disk->is_detachable = w->device->is_detachable = true;
  g_ptr_array_add (w->vm->devices, w->disk);
  g_ptr_array_add (w->vm->devices, w->device);
}

static void
make_facts (UmzWorld *w)
{
  w->source = (UmzSourceFacts){ .su_name = "HERE", .target_su = "THERE", .su = &w->su };
  w->target = (UmzTargetFacts){
    .su_name = "THERE",
    .su = &w->su,
    .room.names.vms = g_ptr_array_new_with_free_func ((GDestroyNotify) umz_vm_free),
    .room.names.n_indexes_free = 10,
    .room.available_bytes = 1024 * MIB,
    .is_active = true,
    .can_define = true,
    .numa_nodes = "0",
    .cpus = "0-3",
    .cpu_models = w->models,
    .devices = w->there,
    .n_devices = G_N_ELEMENTS (w->there),
    .has_emulator = true,
    .has_machine = true,
  };
}

void
umz_world_make (UmzWorld *w)
{
  *w = (UmzWorld){ .su = { .pair = { .time_us = INT64_C (1700000000) * G_USEC_PER_SEC,
                                     .libvirt_version = 9000000,
                                     .emulator_version = 7002000 },
                           .settings = { .auth = "none", .lock_manager = "" },
                           .certificate_left_s = INT64_MAX,
                           .ca_left_s = INT64_MAX,
                           .arbiter_silence = "" },
                   .there = { { .size_bytes = 8 * MIB, .identity = "" }, { .has_network = true } },
                   .models = umz_world_list ("model1 model2"),
                   .findings = g_ptr_array_new_with_free_func ((GDestroyNotify) umz_notice_free) };
  w->other = w->su.pair;
  make_vm (w);
  make_facts (w);
}

void
umz_world_clear (UmzWorld *w)
{
  umz_precheck_source_facts_clear (&w->source);
  g_ptr_array_unref (w->target.room.names.vms);
  umz_vm_free (w->vm);
  umz_notice_free (w->notice);
  g_strfreev (w->features);
  g_strfreev (w->models);
  g_strfreev (w->names);
  g_ptr_array_unref (w->findings);
}

char *
umz_world_join_reasons (const UmzWorld *w)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < w->findings->len; i++) {
    g_autofree char *reason = umz_notice_reason (w->findings->pdata[i]);
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", reason);
  }
  return g_string_free (text, FALSE);
}

static void
judge (UmzWorld *w, UmzWorldSide side)
{
  switch (side) {
  case UMZ_WORLD_SOURCE: umz_precheck_source (w->vm, &w->source, w->findings); return;
  case UMZ_WORLD_TARGET: umz_precheck_target (w->vm, &w->target, w->findings); return;
  case UMZ_WORLD_PAIR: umz_precheck_pair (&w->su.pair, &w->other, w->findings); return;
  }
}

void
umz_world_test_rows (const UmzWorldRow *rows, size_t n_rows)
{
  for (size_t i = 0; i < n_rows; i++) {
    g_auto (UmzWorld) w;
    umz_world_make (&w);
    if (rows[i].change != NULL)
      rows[i].change (&w);
    judge (&w, rows[i].side);
    g_autofree char *reasons = umz_world_join_reasons (&w);
    g_test_message ("%s", rows[i].name);
    g_assert_cmpstr (reasons, ==, rows[i].expected);
  }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/fault.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static char *fault_file; /* NULL: not allowed */

void
umz_fault_allow (const char *run_dir)
{
  fault_file = g_build_filename (run_dir, "fault", NULL);
}

bool
umz_fault_is_allowed (void)
{
  return fault_file != NULL;
}

static char *
read_order (void)
{
  char *text = NULL;
  if (fault_file != NULL && g_file_get_contents (fault_file, &text, NULL, NULL))
    return g_strchomp (text);
  return g_strdup ("");
}

void
umz_fault_point (const char *name)
{
  g_autofree char *order = read_order ();
  if (g_str_has_prefix (order, "stop ") && strcmp (order + strlen ("stop "), name) == 0)
    raise (SIGSTOP);
}

void
umz_fault_arm_relay (UmzRelayStart *start)
{
  static const struct {
    const char *name;
    UmzRelayFault fault;
    UmzRelayKind kind;
  } faults[] = {
    { "flip-byte", UMZ_RELAY_FAULT_FLIP_BYTE, UMZ_RELAY_KIND_MEMORY },
    { "close-at-finish-call", UMZ_RELAY_FAULT_CLOSE_AT_FINISH_CALL, UMZ_RELAY_KIND_RPC },
    { "close-at-finish-reply", UMZ_RELAY_FAULT_CLOSE_AT_FINISH_REPLY, UMZ_RELAY_KIND_RPC },
    { "spoil-finish-reply", UMZ_RELAY_FAULT_SPOIL_FINISH_REPLY, UMZ_RELAY_KIND_RPC },
  };
  char name[32] = "";
  unsigned long long offset = 0;
  g_autofree char *order = read_order ();
  (void) sscanf (order, "relay %31s %llu", name, &offset); /* no match: no fault */
  for (size_t i = 0; i < G_N_ELEMENTS (faults); i++) {
    if (strcmp (name, faults[i].name) != 0 || start->kind != faults[i].kind)
      continue;
    start->fault = faults[i].fault;
    start->fault_offset_bytes = offset;
  }
}

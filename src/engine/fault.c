/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/fault.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "engine/fault-points.h"
#include "messages/catalogue.h"

static char *fault_file, *hit_file; /* NULL: not allowed */
static GMutex orders_lock;          /* of the files */

void
umz_fault_allow (const char *run_dir)
{
  fault_file = g_build_filename (run_dir, "fault", NULL);
  hit_file = g_build_filename (run_dir, "fault.hit", NULL);
}

bool
umz_fault_is_allowed (void)
{
  return fault_file != NULL;
}

void
umz_fault_print_points (void)
{
  size_t n;
  const UmzFaultPoint *points = umz_fault_get_points (&n);
  for (size_t i = 0; i < n; i++)
    printf ("%s%s\n", points[i].name, points[i].can_fail ? " fail" : "");
}

/* ---- orders ---- */

static char **
read_lines (const char *path)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    text = g_strdup ("");
  return g_strsplit (g_strchomp (text), "\n", -1);
}

static void
write_lines (const char *path, GStrvBuilder *lines)
{
  g_auto (GStrv) strings = g_strv_builder_end (lines);
  g_autofree char *text = g_strjoinv ("\n", strings);
  if (!g_file_set_contents (path, text, -1, NULL))
    g_error ("%s cannot be written", path);
}

static void
note_hit (const char *order)
{
  g_auto (GStrv) hits = read_lines (hit_file);
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();
  g_strv_builder_addv (lines, (const char **) hits);
  g_strv_builder_add (lines, order);
  write_lines (hit_file, lines);
}

/* Whether there is such an order, which is then used up. */
static bool
take_order (const char *verb, const char *name)
{
  g_autofree char *order = g_strconcat (verb, " ", name, NULL);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&orders_lock);
  g_auto (GStrv) orders = read_lines (fault_file);
  g_autoptr (GStrvBuilder) rest = g_strv_builder_new ();
  if (!g_strv_contains ((const char *const *) orders, order))
    return false;
  for (char **line = orders; *line != NULL; line++)
    if (strcmp (*line, order) != 0)
      g_strv_builder_add (rest, *line);
  write_lines (fault_file, rest);
  note_hit (order);
  return true;
}

static void
strike (const char *name)
{
  if (take_order ("stop", name))
    raise (SIGSTOP);
  if (take_order ("kill", name))
    raise (SIGKILL);
}

void
umz_fault_point (const char *name)
{
  if (fault_file == NULL)
    return;
  g_assert (!umz_fault_find_point (name)->can_fail);
  strike (name);
}

bool
umz_fault_fails (const char *name, GError **error)
{
  if (fault_file == NULL)
    return false;
  g_assert (umz_fault_find_point (name)->can_fail);
  strike (name);
  if (!take_order ("fail", name))
    return false;
  umz_set_error (error, UMZ_MSG_UMZ0122, name, NULL);
  return true;
}

/* ---- relays ---- */

static void
arm_relay (const char *order, UmzRelayStart *start)
{
  static const struct {
    const char *name;
    UmzRelayFault fault;
    UmzRelayKind kind;
  } faults[] = {
    { "flip-byte", UMZ_RELAY_FAULT_FLIP_BYTE, UMZ_RELAY_KIND_MEMORY },
    { "spoil-batch", UMZ_RELAY_FAULT_SPOIL_BATCH, UMZ_RELAY_KIND_MEMORY },
    { "close-at-finish-call", UMZ_RELAY_FAULT_CLOSE_AT_FINISH_CALL, UMZ_RELAY_KIND_RPC },
    { "close-at-finish-reply", UMZ_RELAY_FAULT_CLOSE_AT_FINISH_REPLY, UMZ_RELAY_KIND_RPC },
    { "spoil-finish-reply", UMZ_RELAY_FAULT_SPOIL_FINISH_REPLY, UMZ_RELAY_KIND_RPC },
  };
  char name[32] = "";
  unsigned long long offset = 0;
  (void) sscanf (order, "relay %31s %llu", name, &offset); /* no match: no fault */
  for (size_t i = 0; i < G_N_ELEMENTS (faults); i++) {
    if (strcmp (name, faults[i].name) != 0 || start->kind != faults[i].kind)
      continue;
    start->fault = faults[i].fault;
    start->fault_offset_bytes = offset;
  }
}

void
umz_fault_arm_relay (UmzRelayStart *start)
{
  if (fault_file == NULL)
    return;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&orders_lock);
  g_auto (GStrv) orders = read_lines (fault_file);
  for (char **order = orders; *order != NULL; order++)
    arm_relay (*order, start);
}

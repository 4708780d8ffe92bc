/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/fault.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "messages/catalogue.h"

typedef struct {
  const char *name;
  bool can_fail;
} Point;

/* clang-format off */
static const Point points[] = {
  /* a move, at the source */
  { "source-begun",          false }, /* COPYING is journaled */
  { "source-fence",          true  },
  { "source-folder",         true  },
  { "source-announce",       true  },
  { "source-announced",      true  }, /* its answer is lost */
  { "source-detach",         true  },
  { "source-connect",        true  },
  { "source-relay",          true  },
  { "source-set-up",         false },
  { "source-migrate",        true  }, /* libvirt's call */
  { "source-prepared",       false },
  { "source-finish-called",  false },
  { "source-held",           false },
  { "source-freeze",         true  },
  { "source-frozen",         false },
  { "source-look",           true  }, /* the reply is not held any more */
  { "source-commit",         false }, /* next: COMMITTED is journaled */
  { "source-committed",      false },
  { "source-go",             true  },
  { "source-go-answered",    true  }, /* the answer is lost */
  { "source-gone",           false },
  { "source-release",        true  },
  { "source-released",       false },
  { "source-kill",           false },
  { "source-off",            false },
  { "source-undefine",       true  },
  { "source-forget",         true  },
  { "source-lower",          true  },
  { "source-tell-gone",      true  },
  { "source-close",          false },

  /* at the target */
  { "target-announced",      false }, /* nothing is journaled yet */
  { "target-begun",          false }, /* RECEIVING is journaled */
  { "target-fence",          true  },
  { "target-index",          true  },
  { "target-folder",         true  },
  { "target-ready",          false }, /* next: the answer to the announcement */
  { "target-relay",          true  },
  { "target-local",          true  }, /* libvirt's socket, or QEMU's */
  { "target-prepared",       false },
  { "target-received",       false },
  { "target-freeze",         true  },
  { "target-define",         true  },
  { "target-disks",          true  },
  { "target-go",             false },
  { "target-owner",          false },
  { "target-thawed",         false },
  { "target-resume",         true  }, /* libvirt refuses, and the copy never ran */
  { "target-resumed",        true  }, /* libvirt says that it failed, and the guest runs */
  { "target-runs",           false }, /* next: the answer to GO */
  { "target-settle",         false },
  { "target-epoch",          true  },
  { "target-lower",          true  },
  { "target-close",          false },

  /* a move that is undone, at the source */
  { "source-aborted",        false },
  { "source-thawed",         false },
  { "source-p2p-over",       false },
  { "source-undo-guest",     true  },
  { "source-undo-device",    true  },
  { "source-undo-folder",    true  },
  { "source-undo-fence",     true  },
  { "source-tell-aborted",   true  },
  { "source-told-aborted",   true  }, /* the answer is lost */

  /* at the target */
  { "target-abort",          false },
  { "target-aborted",        false },
  { "target-undo-domain",    true  },
  { "target-undo-folder",    true  },
  { "target-undo-index",     true  },
  { "target-undo-fence",     true  },
  { "target-undone",         false },

  /* not of a move between two SUs that live */
  { "recover-begun",         false },
  { "recover-defined",       false },
  { "source-undo-medium",    true  },
  { "target-undo-owner",     true  },
  { "target-undo-file",      true  },
};
/* clang-format on */

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
  for (size_t i = 0; i < G_N_ELEMENTS (points); i++)
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

static const Point *
find_point (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (points); i++)
    if (strcmp (points[i].name, name) == 0)
      return &points[i];
  g_error ("the fault point %s is not in the list", name);
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
  g_assert (!find_point (name)->can_fail);
  strike (name);
}

bool
umz_fault_fails (const char *name, GError **error)
{
  if (fault_file == NULL)
    return false;
  g_assert (find_point (name)->can_fail);
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

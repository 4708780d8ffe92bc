/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/test-fault.h"

#include <string.h>
#include <unistd.h>

#include "engine/fault.h"
#include "messages/catalogue.h"

static struct {
  GMutex lock; /* of all */
  UmzTestFault fault;
  char *point;
  void (*kill) (UmzSide side, void *data);
  void *data;
  bool has_struck;
  unsigned life; /* of the side that was killed */
  bool is_dead;
  UmzSide dead;
  int relay_fault;
  uint64_t relay_offset_bytes;
} order;

/* Threads of an earlier life of their side are stopped at the next point too. */
static _Thread_local unsigned own_life = G_MAXUINT;

void
umz_test_fault_order (UmzTestFault fault, const char *point,
                      void (*kill) (UmzSide side, void *data), void *data)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&order.lock);
  g_free (order.point);
  order.fault = fault;
  order.point = g_strdup (point);
  order.kill = kill;
  order.data = data;
  order.has_struck = false;
}

bool
umz_test_fault_has_struck (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&order.lock);
  return order.has_struck;
}

void
umz_test_fault_revive (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&order.lock);
  order.is_dead = false;
  order.life++;
}

void
umz_test_fault_arm_relays (int fault, uint64_t offset_bytes)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&order.lock);
  order.relay_fault = fault;
  order.relay_offset_bytes = offset_bytes;
}

static UmzSide
get_side (const char *point)
{
  return g_str_has_prefix (point, "source-") ? UMZ_SIDE_SOURCE : UMZ_SIDE_TARGET;
}

G_GNUC_NORETURN static void
stop_for_ever (void)
{
  for (;;)
    pause ();
}

/* Whether the point shall fail. */
static bool
strike (const char *point)
{
  g_mutex_lock (&order.lock);
  if (own_life == G_MAXUINT)
    own_life = order.life;
  bool is_of_dead = (order.is_dead || own_life != order.life) && get_side (point) == order.dead;
  bool is_hit = !is_of_dead && !order.has_struck && g_strcmp0 (order.point, point) == 0;
  bool is_killed = is_hit && order.fault == UMZ_TEST_FAULT_KILL;
  order.has_struck = order.has_struck || is_hit;
  if (is_killed) {
    order.is_dead = true;
    order.dead = get_side (point);
  }
  g_mutex_unlock (&order.lock);
  if (is_killed)
    order.kill (get_side (point), order.data);
  if (is_killed || is_of_dead)
    stop_for_ever ();
  return is_hit && order.fault == UMZ_TEST_FAULT_FAIL;
}

/* ---- fault.h ---- */

void
umz_fault_allow (const char *run_dir)
{
}

bool
umz_fault_is_allowed (void)
{
  return true;
}

void
umz_fault_point (const char *name)
{
  (void) strike (name); /* nothing can fail here */
}

bool
umz_fault_fails (const char *name, GError **error)
{
  if (!strike (name))
    return false;
  umz_set_error (error, UMZ_MSG_UMZ0122, name, NULL);
  return true;
}

void
umz_fault_arm_relay (UmzRelayStart *start)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&order.lock);
  bool is_of_memory = order.relay_fault == UMZ_RELAY_FAULT_FLIP_BYTE ||
                      order.relay_fault == UMZ_RELAY_FAULT_SPOIL_BATCH;
  if ((start->kind == UMZ_RELAY_KIND_MEMORY) != is_of_memory)
    return;
  start->fault = (UmzRelayFault) order.relay_fault;
  start->fault_offset_bytes = order.relay_offset_bytes;
}

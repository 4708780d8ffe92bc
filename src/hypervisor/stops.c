/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hypervisor/stops.h"

#include <glib.h>

struct UmzStops {
  GMutex lock;
  GHashTable *since; /* owned; UUID → when it came to stand, int64_t */
  int callback_id;   /* of the connection that is followed; -1: none */
};

static gpointer
register_event_loop (gpointer unused)
{
  (void) virEventRegisterDefaultImpl (); /* else libvirt has no events */
  return NULL;
}

static void
clear (gpointer data)
{
  UmzStops *stops = data;

  g_hash_table_unref (stops->since);
  g_mutex_clear (&stops->lock);
}

UmzStops *
umz_stops_new (void)
{
  static GOnce once = G_ONCE_INIT;
  UmzStops *stops = g_atomic_rc_box_new0 (UmzStops);

  (void) g_once (&once, register_event_loop, NULL);
  g_mutex_init (&stops->lock);
  stops->since = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  stops->callback_id = -1;
  return stops;
}

static void
unref (void *stops)
{
  g_atomic_rc_box_release_full (stops, clear);
}

void
umz_stops_free (UmzStops *stops)
{
  if (stops != NULL)
    unref (stops);
}

static int
note (virConnectPtr connection, virDomainPtr domain, int event, int detail, void *data)
{
  UmzStops *stops = data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&stops->lock);
  char uuid[VIR_UUID_STRING_BUFLEN];
  const int64_t now_us = g_get_monotonic_time ();

  if (virDomainGetUUIDString (domain, uuid) < 0)
    return 0;
  if (event == VIR_DOMAIN_EVENT_SUSPENDED && !g_hash_table_contains (stops->since, uuid))
    g_hash_table_insert (stops->since, g_strdup (uuid), g_memdup2 (&now_us, sizeof now_us));
  if (event == VIR_DOMAIN_EVENT_RESUMED || event == VIR_DOMAIN_EVENT_STARTED ||
      event == VIR_DOMAIN_EVENT_UNDEFINED)
    g_hash_table_remove (stops->since, uuid);
  return 0;
}

static void
forget_all (UmzStops *stops)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&stops->lock);
  g_hash_table_remove_all (stops->since);
}

void
umz_stops_follow (UmzStops *stops, virConnectPtr connection)
{
  forget_all (stops);
  stops->callback_id = virConnectDomainEventRegisterAny (
    connection, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK (note),
    g_atomic_rc_box_acquire (stops), unref);
  if (stops->callback_id >= 0)
    return;
  g_message ("libvirt tells no events: how long a guest stood is told without its last transfer");
  unref (stops);
}

void
umz_stops_leave (UmzStops *stops, virConnectPtr connection)
{
  if (stops->callback_id >= 0)
    (void) virConnectDomainEventDeregisterAny (connection, stops->callback_id); /* it may be dead */
  stops->callback_id = -1;
}

int64_t
umz_stops_get_us (UmzStops *stops, const char *uuid)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&stops->lock);
  const int64_t *since_us = g_hash_table_lookup (stops->since, uuid);

  return since_us != NULL ? *since_us : 0;
}

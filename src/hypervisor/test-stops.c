/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* With libvirt's own test driver, which lives in this process and has events. */
#include "hypervisor/stops.h"

#include <glib.h>
#include <stdbool.h>

typedef struct {
  UmzStops *stops;
  virConnectPtr connection;
  virDomainPtr domain;
  char uuid[VIR_UUID_STRING_BUFLEN];
} Fixture;

static void
begin (Fixture *f, const void *unused)
{
  f->stops = umz_stops_new ();
  f->connection = virConnectOpen ("test:///default");
  g_assert_nonnull (f->connection);
  umz_stops_follow (f->stops, f->connection);
  f->domain = virDomainLookupByName (f->connection, "test");
  g_assert_nonnull (f->domain);
  g_assert_cmpint (virDomainGetUUIDString (f->domain, f->uuid), ==, 0);
}

static void
end (Fixture *f, const void *unused)
{
  virDomainFree (f->domain);
  umz_stops_leave (f->stops, f->connection);
  g_assert_cmpint (virConnectClose (f->connection), ==, 0); /* nothing refers to it any more */
  umz_stops_free (f->stops);
}

static int64_t
hear (Fixture *f, bool is_stop_awaited)
{
  while ((umz_stops_get_us (f->stops, f->uuid) != 0) != is_stop_awaited)
    (void) g_main_context_iteration (NULL, TRUE);
  return umz_stops_get_us (f->stops, f->uuid);
}

static void
a_stop_is_known_until_the_guest_runs (Fixture *f, const void *unused)
{
  const int64_t before_us = g_get_monotonic_time ();

  g_assert_cmpint (umz_stops_get_us (f->stops, f->uuid), ==, 0);
  g_assert_cmpint (virDomainSuspend (f->domain), ==, 0);
  const int64_t stop_us = hear (f, true);
  g_assert_cmpint (stop_us, >=, before_us);
  g_assert_cmpint (stop_us, <=, g_get_monotonic_time ());
  g_assert_cmpint (virDomainResume (f->domain), ==, 0);
  g_assert_cmpint (hear (f, false), ==, 0);
}

static void
a_guest_that_ends_has_stood_since_it_stopped (Fixture *f, const void *unused)
{
  g_assert_cmpint (virDomainSuspend (f->domain), ==, 0);
  const int64_t stop_us = hear (f, true);
  g_assert_cmpint (virDomainDestroy (f->domain), ==, 0);
  while (g_main_context_iteration (NULL, FALSE)) {
  }
  g_assert_cmpint (umz_stops_get_us (f->stops, f->uuid), ==, stop_us);
  g_assert_cmpint (virDomainCreate (f->domain), ==, 0);
  g_assert_cmpint (hear (f, false), ==, 0);
}

static void
another_connection_forgets (Fixture *f, const void *unused)
{
  g_assert_cmpint (virDomainSuspend (f->domain), ==, 0);
  g_assert_cmpint (hear (f, true), !=, 0);
  umz_stops_leave (f->stops, f->connection);
  umz_stops_follow (f->stops, f->connection);
  g_assert_cmpint (umz_stops_get_us (f->stops, f->uuid), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/stops/" name, Fixture, NULL, begin, function, end)
  ADD ("a-stop-is-known-until-the-guest-runs", a_stop_is_known_until_the_guest_runs);
  ADD ("a-guest-that-ends-has-stood-since-it-stopped",
       a_guest_that_ends_has_stood_since_it_stopped);
  ADD ("another-connection-forgets", another_connection_forgets);
#undef ADD
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hypervisor/connection.h"

#include <libvirt/virterror.h>
#include <stdbool.h>

#include "messages/catalogue.h"

#define OPEN_US         (10 * G_USEC_PER_SEC)
#define KEEPALIVE_S     5
#define N_UNANSWERED    3 /* then it is over */
#define EVENTS_PAUSE_US 100000

struct UmzConnection {
  char *uri;   /* owned */
  GMutex lock; /* of the rest */
  GCond opened;
  virConnectPtr connection; /* owned; NULL until needed and after a loss */
  bool is_opening;          /* a thread is at it, which has a reference */
  char *failure;            /* owned; of the last opening, or NULL */
};

/* Keepalive, and everything that libvirtd says by itself. */
G_GNUC_NORETURN static void *
run_events (void *unused)
{
  for (;;)
    if (virEventRunDefaultImpl () < 0)
      g_usleep (EVENTS_PAUSE_US); /* a shortage, which may pass */
}

static void *
start_events (void *unused)
{
  if (virEventRegisterDefaultImpl () == 0)
    g_thread_unref (g_thread_new ("libvirt-events", run_events, NULL));
  return NULL;
}

UmzConnection *
umz_connection_new (const char *uri)
{
  static GOnce events = G_ONCE_INIT;
  g_once (&events, start_events, NULL);
  UmzConnection *c = g_atomic_rc_box_new0 (UmzConnection);
  c->uri = g_strdup (uri);
  g_mutex_init (&c->lock);
  g_cond_init (&c->opened);
  return c;
}

static void
clear (void *data)
{
  UmzConnection *c = data;
  if (c->connection != NULL)
    virConnectClose (c->connection);
  g_free (c->uri);
  g_free (c->failure);
  g_cond_clear (&c->opened);
  g_mutex_clear (&c->lock);
}

void
umz_connection_free (UmzConnection *connection)
{
  if (connection != NULL)
    g_atomic_rc_box_release_full (connection, clear);
}

void
umz_connection_drop (UmzConnection *connection)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&connection->lock);
  if (connection->connection != NULL)
    virConnectClose (connection->connection);
  connection->connection = NULL;
}

static void *
open_connection (void *data)
{
  g_autoptr (UmzConnection) c = data;
  virConnectPtr opened = virConnectOpen (c->uri);
  g_autofree char *failure = opened == NULL ? g_strdup (virGetLastErrorMessage ()) : NULL;
  /* Where it is not known, as by libvirt's own test driver, a connection does without. */
  if (opened != NULL)
    (void) virConnectSetKeepAlive (opened, KEEPALIVE_S, N_UNANSWERED);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&c->lock);
  c->connection = opened;
  c->failure = g_steal_pointer (&failure);
  c->is_opening = false;
  g_cond_broadcast (&c->opened);
  return NULL;
}

/* The lock is held, but not while it waits. */
static void
open_in_time (UmzConnection *c)
{
  int64_t end_us = g_get_monotonic_time () + OPEN_US;
  if (!c->is_opening) {
    c->is_opening = true;
    g_clear_pointer (&c->failure, g_free);
    g_thread_unref (g_thread_new ("libvirt-open", open_connection, g_atomic_rc_box_acquire (c)));
  }
  while (c->is_opening && g_cond_wait_until (&c->opened, &c->lock, end_us))
    ; /* woken for nothing */
}

virConnectPtr
umz_connection_get (UmzConnection *c, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&c->lock);
  unsigned long version;
  if (c->connection != NULL && virConnectGetLibVersion (c->connection, &version) < 0)
    g_clear_pointer (&c->connection, virConnectClose);
  if (c->connection == NULL)
    open_in_time (c);
  if (c->connection == NULL) {
    umz_set_error (error, UMZ_MSG_UMZ0122, c->failure != NULL ? c->failure : "no answer", NULL);
    return NULL;
  }
  virConnectRef (c->connection);
  return c->connection;
}

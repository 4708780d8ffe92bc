/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Visitors. */
#define NEAR   "127.0.0.1"
#define FAR    "127.0.0.2"
#define FRIEND "127.0.0.9"

typedef struct {
  UmzDoor *door;
  uint16_t port;
  GPtrArray *visits; /* that have begun */
  GArray *fds;       /* of the visitors */
  unsigned n_refused;
} Fixture;

static void
enter (UmzVisit *visit, void *data)
{
  Fixture *f = data;
  g_ptr_array_add (f->visits, visit);
}

static void
refuse (GSocket *socket, void *data)
{
  Fixture *f = data;
  f->n_refused++;
}

static bool
is_trusted (const char *who, void *data)
{
  return strcmp (who, FRIEND) == 0;
}

static void
open_door (Fixture *f, unsigned n_visits, unsigned n_of_each)
{
  static const UmzDoorServer server = { enter, refuse, is_trusted };
  const UmzDoorRoom room = { n_visits, n_of_each, .n_trusted = 2, .idle_s = 1 };
  g_autoptr (GError) error = NULL;
  GSocket *socket = umz_door_listen (NEAR, 0, &error);
  g_assert_no_error (error);
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, &error);
  g_assert_no_error (error);
  f->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  f->visits = g_ptr_array_new ();
  f->fds = g_array_new (FALSE, FALSE, sizeof (int));
  f->door = umz_door_open (socket, &room, &server, f);
}

static void
close_door (Fixture *f)
{
  for (guint i = 0; i < f->visits->len; i++)
    umz_visit_end (f->visits->pdata[i]);
  g_ptr_array_unref (f->visits);
  umz_door_close (f->door);
  for (guint i = 0; i < f->fds->len; i++)
    close (g_array_index (f->fds, int, i));
  g_array_unref (f->fds);
}

static int
come (Fixture *f, const char *from)
{
  struct sockaddr_in own = { .sin_family = AF_INET };
  struct sockaddr_in there = { .sin_family = AF_INET,
                               .sin_port = htons (f->port),
                               .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  own.sin_addr.s_addr = inet_addr (from);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &own, sizeof own), ==, 0);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &there, sizeof there), ==, 0);
  g_array_append_val (f->fds, fd);
  return fd;
}

/* A visitor from there, who has been let in. */
static int
visit (Fixture *f, const char *from)
{
  guint n = f->visits->len;
  int fd = come (f, from);
  while (f->visits->len == n)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (umz_visit_get_who (f->visits->pdata[n]), ==, from);
  return fd;
}

static bool
is_open (int fd)
{
  char byte;
  return recv (fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* Waits for it. */
static void
assert_shut (int fd)
{
  char byte;
  g_assert_cmpint (recv (fd, &byte, 1, 0), ==, 0);
}

static void
the_longest_idle_of_one_goes (void)
{
  Fixture f = { 0 };
  open_door (&f, 8, 2);
  int far = visit (&f, FAR);
  int first = visit (&f, NEAR), second = visit (&f, NEAR);
  umz_visit_set_busy (f.visits->pdata[1], true);
  umz_visit_set_busy (f.visits->pdata[1], false); /* now it is the second that waits for longer */
  int third = visit (&f, NEAR);
  assert_shut (second);
  g_assert_true (is_open (far) && is_open (first) && is_open (third));
  close_door (&f);
}

static void
the_crowd_makes_room_for_others (void)
{
  Fixture f = { 0 };
  open_door (&f, 3, 3);
  int first = visit (&f, NEAR), second = visit (&f, NEAR);
  int third = visit (&f, NEAR), far = visit (&f, FAR);
  assert_shut (first);
  g_assert_true (is_open (second) && is_open (third) && is_open (far));
  close_door (&f);
}

static void
who_is_busy_stays (void)
{
  Fixture f = { 0 };
  open_door (&f, 8, 1);
  int first = visit (&f, NEAR);
  umz_visit_set_busy (f.visits->pdata[0], true);
  int second = come (&f, NEAR);
  while (f.n_refused == 0)
    g_main_context_iteration (NULL, TRUE);
  assert_shut (second);
  g_assert_true (is_open (first));
  umz_visit_end (g_ptr_array_steal_index (f.visits, 0)); /* he goes, and there is room */
  int third = visit (&f, NEAR);
  g_assert_true (is_open (third));
  close_door (&f);
}

static void
who_is_trusted_has_room_of_his_own (void)
{
  Fixture f = { 0 };
  open_door (&f, 1, 1);
  int stranger = visit (&f, NEAR);
  umz_visit_set_busy (f.visits->pdata[0], true);
  int first = visit (&f, FRIEND), second = visit (&f, FRIEND);
  int third = come (&f, FRIEND);
  while (f.n_refused == 0)
    g_main_context_iteration (NULL, TRUE);
  assert_shut (third);
  g_assert_true (is_open (stranger) && is_open (first) && is_open (second));
  close_door (&f);
}

/* Also who has shown who he is: a partner may have gone mad. */
static void
room_for_the_trusted_ends (void)
{
  Fixture f = { 0 };
  open_door (&f, 8, 8);
  for (int i = 0; i < 3; i++)
    visit (&f, NEAR);
  g_assert_true (umz_visit_trust (f.visits->pdata[0], 60));
  g_assert_true (umz_visit_trust (f.visits->pdata[1], 60));
  g_assert_false (umz_visit_trust (f.visits->pdata[2], 60));
  close_door (&f);
}

static void
who_is_idle_for_too_long_goes (void)
{
  Fixture f = { 0 };
  open_door (&f, 8, 8);
  int idle = visit (&f, NEAR), busy = visit (&f, FAR);
  umz_visit_set_busy (f.visits->pdata[1], true);
  while (is_open (idle))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (is_open (busy));
  close_door (&f);
}

/* Without a descriptor nobody can be let in; a moment later he is. */
static void
a_shortage_passes (void)
{
  Fixture f = { 0 };
  struct rlimit before, none;
  open_door (&f, 8, 8);
  int fd = come (&f, NEAR);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  none = (struct rlimit){ (rlim_t) fd + 1, before.rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &none), ==, 0);
  int filler; /* what is free below the limit */
  g_autoptr (GArray) fillers = g_array_new (FALSE, FALSE, sizeof filler);
  while ((filler = dup (fd)) >= 0)
    g_array_append_val (fillers, filler);
  g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (f.visits->len, ==, 0);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
  while (f.visits->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (is_open (fd));
  for (guint i = 0; i < fillers->len; i++)
    close (g_array_index (fillers, int, i));
  close_door (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function) g_test_add_func ("/door/" name, function)
  TEST ("of-one-visitor-the-longest-idle-goes", the_longest_idle_of_one_goes);
  TEST ("a-crowd-makes-room-for-others", the_crowd_makes_room_for_others);
  TEST ("who-is-busy-stays", who_is_busy_stays);
  TEST ("who-is-trusted-has-room-of-his-own", who_is_trusted_has_room_of_his_own);
  TEST ("room-for-the-trusted-ends", room_for_the_trusted_ends);
  TEST ("who-is-idle-for-too-long-goes", who_is_idle_for_too_long_goes);
  TEST ("a-shortage-of-descriptors-passes", a_shortage_passes);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mirrors/mirrors.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define A     "8f2b0d5e-1c5a-4d0e-9a51-0123456789ab"
#define B     "8f2b0d5e-1c5a-4d0e-9a51-0123456789ac"
#define C     "8f2b0d5e-1c5a-4d0e-9a51-0123456789ad"
#define MIB   (UINT64_C (1) << 20)
#define GUEST (100 * MIB) /* its mirror may take 356 MiB and a little */

typedef struct {
  char *folder;
  UmzConfig config;
  UmzMirrors *mirrors;
} Fixture;

static void
set_up (Fixture *fixture, const void *data)
{
  fixture->folder = g_dir_make_tmp ("umzug-XXXXXX", NULL);
  fixture->config =
    (UmzConfig){ .state_dir = fixture->folder, .mirror_mib = 800, .mirror_age_s = 3600 };
  fixture->mirrors = umz_mirrors_new (&fixture->config);
}

static void
tear_down (Fixture *fixture, const void *data)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "mirror", NULL);
  umz_mirrors_free (fixture->mirrors);
  g_assert_cmpint (g_rmdir (folder), ==, 0); /* it leaves no file behind */
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
}

static UmzMirrorMark
make_mark (char c)
{
  UmzMirrorMark mark = { .move_id = "a move" };
  memset (mark.digest.bytes, c, sizeof mark.digest.bytes);
  return mark;
}

/* A move that ends well. */
static void
move (Fixture *fixture, const char *uuid, char c)
{
  UmzMirrorMark mark = make_mark (c);
  UmzMirrorFile file;
  g_assert_true (umz_mirrors_begin (fixture->mirrors, uuid, "VM", "SU2", GUEST, &file));
  close (file.fd);
  umz_mirrors_keep (fixture->mirrors, uuid, &mark);
}

static bool
has (Fixture *fixture, const char *uuid)
{
  UmzMirrorMark mark;
  return umz_mirrors_find (fixture->mirrors, uuid, "SU2", GUEST, &mark);
}

static void
what_a_move_has_kept_serves_the_next (Fixture *fixture, const void *data)
{
  UmzMirrorMark kept = make_mark (7);
  UmzMirrorMark found;
  UmzMirrorFile first, second;
  char byte = 'x';
  g_assert_true (umz_mirrors_begin (fixture->mirrors, A, "VM", "SU2", GUEST, &first));
  g_assert_cmpint (write (first.fd, &byte, 1), ==, 1);
  g_assert_false (has (fixture, A)); /* a move uses it */
  umz_mirrors_keep (fixture->mirrors, A, &kept);

  g_assert_true (umz_mirrors_find (fixture->mirrors, A, "su2", GUEST, &found));
  g_assert_cmpmem (&found, sizeof found, &kept, sizeof kept);
  g_assert_true (umz_mirrors_take (fixture->mirrors, A, &second));
  g_assert_cmpmem (second.key, sizeof second.key, first.key, sizeof first.key);
  g_assert_cmpmem (&second.digest, sizeof second.digest, &kept.digest, sizeof kept.digest);
  byte = 0;
  g_assert_cmpint (read (second.fd, &byte, 1), ==, 1);
  g_assert_cmpint (byte, ==, 'x');
  g_assert_false (umz_mirrors_take (fixture->mirrors, A, &second)); /* by one move only */
  close (first.fd);
  close (second.fd);
}

static void
an_empty_one_has_a_new_key_and_holds_nothing (Fixture *fixture, const void *data)
{
  static const UmzDigest nothing;
  UmzMirrorFile first, second;
  g_assert_true (umz_mirrors_begin (fixture->mirrors, A, "VM", "SU2", GUEST, &first));
  g_assert_true (umz_mirrors_begin (fixture->mirrors, A, "VM", "SU2", GUEST, &second));
  g_assert_cmpint (memcmp (first.key, second.key, sizeof first.key), !=, 0);
  g_assert_cmpmem (&second.digest, sizeof second.digest, &nothing, sizeof nothing);
  g_assert_cmpint (lseek (second.fd, 0, SEEK_END), ==, 0);
  g_assert_cmpuint (second.max_bytes, >, GUEST);
  close (first.fd);
  close (second.fd);
}

static void
it_is_shared_with_one_su_alone (Fixture *fixture, const void *data)
{
  UmzMirrorMark mark;
  move (fixture, A, 1);
  g_assert_false (umz_mirrors_find (fixture->mirrors, A, "SU3", GUEST, &mark));
}

static void
a_guest_that_has_grown_needs_another (Fixture *fixture, const void *data)
{
  UmzMirrorMark mark;
  move (fixture, A, 1);
  g_assert_false (umz_mirrors_find (fixture->mirrors, A, "SU2", GUEST + MIB, &mark));
  g_assert_true (umz_mirrors_find (fixture->mirrors, A, "SU2", GUEST, &mark));
}

static void
one_whose_file_is_gone_is_not_listed (Fixture *fixture, const void *data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "mirror", A, NULL);
  UmzMirrorFile file;
  move (fixture, A, 1);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_false (umz_mirrors_take (fixture->mirrors, A, &file));
  g_autoptr (GPtrArray) list = umz_mirrors_list (fixture->mirrors);
  g_assert_cmpuint (list->len, ==, 0);
}

static void
what_was_dropped_is_gone (Fixture *fixture, const void *data)
{
  UmzMirrorMark mark = make_mark (1);
  UmzMirrorFile file;
  move (fixture, A, 1);
  g_assert_true (umz_mirrors_drop (fixture->mirrors, A));
  g_assert_false (umz_mirrors_drop (fixture->mirrors, A));
  g_assert_false (umz_mirrors_take (fixture->mirrors, A, &file));
  g_assert_true (umz_mirrors_begin (fixture->mirrors, A, "VM", "SU2", GUEST, &file));
  g_assert_true (umz_mirrors_drop (fixture->mirrors, A)); /* while it is in use */
  umz_mirrors_keep (fixture->mirrors, A, &mark);
  g_assert_false (has (fixture, A));
  close (file.fd);
}

static void
the_oldest_makes_room (Fixture *fixture, const void *data)
{
  move (fixture, A, 1);
  move (fixture, B, 2);
  move (fixture, C, 3);
  g_assert_false (has (fixture, A));
  g_assert_true (has (fixture, B));
  g_assert_true (has (fixture, C));
}

static void
one_that_is_in_use_does_not (Fixture *fixture, const void *data)
{
  UmzMirrorFile a, b, c;
  g_assert_true (umz_mirrors_begin (fixture->mirrors, A, "VM", "SU2", GUEST, &a));
  g_assert_true (umz_mirrors_has_room (fixture->mirrors, GUEST));
  g_assert_true (umz_mirrors_begin (fixture->mirrors, B, "VM", "SU2", GUEST, &b));
  g_assert_false (umz_mirrors_has_room (fixture->mirrors, GUEST));
  g_assert_false (umz_mirrors_begin (fixture->mirrors, C, "VM", "SU2", GUEST, &c));
  close (a.fd);
  close (b.fd);
}

static void
none_fits_if_they_are_off (Fixture *fixture, const void *data)
{
  UmzMirrorFile file;
  fixture->config.mirror_mib = 0;
  g_assert_false (umz_mirrors_has_room (fixture->mirrors, 1));
  g_assert_false (umz_mirrors_begin (fixture->mirrors, A, "VM", "SU2", 1, &file));
}

static void
one_that_is_too_old_is_gone (Fixture *fixture, const void *data)
{
  move (fixture, A, 1);
  fixture->config.mirror_age_s = 0;
  g_assert_false (has (fixture, A));
}

static void
the_next_run_begins_with_none (Fixture *fixture, const void *data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "mirror", A, NULL);
  umz_mirrors_free (fixture->mirrors);
  g_assert_true (g_file_set_contents (path, "left by a crash", -1, NULL));
  fixture->mirrors = umz_mirrors_new (&fixture->config);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
the_list_tells_of_all (Fixture *fixture, const void *data)
{
  UmzMirrorFile file;
  move (fixture, B, 1);
  g_assert_true (umz_mirrors_begin (fixture->mirrors, A, "AVM", "SU3", GUEST, &file));
  g_assert_cmpint (ftruncate (file.fd, 0), ==, 0);
  g_autoptr (GPtrArray) list = umz_mirrors_list (fixture->mirrors);
  g_assert_cmpuint (list->len, ==, 2);
  const UmzMirrorInfo *first = list->pdata[0], *second = list->pdata[1];
  g_assert_cmpstr (first->name, ==, "AVM");
  g_assert_cmpstr (first->peer, ==, "SU3");
  g_assert_true (first->is_in_use);
  g_assert_cmpstr (second->uuid, ==, B);
  g_assert_false (second->is_in_use);
  close (file.fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add ("/mirrors/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("what-a-move-has-kept-serves-the-next", what_a_move_has_kept_serves_the_next);
  ADD ("an-empty-one-has-a-new-key-and-holds-nothing",
       an_empty_one_has_a_new_key_and_holds_nothing);
  ADD ("it-is-shared-with-one-su-alone", it_is_shared_with_one_su_alone);
  ADD ("a-guest-that-has-grown-needs-another", a_guest_that_has_grown_needs_another);
  ADD ("one-whose-file-is-gone-is-not-listed", one_whose_file_is_gone_is_not_listed);
  ADD ("what-was-dropped-is-gone", what_was_dropped_is_gone);
  ADD ("the-oldest-makes-room", the_oldest_makes_room);
  ADD ("one-that-is-in-use-does-not", one_that_is_in_use_does_not);
  ADD ("none-fits-if-they-are-off", none_fits_if_they_are_off);
  ADD ("one-that-is-too-old-is-gone", one_that_is_too_old_is_gone);
  ADD ("the-next-run-begins-with-none", the_next_run_begins_with_none);
  ADD ("the-list-tells-of-all", the_list_tells_of_all);
#undef ADD
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-su-checks.c: each check of an SU, and of two, with its conflict and its cure, both sides of
 * each limit.
 */
#include "precheck/test-world.h"

#include "messages/catalogue.h"

static void
make_no_hook (UmzWorld *w)
{
  w->su.hook = UMZ_HOOK_MISSING;
}

static void
make_a_hook_that_libvirtd_does_not_know (UmzWorld *w)
{
  w->su.hook = UMZ_HOOK_UNSEEN;
}

static void
make_a_hook_that_looks_elsewhere (UmzWorld *w)
{
  w->su.hook = UMZ_HOOK_ASTRAY;
}

static void
make_a_certificate_that_expires_within_30_days (UmzWorld *w)
{
  w->su.certificate_left_s = 30 * 86400 - 1;
}

static void
make_a_certificate_that_does_not (UmzWorld *w)
{
  w->su.certificate_left_s = 30 * 86400;
}

static void
make_a_certificate_that_has_expired (UmzWorld *w)
{
  w->su.certificate_left_s = -1;
}

static void
make_a_ca_that_expires_within_90_days (UmzWorld *w)
{
  w->su.ca_left_s = 90 * 86400 - 1;
}

static void
make_a_ca_that_does_not (UmzWorld *w)
{
  w->su.ca_left_s = 90 * 86400;
}

static void
make_a_short_queue (UmzWorld *w)
{
  w->su.settings.max_queued = 7;
}

static void
make_a_long_queue (UmzWorld *w)
{
  w->su.settings.max_queued = 8;
}

static void
make_a_lock_manager (UmzWorld *w)
{
  w->su.settings.lock_manager = "lockd";
}

static void
make_an_arbiter_that_is_silent (UmzWorld *w)
{
  w->su.arbiter_silence = "no route";
}

static void
make_the_lock_manager_that_does_nothing (UmzWorld *w)
{
  w->su.settings.lock_manager = "nop";
}

static void
make_an_older_libvirt (UmzWorld *w)
{
  w->su.pair.libvirt_version = 8999999;
}

static void
make_the_first_of_debian_12_releases (UmzWorld *w)
{
  w->su.pair.libvirt_version = 9000000;
}

static void
make_the_last_of_debian_12_releases (UmzWorld *w)
{
  w->su.pair.libvirt_version = 9000999;
}

static void
make_a_libvirt_after_debian_12 (UmzWorld *w)
{
  w->su.pair.libvirt_version = 9001000;
}

static void
make_a_libvirt_before_debian_13 (UmzWorld *w)
{
  w->su.pair.libvirt_version = 11002999;
}

static void
make_the_first_of_debian_13_releases (UmzWorld *w)
{
  w->su.pair.libvirt_version = 11003000;
}

static void
make_the_last_of_debian_13_releases (UmzWorld *w)
{
  w->su.pair.libvirt_version = 11003999;
}

static void
make_a_newer_libvirt (UmzWorld *w)
{
  w->su.pair.libvirt_version = 11004000;
}

static void
make_clocks_apart (UmzWorld *w)
{
  w->other.time_us = w->su.pair.time_us + 5 * G_USEC_PER_SEC;
}

static void
make_clocks_apart_the_other_way (UmzWorld *w)
{
  w->other.time_us = w->su.pair.time_us - 7 * G_USEC_PER_SEC;
}

static void
make_clocks_nearly_together (UmzWorld *w)
{
  w->other.time_us = w->su.pair.time_us + 5 * G_USEC_PER_SEC - 1;
}

static void
make_an_older_libvirt_there (UmzWorld *w)
{
  w->other.libvirt_version = 8010000;
}

static void
make_an_older_qemu_there (UmzWorld *w)
{
  w->other.emulator_version = 7001000;
}

static void
make_newer_ones_there (UmzWorld *w)
{
  w->other.libvirt_version = 10000000;
  w->other.emulator_version = 8000000;
}

static void
make_a_qemu_of_unknown_version (UmzWorld *w)
{
  w->other.emulator_version = 0;
}

/* clang-format off */
static const UmzWorldRow rows[] = {
  { "nothing", UMZ_WORLD_PAIR, NULL, "" },
  { "no hook", UMZ_WORLD_SOURCE, make_no_hook, "UMZ0161,HERE,MISSING" },
  { "a hook that libvirtd does not know", UMZ_WORLD_SOURCE,
    make_a_hook_that_libvirtd_does_not_know, "UMZ0161,HERE,NOT SEEN BY LIBVIRT" },
  { "a certificate that expires within 30 days", UMZ_WORLD_SOURCE,
    make_a_certificate_that_expires_within_30_days, "UMZ0162,HERE,29" },
  { "no hook", UMZ_WORLD_TARGET, make_no_hook, "UMZ0161,THERE,MISSING" },
  { "a hook that libvirtd does not know", UMZ_WORLD_TARGET,
    make_a_hook_that_libvirtd_does_not_know, "UMZ0161,THERE,NOT SEEN BY LIBVIRT" },
  { "a hook that looks elsewhere", UMZ_WORLD_TARGET, make_a_hook_that_looks_elsewhere,
    "UMZ0161,THERE,LOOKS IN ANOTHER FOLDER" },
  { "a certificate that expires within 30 days", UMZ_WORLD_TARGET,
    make_a_certificate_that_expires_within_30_days, "UMZ0162,THERE,29" },
  { "a CA that expires within 90 days", UMZ_WORLD_SOURCE, make_a_ca_that_expires_within_90_days,
    "UMZ0177,HERE,89" },
  { "a CA that does not", UMZ_WORLD_SOURCE, make_a_ca_that_does_not, "" },
  { "a certificate that does not", UMZ_WORLD_SOURCE, make_a_certificate_that_does_not, "" },
  { "a certificate that has expired", UMZ_WORLD_SOURCE, make_a_certificate_that_has_expired,
    "UMZ0162,HERE,0" },
  { "a short queue", UMZ_WORLD_SOURCE, make_a_short_queue, "UMZ0164,HERE,7" },
  { "a long queue", UMZ_WORLD_SOURCE, make_a_long_queue, "" },
  { "an arbiter that is silent", UMZ_WORLD_SOURCE, make_an_arbiter_that_is_silent,
    "UMZ0243,HERE,no route" },
  { "a lock manager", UMZ_WORLD_TARGET, make_a_lock_manager, "UMZ0165,THERE,lockd" },
  { "the lock manager that does nothing", UMZ_WORLD_TARGET,
    make_the_lock_manager_that_does_nothing, "" },
  { "an older libvirt", UMZ_WORLD_SOURCE, make_an_older_libvirt, "UMZ0169,HERE,8.999.999" },
  { "the first of Debian 12's releases", UMZ_WORLD_SOURCE, make_the_first_of_debian_12_releases,
    "" },
  { "the last of Debian 12's releases", UMZ_WORLD_SOURCE, make_the_last_of_debian_12_releases, "" },
  { "a libvirt after Debian 12's", UMZ_WORLD_SOURCE, make_a_libvirt_after_debian_12,
    "UMZ0169,HERE,9.1.0" },
  { "a libvirt before Debian 13's", UMZ_WORLD_SOURCE, make_a_libvirt_before_debian_13,
    "UMZ0169,HERE,11.2.999" },
  { "the first of Debian 13's releases", UMZ_WORLD_SOURCE, make_the_first_of_debian_13_releases,
    "" },
  { "the last of Debian 13's releases", UMZ_WORLD_SOURCE, make_the_last_of_debian_13_releases, "" },
  { "a newer libvirt", UMZ_WORLD_SOURCE, make_a_newer_libvirt, "UMZ0169,HERE,11.4.0" },
  { "clocks apart", UMZ_WORLD_PAIR, make_clocks_apart, "UMZ0167,5" },
  { "clocks apart the other way", UMZ_WORLD_PAIR, make_clocks_apart_the_other_way, "UMZ0167,7" },
  { "clocks nearly together", UMZ_WORLD_PAIR, make_clocks_nearly_together, "" },
  { "an older libvirt there", UMZ_WORLD_PAIR, make_an_older_libvirt_there,
    "UMZ0168,LIBVIRT,9.0.0,8.10.0" },
  { "an older QEMU there", UMZ_WORLD_PAIR, make_an_older_qemu_there, "UMZ0168,QEMU,7.2.0,7.1.0" },
  { "newer ones there", UMZ_WORLD_PAIR, make_newer_ones_there, "" },
  { "a QEMU of unknown version", UMZ_WORLD_PAIR, make_a_qemu_of_unknown_version, "" },
};
/* clang-format on */

static void
test_checks (void)
{
  umz_world_test_rows (rows, G_N_ELEMENTS (rows));
}

/* Each of the warnings by itself leaves the move possible. */
static void
test_severity (void)
{
  static const UmzMessageId warnings[] = {
    UMZ_MSG_UMZ0152,
    UMZ_MSG_UMZ0162,
    UMZ_MSG_UMZ0164,
    UMZ_MSG_UMZ0165,
    UMZ_MSG_UMZ0166,
    UMZ_MSG_UMZ0167,
    UMZ_MSG_UMZ0168,
    UMZ_MSG_UMZ0169,
    UMZ_MSG_UMZ0171,
  };
  for (size_t i = 0; i < G_N_ELEMENTS (warnings); i++)
    g_assert_cmpint (umz_message_severity (warnings[i]), ==, UMZ_SEVERITY_WARNING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/su-checks/each-finds-its-conflict-and-nothing-when-cured", test_checks);
  g_test_add_func ("/su-checks/what-does-not-stop-a-move-is-a-warning", test_severity);
  return g_test_run ();
}

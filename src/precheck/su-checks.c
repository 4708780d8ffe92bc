/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* su-checks.c: what is looked at on each SU, whatever VM moves, and on both side by side. */
#include "precheck/precheck.h"

#include <string.h>

#include "messages/catalogue.h"

#define WARN_DAYS    30
#define CA_WARN_DAYS 90 /* every SU has to get the other one */
#define DAY_S        86400

/* One that waits behind our job: the migration's own calls, the sampler's, an operator's. */
#define QUEUE_MIN 8

#define CLOCK_S 5

/* The releases of libvirt whose migration calls the lab has seen: those of Debian 12 and 13.  The
 * relay refuses what it does not understand, untouched.
 */
static const unsigned known_releases[] = { 9000, 11003 };

static bool
is_known (unsigned version)
{
  for (size_t i = 0; i < G_N_ELEMENTS (known_releases); i++)
    if (version / 1000 == known_releases[i])
      return true;
  return false;
}

/* "9.0.0" of 9000000. */
static char *
dup_version (unsigned version)
{
  return g_strdup_printf ("%u.%u.%u", version / 1000000, version / 1000 % 1000, version % 1000);
}

/* UMZ0161 */
static void
check_hook (const UmzSuFacts *su, const char *su_name, GPtrArray *findings)
{
  static const char *const whys[] = { [UMZ_HOOK_MISSING] = "MISSING",
                                      [UMZ_HOOK_UNSEEN] = "NOT SEEN BY LIBVIRT",
                                      [UMZ_HOOK_ASTRAY] = "LOOKS IN ANOTHER FOLDER" };
  if (su->hook != UMZ_HOOK_ACTIVE)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0161, su_name, whys[su->hook], NULL));
}

/* UMZ0164, UMZ0165, UMZ0169 */
static void
check_libvirt (const UmzSuFacts *su, const char *su_name, GPtrArray *findings)
{
  const UmzLibvirtSettings *settings = &su->settings;
  unsigned release = su->pair.libvirt_version;
  g_autofree char *queued = g_strdup_printf ("%u", settings->max_queued);
  g_autofree char *version = dup_version (release);
  if (settings->max_queued > 0 && settings->max_queued < QUEUE_MIN)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0164, su_name, queued, NULL));
  if (settings->lock_manager[0] != '\0' && strcmp (settings->lock_manager, "nop") != 0)
    g_ptr_array_add (findings,
                     umz_notice_new (UMZ_MSG_UMZ0165, su_name, settings->lock_manager, NULL));
  if (release != 0 && !is_known (release))
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0169, su_name, version, NULL));
}

/* UMZ0243.  The move does without it; only what is in doubt waits for the other SU, or for an
 * operator.
 */
static void
check_arbiter (const UmzSuFacts *su, const char *su_name, GPtrArray *findings)
{
  if (su->arbiter_silence[0] != '\0')
    g_ptr_array_add (findings,
                     umz_notice_new (UMZ_MSG_UMZ0243, su_name, su->arbiter_silence, NULL));
}

static void
check_end (int64_t left_s, int64_t warn_days, UmzMessageId id, const char *su_name,
           GPtrArray *findings)
{
  if (left_s >= warn_days * DAY_S)
    return;
  g_autofree char *days = g_strdup_printf ("%" G_GINT64_FORMAT, MAX (left_s, 0) / DAY_S);
  g_ptr_array_add (findings, umz_notice_new (id, su_name, days, NULL));
}

void
umz_precheck_su (const UmzSuFacts *su, const char *su_name, GPtrArray *findings)
{
  check_hook (su, su_name, findings);
  check_libvirt (su, su_name, findings);
  check_arbiter (su, su_name, findings);
  check_end (su->certificate_left_s, WARN_DAYS, UMZ_MSG_UMZ0162, su_name, findings);
  check_end (su->ca_left_s, CA_WARN_DAYS, UMZ_MSG_UMZ0177, su_name, findings);
}

/* ---- both side by side ---- */

/* UMZ0167 */
static void
check_clocks (const UmzPairFacts *source, const UmzPairFacts *target, GPtrArray *findings)
{
  int64_t apart_s = ABS (source->time_us - target->time_us) / G_USEC_PER_SEC;
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, apart_s);
  if (apart_s >= CLOCK_S)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0167, text, NULL));
}

/* UMZ0168.  From newer to older mostly works.  Where it cannot, machine type or CPU are conflicts.
 */
static void
check_version (const char *what, unsigned source, unsigned target, GPtrArray *findings)
{
  g_autofree char *here = dup_version (source);
  g_autofree char *there = dup_version (target);
  if (source != 0 && target != 0 && target < source)
    g_ptr_array_add (findings, umz_notice_new (UMZ_MSG_UMZ0168, what, here, there, NULL));
}

void
umz_precheck_pair (const UmzPairFacts *source, const UmzPairFacts *target, GPtrArray *findings)
{
  check_clocks (source, target, findings);
  check_version ("LIBVIRT", source->libvirt_version, target->libvirt_version, findings);
  check_version ("QEMU", source->emulator_version, target->emulator_version, findings);
}

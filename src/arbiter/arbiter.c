/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* arbiter.c: which kind of arbiter there is.
 *
 * THEORY OF OPERATION
 *
 * When the other SU of a move is silent, nobody can tell whether it is off or only out of reach.
 * So nothing is inferred from silence; the source writes its decision where both can reach it, and
 * the target obeys what stands there.  All that is asked of the place is that it keeps a decision
 * until it is forgotten, does not let another one be written over it, and shows to everybody the
 * same.  What follows from a decision is the business of src/engine/machine.c.
 */
#include "arbiter/arbiter.h"

#include "arbiter/etcd.h"
#include "arbiter/kind.h"
#include "arbiter/sanlock.h"

bool
umz_arbiter_new (const UmzConfig *config, UmzArbiter **ret_arbiter, GError **error)
{
  switch (config->arbiter.kind) {
  case UMZ_ARBITER_NONE: *ret_arbiter = NULL; return true;
  case UMZ_ARBITER_ETCD: return umz_etcd_new (&config->arbiter, ret_arbiter, error);
  case UMZ_ARBITER_SANLOCK: return umz_sanlock_new (&config->arbiter, ret_arbiter, error);
  }
  g_assert_not_reached ();
}

void
umz_arbiter_free (UmzArbiter *arbiter)
{
  if (arbiter != NULL)
    arbiter->verbs->free (arbiter);
}

bool
umz_arbiter_decide (UmzArbiter *arbiter, const char *uuid, uint64_t epoch, UmzVerdict wanted,
                    UmzVerdict *ret_decided, GError **error)
{
  g_assert (g_uuid_string_is_valid (uuid));
  g_assert (wanted != UMZ_VERDICT_NONE);
  return arbiter->verbs->decide (arbiter, uuid, epoch, wanted, ret_decided, error);
}

bool
umz_arbiter_get (UmzArbiter *arbiter, const char *uuid, uint64_t epoch, UmzVerdict *ret_decided,
                 GError **error)
{
  g_assert (g_uuid_string_is_valid (uuid));
  return arbiter->verbs->get (arbiter, uuid, epoch, ret_decided, error);
}

bool
umz_arbiter_forget (UmzArbiter *arbiter, const char *uuid, uint64_t epoch, GError **error)
{
  g_assert (g_uuid_string_is_valid (uuid));
  return arbiter->verbs->forget (arbiter, uuid, epoch, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/facts.h"

void
umz_model_domain_facts_clear (UmzDomainFacts *facts)
{
  g_strfreev (facts->blockers);
  g_strfreev (facts->block_jobs);
  g_strfreev (facts->io_errors);
  g_free (facts->job);
}

void
umz_model_su_facts_clear (UmzSuFacts *facts)
{
  g_free (facts->settings.auth);
  g_free (facts->settings.lock_manager);
  g_free (facts->arbiter_silence);
}

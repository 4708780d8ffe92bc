/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/facts.h"

void
umz_model_libvirt_settings_clear (UmzLibvirtSettings *settings)
{
  g_clear_pointer (&settings->auth, g_free);
  g_clear_pointer (&settings->lock_manager, g_free);
}

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
  umz_model_libvirt_settings_clear (&facts->settings);
  g_free (facts->arbiter_silence);
}

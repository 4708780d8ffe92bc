/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/fault-points.h"

#include <glib.h>
#include <string.h>

/* clang-format off */
static const UmzFaultPoint points[] = {
  /* a move, at the source */
  { "source-begun",          false }, /* COPYING is journaled */
  { "source-fence",          true  },
  { "source-folder",         true  },
  { "source-announce",       true  },
  { "source-announced",      true  }, /* its answer is lost */
  { "source-detach",         true  },
  { "source-connect",        true  },
  { "source-relay",          true  },
  { "source-set-up",         false },
  { "source-migrate",        true  }, /* libvirt's call */
  { "source-prepared",       false },
  { "source-finish-called",  false },
  { "source-held",           false },
  { "source-freeze",         true  },
  { "source-frozen",         false },
  { "source-look",           true  }, /* the reply is not held any more */
  { "source-commit",         false }, /* next: COMMITTED is journaled */
  { "source-committed",      false },
  { "source-go",             true  },
  { "source-go-answered",    true  }, /* the answer is lost */
  { "source-gone",           false },
  { "source-release",        true  },
  { "source-released",       false },
  { "source-kill",           false },
  { "source-off",            false },
  { "source-undefine",       true  },
  { "source-forget",         true  },
  { "source-lower",          true  },
  { "source-tell-gone",      true  },
  { "source-close",          false },

  /* at the target */
  { "target-announced",      false }, /* nothing is journaled yet */
  { "target-begun",          false }, /* RECEIVING is journaled */
  { "target-fence",          true  },
  { "target-index",          true  },
  { "target-folder",         true  },
  { "target-ready",          false }, /* next: the answer to the announcement */
  { "target-relay",          true  },
  { "target-local",          true  }, /* libvirt's socket, or QEMU's */
  { "target-prepared",       false },
  { "target-received",       false },
  { "target-freeze",         true  },
  { "target-define",         true  },
  { "target-disks",          true  },
  { "target-go",             false },
  { "target-owner",          false },
  { "target-thawed",         false },
  { "target-resume",         true  }, /* libvirt refuses, and the copy never ran */
  { "target-resumed",        true  }, /* libvirt says that it failed, and the guest runs */
  { "target-runs",           false }, /* next: the answer to GO */
  { "target-settle",         false },
  { "target-epoch",          true  },
  { "target-lower",          true  },
  { "target-close",          false },

  /* a move that is undone, at the source */
  { "source-aborted",        false },
  { "source-thawed",         false },
  { "source-p2p-over",       false },
  { "source-undo-guest",     true  },
  { "source-undo-device",    true  },
  { "source-undo-folder",    true  },
  { "source-undo-fence",     true  },
  { "source-tell-aborted",   true  },
  { "source-told-aborted",   true  }, /* the answer is lost */

  /* at the target */
  { "target-abort",          false },
  { "target-aborted",        false },
  { "target-undo-domain",    true  },
  { "target-undo-folder",    true  },
  { "target-undo-index",     true  },
  { "target-undo-fence",     true  },
  { "target-undone",         false },

  /* not of a move between two SUs that live */
  { "recover-begun",         false },
  { "recover-defined",       false },
  { "source-undo-medium",    true  },
  { "target-undo-owner",     true  },
  { "target-undo-file",      true  },
};
/* clang-format on */

const UmzFaultPoint *
umz_fault_get_points (size_t *ret_n)
{
  *ret_n = G_N_ELEMENTS (points);
  return points;
}

const UmzFaultPoint *
umz_fault_find_point (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (points); i++)
    if (strcmp (points[i].name, name) == 0)
      return &points[i];
  g_error ("the fault point %s is not in the list", name);
}

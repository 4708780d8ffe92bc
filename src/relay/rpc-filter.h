/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rpc-filter.h: which of libvirt's RPC frames may pass, and which must wait.
 *
 * A pure parser: bytes of one direction go in, verdicts about whole frames come out.  It does not
 * matter how the bytes are cut.  What it lets through is written at the head of rpc-filter.c.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/reader.h"
#include "relay/control.h"

/* The largest frame that is taken: a definition and a cookie of libvirt's full size. */
#define UMZ_RPC_FRAME_MAX_BYTES (8 * 1024 * 1024)
#define UMZ_RPC_HEADER_BYTES    28

typedef enum {
  UMZ_RPC_CALLS,   /* from the source's libvirtd to the target's */
  UMZ_RPC_REPLIES, /* and back */
} UmzRpcDirection;

typedef enum {
  UMZ_RPC_NEED_MORE, /* the bytes given are used up */
  UMZ_RPC_PASS,      /* hand the frame on */
  UMZ_RPC_HOLD,      /* keep the frame; hand it on when umzugd says RELEASE */
  UMZ_RPC_ANSWER,    /* send `bytes` back to where the frame came from */
  UMZ_RPC_SWALLOW,   /* nothing to do */
} UmzRpcAction;

typedef enum {
  UMZ_RPC_NO_EVENT,
  UMZ_RPC_PREPARED,       /* OK reply to Prepare */
  UMZ_RPC_FINISH_CALLED,  /* see cancelled */
  UMZ_RPC_FINISH_REPLIED, /* see ok */
} UmzRpcEvent;

typedef struct {
  UmzRpcAction action;
  const uint8_t *bytes; /* the frame; borrowed from the filter until its next call */
  size_t length_bytes;
  UmzRpcEvent event;
  bool cancelled;
  bool ok;
} UmzRpcVerdict;

typedef struct UmzRpcFilter UmzRpcFilter;

/* vm_name, vm_uuid: the only VM that Prepare and Finish may be about; copied. */
UmzRpcFilter *umz_rpc_filter_new (UmzRelaySide side, const char *vm_name,
                                  const uint8_t vm_uuid[UMZ_RELAY_VM_UUID_BYTES]);
void umz_rpc_filter_free (UmzRpcFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzRpcFilter, umz_rpc_filter_free)

/* Takes bytes up to the end of the next frame and judges it.  Call it until NEED_MORE.
 * Errors: UMZ_RELAY_ERROR, END_REFUSED, with the procedure's name in the text.  The connection
 * must end then; every later call, in either direction, fails with the same error.
 */
bool umz_rpc_filter_next (UmzRpcFilter *filter, UmzRpcDirection direction, UmzReader *bytes,
                          UmzRpcVerdict *ret_verdict, GError **error);

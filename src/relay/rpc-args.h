/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rpc-args.h: whether the arguments of libvirt's deciding calls are what our own source sends.
 *
 * Through this connection one host's libvirtd acts as root on another.  It opens QEMU's driver and
 * no other, for some run programs.  Prepare may bring in the announced VM only, at a socket of this
 * host, and only so that it arrives paused; Finish may finish only that one.  Whatever we do not
 * understand is refused.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/reader.h"
#include "relay/control.h"

typedef struct {
  char name[UMZ_RELAY_VM_NAME_BYTES];
  uint8_t uuid[UMZ_RELAY_VM_UUID_BYTES];
} UmzRpcVm;

/* args: remote_connect_open_args.  Errors: UMZ_RELAY_ERROR, END_REFUSED. */
bool umz_rpc_args_check_open (UmzReader *args, GError **error);

/* args: remote_domain_migrate_prepare3_params_args.  Errors: UMZ_RELAY_ERROR, END_REFUSED. */
bool umz_rpc_args_check_prepare (UmzReader *args, const UmzRpcVm *vm, GError **error);

typedef enum {
  UMZ_RPC_FINISH_GO_ON,  /* cancelled = 0: the target keeps the VM */
  UMZ_RPC_FINISH_CANCEL, /* cancelled = 1: the target drops it */
} UmzRpcFinish;

/* args: remote_domain_migrate_finish3_params_args.  Errors: UMZ_RELAY_ERROR, END_REFUSED. */
bool umz_rpc_args_check_finish (UmzReader *args, const UmzRpcVm *vm, UmzRpcFinish *ret_finish,
                                GError **error);

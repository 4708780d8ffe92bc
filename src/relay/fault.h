/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fault.h: failures on demand, for tests of whole moves.
 *
 * START names a fault; a relay that was not started with --allow-faults refuses such a START.
 * Everything that a fault does is here or asks here.
 */
#pragma once

#include <string.h>

#include "relay/control.h"

static inline bool
umz_relay_fault_is (const UmzRelayStart *start, UmzRelayFault fault)
{
  return G_UNLIKELY (start->fault == fault);
}

/* SPOIL_FINISH_REPLY: of the held reply everything behind its header. */
static inline void
umz_relay_fault_spoil (const UmzRelayStart *start, uint8_t *payload, size_t n_bytes)
{
  if (umz_relay_fault_is (start, UMZ_RELAY_FAULT_SPOIL_FINISH_REPLY))
    memset (payload, 0xff, n_bytes);
}

/* FLIP_BYTE, SPOIL_BATCH: bytes are n_bytes of the stream, the first of them at `offset_bytes`. */
static inline void
umz_relay_fault_flip (const UmzRelayStart *start, UmzRelayFault fault, uint64_t offset_bytes,
                      uint8_t *bytes, size_t n_bytes)
{
  if (umz_relay_fault_is (start, fault) && start->fault_offset_bytes >= offset_bytes &&
      start->fault_offset_bytes - offset_bytes < n_bytes)
    bytes[start->fault_offset_bytes - offset_bytes] ^= 0x01;
}

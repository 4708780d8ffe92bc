/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-rpc-filter.c: libFuzzer target.  The law: bytes that pass are bytes that came, in order, and
 * however they are cut the outcome is the same.
 *
 * The input is a sequence of (u8 direction and size, bytes).
 */
#include <string.h>

#include "relay/rpc-filter.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const uint8_t vm_uuid[16] = { 0x8f, 0x2b, 0x0d, 0x5e };

/* Feeds n bytes in pieces; the number of bytes in passed or held frames, or SIZE_MAX after a
 * refusal. */
static size_t
feed (UmzRpcFilter *filter, UmzRpcDirection direction, const uint8_t *bytes, size_t n, size_t piece)
{
  size_t out = 0;

  for (size_t at = 0; at < n; at += piece) {
    UmzRpcVerdict verdict = { 0 };
    UmzReader reader;
    umz_reader_init (&reader, bytes + at, MIN (piece, n - at));
    do {
      if (!umz_rpc_filter_next (filter, direction, &reader, &verdict, NULL))
        return SIZE_MAX;
      if (verdict.action == UMZ_RPC_PASS || verdict.action == UMZ_RPC_HOLD)
        out += verdict.length_bytes;
    } while (verdict.action != UMZ_RPC_NEED_MORE);
    g_assert (umz_reader_get_left_bytes (&reader) == 0);
  }
  return out;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (UmzRpcFilter) whole = umz_rpc_filter_new (UMZ_RELAY_SIDE_SOURCE, "vm", vm_uuid);
  g_autoptr (UmzRpcFilter) cut = umz_rpc_filter_new (UMZ_RELAY_SIDE_SOURCE, "vm", vm_uuid);

  while (size > 0) {
    UmzRpcDirection direction = data[0] & 1;
    size_t n = MIN ((size_t) (data[0] >> 1) * 8, size - 1);
    data++;
    size--;
    size_t a = feed (whole, direction, data, n, MAX (n, 1));
    size_t b = feed (cut, direction, data, n, 1);
    g_assert (a == b);
    data += n;
    size -= n;
  }
  return 0;
}

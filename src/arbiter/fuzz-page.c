/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-page.c: any bytes are a page, or refused; with the right sum too. */
#include "arbiter/page.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
set_sum (uint8_t *bytes)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize length_bytes = g_checksum_type_get_length (G_CHECKSUM_SHA256);
  g_checksum_update (checksum, bytes, UMZ_PAGE_BYTES - length_bytes);
  g_checksum_get_digest (checksum, bytes + UMZ_PAGE_BYTES - length_bytes, &length_bytes);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  uint8_t bytes[UMZ_PAGE_BYTES] = { 0 }, formatted[UMZ_PAGE_BYTES];
  UmzPage page;
  memcpy (bytes, data, MIN (size, sizeof bytes));
  for (unsigned i = 0; i < 2; i++) {
    if (umz_page_parse (bytes, 3, &page) && bytes[0] != 0) {
      umz_page_format (&page, formatted);
      g_assert_cmpmem (formatted, sizeof formatted, bytes, sizeof bytes);
    }
    set_sum (bytes);
  }
  return 0;
}

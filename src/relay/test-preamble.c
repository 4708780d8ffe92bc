/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-preamble.c: the bytes in front of TLS. */
#include "relay/preamble.h"

#include <string.h>

static const uint8_t stream_id[UMZ_RELAY_STREAM_ID_BYTES] = { 0xa0, 1, 2, 3, 4, 5, 6, 7,
                                                              8, 9, 10, 11, 12, 13, 14, 15 };

static void
test_round_trip (void)
{
  uint8_t bytes[UMZ_PREAMBLE_BYTES], id[UMZ_RELAY_STREAM_ID_BYTES];
  g_autoptr (GError) error = NULL;

  umz_preamble_encode (stream_id, bytes);
  g_assert_true (umz_preamble_decode (bytes, id, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (id, sizeof id, stream_id, sizeof stream_id);
}

static void
test_layout (void)
{
  uint8_t bytes[UMZ_PREAMBLE_BYTES];

  umz_preamble_encode (stream_id, bytes);
  g_assert_cmpmem (bytes, 9, "UMZD\0\0\0\1\xa0", 9);
}

static void
test_refused (void)
{
  for (unsigned i = 0; i < 8; i++) {
    uint8_t bytes[UMZ_PREAMBLE_BYTES], id[UMZ_RELAY_STREAM_ID_BYTES] = { 0 };
    g_autoptr (GError) error = NULL;

    umz_preamble_encode (stream_id, bytes);
    bytes[i] ^= 0x20;
    g_assert_false (umz_preamble_decode (bytes, id, &error));
    g_assert_error (error, UMZ_RELAY_ERROR, UMZ_RELAY_END_HOSTILE);
    g_assert_cmpuint (id[0], ==, 0);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preamble/decodes-what-was-encoded", test_round_trip);
  g_test_add_func ("/preamble/has-the-documented-layout", test_layout);
  g_test_add_func ("/preamble/another-word-or-version-is-refused", test_refused);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-text.c: what counts as the same name, and what as a name at all. */
#include "base/text.h"

#include <string.h>

static void
names_ignore_case (void)
{
  g_assert_true (umz_text_is_same_name ("vm12Prod", "VM12PROD"));
  g_assert_false (umz_text_is_same_name ("VM12PROD", "VM12PRO"));
  g_assert_true (umz_text_is_same_name (NULL, NULL));
  g_assert_false (umz_text_is_same_name (NULL, ""));
}

static void
upper_case_leaves_other_bytes_alone (void)
{
  g_autofree char *upper = umz_text_dup_upper ("vm-12.ä\xff");
  g_assert_cmpstr (upper, ==, "VM-12.ä\xff");
}

static void
a_composed_name_has_only_filled_parts (void)
{
  static const char *good[] = { "A", "ABGSE701", "1", "A-B.C", "$#@", "AAAAAAAA" };
  static const char *bad[] = { "", "a", "A-", "-A", "A..B", "A.-B", ".", "..", "A/B", "A B", "A_B",
                               "AAAAAAAAA", "Ä" };

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++) {
    g_test_message ("good: %s", good[i]);
    g_assert_true (umz_text_is_composed_name (good[i], 8));
  }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_test_message ("bad: %s", bad[i]);
    g_assert_false (umz_text_is_composed_name (bad[i], 8));
  }
}

static void
hex_comes_back_as_the_same_bytes (void)
{
  uint8_t all[256];
  for (size_t i = 0; i < sizeof all; i++)
    all[i] = (uint8_t) i;

  for (size_t n = 0; n <= sizeof all; n++) {
    g_autofree char *hex = umz_text_dup_hex (all, n);
    g_autoptr (GBytes) bytes = umz_text_new_bytes_from_hex (hex);
    g_assert_nonnull (bytes);
    g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), all, n);
  }
}

static void
hex_refuses_what_is_no_hex (void)
{
  static const char *bad[] = { "0", "0g", "g0", " 00", "0x00", "-1", "00 " };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_test_message ("%s", bad[i]);
    g_assert_null (umz_text_new_bytes_from_hex (bad[i]));
  }
}

static void
hex_accepts_both_cases (void)
{
  g_autoptr (GBytes) bytes = umz_text_new_bytes_from_hex ("aBfF");
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "\xab\xff", 2);
}

static void
foreign_text_is_made_harmless (void)
{
  static const struct {
    const char *bytes;
    size_t n_bytes;
    const char *text;
    size_t n_used;
  } cases[] = {
    { "", 0, "", 0 },
    { "a\tb\r\n", 5, "a\tb\r\n", 5 },
    { "\33[2Jx\7\0y\177", 9, ".[2Jx..y.", 9 },
    { "\302\233m", 3, ".m", 3 },     /* CSI as one character */
    { "\342\200\256x", 4, ".x", 4 }, /* right-to-left override */
    { "\342\200\250x", 4, ".x", 4 }, /* line separator */
    { "\303\274\342\202\254", 5, "ü€", 5 },
    { "x\303", 2, "x", 1 }, /* the rest may come */
    { "x\360\237\230", 4, "x", 1 },
    { "x\303y", 3, "x\357\277\275y", 3 }, /* it has not come */
    { "\303\0", 2, "\357\277\275.", 2 },
    { "\300\200\377", 3, "\357\277\275\357\277\275\357\277\275", 3 },
    { "\355\240\200", 3, "\357\277\275\357\277\275\357\277\275", 3 }, /* surrogate */
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    size_t n_used;
    g_autofree char *text = umz_text_dup_harmless (cases[i].bytes, cases[i].n_bytes, &n_used);
    g_test_message ("%zu: %s", i, text);
    g_assert_cmpstr (text, ==, cases[i].text);
    g_assert_cmpuint (n_used, ==, cases[i].n_used);
  }
}

/* Any bytes, ended anywhere: read in two pieces they give valid text, and no byte is lost. */
static void
foreign_text_may_come_in_pieces (void)
{
  uint8_t bytes[64];
  for (unsigned round = 0; round < 1000; round++) {
    for (size_t i = 0; i < sizeof bytes; i++)
      bytes[i] = (uint8_t) g_test_rand_int_range (0x70, 0x100);
    size_t end = (size_t) g_test_rand_int_range (0, sizeof bytes), n_first, n_second;
    g_autofree char *first = umz_text_dup_harmless (bytes, end, &n_first);
    g_autofree char *second =
      umz_text_dup_harmless (bytes + n_first, sizeof bytes - n_first, &n_second);
    g_assert_true (g_utf8_validate (first, -1, NULL) && g_utf8_validate (second, -1, NULL));
    g_assert_cmpuint (n_first + 3, >=, end);
    g_assert_cmpuint (n_first, <=, end);
    g_assert_cmpuint (n_first + n_second + 3, >=, sizeof bytes);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/names-ignore-case", names_ignore_case);
  g_test_add_func ("/text/upper-case-leaves-other-bytes-alone",
                   upper_case_leaves_other_bytes_alone);
  g_test_add_func ("/text/a-composed-name-has-only-filled-parts",
                   a_composed_name_has_only_filled_parts);
  g_test_add_func ("/text/hex-comes-back-as-the-same-bytes", hex_comes_back_as_the_same_bytes);
  g_test_add_func ("/text/hex-refuses-what-is-no-hex", hex_refuses_what_is_no_hex);
  g_test_add_func ("/text/hex-accepts-both-cases", hex_accepts_both_cases);
  g_test_add_func ("/text/foreign-text-is-made-harmless", foreign_text_is_made_harmless);
  g_test_add_func ("/text/foreign-text-may-come-in-pieces", foreign_text_may_come_in_pieces);
  return g_test_run ();
}

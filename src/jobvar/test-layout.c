/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-layout.c: every byte of a MONJV stands where scripts look for it. */
#include "jobvar/layout.h"

#include "messages/catalogue.h"

#include <string.h>

static const UmzMonjv example = {
  .state = UMZ_MONJV_ABORTED,
  .catalog_id = "A",
  .session_number = 7,
  .begin_utc_s = 951782400 + 3 * 3600 + 4 * 60 + 5, /* 2000-02-29 03:04:05 */
  .vm_name = "VM12PROD",
  .vm_index = 12,
  .source_su = "ABGSE501",
  .target_su = "ABGSE7",
  .cause_code = "VMS2425",
};

static void
write_over_dots (const UmzMonjv *monjv, char *value)
{
  memset (value, '.', UMZ_MONJV_BYTES);
  umz_monjv_write (monjv, value);
}

#define assert_bytes(value, first, last, expected)                                  \
  g_assert_cmpmem ((value) + (first) -1, (size_t) ((last) - (first) + 1), expected, \
                   sizeof (expected) - 1)

static void
every_byte_has_its_place (void)
{
  char value[UMZ_MONJV_BYTES];
  write_over_dots (&example, value);

  assert_bytes (value, 1, 3, "$AE");
  assert_bytes (value, 4, 4, "0");
  assert_bytes (value, 5, 8, "    ");
  assert_bytes (value, 9, 12, "A   ");
  assert_bytes (value, 13, 16, "    ");
  assert_bytes (value, 17, 17, "V");
  assert_bytes (value, 18, 20, "007");
  assert_bytes (value, 21, 36, "2000-02-29030405");
  assert_bytes (value, 37, 70, "                                  ");
  assert_bytes (value, 71, 78, "VM12PROD");
  assert_bytes (value, 79, 81, "012");
  assert_bytes (value, 82, 89, "ABGSE501");
  assert_bytes (value, 90, 97, "ABGSE7  ");
  assert_bytes (value, 98, 104, "VMS2425");
  assert_bytes (value, 105, 128, "                        ");
}

static void
the_user_part_is_untouched (void)
{
  char value[UMZ_MONJV_BYTES];
  write_over_dots (&example, value);
  for (size_t i = UMZ_MONJV_SYSTEM_BYTES; i < UMZ_MONJV_BYTES; i++)
    g_assert_cmpint (value[i], ==, '.');
}

static void
states_are_written_as_in_vm2000 (void)
{
  static const struct {
    UmzMonjvState state;
    const char *bytes;
    bool is_final;
  } cases[] = {
    { UMZ_MONJV_ACCEPTED, "$S ", false },
    { UMZ_MONJV_RUNNING, "$R ", false },
    { UMZ_MONJV_ENDED, "$T ", true },
    { UMZ_MONJV_ENDED_WITH_WARNING, "$TW", true },
    { UMZ_MONJV_ABORTED, "$AE", true },
    { UMZ_MONJV_REJECTED, "$AF", true },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    char value[UMZ_MONJV_BYTES];
    UmzMonjv monjv = example;
    monjv.state = cases[i].state;
    write_over_dots (&monjv, value);
    g_assert_cmpmem (value, 3, cases[i].bytes, 3);
    g_assert_true (umz_monjv_state_is_final (cases[i].state) == cases[i].is_final);
  }
}

static void
assert_same (const UmzMonjv *a, const UmzMonjv *b)
{
  g_assert_cmpint (a->state, ==, b->state);
  g_assert_cmpstr (a->catalog_id, ==, b->catalog_id);
  g_assert_cmpuint (a->session_number, ==, b->session_number);
  g_assert_cmpint (a->begin_utc_s, ==, b->begin_utc_s);
  g_assert_cmpstr (a->vm_name, ==, b->vm_name);
  g_assert_cmpuint (a->vm_index, ==, b->vm_index);
  g_assert_cmpstr (a->source_su, ==, b->source_su);
  g_assert_cmpstr (a->target_su, ==, b->target_su);
  g_assert_cmpstr (a->cause_code, ==, b->cause_code);
}

static void
what_was_written_can_be_read (void)
{
  static const unsigned indexes[] = { 0, 1, 99, 100, 999, 1000, 9999 };
  for (size_t i = 0; i < G_N_ELEMENTS (indexes); i++) {
    char value[UMZ_MONJV_BYTES];
    UmzMonjv got;
    g_autoptr (GError) error = NULL;
    UmzMonjv monjv = example;
    monjv.vm_index = indexes[i];
    monjv.state = (UmzMonjvState) (i % (UMZ_MONJV_REJECTED + 1));
    write_over_dots (&monjv, value);
    g_assert_true (umz_monjv_read (value, &got, &error));
    assert_same (&got, &monjv);
  }
}

static void
empty_texts_stay_empty (void)
{
  char value[UMZ_MONJV_BYTES];
  UmzMonjv got;
  UmzMonjv monjv = { .session_number = 1, .vm_index = 2 };
  write_over_dots (&monjv, value);
  g_assert_true (umz_monjv_read (value, &got, NULL));
  assert_same (&got, &monjv);
}

static void
an_index_of_four_digits_does_not_overflow (void)
{
  char value[UMZ_MONJV_BYTES];
  UmzMonjv monjv = example;
  monjv.vm_index = 1234;
  write_over_dots (&monjv, value);
  assert_bytes (value, 79, 81, "***");
  assert_bytes (value, 105, 108, "1234");
  assert_bytes (value, 82, 89, "ABGSE501");
}

static void
an_index_that_is_not_known_is_blank (void)
{
  char value[UMZ_MONJV_BYTES];
  UmzMonjv monjv = example;
  monjv.vm_index = 0;
  write_over_dots (&monjv, value);
  assert_bytes (value, 71, 78, "VM12PROD");
  assert_bytes (value, 79, 81, "   ");
  assert_bytes (value, 82, 89, "ABGSE501");
  assert_bytes (value, 105, 108, "    ");
}

static void
only_printable_ascii_is_written (void)
{
  char value[UMZ_MONJV_BYTES];
  UmzMonjv monjv = example;
  g_strlcpy (monjv.vm_name, "a\nb\xc3\xbc\x7f", sizeof monjv.vm_name);
  write_over_dots (&monjv, value);
  assert_bytes (value, 71, 78, "a?b???  ");
}

static void
refuses_what_it_did_not_write (void)
{
  static const struct {
    const char *why;
    size_t position;
    char byte;
  } cases[] = {
    { "unknown state", 2, 'X' },
    { "state without $", 1, ' ' },
    { "byte 4", 4, ' ' },
    { "a program's MONJV", 17, 'P' },
    { "session number", 18, ' ' },
    { "year", 21, 'x' },
    { "hyphen", 25, '/' },
    { "month 22", 26, '2' },
    { "minute 64", 33, '6' },
    { "index", 80, ' ' },
    { "wide index without its digits", 79, '*' },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    char value[UMZ_MONJV_BYTES];
    UmzMonjv got;
    g_autoptr (GError) error = NULL;
    write_over_dots (&example, value);
    value[cases[i].position - 1] = cases[i].byte;
    g_test_message ("%s", cases[i].why);
    g_assert_false (umz_monjv_read (value, &got, &error));
    g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0034);
  }
}

static void
refuses_numbers_that_are_zero (void)
{
  char value[UMZ_MONJV_BYTES];
  UmzMonjv got;
  write_over_dots (&example, value);
  memcpy (value + 18 - 1, "000", 3);
  g_assert_false (umz_monjv_read (value, &got, NULL));

  write_over_dots (&example, value);
  memcpy (value + 79 - 1, "000", 3);
  g_assert_false (umz_monjv_read (value, &got, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/monjv/every-byte-has-its-place", every_byte_has_its_place);
  g_test_add_func ("/monjv/the-user-part-is-untouched", the_user_part_is_untouched);
  g_test_add_func ("/monjv/states-are-written-as-in-vm2000", states_are_written_as_in_vm2000);
  g_test_add_func ("/monjv/what-was-written-can-be-read", what_was_written_can_be_read);
  g_test_add_func ("/monjv/empty-texts-stay-empty", empty_texts_stay_empty);
  g_test_add_func ("/monjv/an-index-of-four-digits-does-not-overflow",
                   an_index_of_four_digits_does_not_overflow);
  g_test_add_func ("/monjv/an-index-that-is-not-known-is-blank",
                   an_index_that_is_not_known_is_blank);
  g_test_add_func ("/monjv/only-printable-ascii-is-written", only_printable_ascii_is_written);
  g_test_add_func ("/monjv/refuses-what-it-did-not-write", refuses_what_it_did_not_write);
  g_test_add_func ("/monjv/refuses-numbers-that-are-zero", refuses_numbers_that_are_zero);
  return g_test_run ();
}

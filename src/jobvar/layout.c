/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* layout.c: a pure function between UmzMonjv and its 256 bytes.
 *
 * Positions count from 1, as in VM2000's manual.  Texts are left-justified and padded with blanks,
 * numbers have leading zeros.
 *
 *     1    3  state: $S, $R, $T, $TW, $AE, $AF
 *     4    1  '0'
 *     5    4  TSN: blank
 *     9    4  catalog id
 *    13    4  blank
 *    17    1  'V': written by VM2000
 *    18    3  session number
 *    21   16  begin of monitoring in UTC: yyyy-mm-ddhhmmss
 *    37   34  blank
 *    71    8  VM name
 *    79    3  VM index; "***" if it has four digits, blank if it is not known
 *    82    8  source SU       from here to 128 the manual says "further information"
 *    90    8  target SU       only; the layout is ours
 *    98    7  code of the message that ended the migration, or blank
 *   105    4  VM index, if it has four digits, or blank
 *   109   20  blank
 *   129  128  the user's
 */
#include "jobvar/layout.h"

#include "messages/catalogue.h"

#include <stdio.h>
#include <string.h>

/* Where a field stands: position from 1, length in bytes. */
typedef struct {
  size_t position;
  size_t length;
} Field;

static const Field field_state = { 1, 3 };
static const Field field_zero = { 4, 1 };
static const Field field_catalog_id = { 9, 4 };
static const Field field_type = { 17, 1 };
static const Field field_session_number = { 18, 3 };
static const Field field_begin = { 21, 16 };
static const Field field_vm_name = { 71, 8 };
static const Field field_vm_index = { 79, 3 };
static const Field field_source_su = { 82, 8 };
static const Field field_target_su = { 90, 8 };
static const Field field_cause_code = { 98, 7 };
static const Field field_wide_vm_index = { 105, 4 };

#define VM_INDEX_NARROW_MAX 999
#define VM_INDEX_IS_WIDE    "***"
#define VM_INDEX_IS_UNKNOWN "   "

static const struct {
  UmzMonjvState state;
  const char *text;
} states[] = {
  { UMZ_MONJV_ACCEPTED, "$S" },
  { UMZ_MONJV_RUNNING, "$R" },
  { UMZ_MONJV_ENDED, "$T" },
  { UMZ_MONJV_ENDED_WITH_WARNING, "$TW" },
  { UMZ_MONJV_ABORTED, "$AE" },
  { UMZ_MONJV_REJECTED, "$AF" },
};

const char *
umz_monjv_state_text (UmzMonjvState state)
{
  for (size_t i = 0; i < G_N_ELEMENTS (states); i++)
    if (states[i].state == state)
      return states[i].text;
  g_assert_not_reached ();
}

bool
umz_monjv_state_is_final (UmzMonjvState state)
{
  switch (state) {
  case UMZ_MONJV_ACCEPTED:
  case UMZ_MONJV_RUNNING: return false;
  case UMZ_MONJV_ENDED:
  case UMZ_MONJV_ENDED_WITH_WARNING:
  case UMZ_MONJV_ABORTED:
  case UMZ_MONJV_REJECTED: return true;
  }
  g_assert_not_reached ();
}

/* ---- writing ---- */

static void
write_text (char *value, Field field, const char *text)
{
  for (size_t i = 0; i < field.length && text[i] != '\0'; i++)
    value[field.position - 1 + i] = g_ascii_isprint (text[i]) ? text[i] : '?';
}

static void
write_number (char *value, Field field, unsigned number)
{
  char digits[16];
  (void) snprintf (digits, sizeof digits, "%0*u", (int) field.length, number); /* always fits */
  write_text (value, field, digits);
}

static void
write_begin (char *value, int64_t begin_utc_s)
{
  g_autoptr (GDateTime) begin = g_date_time_new_from_unix_utc (begin_utc_s);
  g_assert (begin != NULL);
  g_autofree char *text =
    g_strdup_printf ("%04d-%02d-%02d%02d%02d%02d", g_date_time_get_year (begin),
                     g_date_time_get_month (begin), g_date_time_get_day_of_month (begin),
                     g_date_time_get_hour (begin), g_date_time_get_minute (begin),
                     g_date_time_get_second (begin));
  write_text (value, field_begin, text);
}

static void
write_vm_index (char *value, unsigned vm_index)
{
  if (vm_index == 0) {
    write_text (value, field_vm_index, VM_INDEX_IS_UNKNOWN);
  }
  else if (vm_index <= VM_INDEX_NARROW_MAX) {
    write_number (value, field_vm_index, vm_index);
  }
  else {
    write_text (value, field_vm_index, VM_INDEX_IS_WIDE);
    write_number (value, field_wide_vm_index, vm_index);
  }
}

void
umz_monjv_write (const UmzMonjv *monjv, char value[UMZ_MONJV_BYTES])
{
  g_assert (monjv->session_number >= 1 && monjv->session_number <= UMZ_MONJV_SESSION_MAX);
  g_assert (monjv->vm_index <= UMZ_MONJV_INDEX_MAX);

  memset (value, ' ', UMZ_MONJV_SYSTEM_BYTES);
  write_text (value, field_state, umz_monjv_state_text (monjv->state));
  write_text (value, field_zero, "0");
  write_text (value, field_catalog_id, monjv->catalog_id);
  write_text (value, field_type, "V");
  write_number (value, field_session_number, monjv->session_number);
  write_begin (value, monjv->begin_utc_s);
  write_text (value, field_vm_name, monjv->vm_name);
  write_vm_index (value, monjv->vm_index);
  write_text (value, field_source_su, monjv->source_su);
  write_text (value, field_target_su, monjv->target_su);
  write_text (value, field_cause_code, monjv->cause_code);
}

/* ---- reading ---- */

/* Copies a field without the blanks behind it; text has room for it and a NUL. */
static void
read_text (const char *value, Field field, char *text)
{
  size_t length = field.length;
  while (length > 0 && value[field.position - 1 + length - 1] == ' ')
    length--;
  memcpy (text, value + field.position - 1, length);
  text[length] = '\0';
}

static bool
has_text (const char *value, Field field, const char *text)
{
  return strlen (text) == field.length &&
         memcmp (value + field.position - 1, text, field.length) == 0;
}

/* Reads exactly as many digits as the field is long. */
static bool
read_number (const char *value, Field field, unsigned *ret_number)
{
  unsigned number = 0;
  for (size_t i = 0; i < field.length; i++) {
    char c = value[field.position - 1 + i];
    if (!g_ascii_isdigit (c))
      return false;
    number = number * 10 + (unsigned) g_ascii_digit_value (c);
  }
  *ret_number = number;
  return true;
}

static bool
read_state (const char *value, UmzMonjvState *ret_state)
{
  char text[4];
  read_text (value, field_state, text);
  for (size_t i = 0; i < G_N_ELEMENTS (states); i++) {
    if (strcmp (text, states[i].text) == 0) {
      *ret_state = states[i].state;
      return true;
    }
  }
  return false;
}

static bool
read_begin (const char *value, int64_t *ret_begin_utc_s)
{
  static const Field parts[] = { { 21, 4 }, { 26, 2 }, { 29, 2 }, { 31, 2 }, { 33, 2 }, { 35, 2 } };
  static const Field hyphens[] = { { 25, 1 }, { 28, 1 } };
  unsigned numbers[G_N_ELEMENTS (parts)];

  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    if (!read_number (value, parts[i], &numbers[i]))
      return false;
  for (size_t i = 0; i < G_N_ELEMENTS (hyphens); i++)
    if (!has_text (value, hyphens[i], "-"))
      return false;

  g_autoptr (GDateTime) begin =
    g_date_time_new_utc ((int) numbers[0], (int) numbers[1], (int) numbers[2], (int) numbers[3],
                         (int) numbers[4], numbers[5]);
  if (begin == NULL)
    return false;
  *ret_begin_utc_s = g_date_time_to_unix (begin);
  return true;
}

static bool
read_vm_index (const char *value, unsigned *ret_vm_index)
{
  *ret_vm_index = 0;
  if (has_text (value, field_vm_index, VM_INDEX_IS_UNKNOWN))
    return true;
  if (!has_text (value, field_vm_index, VM_INDEX_IS_WIDE))
    return read_number (value, field_vm_index, ret_vm_index) && *ret_vm_index >= 1;
  return read_number (value, field_wide_vm_index, ret_vm_index) &&
         *ret_vm_index > VM_INDEX_NARROW_MAX;
}

/* Reads the numbers and fixed bytes of the system part. */
static bool
read_fixed (const char *value, UmzMonjv *monjv)
{
  return read_state (value, &monjv->state) && has_text (value, field_zero, "0") &&
         has_text (value, field_type, "V") &&
         read_number (value, field_session_number, &monjv->session_number) &&
         monjv->session_number >= 1 && read_begin (value, &monjv->begin_utc_s) &&
         read_vm_index (value, &monjv->vm_index);
}

bool
umz_monjv_read (const char value[UMZ_MONJV_BYTES], UmzMonjv *ret_monjv, GError **error)
{
  UmzMonjv monjv = { 0 };
  if (!read_fixed (value, &monjv)) {
    g_autofree char *beginning = g_strndup (value, field_begin.position + field_begin.length - 1);
    umz_set_error (error, UMZ_MSG_UMZ0034, beginning, NULL);
    return false;
  }
  read_text (value, field_catalog_id, monjv.catalog_id);
  read_text (value, field_vm_name, monjv.vm_name);
  read_text (value, field_source_su, monjv.source_su);
  read_text (value, field_target_su, monjv.target_su);
  read_text (value, field_cause_code, monjv.cause_code);
  *ret_monjv = monjv;
  return true;
}

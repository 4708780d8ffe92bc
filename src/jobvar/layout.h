/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* layout.h: the 256 bytes of a job variable that monitors a migration.
 *
 * Scripts look at single bytes of it, so the positions are for ever.  layout.c has the table.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define UMZ_MONJV_BYTES        256
#define UMZ_MONJV_SYSTEM_BYTES 128 /* ours; the rest is the user's and never touched */
#define UMZ_MONJV_SESSION_MAX  999
#define UMZ_MONJV_INDEX_MAX    9999

#define UMZ_JV_NAME_LENGTH_MAX 54

typedef enum {
  UMZ_MONJV_ACCEPTED,           /* $S: the check was passed */
  UMZ_MONJV_RUNNING,            /* $R */
  UMZ_MONJV_ENDED,              /* $T */
  UMZ_MONJV_ENDED_WITH_WARNING, /* $TW */
  UMZ_MONJV_ABORTED,            /* $AE: by an error, all undone */
  UMZ_MONJV_REJECTED,           /* $AF: the check was not passed */
} UmzMonjvState;

/* "$S" and so on; lives for ever. */
const char *umz_monjv_state_text (UmzMonjvState state);

/* Whether the monitoring is over: the variable is an ordinary one from here on. */
bool umz_monjv_state_is_final (UmzMonjvState state);

/* Fill the texts with g_strlcpy(); what does not fit is cut off, as in VM2000. */
typedef struct {
  UmzMonjvState state;
  char catalog_id[4 + 1];  /* of the home pubset of the monitor system; may be empty */
  unsigned session_number; /* of umzugd, 1 to UMZ_MONJV_SESSION_MAX */
  int64_t begin_utc_s;     /* when monitoring began, seconds since 1970; years 0001 to 9999 */
  char vm_name[8 + 1];
  unsigned vm_index; /* 1 to UMZ_MONJV_INDEX_MAX; 0: not known, written as blanks */
  char source_su[8 + 1];
  char target_su[8 + 1];
  char cause_code[7 + 1]; /* of the message that ended it, "VMS2425"; else empty */
} UmzMonjv;

/* Writes the system part and leaves the user part of value alone.  Characters other than printable
 * ASCII become '?'.  Numbers out of range are a bug.
 */
void umz_monjv_write (const UmzMonjv *monjv, char value[UMZ_MONJV_BYTES]);

/* Reads the system part back.  Fails with UMZ0034 if it was not written by umz_monjv_write(). */
bool umz_monjv_read (const char value[UMZ_MONJV_BYTES], UmzMonjv *ret_monjv, GError **error);

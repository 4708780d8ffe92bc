/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-condition.c: any bytes are either a condition, which is true or false, or a message. */
#include "jobvar/condition.h"

#include <string.h>

#include "jobvar/layout.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* A value on the heap, so that ASan sees a look behind its end. */
static const char *
look_up (const char *name, void *data)
{
  return data;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *value = g_strnfill (UMZ_MONJV_BYTES, 'A');
  g_autoptr (GError) error = NULL;
  if (!g_utf8_validate (text, -1, NULL))
    return 0; /* SDF has refused it */
  g_autoptr (UmzCondition) condition = umz_condition_parse (text, &error);
  g_assert ((condition == NULL) == (error != NULL));
  if (condition != NULL)
    (void) umz_condition_is_true (condition, look_up, value); /* either will do */
  return 0;
}

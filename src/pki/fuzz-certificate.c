/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-certificate.c: any bytes are a certificate that names one SU, or refused. */
#include "pki/pki.h"

#include <stdint.h>

#include "base/text.h"
#include "messages/catalogue.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = umz_pki_certificate_su_name (data, size, &error);
  if (name == NULL)
    g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0045);
  else
    g_assert_true (umz_text_is_composed_name (name, UMZ_SU_NAME_LENGTH_MAX));
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-libvirt-conf.c: any bytes are a file of settings, or of none. */
#include "host/libvirt-conf.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  /* On the heap and not terminated, so that ASan sees a look behind its end. */
  g_autofree char *text = g_memdup2 (data, size);
  g_autoptr (UmzLibvirtConf) conf = umz_libvirt_conf_parse (text, size);
  g_assert_nonnull (umz_libvirt_conf_get (conf, "user", ""));
  g_assert_cmpuint (umz_libvirt_conf_get_number (conf, "max_queued", 0), <=, INT32_MAX);
  return 0;
}

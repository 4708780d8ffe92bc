/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-pair.h: what the codec's fuzz targets share. */
#pragma once

#include <sys/mman.h>

#include "codec/codec.h"

#define UMZ_FUZZ_MIRROR_MAX_BYTES (4 << 20)

/* A mirror of its own, empty. */
static inline UmzMirror *
umz_fuzz_mirror (void)
{
  static const uint8_t key[UMZ_MIRROR_KEY_BYTES] = "a key of thirty-two bytes, and eight";

  return umz_mirror_new (memfd_create ("mirror", MFD_CLOEXEC), UMZ_FUZZ_MIRROR_MAX_BYTES, key);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/twin.h"

void
umz_twin_init (UmzTwin *twin, UmzMirror *mirror, const UmzDigest *before)
{
  *twin =
    (UmzTwin){ .parser = umz_ram_parser_new (), .mirror = mirror, .digest = *before };
}

void
umz_twin_clear (UmzTwin *twin)
{
  umz_ram_parser_free (twin->parser);
  umz_mirror_free (twin->mirror);
}

void
umz_twin_note_zero (UmzTwin *twin, uint64_t page)
{
  twin->stats.zero_pages++;
  if (twin->mirror != NULL)
    umz_mirror_set_zero (twin->mirror, page);
}

void
umz_twin_note_batch (UmzTwin *twin, const UmzBatchHeader *header, size_t n_bytes)
{
  twin->digest = umz_digest_after (&twin->digest, &header->hash);
  twin->stats.raw_bytes += header->raw_bytes;
  twin->stats.coded_bytes += n_bytes;
}

UmzCodecStats
umz_twin_get_stats (const UmzTwin *twin)
{
  UmzCodecStats stats = twin->stats;
  stats.total_pages = umz_ram_parser_get_pages (twin->parser);
  return stats;
}

bool
umz_twin_get_digest (UmzTwin *twin, UmzDigest *ret_digest)
{
  *ret_digest = twin->digest;
  return twin->mirror != NULL && umz_mirror_flush (twin->mirror, NULL);
}

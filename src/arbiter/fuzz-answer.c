/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-answer.c: any bytes are an answer of etcd, or refused. */
#include "arbiter/answer.h"

#include "model/json.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static UmzEtcdRead *const readers[] = { umz_etcd_read_decide, umz_etcd_read_get,
                                          umz_etcd_read_forget };
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (JsonNode) node = umz_json_parse (text, size, NULL);
  for (size_t i = 0; node != NULL && i < G_N_ELEMENTS (readers); i++) {
    UmzVerdict decided;
    if (readers[i](json_node_get_object (node), "Lw==", &decided))
      g_assert_nonnull (umz_verdict_text (decided));
  }
  return 0;
}

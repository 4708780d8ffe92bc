/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-definition.c: any text is the definition of a VM that can be told to another SU, or refused
 * there or here.
 */
#include "hypervisor/definition.h"

#include "messages/catalogue.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *xml = g_strndup ((const char *) data, size);
  g_autofree char *nvram = umz_definition_dup_nvram (xml);
  g_autoptr (GError) error = NULL;
  g_autoptr (UmzVm) vm = umz_definition_parse (xml, &error);
  g_assert_true (nvram == NULL || nvram[0] == '/');
  if (vm == NULL) {
    g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0310);
    return 0;
  }
  g_assert_true (vm->name[0] != '\0' && g_uuid_string_is_valid (vm->uuid));
  g_autoptr (UmzVm) copy = umz_vm_copy (vm);
  g_autoptr (JsonNode) node = umz_vm_to_json (copy);
  g_autoptr (UmzVm) heard = umz_vm_from_json (node, NULL);
  g_assert_true (heard == NULL || heard->devices->len == vm->devices->len);
  return 0;
}

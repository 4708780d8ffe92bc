/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-vm.c: any bytes of another SU are a VM that can be told to a third one as it is, or refused.
 */
#include "model/vm.h"

#include <string.h>

#include "model/json.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static char *
dup_told (const UmzVm *vm)
{
  g_autoptr (JsonNode) node = umz_vm_to_json (vm);
  return json_to_string (node, FALSE);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (JsonNode) node = umz_json_parse (text, size, NULL);
  g_autoptr (UmzVm) vm = node != NULL ? umz_vm_from_json (node, NULL) : NULL;
  if (vm == NULL)
    return 0;
  g_autofree char *told = dup_told (vm);
  g_autoptr (JsonNode) heard = umz_json_parse (told, strlen (told), NULL);
  g_autoptr (UmzVm) other = umz_vm_from_json (heard, NULL);
  g_autoptr (UmzVm) copy = umz_vm_copy (other);
  g_autofree char *again = dup_told (copy);
  g_assert_cmpstr (again, ==, told);
  return 0;
}

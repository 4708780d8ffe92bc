/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-rpc.c: libvirt RPC frames for tests. */
#include "relay/test-rpc.h"

#include <stdbool.h>
#include <string.h>

static void
add_u32 (GByteArray *bytes, uint32_t value)
{
  uint32_t be = GUINT32_TO_BE (value);

  g_byte_array_append (bytes, (const uint8_t *) &be, sizeof be);
}

static void
add_string (GByteArray *bytes, const char *text)
{
  size_t n = strlen (text);
  static const uint8_t zeros[3];

  add_u32 (bytes, n);
  g_byte_array_append (bytes, (const uint8_t *) text, n);
  g_byte_array_append (bytes, zeros, (4 - n % 4) % 4);
}

void
umz_test_rpc_add (GByteArray *bytes, const UmzTestRpcFrame *frame)
{
  add_u32 (bytes, 28 + frame->body_bytes + frame->length_error);
  add_u32 (bytes, frame->program != 0 ? frame->program : UMZ_TEST_RPC_REMOTE);
  add_u32 (bytes, frame->version != 0 ? frame->version : 1);
  add_u32 (bytes, frame->procedure);
  add_u32 (bytes, frame->type);
  add_u32 (bytes, frame->serial);
  add_u32 (bytes, frame->status);
  if (frame->body != NULL)
    g_byte_array_append (bytes, (const uint8_t *) frame->body, frame->body_bytes);
}

static void
add_string_param (GByteArray *bytes, const char *field, const char *value)
{
  if (value == NULL)
    return;
  add_string (bytes, field);
  add_u32 (bytes, 7);
  add_string (bytes, value);
}

static void
add_definition (GByteArray *bytes, const UmzTestRpcArgs *args)
{
  for (uint32_t i = 0; i < MAX (args->xml_copies, 1); i++) {
    if (args->xml_type == 0) {
      add_string_param (bytes, "destination_xml", args->xml);
      continue;
    }
    add_string (bytes, "destination_xml");
    add_u32 (bytes, args->xml_type);
    add_u32 (bytes, 0);
  }
}

static void
add_common (GByteArray *body, const UmzTestRpcArgs *args)
{
  bool has_xml = args->xml != NULL || args->xml_type != 0;

  add_u32 (body, (has_xml ? MAX (args->xml_copies, 1) : 0) + (args->name != NULL) +
                   (args->uri != NULL) + (args->more_string != NULL) + args->n_more);
  for (uint32_t i = 0; i < args->n_more; i++) { /* one of each type, then again */
    static const uint32_t words[] = { 1, 1, 2, 2, 2, 1 };
    add_string (body, "some_number");
    add_u32 (body, 1 + i % 6);
    for (uint32_t k = 0; k < words[i % 6]; k++)
      add_u32 (body, i);
  }
  if (has_xml)
    add_definition (body, args);
  add_string_param (body, "destination_name", args->name);
  add_string_param (body, "migrate_uri", args->uri);
  if (args->more_string != NULL)
    add_string_param (body, args->more_string, "tcp:host");
  add_string (body, "<qemu-migration>cookie</qemu-migration>");
  add_u32 (body, args->flags);
}

static void
add_call (GByteArray *bytes, uint32_t procedure, const UmzTestRpcArgs *args, GByteArray *body)
{
  for (uint32_t i = 0; i < args->extra; i++)
    add_u32 (body, 0);
  umz_test_rpc_add (bytes, &(UmzTestRpcFrame){
                             .procedure = procedure,
                             .serial = args->serial,
                             .body = (const char *) body->data,
                             .body_bytes = body->len,
                           });
}

void
umz_test_rpc_add_prepare (GByteArray *bytes, const UmzTestRpcArgs *args)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();

  add_common (body, args);
  add_call (bytes, 303, args, body);
}

void
umz_test_rpc_add_finish (GByteArray *bytes, const UmzTestRpcArgs *args)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();

  add_common (body, args);
  add_u32 (body, args->cancelled);
  add_call (bytes, 306, args, body);
}

void
umz_test_rpc_add_open (GByteArray *bytes, uint32_t serial, const char *name, uint32_t flags)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();

  add_u32 (body, 1); /* there is a name */
  add_string (body, name);
  add_u32 (body, flags);
  add_call (bytes, 1, &(UmzTestRpcArgs){ .serial = serial }, body);
}

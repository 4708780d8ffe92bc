/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rpc-args.c: arguments of CONNECT_OPEN, PREPARE3_PARAMS and FINISH3_PARAMS.
 *
 * CONNECT_OPEN has the name of what is opened, as an optional string, and flags.  The others begin
 * alike (XDR, libvirt's remote_protocol.x):
 *
 *    remote_typed_param params<64>   each: string field, u32 type, value
 *    opaque cookie_in<4194304>
 *    unsigned int flags
 *    int cancelled                   FINISH only
 */
#include "relay/rpc-args.h"

#include <string.h>

#define PARAMS_MAX       64
#define FIELD_MAX_BYTES  80 /* VIR_TYPED_PARAM_FIELD_LENGTH */
#define STRING_MAX_BYTES 4194304
#define COOKIE_MAX_BYTES 4194304

/* virDomainMigrateFlags; test-rpc-filter.c compares them with libvirt's header. */
#define FLAG_LIVE           (1u << 0)
#define FLAG_PEER2PEER      (1u << 1)
#define FLAG_PAUSED         (1u << 5)
#define FLAG_ABORT_ON_ERROR (1u << 12)
#define FLAG_AUTO_CONVERGE  (1u << 13)

/* What our own source's libvirtd opens, whatever URI it was given to come here. */
#define DRIVER "qemu:///system"

/* The end of a move's socket (engine/streams.c). */
#define SOCKET_PREFIX "/mem.tunnelmigrate.dest."

typedef enum {
  PARAM_INT = 1,
  PARAM_UINT = 2,
  PARAM_LLONG = 3,
  PARAM_ULLONG = 4,
  PARAM_DOUBLE = 5,
  PARAM_BOOLEAN = 6,
  PARAM_STRING = 7,
} ParamType;

G_GNUC_PRINTF (2, 3)
static bool
refuse (GError **error, const char *format, ...)
{
  if (error != NULL) {
    va_list args;
    va_start (args, format);
    *error = g_error_new_valist (UMZ_RELAY_ERROR, UMZ_RELAY_END_REFUSED, format, args);
    va_end (args);
  }
  return false;
}

/* ---- the domain's definition ---- */

typedef struct {
  const UmzRpcVm *vm; /* borrowed from the caller of check_definition */
  GString *name;      /* owned; NULL until <name> was seen */
  GString *uuid;
  GString *open; /* borrowed: which of the two we are in, or NULL */
  unsigned depth;
} Definition;

static void
start_element (GMarkupParseContext *context, const char *element, const char **attribute_names,
               const char **attribute_values, void *data, GError **error)
{
  Definition *def = data;
  unsigned depth = def->depth++;

  if (def->open != NULL) {
    refuse (error, "definition: <%.32s> inside of name or uuid", element);
    return;
  }
  if (depth == 0 && strcmp (element, "domain") != 0) {
    refuse (error, "definition: <%.32s> instead of <domain>", element);
    return;
  }

  GString **slot = depth != 1                      ? NULL
                   : strcmp (element, "name") == 0 ? &def->name
                   : strcmp (element, "uuid") == 0 ? &def->uuid
                                                   : NULL;
  if (slot == NULL)
    return;
  if (*slot != NULL) {
    refuse (error, "definition: a second <%.32s>", element);
    return;
  }
  *slot = def->open = g_string_new (NULL);
}

static void
end_element (GMarkupParseContext *context, const char *element, void *data, GError **error)
{
  Definition *def = data;

  def->depth--;
  if (def->depth == 1)
    def->open = NULL;
}

static void
take_text (GMarkupParseContext *context, const char *text, size_t length, void *data,
           GError **error)
{
  Definition *def = data;

  if (def->open != NULL)
    g_string_append_len (def->open, text, length);
}

/* libvirt reads the same text with another parser.  Document types and processing instructions are
 * where two parsers may come to see two different documents; libvirt writes neither.
 */
static void
take_other (GMarkupParseContext *context, const char *text, size_t length, void *data,
            GError **error)
{
  if (length < 4 || strncmp (text, "<!--", 4) != 0)
    refuse (error, "definition: only elements, text and comments are allowed");
}

/* As libvirt reads it: leading blanks and any hyphens are skipped. */
static bool
parse_uuid (const char *text, uint8_t *uuid)
{
  while (g_ascii_isspace (*text))
    text++;
  for (unsigned i = 0; i < UMZ_RELAY_VM_UUID_BYTES; i++) {
    while (*text == '-')
      text++;
    if (!g_ascii_isxdigit (text[0]) || !g_ascii_isxdigit (text[1]))
      return false;
    uuid[i] = g_ascii_xdigit_value (text[0]) << 4 | g_ascii_xdigit_value (text[1]);
    text += 2;
  }
  while (g_ascii_isspace (*text))
    text++;
  return *text == '\0';
}

static bool
compare_definition (const Definition *def, GError **error)
{
  uint8_t uuid[UMZ_RELAY_VM_UUID_BYTES];

  if (def->name == NULL || def->uuid == NULL)
    return refuse (error, "definition: no name or no uuid");
  if (strcmp (def->name->str, def->vm->name) != 0)
    return refuse (error, "definition of VM %.64s, announced was %.64s", def->name->str,
                   def->vm->name);
  if (!parse_uuid (def->uuid->str, uuid) || memcmp (uuid, def->vm->uuid, sizeof uuid) != 0)
    return refuse (error, "definition of VM %.64s has another uuid, %.40s", def->vm->name,
                   def->uuid->str);
  return true;
}

static bool
check_definition (const char *xml, const UmzRpcVm *vm, GError **error)
{
  static const GMarkupParser parser = {
    .start_element = start_element,
    .end_element = end_element,
    .text = take_text,
    .passthrough = take_other,
  };
  Definition def = { .vm = vm };
  g_autoptr (GError) local = NULL;
  g_autoptr (GMarkupParseContext) context =
    g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &def, NULL);

  bool ok = g_markup_parse_context_parse (context, xml, strlen (xml), &local) &&
            g_markup_parse_context_end_parse (context, &local);
  if (!ok)
    refuse (error, "%s", local->message); /* ours, or GMarkup's about text that is not XML */
  else
    ok = compare_definition (&def, error);

  if (def.name != NULL)
    g_string_free (def.name, TRUE);
  if (def.uuid != NULL)
    g_string_free (def.uuid, TRUE);
  return ok;
}

/* ---- the parameters ---- */

typedef struct {
  char *definition;  /* owned; destination_xml, or NULL */
  char *name;        /* owned; destination_name, or NULL */
  char *migrate_uri; /* owned, or NULL */
} Params;

static void
params_clear (Params *params)
{
  g_free (params->definition);
  g_free (params->name);
  g_free (params->migrate_uri);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Params, params_clear)

static char **
find_slot (Params *params, const char *field)
{
  return strcmp (field, "destination_xml") == 0    ? &params->definition
         : strcmp (field, "destination_name") == 0 ? &params->name
         : strcmp (field, "migrate_uri") == 0      ? &params->migrate_uri
                                                   : NULL;
}

/* Of those that we know, exactly one, and a string.  A number changes nothing that matters and is
 * stepped over; another string may be a place to listen, and is refused.
 */
static bool
read_param (UmzReader *args, Params *params, GError **error)
{
  g_autofree char *field = NULL;
  uint32_t type = 0;

  if (!umz_reader_dup_xdr_string (args, FIELD_MAX_BYTES, &field) ||
      !umz_reader_get_u32 (args, &type))
    return refuse (error, "malformed parameters");

  char **slot = find_slot (params, field);
  if (slot != NULL && (type != PARAM_STRING || *slot != NULL))
    return refuse (error, "parameter %s twice, or not a string", field);
  if (slot == NULL && type == PARAM_STRING)
    return refuse (error, "parameter %.32s is not needed by a move", field);

  bool ok = false;
  switch ((ParamType) type) {
  case PARAM_INT:
  case PARAM_UINT:
  case PARAM_BOOLEAN: ok = umz_reader_skip (args, 4); break;
  case PARAM_LLONG:
  case PARAM_ULLONG:
  case PARAM_DOUBLE: ok = umz_reader_skip (args, 8); break;
  case PARAM_STRING: ok = umz_reader_dup_xdr_string (args, STRING_MAX_BYTES, slot); break;
  }
  return ok || refuse (error, "malformed parameter %.32s of type %u", field, type);
}

static bool
read_common (UmzReader *args, Params *params, uint32_t *ret_flags, GError **error)
{
  uint32_t n = 0, cookie_bytes = 0;
  const uint8_t *cookie = NULL;

  if (!umz_reader_get_u32 (args, &n) || n > PARAMS_MAX)
    return refuse (error, "malformed parameters");
  for (uint32_t i = 0; i < n; i++)
    if (!read_param (args, params, error))
      return false;
  if (!umz_reader_get_xdr_opaque (args, COOKIE_MAX_BYTES, &cookie, &cookie_bytes) ||
      !umz_reader_get_u32 (args, ret_flags))
    return refuse (error, "malformed cookie or flags");
  return true;
}

/* That exactly one copy runs rests on the target arriving paused and unsaved (docs: hand-over). */
static bool
check_flags (uint32_t flags, GError **error)
{
  if (!(flags & FLAG_PAUSED))
    return refuse (error, "flags 0x%x do not let the VM arrive paused", flags);
  uint32_t needed =
    FLAG_LIVE | FLAG_PEER2PEER | FLAG_PAUSED | FLAG_ABORT_ON_ERROR | FLAG_AUTO_CONVERGE;
  if (flags & ~needed)
    return refuse (error, "flags 0x%x: more than a move needs", flags);
  return true;
}

static bool
check_name (const Params *params, const UmzRpcVm *vm, GError **error)
{
  if (params->name != NULL && strcmp (params->name, vm->name) != 0)
    return refuse (error, "destination_name %.64s, announced was %.64s", params->name, vm->name);
  return true;
}

/* Where QEMU listens: without it libvirt would choose a port of the network. */
static bool
check_uri (const char *uri, const UmzRpcVm *vm, GError **error)
{
  if (uri == NULL || !g_str_has_prefix (uri, "unix:///") || strpbrk (uri, "?#") != NULL)
    return refuse (error, "%.64s is no unix socket; nothing listens on a network",
                   uri != NULL ? uri : "no URI");
  g_autofree char *path = g_uri_unescape_string (uri + strlen ("unix://"), NULL);
  g_autofree char *end = g_strconcat (SOCKET_PREFIX, vm->name, NULL);
  if (path == NULL || !g_str_has_suffix (path, end) || strstr (path, "/../") != NULL)
    return refuse (error, "%.64s is no socket of a move", uri);
  return true;
}

bool
umz_rpc_args_check_open (UmzReader *args, GError **error)
{
  uint32_t has_name = 0, flags = 0;
  g_autofree char *name = NULL;

  if (!umz_reader_get_u32 (args, &has_name) || has_name != 1 ||
      !umz_reader_dup_xdr_string (args, STRING_MAX_BYTES, &name) ||
      !umz_reader_get_u32 (args, &flags) || !umz_reader_is_at_end (args))
    return refuse (error, "malformed arguments");
  if (strcmp (name, DRIVER) != 0 || flags != 0)
    return refuse (error, "%.64s, flags 0x%x; only " DRIVER " is opened", name, flags);
  return true;
}

bool
umz_rpc_args_check_prepare (UmzReader *args, const UmzRpcVm *vm, GError **error)
{
  g_auto (Params) params = { 0 };
  uint32_t flags = 0;

  if (!read_common (args, &params, &flags, error))
    return false;
  if (!umz_reader_is_at_end (args))
    return refuse (error, "bytes behind the arguments");
  if (params.definition == NULL)
    return refuse (error, "no definition");
  return check_flags (flags, error) && check_name (&params, vm, error) &&
         check_uri (params.migrate_uri, vm, error) &&
         check_definition (params.definition, vm, error);
}

bool
umz_rpc_args_check_finish (UmzReader *args, const UmzRpcVm *vm, UmzRpcFinish *ret_finish,
                           GError **error)
{
  g_auto (Params) params = { 0 };
  uint32_t flags = 0, cancelled = 0;

  if (!read_common (args, &params, &flags, error))
    return false;
  if (!umz_reader_get_u32 (args, &cancelled) || cancelled > 1 || !umz_reader_is_at_end (args))
    return refuse (error, "malformed arguments");
  if (!check_name (&params, vm, error) || (cancelled == 0 && !check_flags (flags, error)))
    return false;
  *ret_finish = cancelled ? UMZ_RPC_FINISH_CANCEL : UMZ_RPC_FINISH_GO_ON;
  return true;
}

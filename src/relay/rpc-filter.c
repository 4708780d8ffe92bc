/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rpc-filter.c: the gate on libvirt's peer-to-peer connection.
 *
 * A frame of libvirt's RPC (src/rpc/virnetprotocol.x), all big-endian:
 *
 *    0  u32  length of the frame, these four bytes included
 *    4  u32  program      0x20008086 remote, 0x6b656570 keepalive
 *    8  u32  version      1
 *   12  u32  procedure
 *   16  u32  type         0 CALL, 1 REPLY, 2 MESSAGE, 3 STREAM, 4 and 5 with descriptors, 6 HOLE
 *   20  u32  serial
 *   24  u32  status       0 OK, 1 ERROR, 2 CONTINUE
 *   28  ...  arguments or results, XDR
 *
 * What passes: a CALL from the source to the target of a procedure in the table below, and the
 * REPLY to it, once, with the same serial and procedure.  Prepare and Finish are called at most
 * once each and in that order; their arguments, and those of Open, are what rpc-args.c accepts.
 * Everything else ends the connection.
 *
 * Keepalive PINGs of the local libvirtd are answered here and its PONGs go nowhere: so libvirtd
 * stays patient while we hold its reply, and the two ends never depend on each other's timers.
 * Over the link no keepalive ever comes; if one does, the other relay is not one of ours.
 *
 * On the source the OK reply to a Finish that was not cancelled is held.  At that moment the guest
 * stands still on both sides, and umzugd decides which of them goes on.
 *
 * Every frame is kept until it is whole, so an answer to a PING never falls into the middle of
 * another frame.  The table bounds the size of each.  No memory is taken on the word of a length
 * field; the buffer grows with the bytes that come.
 */
#include "relay/rpc-filter.h"

#include <string.h>

#include "relay/rpc-args.h"

#define VERSION 1

#define PROGRAM_REMOTE    0x20008086
#define PROGRAM_KEEPALIVE 0x6b656570
#define KEEPALIVE_PING    1
#define KEEPALIVE_PONG    2

#define SMALL_BYTES (64 * 1024)
#define ERROR_BYTES (1024 * 1024) /* replies: an error may quote what QEMU printed */

#define OUTSTANDING_MAX 16 /* libvirtd itself serves 5 at a time */

typedef enum {
  TYPE_CALL = 0,
  TYPE_REPLY = 1,
  TYPE_MESSAGE = 2,
} FrameType;

typedef enum {
  STATUS_OK = 0,
  STATUS_ERROR = 1,
} FrameStatus;

typedef enum {
  PROC_CONNECT_OPEN = 1,
  PROC_CONNECT_CLOSE = 2,
  PROC_CONNECT_SUPPORTS_FEATURE = 60,
  PROC_AUTH_LIST = 66,
  PROC_PREPARE = 303,
  PROC_FINISH = 306,
  PROC_REGISTER_CLOSE_CALLBACK = 360,
  PROC_UNREGISTER_CLOSE_CALLBACK = 361,
} ProcedureNumber;

typedef struct {
  uint32_t number;
  const char *name;
  uint32_t call_max_bytes;
  uint32_t reply_max_bytes;
} Procedure;

/* What a plain peer-to-peer move of libvirt 9.0 was seen to call, in that order.  Widen it
 * knowingly: each row is something that root on one host may do to another.
 */
/* clang-format off */
static const Procedure procedures[] = {
  { PROC_AUTH_LIST,                 "AUTH_LIST",                         SMALL_BYTES, ERROR_BYTES },
  { PROC_CONNECT_SUPPORTS_FEATURE,  "CONNECT_SUPPORTS_FEATURE",          SMALL_BYTES, ERROR_BYTES },
  { PROC_CONNECT_OPEN,              "CONNECT_OPEN",                      SMALL_BYTES, ERROR_BYTES },
  { PROC_REGISTER_CLOSE_CALLBACK,   "CONNECT_REGISTER_CLOSE_CALLBACK",   SMALL_BYTES, ERROR_BYTES },
  { PROC_PREPARE,                   "DOMAIN_MIGRATE_PREPARE3_PARAMS",
                                                 UMZ_RPC_FRAME_MAX_BYTES, UMZ_RPC_FRAME_MAX_BYTES },
  { PROC_FINISH,                    "DOMAIN_MIGRATE_FINISH3_PARAMS",
                                                 UMZ_RPC_FRAME_MAX_BYTES, UMZ_RPC_FRAME_MAX_BYTES },
  { PROC_UNREGISTER_CLOSE_CALLBACK, "CONNECT_UNREGISTER_CLOSE_CALLBACK", SMALL_BYTES, ERROR_BYTES },
  { PROC_CONNECT_CLOSE,             "CONNECT_CLOSE",                     SMALL_BYTES, ERROR_BYTES },
};
/* clang-format on */

typedef struct {
  uint32_t length, program, version, procedure, type, serial, status;
} Header;

typedef struct {
  uint32_t serial;
  uint32_t procedure;
  UmzRpcFinish finish; /* FINISH only */
} Outstanding;

struct UmzRpcFilter {
  UmzRpcDirection local; /* the direction whose frames come from our own libvirtd */
  UmzRpcVm vm;
  GByteArray *frames[2]; /* owned, by direction: the frame that is coming in */
  bool is_judged[2];     /* it was judged: drop it before the next one */
  Outstanding outstanding[OUTSTANDING_MAX];
  unsigned n_outstanding;
  bool was_prepared, was_finished; /* called, that is */
  GError *failure;                 /* owned; the sticky one */
};

UmzRpcFilter *
umz_rpc_filter_new (UmzRelaySide side, const char *vm_name,
                    const uint8_t vm_uuid[UMZ_RELAY_VM_UUID_BYTES])
{
  UmzRpcFilter *filter = g_new0 (UmzRpcFilter, 1);

  filter->local = side == UMZ_RELAY_SIDE_SOURCE ? UMZ_RPC_CALLS : UMZ_RPC_REPLIES;
  g_strlcpy (filter->vm.name, vm_name, sizeof filter->vm.name);
  memcpy (filter->vm.uuid, vm_uuid, sizeof filter->vm.uuid);
  filter->frames[UMZ_RPC_CALLS] = g_byte_array_new ();
  filter->frames[UMZ_RPC_REPLIES] = g_byte_array_new ();
  return filter;
}

void
umz_rpc_filter_free (UmzRpcFilter *filter)
{
  if (filter == NULL)
    return;

  g_byte_array_unref (filter->frames[UMZ_RPC_CALLS]);
  g_byte_array_unref (filter->frames[UMZ_RPC_REPLIES]);
  g_clear_error (&filter->failure);
  g_free (filter);
}

static const Procedure *
find_procedure (uint32_t number)
{
  for (size_t i = 0; i < G_N_ELEMENTS (procedures); i++)
    if (procedures[i].number == number)
      return &procedures[i];
  return NULL;
}

/* For texts: the name where we know it, else nothing that the other side could have chosen. */
static const char *
name_of (const Header *header)
{
  if (header->program == PROGRAM_KEEPALIVE)
    return "keepalive";

  const Procedure *procedure =
    header->program == PROGRAM_REMOTE ? find_procedure (header->procedure) : NULL;
  return procedure != NULL ? procedure->name : "unknown";
}

static bool
refuse (const Header *header, const char *why, GError **error)
{
  g_set_error (error, UMZ_RELAY_ERROR, UMZ_RELAY_END_REFUSED,
               "libvirt RPC refused: %s (program 0x%x, procedure %u, type %u, status %u): %s",
               name_of (header), header->program, header->procedure, header->type, header->status,
               why);
  return false;
}

static void
read_header (const GByteArray *frame, Header *header)
{
  UmzReader reader;

  umz_reader_init (&reader, frame->data, UMZ_RPC_HEADER_BYTES);
  (void) umz_reader_get_u32 (&reader, &header->length); /* all of them fit */
  (void) umz_reader_get_u32 (&reader, &header->program);
  (void) umz_reader_get_u32 (&reader, &header->version);
  (void) umz_reader_get_u32 (&reader, &header->procedure);
  (void) umz_reader_get_u32 (&reader, &header->type);
  (void) umz_reader_get_u32 (&reader, &header->serial);
  (void) umz_reader_get_u32 (&reader, &header->status);
  g_assert (umz_reader_is_at_end (&reader));
}

static Outstanding *
find_outstanding (UmzRpcFilter *filter, uint32_t serial)
{
  for (unsigned i = 0; i < filter->n_outstanding; i++)
    if (filter->outstanding[i].serial == serial)
      return &filter->outstanding[i];
  return NULL;
}

/* ---- what a header alone can tell; nothing is buffered before that ---- */

static bool
check_keepalive (const UmzRpcFilter *filter, UmzRpcDirection direction, const Header *header,
                 GError **error)
{
  if (direction != filter->local)
    return refuse (header, "keepalive over the link", error);
  if (header->procedure != KEEPALIVE_PING && header->procedure != KEEPALIVE_PONG)
    return refuse (header, "unknown procedure", error);
  if (header->type != TYPE_MESSAGE || header->serial != 0 || header->status != STATUS_OK ||
      header->length != UMZ_RPC_HEADER_BYTES)
    return refuse (header, "malformed keepalive", error);
  return true;
}

static bool
check_call (UmzRpcFilter *filter, const Header *header, GError **error)
{
  if (header->type != TYPE_CALL || header->status != STATUS_OK)
    return refuse (header, "only calls go this way", error);
  if (find_outstanding (filter, header->serial) != NULL)
    return refuse (header, "serial in use", error);
  if (filter->n_outstanding == OUTSTANDING_MAX)
    return refuse (header, "too many calls at once", error);
  if (header->procedure == PROC_PREPARE && filter->was_prepared)
    return refuse (header, "called a second time", error);
  if (header->procedure == PROC_FINISH && !filter->was_prepared)
    return refuse (header, "called before Prepare", error);
  if (header->procedure == PROC_FINISH && filter->was_finished)
    return refuse (header, "called a second time", error);
  return true;
}

static bool
check_reply (UmzRpcFilter *filter, const Header *header, GError **error)
{
  if (header->type != TYPE_REPLY || header->status > STATUS_ERROR)
    return refuse (header, "only replies go this way", error);

  const Outstanding *call = find_outstanding (filter, header->serial);
  if (call == NULL || call->procedure != header->procedure)
    return refuse (header, "reply to nothing that was called", error);
  return true;
}

static bool
check_header (UmzRpcFilter *filter, UmzRpcDirection direction, const Header *header, GError **error)
{
  if (header->version != VERSION)
    return refuse (header, "unknown version", error);
  if (header->program == PROGRAM_KEEPALIVE)
    return check_keepalive (filter, direction, header, error);
  if (header->program != PROGRAM_REMOTE)
    return refuse (header, "unknown program", error);

  const Procedure *procedure = find_procedure (header->procedure);
  if (procedure == NULL)
    return refuse (header, "not needed by a move", error);

  bool is_call = direction == UMZ_RPC_CALLS;
  if (header->length < UMZ_RPC_HEADER_BYTES)
    return refuse (header, "shorter than a header", error);
  if (header->length > (is_call ? procedure->call_max_bytes : procedure->reply_max_bytes))
    return refuse (header, "too long", error);
  return is_call ? check_call (filter, header, error) : check_reply (filter, header, error);
}

/* ---- what is done with a whole frame ---- */

static void
answer_keepalive (const Header *header, UmzRpcVerdict *verdict)
{
  static const uint8_t pong[UMZ_RPC_HEADER_BYTES] = {
    0, 0, 0, UMZ_RPC_HEADER_BYTES, 0x6b, 0x65, 0x65, 0x70, 0, 0, 0, VERSION, 0, 0, 0,
    KEEPALIVE_PONG,
    0, 0, 0, TYPE_MESSAGE, 0, 0, 0, 0, 0, 0, 0, STATUS_OK
  };

  if (header->procedure == KEEPALIVE_PONG) {
    verdict->action = UMZ_RPC_SWALLOW;
    return;
  }
  verdict->action = UMZ_RPC_ANSWER;
  verdict->bytes = pong;
  verdict->length_bytes = sizeof pong;
}

static bool
check_arguments (UmzRpcFilter *filter, const Header *header, const GByteArray *frame,
                 UmzRpcFinish *ret_finish, GError **error)
{
  UmzReader args;
  g_autoptr (GError) why = NULL;
  bool ok = true;

  umz_reader_init (&args, frame->data + UMZ_RPC_HEADER_BYTES, frame->len - UMZ_RPC_HEADER_BYTES);
  if (header->procedure == PROC_CONNECT_OPEN)
    ok = umz_rpc_args_check_open (&args, &why);
  else if (header->procedure == PROC_PREPARE)
    ok = umz_rpc_args_check_prepare (&args, &filter->vm, &why);
  else if (header->procedure == PROC_FINISH)
    ok = umz_rpc_args_check_finish (&args, &filter->vm, ret_finish, &why);
  return ok || refuse (header, why->message, error);
}

static bool
judge_call (UmzRpcFilter *filter, const Header *header, const GByteArray *frame,
            UmzRpcVerdict *verdict, GError **error)
{
  UmzRpcFinish finish = UMZ_RPC_FINISH_CANCEL;

  if (!check_arguments (filter, header, frame, &finish, error))
    return false;

  filter->was_prepared |= header->procedure == PROC_PREPARE;
  if (header->procedure == PROC_FINISH) {
    filter->was_finished = true;
    verdict->event = UMZ_RPC_FINISH_CALLED;
    verdict->cancelled = finish == UMZ_RPC_FINISH_CANCEL;
  }
  filter->outstanding[filter->n_outstanding++] = (Outstanding){
    .serial = header->serial,
    .procedure = header->procedure,
    .finish = finish,
  };
  return true;
}

static void
judge_reply (UmzRpcFilter *filter, const Header *header, UmzRpcVerdict *verdict)
{
  Outstanding *slot = find_outstanding (filter, header->serial);
  const Outstanding call = *slot; /* check_reply() has seen that it is there */
  *slot = filter->outstanding[--filter->n_outstanding];

  verdict->ok = header->status == STATUS_OK;
  if (call.procedure == PROC_PREPARE && verdict->ok)
    verdict->event = UMZ_RPC_PREPARED;
  if (call.procedure != PROC_FINISH)
    return;

  verdict->event = UMZ_RPC_FINISH_REPLIED;
  verdict->cancelled = call.finish == UMZ_RPC_FINISH_CANCEL;
  if (verdict->ok && !verdict->cancelled && filter->local == UMZ_RPC_CALLS)
    verdict->action = UMZ_RPC_HOLD;
}

static bool
judge (UmzRpcFilter *filter, UmzRpcDirection direction, const Header *header,
       UmzRpcVerdict *verdict, GError **error)
{
  const GByteArray *frame = filter->frames[direction];

  *verdict =
    (UmzRpcVerdict){ .action = UMZ_RPC_PASS, .bytes = frame->data, .length_bytes = frame->len };
  if (header->program == PROGRAM_KEEPALIVE) {
    answer_keepalive (header, verdict);
    return true;
  }
  if (direction == UMZ_RPC_CALLS)
    return judge_call (filter, header, frame, verdict, error);
  judge_reply (filter, header, verdict);
  return true;
}

/* Moves bytes into the frame until it holds `wanted`; whether it does. */
static bool
fill (GByteArray *frame, UmzReader *bytes, uint32_t wanted)
{
  size_t n = MIN (wanted - frame->len, umz_reader_get_left_bytes (bytes));
  const uint8_t *piece;

  if (n > 0 && umz_reader_get_bytes (bytes, n, &piece))
    g_byte_array_append (frame, piece, n);
  return frame->len == wanted;
}

static bool
next (UmzRpcFilter *filter, UmzRpcDirection direction, UmzReader *bytes, UmzRpcVerdict *verdict,
      GError **error)
{
  GByteArray *frame = filter->frames[direction];
  Header header = { 0 };

  if (frame->len < UMZ_RPC_HEADER_BYTES && !fill (frame, bytes, UMZ_RPC_HEADER_BYTES))
    return true;
  read_header (frame, &header);
  if (frame->len == UMZ_RPC_HEADER_BYTES && !check_header (filter, direction, &header, error))
    return false;
  if (!fill (frame, bytes, header.length))
    return true;

  filter->is_judged[direction] = true;
  return judge (filter, direction, &header, verdict, error);
}

bool
umz_rpc_filter_next (UmzRpcFilter *filter, UmzRpcDirection direction, UmzReader *bytes,
                     UmzRpcVerdict *ret_verdict, GError **error)
{
  UmzRpcVerdict verdict = { .action = UMZ_RPC_NEED_MORE };

  if (filter->is_judged[direction]) {
    g_byte_array_set_size (filter->frames[direction], 0);
    filter->is_judged[direction] = false;
  }
  if (filter->failure == NULL && next (filter, direction, bytes, &verdict, &filter->failure)) {
    *ret_verdict = verdict;
    return true;
  }
  if (error != NULL)
    *error = g_error_copy (filter->failure);
  return false;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-rpc-filter.c: what passes between two libvirtds, what does not, and what waits. */
#include "relay/rpc-filter.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "relay/test-pair.h"
#include "relay/test-rpc.h"

/* Short, for the tables. */
#define CALLS     UMZ_RPC_CALLS
#define REPLIES   UMZ_RPC_REPLIES
#define FRAME_MAX UMZ_RPC_FRAME_MAX_BYTES
#define KEEPALIVE .program = UMZ_TEST_RPC_KEEPALIVE
#define FLAGS     UMZ_TEST_RPC_FLAGS
#define XML_OK    .xml = UMZ_TEST_RPC_XML
#define ARGS_OK   XML_OK, .uri = UMZ_TEST_RPC_URI

/* rpc-args.c writes libvirt's values down, so as not to need libvirt in a relay. */
G_STATIC_ASSERT (VIR_MIGRATE_LIVE == 1 << 0);
G_STATIC_ASSERT (VIR_MIGRATE_PEER2PEER == 1 << 1);
G_STATIC_ASSERT (VIR_MIGRATE_PAUSED == 1 << 5);
G_STATIC_ASSERT (VIR_MIGRATE_ABORT_ON_ERROR == 1 << 12);
G_STATIC_ASSERT (VIR_MIGRATE_AUTO_CONVERGE == 1 << 13);
G_STATIC_ASSERT (VIR_TYPED_PARAM_FIELD_LENGTH == 80);
G_STATIC_ASSERT ((VIR_MIGRATE_LIVE | VIR_MIGRATE_PEER2PEER | VIR_MIGRATE_PAUSED |
                  VIR_MIGRATE_ABORT_ON_ERROR) == UMZ_TEST_RPC_FLAGS);

static const uint8_t vm_uuid[] = { 0x8f, 0x2b, 0x0d, 0x5e, 0x1c, 0x5a, 0x4d, 0x0e,
                                   0x9a, 0x51, 1, 0x23, 0x45, 0x67, 0x89, 0xab };

static UmzRpcFilter *
new_filter (UmzRelaySide side)
{
  return umz_rpc_filter_new (side, UMZ_TEST_VM_NAME, vm_uuid);
}

/* Feeds bytes in pieces and writes down what came of them: a letter for each verdict (pass, hold,
 * answer, swallow), with a small letter behind it for the event (p repared, c alled, x cancelled,
 * ok, error); "!" at a refusal.  Passed bytes are added to *passed, if given.
 */
static char *
feed (UmzRpcFilter *filter, UmzRpcDirection direction, const GByteArray *bytes, size_t piece_bytes,
      GByteArray *passed, GError **error)
{
  static const char actions[] = { 0, 'P', 'H', 'A', 'S' };
  GString *trace = g_string_new (NULL);

  for (size_t at = 0; at < bytes->len; at += piece_bytes) {
    size_t n = MIN (piece_bytes, bytes->len - at);
    g_autofree uint8_t *copy = g_memdup2 (bytes->data + at, n); /* the heap catches over-reads */
    UmzRpcVerdict verdict = { 0 };
    UmzReader reader;

    umz_reader_init (&reader, copy, n);
    do {
      if (!umz_rpc_filter_next (filter, direction, &reader, &verdict, error)) {
        g_string_append_c (trace, '!');
        return g_string_free (trace, FALSE);
      }
      if (verdict.action == UMZ_RPC_NEED_MORE)
        break;
      g_string_append_c (trace, actions[verdict.action]);
      if (verdict.event == UMZ_RPC_PREPARED)
        g_string_append_c (trace, 'p');
      if (verdict.event == UMZ_RPC_FINISH_CALLED)
        g_string_append_c (trace, verdict.cancelled ? 'x' : 'c');
      if (verdict.event == UMZ_RPC_FINISH_REPLIED)
        g_string_append_c (trace, verdict.ok ? 'o' : 'e');
      if (passed != NULL && verdict.action == UMZ_RPC_PASS)
        g_byte_array_append (passed, verdict.bytes, verdict.length_bytes);
    } while (true);
    g_assert_cmpuint (umz_reader_get_left_bytes (&reader), ==, 0);
  }
  return g_string_free (trace, FALSE);
}

static void
add_call (GByteArray *bytes, uint32_t procedure, uint32_t serial)
{
  umz_test_rpc_add (bytes, &(UmzTestRpcFrame){ .procedure = procedure, .serial = serial });
}

static void
add_reply (GByteArray *bytes, uint32_t procedure, uint32_t serial, uint32_t status)
{
  umz_test_rpc_add (bytes, &(UmzTestRpcFrame){
                             .procedure = procedure,
                             .type = 1,
                             .serial = serial,
                             .status = status,
                             .body = "result",
                             .body_bytes = 6,
                           });
}

static const UmzTestRpcArgs good_args = {
  .serial = 5,
  .xml = UMZ_TEST_RPC_XML,
  .name = UMZ_TEST_VM_NAME,
  .uri = UMZ_TEST_RPC_URI,
  .flags = UMZ_TEST_RPC_FLAGS,
  .n_more = 8,
};

/* All calls of a plain move, then all replies. */
static void
add_move_calls (GByteArray *bytes)
{
  UmzTestRpcArgs finish = good_args;

  add_call (bytes, 66, 0);
  add_call (bytes, 60, 1);
  umz_test_rpc_add_open (bytes, 2, "qemu:///system", 0);
  add_call (bytes, 360, 3);
  umz_test_rpc_add_prepare (bytes, &good_args);
  finish.serial = 6;
  umz_test_rpc_add_finish (bytes, &finish);
  add_call (bytes, 361, 7);
  add_call (bytes, 2, 8);
}

static void
add_move_replies (GByteArray *bytes)
{
  add_reply (bytes, 66, 0, 0);
  add_reply (bytes, 60, 1, 0);
  add_reply (bytes, 1, 2, 0);
  add_reply (bytes, 360, 3, 0);
  add_reply (bytes, 303, 5, 0);
  add_reply (bytes, 306, 6, 0);
  add_reply (bytes, 361, 7, 0);
  add_reply (bytes, 2, 8, 0);
}

static void
test_plain_move (void)
{
  static const struct {
    UmzRelaySide side;
    const char *replies;
  } cases[] = {
    { UMZ_RELAY_SIDE_SOURCE, "PPPPPpHoPP" },
    { UMZ_RELAY_SIDE_TARGET, "PPPPPpPoPP" },
  };
  g_autoptr (GByteArray) calls = g_byte_array_new (), replies = g_byte_array_new ();
  add_move_calls (calls);
  add_move_replies (replies);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (UmzRpcFilter) filter = new_filter (cases[i].side);
    g_autoptr (GByteArray) passed = g_byte_array_new ();
    g_autoptr (GError) error = NULL;
    g_autofree char *went = feed (filter, UMZ_RPC_CALLS, calls, SIZE_MAX / 2, passed, &error);
    g_assert_no_error (error);
    g_autofree char *came = feed (filter, UMZ_RPC_REPLIES, replies, SIZE_MAX / 2, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (went, ==, "PPPPPPcPP");
    g_assert_cmpstr (came, ==, cases[i].replies);
    g_assert_cmpmem (passed->data, passed->len, calls->data, calls->len);
  }
}

static void
test_cuts_do_not_matter (void)
{
  g_autoptr (GByteArray) calls = g_byte_array_new (), replies = g_byte_array_new ();
  add_move_calls (calls);
  add_move_replies (replies);

  for (size_t piece = 1; piece <= 64; piece++) {
    g_autoptr (UmzRpcFilter) filter = new_filter (UMZ_RELAY_SIDE_SOURCE);
    g_autoptr (GByteArray) passed = g_byte_array_new ();
    g_autofree char *went = feed (filter, UMZ_RPC_CALLS, calls, piece, passed, NULL);
    g_autofree char *came = feed (filter, UMZ_RPC_REPLIES, replies, piece, NULL, NULL);
    g_assert_cmpstr (went, ==, "PPPPPPcPP");
    g_assert_cmpstr (came, ==, "PPPPPpHoPP");
    g_assert_cmpmem (passed->data, passed->len, calls->data, calls->len);
  }
}

/* What came whole was judged; of the rest nothing got out. */
static void
test_truncated_anywhere (void)
{
  g_autoptr (GByteArray) calls = g_byte_array_new ();
  add_move_calls (calls);
  guint whole = calls->len;

  for (guint n = 0; n < whole; n++) {
    g_autoptr (UmzRpcFilter) filter = new_filter (UMZ_RELAY_SIDE_SOURCE);
    g_autoptr (GByteArray) passed = g_byte_array_new ();
    g_autoptr (GByteArray) cut = g_byte_array_new ();
    g_byte_array_append (cut, calls->data, n);
    g_autofree char *went = feed (filter, UMZ_RPC_CALLS, cut, SIZE_MAX / 2, passed, NULL);
    g_assert_null (strchr (went, '!'));
    g_assert_cmpuint (passed->len, <=, n);
    g_assert_cmpmem (passed->data, passed->len, calls->data, passed->len);
  }
}

/* A Prepare with one byte less inside a frame that says so is refused, never half understood. */
static void
test_truncated_arguments (void)
{
  g_autoptr (GByteArray) whole = g_byte_array_new ();
  umz_test_rpc_add_prepare (whole, &good_args);

  for (guint n = 28; n < whole->len; n++) {
    g_autoptr (UmzRpcFilter) filter = new_filter (UMZ_RELAY_SIDE_TARGET);
    g_autoptr (GByteArray) cut = g_byte_array_new ();
    uint32_t length = GUINT32_TO_BE (n);
    g_byte_array_append (cut, whole->data, n);
    memcpy (cut->data, &length, sizeof length);
    g_autofree char *went = feed (filter, UMZ_RPC_CALLS, cut, SIZE_MAX / 2, NULL, NULL);
    g_assert_cmpstr (went, ==, "!");
  }
}

/* ---- single frames ---- */

typedef struct {
  const char *name;
  UmzTestRpcFrame frame;
  UmzRpcDirection direction;
  const char *text; /* part of the refusal */
} Refused;

/* clang-format off */
static const Refused refused[] = {
  { "unknown procedure",       { .procedure = 10 }, CALLS, "not needed by a move" },
  { "other prepare",           { .procedure = 302 }, CALLS, "procedure 302" },
  { "tunnel prepare",          { .procedure = 304 }, CALLS, "procedure 304" },
  { "call backwards",          { .procedure = 66 }, REPLIES, "AUTH_LIST" },
  { "reply forwards",          { .procedure = 66, .type = 1 }, CALLS, "only calls" },
  { "reply out of the blue",   { .procedure = 66, .type = 1 }, REPLIES, "nothing that was called" },
  { "message",                 { .procedure = 66, .type = 2 }, REPLIES, "only replies" },
  { "stream",                  { .procedure = 66, .type = 3 }, CALLS, "only calls" },
  { "call with descriptors",   { .procedure = 66, .type = 4 }, CALLS, "only calls" },
  { "reply with descriptors",  { .procedure = 66, .type = 5 }, REPLIES, "only replies" },
  { "call with a status",      { .procedure = 66, .status = 1 }, CALLS, "only calls" },
  { "event",                   { .procedure = 362, .type = 2 }, REPLIES, "procedure 362" },
  { "other program",          { .program = 0x20008087, .procedure = 1 }, CALLS, "unknown program" },
  { "other version",           { .version = 2, .procedure = 66 }, CALLS, "unknown version" },
  { "length 0",                { .procedure = 66, .length_error = -28 }, CALLS, "shorter" },
  { "length 27",               { .procedure = 66, .length_error = -1 }, CALLS, "shorter" },
  { "small call too long", { .procedure = 66, .length_error = 65536 - 28 + 1 }, CALLS, "too long" },
  { "prepare too long", { .procedure = 303, .length_error = FRAME_MAX - 27 }, CALLS, "too long" },
  { "length 2 GiB", { .procedure = 303, .length_error = INT32_MAX - 28 }, CALLS, "too long" },
  { "length -1",               { .procedure = 303, .length_error = -29 }, CALLS, "too long" },
  { "finish before prepare",   { .procedure = 306 }, CALLS, "before Prepare" },
  { "prepare without args",    { .procedure = 303 }, CALLS, "malformed parameters" },
  { "keepalive from the link", { KEEPALIVE, .procedure = 1, .type = 2 }, REPLIES,
    "keepalive over the link" },
  { "keepalive procedure 3", { KEEPALIVE, .procedure = 3, .type = 2 }, CALLS, "unknown procedure" },
  { "keepalive call",          { KEEPALIVE, .procedure = 1 }, CALLS, "malformed keepalive" },
  { "keepalive serial",        { KEEPALIVE, .procedure = 1, .type = 2, .serial = 1 }, CALLS,
    "malformed keepalive" },
  { "keepalive payload",
    { KEEPALIVE, .procedure = 1, .type = 2, .body = "abcd", .body_bytes = 4 }, CALLS,
    "malformed keepalive" },
};
/* clang-format on */

static void
test_refused_frames (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (UmzRpcFilter) filter = new_filter (UMZ_RELAY_SIDE_SOURCE);
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    g_autoptr (GError) error = NULL;
    umz_test_rpc_add (bytes, &refused[i].frame);

    g_test_message ("%s", refused[i].name);
    g_autofree char *trace = feed (filter, refused[i].direction, bytes, SIZE_MAX / 2, NULL, &error);
    g_assert_cmpstr (trace, ==, "!");
    g_assert_error (error, UMZ_RELAY_ERROR, UMZ_RELAY_END_REFUSED);
    g_assert_nonnull (strstr (error->message, refused[i].text));
  }
}

static void
test_refusal_is_final (void)
{
  g_autoptr (UmzRpcFilter) filter = new_filter (UMZ_RELAY_SIDE_SOURCE);
  g_autoptr (GByteArray) bad = g_byte_array_new (), good = g_byte_array_new ();
  add_call (bad, 10, 1);
  add_call (good, 66, 2);

  g_autofree char *first = feed (filter, UMZ_RPC_CALLS, bad, 100, NULL, NULL);
  g_autofree char *then = feed (filter, UMZ_RPC_CALLS, good, 100, NULL, NULL);
  g_assert_cmpstr (first, ==, "!");
  g_assert_cmpstr (then, ==, "!");
}

static void
test_reply_needs_its_call (void)
{
  static const struct {
    uint32_t procedure, serial;
    const char *trace;
  } cases[] = {
    { 60, 4, "P" }, { 60, 5, "!" }, { 66, 4, "!" }, /* right, other serial, other procedure */
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (UmzRpcFilter) filter = new_filter (UMZ_RELAY_SIDE_TARGET);
    g_autoptr (GByteArray) call = g_byte_array_new (), reply = g_byte_array_new ();
    add_call (call, 60, 4);
    add_reply (reply, cases[i].procedure, cases[i].serial, 0);
    g_autofree char *went = feed (filter, UMZ_RPC_CALLS, call, 100, NULL, NULL);
    g_autofree char *came = feed (filter, UMZ_RPC_REPLIES, reply, 100, NULL, NULL);
    g_assert_cmpstr (went, ==, "P");
    g_assert_cmpstr (came, ==, cases[i].trace);
  }
}

static void
test_reply_comes_once (void)
{
  g_autoptr (UmzRpcFilter) filter = new_filter (UMZ_RELAY_SIDE_TARGET);
  g_autoptr (GByteArray) call = g_byte_array_new (), replies = g_byte_array_new ();
  add_call (call, 60, 4);
  add_reply (replies, 60, 4, 0);
  add_reply (replies, 60, 4, 0);

  g_autofree char *went = feed (filter, UMZ_RPC_CALLS, call, 100, NULL, NULL);
  g_autofree char *came = feed (filter, UMZ_RPC_REPLIES, replies, 1000, NULL, NULL);
  g_assert_cmpstr (went, ==, "P");
  g_assert_cmpstr (came, ==, "P!");
}

static void
test_calls_are_bounded (void)
{
  g_autoptr (UmzRpcFilter) filter = new_filter (UMZ_RELAY_SIDE_TARGET);
  g_autoptr (GByteArray) calls = g_byte_array_new ();
  for (uint32_t i = 0; i < 17; i++)
    add_call (calls, 60, i);

  g_autofree char *went = feed (filter, UMZ_RPC_CALLS, calls, 1000, NULL, NULL);
  g_assert_cmpstr (went, ==, "PPPPPPPPPPPPPPPP!");
}

static void
test_serial_in_use (void)
{
  g_autoptr (UmzRpcFilter) filter = new_filter (UMZ_RELAY_SIDE_TARGET);
  g_autoptr (GByteArray) calls = g_byte_array_new ();
  add_call (calls, 60, 1);
  add_call (calls, 66, 1);

  g_autofree char *went = feed (filter, UMZ_RPC_CALLS, calls, 1000, NULL, NULL);
  g_assert_cmpstr (went, ==, "P!");
}

static void
test_second_prepare (void)
{
  g_autoptr (UmzRpcFilter) filter = new_filter (UMZ_RELAY_SIDE_TARGET);
  g_autoptr (GByteArray) calls = g_byte_array_new ();
  UmzTestRpcArgs again = good_args;
  again.serial++;
  umz_test_rpc_add_prepare (calls, &good_args);
  umz_test_rpc_add_prepare (calls, &again);

  g_autofree char *went = feed (filter, UMZ_RPC_CALLS, calls, SIZE_MAX / 2, NULL, NULL);
  g_assert_cmpstr (went, ==, "P!");
}

static void
test_keepalive (void)
{
  static const uint8_t pong[] = { 0, 0, 0, 28, 0x6b, 0x65, 0x65, 0x70, 0, 0, 0, 1, 0, 0,
                                  0, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0 };
  g_autoptr (UmzRpcFilter) filter = new_filter (UMZ_RELAY_SIDE_TARGET);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  UmzRpcVerdict verdict = { 0 };
  UmzReader reader;
  umz_test_rpc_add (
    bytes, &(UmzTestRpcFrame){ .program = UMZ_TEST_RPC_KEEPALIVE, .procedure = 1, .type = 2 });
  umz_test_rpc_add (
    bytes, &(UmzTestRpcFrame){ .program = UMZ_TEST_RPC_KEEPALIVE, .procedure = 2, .type = 2 });

  umz_reader_init (&reader, bytes->data, bytes->len);
  g_assert_true (umz_rpc_filter_next (filter, UMZ_RPC_REPLIES, &reader, &verdict, NULL));
  g_assert_cmpint (verdict.action, ==, UMZ_RPC_ANSWER);
  g_assert_cmpmem (verdict.bytes, verdict.length_bytes, pong, sizeof pong);
  g_assert_true (umz_rpc_filter_next (filter, UMZ_RPC_REPLIES, &reader, &verdict, NULL));
  g_assert_cmpint (verdict.action, ==, UMZ_RPC_SWALLOW);
}

/* ---- Prepare ---- */

#define XML(name, uuid) "<domain>" name uuid "</domain>"
#define NAME            "<name>vm-4683</name>"
#define UUID            "<uuid>8f2b0d5e-1c5a-4d0e-9a51-0123456789ab</uuid>"

typedef struct {
  const char *name;
  const char *xml;
  const char *text; /* NULL: accepted */
} Definition;

/* clang-format off */
static const Definition definitions[] = {
  { "as libvirt writes it",  UMZ_TEST_RPC_XML, NULL },
  { "uuid before name",      XML (UUID, NAME), NULL },
  { "uuid in other letters", XML (NAME, "<uuid> 8F2B0D5E1C5A4D0E9A510123456789AB </uuid>"), NULL },
  { "name with entity",      XML ("<name>vm&#45;4683</name>", UUID), NULL },
  { "name in CDATA",         XML ("<name><![CDATA[vm-4683]]></name>", UUID), NULL },
  { "other name",            XML ("<name>vm-4684</name>", UUID), "announced was vm-4683" },
  { "longer name",           XML ("<name>vm-46830</name>", UUID), "announced was" },
  { "name with blank",       XML ("<name> vm-4683</name>", UUID), "announced was" },
  { "other uuid", XML (NAME, "<uuid>8f2b0d5e-1c5a-4d0e-9a51-0123456789ac</uuid>"), "another uuid" },
  { "short uuid", XML (NAME, "<uuid>8f2b0d5e-1c5a-4d0e-9a51-0123456789</uuid>"), "another uuid" },
  { "no name",               XML ("", UUID), "no name or no uuid" },
  { "no uuid",               XML (NAME, ""), "no name or no uuid" },
  { "second name",           XML (NAME "<name>x</name>", UUID), "a second <name>" },
  { "second uuid",           XML (NAME, UUID UUID), "a second <uuid>" },
  { "name deeper only",      "<domain><a>" NAME "</a>" UUID "</domain>", "no name or no uuid" },
  { "element inside name",   XML ("<name>vm<b/>-4683</name>", UUID), "inside of name" },
  { "other root",            "<network>" NAME UUID "</network>", "instead of <domain>" },
  { "document type", "<!DOCTYPE domain [<!ENTITY a 'b'>]>" XML (NAME, UUID), "only elements" },
  { "processing", "<?xml version='1.0' encoding='UTF-7'?>" XML (NAME, UUID), "only elements" },
  { "unknown entity",        XML ("<name>&vm;</name>", UUID), "" },
  { "not closed",            "<domain>" NAME UUID, "" },
  { "two documents",         XML (NAME, UUID) XML (NAME, UUID), "a second" },
  { "empty",                 "", "" },
};
/* clang-format on */

static void
check_prepare (const char *name, const UmzTestRpcArgs *args, const char *text)
{
  g_autoptr (UmzRpcFilter) filter = new_filter (UMZ_RELAY_SIDE_TARGET);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  umz_test_rpc_add_prepare (bytes, args);

  g_test_message ("%s", name);
  g_autofree char *trace = feed (filter, UMZ_RPC_CALLS, bytes, SIZE_MAX / 2, NULL, &error);
  if (text == NULL) {
    g_assert_no_error (error);
    g_assert_cmpstr (trace, ==, "P");
    return;
  }
  g_assert_error (error, UMZ_RELAY_ERROR, UMZ_RELAY_END_REFUSED);
  g_assert_nonnull (strstr (error->message, "DOMAIN_MIGRATE_PREPARE3_PARAMS"));
  g_assert_nonnull (strstr (error->message, text));
}

static void
test_definitions (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (definitions); i++) {
    UmzTestRpcArgs args = good_args;
    args.xml = definitions[i].xml;
    check_prepare (definitions[i].name, &args, definitions[i].text);
  }
}

static void
test_prepare_arguments (void)
{
  /* clang-format off */
  const struct {
    const char *name;
 UmzTestRpcArgs args;
    const char *text;
  } cases[] = {
    { "least",            { ARGS_OK, .flags = FLAGS }, NULL },
    { "slowed down", { ARGS_OK, .flags = FLAGS | VIR_MIGRATE_AUTO_CONVERGE }, NULL },
    { "62 + 2 params",    { ARGS_OK, .flags = FLAGS, .n_more = 62 }, NULL },
    { "63 + 2 params",    { ARGS_OK, .flags = FLAGS, .n_more = 63 }, "malformed" },
    { "no definition",    { .uri = UMZ_TEST_RPC_URI, .flags = FLAGS }, "no definition" },
    { "definition twice", { ARGS_OK, .xml_copies = 2, .flags = FLAGS }, "destination_xml twice" },
    { "a number",         { .xml_type = 1, .flags = FLAGS }, "not a string" },
    { "type 8",           { .xml_type = 8, .flags = FLAGS }, "not a string" },
    { "other name",       { ARGS_OK, .name = "x", .flags = FLAGS }, "destination_name x" },
    { "no place",         { XML_OK, .flags = FLAGS }, "nothing listens on a network" },
    { "tcp",              { XML_OK, .uri = "tcp:host", .flags = FLAGS }, "no unix socket" },
    { "other place", { XML_OK, .uri = "unix:///run/x.sock", .flags = FLAGS }, "no socket of a" },
    { "other VM's", { XML_OK, .uri = UMZ_TEST_RPC_URI "4", .flags = FLAGS }, "no socket of a" },
    { "query", { XML_OK, .uri = "unix:///x?" UMZ_TEST_RPC_URI, .flags = FLAGS }, "no unix socket" },
    { "way up", { XML_OK, .uri = "unix:///a/%2e%2e/b/mem.tunnelmigrate.dest.vm-4683",
                  .flags = FLAGS }, "no socket of a" },
    { "not paused",       { ARGS_OK, .flags = VIR_MIGRATE_LIVE }, "arrive paused" },
    { "persistent",       { ARGS_OK, .flags = FLAGS | VIR_MIGRATE_PERSIST_DEST }, "more than" },
    { "offline",          { ARGS_OK, .flags = FLAGS | VIR_MIGRATE_OFFLINE }, "more than" },
    { "postcopy",         { ARGS_OK, .flags = FLAGS | VIR_MIGRATE_POSTCOPY }, "more than" },
    { "disks too",        { ARGS_OK, .flags = FLAGS | VIR_MIGRATE_NON_SHARED_DISK }, "more than" },
    { "tls",              { ARGS_OK, .flags = FLAGS | VIR_MIGRATE_TLS }, "more than" },
    { "unknown flag",     { ARGS_OK, .flags = FLAGS | 1u << 31 }, "more than" },
    { "disks_uri", { ARGS_OK, .flags = FLAGS, .more_string = "disks_uri" }, "disks_uri is not" },
    { "listen_address", { ARGS_OK, .flags = FLAGS, .more_string = "listen_address" },
      "listen_address is not" },
    { "bytes behind",     { ARGS_OK, .flags = FLAGS, .extra = 1 }, "behind" },
  };
  /* clang-format on */

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    check_prepare (cases[i].name, &cases[i].args, cases[i].text);
}

/* libvirtd would run the program, as root. */
static void
test_open (void)
{
  static const struct {
    const char *name;
    uint32_t flags;
    bool passes;
  } rows[] = {
    { "qemu:///system", 0, true },
    { "qemu:///system", 1, false }, /* read-only */
    { "qemu:///session", 0, false },
    { "qemu+ext://h/system?command=/bin/true", 0, false },
    { "qemu:///system?socket=/x", 0, false },
    { "test:///default", 0, false },
    { "", 0, false },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (UmzRpcFilter) filter = new_filter (UMZ_RELAY_SIDE_TARGET);
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    umz_test_rpc_add_open (bytes, 1, rows[i].name, rows[i].flags);
    g_autofree char *trace = feed (filter, UMZ_RPC_CALLS, bytes, SIZE_MAX / 2, NULL, NULL);
    g_test_message ("%s", rows[i].name);
    g_assert_cmpstr (trace, ==, rows[i].passes ? "P" : "!");
  }
  g_autoptr (UmzRpcFilter) filter = new_filter (UMZ_RELAY_SIDE_TARGET);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  add_call (bytes, 1, 1); /* without arguments */
  g_autofree char *trace = feed (filter, UMZ_RPC_CALLS, bytes, SIZE_MAX / 2, NULL, NULL);
  g_assert_cmpstr (trace, ==, "!");
}

/* ---- Finish ---- */

typedef struct {
  const char *name;
  UmzTestRpcArgs args; /* serial 6 */
  const char *went;    /* of Prepare and Finish */
  uint32_t status;     /* of the reply to Finish */
  const char *came[2]; /* by side: of the reply, source and target; NULL: no reply is sent */
} Finish;

static void
test_finish (void)
{
  /* clang-format off */
  const Finish cases[] = {
    { "ok",               { .serial = 6, .flags = FLAGS }, "PPc", 0, { "Ho", "Po" } },
    { "error",            { .serial = 6, .flags = FLAGS }, "PPc", 1, { "Pe", "Pe" } },
    { "cancelled",      { .serial = 6, .flags = FLAGS, .cancelled = 1 }, "PPx", 0, { "Po", "Po" } },
    { "cancel, error",  { .serial = 6, .flags = FLAGS, .cancelled = 1 }, "PPx", 1, { "Pe", "Pe" } },
    { "cancelled, flags", { .serial = 6, .cancelled = 1 }, "PPx", 0, { "Po", "Po" } },
    { "same name",   { .serial = 6, .flags = FLAGS, .name = "vm-4683" }, "PPc", 0, { "Ho", "Po" } },
    { "status 2",         { .serial = 6, .flags = FLAGS }, "PPc", 2, { "!", "!" } },
    { "cancelled = 2",    { .serial = 6, .flags = FLAGS, .cancelled = 2 }, "P!",  0, { NULL } },
    { "not paused",       { .serial = 6, .flags = VIR_MIGRATE_LIVE }, "P!",  0, { NULL } },
    { "other name",       { .serial = 6, .flags = FLAGS, .name = "x" }, "P!",  0, { NULL } },
    { "bytes behind",     { .serial = 6, .flags = FLAGS, .extra = 1 }, "P!",  0, { NULL } },
  };
  /* clang-format on */

  for (size_t i = 0; i < 2 * G_N_ELEMENTS (cases); i++) {
    const Finish *c = &cases[i / 2];
    g_autoptr (UmzRpcFilter) filter =
      new_filter (i % 2 == 0 ? UMZ_RELAY_SIDE_SOURCE : UMZ_RELAY_SIDE_TARGET);
    g_autoptr (GByteArray) calls = g_byte_array_new (), reply = g_byte_array_new ();
    umz_test_rpc_add_prepare (calls, &good_args);
    umz_test_rpc_add_finish (calls, &c->args);
    add_reply (reply, 306, 6, c->status);

    g_test_message ("%s, side %zu", c->name, i % 2);
    g_autofree char *went = feed (filter, UMZ_RPC_CALLS, calls, SIZE_MAX / 2, NULL, NULL);
    g_assert_cmpstr (went, ==, c->went);
    if (c->came[i % 2] == NULL)
      continue;
    g_autofree char *came = feed (filter, UMZ_RPC_REPLIES, reply, SIZE_MAX / 2, NULL, NULL);
    g_assert_cmpstr (came, ==, c->came[i % 2]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rpc-filter/a-plain-move-passes-and-its-finish-is-held", test_plain_move);
  g_test_add_func ("/rpc-filter/it-does-not-matter-how-bytes-are-cut", test_cuts_do_not_matter);
  g_test_add_func ("/rpc-filter/part-of-a-frame-never-gets-out", test_truncated_anywhere);
  g_test_add_func ("/rpc-filter/truncated-arguments-are-refused", test_truncated_arguments);
  g_test_add_func ("/rpc-filter/anything-else-is-refused-by-name", test_refused_frames);
  g_test_add_func ("/rpc-filter/a-refusal-is-final", test_refusal_is_final);
  g_test_add_func ("/rpc-filter/a-reply-needs-its-call", test_reply_needs_its_call);
  g_test_add_func ("/rpc-filter/a-reply-comes-once", test_reply_comes_once);
  g_test_add_func ("/rpc-filter/open-calls-are-bounded", test_calls_are_bounded);
  g_test_add_func ("/rpc-filter/a-serial-in-use-is-refused", test_serial_in_use);
  g_test_add_func ("/rpc-filter/a-second-prepare-is-refused", test_second_prepare);
  g_test_add_func ("/rpc-filter/keepalive-is-answered-here", test_keepalive);
  g_test_add_func ("/rpc-filter/only-the-driver-of-qemu-is-opened", test_open);
  g_test_add_func ("/rpc-filter/prepare-only-for-the-announced-vm", test_definitions);
  g_test_add_func ("/rpc-filter/prepare-only-with-known-arguments", test_prepare_arguments);
  g_test_add_func ("/rpc-filter/only-the-ok-reply-to-a-finish-that-goes-on-is-held", test_finish);
  return g_test_run ();
}

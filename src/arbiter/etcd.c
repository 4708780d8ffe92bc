/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* etcd.c: decisions as keys of etcd, through its JSON gateway.
 *
 * THEORY OF OPERATION
 *
 * A decision is the key PREFIX/UUID/EPOCH with the value COMMITTED or ABORTED.  It is written by
 * one transaction of etcd: if the key was never created, put it; in either case read it.  So every
 * answer shows what stands there, and not only what was wanted.  Reads are linearizable, which is
 * etcd's default: they see every decision that anybody has been told of.
 *
 * All endpoints are of one cluster; so a question may be asked of one after the other, and even if
 * the first one has written and died before it could say so, the second one shows what was written.
 *
 * Each question has a connection of its own: there is no state that threads could share, nothing
 * that could be stale, and decisions are rare.
 */
#include "arbiter/etcd.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "arbiter/http.h"
#include "arbiter/kind.h"
#include "model/json.h"

#define HTTP_OK            200
#define REVISION_BYTES_MAX 20
#define TEXT_BYTES_MAX     256

typedef struct {
  UmzArbiter arbiter;
  const UmzConfigArbiter *config; /* borrowed from the caller of umz_etcd_new() */
  UmzHttpTls tls;
} Etcd;

/* ---- what is asked ---- */

typedef struct Question Question;

struct Question {
  const char *path; /* of the gateway's URL */
  char *key;        /* owned; in base64, as values are: there is nothing to escape in JSON */
  char *body;       /* owned */
  /* What stands there, according to the answer; false if that cannot be told. */
  bool (*read) (const Question *question, JsonObject *answer, UmzVerdict *ret_decided);
};

static void
clear_question (Question *question)
{
  g_free (question->key);
  g_free (question->body);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Question, clear_question)

static char *
dup_base64 (const char *text)
{
  return g_base64_encode ((const guchar *) text, strlen (text));
}

static char *
dup_key (const Etcd *etcd, const char *uuid, uint64_t epoch)
{
  g_autofree char *key =
    g_strdup_printf ("%s/%s/%" G_GUINT64_FORMAT, etcd->config->prefix, uuid, epoch);
  return dup_base64 (key);
}

static char *
dup_decide_body (const char *key, UmzVerdict wanted)
{
  g_autofree char *value = dup_base64 (umz_verdict_text (wanted));
  return g_strdup_printf (
    "{ \"compare\": [{ \"key\": \"%s\", \"target\": \"CREATE\", \"result\": \"EQUAL\","
    "                  \"create_revision\": \"0\" }],"
    "  \"success\": [{ \"request_put\": { \"key\": \"%s\", \"value\": \"%s\" } },"
    "                { \"request_range\": { \"key\": \"%s\" } }],"
    "  \"failure\": [{ \"request_range\": { \"key\": \"%s\" } }] }",
    key, key, value, key, key);
}

static char *
dup_key_body (const char *key)
{
  return g_strdup_printf ("{ \"key\": \"%s\" }", key);
}

/* ---- what is answered ---- */

/* etcd's answers begin with a header; without it an empty object would be a good answer to two
 * questions out of three, and anybody's.
 */
static bool
has_header (JsonObject *answer)
{
  JsonNode *header = json_object_get_member (answer, "header");
  const char *revision;
  return header != NULL && JSON_NODE_HOLDS_OBJECT (header) &&
         umz_json_get_text (json_node_get_object (header), "revision", REVISION_BYTES_MAX,
                            &revision);
}

static bool
read_value (const char *value, UmzVerdict *ret_decided)
{
  static const UmzVerdict verdicts[] = { UMZ_VERDICT_COMMITTED, UMZ_VERDICT_ABORTED };
  for (size_t i = 0; i < G_N_ELEMENTS (verdicts); i++) {
    g_autofree char *known = dup_base64 (umz_verdict_text (verdicts[i]));
    if (strcmp (value, known) == 0) {
      *ret_decided = verdicts[i];
      return true;
    }
  }
  return false;
}

/* The result of a range of one key: without "kvs" when it does not exist. */
static bool
read_range (const Question *question, JsonObject *range, UmzVerdict *ret_decided)
{
  if (!json_object_has_member (range, "kvs")) {
    *ret_decided = UMZ_VERDICT_NONE;
    return true;
  }
  JsonArray *pairs = umz_json_get_array (range, "kvs", 1);
  if (pairs == NULL || json_array_get_length (pairs) != 1 ||
      !JSON_NODE_HOLDS_OBJECT (json_array_get_element (pairs, 0)))
    return false;
  JsonObject *pair = json_array_get_object_element (pairs, 0);
  const char *key, *value;
  return umz_json_get_text (pair, "key", strlen (question->key), &key) &&
         strcmp (key, question->key) == 0 &&
         umz_json_get_text (pair, "value", TEXT_BYTES_MAX, &value) &&
         read_value (value, ret_decided);
}

static bool
read_get (const Question *question, JsonObject *answer, UmzVerdict *ret_decided)
{
  return has_header (answer) && read_range (question, answer, ret_decided);
}

/* The last thing that the transaction does is to read the key. */
static bool
read_decide (const Question *question, JsonObject *answer, UmzVerdict *ret_decided)
{
  JsonArray *responses = umz_json_get_array (answer, "responses", 2);
  if (!has_header (answer) || responses == NULL || json_array_get_length (responses) == 0)
    return false;
  JsonNode *last = json_array_get_element (responses, json_array_get_length (responses) - 1);
  JsonNode *range = JSON_NODE_HOLDS_OBJECT (last)
                      ? json_object_get_member (json_node_get_object (last), "response_range")
                      : NULL;
  return range != NULL && JSON_NODE_HOLDS_OBJECT (range) &&
         read_range (question, json_node_get_object (range), ret_decided) &&
         *ret_decided != UMZ_VERDICT_NONE;
}

static bool
read_forget (const Question *question, JsonObject *answer, UmzVerdict *ret_decided)
{
  *ret_decided = UMZ_VERDICT_NONE;
  return has_header (answer);
}

/* ---- one endpoint ---- */

/* etcd says "message", a proxy before it or another server nothing that we know. */
static void
set_unusable (const char *endpoint, unsigned status, JsonNode *answer, GError **error)
{
  const char *said = "";
  if (answer != NULL)
    (void) umz_json_get_text (json_node_get_object (answer), "message", TEXT_BYTES_MAX,
                              &said); /* else it stays empty */
  g_autofree char *cause = g_strdup_printf ("HTTP %u%s%s", status, *said != '\0' ? " " : "", said);
  umz_set_error (error, UMZ_MSG_UMZ0241, endpoint, cause, NULL);
}

static bool
ask_one (const Etcd *etcd, const char *endpoint, const Question *question, UmzVerdict *ret_decided,
         GError **error)
{
  unsigned status;
  g_autoptr (GBytes) body =
    umz_http_post (&etcd->tls, endpoint, question->path, question->body, &status, error);
  if (body == NULL)
    return false;
  g_autoptr (JsonNode) answer =
    umz_json_parse (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);
  UmzVerdict decided;
  if (answer != NULL && status == HTTP_OK &&
      question->read (question, json_node_get_object (answer), &decided)) {
    *ret_decided = decided;
    return true;
  }
  set_unusable (endpoint, status, answer, error);
  return false;
}

/* ---- the verbs ---- */

/* The error is that of the last endpoint. */
static bool
ask (const Etcd *etcd, const Question *question, UmzVerdict *ret_decided, GError **error)
{
  for (char **endpoint = etcd->config->endpoints; *endpoint != NULL; endpoint++) {
    g_clear_error (error);
    if (ask_one (etcd, *endpoint, question, ret_decided, error))
      return true;
  }
  return false;
}

static bool
decide (UmzArbiter *arbiter, const char *uuid, uint64_t epoch, UmzVerdict wanted,
        UmzVerdict *ret_decided, GError **error)
{
  const Etcd *etcd = (const Etcd *) arbiter;
  g_auto (Question) question = { .path = "/v3/kv/txn",
                                 .key = dup_key (etcd, uuid, epoch),
                                 .read = read_decide };
  question.body = dup_decide_body (question.key, wanted);
  return ask (etcd, &question, ret_decided, error);
}

static bool
get (UmzArbiter *arbiter, const char *uuid, uint64_t epoch, UmzVerdict *ret_decided,
     GError **error)
{
  const Etcd *etcd = (const Etcd *) arbiter;
  g_auto (Question) question = { .path = "/v3/kv/range",
                                 .key = dup_key (etcd, uuid, epoch),
                                 .read = read_get };
  question.body = dup_key_body (question.key);
  return ask (etcd, &question, ret_decided, error);
}

static bool
forget (UmzArbiter *arbiter, const char *uuid, uint64_t epoch, GError **error)
{
  const Etcd *etcd = (const Etcd *) arbiter;
  g_auto (Question) question = { .path = "/v3/kv/deleterange",
                                 .key = dup_key (etcd, uuid, epoch),
                                 .read = read_forget };
  question.body = dup_key_body (question.key);
  UmzVerdict unused;
  return ask (etcd, &question, &unused, error);
}

/* ---- life ---- */

static void
free_etcd (UmzArbiter *arbiter)
{
  Etcd *etcd = (Etcd *) arbiter;
  g_clear_object (&etcd->tls.ca);
  g_clear_object (&etcd->tls.certificate);
  g_free (etcd);
}

static bool
load_certificates (Etcd *etcd, GError **error)
{
  const UmzConfigArbiter *config = etcd->config;
  g_autoptr (GError) cause = NULL;
  if (config->ca != NULL)
    etcd->tls.ca = g_tls_file_database_new (config->ca, &cause);
  if (config->ca != NULL && etcd->tls.ca == NULL) {
    umz_set_error (error, UMZ_MSG_UMZ0042, config->ca, cause->message, NULL);
    return false;
  }
  if (config->certificate != NULL)
    etcd->tls.certificate =
      g_tls_certificate_new_from_files (config->certificate, config->key, &cause);
  if (config->certificate != NULL && etcd->tls.certificate == NULL) {
    umz_set_error (error, UMZ_MSG_UMZ0042, config->certificate, cause->message, NULL);
    return false;
  }
  return true;
}

bool
umz_etcd_new (const UmzConfigArbiter *config, UmzArbiter **ret_arbiter, GError **error)
{
  static const UmzArbiterVerbs verbs = {
    .decide = decide, .get = get, .forget = forget, .free = free_etcd
  };
  Etcd *etcd = g_new0 (Etcd, 1);
  etcd->arbiter.verbs = &verbs;
  etcd->config = config;
  g_autoptr (UmzArbiter) arbiter = &etcd->arbiter;
  if (!load_certificates (etcd, error))
    return false;
  *ret_arbiter = g_steal_pointer (&arbiter);
  return true;
}

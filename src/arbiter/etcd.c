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

#include "arbiter/answer.h"
#include "arbiter/http.h"
#include "arbiter/kind.h"
#include "model/json.h"

#define HTTP_OK        200
#define TEXT_BYTES_MAX 256

typedef struct {
  UmzArbiter arbiter;
  const UmzConfigArbiter *config; /* borrowed from the caller of umz_etcd_new() */
  UmzHttpTls tls;
} Etcd;

/* ---- what is asked ---- */

typedef struct {
  const char *path; /* of the gateway's URL */
  char *key;        /* owned; in base64, as values are: there is nothing to escape in JSON */
  char *body;       /* owned */
  UmzEtcdRead *read;
} Question;

static void
clear_question (Question *question)
{
  g_free (question->key);
  g_free (question->body);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Question, clear_question)

static char *
dup_key (const Etcd *etcd, const char *uuid, uint64_t epoch)
{
  g_autofree char *key =
    g_strdup_printf ("%s/%s/%" G_GUINT64_FORMAT, etcd->config->prefix, uuid, epoch);
  return umz_etcd_dup_base64 (key);
}

static char *
dup_decide_body (const char *key, UmzVerdict wanted)
{
  g_autofree char *value = umz_etcd_dup_base64 (umz_verdict_text (wanted));
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
      question->read (json_node_get_object (answer), question->key, &decided)) {
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
                                 .read = umz_etcd_read_decide };
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
                                 .read = umz_etcd_read_get };
  question.body = dup_key_body (question.key);
  return ask (etcd, &question, ret_decided, error);
}

static bool
forget (UmzArbiter *arbiter, const char *uuid, uint64_t epoch, GError **error)
{
  const Etcd *etcd = (const Etcd *) arbiter;
  g_auto (Question) question = { .path = "/v3/kv/deleterange",
                                 .key = dup_key (etcd, uuid, epoch),
                                 .read = umz_etcd_read_forget };
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

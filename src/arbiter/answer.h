/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* answer.h: what etcd's gateway answers, read by somebody who does not trust it. */
#pragma once

#include <json-glib/json-glib.h>

#include "arbiter/arbiter.h"

/* Keys and values have this form in JSON.  The caller frees it. */
char *umz_etcd_dup_base64 (const char *text);

/* What stands at key (in base64), according to the answer; false if that cannot be told, and then
 * *ret_decided means nothing.
 */
typedef bool UmzEtcdRead (JsonObject *answer, const char *key, UmzVerdict *ret_decided);

UmzEtcdRead umz_etcd_read_decide; /* never NONE */
UmzEtcdRead umz_etcd_read_get;
UmzEtcdRead umz_etcd_read_forget; /* always NONE */

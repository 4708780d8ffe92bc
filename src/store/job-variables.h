/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* job-variables.h: named values by which procedures follow a move. */
#pragma once

#include "store/store.h"

#define UMZ_JV_BYTES 256

typedef struct {
  char *name; /* owned, as all texts here */
  uint8_t value[UMZ_JV_BYTES];
  char *password; /* NULL: none */
  char *monitor;  /* id of the move that writes it; NULL when none does (any more) */
} UmzJobVariable;

/* Of blanks, without password and monitor. */
UmzJobVariable *umz_job_variable_new (const char *name);
void umz_job_variable_free (UmzJobVariable *jv);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzJobVariable, umz_job_variable_free)

/* NULL: there is none of this name. */
bool umz_store_dup_jv (UmzStore *store, const char *name, UmzJobVariable **ret_jv, GError **error);

/* All of them by name; owned by the caller, UmzJobVariable. */
GPtrArray *umz_store_list_jvs (UmzStore *store, GError **error);

/* Makes or changes a job variable. */
bool umz_store_put_jv (UmzStore *store, const UmzJobVariable *jv, GError **error);

/* What is not there is deleted already. */
bool umz_store_delete_jv (UmzStore *store, const char *name, GError **error);

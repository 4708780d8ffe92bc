/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* etcd.h: an arbiter that is a cluster of etcd, version 3. */
#pragma once

#include "arbiter/arbiter.h"

/* As umz_arbiter_new(). */
bool umz_etcd_new (const UmzConfigArbiter *config, UmzArbiter **ret_arbiter, GError **error);

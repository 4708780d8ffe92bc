/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pki.h: the certificates by which the SUs of a cluster know each other.
 *
 * A cluster has a CA of its own, two files on one host: ca.pem goes to every SU, ca-key.pem stays.
 * Each SU has a certificate of that CA, for both ends of a connection, which names the SU and
 * nothing else: an address may change, the name is what operators and messages use.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define UMZ_PKI_CA_VALID_DAYS 3652 /* ten years */
#define UMZ_PKI_SU_VALID_DAYS 730

/* Makes dir, unless it is there, and in it ca.pem and ca-key.pem (mode 0600), ECDSA P-256.
 * cluster_name is a composed name like that of an SU.  Overwrites nothing, and leaves nothing
 * behind when it fails: UMZ0040, UMZ0041, UMZ0043, UMZ0044.
 */
bool umz_pki_init (const char *dir, const char *cluster_name, GError **error);

/* Makes NAME.pem and NAME-key.pem (mode 0600) in dir, signed by the CA there; su_name is in upper
 * case.  Overwrites nothing, and leaves nothing behind when it fails: UMZ0040 to UMZ0044.
 */
bool umz_pki_issue (const char *dir, const char *su_name, GError **error);

/* Which SU a certificate in DER form belongs to: its one DNS name.  It says nothing about who has
 * signed it: verify the chain first.  Fails with UMZ0045.  The caller frees it.
 */
char *umz_pki_certificate_su_name (const void *der, size_t der_bytes, GError **error);

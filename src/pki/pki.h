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

/* On the SU: makes NAME.csr in dir, the request for a certificate of the key NAME-key.pem, which is
 * made (mode 0600) if it is not there.  Dir is made, an older request replaced.  UMZ0041 to
 * UMZ0044.
 */
bool umz_pki_request (const char *dir, const char *su_name, GError **error);

/* On the host of the CA in dir: makes NAME.pem there by the request, in the place of an older one.
 * Of the request only its key counts, and that it is of this SU (UMZ0046).  UMZ0041 to UMZ0044.
 */
bool umz_pki_sign (const char *dir, const char *su_name, const char *request_path, GError **error);

/* On the host of the CA in dir: adds the certificate to revoked.pem there, which then goes to every
 * SU.  UMZ0042 to UMZ0044.
 */
bool umz_pki_revoke (const char *dir, const char *certificate_path, GError **error);

/* The certificates that are revoked, as the file has them; if there is none, none is.  It has to be
 * signed by the CA: UMZ0042, UMZ0044.
 */
typedef struct UmzRevoked UmzRevoked;
UmzRevoked *umz_revoked_load (const char *path, const char *ca_path, GError **error);
void umz_revoked_free (UmzRevoked *revoked);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzRevoked, umz_revoked_free)

/* Whether this one, in DER form, is; also if it cannot be read.  From any thread. */
bool umz_revoked_has (const UmzRevoked *revoked, const void *der, size_t der_bytes);

/* Which SU a certificate in DER form belongs to: its one DNS name.  It says nothing about who has
 * signed it: verify the chain first.  Fails with UMZ0045.  The caller frees it.
 */
char *umz_pki_certificate_su_name (const void *der, size_t der_bytes, GError **error);

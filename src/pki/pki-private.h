/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pki-private.h: what the files of this room share. */
#pragma once

#include <gnutls/x509.h>
#include <sys/stat.h>

#include "pki/pki.h"

#define UMZ_PKI_KEY_MODE 0600

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_crt_t, gnutls_x509_crt_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_privkey_t, gnutls_x509_privkey_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_crq_t, gnutls_x509_crq_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_crl_t, gnutls_x509_crl_deinit, NULL)

/* A certificate and its key. */
typedef struct {
  gnutls_x509_crt_t certificate;
  gnutls_x509_privkey_t key;
} UmzPkiPair;

void umz_pki_pair_clear (UmzPkiPair *pair);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UmzPkiPair, umz_pki_pair_clear)

/* PEM text that may be a secret. */
void umz_pki_pem_clear (gnutls_datum_t *pem);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (gnutls_datum_t, umz_pki_pem_clear)

/* Whether a call of GnuTLS went well; if not, sets UMZ0044. */
bool umz_pki_is_done (int result, const char *what, GError **error);

/* UMZ0041 */
bool umz_pki_check_name (const char *name, GError **error);

/* ---- files ---- */

/* UMZ0043 */
bool umz_pki_make_dir (const char *dir, GError **error);

/* dir/NAMEsuffix.  The caller frees it. */
char *umz_pki_dup_path (const char *dir, const char *name, const char *suffix);

/* At most 64 KiB; UMZ0042. */
bool umz_pki_load_pem (const char *path, gnutls_datum_t *ret_pem, GError **error);
bool umz_pki_load_key (const char *path, gnutls_x509_privkey_t *ret_key, GError **error);
bool umz_pki_load_certificate (const char *path, gnutls_x509_crt_t *ret_certificate,
                               GError **error);

/* The CA of dir.  Signing does not notice a key that belongs to another CA; this does. */
bool umz_pki_load_ca (const char *dir, UmzPkiPair *ret_ca, GError **error);

/* Makes the file, or nothing; UMZ0043 also if it is there. */
bool umz_pki_create_file (const char *path, const gnutls_datum_t *pem, mode_t mode,
                          GError **error);

/* The same, or replaces it: who reads it has either the old one or the new one.  For everybody. */
bool umz_pki_replace_file (const char *path, const gnutls_datum_t *pem, GError **error);

/* ---- certificates ---- */

bool umz_pki_generate_key (gnutls_x509_privkey_t *ret_key, GError **error);
bool umz_pki_export_key (gnutls_x509_privkey_t key, gnutls_datum_t *ret_pem, GError **error);

/* Makes it, which has its key, the certificate of this SU.  It ends before the CA does. */
bool umz_pki_certify (gnutls_x509_crt_t certificate, const char *su_name, const UmzPkiPair *ca,
                      GError **error);

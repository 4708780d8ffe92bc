/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* requests.c: a key that never leaves its SU, and the certificate that the CA makes for it. */
#include <gnutls/abstract.h>
#include <string.h>

#include "messages/catalogue.h"
#include "pki/pki-private.h"

#define NAME_BYTES_MAX 256

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_pubkey_t, gnutls_pubkey_deinit, NULL)

/* ---- on the SU ---- */

/* The one that is there, or a new one. */
static bool
get_key (const char *path, gnutls_x509_privkey_t *ret_key, GError **error)
{
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return umz_pki_load_key (path, ret_key, error);
  g_auto (gnutls_datum_t) pem = { 0 };
  return umz_pki_generate_key (ret_key, error) && umz_pki_export_key (*ret_key, &pem, error) &&
         umz_pki_create_file (path, &pem, UMZ_PKI_KEY_MODE, error);
}

static bool
make_request (gnutls_x509_crq_t *ret_request, gnutls_x509_privkey_t key, const char *su_name,
              GError **error)
{
  return umz_pki_is_done (gnutls_x509_crq_init (ret_request), "gnutls_x509_crq_init", error) &&
         umz_pki_is_done (gnutls_x509_crq_set_version (*ret_request, 1),
                          "gnutls_x509_crq_set_version", error) &&
         umz_pki_is_done (gnutls_x509_crq_set_dn_by_oid (*ret_request, GNUTLS_OID_X520_COMMON_NAME,
                                                         0, su_name, (unsigned) strlen (su_name)),
                          "gnutls_x509_crq_set_dn_by_oid", error) &&
         umz_pki_is_done (gnutls_x509_crq_set_key (*ret_request, key), "gnutls_x509_crq_set_key",
                          error) &&
         umz_pki_is_done (gnutls_x509_crq_sign2 (*ret_request, key, GNUTLS_DIG_SHA256, 0),
                          "gnutls_x509_crq_sign2", error);
}

bool
umz_pki_request (const char *dir, const char *su_name, GError **error)
{
  if (!umz_pki_check_name (su_name, error))
    return false;
  g_autofree char *key_path = umz_pki_dup_path (dir, su_name, "-key.pem");
  g_autofree char *path = umz_pki_dup_path (dir, su_name, ".csr");
  g_auto (gnutls_x509_privkey_t) key = NULL;
  g_auto (gnutls_x509_crq_t) request = NULL;
  g_auto (gnutls_datum_t) pem = { 0 };
  return umz_pki_make_dir (dir, error) && get_key (key_path, &key, error) &&
         make_request (&request, key, su_name, error) &&
         umz_pki_is_done (gnutls_x509_crq_export2 (request, GNUTLS_X509_FMT_PEM, &pem),
                          "gnutls_x509_crq_export2", error) &&
         umz_pki_replace_file (path, &pem, error);
}

/* ---- on the CA's host ---- */

/* Of the request only its name and its key count. */
static bool
is_of (gnutls_x509_crq_t request, const char *su_name)
{
  char name[NAME_BYTES_MAX];
  size_t n_bytes = sizeof name;
  return gnutls_x509_crq_get_dn_by_oid (request, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name,
                                        &n_bytes) == 0 &&
         strlen (name) == n_bytes && strcmp (name, su_name) == 0;
}

static bool
load_request (const char *path, const char *su_name, gnutls_x509_crq_t *ret_request,
              GError **error)
{
  g_auto (gnutls_datum_t) pem = { 0 };
  if (!umz_pki_load_pem (path, &pem, error) ||
      !umz_pki_is_done (gnutls_x509_crq_init (ret_request), path, error) ||
      !umz_pki_is_done (gnutls_x509_crq_import (*ret_request, &pem, GNUTLS_X509_FMT_PEM), path,
                        error) ||
      !umz_pki_is_done (gnutls_x509_crq_verify (*ret_request, 0), path, error))
    return false;
  if (is_of (*ret_request, su_name))
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0046, path, su_name, NULL);
  return false;
}

static bool
take_key (gnutls_x509_crt_t certificate, gnutls_x509_crq_t request, GError **error)
{
  g_auto (gnutls_pubkey_t) key = NULL;
  return umz_pki_is_done (gnutls_pubkey_init (&key), "gnutls_pubkey_init", error) &&
         umz_pki_is_done (gnutls_pubkey_import_x509_crq (key, request, 0),
                          "gnutls_pubkey_import_x509_crq", error) &&
         umz_pki_is_done (gnutls_x509_crt_set_pubkey (certificate, key),
                          "gnutls_x509_crt_set_pubkey", error);
}

bool
umz_pki_sign (const char *dir, const char *su_name, const char *request_path, GError **error)
{
  if (!umz_pki_check_name (su_name, error))
    return false;
  g_autofree char *path = umz_pki_dup_path (dir, su_name, ".pem");
  g_auto (UmzPkiPair) ca = { 0 };
  g_auto (gnutls_x509_crq_t) request = NULL;
  g_auto (gnutls_x509_crt_t) certificate = NULL;
  g_auto (gnutls_datum_t) pem = { 0 };
  return load_request (request_path, su_name, &request, error) &&
         umz_pki_load_ca (dir, &ca, error) &&
         umz_pki_is_done (gnutls_x509_crt_init (&certificate), "gnutls_x509_crt_init", error) &&
         take_key (certificate, request, error) &&
         umz_pki_certify (certificate, su_name, &ca, error) &&
         umz_pki_is_done (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_PEM, &pem),
                          "gnutls_x509_crt_export2", error) &&
         umz_pki_replace_file (path, &pem, error);
}

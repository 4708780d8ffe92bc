/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* revocation.c: certificates of the CA that are good no more, in a list that it has signed. */
#include <errno.h>
#include <time.h>

#include "messages/catalogue.h"
#include "pki/pki-private.h"

struct UmzRevoked {
  gnutls_x509_crl_t list; /* owned; NULL: nobody's is revoked */
};

/* ---- on the CA's host ---- */

/* One by one: CAs may have the same name. */
static bool
is_signed_by_any (gnutls_x509_crl_t list, const gnutls_x509_crt_t *cas, unsigned n_cas)
{
  for (unsigned i = 0; i < n_cas; i++) {
    unsigned status = 0;
    if (gnutls_x509_crl_verify (list, &cas[i], 1, GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status) ==
          0 &&
        status == 0)
      return true;
  }
  return false;
}

static bool
load_list (const char *path, const gnutls_x509_crt_t *cas, unsigned n_cas,
           gnutls_x509_crl_t *ret_list, GError **error)
{
  g_auto (gnutls_datum_t) pem = { 0 };
  return umz_pki_load_pem (path, &pem, error) &&
         umz_pki_is_done (gnutls_x509_crl_init (ret_list), path, error) &&
         umz_pki_is_done (gnutls_x509_crl_import (*ret_list, &pem, GNUTLS_X509_FMT_PEM), path,
                          error) &&
         (is_signed_by_any (*ret_list, cas, n_cas) ||
          umz_pki_is_done (GNUTLS_E_CERTIFICATE_ERROR, path, error));
}

static bool
begin_list (const char *path, const UmzPkiPair *ca, gnutls_x509_crl_t *ret_list, GError **error)
{
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return load_list (path, &ca->certificate, 1, ret_list, error);
  return umz_pki_is_done (gnutls_x509_crl_init (ret_list), "gnutls_x509_crl_init", error) &&
         umz_pki_is_done (gnutls_x509_crl_set_version (*ret_list, 2),
                          "gnutls_x509_crl_set_version", error);
}

/* It holds as long as the CA does, or until there is a longer one. */
static bool
sign_list (gnutls_x509_crl_t list, const UmzPkiPair *ca, GError **error)
{
  time_t end = gnutls_x509_crt_get_expiration_time (ca->certificate);
  return umz_pki_is_done (gnutls_x509_crl_set_this_update (list, time (NULL)),
                          "gnutls_x509_crl_set_this_update", error) &&
         umz_pki_is_done (gnutls_x509_crl_set_next_update (list, end),
                          "gnutls_x509_crl_set_next_update", error) &&
         umz_pki_is_done (gnutls_x509_crl_sign2 (list, ca->certificate, ca->key, GNUTLS_DIG_SHA256,
                                                 0),
                          "gnutls_x509_crl_sign2", error);
}

/* Another one could not be revoked by this CA. */
static bool
check_issuer (gnutls_x509_crt_t certificate, const UmzPkiPair *ca, const char *path,
              GError **error)
{
  unsigned status = 0;
  if (!umz_pki_is_done (gnutls_x509_crt_verify (certificate, &ca->certificate, 1,
                                                GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status),
                        path, error))
    return false;
  return status == 0 || umz_pki_is_done (GNUTLS_E_CERTIFICATE_ERROR, path, error);
}

bool
umz_pki_revoke (const char *dir, const char *certificate_path, GError **error)
{
  g_autofree char *path = umz_pki_dup_path (dir, "revoked", ".pem");
  g_auto (UmzPkiPair) ca = { 0 };
  g_auto (gnutls_x509_crt_t) certificate = NULL;
  g_auto (gnutls_x509_crl_t) list = NULL;
  g_auto (gnutls_datum_t) pem = { 0 };
  if (!umz_pki_load_ca (dir, &ca, error) ||
      !umz_pki_load_certificate (certificate_path, &certificate, error) ||
      !check_issuer (certificate, &ca, certificate_path, error) ||
      !begin_list (path, &ca, &list, error))
    return false;
  if (gnutls_x509_crt_check_revocation (certificate, &list, 1) == 1)
    return true;
  return umz_pki_is_done (gnutls_x509_crl_set_crt (list, certificate, time (NULL)),
                          "gnutls_x509_crl_set_crt", error) &&
         sign_list (list, &ca, error) &&
         umz_pki_is_done (gnutls_x509_crl_export2 (list, GNUTLS_X509_FMT_PEM, &pem),
                          "gnutls_x509_crl_export2", error) &&
         umz_pki_replace_file (path, &pem, error);
}

/* ---- on every SU ---- */

typedef struct {
  gnutls_x509_crt_t *all; /* owned */
  unsigned n;
} Cas;

static void
clear_cas (Cas *cas)
{
  for (unsigned i = 0; i < cas->n; i++)
    gnutls_x509_crt_deinit (cas->all[i]);
  gnutls_free (cas->all);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Cas, clear_cas)

/* Two of them hold side by side while one takes the place of the other. */
static bool
load_cas (const char *path, Cas *ret_cas, GError **error)
{
  g_auto (gnutls_datum_t) pem = { 0 };
  return umz_pki_load_pem (path, &pem, error) &&
         umz_pki_is_done (gnutls_x509_crt_list_import2 (&ret_cas->all, &ret_cas->n, &pem,
                                                        GNUTLS_X509_FMT_PEM, 0),
                          path, error);
}

UmzRevoked *
umz_revoked_load (const char *path, const char *ca_path, GError **error)
{
  g_autoptr (UmzRevoked) revoked = g_new0 (UmzRevoked, 1);
  g_auto (Cas) cas = { 0 };
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&revoked);
  return load_cas (ca_path, &cas, error) &&
             load_list (path, cas.all, cas.n, &revoked->list, error)
           ? g_steal_pointer (&revoked)
           : NULL;
}

void
umz_revoked_free (UmzRevoked *revoked)
{
  if (revoked == NULL)
    return;
  if (revoked->list != NULL)
    gnutls_x509_crl_deinit (revoked->list);
  g_free (revoked);
}

bool
umz_revoked_has (const UmzRevoked *revoked, const void *der, size_t der_bytes)
{
  g_auto (gnutls_x509_crt_t) certificate = NULL;
  gnutls_datum_t datum = { .data = (unsigned char *) der, .size = (unsigned) der_bytes };
  if (revoked->list == NULL)
    return false;
  /* One that cannot be read is as good as revoked. */
  return der_bytes > UINT_MAX || gnutls_x509_crt_init (&certificate) != 0 ||
         gnutls_x509_crt_import (certificate, &datum, GNUTLS_X509_FMT_DER) != 0 ||
         gnutls_x509_crt_check_revocation (certificate, &revoked->list, 1) != 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pki.c: GnuTLS for the certificates, plain system calls for the files.
 *
 * A pair of files is written key first; if the certificate cannot be written, the key is removed
 * again, so that a second try is not refused by half of the first.  Files are born with O_EXCL and
 * their final mode: at no time is a key readable for others.
 */
#include "pki/pki.h"

#include "base/text.h"
#include "messages/catalogue.h"
#include "pki/pki-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SERIAL_BYTES     16
#define CLOCK_SKEW_S     (10 * 60) /* between SUs: a certificate is valid a little earlier */
#define SECONDS_PER_DAY  (24 * 60 * 60)
#define KEY_ID_BYTES_MAX 64
#define SAN_BYTES_MAX    256
#define CERTIFICATE_MODE 0644
#define DIR_MODE         0755
#define MODE_OF_CREATION 0600
#define PEM_BYTES_MAX    65536

void
umz_pki_pair_clear (UmzPkiPair *pair)
{
  if (pair->certificate != NULL)
    gnutls_x509_crt_deinit (pair->certificate);
  if (pair->key != NULL)
    gnutls_x509_privkey_deinit (pair->key);
}

void
umz_pki_pem_clear (gnutls_datum_t *pem)
{
  if (pem->data != NULL)
    explicit_bzero (pem->data, pem->size);
  gnutls_free (pem->data);
}

bool
umz_pki_is_done (int result, const char *what, GError **error)
{
  if (result >= 0)
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0044, what, gnutls_strerror (result), NULL);
  return false;
}

bool
umz_pki_check_name (const char *name, GError **error)
{
  if (umz_text_is_composed_name (name, UMZ_SU_NAME_LENGTH_MAX))
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0041, name, NULL);
  return false;
}

/* ---- files ---- */

static bool
check_absent (const char *path, GError **error)
{
  struct stat status;
  if (lstat (path, &status) != 0)
    return true; /* if something else is wrong, open() says so */
  umz_set_error (error, UMZ_MSG_UMZ0040, path, NULL);
  return false;
}

static bool
write_all (int fd, const void *data, size_t n_bytes)
{
  const char *p = data;
  while (n_bytes > 0) {
    ssize_t n_written = write (fd, p, n_bytes);
    if (n_written < 0 && errno == EINTR)
      continue;
    if (n_written < 0)
      return false;
    p += n_written;
    n_bytes -= (size_t) n_written;
  }
  return true;
}

bool
umz_pki_create_file (const char *path, const gnutls_datum_t *pem, mode_t mode, GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, MODE_OF_CREATION);
  if (fd < 0) {
    umz_set_error (error, UMZ_MSG_UMZ0043, path, g_strerror (errno), NULL);
    return false;
  }
  bool is_written = write_all (fd, pem->data, pem->size) && fchmod (fd, mode) == 0 &&
                    fsync (fd) == 0;
  int cause = errno;
  (void) close (fd); /* fsync() has reported what there was to report */
  if (is_written)
    return true;

  (void) unlink (path); /* the first error is the one to report */
  umz_set_error (error, UMZ_MSG_UMZ0043, path, g_strerror (cause), NULL);
  return false;
}

bool
umz_pki_export_key (gnutls_x509_privkey_t key, gnutls_datum_t *ret_pem, GError **error)
{
  return umz_pki_is_done (gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_PEM, NULL,
                                                             GNUTLS_PKCS_PLAIN, ret_pem),
                          "gnutls_x509_privkey_export2_pkcs8", error);
}

static bool
export_pair (const UmzPkiPair *pair, gnutls_datum_t *ret_certificate, gnutls_datum_t *ret_key,
             GError **error)
{
  return umz_pki_is_done (gnutls_x509_crt_export2 (pair->certificate, GNUTLS_X509_FMT_PEM,
                                                   ret_certificate),
                          "gnutls_x509_crt_export2", error) &&
         umz_pki_export_key (pair->key, ret_key, error);
}

/* Writes both files, or none. */
static bool
save_pair (const UmzPkiPair *pair, const char *certificate_path, const char *key_path,
           GError **error)
{
  g_auto (gnutls_datum_t) certificate = { 0 };
  g_auto (gnutls_datum_t) key = { 0 };
  if (!export_pair (pair, &certificate, &key, error) ||
      !umz_pki_create_file (key_path, &key, UMZ_PKI_KEY_MODE, error))
    return false;
  if (umz_pki_create_file (certificate_path, &certificate, CERTIFICATE_MODE, error))
    return true;
  (void) unlink (key_path); /* the first error is the one to report */
  return false;
}

bool
umz_pki_replace_file (const char *path, const gnutls_datum_t *pem, GError **error)
{
  g_autofree char *next = g_strconcat (path, ".new", NULL);
  (void) unlink (next); /* of a try that was broken off; what cannot go is told by the next line */
  if (!umz_pki_create_file (next, pem, CERTIFICATE_MODE, error))
    return false;
  if (rename (next, path) == 0)
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0043, path, g_strerror (errno), NULL);
  (void) unlink (next); /* the first error is the one to report */
  return false;
}

bool
umz_pki_load_pem (const char *path, gnutls_datum_t *ret_pem, GError **error)
{
  struct stat status;
  if (stat (path, &status) == 0 && status.st_size > PEM_BYTES_MAX)
    errno = EFBIG;
  else if (gnutls_load_file (path, ret_pem) == 0)
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0042, path, g_strerror (errno), NULL);
  return false;
}

bool
umz_pki_load_certificate (const char *path, gnutls_x509_crt_t *ret_certificate, GError **error)
{
  g_auto (gnutls_datum_t) pem = { 0 };
  return umz_pki_load_pem (path, &pem, error) &&
         umz_pki_is_done (gnutls_x509_crt_init (ret_certificate), path, error) &&
         umz_pki_is_done (gnutls_x509_crt_import (*ret_certificate, &pem, GNUTLS_X509_FMT_PEM),
                          path, error);
}

bool
umz_pki_load_key (const char *path, gnutls_x509_privkey_t *ret_key, GError **error)
{
  g_auto (gnutls_datum_t) pem = { 0 };
  return umz_pki_load_pem (path, &pem, error) &&
         umz_pki_is_done (gnutls_x509_privkey_init (ret_key), path, error) &&
         umz_pki_is_done (gnutls_x509_privkey_import2 (*ret_key, &pem, GNUTLS_X509_FMT_PEM, NULL,
                                                       0),
                          path, error);
}

/* ---- certificates ---- */

bool
umz_pki_generate_key (gnutls_x509_privkey_t *ret_key, GError **error)
{
  return umz_pki_is_done (gnutls_x509_privkey_init (ret_key), "gnutls_x509_privkey_init", error) &&
         umz_pki_is_done (gnutls_x509_privkey_generate (
                            *ret_key, GNUTLS_PK_ECDSA,
                            GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0),
                          "gnutls_x509_privkey_generate", error);
}

static bool
set_serial (gnutls_x509_crt_t certificate, GError **error)
{
  unsigned char serial[SERIAL_BYTES];
  if (!umz_pki_is_done (gnutls_rnd (GNUTLS_RND_NONCE, serial, sizeof serial), "gnutls_rnd", error))
    return false;
  serial[0] = (unsigned char) ((serial[0] & 0x3f) | 0x40); /* positive, without leading zeros */
  return umz_pki_is_done (gnutls_x509_crt_set_serial (certificate, serial, sizeof serial),
                          "gnutls_x509_crt_set_serial", error);
}

static time_t
get_time_in (int n_days)
{
  return time (NULL) + (time_t) n_days * SECONDS_PER_DAY;
}

static bool
set_validity (gnutls_x509_crt_t certificate, time_t end, GError **error)
{
  return umz_pki_is_done (
           gnutls_x509_crt_set_activation_time (certificate, time (NULL) - CLOCK_SKEW_S),
           "gnutls_x509_crt_set_activation_time", error) &&
         umz_pki_is_done (gnutls_x509_crt_set_expiration_time (certificate, end),
                          "gnutls_x509_crt_set_expiration_time", error);
}

static bool
set_subject_key_id (gnutls_x509_crt_t certificate, GError **error)
{
  unsigned char id[KEY_ID_BYTES_MAX];
  size_t id_bytes = sizeof id;
  return umz_pki_is_done (gnutls_x509_crt_get_key_id (certificate, 0, id, &id_bytes),
                          "gnutls_x509_crt_get_key_id", error) &&
         umz_pki_is_done (gnutls_x509_crt_set_subject_key_id (certificate, id, id_bytes),
                          "gnutls_x509_crt_set_subject_key_id", error);
}

/* What every certificate of ours has, but for its key. */
static bool
describe (gnutls_x509_crt_t certificate, const char *common_name, time_t end, GError **error)
{
  return umz_pki_is_done (gnutls_x509_crt_set_version (certificate, 3),
                          "gnutls_x509_crt_set_version", error) &&
         umz_pki_is_done (gnutls_x509_crt_set_dn_by_oid (certificate, GNUTLS_OID_X520_COMMON_NAME,
                                                         0,
                                                         common_name,
                                                         (unsigned) strlen (common_name)),
                          "gnutls_x509_crt_set_dn_by_oid", error) &&
         set_serial (certificate, error) &&
         set_validity (certificate, end, error) &&
         set_subject_key_id (certificate, error);
}

static bool
begin_pair (UmzPkiPair *pair, GError **error)
{
  return umz_pki_generate_key (&pair->key, error) &&
         umz_pki_is_done (gnutls_x509_crt_init (&pair->certificate),
                          "gnutls_x509_crt_init", error) &&
         umz_pki_is_done (gnutls_x509_crt_set_key (pair->certificate, pair->key),
                          "gnutls_x509_crt_set_key", error);
}

static bool
sign (gnutls_x509_crt_t certificate, const UmzPkiPair *ca, GError **error)
{
  return umz_pki_is_done (gnutls_x509_crt_sign2 (certificate, ca->certificate, ca->key,
                                                 GNUTLS_DIG_SHA256,
                                                 0),
                          "gnutls_x509_crt_sign2", error);
}

static bool
make_ca (const char *cluster_name, UmzPkiPair *ret_ca, GError **error)
{
  if (!begin_pair (ret_ca, error) ||
      !describe (ret_ca->certificate, cluster_name, get_time_in (UMZ_PKI_CA_VALID_DAYS), error))
    return false;
  gnutls_x509_crt_t certificate = ret_ca->certificate;
  return umz_pki_is_done (gnutls_x509_crt_set_basic_constraints (certificate, 1, 0),
                          "gnutls_x509_crt_set_basic_constraints", error) &&
         umz_pki_is_done (gnutls_x509_crt_set_key_usage (certificate,
                                                         GNUTLS_KEY_KEY_CERT_SIGN |
                                                           GNUTLS_KEY_CRL_SIGN),
                          "gnutls_x509_crt_set_key_usage", error) &&
         sign (certificate, ret_ca, error);
}

static bool
set_authority_key_id (gnutls_x509_crt_t certificate, gnutls_x509_crt_t ca, GError **error)
{
  unsigned char id[KEY_ID_BYTES_MAX];
  size_t id_bytes = sizeof id;
  return umz_pki_is_done (gnutls_x509_crt_get_subject_key_id (ca, id, &id_bytes, NULL),
                          "gnutls_x509_crt_get_subject_key_id", error) &&
         umz_pki_is_done (gnutls_x509_crt_set_authority_key_id (certificate, id, id_bytes),
                          "gnutls_x509_crt_set_authority_key_id", error);
}

static bool
set_su (gnutls_x509_crt_t certificate, const char *su_name, GError **error)
{
  return umz_pki_is_done (gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_DNSNAME,
                                                                su_name,
                                                                (unsigned) strlen (su_name),
                                                                GNUTLS_FSAN_SET),
                          "gnutls_x509_crt_set_subject_alt_name", error) &&
         umz_pki_is_done (gnutls_x509_crt_set_basic_constraints (certificate, 0, -1),
                          "gnutls_x509_crt_set_basic_constraints", error) &&
         umz_pki_is_done (gnutls_x509_crt_set_key_usage (certificate, GNUTLS_KEY_DIGITAL_SIGNATURE),
                          "gnutls_x509_crt_set_key_usage", error) &&
         umz_pki_is_done (
           gnutls_x509_crt_set_key_purpose_oid (certificate, GNUTLS_KP_TLS_WWW_SERVER, 0),
           "gnutls_x509_crt_set_key_purpose_oid", error) &&
         umz_pki_is_done (
           gnutls_x509_crt_set_key_purpose_oid (certificate, GNUTLS_KP_TLS_WWW_CLIENT, 0),
           "gnutls_x509_crt_set_key_purpose_oid", error);
}

bool
umz_pki_certify (gnutls_x509_crt_t certificate, const char *su_name, const UmzPkiPair *ca,
                 GError **error)
{
  time_t end = MIN (get_time_in (UMZ_PKI_SU_VALID_DAYS),
                    gnutls_x509_crt_get_expiration_time (ca->certificate));
  return describe (certificate, su_name, end, error) && set_su (certificate, su_name, error) &&
         set_authority_key_id (certificate, ca->certificate, error) &&
         sign (certificate, ca, error);
}

/* ---- what others call ---- */

bool
umz_pki_make_dir (const char *dir, GError **error)
{
  if (g_mkdir_with_parents (dir, DIR_MODE) == 0)
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0043, dir, g_strerror (errno), NULL);
  return false;
}

bool
umz_pki_init (const char *dir, const char *cluster_name, GError **error)
{
  g_autofree char *certificate_path = g_build_filename (dir, "ca.pem", NULL);
  g_autofree char *key_path = g_build_filename (dir, "ca-key.pem", NULL);
  if (!umz_pki_check_name (cluster_name, error) || !check_absent (certificate_path, error) ||
      !check_absent (key_path, error) || !umz_pki_make_dir (dir, error))
    return false;

  g_auto (UmzPkiPair) ca = { 0 };
  return make_ca (cluster_name, &ca, error) && save_pair (&ca, certificate_path, key_path, error);
}

char *
umz_pki_dup_path (const char *dir, const char *name, const char *suffix)
{
  g_autofree char *file = g_strconcat (name, suffix, NULL);
  return g_build_filename (dir, file, NULL);
}

static bool
check_belongs (const UmzPkiPair *ca, const char *what, GError **error)
{
  unsigned char certificate_id[KEY_ID_BYTES_MAX];
  unsigned char key_id[KEY_ID_BYTES_MAX];
  size_t certificate_id_bytes = sizeof certificate_id;
  size_t key_id_bytes = sizeof key_id;
  if (!umz_pki_is_done (gnutls_x509_crt_get_key_id (ca->certificate, 0, certificate_id,
                                                    &certificate_id_bytes),
                        "gnutls_x509_crt_get_key_id", error) ||
      !umz_pki_is_done (gnutls_x509_privkey_get_key_id (ca->key, 0, key_id, &key_id_bytes),
                        "gnutls_x509_privkey_get_key_id", error))
    return false;
  if (certificate_id_bytes == key_id_bytes && memcmp (certificate_id, key_id, key_id_bytes) == 0)
    return true;
  return umz_pki_is_done (GNUTLS_E_CERTIFICATE_KEY_MISMATCH, what, error);
}

bool
umz_pki_load_ca (const char *dir, UmzPkiPair *ret_ca, GError **error)
{
  g_autofree char *path = umz_pki_dup_path (dir, "ca", ".pem");
  g_autofree char *key_path = umz_pki_dup_path (dir, "ca", "-key.pem");
  return umz_pki_load_certificate (path, &ret_ca->certificate, error) &&
         umz_pki_load_key (key_path, &ret_ca->key, error) &&
         check_belongs (ret_ca, key_path, error);
}

bool
umz_pki_issue (const char *dir, const char *su_name, GError **error)
{
  if (!umz_pki_check_name (su_name, error))
    return false;
  g_autofree char *certificate_path = umz_pki_dup_path (dir, su_name, ".pem");
  g_autofree char *key_path = umz_pki_dup_path (dir, su_name, "-key.pem");
  g_auto (UmzPkiPair) ca = { 0 };
  g_auto (UmzPkiPair) su = { 0 };
  return check_absent (certificate_path, error) && check_absent (key_path, error) &&
         umz_pki_load_ca (dir, &ca, error) && begin_pair (&su, error) &&
         umz_pki_certify (su.certificate, su_name, &ca, error) &&
         save_pair (&su, certificate_path, key_path, error);
}

/* The DNS name number index; NULL if there is none, or it is no SU name. */
static char *
dup_dns_name (gnutls_x509_crt_t certificate, unsigned index)
{
  char name[SAN_BYTES_MAX];
  size_t name_bytes = sizeof name;
  int type = gnutls_x509_crt_get_subject_alt_name (certificate, index, name, &name_bytes, NULL);
  if (type != GNUTLS_SAN_DNSNAME || name_bytes >= sizeof name)
    return NULL;
  name[name_bytes] = '\0';
  if (strlen (name) != name_bytes || !umz_text_is_composed_name (name, UMZ_SU_NAME_LENGTH_MAX))
    return NULL;
  return g_strdup (name);
}

/* Whether the certificate has an alternative name of that number, of whatever kind. */
static bool
has_name (gnutls_x509_crt_t certificate, unsigned index)
{
  char name[SAN_BYTES_MAX];
  size_t name_bytes = sizeof name;
  return gnutls_x509_crt_get_subject_alt_name (certificate, index, name, &name_bytes, NULL) !=
         GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
}

char *
umz_pki_certificate_su_name (const void *der, size_t der_bytes, GError **error)
{
  if (der_bytes > UINT_MAX) {
    umz_set_error (error, UMZ_MSG_UMZ0045, g_strerror (EFBIG), NULL);
    return NULL;
  }
  g_auto (gnutls_x509_crt_t) certificate = NULL;
  gnutls_datum_t datum = { .data = (unsigned char *) der, .size = (unsigned) der_bytes };
  int result = gnutls_x509_crt_init (&certificate);
  if (result == 0)
    result = gnutls_x509_crt_import (certificate, &datum, GNUTLS_X509_FMT_DER);
  if (result != 0) {
    umz_set_error (error, UMZ_MSG_UMZ0045, gnutls_strerror (result), NULL);
    return NULL;
  }

  g_autofree char *name = dup_dns_name (certificate, 0);
  if (name == NULL || has_name (certificate, 1)) {
    umz_set_error (error, UMZ_MSG_UMZ0045, "subjectAltName", NULL);
    return NULL;
  }
  return g_steal_pointer (&name);
}

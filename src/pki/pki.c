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

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
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
#define KEY_MODE         0600
#define DIR_MODE         0755
#define MODE_OF_CREATION 0600

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_crt_t, gnutls_x509_crt_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_privkey_t, gnutls_x509_privkey_deinit, NULL)

/* A certificate and its key. */
typedef struct {
  gnutls_x509_crt_t certificate;
  gnutls_x509_privkey_t key;
} Pair;

static void
clear_pair (Pair *pair)
{
  if (pair->certificate != NULL)
    gnutls_x509_crt_deinit (pair->certificate);
  if (pair->key != NULL)
    gnutls_x509_privkey_deinit (pair->key);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, clear_pair)

/* PEM text that may be a secret. */
static void
clear_pem (gnutls_datum_t *pem)
{
  if (pem->data != NULL)
    explicit_bzero (pem->data, pem->size);
  gnutls_free (pem->data);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (gnutls_datum_t, clear_pem)

/* Whether a call of GnuTLS went well; if not, sets UMZ0044. */
static bool
is_done (int result, const char *what, GError **error)
{
  if (result >= 0)
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0044, what, gnutls_strerror (result), NULL);
  return false;
}

static bool
check_name (const char *name, GError **error)
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

/* Makes the file, or nothing. */
static bool
create_file (const char *path, const gnutls_datum_t *pem, mode_t mode, GError **error)
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

static bool
export_pair (const Pair *pair, gnutls_datum_t *ret_certificate, gnutls_datum_t *ret_key,
             GError **error)
{
  return is_done (gnutls_x509_crt_export2 (pair->certificate, GNUTLS_X509_FMT_PEM,
                                           ret_certificate),
                  "gnutls_x509_crt_export2", error) &&
         is_done (gnutls_x509_privkey_export2_pkcs8 (pair->key, GNUTLS_X509_FMT_PEM, NULL,
                                                     GNUTLS_PKCS_PLAIN, ret_key),
                  "gnutls_x509_privkey_export2_pkcs8", error);
}

/* Writes both files, or none. */
static bool
save_pair (const Pair *pair, const char *certificate_path, const char *key_path, GError **error)
{
  g_auto (gnutls_datum_t) certificate = { 0 };
  g_auto (gnutls_datum_t) key = { 0 };
  if (!export_pair (pair, &certificate, &key, error) ||
      !create_file (key_path, &key, KEY_MODE, error))
    return false;
  if (create_file (certificate_path, &certificate, CERTIFICATE_MODE, error))
    return true;
  (void) unlink (key_path); /* the first error is the one to report */
  return false;
}

static bool
load_pem (const char *path, gnutls_datum_t *ret_pem, GError **error)
{
  if (gnutls_load_file (path, ret_pem) == 0)
    return true;
  umz_set_error (error, UMZ_MSG_UMZ0042, path, g_strerror (errno), NULL);
  return false;
}

static bool
load_pair (const char *certificate_path, const char *key_path, Pair *ret_pair, GError **error)
{
  g_auto (gnutls_datum_t) certificate = { 0 };
  g_auto (gnutls_datum_t) key = { 0 };
  return load_pem (certificate_path, &certificate, error) && load_pem (key_path, &key, error) &&
         is_done (gnutls_x509_crt_init (&ret_pair->certificate), certificate_path, error) &&
         is_done (gnutls_x509_crt_import (ret_pair->certificate, &certificate,
                                          GNUTLS_X509_FMT_PEM),
                  certificate_path, error) &&
         is_done (gnutls_x509_privkey_init (&ret_pair->key), key_path, error) &&
         is_done (gnutls_x509_privkey_import2 (ret_pair->key, &key, GNUTLS_X509_FMT_PEM, NULL, 0),
                  key_path, error);
}

/* ---- certificates ---- */

static bool
generate_key (gnutls_x509_privkey_t *ret_key, GError **error)
{
  return is_done (gnutls_x509_privkey_init (ret_key), "gnutls_x509_privkey_init", error) &&
         is_done (gnutls_x509_privkey_generate (
                    *ret_key, GNUTLS_PK_ECDSA,
                    GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0),
                  "gnutls_x509_privkey_generate", error);
}

static bool
set_serial (gnutls_x509_crt_t certificate, GError **error)
{
  unsigned char serial[SERIAL_BYTES];
  if (!is_done (gnutls_rnd (GNUTLS_RND_NONCE, serial, sizeof serial), "gnutls_rnd", error))
    return false;
  serial[0] = (unsigned char) ((serial[0] & 0x3f) | 0x40); /* positive, without leading zeros */
  return is_done (gnutls_x509_crt_set_serial (certificate, serial, sizeof serial),
                  "gnutls_x509_crt_set_serial", error);
}

static bool
set_validity (gnutls_x509_crt_t certificate, int n_days, GError **error)
{
  time_t now = time (NULL);
  return is_done (gnutls_x509_crt_set_activation_time (certificate, now - CLOCK_SKEW_S),
                  "gnutls_x509_crt_set_activation_time", error) &&
         is_done (gnutls_x509_crt_set_expiration_time (
                    certificate, now + (time_t) n_days * SECONDS_PER_DAY),
                  "gnutls_x509_crt_set_expiration_time", error);
}

static bool
set_subject_key_id (gnutls_x509_crt_t certificate, GError **error)
{
  unsigned char id[KEY_ID_BYTES_MAX];
  size_t id_bytes = sizeof id;
  return is_done (gnutls_x509_crt_get_key_id (certificate, 0, id, &id_bytes),
                  "gnutls_x509_crt_get_key_id", error) &&
         is_done (gnutls_x509_crt_set_subject_key_id (certificate, id, id_bytes),
                  "gnutls_x509_crt_set_subject_key_id", error);
}

/* What every certificate of ours has. */
static bool
begin_certificate (Pair *pair, const char *common_name, int n_days, GError **error)
{
  return generate_key (&pair->key, error) &&
         is_done (gnutls_x509_crt_init (&pair->certificate), "gnutls_x509_crt_init", error) &&
         is_done (gnutls_x509_crt_set_version (pair->certificate, 3),
                  "gnutls_x509_crt_set_version", error) &&
         is_done (gnutls_x509_crt_set_key (pair->certificate, pair->key),
                  "gnutls_x509_crt_set_key", error) &&
         is_done (gnutls_x509_crt_set_dn_by_oid (pair->certificate, GNUTLS_OID_X520_COMMON_NAME, 0,
                                                 common_name, (unsigned) strlen (common_name)),
                  "gnutls_x509_crt_set_dn_by_oid", error) &&
         set_serial (pair->certificate, error) &&
         set_validity (pair->certificate, n_days, error) &&
         set_subject_key_id (pair->certificate, error);
}

static bool
sign (gnutls_x509_crt_t certificate, const Pair *ca, GError **error)
{
  return is_done (gnutls_x509_crt_sign2 (certificate, ca->certificate, ca->key, GNUTLS_DIG_SHA256,
                                         0),
                  "gnutls_x509_crt_sign2", error);
}

static bool
make_ca (const char *cluster_name, Pair *ret_ca, GError **error)
{
  if (!begin_certificate (ret_ca, cluster_name, UMZ_PKI_CA_VALID_DAYS, error))
    return false;
  gnutls_x509_crt_t certificate = ret_ca->certificate;
  return is_done (gnutls_x509_crt_set_basic_constraints (certificate, 1, 0),
                  "gnutls_x509_crt_set_basic_constraints", error) &&
         is_done (gnutls_x509_crt_set_key_usage (certificate,
                                                 GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN),
                  "gnutls_x509_crt_set_key_usage", error) &&
         sign (certificate, ret_ca, error);
}

static bool
set_authority_key_id (gnutls_x509_crt_t certificate, gnutls_x509_crt_t ca, GError **error)
{
  unsigned char id[KEY_ID_BYTES_MAX];
  size_t id_bytes = sizeof id;
  return is_done (gnutls_x509_crt_get_subject_key_id (ca, id, &id_bytes, NULL),
                  "gnutls_x509_crt_get_subject_key_id", error) &&
         is_done (gnutls_x509_crt_set_authority_key_id (certificate, id, id_bytes),
                  "gnutls_x509_crt_set_authority_key_id", error);
}

static bool
set_su (gnutls_x509_crt_t certificate, const char *su_name, GError **error)
{
  return is_done (gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_DNSNAME, su_name,
                                                        (unsigned) strlen (su_name),
                                                        GNUTLS_FSAN_SET),
                  "gnutls_x509_crt_set_subject_alt_name", error) &&
         is_done (gnutls_x509_crt_set_basic_constraints (certificate, 0, -1),
                  "gnutls_x509_crt_set_basic_constraints", error) &&
         is_done (gnutls_x509_crt_set_key_usage (certificate, GNUTLS_KEY_DIGITAL_SIGNATURE),
                  "gnutls_x509_crt_set_key_usage", error) &&
         is_done (gnutls_x509_crt_set_key_purpose_oid (certificate, GNUTLS_KP_TLS_WWW_SERVER, 0),
                  "gnutls_x509_crt_set_key_purpose_oid", error) &&
         is_done (gnutls_x509_crt_set_key_purpose_oid (certificate, GNUTLS_KP_TLS_WWW_CLIENT, 0),
                  "gnutls_x509_crt_set_key_purpose_oid", error);
}

/* Signing does not notice a key that belongs to another CA; this does. */
static bool
check_belongs (const Pair *ca, const char *what, GError **error)
{
  unsigned char certificate_id[KEY_ID_BYTES_MAX];
  unsigned char key_id[KEY_ID_BYTES_MAX];
  size_t certificate_id_bytes = sizeof certificate_id;
  size_t key_id_bytes = sizeof key_id;
  if (!is_done (gnutls_x509_crt_get_key_id (ca->certificate, 0, certificate_id,
                                            &certificate_id_bytes),
                "gnutls_x509_crt_get_key_id", error) ||
      !is_done (gnutls_x509_privkey_get_key_id (ca->key, 0, key_id, &key_id_bytes),
                "gnutls_x509_privkey_get_key_id", error))
    return false;
  if (certificate_id_bytes == key_id_bytes && memcmp (certificate_id, key_id, key_id_bytes) == 0)
    return true;
  return is_done (GNUTLS_E_CERTIFICATE_KEY_MISMATCH, what, error);
}

static bool
make_su (const char *su_name, const Pair *ca, Pair *ret_su, GError **error)
{
  return begin_certificate (ret_su, su_name, UMZ_PKI_SU_VALID_DAYS, error) &&
         set_su (ret_su->certificate, su_name, error) &&
         set_authority_key_id (ret_su->certificate, ca->certificate, error) &&
         sign (ret_su->certificate, ca, error);
}

/* ---- what others call ---- */

bool
umz_pki_init (const char *dir, const char *cluster_name, GError **error)
{
  g_autofree char *certificate_path = g_build_filename (dir, "ca.pem", NULL);
  g_autofree char *key_path = g_build_filename (dir, "ca-key.pem", NULL);
  if (!check_name (cluster_name, error) || !check_absent (certificate_path, error) ||
      !check_absent (key_path, error))
    return false;
  if (g_mkdir_with_parents (dir, DIR_MODE) != 0) {
    umz_set_error (error, UMZ_MSG_UMZ0043, dir, g_strerror (errno), NULL);
    return false;
  }

  g_auto (Pair) ca = { 0 };
  return make_ca (cluster_name, &ca, error) && save_pair (&ca, certificate_path, key_path, error);
}

bool
umz_pki_issue (const char *dir, const char *su_name, GError **error)
{
  if (!check_name (su_name, error))
    return false;
  g_autofree char *certificate_name = g_strconcat (su_name, ".pem", NULL);
  g_autofree char *key_name = g_strconcat (su_name, "-key.pem", NULL);
  g_autofree char *certificate_path = g_build_filename (dir, certificate_name, NULL);
  g_autofree char *key_path = g_build_filename (dir, key_name, NULL);
  g_autofree char *ca_path = g_build_filename (dir, "ca.pem", NULL);
  g_autofree char *ca_key_path = g_build_filename (dir, "ca-key.pem", NULL);
  if (!check_absent (certificate_path, error) || !check_absent (key_path, error))
    return false;

  g_auto (Pair) ca = { 0 };
  g_auto (Pair) su = { 0 };
  return load_pair (ca_path, ca_key_path, &ca, error) &&
         check_belongs (&ca, ca_key_path, error) && make_su (su_name, &ca, &su, error) &&
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

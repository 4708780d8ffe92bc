/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-pki.c: certificates verify where they should and nowhere else; keys are for their owner. */
#include "pki/pki.h"

#include "messages/catalogue.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

typedef struct {
  char *folder; /* where the CA is to be: does not exist yet */
  char *parent;
} Fixture;

static void
set_up (Fixture *fixture, const void *data)
{
  fixture->parent = g_dir_make_tmp ("umzug-pki-XXXXXX", NULL);
  g_assert_nonnull (fixture->parent);
  fixture->folder = g_build_filename (fixture->parent, "pki", NULL);
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; dir != NULL && (name = g_dir_read_name (dir)) != NULL;) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    if (g_file_test (path, G_FILE_TEST_IS_DIR))
      remove_folder (path);
    else
      g_assert_cmpint (g_unlink (path), ==, 0);
  }
  if (dir != NULL)
    g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
tear_down (Fixture *fixture, const void *data)
{
  remove_folder (fixture->parent);
  g_free (fixture->parent);
  g_free (fixture->folder);
}

static char *
path_of (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static void
make_ca (const char *folder)
{
  g_autoptr (GError) error = NULL;
  bool ok = umz_pki_init (folder, "CLUSTER1", &error);
  g_assert_no_error (error);
  g_assert_true (ok);
}

static void
issue (const char *folder, const char *su_name)
{
  g_autoptr (GError) error = NULL;
  bool ok = umz_pki_issue (folder, su_name, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
}

static gnutls_x509_crt_t
load_certificate (const char *folder, const char *name)
{
  gnutls_x509_crt_t certificate;
  gnutls_datum_t pem;
  g_autofree char *path = path_of (folder, name);
  g_assert_cmpint (gnutls_load_file (path, &pem), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_init (&certificate), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_import (certificate, &pem, GNUTLS_X509_FMT_PEM), ==, 0);
  gnutls_free (pem.data);
  return certificate;
}

static GBytes *
load_der (const char *folder, const char *name)
{
  gnutls_datum_t der;
  gnutls_x509_crt_t certificate = load_certificate (folder, name);
  g_assert_cmpint (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_DER, &der), ==, 0);
  GBytes *bytes = g_bytes_new (der.data, der.size);
  gnutls_free (der.data);
  gnutls_x509_crt_deinit (certificate);
  return bytes;
}

/* The status of name's certificate against that CA, for a purpose: 0 is good. */
static unsigned
verify (const char *ca_folder, const char *folder, const char *name, const char *purpose)
{
  unsigned status = 0;
  gnutls_x509_trust_list_t trusted;
  gnutls_x509_crt_t ca = load_certificate (ca_folder, "ca.pem");
  gnutls_x509_crt_t certificate = load_certificate (folder, name);
  gnutls_typed_vdata_st data = { .type = GNUTLS_DT_KEY_PURPOSE_OID,
                                 .data = (unsigned char *) purpose };

  g_assert_cmpint (gnutls_x509_trust_list_init (&trusted, 0), ==, 0);
  g_assert_cmpint (gnutls_x509_trust_list_add_cas (trusted, &ca, 1, 0), ==, 1);
  g_assert_cmpint (gnutls_x509_trust_list_verify_crt2 (trusted, &certificate, 1, &data, 1, 0,
                                                       &status, NULL),
                   ==, 0);
  gnutls_x509_crt_deinit (certificate);
  gnutls_x509_trust_list_deinit (trusted, 1);
  return status;
}

static void
a_certificate_verifies_for_both_ends (Fixture *fixture, const void *data)
{
  make_ca (fixture->folder);
  issue (fixture->folder, "ABGSE501");
  g_assert_cmphex (verify (fixture->folder, fixture->folder, "ABGSE501.pem",
                           GNUTLS_KP_TLS_WWW_SERVER),
                   ==, 0);
  g_assert_cmphex (verify (fixture->folder, fixture->folder, "ABGSE501.pem",
                           GNUTLS_KP_TLS_WWW_CLIENT),
                   ==, 0);
  g_assert_cmphex (verify (fixture->folder, fixture->folder, "ABGSE501.pem",
                           GNUTLS_KP_CODE_SIGNING),
                   !=, 0);
}

static void
another_ca_does_not_verify_it (Fixture *fixture, const void *data)
{
  g_autofree char *other = path_of (fixture->parent, "other");
  make_ca (fixture->folder);
  make_ca (other); /* of the same name */
  issue (fixture->folder, "ABGSE501");
  g_assert_cmphex (verify (other, fixture->folder, "ABGSE501.pem", GNUTLS_KP_TLS_WWW_SERVER), !=,
                   0);
}

static void
an_su_cannot_sign_for_another (Fixture *fixture, const void *data)
{
  make_ca (fixture->folder);
  issue (fixture->folder, "ABGSE501");
  gnutls_x509_crt_t certificate = load_certificate (fixture->folder, "ABGSE501.pem");
  g_assert_cmpint (gnutls_x509_crt_get_ca_status (certificate, NULL), ==, 0);
  gnutls_x509_crt_deinit (certificate);
}

/* Days from now until the certificate expires. */
static double
get_days_left (const char *folder, const char *name)
{
  gnutls_x509_crt_t certificate = load_certificate (folder, name);
  time_t expires = gnutls_x509_crt_get_expiration_time (certificate);
  gnutls_x509_crt_deinit (certificate);
  return difftime (expires, time (NULL)) / (24 * 60 * 60);
}

static void
certificates_are_valid_as_long_as_promised (Fixture *fixture, const void *data)
{
  make_ca (fixture->folder);
  issue (fixture->folder, "A");
  g_assert_cmpfloat_with_epsilon (get_days_left (fixture->folder, "ca.pem"),
                                  UMZ_PKI_CA_VALID_DAYS, 1);
  g_assert_cmpfloat_with_epsilon (get_days_left (fixture->folder, "A.pem"),
                                  UMZ_PKI_SU_VALID_DAYS, 1);
}

static unsigned
get_mode (const char *folder, const char *name)
{
  struct stat status;
  g_autofree char *path = path_of (folder, name);
  g_assert_cmpint (stat (path, &status), ==, 0);
  return status.st_mode & 0777;
}

static void
keys_are_for_their_owner_only (Fixture *fixture, const void *data)
{
  mode_t before = umask (0);
  make_ca (fixture->folder);
  issue (fixture->folder, "A");
  umask (before);
  g_assert_cmphex (get_mode (fixture->folder, "ca-key.pem"), ==, 0600);
  g_assert_cmphex (get_mode (fixture->folder, "A-key.pem"), ==, 0600);
  g_assert_cmphex (get_mode (fixture->folder, "ca.pem"), ==, 0644);
  g_assert_cmphex (get_mode (fixture->folder, "A.pem"), ==, 0644);
}

/* Removes one of two files, and expects the other to be refused and left as it is. */
static void
assert_not_overwritten (const char *folder, const char *kept, const char *removed,
                        bool (*make) (const char *, const char *, GError **), const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *kept_path = path_of (folder, kept);
  g_autofree char *removed_path = path_of (folder, removed);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_assert_true (g_file_get_contents (kept_path, &before, NULL, NULL));
  g_assert_cmpint (g_unlink (removed_path), ==, 0);

  g_assert_false (make (folder, name, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0040);
  g_assert_true (g_file_get_contents (kept_path, &after, NULL, NULL));
  g_assert_cmpstr (after, ==, before);
  g_assert_false (g_file_test (removed_path, G_FILE_TEST_EXISTS));
}

static void
nothing_is_overwritten (Fixture *fixture, const void *data)
{
  const char *folder = fixture->folder;
  g_autofree char *a_key = path_of (folder, "A-key.pem");
  make_ca (folder);
  issue (folder, "A");
  assert_not_overwritten (folder, "A-key.pem", "A.pem", umz_pki_issue, "A");
  g_assert_cmpint (g_unlink (a_key), ==, 0);
  issue (folder, "A");
  assert_not_overwritten (folder, "A.pem", "A-key.pem", umz_pki_issue, "A");
  assert_not_overwritten (folder, "ca-key.pem", "ca.pem", umz_pki_init, "CLUSTER1");
}

static void
half_a_pair_is_not_left_behind (Fixture *fixture, const void *data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *certificate = path_of (fixture->folder, "A.pem");
  g_autofree char *key = path_of (fixture->folder, "A-key.pem");
  g_autofree char *ca_key = path_of (fixture->folder, "ca-key.pem");
  make_ca (fixture->folder);
  g_assert_true (g_file_set_contents (ca_key, "no key", -1, NULL));

  g_assert_false (umz_pki_issue (fixture->folder, "A", &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0044);
  g_assert_false (g_file_test (certificate, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (key, G_FILE_TEST_EXISTS));
}

static void
a_key_of_another_ca_is_noticed (Fixture *fixture, const void *data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *other = path_of (fixture->parent, "other");
  g_autofree char *other_key = path_of (other, "ca-key.pem");
  g_autofree char *key = path_of (fixture->folder, "ca-key.pem");
  make_ca (fixture->folder);
  make_ca (other);
  g_assert_cmpint (g_rename (other_key, key), ==, 0);
  g_assert_false (umz_pki_issue (fixture->folder, "A", &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0044);
}

static void
without_a_ca_nothing_is_issued (Fixture *fixture, const void *data)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (umz_pki_issue (fixture->folder, "A", &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0042);
}

static void
a_folder_that_cannot_be_made_is_reported (Fixture *fixture, const void *data)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (fixture->folder, "", 0, NULL)); /* a file in its place */
  g_assert_false (umz_pki_init (fixture->folder, "C", &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0043);
}

static void
names_are_checked (Fixture *fixture, const void *data)
{
  static const char *const names[] = { "", "a", "../A", "A/B", ".",
                                       "..", "A B", "A_B", "-A", "A\n" };
  make_ca (fixture->folder);
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) issue_error = NULL;
    g_autoptr (GError) init_error = NULL;
    g_autofree char *folder = path_of (fixture->parent, "never");
    g_assert_false (umz_pki_issue (fixture->folder, names[i], &issue_error));
    g_assert_error (issue_error, UMZ_ERROR, UMZ_MSG_UMZ0041);
    g_assert_false (umz_pki_init (folder, names[i], &init_error));
    g_assert_error (init_error, UMZ_ERROR, UMZ_MSG_UMZ0041);
    g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
  }
}

static void
a_certificate_tells_its_su (Fixture *fixture, const void *data)
{
  static const char *const names[] = {
    "A",
    "ABGSE501",
    "1$#@.X-2",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  };
  make_ca (fixture->folder);
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *file = g_strconcat (names[i], ".pem", NULL);
    issue (fixture->folder, names[i]);
    g_autoptr (GBytes) der = load_der (fixture->folder, file);
    g_autofree char *name = umz_pki_certificate_su_name (g_bytes_get_data (der, NULL),
                                                         g_bytes_get_size (der), &error);
    g_assert_no_error (error);
    g_assert_cmpstr (name, ==, names[i]);
  }
}

static void
the_ca_is_no_su (Fixture *fixture, const void *data)
{
  g_autoptr (GError) error = NULL;
  make_ca (fixture->folder);
  g_autoptr (GBytes) der = load_der (fixture->folder, "ca.pem");
  g_assert_null (umz_pki_certificate_su_name (g_bytes_get_data (der, NULL),
                                              g_bytes_get_size (der), &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0045);
}

static void
a_truncated_certificate_names_nobody (Fixture *fixture, const void *data)
{
  make_ca (fixture->folder);
  issue (fixture->folder, "A");
  g_autoptr (GBytes) der = load_der (fixture->folder, "A.pem");
  for (size_t length = 0; length < g_bytes_get_size (der); length++) {
    g_autoptr (GError) error = NULL;
    g_autofree void *beginning = g_memdup2 (g_bytes_get_data (der, NULL), length);
    g_assert_null (umz_pki_certificate_su_name (beginning, length, &error));
    g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0045);
  }
}

/* A certificate with these alternative names, unsigned by anybody that matters. */
static GBytes *
make_foreign (const char *first, gnutls_x509_subject_alt_name_t type, const char *second)
{
  gnutls_x509_crt_t certificate;
  gnutls_x509_privkey_t key;
  gnutls_datum_t der;
  g_assert_cmpint (gnutls_x509_privkey_init (&key), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_generate (
                     key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0),
                   ==, 0);
  g_assert_cmpint (gnutls_x509_crt_init (&certificate), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_version (certificate, 3), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_key (certificate, key), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_serial (certificate, "\1", 1), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_activation_time (certificate, time (NULL)), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_expiration_time (certificate, time (NULL) + 60), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_subject_alt_name (
                     certificate, type, first, (unsigned) strlen (first), GNUTLS_FSAN_SET),
                   ==, 0);
  if (second != NULL)
    g_assert_cmpint (gnutls_x509_crt_set_subject_alt_name (
                       certificate, GNUTLS_SAN_DNSNAME, second, (unsigned) strlen (second),
                       GNUTLS_FSAN_APPEND),
                     ==, 0);
  g_assert_cmpint (gnutls_x509_crt_sign2 (certificate, certificate, key, GNUTLS_DIG_SHA256, 0), ==,
                   0);
  g_assert_cmpint (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_DER, &der), ==, 0);

  GBytes *bytes = g_bytes_new (der.data, der.size);
  gnutls_free (der.data);
  gnutls_x509_privkey_deinit (key);
  gnutls_x509_crt_deinit (certificate);
  return bytes;
}

static void
a_foreign_certificate_names_nobody (void)
{
  static const struct {
    const char *why;
    const char *first;
    gnutls_x509_subject_alt_name_t type;
    const char *second;
  } cases[] = {
    { "two names", "A", GNUTLS_SAN_DNSNAME, "B" },
    { "a host name", "host.example", GNUTLS_SAN_DNSNAME, NULL },
    { "a wildcard", "*.A", GNUTLS_SAN_DNSNAME, NULL },
    { "a mail address", "A@B", GNUTLS_SAN_RFC822NAME, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) der = make_foreign (cases[i].first, cases[i].type, cases[i].second);
    g_test_message ("%s", cases[i].why);
    g_assert_null (umz_pki_certificate_su_name (g_bytes_get_data (der, NULL),
                                                g_bytes_get_size (der), &error));
    g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0045);
  }
}

/* ---- requests ---- */

static char *
dup_file (const char *folder, const char *name)
{
  char *text = NULL;
  g_autofree char *path = path_of (folder, name);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
request (const char *folder, const char *su_name)
{
  g_autoptr (GError) error = NULL;
  umz_pki_request (folder, su_name, &error);
  g_assert_no_error (error);
}

static void
assert_sign_fails (Fixture *fixture, const char *su_name, const char *path, int code)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (umz_pki_sign (fixture->folder, su_name, path, &error));
  g_assert_error (error, UMZ_ERROR, code);
}

static void
a_key_stays_on_its_su (Fixture *fixture, const void *data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *su = path_of (fixture->parent, "su");
  g_autofree char *path = path_of (su, "ABGSE501.csr");
  make_ca (fixture->folder);
  request (su, "ABGSE501");
  umz_pki_sign (fixture->folder, "ABGSE501", path, &error);
  g_assert_no_error (error);
  g_assert_cmphex (verify (fixture->folder, fixture->folder, "ABGSE501.pem",
                           GNUTLS_KP_TLS_WWW_CLIENT),
                   ==, 0);
  g_autofree char *copy = path_of (fixture->folder, "ABGSE501-key.pem");
  g_assert_false (g_file_test (copy, G_FILE_TEST_EXISTS));
  g_autofree char *certificate_path = path_of (fixture->folder, "ABGSE501.pem");
  g_autofree char *key_path = path_of (su, "ABGSE501-key.pem");
  struct stat status;
  g_assert_cmpint (stat (key_path, &status), ==, 0);
  g_assert_cmphex (status.st_mode & 07777u, ==, 0600);
  g_autoptr (GTlsCertificate) both =
    g_tls_certificate_new_from_files (certificate_path, key_path, &error);
  g_assert_no_error (error);
}

static void
a_renewal_keeps_the_key (Fixture *fixture, const void *data)
{
  g_autofree char *path = path_of (fixture->folder, "A.csr");
  make_ca (fixture->folder);
  request (fixture->folder, "A");
  g_assert_true (umz_pki_sign (fixture->folder, "A", path, NULL));
  g_autofree char *key = dup_file (fixture->folder, "A-key.pem");
  g_autofree char *certificate = dup_file (fixture->folder, "A.pem");
  request (fixture->folder, "A");
  g_assert_true (umz_pki_sign (fixture->folder, "A", path, NULL));
  g_autofree char *same_key = dup_file (fixture->folder, "A-key.pem");
  g_autofree char *renewed = dup_file (fixture->folder, "A.pem");
  g_assert_cmpstr (key, ==, same_key);
  g_assert_cmpstr (certificate, !=, renewed);
}

static void
what_is_no_request_is_not_signed (Fixture *fixture, const void *data)
{
  g_autofree char *path = path_of (fixture->folder, "A.csr");
  g_autofree char *none = path_of (fixture->folder, "none.csr");
  g_autofree char *key = path_of (fixture->folder, "A-key.pem");
  g_autofree char *large = path_of (fixture->folder, "large.csr");
  g_autofree char *zeros = g_malloc0 (100000);
  make_ca (fixture->folder);
  request (fixture->folder, "A");
  g_assert_true (g_file_set_contents (large, zeros, 100000, NULL));
  assert_sign_fails (fixture, "B", path, UMZ_MSG_UMZ0046);
  assert_sign_fails (fixture, "a", path, UMZ_MSG_UMZ0041);
  assert_sign_fails (fixture, "A", none, UMZ_MSG_UMZ0042);
  assert_sign_fails (fixture, "A", large, UMZ_MSG_UMZ0042);
  assert_sign_fails (fixture, "A", key, UMZ_MSG_UMZ0044);
}

/* Its name is under the signature of its key. */
static void
a_forged_request_is_not_signed (Fixture *fixture, const void *data)
{
  gnutls_x509_crq_t forged;
  gnutls_datum_t pem = { 0 }, out = { 0 };
  g_autofree char *path = path_of (fixture->folder, "A.csr");
  make_ca (fixture->folder);
  request (fixture->folder, "A");
  g_assert_cmpint (gnutls_load_file (path, &pem), ==, 0);
  gnutls_x509_crq_init (&forged);
  g_assert_cmpint (gnutls_x509_crq_import (forged, &pem, GNUTLS_X509_FMT_PEM), ==, 0);
  gnutls_free (pem.data);
  g_assert_cmpint (gnutls_x509_crq_set_dn (forged, "CN=B", NULL), ==, 0);
  g_assert_cmpint (gnutls_x509_crq_export2 (forged, GNUTLS_X509_FMT_PEM, &out), ==, 0);
  gnutls_x509_crq_deinit (forged);
  g_assert_true (g_file_set_contents (path, (char *) out.data, out.size, NULL));
  gnutls_free (out.data);
  assert_sign_fails (fixture, "B", path, UMZ_MSG_UMZ0044);
}

/* ---- revocation ---- */

static bool
is_revoked (Fixture *fixture, const UmzRevoked *revoked, const char *name)
{
  g_autoptr (GBytes) der = load_der (fixture->folder, name);
  return umz_revoked_has (revoked, g_bytes_get_data (der, NULL), g_bytes_get_size (der));
}

static UmzRevoked *
load_revoked (Fixture *fixture, const char *ca_folder, GError **error)
{
  g_autofree char *path = path_of (fixture->folder, "revoked.pem");
  g_autofree char *ca = path_of (ca_folder, "ca.pem");
  return umz_revoked_load (path, ca, error);
}

static void
what_is_revoked_is_known (Fixture *fixture, const void *data)
{
  static const char *const names[] = { "A", "B", "C" };
  make_ca (fixture->folder);
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    issue (fixture->folder, names[i]);
  g_autoptr (UmzRevoked) none = load_revoked (fixture, fixture->folder, NULL);
  g_assert_false (is_revoked (fixture, none, "A.pem"));
  for (size_t i = 0; i < 4; i++) { /* the first two, and both once more */
    g_autoptr (GError) error = NULL;
    g_autofree char *name = g_strconcat (names[i % 2], ".pem", NULL);
    g_autofree char *path = path_of (fixture->folder, name);
    umz_pki_revoke (fixture->folder, path, &error);
    g_assert_no_error (error);
  }
  g_autoptr (UmzRevoked) revoked = load_revoked (fixture, fixture->folder, NULL);
  g_assert_true (is_revoked (fixture, revoked, "A.pem"));
  g_assert_true (is_revoked (fixture, revoked, "B.pem"));
  g_assert_false (is_revoked (fixture, revoked, "C.pem"));
  g_assert_true (umz_revoked_has (revoked, "x", 1));
}

/* Nor does a certificate of another CA stand in it. */
static void
a_list_of_another_ca_is_not_taken (Fixture *fixture, const void *data)
{
  g_autoptr (GError) foreign = NULL, unsigned_by_us = NULL;
  g_autofree char *other = path_of (fixture->parent, "other");
  g_autofree char *path = path_of (fixture->folder, "A.pem");
  make_ca (fixture->folder);
  make_ca (other);
  issue (fixture->folder, "A");
  g_assert_false (umz_pki_revoke (other, path, &foreign));
  g_assert_error (foreign, UMZ_ERROR, UMZ_MSG_UMZ0044);
  g_assert_true (umz_pki_revoke (fixture->folder, path, NULL));
  g_autofree char *ours = dup_file (fixture->folder, "ca.pem");
  g_autofree char *theirs = dup_file (other, "ca.pem");
  g_autofree char *both = g_strconcat (theirs, ours, NULL);
  g_autofree char *ca_path = path_of (other, "ca.pem");
  g_assert_null (load_revoked (fixture, other, &unsigned_by_us));
  g_assert_error (unsigned_by_us, UMZ_ERROR, UMZ_MSG_UMZ0044);
  g_assert_true (g_file_set_contents (ca_path, both, -1, NULL)); /* while both hold */
  g_autoptr (UmzRevoked) revoked = load_revoked (fixture, other, NULL);
  g_assert_true (is_revoked (fixture, revoked, "A.pem"));
}

/* GIO's TLS is what the control link uses. */
static void
gio_takes_the_files (Fixture *fixture, const void *data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *ca_path = path_of (fixture->folder, "ca.pem");
  g_autofree char *certificate_path = path_of (fixture->folder, "A.pem");
  g_autofree char *key_path = path_of (fixture->folder, "A-key.pem");
  if (!g_tls_backend_supports_tls (g_tls_backend_get_default ())) {
    g_test_skip ("GIO's TLS backend is not installed (Debian package glib-networking)");
    return;
  }
  make_ca (fixture->folder);
  issue (fixture->folder, "A");
  g_autoptr (GTlsCertificate) certificate =
    g_tls_certificate_new_from_files (certificate_path, key_path, &error);
  g_assert_no_error (error);
  g_autoptr (GTlsCertificate) ca = g_tls_certificate_new_from_file (ca_path, &error);
  g_assert_no_error (error);
  g_assert_cmphex (g_tls_certificate_verify (certificate, NULL, ca), ==, 0);
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/pki/a-certificate-verifies-for-both-ends", a_certificate_verifies_for_both_ends);
  ADD ("/pki/another-ca-does-not-verify-it", another_ca_does_not_verify_it);
  ADD ("/pki/an-su-cannot-sign-for-another", an_su_cannot_sign_for_another);
  ADD ("/pki/certificates-are-valid-as-long-as-promised",
       certificates_are_valid_as_long_as_promised);
  ADD ("/pki/keys-are-for-their-owner-only", keys_are_for_their_owner_only);
  ADD ("/pki/nothing-is-overwritten", nothing_is_overwritten);
  ADD ("/pki/half-a-pair-is-not-left-behind", half_a_pair_is_not_left_behind);
  ADD ("/pki/a-key-of-another-ca-is-noticed", a_key_of_another_ca_is_noticed);
  ADD ("/pki/without-a-ca-nothing-is-issued", without_a_ca_nothing_is_issued);
  ADD ("/pki/a-folder-that-cannot-be-made-is-reported", a_folder_that_cannot_be_made_is_reported);
  ADD ("/pki/names-are-checked", names_are_checked);
  ADD ("/pki/a-certificate-tells-its-su", a_certificate_tells_its_su);
  ADD ("/pki/the-ca-is-no-su", the_ca_is_no_su);
  ADD ("/pki/a-truncated-certificate-names-nobody", a_truncated_certificate_names_nobody);
  g_test_add_func ("/pki/a-foreign-certificate-names-nobody", a_foreign_certificate_names_nobody);
  ADD ("/pki/a-key-stays-on-its-su", a_key_stays_on_its_su);
  ADD ("/pki/a-renewal-keeps-the-key", a_renewal_keeps_the_key);
  ADD ("/pki/what-is-no-request-is-not-signed", what_is_no_request_is_not_signed);
  ADD ("/pki/a-forged-request-is-not-signed", a_forged_request_is_not_signed);
  ADD ("/pki/what-is-revoked-is-known", what_is_revoked_is_known);
  ADD ("/pki/a-list-of-another-ca-is-not-taken", a_list_of_another_ca_is_not_taken);
  ADD ("/pki/gio-takes-the-files", gio_takes_the_files);
  return g_test_run ();
}

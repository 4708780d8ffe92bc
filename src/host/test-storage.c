/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/storage.h"

#include <glib/gstdio.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "messages/catalogue.h"

#define LIMIT_MS 20

/* A socket of this host, and the NBD source that it is; it accepts nobody if it does not listen. */
static int
open_socket (bool does_listen, char **ret_source)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, length), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &address, &length), ==, 0);
  g_assert_cmpint (does_listen ? listen (fd, 1) : 0, ==, 0);
  *ret_source = g_strdup_printf ("nbd://127.0.0.1:%u/x", ntohs (address.sin_port));
  return fd;
}

static void
test_no_answer (void)
{
  if (!umz_storage_has_nbd ()) {
    g_test_skip ("built without libnbd");
    return;
  }
  static const struct {
    bool does_listen, is_timeout;
  } rows[] = { { true, true }, { false, false } };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    uint64_t size;
    g_autofree char *source = NULL;
    g_autoptr (GError) error = NULL;
    int fd = open_socket (rows[i].does_listen, &source);
    g_assert_false (umz_storage_get_nbd_size (source, LIMIT_MS, &size, &error));
    g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0106);
    g_assert_true ((strstr (error->message, "no answer within") != NULL) == rows[i].is_timeout);
    close (fd);
  }
}

static void
test_file (void)
{
  uint64_t size = 0;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("umzug-storage-XXXXXX", &path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ftruncate (fd, 4097), ==, 0);
  g_autofree char *source = g_strconcat ("file:", path, NULL);
  g_assert_true (umz_storage_get_size (source, &size, &error));
  g_assert_cmpuint (size, ==, 4097);
  close (fd);
  g_remove (path);
  g_assert_false (umz_storage_get_size (source, &size, &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0106);
}

static void
test_local (void)
{
  static const struct {
    const char *source;
    bool is_local;
  } rows[] = {
    { "", false },
    { "nbd://h:10809/x", false },
    { "nbd+unix:/run/nbd.sock/x", true },
    { "rbd://h:/pool/x", false },
    { "volume:", false },
    { "nvme:", true },
    { "file:/proc/version", true },
    { "block:/dev/null", true },
    { "block:/dev/nosuch", true },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (umz_storage_is_local (rows[i].source), ==, rows[i].is_local);
  g_assert_cmpint (umz_storage_can_examine ("nbd://h:10809/x"), ==, umz_storage_has_nbd ());
  g_assert_false (umz_storage_can_examine ("rbd://h:/pool/x"));
}

static void
test_identity (void)
{
  static const char *const without[] = { "", "nbd://h:10809/x", "file:/proc/version",
                                         "block:/dev/null", "file:", "volume:" };
  for (size_t i = 0; i < G_N_ELEMENTS (without); i++) {
    g_autofree char *identity = umz_storage_dup_identity (without[i]);
    g_assert_cmpstr (identity, ==, "");
  }
}

/* root opens everything; what another user may is seen only if the test runs as root. */
static void
test_writable (void)
{
  static const struct {
    mode_t mode;
    bool is_read_only, expected;
  } rows[] = {
    { 0600, false, false },
    { 0600, true, false },
    { 0644, false, false },
    { 0644, true, true },
    { 0666, false, true },
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("umzug-storage-XXXXXX", &path, &error);
  g_assert_no_error (error);
  g_autoptr (UmzDevice) disk = umz_device_new ("FAA4", UMZ_DEVICE_DISK);
  g_free (disk->source);
  disk->source = g_strconcat ("file:", path, NULL);
  for (size_t i = 0; geteuid () == 0 && i < G_N_ELEMENTS (rows); i++) {
    disk->is_read_only = rows[i].is_read_only;
    g_assert_cmpint (fchmod (fd, rows[i].mode), ==, 0);
    g_clear_error (&error);
    g_assert_cmpint (umz_storage_check_writable (disk, "nobody", &error), ==, rows[i].expected);
    g_assert_true (rows[i].expected || g_error_matches (error, UMZ_ERROR, UMZ_MSG_UMZ0151));
  }
  close (fd);
  g_remove (path);
  g_clear_error (&error);
  g_assert_false (umz_storage_check_writable (disk, "nobody", &error));
  g_assert_error (error, UMZ_ERROR, UMZ_MSG_UMZ0151);
}

static void
test_opener (void)
{
  static const struct {
    const char *conf, *source, *expected;
  } rows[] = {
    { "user = \"qemu\"\n", "file:/x", "qemu" },
    { "user = \"+107\"\n", "nbd://h:1/x", "+107" },
    { "user = \"qemu\"\n", "block:/dev/x", "root" },
    { "user = \"qemu\"\ndynamic_ownership = 1\n", "block:/dev/x", "root" },
    { "user = \"qemu\"\ndynamic_ownership = 0\n", "block:/dev/x", "qemu" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (UmzLibvirtConf) conf = umz_libvirt_conf_parse (rows[i].conf, strlen (rows[i].conf));
    g_autofree char *opener = umz_storage_dup_opener (conf, rows[i].source);
    g_assert_cmpstr (opener, ==, rows[i].expected);
  }
}

static void
test_not_opened (void)
{
  static const struct {
    const char *source, *user;
    bool expected;
  } rows[] = {
    { "file:/dev/null", "root", false }, /* neither file nor block device */
    { "file:/proc/version", "no such user", false },
    { "rbd://h/pool/x", "root", true },
    { "", "root", true },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (UmzDevice) disk = umz_device_new ("FAA4", UMZ_DEVICE_DISK);
    g_free (disk->source);
    disk->source = g_strdup (rows[i].source);
    disk->is_read_only = true;
    g_assert_cmpint (umz_storage_check_writable (disk, rows[i].user, NULL), ==, rows[i].expected);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/storage/an-nbd-server-that-does-not-answer-is-not-waited-for", test_no_answer);
  g_test_add_func ("/storage/a-file-is-as-long-as-it-is-and-gone-when-it-is", test_file);
  g_test_add_func ("/storage/what-only-this-host-reaches-is-local", test_local);
  g_test_add_func ("/storage/what-nothing-tells-apart-has-no-identity", test_identity);
  g_test_add_func ("/storage/a-disk-is-opened-as-the-user-of-qemu", test_writable);
  g_test_add_func ("/storage/a-block-device-is-opened-as-who-it-will-belong-to", test_opener);
  g_test_add_func ("/storage/only-files-block-devices-and-exports-are-opened", test_not_opened);
  return g_test_run ();
}

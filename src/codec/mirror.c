/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mirror.c: the hashes are mapped, the pages are read and written one by one: a full or broken disk
 * is then an error, not a signal.  The space of the hashes is allocated before they are mapped, by
 * the system call alone: a relay may not do what the C library does on a file system without it.
 */
#include "codec/mirror.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

#include "codec/codec.h"

#define MAGIC         "UMZMIRR1"
#define XTS_KEY_BYTES 32
#define WAITING_PAGES 64

typedef struct {
  char magic[8];
  uint64_t n_pages;
  uint64_t layout;
} Header;

struct UmzMirror {
  int fd; /* owned */
  uint64_t max_bytes;
  gnutls_cipher_hd_t xts; /* owned */
  uint64_t hash_key;
  uint64_t n_pages; /* 0: not prepared */
  uint8_t *mapped;  /* owned; header and hashes */
  size_t mapped_bytes;
  uint64_t *hashes; /* in mapped */

  uint8_t *waiting;       /* owned; encrypted pages that are not in the file yet */
  uint64_t first_waiting; /* page; the others follow it */
  uint64_t n_waiting;
};

G_STATIC_ASSERT (UMZ_MIRROR_KEY_BYTES == XTS_KEY_BYTES + sizeof (uint64_t));

static bool
fail (const char *what, GError **error)
{
  g_set_error (error, UMZ_CODEC_ERROR, UMZ_CODEC_ERROR_MIRROR, "the mirror cannot be %s: %s", what,
               strerrordesc_np (errno));
  return false;
}

UmzMirror *
umz_mirror_new (int fd, uint64_t max_bytes, const uint8_t key[UMZ_MIRROR_KEY_BYTES])
{
  UmzMirror *mirror = g_new0 (UmzMirror, 1);
  gnutls_datum_t xts_key = { .data = (unsigned char *) key, .size = XTS_KEY_BYTES };

  mirror->fd = fd;
  mirror->max_bytes = max_bytes;
  mirror->waiting = g_malloc (WAITING_PAGES * UMZ_PAGE_BYTES);
  memcpy (&mirror->hash_key, key + XTS_KEY_BYTES, sizeof mirror->hash_key);
  /* Refuses only keys of two equal halves, which a random one is not. */
  int done = gnutls_cipher_init (&mirror->xts, GNUTLS_CIPHER_AES_128_XTS, &xts_key, NULL);
  g_assert (done == 0);
  return mirror;
}

void
umz_mirror_free (UmzMirror *mirror)
{
  if (mirror == NULL)
    return;
  if (mirror->mapped != NULL)
    (void) munmap (mirror->mapped, mirror->mapped_bytes); /* it was mapped */
  g_free (mirror->waiting);                               /* who wants the mirror has flushed it */
  gnutls_cipher_deinit (mirror->xts);
  (void) close (mirror->fd); /* nothing depends on how that ends */
  explicit_bzero (mirror, sizeof *mirror);
  g_free (mirror);
}

static uint64_t
get_pages_start (uint64_t n_pages)
{
  uint64_t end = UMZ_PAGE_BYTES + n_pages * sizeof (uint64_t);

  return (end + UMZ_PAGE_BYTES - 1) / UMZ_PAGE_BYTES * UMZ_PAGE_BYTES;
}

uint64_t
umz_mirror_get_max_bytes (uint64_t n_pages)
{
  return get_pages_start (n_pages) + n_pages * UMZ_PAGE_BYTES;
}

static bool
begin (int fd, const Header *header, uint64_t n_bytes, GError **error)
{
  if (fallocate (fd, 0, 0, n_bytes) < 0)
    return fail ("made", error);
  if (pwrite (fd, header, sizeof *header, 0) != sizeof *header)
    return fail ("written", error);
  return true;
}

/* A file that is new is not made empty once more: ext4 would write it out when it is closed. */
static bool
begin_unless_it_is (int fd, const Header *wanted, uint64_t n_bytes, GError **error)
{
  Header header = { 0 };
  ssize_t n = pread (fd, &header, sizeof header, 0);

  if (n == sizeof header && memcmp (&header, wanted, sizeof header) == 0)
    return true;
  if (n != 0 && ftruncate (fd, 0) < 0)
    return fail ("emptied", error);
  return begin (fd, wanted, n_bytes, error);
}

bool
umz_mirror_prepare (UmzMirror *mirror, uint64_t n_pages, uint64_t layout, GError **error)
{
  Header header = { .n_pages = n_pages, .layout = layout };
  uint64_t n_bytes = get_pages_start (n_pages);

  g_assert (n_pages > 0);
  if (mirror->n_pages > 0)
    return true;

  errno = EFBIG;
  if (umz_mirror_get_max_bytes (n_pages) > mirror->max_bytes)
    return fail ("made", error);
  memcpy (header.magic, MAGIC, sizeof header.magic);
  if (!begin_unless_it_is (mirror->fd, &header, n_bytes, error))
    return false;
  /* Again for a file that was cut short: beyond its end a mapping must not be touched. */
  if (fallocate (mirror->fd, 0, 0, n_bytes) < 0)
    return fail ("made", error);

  void *mapped = mmap (NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, mirror->fd, 0);
  if (mapped == MAP_FAILED)
    return fail ("mapped", error);
  mirror->mapped = mapped;
  mirror->mapped_bytes = n_bytes;
  mirror->hashes = (uint64_t *) (mirror->mapped + UMZ_PAGE_BYTES);
  mirror->n_pages = n_pages;
  return true;
}

/* The same bytes have another hash in another page: the file does not tell which are equal. */
static uint64_t
hash (const UmzMirror *mirror, uint64_t page, const uint8_t *bytes)
{
  uint64_t of_page = XXH64 (&page, sizeof page, mirror->hash_key);
  uint64_t value = XXH3_64bits_withSeed (bytes, UMZ_PAGE_BYTES, of_page);

  return value != 0 ? value : 1;
}

bool
umz_mirror_has (const UmzMirror *mirror, uint64_t page, const uint8_t bytes[UMZ_PAGE_BYTES])
{
  g_assert (page < mirror->n_pages);
  return mirror->hashes[page] != 0 && mirror->hashes[page] == hash (mirror, page, bytes);
}

bool
umz_mirror_is_zero (const UmzMirror *mirror, uint64_t page)
{
  g_assert (page < mirror->n_pages);
  return mirror->hashes[page] == 0;
}

static off_t
get_position (const UmzMirror *mirror, uint64_t page)
{
  return get_pages_start (mirror->n_pages) + page * UMZ_PAGE_BYTES;
}

static void
set_sector (UmzMirror *mirror, uint64_t page)
{
  uint64_t sector[2] = { page, 0 };

  gnutls_cipher_set_iv (mirror->xts, sector, sizeof sector);
}

static bool
is_waiting (const UmzMirror *mirror, uint64_t page)
{
  return page >= mirror->first_waiting && page - mirror->first_waiting < mirror->n_waiting;
}

bool
umz_mirror_flush (UmzMirror *mirror, GError **error)
{
  size_t n_bytes = mirror->n_waiting * UMZ_PAGE_BYTES;

  errno = EIO; /* also for a short write */
  if (n_bytes > 0 && pwrite (mirror->fd, mirror->waiting, n_bytes,
                             get_position (mirror, mirror->first_waiting)) != (ssize_t) n_bytes)
    return fail ("written", error);
  mirror->n_waiting = 0;
  return true;
}

bool
umz_mirror_read (UmzMirror *mirror, uint64_t page, uint8_t ret_bytes[UMZ_PAGE_BYTES],
                 GError **error)
{
  if (umz_mirror_is_zero (mirror, page)) {
    memset (ret_bytes, 0, UMZ_PAGE_BYTES);
    return true;
  }
  if (is_waiting (mirror, page) && !umz_mirror_flush (mirror, error))
    return false;
  errno = EIO; /* also for a file that was cut short */
  if (pread (mirror->fd, ret_bytes, UMZ_PAGE_BYTES, get_position (mirror, page)) != UMZ_PAGE_BYTES)
    return fail ("read", error);
  set_sector (mirror, page);
  return gnutls_cipher_decrypt (mirror->xts, ret_bytes, UMZ_PAGE_BYTES) == 0 ||
         fail ("decrypted", error);
}

bool
umz_mirror_write (UmzMirror *mirror, uint64_t page, const uint8_t bytes[UMZ_PAGE_BYTES],
                  GError **error)
{
  g_assert (page < mirror->n_pages);
  bool follows = page == mirror->first_waiting + mirror->n_waiting;
  if ((!follows || mirror->n_waiting == WAITING_PAGES) && !umz_mirror_flush (mirror, error))
    return false;
  if (mirror->n_waiting == 0)
    mirror->first_waiting = page;

  uint8_t *secret = mirror->waiting + mirror->n_waiting * UMZ_PAGE_BYTES;
  set_sector (mirror, page);
  if (gnutls_cipher_encrypt2 (mirror->xts, bytes, UMZ_PAGE_BYTES, secret, UMZ_PAGE_BYTES) != 0)
    return fail ("encrypted", error);
  mirror->n_waiting++;
  mirror->hashes[page] = hash (mirror, page, bytes);
  return true;
}

void
umz_mirror_set_zero (UmzMirror *mirror, uint64_t page)
{
  g_assert (page < mirror->n_pages);
  mirror->hashes[page] = 0;
}

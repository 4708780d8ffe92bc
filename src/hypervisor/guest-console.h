/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* guest-console.h: what a guest writes on its console: where it goes, and libvirt's stream of it.
 */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum {
  UMZ_CONSOLE_FILE,  /* a file has it: the console's own, or its log */
  UMZ_CONSOLE_PTY,   /* libvirt gives it as a stream */
  UMZ_CONSOLE_OTHER, /* Umzug cannot look at it */
} UmzConsoleKind;

typedef struct {
  UmzConsoleKind kind;
  char *type;  /* owned; libvirt's word: "pty", "unix"; "none" when there is no console */
  char *path;  /* owned; FILE: of the file, else NULL */
  char *alias; /* owned; PTY: libvirt's name of the device, else NULL */
} UmzConsoleSource;

/* Of the first console or serial line in the XML of an active domain.  NULL with UMZ0310: it is no
 * XML.
 */
UmzConsoleSource *umz_hypervisor_console_source_parse (const char *domain_xml, GError **error);
void umz_hypervisor_console_source_free (UmzConsoleSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzConsoleSource, umz_hypervisor_console_source_free)

/* An open pty.  One thread at a time uses it. */
typedef struct UmzConsoleStream UmzConsoleStream;

/* Takes over nobody's console: UMZ0122 if somebody else has it open. */
UmzConsoleStream *umz_hypervisor_console_stream_open (const char *libvirt_uri, const char *uuid,
                                                      const char *alias, GError **error);
void umz_hypervisor_console_stream_close (UmzConsoleStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzConsoleStream, umz_hypervisor_console_stream_close)

/* What the guest has written since, at most n_bytes: how many, 0 for none, -1 when it is over.
 * Waits for libvirt, never for the guest.
 */
ssize_t umz_hypervisor_console_stream_read (UmzConsoleStream *stream, void *buffer, size_t n_bytes);

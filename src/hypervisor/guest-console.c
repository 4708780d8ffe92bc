/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hypervisor/definition-private.h"
#include "hypervisor/guest-console.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <stdbool.h>
#include <string.h>

#include "messages/catalogue.h"

/* libvirt shows a serial line a second time as <console>, behind it. */
#define FIRST_CONSOLE "(/domain/devices/console | /domain/devices/serial)[1]"

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (virDomainPtr, virDomainFree, NULL)

/* ---- where it goes ---- */

static char *
select_text (xmlXPathContext *context, const char *path)
{
  g_autofree char *expression = g_strdup_printf ("string(" FIRST_CONSOLE "/%s)", path);
  xmlXPathObject *found = xmlXPathEvalExpression ((const xmlChar *) expression, context);
  char *text = g_strdup (found != NULL ? (const char *) found->stringval : "");
  xmlXPathFreeObject (found);
  return text;
}

static UmzConsoleSource *
read_source (xmlXPathContext *context)
{
  UmzConsoleSource *source = g_new0 (UmzConsoleSource, 1);
  g_autofree char *log = select_text (context, "log/@file");
  g_autofree char *path = select_text (context, "source/@path");
  g_autofree char *alias = select_text (context, "alias/@name");
  g_autofree char *type = select_text (context, "@type");
  source->type = g_strdup (type[0] != '\0' ? type : "none");
  source->kind = UMZ_CONSOLE_OTHER;
  if (log[0] != '\0' || strcmp (type, "file") == 0) {
    source->kind = UMZ_CONSOLE_FILE;
    source->path = g_strdup (log[0] != '\0' ? log : path);
  }
  else if (strcmp (type, "pty") == 0) {
    source->kind = UMZ_CONSOLE_PTY;
    source->alias = g_steal_pointer (&alias);
  }
  return source;
}

UmzConsoleSource *
umz_hypervisor_console_source_parse (const char *domain_xml, GError **error)
{
  xmlDoc *document = umz_definition_read (domain_xml);
  if (document == NULL) {
    umz_set_error (error, UMZ_MSG_UMZ0310, "domain XML", NULL);
    return NULL;
  }
  xmlXPathContext *context = xmlXPathNewContext (document);
  UmzConsoleSource *source = read_source (context);
  xmlXPathFreeContext (context);
  xmlFreeDoc (document);
  return source;
}

void
umz_hypervisor_console_source_free (UmzConsoleSource *source)
{
  if (source == NULL)
    return;
  g_free (source->type);
  g_free (source->path);
  g_free (source->alias);
  g_free (source);
}

/* ---- the stream ---- */

struct UmzConsoleStream {
  virConnectPtr connection; /* owned; of its own: what the guest writes hinders no other call */
  virStreamPtr stream;      /* owned */
};

/* Before anything is freed: that forgets the text. */
static bool
fail (GError **error)
{
  umz_set_error (error, UMZ_MSG_UMZ0122, virGetLastErrorMessage (), NULL);
  return false;
}

static bool
open_stream (UmzConsoleStream *stream, const char *uuid, const char *alias, GError **error)
{
  g_auto (virDomainPtr) domain = virDomainLookupByUUIDString (stream->connection, uuid);
  if (domain == NULL)
    return fail (error);
  stream->stream = virStreamNew (stream->connection, VIR_STREAM_NONBLOCK);
  return (stream->stream != NULL &&
          virDomainOpenConsole (domain, alias, stream->stream, 0) == 0) ||
         fail (error);
}

UmzConsoleStream *
umz_hypervisor_console_stream_open (const char *libvirt_uri, const char *uuid, const char *alias,
                                    GError **error)
{
  g_autoptr (UmzConsoleStream) stream = g_new0 (UmzConsoleStream, 1);
  stream->connection = virConnectOpen (libvirt_uri);
  if (stream->connection == NULL) {
    fail (error);
    return NULL;
  }
  return open_stream (stream, uuid, alias, error) ? g_steal_pointer (&stream) : NULL;
}

void
umz_hypervisor_console_stream_close (UmzConsoleStream *stream)
{
  if (stream == NULL)
    return;
  if (stream->stream != NULL) {
    (void) virStreamAbort (stream->stream); /* it ends with the connection anyway */
    virStreamFree (stream->stream);
  }
  if (stream->connection != NULL)
    virConnectClose (stream->connection);
  g_free (stream);
}

/* Packets of a stream are taken in while some call of the connection waits for its answer. */
ssize_t
umz_hypervisor_console_stream_read (UmzConsoleStream *stream, void *buffer, size_t n_bytes)
{
  unsigned long version;
  int n = virStreamRecv (stream->stream, buffer, n_bytes);
  if (n == -2 && virConnectGetLibVersion (stream->connection, &version) == 0)
    n = virStreamRecv (stream->stream, buffer, n_bytes);
  if (n == -2)
    return virConnectIsAlive (stream->connection) == 1 ? 0 : -1;
  return n > 0 ? n : -1;
}

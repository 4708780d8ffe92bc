/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/test-libvirt.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#include "hypervisor/device-xml.h"

static struct {
  char *xml;          /* owned */
  char *leaving;      /* owned; the device that the guest is to release, or NULL */
  unsigned looks;     /* until it does */
  unsigned looks_all; /* what looks begins with */
  char *failure;      /* owned */
  GString *calls;     /* owned */
} script;

/* libvirt's types are opaque: any address will do. */
static int some_connection, some_domain;

void
scripted_libvirt_begin (const char *domain_xml, unsigned looks_until_release)
{
  script.xml = g_strdup (domain_xml);
  script.looks_all = looks_until_release;
  script.calls = g_string_new (NULL);
}

void
scripted_libvirt_fail_attach (const char *text)
{
  g_free (script.failure);
  script.failure = g_strdup (text);
}

const char *
scripted_libvirt_get_calls (void)
{
  return script.calls->str;
}

const char *
scripted_libvirt_get_xml (void)
{
  return script.xml;
}

void
scripted_libvirt_end (void)
{
  g_clear_pointer (&script.xml, g_free);
  g_clear_pointer (&script.leaving, g_free);
  g_clear_pointer (&script.failure, g_free);
  g_string_free (script.calls, TRUE);
}

static void
note (const char *what, const char *device_xml)
{
  g_autofree char *mn = umz_device_xml_dup_mn (device_xml);
  g_string_append_printf (script.calls, "%s%s %s", script.calls->len > 0 ? ", " : "", what, mn);
}

void
scripted_libvirt_remove (const char *mn)
{
  char *rest = umz_device_xml_dup_without (script.xml, mn);
  g_free (script.xml);
  script.xml = rest;
}

void
scripted_libvirt_release (void)
{
  scripted_libvirt_remove (script.leaving);
  g_clear_pointer (&script.leaving, g_free);
}

static void
add_device (const char *device_xml)
{
  char *end = strstr (script.xml, "</devices>");
  g_autofree char *begin = g_strndup (script.xml, (size_t) (end - script.xml));
  char *more = g_strconcat (begin, device_xml, end, NULL);
  g_free (script.xml);
  script.xml = more;
}

/* ---- libvirt's functions ---- */

virConnectPtr
virConnectOpen (const char *name)
{
  return (virConnectPtr) &some_connection;
}

int
virConnectClose (virConnectPtr connection)
{
  return 0;
}

int
virConnectRef (virConnectPtr connection)
{
  return 0;
}

int
virConnectGetLibVersion (virConnectPtr connection, unsigned long *version)
{
  *version = 9000000;
  return 0;
}

virDomainPtr
virDomainLookupByUUIDString (virConnectPtr connection, const char *uuid)
{
  return (virDomainPtr) &some_domain;
}

int
virDomainFree (virDomainPtr domain)
{
  return 0;
}

int
virDomainIsActive (virDomainPtr domain)
{
  return 1;
}

int
virDomainIsPersistent (virDomainPtr domain)
{
  return 1;
}

int
virDomainGetAutostart (virDomainPtr domain, int *autostart)
{
  *autostart = 0;
  return 0;
}

int
virDomainGetState (virDomainPtr domain, int *state, int *reason, unsigned flags)
{
  *state = VIR_DOMAIN_RUNNING;
  return 0;
}

char *
virDomainGetXMLDesc (virDomainPtr domain, unsigned flags)
{
  if (script.leaving != NULL && script.looks != SCRIPTED_NEVER && script.looks-- == 0) {
    scripted_libvirt_remove (script.leaving);
    g_clear_pointer (&script.leaving, g_free);
  }
  return strdup (script.xml); /* libvirt's callers use free() */
}

int
virDomainDetachDeviceAlias (virDomainPtr domain, const char *alias, unsigned flags)
{
  g_assert_true (g_str_has_prefix (alias, "ua-"));
  g_assert_cmpuint (flags, ==, VIR_DOMAIN_AFFECT_LIVE);
  g_string_append_printf (script.calls, "%sdetach %s", script.calls->len > 0 ? ", " : "",
                          alias + 3);
  script.leaving = g_strdup (alias + 3);
  script.looks = script.looks_all;
  return 0;
}

int
virDomainAttachDeviceFlags (virDomainPtr domain, const char *xml, unsigned flags)
{
  g_assert_cmpuint (flags, ==, VIR_DOMAIN_AFFECT_LIVE);
  note ("attach", xml);
  if (script.failure != NULL)
    return -1;
  add_device (xml);
  return 0;
}

int
virDomainUpdateDeviceFlags (virDomainPtr domain, const char *xml, unsigned flags)
{
  g_autofree char *mn = umz_device_xml_dup_mn (xml);
  g_assert_cmpuint (flags, ==, VIR_DOMAIN_AFFECT_LIVE);
  note (strstr (xml, "<source") != NULL ? "insert" : "eject", xml);
  scripted_libvirt_remove (mn);
  add_device (xml);
  return 0;
}

const char *
virGetLastErrorMessage (void)
{
  return script.failure;
}

int
virGetLastErrorCode (void)
{
  return VIR_ERR_INTERNAL_ERROR;
}

void
virSetErrorFunc (void *data, virErrorFunc handler)
{
}

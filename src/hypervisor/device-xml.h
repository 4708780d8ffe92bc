/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* device-xml.h: a device as an element of libvirt's domain XML, taken out of one domain for
 * another.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* The element of the device with this mnemonic name; NULL if the domain has none.  The caller frees
 * it.
 */
char *umz_xml_device_find (const char *domain_xml, const char *mn);

/* The domain without the device; as it is if it has none of this name.  The caller frees it. */
char *umz_xml_device_dup_without (const char *domain_xml, const char *mn);

/* The domain with this CD drive empty; and a drive alone.  The caller frees it. */
char *umz_xml_device_dup_ejected (const char *domain_xml, const char *mn);
char *umz_xml_device_dup_empty (const char *cd_xml);

/* The mnemonic name that a device of this element has; "" if it is none.  The caller frees it. */
char *umz_xml_device_dup_mn (const char *device_xml);

/* libvirt's alias of the device; "" if it has none, as in an inactive domain.  The caller frees it.
 */
char *umz_xml_device_dup_alias (const char *device_xml);

/* The element as it fits into a domain: without what the first domain has added, which the other
 * one may have given away (PCI addresses, aliases that are not the user's), and at a free
 * target name if its own one is taken: that can change its mnemonic name.
 * is_shared: with or without <shareable/>.  NULL with UMZ0310: it is no element of a device.  The
 * caller frees it.
 */
typedef enum {
  UMZ_SHARING_EXCLUSIVE,
  UMZ_SHARING_SHARED,
} UmzSharing;
char *umz_xml_device_adapt (const char *device_xml, const char *domain_xml, UmzSharing sharing,
                            GError **error);

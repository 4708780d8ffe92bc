/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt-conf.h: reads what the administrator has set in libvirt's own key files (libvirtd.conf,
 * qemu.conf).  libvirt itself tells nobody.
 *
 * One setting a line: `key = 1`, `key = "text"`, or a list in brackets, which may span lines; `#`
 * begins a comment.  What cannot be read is as if it were not there: libvirtd has refused such a
 * file, or knows more than we do.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define UMZ_LIBVIRT_CONF_FOLDER "/etc/libvirt"

typedef struct UmzLibvirtConf UmzLibvirtConf;

/* A file that is not there has no settings; never NULL. */
UmzLibvirtConf *umz_libvirt_conf_load (const char *path);
UmzLibvirtConf *umz_libvirt_conf_parse (const char *text, size_t length_bytes);
void umz_libvirt_conf_free (UmzLibvirtConf *conf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzLibvirtConf, umz_libvirt_conf_free)

/* The text without quotes, a number as it is written, the inside of a list; `preset` when the key
 * is not there.  Lent.
 */
const char *umz_libvirt_conf_get (const UmzLibvirtConf *conf, const char *key, const char *preset);

/* The number, or `preset` when the key is not there or no number of 0 to 2^31 - 1. */
unsigned umz_libvirt_conf_get_number (const UmzLibvirtConf *conf, const char *key,
                                      unsigned preset);

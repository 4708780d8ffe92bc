/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* su-facts.c: what libvirt of this host is, and what it offers a VM. */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hypervisor/facts.h"
#include "hypervisor/hypervisor-private.h"

unsigned
umz_hypervisor_get_libvirt_version (UmzHypervisor *hypervisor)
{
  unsigned long version = 0;
  g_auto (virConnectPtr) connection = umz_hypervisor_connect (hypervisor, NULL);
  if (connection == NULL || virConnectGetLibVersion (connection, &version) < 0)
    return 0;
  return (unsigned) version;
}

unsigned
umz_hypervisor_parse_machine_version (const char *caps)
{
  char end;
  unsigned major, minor;
  const char *begin = strstr (caps, "<machine>");
  if (begin == NULL)
    return 0;
  g_autofree char *name = g_strndup (begin, strcspn (begin + 1, "<") + 1);
  const char *version = strrchr (name, '-');
  if (version == NULL || sscanf (version, "-%4u.%4u%c", &major, &minor, &end) != 2)
    return 0;
  return major * 1000000 + minor * 1000;
}

/* virConnectGetVersion() would do, but has libvirt probe the emulator for the host's own guests. */
unsigned
umz_hypervisor_get_emulator_version (UmzHypervisor *hypervisor, const UmzVm *vm)
{
  g_auto (virConnectPtr) connection = umz_hypervisor_connect (hypervisor, NULL);
  if (connection == NULL || access (vm->emulator, X_OK) != 0)
    return 0;
  char *caps =
    virConnectGetDomainCapabilities (connection, vm->emulator, vm->arch, NULL, vm->virt_type, 0);
  unsigned version = caps != NULL ? umz_hypervisor_parse_machine_version (caps) : 0;
  free (caps);
  return version;
}

bool
umz_hypervisor_has_network (UmzHypervisor *hypervisor, const char *network)
{
  if (network[0] == '\0')
    return true;
  if (!g_str_has_prefix (network, "network:"))
    return if_nametoindex (strchr (network, ':') + 1) != 0;
  g_auto (virConnectPtr) connection = umz_hypervisor_connect (hypervisor, NULL);
  if (connection == NULL)
    return false;
  virNetworkPtr found = virNetworkLookupByName (connection, network + strlen ("network:"));
  bool is_active = found != NULL && virNetworkIsActive (found) == 1;
  if (found != NULL)
    virNetworkFree (found);
  return is_active;
}

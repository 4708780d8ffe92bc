/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/test-libvirtd.h"

/* Both are atomic. */
static gint state = UMZ_HOOK_ACTIVE; /* UmzHookState */
static gint can_define = true;

void
umz_test_libvirtd_set_hook (UmzHookState new_state)
{
  g_atomic_int_set (&state, (gint) new_state);
}

void
umz_test_libvirtd_set_can_define (bool it_can)
{
  g_atomic_int_set (&can_define, it_can);
}

UmzHookState
umz_host_get_hook_state (const char *libvirt_socket, const char *fence_dir)
{
  return (UmzHookState) g_atomic_int_get (&state);
}

void
umz_host_read_libvirt_settings (const char *libvirt_socket, UmzLibvirtSettings *ret_settings)
{
  *ret_settings =
    (UmzLibvirtSettings){ .auth = g_strdup (""), .lock_manager = g_strdup ("") };
}

bool
umz_host_can_define (void)
{
  return g_atomic_int_get (&can_define);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/guest-console.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "hypervisor/test-libvirt.h"
#include "su/test-site.h"

#define PTY     "<serial type='pty'><source path='/dev/pts/9'/><alias name='serial0'/></serial>"
#define NETWORK "<serial type='tcp'><alias name='serial0'/></serial>"

/* ---- asking ---- */

typedef struct {
  char *text; /* owned */
  uint64_t next;
} Answer;

static void
answer_clear (Answer *answer)
{
  g_free (answer->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

static Answer
ask (UmzGuestConsoles *consoles, const char *vm, uint64_t after)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = umz_guest_consoles_read (consoles, vm, after, &error);
  g_assert_no_error (error);
  JsonObject *object = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (object, "su"), ==, "ABGSE501");
  return (Answer){ g_strdup (json_object_get_string_member (object, "text")),
                   (uint64_t) json_object_get_int_member (object, "next") };
}

static void
assert_answer (UmzGuestConsoles *consoles, uint64_t after, const char *text, uint64_t next)
{
  g_auto (Answer) answer = ask (consoles, "VM", after);
  g_assert_cmpstr (answer.text, ==, text);
  g_assert_cmpuint (answer.next, ==, next);
}

static void
assert_refused (UmzGuestConsoles *consoles, const char *vm, int code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (umz_guest_consoles_read (consoles, vm, 0, &error));
  g_assert_error (error, UMZ_ERROR, code);
}

/* ---- a file ---- */

static char *
dup_path (const UmzTestSite *site)
{
  return g_build_filename (site->folder, "console.log", NULL);
}

static UmzTestSite *
make_site_with_file (const char *content)
{
  g_autoptr (GError) error = NULL;
  UmzTestSite *site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  g_autofree char *path = dup_path (site);
  g_autofree char *device = g_strdup_printf (
    "<serial type='pty'><log file='%s'/><alias name='serial0'/></serial>", path);
  g_file_set_contents (path, content, -1, &error);
  g_assert_no_error (error);
  umz_test_unit_add (&site->here, &(UmzTestVm){ "VM", 5, UMZ_VM_STATE_RUNNING, device });
  return site;
}

static void
test_file (void)
{
  g_autoptr (UmzTestSite) site = make_site_with_file ("IPL\a\nREADY\n");
  UmzGuestConsoles *consoles = umz_guest_consoles_new (site->here.app);
  assert_answer (consoles, 0, "IPL.\nREADY\n", 11);
  assert_answer (consoles, 5, "READY\n", 11);
  assert_answer (consoles, 11, "", 11);
  assert_answer (consoles, 12, "IPL.\nREADY\n", 11); /* it has been written anew since */
  assert_answer (consoles, UMZ_CONSOLE_END, "IPL.\nREADY\n", 11);
  umz_guest_consoles_free (consoles);
}

/* Who begins to view gets the end, and nobody gets more than a piece at once. */
static void
test_long_file (void)
{
  static const size_t n_bytes = 100 * 1024;
  g_autofree char *content = g_strnfill (n_bytes, 'x');
  g_autoptr (UmzTestSite) site = make_site_with_file (content);
  UmzGuestConsoles *consoles = umz_guest_consoles_new (site->here.app);
  g_auto (Answer) first = ask (consoles, "VM", 0);
  g_assert_cmpuint (first.next, ==, 32 * 1024);
  g_auto (Answer) end = ask (consoles, "VM", UMZ_CONSOLE_END);
  g_assert_cmpuint (strlen (end.text), ==, 16 * 1024);
  g_assert_cmpuint (end.next, ==, n_bytes);
  umz_guest_consoles_free (consoles);
}

/* The path is libvirt's; what lies there may be anybody's. */
static void
test_link (void)
{
  g_autoptr (UmzTestSite) site = make_site_with_file ("");
  g_autofree char *path = dup_path (site);
  UmzGuestConsoles *consoles = umz_guest_consoles_new (site->here.app);
  g_assert_cmpint (g_unlink (path), ==, 0);
  assert_refused (consoles, "VM", UMZ_MSG_UMZ0042);
  g_assert_cmpint (symlink ("/etc/passwd", path), ==, 0);
  assert_refused (consoles, "VM", UMZ_MSG_UMZ0042);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
  assert_refused (consoles, "VM", UMZ_MSG_UMZ0042);
  umz_guest_consoles_free (consoles);
}

/* ---- a pty ---- */

static void
wait_for_text (UmzGuestConsoles *consoles, uint64_t after, const char *text)
{
  for (bool is_there = false; !is_there;) {
    umz_test_site_go_on ();
    g_auto (Answer) answer = ask (consoles, "VM", after);
    is_there = strcmp (answer.text, text) == 0;
  }
}

static void
test_pty (void)
{
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  const char *uuid = umz_test_vm_get_uuid ("VM");
  umz_test_unit_add (&site->here, &(UmzTestVm){ "VM", 5, UMZ_VM_STATE_RUNNING, PTY });
  UmzGuestConsoles *consoles = umz_guest_consoles_new (site->here.app);
  umz_test_libvirt_write_console (site->here.uri, uuid, "before\n");
  wait_for_text (consoles, 0, "before\n");
  umz_test_libvirt_write_console (site->here.uri, uuid, "after\n");
  wait_for_text (consoles, 7, "after\n");
  assert_answer (consoles, 0, "before\nafter\n", 13); /* for whoever comes later */
  umz_guest_consoles_free (consoles);
}

/* The last 64 KiB are kept: what is older is skipped. */
static void
test_ring (void)
{
  static const size_t n_bytes = 100 * 1024;
  g_autofree char *text = g_strnfill (n_bytes, 'x');
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  umz_test_unit_add (&site->here, &(UmzTestVm){ "VM", 5, UMZ_VM_STATE_RUNNING, PTY });
  UmzGuestConsoles *consoles = umz_guest_consoles_new (site->here.app);
  umz_test_libvirt_write_console (site->here.uri, umz_test_vm_get_uuid ("VM"), text);
  for (uint64_t next = 0; next < n_bytes;) {
    umz_test_site_go_on ();
    g_auto (Answer) answer = ask (consoles, "VM", UMZ_CONSOLE_END);
    next = answer.next;
  }
  g_auto (Answer) answer = ask (consoles, "VM", 0);
  g_assert_cmpuint (answer.next, ==, n_bytes - 64 * 1024 + 32 * 1024);
  umz_guest_consoles_free (consoles);
}

/* The console is closed: the next request opens it, or is told why not. */
static void
test_pty_ends (void)
{
  g_autoptr (UmzTestSite) site = umz_test_site_new (UMZ_SU_TYPE_390, NULL);
  const char *uuid = umz_test_vm_get_uuid ("VM");
  umz_test_unit_add (&site->here, &(UmzTestVm){ "VM", 5, UMZ_VM_STATE_RUNNING, PTY });
  UmzGuestConsoles *consoles = umz_guest_consoles_new (site->here.app);
  umz_test_libvirt_write_console (site->here.uri, uuid, "text");
  wait_for_text (consoles, 0, "text");
  umz_test_libvirt_write_console (site->here.uri, uuid, NULL);
  wait_for_text (consoles, 0, ""); /* opened anew */
  umz_guest_consoles_free (consoles);

  consoles = umz_guest_consoles_new (site->here.app);
  umz_test_libvirt_fail (site->here.uri, "virDomainOpenConsole", "Active console session exists");
  assert_refused (consoles, "VM", UMZ_MSG_UMZ0122);
  umz_test_libvirt_fail (site->here.uri, "virDomainOpenConsole", NULL);
  umz_test_libvirt_fail (site->here.uri, "virConnectOpen", "not today");
  assert_refused (consoles, "VM", UMZ_MSG_UMZ0122);
  umz_guest_consoles_free (consoles);
}

/* ---- which VM ---- */

static void
test_names (void)
{
  static const struct {
    const char *text;
    int refusal; /* UmzMessageId; -1: none */
  } rows[] = {
    { "VM", -1 },
    { "vm", -1 },
    { "5", -1 },
    { "6", UMZ_MSG_VMS4000 },
    { "NOSUCH", UMZ_MSG_VMS4000 },
    { "OFF", UMZ_MSG_VMS4000 },
    { "MUTE", UMZ_MSG_UMZ0024 },
    { "AFAR", UMZ_MSG_UMZ0024 },
  };
  static const UmzTestVm others[] = {
    { "OFF", 7, UMZ_VM_STATE_DOWN, PTY },
    { "MUTE", 8, UMZ_VM_STATE_RUNNING, NULL },
    { "AFAR", 9, UMZ_VM_STATE_RUNNING, NETWORK },
  };
  g_autoptr (UmzTestSite) site = make_site_with_file ("text");
  UmzGuestConsoles *consoles = umz_guest_consoles_new (site->here.app);
  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    umz_test_unit_add (&site->here, &others[i]);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (rows[i].refusal >= 0) {
      assert_refused (consoles, rows[i].text, rows[i].refusal);
      continue;
    }
    g_auto (Answer) answer = ask (consoles, rows[i].text, 0);
    g_assert_cmpstr (answer.text, ==, "text");
  }
  umz_test_libvirt_fail_once (site->here.uri, "virConnectListAllDomains", 0, "not today");
  assert_refused (consoles, "VM", UMZ_MSG_UMZ0122);
  umz_guest_consoles_free (consoles);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guest-console/is-read-from-its-file", test_file);
  g_test_add_func ("/guest-console/is-read-piece-by-piece", test_long_file);
  g_test_add_func ("/guest-console/is-read-from-no-other-file", test_link);
  g_test_add_func ("/guest-console/is-read-from-its-pty-by-all", test_pty);
  g_test_add_func ("/guest-console/keeps-the-end-of-what-a-pty-gave", test_ring);
  g_test_add_func ("/guest-console/of-a-pty-ends-and-is-opened-anew", test_pty_ends);
  g_test_add_func ("/guest-console/is-that-of-the-vm-that-was-named", test_names);
  return g_test_run ();
}

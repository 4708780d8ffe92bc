/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* config.c: two tables, one of the local keys and one of a peer's, and what they drive.
 *
 * A row says which group and key, what kind of value, where it goes, and its default as it would
 * stand in the file.  The order of work: all defaults; then every entry of the file, in its order,
 * so that the first mistake is the one reported; then what depends on other values; then the laws
 * between values, and the files.
 */
#include "config/config.h"

#include "base/text.h"
#include "config/keyfile.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PKI_DIR                 "/etc/umzug/pki"
#define LIBVIRT_SOCKET          "/run/libvirt/libvirt-sock"
#define CONTROL_SOCKET          "/run/umzug/umzugd.sock"
#define RELAY                   "/usr/libexec/umzug-relay"
#define PEER_GROUP_PREFIX       "su "
#define CONFIGURATION_BYTES_MAX 64
#define RESERVE_MIB_MAX         (64 * 1024 * 1024)
#define PATH_BYTES_MAX          4095
#define SOCKET_PATH_BYTES_MAX   107 /* sun_path of a unix socket, without the NUL */
#define ADDRESS_BYTES_MAX       253
#define USER_BYTES_MAX          32
#define SECONDS_MAX             86400
#define DAYS_MAX                36500
#define COUNT_MAX               1000000000
#define FROZEN_LIMIT_390_S      60
#define ENDPOINTS_MAX           5
#define SANLOCK                 "/usr/libexec/umzug-sanlock"
#define HOST_ID_MAX             2000 /* of sanlock */
#define INDEX_MAX               9999 /* four digits in a job variable */

typedef enum {
  KIND_SU_NAME,
  KIND_SU_TYPE,
  KIND_LABEL,
  KIND_MIB,
  KIND_LANGUAGE,
  KIND_URI,
  KIND_PATH,
  KIND_SOCKET,
  KIND_ADDRESS,
  KIND_ADDRESS_OR_ALL,
  KIND_PORT,
  KIND_BOOL,
  KIND_USER,
  KIND_SECONDS,
  KIND_DAYS,
  KIND_COUNT,
  KIND_ARBITER,
  KIND_ENDPOINTS,
  KIND_HOST_ID,
  KIND_INDEX,
} Kind;

typedef struct {
  const char *group; /* NULL: that of a peer */
  const char *key;
  Kind kind;
  size_t offset;             /* of the member in UmzConfig or UmzConfigPeer */
  const char *default_value; /* NULL: made from other values, or mandatory */
} Row;

/* clang-format off */
#define AT(member) offsetof (UmzConfig, member)
static const Row rows[] = {
  { "su",      "name",          KIND_SU_NAME,        AT (su_name),        NULL },
  { "su",      "type",          KIND_SU_TYPE,        AT (su_type),        "x86" },
  { "su",      "configuration", KIND_LABEL,          AT (configuration),  NULL },
  { "su",      "reserve-mib",   KIND_MIB,            AT (reserve_mib),    "256" },
  { "su",      "index-max",     KIND_INDEX,          AT (index_max),      "99" },
  { "su",      "language",      KIND_LANGUAGE,       AT (language),       "en" },
  { "libvirt", "uri",           KIND_URI,            AT (libvirt_uri),    "qemu:///system" },
  { "libvirt", "socket",        KIND_SOCKET,         AT (libvirt_socket), LIBVIRT_SOCKET },
  { "listen",  "address",       KIND_ADDRESS_OR_ALL, AT (listen_address), "all" },
  { "listen",  "control-port",  KIND_PORT,           AT (control_port),   "7390" },
  { "listen",  "data-address",  KIND_ADDRESS_OR_ALL, AT (data_address),   NULL },
  { "listen",  "data-port",     KIND_PORT,           AT (data_port),      "7391" },
  { "listen",  "socket",        KIND_SOCKET,         AT (control_socket), CONTROL_SOCKET },
  { "cluster", "ca",            KIND_PATH,           AT (ca),             PKI_DIR "/ca.pem" },
  { "cluster", "certificate",   KIND_PATH,           AT (certificate),    NULL },
  { "cluster", "key",           KIND_PATH,           AT (key),            NULL },
  { "cluster", "revoked",       KIND_PATH,           AT (revoked),        PKI_DIR "/revoked.pem" },
  { "cluster", "active",        KIND_BOOL,           AT (is_active),      "true" },
  { "limits",  "init",          KIND_SECONDS,        AT (init_limit_s),   "90" },
  { "limits",  "copy",          KIND_SECONDS,        AT (copy_limit_s),   "0" },
  { "limits",  "quiesce",       KIND_SECONDS,        AT (quiesce_limit_s), "15" },
  { "limits",  "frozen",        KIND_SECONDS,        AT (frozen_limit_s), NULL },
  { "limits",  "moves",         KIND_COUNT,          AT (n_moves_max),    "0" },
  { "mirror",  "limit-mib",     KIND_MIB,            AT (mirror_mib),     "8192" },
  { "mirror",  "age",           KIND_SECONDS,        AT (mirror_age_s),   "86400" },
  { "history", "moves",         KIND_COUNT,          AT (history_moves),  "20000" },
  { "history", "lines",         KIND_COUNT,          AT (history_lines),  "200000" },
  { "history", "days",          KIND_DAYS,           AT (history_days),   "400" },
  { "paths",   "state",         KIND_PATH,           AT (state_dir),      "/var/lib/umzug" },
  { "paths",   "run",           KIND_PATH,           AT (run_dir),        "/run/umzug" },
  { "paths",   "migration",     KIND_PATH,           AT (migration_dir),  "/run/libvirt/umzug" },
  { "paths",   "fence",         KIND_PATH,           AT (fence_dir),      NULL },
  { "paths",   "relay",         KIND_PATH,           AT (relay),          RELAY },
  { "paths",   "relay-user",    KIND_USER,           AT (relay_user),     "umzug-relay" },
  { "arbiter", "kind",          KIND_ARBITER,        AT (arbiter.kind),   "none" },
  { "arbiter", "endpoints",     KIND_ENDPOINTS,      AT (arbiter.endpoints), NULL },
  { "arbiter", "prefix",        KIND_PATH,           AT (arbiter.prefix), "/umzug" },
  { "arbiter", "ca",            KIND_PATH,           AT (arbiter.ca),     NULL },
  { "arbiter", "certificate",   KIND_PATH,           AT (arbiter.certificate), NULL },
  { "arbiter", "key",           KIND_PATH,           AT (arbiter.key),    NULL },
  { "arbiter", "disk",          KIND_PATH,           AT (arbiter.disk),   NULL },
  { "arbiter", "host-id",       KIND_HOST_ID,        AT (arbiter.host_id), NULL },
  { "arbiter", "program",       KIND_PATH,           AT (arbiter.program), SANLOCK },
};
#undef AT

#define AT(member) offsetof (UmzConfigPeer, member)
static const Row peer_rows[] = {
  { NULL, "type",         KIND_SU_TYPE, AT (type),         NULL },
  { NULL, "address",      KIND_ADDRESS, AT (address),      NULL },
  { NULL, "port",         KIND_PORT,    AT (port),         "7390" },
  { NULL, "data-address", KIND_ADDRESS, AT (data_address), NULL },
  { NULL, "data-port",    KIND_PORT,    AT (data_port),    "7391" },
};
#undef AT
/* clang-format on */

/* ---- SU types ---- */

const char *
umz_su_type_text (UmzSuType type)
{
  switch (type) {
  case UMZ_SU_TYPE_390: return "390";
  case UMZ_SU_TYPE_X86: return "x86";
  }
  g_assert_not_reached ();
}

bool
umz_su_type_parse (const char *text, UmzSuType *ret_type)
{
  static const UmzSuType types[] = { UMZ_SU_TYPE_390, UMZ_SU_TYPE_X86 };
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++) {
    if (umz_text_is_same_name (text, umz_su_type_text (types[i]))) {
      *ret_type = types[i];
      return true;
    }
  }
  return false;
}

/* ---- values ---- */

/* What a kind of value takes, for a message in any language. */
static const char *
get_allowed (Kind kind)
{
  switch (kind) {
  case KIND_SU_NAME: return "A-Z 0-9 $ # @ . - (1..64)";
  case KIND_SU_TYPE: return "390 / x86";
  case KIND_LABEL: return "ASCII (1..64)";
  case KIND_MIB: return "0..67108864";
  case KIND_LANGUAGE: return "en / de";
  case KIND_URI: return "qemu:///system";
  case KIND_PATH: return "/...";
  case KIND_SOCKET: return "/... (2..107)";
  case KIND_ADDRESS: return "host.example / 192.0.2.1 / 2001:db8::1";
  case KIND_ADDRESS_OR_ALL: return "all / host.example / 192.0.2.1 / 2001:db8::1";
  case KIND_PORT: return "1..65535";
  case KIND_BOOL: return "true / false";
  case KIND_USER: return "a-z 0-9 _ - (1..32)";
  case KIND_SECONDS: return "0..86400";
  case KIND_DAYS: return "0..36500";
  case KIND_COUNT: return "0..1000000000";
  case KIND_ARBITER:
    return UMZ_WITH_SANLOCK ? "none / etcd / sanlock" : "none / etcd (built without sanlock)";
  case KIND_ENDPOINTS: return "https://host.example:2379, ... (1..5)";
  case KIND_HOST_ID: return "1..2000";
  case KIND_INDEX: return "2..9999";
  }
  g_assert_not_reached ();
}

static bool
is_filled (const char *value, size_t bytes_max)
{
  return *value != '\0' && strlen (value) <= bytes_max;
}

static bool
is_made_of (const char *value, const char *characters, size_t bytes_max)
{
  return is_filled (value, bytes_max) && value[strspn (value, characters)] == '\0';
}

static bool
is_path (const char *value, size_t bytes_max)
{
  return value[0] == '/' && value[1] != '\0' && strlen (value) <= bytes_max;
}

static bool
is_address (const char *value)
{
  return is_made_of (value, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS ".:-_%", ADDRESS_BYTES_MAX);
}

static bool
is_label (const char *value)
{
  for (const char *p = value; *p != '\0'; p++)
    if (!g_ascii_isprint (*p))
      return false;
  return is_filled (value, CONFIGURATION_BYTES_MAX);
}

static bool
set_text (void *member, const char *value, bool is_good)
{
  if (!is_good)
    return false;
  char **text = member;
  g_free (*text);
  *text = g_strdup (value);
  return true;
}

static bool
set_su_name (void *member, const char *value)
{
  g_autofree char *upper = umz_text_dup_upper (value);
  return set_text (member, upper, umz_text_is_composed_name (upper, UMZ_SU_NAME_LENGTH_MAX));
}

static bool
set_number (void *member, const char *value, uint64_t from, uint64_t to)
{
  guint64 number;
  if (!g_ascii_string_to_unsigned (value, 10, from, to, &number, NULL))
    return false;
  *(uint64_t *) member = number;
  return true;
}

static bool
set_bool (void *member, const char *value)
{
  bool is_true = strcmp (value, "true") == 0;
  if (!is_true && strcmp (value, "false") != 0)
    return false;
  *(bool *) member = is_true;
  return true;
}

/* "all" is NULL. */
static bool
set_address_or_all (void *member, const char *value)
{
  if (strcmp (value, "all") != 0)
    return set_text (member, value, is_address (value));
  g_clear_pointer ((char **) member, g_free);
  return true;
}

static bool
set_arbiter (void *member, const char *value)
{
  static const char *const kinds[] = { [UMZ_ARBITER_NONE] = "none",
                                       [UMZ_ARBITER_ETCD] = "etcd",
                                       [UMZ_ARBITER_SANLOCK] = "sanlock" };
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (strcmp (value, kinds[i]) == 0) {
      *(UmzArbiterKind *) member = (UmzArbiterKind) i;
      return i != UMZ_ARBITER_SANLOCK || UMZ_WITH_SANLOCK;
    }
  }
  return false;
}

/* Scheme, host and port, each of them given, and nothing else. */
static bool
is_endpoint (const char *value)
{
  g_autoptr (GUri) uri = g_uri_parse (value, G_URI_FLAGS_NONE, NULL);
  if (uri == NULL)
    return false;
  const char *scheme = g_uri_get_scheme (uri);
  return (strcmp (scheme, "https") == 0 || strcmp (scheme, "http") == 0) &&
         g_uri_get_host (uri) != NULL && is_address (g_uri_get_host (uri)) &&
         g_uri_get_port (uri) > 0 && *g_uri_get_path (uri) == '\0' &&
         g_uri_get_userinfo (uri) == NULL && g_uri_get_query (uri) == NULL &&
         g_uri_get_fragment (uri) == NULL;
}

static bool
set_endpoints (void *member, const char *value)
{
  g_auto (GStrv) endpoints = g_strsplit (value, ",", -1);
  unsigned n_endpoints = g_strv_length (endpoints);
  if (n_endpoints < 1 || n_endpoints > ENDPOINTS_MAX)
    return false;
  for (unsigned i = 0; i < n_endpoints; i++)
    if (!is_endpoint (g_strstrip (endpoints[i])))
      return false;
  char ***list = member;
  g_strfreev (*list);
  *list = g_steal_pointer (&endpoints);
  return true;
}

/* Puts value into the member of base that row names, or returns false and leaves it alone. */
static bool
set_value (const Row *row, void *base, const char *value)
{
  void *member = (char *) base + row->offset;
  switch (row->kind) {
  case KIND_SU_NAME: return set_su_name (member, value);
  case KIND_SU_TYPE: return umz_su_type_parse (value, member);
  case KIND_LABEL: return set_text (member, value, is_label (value));
  case KIND_MIB: return set_number (member, value, 0, RESERVE_MIB_MAX);
  case KIND_LANGUAGE: return umz_lang_parse (value, member);
  case KIND_URI: return set_text (member, value, strstr (value, ":/") != NULL);
  case KIND_PATH: return set_text (member, value, is_path (value, PATH_BYTES_MAX));
  case KIND_SOCKET: return set_text (member, value, is_path (value, SOCKET_PATH_BYTES_MAX));
  case KIND_ADDRESS: return set_text (member, value, is_address (value));
  case KIND_ADDRESS_OR_ALL: return set_address_or_all (member, value);
  case KIND_PORT: return set_number (member, value, 1, 65535);
  case KIND_BOOL: return set_bool (member, value);
  case KIND_SECONDS: return set_number (member, value, 0, SECONDS_MAX);
  case KIND_DAYS: return set_number (member, value, 0, DAYS_MAX);
  case KIND_COUNT: return set_number (member, value, 0, COUNT_MAX);
  case KIND_ARBITER: return set_arbiter (member, value);
  case KIND_ENDPOINTS: return set_endpoints (member, value);
  case KIND_HOST_ID: return set_number (member, value, 1, HOST_ID_MAX);
  case KIND_INDEX: return set_number (member, value, 2, INDEX_MAX);
  case KIND_USER:
    return set_text (member, value,
                     is_made_of (value, G_CSET_a_2_z G_CSET_DIGITS "_-", USER_BYTES_MAX));
  }
  g_assert_not_reached ();
}

static void
set_defaults (const Row *table, size_t n_rows, void *base)
{
  for (size_t i = 0; i < n_rows; i++) {
    if (table[i].default_value != NULL) {
      bool is_good = set_value (&table[i], base, table[i].default_value);
      g_assert (is_good);
    }
  }
}

/* ---- the file ---- */

/* All messages of the configuration begin with file and line; (&02) is "[group] key=value". */
static void
refuse (UmzMessageId id, const char *path, const UmzKeyfileEntry *entry, const char *value,
        const char *last_insert, GError **error)
{
  g_autofree char *line = g_strdup_printf ("%u", entry != NULL ? entry->line : 1);
  g_autofree char *group = entry != NULL ? g_strdup_printf ("[%s]", entry->group) : g_strdup ("");
  const char *key = entry != NULL && entry->key != NULL ? entry->key : "";
  g_autofree char *what =
    g_strconcat (group, *group != '\0' && *key != '\0' ? " " : "", key,
                 value != NULL && *key != '\0' ? "=" : "", value, NULL);
  umz_set_error (error, id, path, line, what, last_insert, NULL);
}

static const Row *
find_row (const Row *table, size_t n_rows, const char *group, const char *key)
{
  for (size_t i = 0; i < n_rows; i++)
    if (g_strcmp0 (table[i].group, group) == 0 && strcmp (table[i].key, key) == 0)
      return &table[i];
  return NULL;
}

/* "name, type, ..." of one group. */
static char *
dup_known_keys (const Row *table, size_t n_rows, const char *group)
{
  GString *known = g_string_new (NULL);
  for (size_t i = 0; i < n_rows; i++)
    if (g_strcmp0 (table[i].group, group) == 0)
      g_string_append_printf (known, "%s%s", known->len > 0 ? ", " : "", table[i].key);
  return g_string_free (known, FALSE);
}

/* "[su], [libvirt], ..., [su NAME]" */
static char *
dup_known_groups (void)
{
  GString *known = g_string_new (NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (i == 0 || strcmp (rows[i].group, rows[i - 1].group) != 0)
      g_string_append_printf (known, "[%s], ", rows[i].group);
  g_string_append (known, "[" PEER_GROUP_PREFIX "NAME]");
  return g_string_free (known, FALSE);
}

static bool
is_known_group (const char *group)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].group, group) == 0)
      return true;
  return false;
}

static void
free_peer (void *data)
{
  UmzConfigPeer *peer = data;
  g_free (peer->name);
  g_free (peer->address);
  g_free (peer->data_address);
  g_free (peer);
}

/* The line of a group: makes a peer, if it is one's. */
static bool
read_group (UmzConfig *config, const UmzKeyfile *keyfile, const UmzKeyfileEntry *entry,
            GError **error)
{
  if (is_known_group (entry->group))
    return true;
  if (!g_str_has_prefix (entry->group, PEER_GROUP_PREFIX)) {
    g_autofree char *known = dup_known_groups ();
    refuse (UMZ_MSG_UMZ0013, keyfile->path, entry, NULL, known, error);
    return false;
  }

  g_autofree char *name = umz_text_dup_upper (entry->group + strlen (PEER_GROUP_PREFIX));
  if (!umz_text_is_composed_name (name, UMZ_SU_NAME_LENGTH_MAX) ||
      umz_config_find_peer (config, name) != NULL) {
    refuse (UMZ_MSG_UMZ0010, keyfile->path, entry, NULL, get_allowed (KIND_SU_NAME), error);
    return false;
  }
  UmzConfigPeer *peer = g_new0 (UmzConfigPeer, 1);
  set_defaults (peer_rows, G_N_ELEMENTS (peer_rows), peer);
  peer->name = g_steal_pointer (&name);
  g_ptr_array_add (config->peers, peer);
  return true;
}

/* The line of a key; its group was read before. */
static bool
read_key (UmzConfig *config, const UmzKeyfile *keyfile, const UmzKeyfileEntry *entry,
          GError **error)
{
  bool is_local = is_known_group (entry->group);
  const Row *table = is_local ? rows : peer_rows;
  size_t n_rows = is_local ? G_N_ELEMENTS (rows) : G_N_ELEMENTS (peer_rows);
  const char *group = is_local ? entry->group : NULL;
  /* A peer's keys stand behind its group, so it is the last one. */
  void *base = is_local ? (void *) config
                        : g_ptr_array_index (config->peers, config->peers->len - 1);

  const Row *row = find_row (table, n_rows, group, entry->key);
  if (row == NULL) {
    g_autofree char *known = dup_known_keys (table, n_rows, group);
    refuse (UMZ_MSG_UMZ0013, keyfile->path, entry, NULL, known, error);
    return false;
  }
  g_autofree char *value = umz_keyfile_dup_value (keyfile, entry);
  if (value == NULL || !set_value (row, base, value)) {
    refuse (UMZ_MSG_UMZ0010, keyfile->path, entry, value, get_allowed (row->kind), error);
    return false;
  }
  return true;
}

static bool
read_entries (UmzConfig *config, const UmzKeyfile *keyfile, GError **error)
{
  for (unsigned i = 0; i < keyfile->entries->len; i++) {
    const UmzKeyfileEntry *entry = g_ptr_array_index (keyfile->entries, i);
    if (entry->key == NULL ? !read_group (config, keyfile, entry, error)
                           : !read_key (config, keyfile, entry, error))
      return false;
  }
  return true;
}

/* ---- defaults that depend on something ---- */

/* The value behind the first occurrence of name in /proc/cpuinfo, up to the end of the line or a
 * comma; NULL if there is none.
 */
static char *
dup_cpu_property (const char *cpuinfo, const char *name)
{
  const char *found = strstr (cpuinfo, name);
  if (found == NULL)
    return NULL;
  found += strlen (name);
  found += strspn (found, " \t:=");
  return g_strstrip (g_strndup (found, strcspn (found, ",\n")));
}

/* "X86SU- " and what the host calls its CPU: a model name on x86, a machine number on s390x. */
static char *
dup_default_configuration (UmzSuType type)
{
  g_autofree char *cpuinfo = NULL;
  g_autofree char *cpu = NULL;
  if (g_file_get_contents ("/proc/cpuinfo", &cpuinfo, NULL, NULL)) {
    cpu = dup_cpu_property (cpuinfo, "model name");
    if (cpu == NULL)
      cpu = dup_cpu_property (cpuinfo, "machine =");
  }
  const char *prefix = type == UMZ_SU_TYPE_390 ? "390SU- " : "X86SU- ";
  g_autofree char *all = g_strconcat (prefix, cpu != NULL ? cpu : "UNKNOWN", NULL);
  return g_strndup (all, CONFIGURATION_BYTES_MAX);
}

static bool
complete_su_name (UmzConfig *config, const char *path, GError **error)
{
  if (config->su_name != NULL)
    return true;
  const char *host_name = g_get_host_name ();
  g_autofree char *short_name = g_strndup (host_name, strcspn (host_name, "."));
  if (set_su_name (&config->su_name, short_name))
    return true;

  g_autofree char *what = g_strconcat ("[su] name=", short_name, NULL);
  refuse (UMZ_MSG_UMZ0010, path, NULL, what, get_allowed (KIND_SU_NAME), error);
  return false;
}

/* The entry of a peer's key, or with key NULL of its group, which may be in lower case. */
static const UmzKeyfileEntry *
find_peer_entry (const UmzKeyfile *keyfile, const UmzConfigPeer *peer, const char *key)
{
  for (unsigned i = 0; i < keyfile->entries->len; i++) {
    const UmzKeyfileEntry *entry = g_ptr_array_index (keyfile->entries, i);
    if (g_str_has_prefix (entry->group, PEER_GROUP_PREFIX) &&
        umz_text_is_same_name (entry->group + strlen (PEER_GROUP_PREFIX), peer->name) &&
        g_strcmp0 (entry->key, key) == 0)
      return entry;
  }
  return NULL;
}

static void
complete_peers (UmzConfig *config, const UmzKeyfile *keyfile)
{
  for (unsigned i = 0; i < config->peers->len; i++) {
    UmzConfigPeer *peer = g_ptr_array_index (config->peers, i);
    if (peer->data_address == NULL)
      peer->data_address = g_strdup (peer->address);
    if (find_peer_entry (keyfile, peer, "type") == NULL)
      peer->type = config->su_type;
  }
}

/* A guest of an SU x86 is carried through, however long it has to stand still. */
static void
complete_limits (UmzConfig *config, const UmzKeyfile *keyfile)
{
  if (keyfile == NULL || umz_keyfile_find (keyfile, "limits", "frozen") == NULL)
    config->frozen_limit_s = config->su_type == UMZ_SU_TYPE_390 ? FROZEN_LIMIT_390_S : 0;
}

static void
complete_paths (UmzConfig *config)
{
  if (config->configuration == NULL)
    config->configuration = dup_default_configuration (config->su_type);
  if (config->certificate == NULL)
    config->certificate = g_strdup_printf (PKI_DIR "/%s.pem", config->su_name);
  if (config->key == NULL)
    config->key = g_strdup_printf (PKI_DIR "/%s-key.pem", config->su_name);
  if (config->fence_dir == NULL)
    config->fence_dir = g_build_filename (config->state_dir, "fence", NULL);
}

/* keyfile may be NULL when there are no peers. */
static bool
complete (UmzConfig *config, const UmzKeyfile *keyfile, const char *path, GError **error)
{
  if (!complete_su_name (config, path, error))
    return false;
  if (keyfile == NULL || umz_keyfile_find (keyfile, "listen", "data-address") == NULL)
    config->data_address = g_strdup (config->listen_address);
  complete_peers (config, keyfile);
  complete_limits (config, keyfile);
  complete_paths (config);
  return true;
}

/* ---- laws ---- */

static bool
check_peer (const UmzConfig *config, const UmzKeyfile *keyfile, const UmzConfigPeer *peer,
            GError **error)
{
  const UmzKeyfileEntry *group = find_peer_entry (keyfile, peer, NULL);
  if (umz_text_is_same_name (peer->name, config->su_name)) {
    g_autofree char *allowed = g_strdup_printf ("!= %s ([su] name)", config->su_name);
    refuse (UMZ_MSG_UMZ0010, keyfile->path, group, NULL, allowed, error);
    return false;
  }
  if (peer->address == NULL) {
    refuse (UMZ_MSG_UMZ0015, keyfile->path, group, NULL, "address", error);
    return false;
  }
  return true;
}

static bool
check_ports (const UmzConfig *config, const UmzKeyfile *keyfile, GError **error)
{
  if (config->control_port != config->data_port)
    return true;
  const UmzKeyfileEntry *entry = umz_keyfile_find (keyfile, "listen", "data-port");
  if (entry == NULL)
    entry = umz_keyfile_find (keyfile, "listen", "control-port");
  g_autofree char *port = g_strdup_printf ("%" G_GUINT64_FORMAT, config->data_port);
  refuse (UMZ_MSG_UMZ0010, keyfile->path, entry, port, "control-port != data-port", error);
  return false;
}

typedef bool FileCheck (const UmzKeyfile *keyfile, const char *group, const char *key,
                        const char *file, GError **error);

static bool
refuse_file (const UmzKeyfile *keyfile, const char *group, const char *key, const char *file,
             const char *cause, GError **error)
{
  const UmzKeyfileEntry *entry = umz_keyfile_find (keyfile, group, key);
  g_autofree char *line = g_strdup_printf ("%u", entry != NULL ? entry->line : 1);
  umz_set_error (error, UMZ_MSG_UMZ0016, keyfile->path, line, file, cause, NULL);
  return false;
}

static bool
check_file (const UmzKeyfile *keyfile, const char *group, const char *key, const char *file,
            GError **error)
{
  return access (file, R_OK) == 0 ||
         refuse_file (keyfile, group, key, file, g_strerror (errno), error);
}

/* As ssh does. */
static bool
check_secret (const UmzKeyfile *keyfile, const char *group, const char *key, const char *file,
              GError **error)
{
  struct stat st;
  if (!check_file (keyfile, group, key, file, error))
    return false;
  bool is_open = stat (file, &st) == 0 && S_ISREG (st.st_mode) &&
                 (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
  return !is_open ||
         refuse_file (keyfile, group, key, file, "open to others, use chmod 600", error);
}

/* Files of the cluster are only needed when there is somebody to show them to. */
static bool
check_cluster_files (const UmzConfig *config, const UmzKeyfile *keyfile, GError **error)
{
  return config->peers->len == 0 ||
         (check_file (keyfile, "cluster", "ca", config->ca, error) &&
          check_file (keyfile, "cluster", "certificate", config->certificate, error) &&
          check_secret (keyfile, "cluster", "key", config->key, error));
}

/* Where the first thing of the group [arbiter] stands that wants a key which is not there, and that
 * key; NULL if nothing is missing.  A group without a kind is not taken for one that is switched
 * off: somebody has wanted an arbiter.
 */
static const UmzKeyfileEntry *
find_lack_of_arbiter (const UmzKeyfile *keyfile, UmzArbiterKind kind, const char **ret_missing)
{
  static const struct {
    UmzArbiterKind kind;
    const char *wants; /* NULL: the group */
    const char *wanted;
  } laws[] = {
    { UMZ_ARBITER_NONE, NULL, "kind" },
    { UMZ_ARBITER_ETCD, "kind", "endpoints" },
    { UMZ_ARBITER_ETCD, "certificate", "key" },
    { UMZ_ARBITER_ETCD, "key", "certificate" },
    { UMZ_ARBITER_SANLOCK, "kind", "disk" },
    { UMZ_ARBITER_SANLOCK, "kind", "host-id" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (laws); i++) {
    const UmzKeyfileEntry *entry = umz_keyfile_find (keyfile, "arbiter", laws[i].wants);
    if (laws[i].kind == kind && entry != NULL &&
        umz_keyfile_find (keyfile, "arbiter", laws[i].wanted) == NULL) {
      *ret_missing = laws[i].wanted;
      return entry;
    }
  }
  return NULL;
}

static bool
check_arbiter (const UmzConfigArbiter *arbiter, const UmzKeyfile *keyfile, GError **error)
{
  const char *missing;
  const UmzKeyfileEntry *entry = find_lack_of_arbiter (keyfile, arbiter->kind, &missing);
  if (entry != NULL) {
    refuse (UMZ_MSG_UMZ0015, keyfile->path, entry, NULL, missing, error);
    return false;
  }
  const struct {
    const char *key;
    const char *file;
    FileCheck *check;
  } files[] = { { "ca", arbiter->ca, check_file },
                { "certificate", arbiter->certificate, check_file },
                { "key", arbiter->key, check_secret } };
  for (size_t i = 0; arbiter->kind == UMZ_ARBITER_ETCD && i < G_N_ELEMENTS (files); i++)
    if (files[i].file != NULL &&
        !files[i].check (keyfile, "arbiter", files[i].key, files[i].file, error))
      return false;
  return true;
}

static bool
check (const UmzConfig *config, const UmzKeyfile *keyfile, GError **error)
{
  for (unsigned i = 0; i < config->peers->len; i++)
    if (!check_peer (config, keyfile, g_ptr_array_index (config->peers, i), error))
      return false;
  return check_ports (config, keyfile, error) && check_cluster_files (config, keyfile, error) &&
         check_arbiter (&config->arbiter, keyfile, error);
}

/* ---- life ---- */

static UmzConfig *
new_with_fixed_defaults (void)
{
  UmzConfig *config = g_new0 (UmzConfig, 1);
  config->peers = g_ptr_array_new_with_free_func (free_peer);
  set_defaults (rows, G_N_ELEMENTS (rows), config);
  return config;
}

UmzConfig *
umz_config_new_default (GError **error)
{
  g_autoptr (UmzConfig) config = new_with_fixed_defaults ();
  if (!complete (config, NULL, "umzugd.conf", error))
    return NULL;
  return g_steal_pointer (&config);
}

UmzConfig *
umz_config_load (const char *path, GError **error)
{
  g_autoptr (UmzKeyfile) keyfile = umz_keyfile_load (path, error);
  if (keyfile == NULL)
    return NULL;

  g_autoptr (UmzConfig) config = new_with_fixed_defaults ();
  if (!read_entries (config, keyfile, error) || !complete (config, keyfile, path, error) ||
      !check (config, keyfile, error))
    return NULL;
  return g_steal_pointer (&config);
}

static bool
is_owned_text (Kind kind)
{
  switch (kind) {
  case KIND_SU_NAME:
  case KIND_LABEL:
  case KIND_URI:
  case KIND_PATH:
  case KIND_SOCKET:
  case KIND_ADDRESS:
  case KIND_ADDRESS_OR_ALL:
  case KIND_USER: return true;
  case KIND_SU_TYPE:
  case KIND_MIB:
  case KIND_LANGUAGE:
  case KIND_PORT:
  case KIND_BOOL:
  case KIND_SECONDS:
  case KIND_DAYS:
  case KIND_COUNT:
  case KIND_ARBITER:
  case KIND_ENDPOINTS:
  case KIND_HOST_ID:
  case KIND_INDEX: return false;
  }
  g_assert_not_reached ();
}

void
umz_config_free (UmzConfig *config)
{
  if (config == NULL)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (is_owned_text (rows[i].kind))
      g_free (*(char **) ((char *) config + rows[i].offset));
  g_strfreev (config->arbiter.endpoints);
  g_ptr_array_unref (config->peers);
  g_free (config);
}

const UmzConfigPeer *
umz_config_find_peer (const UmzConfig *config, const char *su_name)
{
  for (unsigned i = 0; i < config->peers->len; i++) {
    const UmzConfigPeer *peer = g_ptr_array_index (config->peers, i);
    if (umz_text_is_same_name (peer->name, su_name))
      return peer;
  }
  return NULL;
}

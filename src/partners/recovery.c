/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "partners/recovery.h"

#include <string.h>

#include "base/text.h"
#include "messages/catalogue.h"
#include "model/vm.h"
#include "partners/exchange.h"

static const UmzConfigPeer *
find_only_su (const UmzConfig *config, GError **error)
{
  if (config->peers->len == 1)
    return config->peers->pdata[0];
  umz_set_error (error, UMZ_MSG_VMS2341, NULL);
  return NULL;
}

static const UmzConfigPeer *
find_named_su (const UmzConfig *config, const char *su_name, GError **error)
{
  const UmzConfigPeer *su = umz_config_find_peer (config, su_name);
  if (umz_text_is_same_name (su_name, config->su_name))
    umz_set_error (error, UMZ_MSG_VMS2342, su_name, NULL);
  else if (su == NULL)
    umz_set_error (error, UMZ_MSG_VMS2400, su_name, NULL);
  else if (su->type != config->su_type)
    umz_set_error (error, UMZ_MSG_VMS2343, su_name, NULL);
  else
    return su;
  return NULL;
}

const UmzConfigPeer *
umz_recovery_find_su (const UmzConfig *config, const char *su_name, GError **error)
{
  if (config->peers->len == 0) {
    umz_set_error (error, UMZ_MSG_VMS2347, NULL);
    return NULL;
  }
  return su_name == NULL ? find_only_su (config, error) : find_named_su (config, su_name, error);
}

typedef bool (*SameName) (const char *a, const char *b);

static bool
is_equal (const char *a, const char *b)
{
  return strcmp (a, b) == 0;
}

/* The one that fits; *ret_names: all that fit, if they are several. */
static const UmzDefinitionRecord *
find_one (const GPtrArray *known, const char *owner, const char *name, SameName is_same,
          char **ret_names)
{
  guint n = 0;
  const UmzDefinitionRecord *found = NULL;
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < known->len; i++) {
    const UmzDefinitionRecord *record = known->pdata[i];
    if (!umz_text_is_same_name (record->owner, owner) || !is_same (record->name, name))
      continue;
    found = record;
    g_string_append_printf (names, "%s%s", n++ > 0 ? ", " : "", record->name);
  }
  *ret_names = n > 1 ? g_strdup (names->str) : NULL;
  return n == 1 ? found : NULL;
}

static bool
is_unique (const GPtrArray *known, const UmzDefinitionRecord *record)
{
  for (guint i = 0; i < known->len; i++) {
    const UmzDefinitionRecord *other = known->pdata[i];
    if (!umz_text_is_same_name (other->owner, record->owner) &&
        (strcmp (other->uuid, record->uuid) == 0 || strcmp (other->name, record->name) == 0))
      return false;
  }
  return true;
}

const UmzDefinitionRecord *
umz_recovery_find (const GPtrArray *known, const char *owner, const char *name, GError **error)
{
  g_autofree char *names = NULL;
  const UmzDefinitionRecord *record = find_one (known, owner, name, is_equal, &names);
  if (record == NULL && names == NULL)
    record = find_one (known, owner, name, umz_text_is_same_name, &names);
  if (record != NULL && is_unique (known, record))
    return record;
  if (record != NULL)
    umz_set_error (error, UMZ_MSG_VMS2346, record->name, NULL);
  else if (names != NULL)
    umz_set_error (error, UMZ_MSG_UMZ0020, name, names, NULL);
  else
    umz_set_error (error, UMZ_MSG_VMS2300, name, NULL);
  return NULL;
}

bool
umz_recovery_fits (const UmzDefinitionRecord *record, const GPtrArray *vms, GError **error)
{
  for (guint i = 0; i < vms->len; i++) {
    const UmzVm *vm = vms->pdata[i];
    if (strcmp (vm->name, record->name) == 0 || strcmp (vm->uuid, record->uuid) == 0) {
      umz_set_error (error, UMZ_MSG_VMS4013, record->name, NULL);
      return false;
    }
  }
  if (vms->len < UMZ_DEFINITIONS_MAX)
    return true;
  umz_set_error (error, UMZ_MSG_VMS2311, NULL);
  return false;
}

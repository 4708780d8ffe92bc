/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/routes.h"

#include <stdbool.h>
#include <string.h>

#include "daemon/operators.h"
#include "peer/client.h"

/* clang-format off */
static const UmzRoute routes[] = {
  { "POST", "/1/commands",              umz_operators_serve_command,       NULL },
  { "GET",  "/1/console",               umz_operators_serve_console,       NULL },
  { "GET",  "/1/guests/{name}/console", umz_operators_serve_guest_console, NULL },
  { "GET",  "/1/moves/{id}",            umz_operators_serve_move,          NULL },
  { "GET",  "/1/openapi.json",          umz_operators_serve_description,   NULL },

  { "POST", "check",                    NULL, umz_peers_hear_check       },
  { "POST", "su",                       NULL, umz_peers_hear_su          },
  { "POST", "definitions",              NULL, umz_peers_hear_definitions },
  { "POST", "definition",               NULL, umz_peers_hear_definition  },
  { "POST", "takeover",                 NULL, umz_peers_hear_takeover    },
  { "POST", "moves/{id}/begin",         NULL, umz_peers_hear_begin       },
  { "POST", "moves/{id}/beat",          NULL, umz_peers_hear_move        },
  { "POST", "moves/{id}/go",            NULL, umz_peers_hear_move        },
  { "POST", "moves/{id}/abort",         NULL, umz_peers_hear_move        },
  { "POST", "moves/{id}/gone",          NULL, umz_peers_hear_move        },
  { "POST", "moves/{id}/ask",           NULL, umz_peers_hear_move        },
};
/* clang-format on */

const UmzRoute *
umz_routes_get_all (size_t *ret_n)
{
  *ret_n = G_N_ELEMENTS (routes);
  return routes;
}

/* Whether the path is of this form; *ret_argument, which the caller frees, is NULL without {…}. */
static bool
fits (const char *form, const char *path, char **ret_argument)
{
  const char *open = strchr (form, '{');
  *ret_argument = NULL;
  if (open == NULL)
    return strcmp (form, path) == 0;
  size_t n_before = (size_t) (open - form);
  const char *after = strchr (open, '}') + 1;
  if (strncmp (form, path, n_before) != 0)
    return false;
  size_t n_argument = strcspn (path + n_before, "/");
  if (n_argument == 0 || strcmp (path + n_before + n_argument, after) != 0)
    return false;
  *ret_argument = g_strndup (path + n_before, n_argument);
  return true;
}

static const UmzRoute *
find (const UmzRequest *request, const char *path, char **ret_argument)
{
  bool is_local = request->peer == NULL;
  for (size_t i = 0; i < G_N_ELEMENTS (routes); i++)
    if ((routes[i].serve != NULL) == is_local &&
        strcmp (routes[i].method, request->method) == 0 &&
        fits (routes[i].path, path, ret_argument))
      return &routes[i];
  return NULL;
}

/* The route behind "/peer/VERSION/"; NULL: none of ours, or of another version. */
static const UmzRoute *
find_of_peer (const UmzRequest *request, char **ret_argument)
{
  g_autofree char *prefix = g_strdup_printf ("/peer/%d/", UMZ_PEER_VERSION);
  *ret_argument = NULL;
  return g_str_has_prefix (request->path, prefix)
           ? find (request, request->path + strlen (prefix), ret_argument)
           : NULL;
}

bool
umz_routes_is_of_move (const UmzRequest *request)
{
  g_autofree char *argument = NULL;
  const UmzRoute *route = find_of_peer (request, &argument);
  return route != NULL && route->hear == umz_peers_hear_move;
}

static void
serve_local (UmzRequest *request)
{
  g_autofree char *argument = NULL;
  const UmzRoute *route = find (request, request->path, &argument);
  if (route != NULL)
    route->serve (request, argument);
  else
    umz_request_fail (request, SOUP_STATUS_NOT_FOUND,
                      umz_notice_new (UMZ_MSG_UMZ0310, "path", NULL));
}

static void
serve_peer (UmzRequest *request)
{
  g_autofree char *argument = NULL;
  const char *su_name = request->app->config->su_name;
  const UmzRoute *route = find_of_peer (request, &argument);
  if (request->peer[0] == '\0')
    umz_request_fail (request, SOUP_STATUS_FORBIDDEN,
                      umz_notice_new (UMZ_MSG_VMS2343, su_name, NULL));
  else if (route == NULL)
    umz_request_fail (request, SOUP_STATUS_NOT_FOUND,
                      umz_notice_new (UMZ_MSG_VMS2410, su_name, NULL));
  else
    umz_peers_serve (request, route->hear, argument);
}

void
umz_routes_serve (UmzRequest *request)
{
  if (request->peer == NULL)
    serve_local (request);
  else
    serve_peer (request);
}

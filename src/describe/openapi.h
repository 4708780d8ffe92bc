/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* openapi.h: the local API, for programs that make requests. */
#pragma once

/* An OpenAPI 3.0 document in JSON.  Beside the paths it has a schema of each command's operands,
 * named like the command; a structure is an object with the constant as its only property.  The
 * caller frees it.
 */
char *umz_describe_openapi (void);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-libvirt-private.h: the hosts and domains behind the double of libvirt.
 *
 * Whoever calls one of these functions holds the lock, but for umz_test_host_lock().
 */
#pragma once

#include "hypervisor/test-libvirt.h"

typedef struct {
  char *uuid, *name; /* owned */
  char *config;      /* owned; NULL: the domain is transient */
  char *live;        /* owned; NULL: it is off */
  int state, reason;
  bool is_autostart;
  GString *console; /* owned; written and not read yet; NULL: it is closed */
  GPid pid;         /* 0: none */
  char *leaving;    /* owned; the device that the guest is to release, or NULL */
  unsigned n_looks;
  int listener; /* borrowed; where its process listens, or -1 */
} UmzTestDomain;

typedef struct {
  char *function; /* owned */
  char *text;     /* owned */
  unsigned skip;
  bool is_once;
} UmzTestFailure;

typedef struct {
  char *uri, *folder;  /* owned */
  GPtrArray *domains;  /* owned; UmzTestDomain */
  GPtrArray *failures; /* owned; UmzTestFailure */
  GString *calls;      /* owned */
  unsigned n_looks;    /* until a guest releases a device */
  bool hangs;
  uint64_t job[4];
} UmzTestHost;

/* libvirt's objects, which are opaque for its users. */
struct _virConnect {
  UmzTestHost *host; /* borrowed */
  int n_refs;
};

struct _virDomain {
  UmzTestHost *host; /* borrowed */
  char *uuid;        /* owned */
};

struct _virStream {
  UmzTestHost *host; /* borrowed */
  char *uuid;        /* owned; of the domain whose console it is; NULL: of none yet */
};

typedef struct {
  GMutex lock; /* of everything here */
  GCond goes_on;
  char *folder;
  GHashTable *hosts; /* by URI */
  UmzTestMigrate migrate;
  void *migrate_data;
} UmzTestHosts;

extern UmzTestHosts umz_test_hosts;

/* GDestroyNotify; ends its domains. */
void umz_test_host_free (void *host);

/* Lends the host of this URI, which is made if need be. */
UmzTestHost *umz_test_host_get (const char *uri);

/* The same, and takes the lock. */
UmzTestHost *umz_test_host_lock (const char *uri);
void umz_test_hosts_unlock (void);

/* Lends the domain; NULL: there is none.  libvirt sees at once when a QEMU ends. */
UmzTestDomain *umz_test_host_find (UmzTestHost *host, const char *uuid);

/* The same of the domain in the XML, which is added if need be; NULL: it is no domain. */
UmzTestDomain *umz_test_host_add (UmzTestHost *host, const char *xml);

/* The text of a failure that is ordered, which the caller frees, or NULL. */
char *umz_test_host_take_failure (UmzTestHost *host, const char *function);

void umz_test_domain_turn_on (UmzTestHost *host, UmzTestDomain *domain, const char *xml, int state,
                              int reason);

/* What libvirt keeps of it then is the configuration, if it has one. */
void umz_test_domain_turn_off (UmzTestHost *host, UmzTestDomain *domain, int reason);

/* Of a domain's XML, which may be NULL. */
void umz_test_domain_take_out (char **xml, const char *mn);
void umz_test_domain_put_in (char **xml, const char *device_xml);

/* The guest releases the device that it was asked for. */
void umz_test_domain_release (UmzTestDomain *domain);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* config.h: what umzugd is told by its key file, checked once and completely.
 *
 * A daemon that moves guests must not guess: an unknown group or key, a value that cannot be, or a
 * missing certificate is refused with file, line and cure.  What is not given has a default, so
 * that a host without partners needs no file at all.
 */
#pragma once

#include "messages/catalogue.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  UMZ_SU_TYPE_390, /* s390x guests, our own transfer engine, convergence guard */
  UMZ_SU_TYPE_X86, /* x86_64 guests, the hypervisor's engine, always carried through */
} UmzSuType;

/* "390" or "x86", as in the file and over the wire; lives for ever. */
const char *umz_su_type_text (UmzSuType type);

/* Reads what umz_su_type_text() gives, in any case. */
bool umz_su_type_parse (const char *text, UmzSuType *ret_type);

/* Another SU of the cluster: the group [su NAME]. */
typedef struct {
  char *name;         /* from the group, in upper case */
  UmzSuType type;     /* default: as the local one */
  char *address;      /* host name or IP address of the control port; mandatory */
  uint64_t port;      /* default 7390 */
  char *data_address; /* default: address */
  uint64_t data_port; /* default 7391 */
} UmzConfigPeer;

typedef enum {
  UMZ_ARBITER_NONE,
  UMZ_ARBITER_ETCD,
  UMZ_ARBITER_SANLOCK,
} UmzArbiterKind;

/* The arbiter: the group [arbiter], the same on every SU but for files and host-id. */
typedef struct {
  UmzArbiterKind kind; /* default none; mandatory in a group that is there */

  /* etcd */
  char **endpoints;  /* mandatory; "https://host:2379", http too; all of one etcd cluster */
  char *prefix;      /* of the keys; default /umzug */
  char *ca;          /* of the servers; NULL: what the system trusts */
  char *certificate; /* to show to the servers; NULL: none */
  char *key;         /* of the certificate; neither is there without the other */

  /* sanlock */
  char *disk;       /* mandatory; a block device or file that all SUs share */
  uint64_t host_id; /* mandatory; 1..2000, another one on each SU */
  char *program;    /* default /usr/libexec/umzug-sanlock */
} UmzConfigArbiter;

/* Read it, never write it.  No text is NULL but where it says so; paths are absolute. */
typedef struct {
  /* [su] */
  char *su_name;        /* in upper case; default: the host name up to the first dot */
  UmzSuType su_type;    /* default x86 */
  char *configuration;  /* like "390SU- 500-10B"; default: type and CPU of the host */
  uint64_t reserve_mib; /* memory that is never given to an incoming VM; default 256 */
  uint64_t index_max;   /* the highest index that a VM is given here, 2..9999; default 99 */
  UmzLang language;     /* of logs and consoles; default en */

  /* [libvirt] */
  char *libvirt_uri;    /* default qemu:///system */
  char *libvirt_socket; /* default /run/libvirt/libvirt-sock */

  /* [listen] */
  char *listen_address;  /* of the control port; NULL, in the file "all": all addresses */
  uint64_t control_port; /* default 7390 */
  char *data_address;    /* of the data port; default as listen_address; NULL: all */
  uint64_t data_port;    /* default 7391 */
  char *control_socket;  /* key "socket"; default /run/umzug/umzugd.sock */

  /* [cluster] */
  char *ca;          /* default /etc/umzug/pki/ca.pem */
  char *certificate; /* default /etc/umzug/pki/NAME.pem, NAME being su_name */
  char *key;         /* default /etc/umzug/pki/NAME-key.pem */
  char *revoked;     /* need not be there; default /etc/umzug/pki/revoked.pem */
  bool is_active;    /* key "active"; default true */

  /* [limits]: seconds that a phase of a move may take; 0: as long as it does */
  uint64_t init_limit_s;    /* until libvirt copies; default 90 */
  uint64_t copy_limit_s;    /* until the guest is stopped; default 0 */
  uint64_t quiesce_limit_s; /* until the guest has released a device; default 15 */
  uint64_t frozen_limit_s;  /* the guest stands still; default 60, on x86 0 */

  uint64_t n_moves_max; /* key "moves": away from here at a time; default 0: as libvirtd bears */

  /* [mirror]: memory of guests that have moved, for when they come back */
  uint64_t mirror_mib;   /* key "limit-mib": of all together; 0: none; default 8192 */
  uint64_t mirror_age_s; /* key "age": how long one is kept; default 86400 */

  /* [history]: what is kept of moves and of the console log; 0: all of it */
  uint64_t history_moves; /* key "moves": the newest, and the last one of each VM; default 20000 */
  uint64_t history_lines; /* key "lines": of the console log; default 200000 */
  uint64_t history_days;  /* key "days": how long either is kept; default 400 */

  /* [paths] */
  char *state_dir;     /* key "state"; default /var/lib/umzug */
  char *run_dir;       /* key "run"; default /run/umzug */
  char *migration_dir; /* key "migration"; default /run/libvirt/umzug */
  char *fence_dir;     /* key "fence"; default: fence in state_dir, so that it outlives a reboot */
  char *relay;         /* the program; default /usr/libexec/umzug-relay */
  char *relay_user;    /* default umzug-relay */

  UmzConfigArbiter arbiter;

  GPtrArray *peers; /* of UmzConfigPeer, in the order of the file */
} UmzConfig;

/* Reads the file.  The certificate files must be readable once there is a peer, those of the
 * arbiter once it has a kind.  Fails with UMZ0010 and UMZ0013 to UMZ0017, or UMZ0042 when the file
 * itself cannot be read.
 */
UmzConfig *umz_config_load (const char *path, GError **error);

/* The configuration of a host without a file: all defaults, no peers.  Fails with UMZ0010 if the
 * host name is no SU name.
 */
UmzConfig *umz_config_new_default (GError **error);

void umz_config_free (UmzConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UmzConfig, umz_config_free)

/* Lends the peer of that name, in any case; NULL if there is none. */
const UmzConfigPeer *umz_config_find_peer (const UmzConfig *config, const char *su_name);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-rpc.h: libvirt RPC frames as libvirtd makes them, and wrong ones. */
#pragma once

#include <glib.h>
#include <stdint.h>

#define UMZ_TEST_RPC_REMOTE    0x20008086
#define UMZ_TEST_RPC_KEEPALIVE 0x6b656570

typedef struct {
  uint32_t program; /* 0: remote */
  uint32_t version; /* 0: 1 */
  uint32_t procedure;
  uint32_t type; /* 0 CALL, 1 REPLY, 2 MESSAGE, ... */
  uint32_t serial;
  uint32_t status;      /* 0 OK, 1 ERROR */
  int32_t length_error; /* added to the length field */
  const char *body;     /* NULL: none; else body_bytes of it */
  size_t body_bytes;
} UmzTestRpcFrame;

/* Appends a frame. */
void umz_test_rpc_add (GByteArray *bytes, const UmzTestRpcFrame *frame);

typedef struct {
  uint32_t serial;
  const char *xml;  /* destination_xml; NULL: the parameter is left out */
  const char *name; /* destination_name, likewise */
  const char *uri;  /* migrate_uri, likewise */
  uint32_t flags;
  uint32_t cancelled;      /* FINISH */
  uint32_t xml_copies;     /* 0: one */
  uint32_t xml_type;       /* 0: string (7); else that type with a u32 as value */
  uint32_t extra;          /* words behind the arguments */
  uint32_t n_more;         /* further, unimportant parameters */
  const char *more_string; /* the name of one that is a string; NULL: none */
} UmzTestRpcArgs;

#define UMZ_TEST_RPC_FLAGS 0x1023 /* LIVE, PEER2PEER, PAUSED, ABORT_ON_ERROR */
#define UMZ_TEST_RPC_XML                                                                        \
  "<domain type='kvm' id='7'>\n  <name>vm-4683</name>\n"                                        \
  "  <uuid>8f2b0d5e-1c5a-4d0e-9a51-0123456789ab</uuid>\n  <memory unit='KiB'>524288</memory>\n" \
  "  <devices><disk type='file'><name>other</name></disk><!-- x --></devices>\n</domain>\n"

/* A socket of the VM in UMZ_TEST_RPC_XML. */
#define UMZ_TEST_RPC_URI "unix:///run/libvirt/umzug/01234567-0123/mem.tunnelmigrate.dest.vm-4683"

/* Appends a CALL of CONNECT_OPEN. */
void umz_test_rpc_add_open (GByteArray *bytes, uint32_t serial, const char *name, uint32_t flags);

/* Appends a CALL of DOMAIN_MIGRATE_PREPARE3_PARAMS, DOMAIN_MIGRATE_FINISH3_PARAMS. */
void umz_test_rpc_add_prepare (GByteArray *bytes, const UmzTestRpcArgs *args);
void umz_test_rpc_add_finish (GByteArray *bytes, const UmzTestRpcArgs *args);

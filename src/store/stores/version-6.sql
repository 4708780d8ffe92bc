-- A store as version 6 left it.
BEGIN TRANSACTION;
CREATE TABLE boot (id TEXT PRIMARY KEY);
INSERT INTO "boot" VALUES('boot');
CREATE TABLE console (number INTEGER PRIMARY KEY AUTOINCREMENT, time_us INTEGER NOT NULL,
  su TEXT NOT NULL, code TEXT NOT NULL, inserts TEXT NOT NULL, move TEXT NOT NULL);
INSERT INTO "console" VALUES(41, 5, 'ABGSE501', 'VMS2450', '', 'm2');
CREATE TABLE definition (owner TEXT NOT NULL, uuid TEXT NOT NULL, name TEXT NOT NULL,
  xml TEXT NOT NULL, vm_index INTEGER NOT NULL, is_index_fixed INTEGER NOT NULL,
  is_active INTEGER NOT NULL, epoch INTEGER NOT NULL, PRIMARY KEY (owner, uuid));
INSERT INTO "definition" VALUES('ABGSE701', 'd', 'VM14PROD', '<domain/>', 14, 0, 1, 2);
CREATE TABLE device (mn TEXT PRIMARY KEY, source TEXT NOT NULL, xml TEXT NOT NULL);
INSERT INTO "device" VALUES('FAA6', 'file:/6', '<disk/>');
CREATE TABLE journal (number INTEGER PRIMARY KEY, move TEXT NOT NULL, state TEXT NOT NULL,
  event TEXT NOT NULL, time_us INTEGER NOT NULL);
INSERT INTO "journal" VALUES(1, 'm1', 'COPYING', 'BEGIN', 6);
INSERT INTO "journal" VALUES(2, 'm2', 'COPYING', 'BEGIN', 5);
INSERT INTO "journal" VALUES(3, 'm2', 'GONE', 'RUNS', 7);
CREATE TABLE jv (name TEXT PRIMARY KEY, value BLOB NOT NULL, password TEXT, monitor TEXT);
INSERT INTO "jv" VALUES('MONJV', zeroblob(256), 'pw', 'm1');
CREATE TABLE ledger (number INTEGER PRIMARY KEY AUTOINCREMENT, move TEXT NOT NULL,
  step TEXT NOT NULL, detail TEXT NOT NULL);
INSERT INTO "ledger" VALUES(1, 'm1', 'FENCE', '');
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL);
INSERT INTO "meta" VALUES('session', 7);
CREATE TABLE move (id TEXT PRIMARY KEY, side TEXT NOT NULL, state TEXT NOT NULL,
  uuid TEXT NOT NULL, name TEXT NOT NULL, vm_index INTEGER NOT NULL,
  epoch INTEGER NOT NULL, peer TEXT NOT NULL, monjv TEXT, definition TEXT,
  qemu_pid INTEGER NOT NULL, qemu_start INTEGER NOT NULL, boot_id TEXT,
  begun_us INTEGER NOT NULL, is_closed INTEGER NOT NULL,
  vm_state TEXT NOT NULL DEFAULT 'RUNNING', decision TEXT);
INSERT INTO "move" VALUES('m1', 'source', 'COPYING', 'u', 'VM12PROD', 12, 4, 'ABGSE701',
  'MONJV', '<domain/>', 4711, 99, 'boot', 6, 0, 'RUNNING', NULL);
INSERT INTO "move" VALUES('m2', 'source', 'GONE', 'gone', 'VM13PROD', 13, 3, 'ABGSE701',
  NULL, '<domain/>', 4712, 98, 'boot', 5, 1, 'IN HOLD', NULL);
CREATE TABLE outcome (move TEXT PRIMARY KEY, status TEXT NOT NULL, cause TEXT NOT NULL,
  ended_us INTEGER NOT NULL, stopped_us INTEGER NOT NULL, link_bytes INTEGER NOT NULL,
  is_coded INTEGER NOT NULL DEFAULT 0, has_mirror INTEGER NOT NULL DEFAULT 0,
  guest_bytes INTEGER NOT NULL DEFAULT 0, same_pages INTEGER NOT NULL DEFAULT 0,
  delta_pages INTEGER NOT NULL DEFAULT 0, fresh_pages INTEGER NOT NULL DEFAULT 0,
  zero_pages INTEGER NOT NULL DEFAULT 0, cpu_us INTEGER NOT NULL DEFAULT 0,
  copy_us INTEGER NOT NULL DEFAULT 0, expected_total_us INTEGER NOT NULL DEFAULT 0,
  expected_stop_us INTEGER NOT NULL DEFAULT 0, expected_bytes INTEGER NOT NULL DEFAULT 0);
INSERT INTO "outcome" VALUES('m2', '$T', '', 8, 200, 300, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0);
CREATE TABLE partner (su TEXT PRIMARY KEY, heard_us INTEGER NOT NULL);
INSERT INTO "partner" VALUES('ABGSE701', 9);
CREATE TABLE takeover (id TEXT PRIMARY KEY, su TEXT NOT NULL, uuid TEXT NOT NULL,
  name TEXT NOT NULL, state INTEGER NOT NULL, begun_us INTEGER NOT NULL);
INSERT INTO "takeover" VALUES('t', 'ABGSE701', 'd', 'VM14PROD', 1, 3);
CREATE TABLE vm (uuid TEXT PRIMARY KEY, vm_index INTEGER UNIQUE,
  epoch INTEGER NOT NULL DEFAULT 0, is_index_fixed INTEGER NOT NULL DEFAULT 0,
  life INTEGER NOT NULL DEFAULT 0, must_run INTEGER NOT NULL DEFAULT 0);
INSERT INTO "vm" VALUES('u', 12, 4, 0, 2, 0);
CREATE INDEX console_move ON console (move, number);
CREATE INDEX ledger_move ON ledger (move, number);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('ledger', 1);
INSERT INTO "sqlite_sequence" VALUES('console', 41);
COMMIT;
PRAGMA user_version=6;

-- A store as version 1 left it.
BEGIN TRANSACTION;
CREATE TABLE console (number INTEGER PRIMARY KEY AUTOINCREMENT, time_us INTEGER NOT NULL,
  su TEXT NOT NULL, code TEXT NOT NULL, inserts TEXT NOT NULL, move TEXT NOT NULL);
CREATE TABLE journal (number INTEGER PRIMARY KEY, move TEXT NOT NULL, state TEXT NOT NULL,
  event TEXT NOT NULL, time_us INTEGER NOT NULL);
CREATE TABLE jv (name TEXT PRIMARY KEY, value BLOB NOT NULL, password TEXT, monitor TEXT);
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE move (id TEXT PRIMARY KEY, side TEXT NOT NULL, state TEXT NOT NULL,
  uuid TEXT NOT NULL, name TEXT NOT NULL, vm_index INTEGER NOT NULL,
  epoch INTEGER NOT NULL, peer TEXT NOT NULL, monjv TEXT, definition TEXT,
  qemu_pid INTEGER NOT NULL, qemu_start INTEGER NOT NULL, boot_id TEXT,
  begun_us INTEGER NOT NULL, is_undone INTEGER NOT NULL, is_closed INTEGER NOT NULL);
CREATE TABLE vm (uuid TEXT PRIMARY KEY, vm_index INTEGER UNIQUE,
  epoch INTEGER NOT NULL DEFAULT 0);
INSERT INTO "vm" VALUES('u', 12, 3);
CREATE INDEX console_move ON console (move, number);
DELETE FROM "sqlite_sequence";
COMMIT;
PRAGMA user_version=1;

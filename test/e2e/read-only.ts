import { DatabaseSync } from 'node:sqlite';

/**
 * Preload module for a daemon (`--import`): SIGWINCH toggles a simulated read-only disk. It sets query_only on the
 * daemon's connection, so that SQLite rejects writes as on a disk that was remounted read-only after a fault.
 */
let state: DatabaseSync | undefined;
let isReadOnly = false;

const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
  if (this.location()?.endsWith('state.db')) state = this;
  exec.call(this, sql);
};

process.on('SIGWINCH', () => {
  isReadOnly = !isReadOnly;
  state?.prepare(`PRAGMA query_only = ${isReadOnly ? 1 : 0}`).get();
});

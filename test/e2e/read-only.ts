import { DatabaseSync } from 'node:sqlite';

/**
 * To be loaded into a daemon before it (`--import`): SIGWINCH lets SQLite refuse to write the state, as it does when the
 * system has mounted its disk read-only after a fault, and the next one lets it write again.
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

import { DatabaseSync } from 'node:sqlite';

/**
 * Preload module for a daemon (`--import`): SIGUSR2 toggles a simulated full disk. It sets SQLite's max_page_count on the
 * daemon's own connection to the current page count, so that SQLite itself reports the error.
 */
let state: DatabaseSync | undefined;
let isFull = false;

const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
  if (this.location()?.endsWith('state.db')) state = this;
  exec.call(this, sql);
};

process.on('SIGUSR2', () => {
  isFull = !isFull;
  const pages = isFull ? Number(state?.prepare('PRAGMA page_count').get()?.page_count) : 1_000_000_000;
  state?.prepare(`PRAGMA max_page_count = ${pages}`).get();
  process.stderr.write(`max_page_count=${pages}\n`);
});

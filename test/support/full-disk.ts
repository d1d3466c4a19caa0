import { DatabaseSync } from 'node:sqlite';

/**
 * To be loaded into a daemon before it (`--import`): SIGUSR2 makes the disk full for its state, and the next one makes
 * room again. Full is said by SQLite itself, on the daemon's own connection, which nobody else can reach: it may take no
 * page more than it has.
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

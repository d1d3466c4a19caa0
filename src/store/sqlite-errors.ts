/** Reports whether SQLite found damage (CORRUPT) or a file that is not a database (NOTADB). */
export function isDamage(error: unknown): boolean {
  return [11, 26].includes(resultCode(error));
}

/**
 * Reports whether the file can be intact and is only not usable now; moving it aside would reset all totals. True for
 * errors of system calls, and for SQLite's PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN and AUTH.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof Error && 'syscall' in error) return true;
  return [3, 5, 6, 7, 8, 10, 13, 14, 23].includes(resultCode(error));
}

/**
 * Returns SQLite's primary result code, which is the last byte of an extended code; 0 for other errors. Source:
 * https://www.sqlite.org/rescode.html.
 */
export function resultCode(error: unknown): number {
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return 0;
  return error.errcode & 0xff;
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What is in the file is not as SQLite wrote it. */
export class DamageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DamageError';
  }
}

/** Also SQLite's CORRUPT. Not its NOTADB: of what is no database no row can be read. */
export function isDamage(error: unknown): boolean {
  return error instanceof DamageError || resultCode(error) === 11;
}

/**
 * Whether the file may be whole, and only can't be used just now: moved aside for that, all totals would begin anew. So
 * it is when the system refused (its errors name a call), and with SQLite's PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR,
 * FULL, CANTOPEN and AUTH.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof Error && 'syscall' in error) return true;
  return [3, 5, 6, 7, 8, 10, 13, 14, 23].includes(resultCode(error));
}

/** SQLite's (https://www.sqlite.org/rescode.html): an extended code holds it in its last byte. 0: it is another's error. */
export function resultCode(error: unknown): number {
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return 0;
  return error.errcode & 0xff;
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

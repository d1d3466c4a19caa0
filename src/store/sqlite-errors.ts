/**
 * Error that the state file cannot be used and must be left unchanged. The message is the reason; `remedy` says
 * what the operator can do.
 */
export class KeptFileError extends Error {
  readonly remedy: string;

  constructor(why: string, remedy: string) {
    super(why);
    this.name = 'KeptFileError';
    this.remedy = remedy;
  }
}

/**
 * Reports whether the error means that SQLite found damage (CORRUPT), or that the file is not a database
 * (NOTADB).
 */
export function isDamage(error: unknown): boolean {
  return [11, 26].includes(resultCode(error));
}

/**
 * Reports whether the error means that the file cannot be used now, although it may be intact. Such a file
 * must not be moved aside, because all totals would restart at 0. Returns true for errors of system calls, for
 * a KeptFileError, and for SQLite's PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN and AUTH.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof KeptFileError) return true;
  if (error instanceof Error && 'syscall' in error) return true;
  return [3, 5, 6, 7, 8, 10, 13, 14, 23].includes(resultCode(error));
}

/** Reports whether SQLite or the system could not read or write, in contrast to content that is damaged. */
export function isFromDisk(error: unknown): boolean {
  return resultCode(error) !== 0 || isTransient(error);
}

/**
 * Returns SQLite's primary result code, which is the last byte of an extended result code; 0 if the error is
 * not from SQLite. Source: https://www.sqlite.org/rescode.html.
 */
export function resultCode(error: unknown): number {
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return 0;
  return error.errcode & 0xff;
}

/**
 * Returns what makes the same file or directory usable again; undefined if the error does not tell. Source of the codes:
 * errno(3) and https://www.sqlite.org/rescode.html.
 */
export function diskRemedy(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT' || resultCode(error) === full) return 'free space on its disk';
  if (code === 'EROFS') return 'mount its file system writable';
  return resultCode(error) === busy ? 'stop the other program that uses it' : undefined;
}

/**
 * SQLite's result codes: another process has locked the file; the file cannot be written; the disk is full; the file
 * cannot be opened.
 */
export const busy = 5;
export const readOnly = 8;
const full = 13;
export const cantOpen = 14;

/** Returns the message of an error. Converts a thrown value of another type to text. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

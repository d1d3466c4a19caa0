import {
  closeSync,
  existsSync,
  fchownSync,
  fstatSync,
  lchownSync,
  mkdirSync,
  openSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { KeptFileError } from './sqlite-errors.ts';

/**
 * Creates a file that only its owner can read and write. Throws EEXIST if the path is in use, also by a
 * symbolic link. SQLite gives the files next to a database the same owner and mode.
 *
 * If root creates it in a directory of another user, it belongs to that user: otherwise, one start as root
 * would leave files that the normal user cannot open.
 */
export function createPrivateFile(path: string, content = ''): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    const { uid, gid } = statSync(dirname(path));
    // Change the owner of the open file, and not of the path, which the owner of the directory can replace.
    if (fstatSync(descriptor).uid !== uid) ifAllowed(() => fchownSync(descriptor, uid, gid));
    writeSync(descriptor, content);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Creates the directory, for its owner only, and its missing parents. Returns the created paths, parents
 * first. Does not use Node's recursive mkdir, which loops forever if the system reports an existing parent as
 * missing, as it does below /proc.
 */
export function createDirectory(directory: string): readonly string[] {
  const parent = dirname(directory);
  const parents = parent === directory || existsSync(parent) ? [] : createDirectory(parent);
  try {
    mkdirSync(directory, 0o700);
  } catch (error) {
    const existing = statSync(directory, { throwIfNoEntry: false });
    if (existing?.isDirectory()) return parents;
    throw existing === undefined ? error : new Error('it is not a directory', { cause: error });
  }
  const { uid, gid } = statSync(parent);
  if (statSync(directory).uid !== uid) ifAllowed(() => lchownSync(directory, uid, gid));
  return [...parents, directory];
}

/** Changes an owner. Only root can do so; other users keep the file. */
function ifAllowed(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!isDenied(error)) throw error;
  }
}

/**
 * Throws a KeptFileError if this process cannot read and write one of the files that exist. SQLite itself would
 * open such a file for reading, and leave files next to it that the normal user cannot open.
 */
export function checkAccess(directory: string, files: readonly string[]): void {
  for (const file of files) {
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    try {
      closeSync(openSync(file, 'r+'));
    } catch (error) {
      throw isDenied(error) ? accessError(directory, file) : error;
    }
  }
}

/**
 * Returns the error that this process may not read and write `path`, which is the directory of the state or a
 * file in it.
 */
export function accessError(directory: string, path: string): KeptFileError {
  const { uid: owner, gid, mode } = statSync(path);
  const { uid: directoryOwner } = statSync(directory);
  const self = process.geteuid?.() ?? owner;
  const why =
    `permission denied: ${path} belongs to user ${userName(owner)} with mode ` +
    `${(mode & 0o777).toString(8).padStart(4, '0')}, and this process runs as user ${userName(self)}`;
  if (owner === self) return new KeptFileError(why, `run: chmod -R u+rwX ${quoted(directory)}`);
  const chown = `as root: chown -R ${self}:${process.getegid?.() ?? gid} ${quoted(directory)}`;
  // In a directory of this user, a start under another user has left the file.
  return new KeptFileError(
    why,
    directoryOwner === self
      ? `a start under that user has left it; run ${chown}`
      : `start the exporter as user ${userName(directoryOwner)}, or run ${chown}`,
  );
}

/**
 * Returns the path to whose owner a denied system call is due: the file of another user, as in a directory with
 * the sticky bit, or else the directory.
 */
export function deniedPath(directory: string, { path }: NodeJS.ErrnoException): string {
  const owner = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false })?.uid;
  return path !== undefined && owner !== undefined && owner !== process.geteuid?.() ? path : directory;
}

/** Reports whether a system call failed because the user has no permission. */
export function isDenied(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
}

/** Returns a path as a word of a shell command. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

function userName(uid: number): string {
  return uid === 0 ? '0 (root)' : String(uid);
}

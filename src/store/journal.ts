import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { EpochMs } from '../model/time.ts';
import { identityOf } from './file-identity.ts';
import { createPrivateFile } from './private-files.ts';

/** Journal files of one state directory, as `createJournal` returns them. */
export type Journal = ReturnType<typeof createJournal>;

/**
 * Creates the writer and reader of the journal: files to which each save appends the changes of the records.
 * One file at a time is written; older ones are complete and wait until they are folded into the state file. `sync` makes
 * the entries of the directory durable.
 */
export function createJournal(directory: string, sync: (directory: string) => void = syncDirectory) {
  /** Files that this process has written and not removed, by number. They stay open to be written again. */
  const files = new Map<number, JournalFile>();
  /** File that is written; undefined if the next append starts a new file. */
  let current: JournalFile | undefined;
  /** Whether a failed append can have left bytes at the end of the current file. */
  let isTailDirty = false;
  let lastNumber = Math.max(0, ...numbersIn(directory));

  const path = (number: number) => join(directory, fileName(number));
  /** Returns the path to which a damaged file is moved. */
  const asidePath = (number: number, suffix: string) => `${path(number)}.unusable-${suffix}`;

  /** Returns the number of a new file. Another process can have created files after this process lost its lock. */
  const nextNumber = () => Math.max(lastNumber, ...numbersIn(directory)) + 1;

  function create(startedAt: EpochMs): JournalFile {
    const number = nextNumber();
    const opened = openNew(path(number));
    try {
      // Without this, a power failure could lose the file itself.
      sync(directory);
    } catch (error) {
      // Each second tries again: the files would use up the descriptors, which requests and scrapes need.
      closeSync(opened.descriptor);
      rmSync(path(number), { force: true });
      throw error;
    }
    lastNumber = number;
    const file = { number, startedAt, size: 0, ...opened };
    files.set(number, file);
    current = file;
    return file;
  }

  return {
    name: fileName,
    /** Returns the numbers of all files in ascending order. */
    numbers: () => numbersIn(directory),
    /** Returns the file that is written; undefined before its first append. */
    current: (): Pick<JournalFile, 'number' | 'size' | 'startedAt'> | undefined => current,
    /** Returns the number of the file to which the next append goes. */
    nextNumber: (): number => current?.number ?? nextNumber(),
    read: (number: number): Buffer => readFileSync(path(number)),
    /**
     * Appends the bytes and makes them durable. If that fails, throws, and the next append overwrites what was
     * written. `at` is the time of the save (wall clock, epoch ms).
     */
    append(bytes: Buffer, at: EpochMs): void {
      const file = current ?? create(at);
      if (isTailDirty) ftruncateSync(file.descriptor, file.size);
      isTailDirty = true;
      writeAll(file.descriptor, bytes, file.size);
      isTailDirty = false;
      file.size += bytes.length;
    },
    /** Completes the file that is written. The next append starts a new file. */
    seal(): void {
      if (current !== undefined && isTailDirty) ftruncateSync(current.descriptor, current.size);
      isTailDirty = false;
      current = undefined;
    },
    /** Deletes a file that is folded. Files must be deleted in the order of their numbers. */
    remove(number: number): void {
      rmSync(path(number), { force: true });
      // If only a later file was deleted at a power failure, this file would be folded again without it.
      sync(directory);
      forget(number);
    },
    /** Moves a damaged file to `asidePath`. */
    moveAside(number: number, suffix: string): void {
      renameSync(path(number), asidePath(number, suffix));
      forget(number);
    },
    asidePath,
    /** Cuts a file that is not written any more. */
    truncate(number: number, size: number): void {
      truncateSync(path(number), size);
    },
    /** Returns the first file that somebody deleted or replaced, in words; undefined if there is none. */
    change(): string | undefined {
      for (const { number, identity } of files.values()) {
        const now = identityOf(path(number));
        if (now === undefined) return `${fileName(number)} is missing`;
        if (now !== identity) return `${fileName(number)} is another file`;
      }
      return undefined;
    },
    /** Writes the files again that somebody deleted or replaced. Their content is read from the open files. */
    recreate(): void {
      for (const file of files.values()) {
        if (identityOf(path(file.number)) === file.identity) continue;
        const bytes = Buffer.alloc(file.size);
        readSync(file.descriptor, bytes, 0, file.size, 0);
        rmSync(path(file.number), { force: true });
        const opened = openNew(path(file.number));
        try {
          writeAll(opened.descriptor, bytes, 0);
        } catch (error) {
          closeSync(opened.descriptor);
          throw error;
        }
        closeSync(file.descriptor);
        Object.assign(file, opened);
      }
      sync(directory);
    },
    /** Moves the journal files of another state aside, with `suffix` in their names. */
    moveForeignAside(suffix: string): void {
      const foreign = numbersIn(directory).filter((number) => !files.has(number));
      for (const number of foreign) renameSync(path(number), `${path(number)}.replaced-${suffix}`);
    },
    /** Forgets the files that somebody deleted or replaced. */
    forgetMissing(): void {
      for (const { number, identity } of [...files.values()]) {
        if (identityOf(path(number)) === identity) continue;
        if (current?.number === number) current = undefined;
        forget(number);
      }
    },
    close(): void {
      for (const { descriptor } of files.values()) closeSync(descriptor);
      files.clear();
      current = undefined;
    },
  };

  function forget(number: number): void {
    const file = files.get(number);
    if (file === undefined) return;
    closeSync(file.descriptor);
    files.delete(number);
  }
}

interface JournalFile {
  readonly number: number;
  /** Time of the first append (wall clock, epoch ms). */
  readonly startedAt: EpochMs;
  readonly descriptor: number;
  readonly identity: string | undefined;
  /** Size in bytes of all complete appends. */
  size: number;
}

function openNew(path: string): Pick<JournalFile, 'descriptor' | 'identity'> {
  createPrivateFile(path);
  return { descriptor: openSync(path, 'r+'), identity: identityOf(path) };
}

/** Writes all bytes at the position `from` and waits until they are durable. */
function writeAll(descriptor: number, bytes: Buffer, from: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, from + written);
  }
  fdatasyncSync(descriptor);
}

function fileName(number: number): string {
  return `state.journal-${String(number).padStart(6, '0')}`;
}

/** Returns the numbers of the journal files in a directory, in ascending order. */
function numbersIn(directory: string): readonly number[] {
  const found = readdirSync(directory).flatMap((name) => /^state\.journal-(\d{6,})$/.exec(name)?.[1] ?? []);
  return found.map(Number).toSorted((a, b) => a - b);
}

function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

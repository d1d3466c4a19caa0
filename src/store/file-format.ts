import { closeSync, openSync, readSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { KeptFileError } from './sqlite-errors.ts';

/**
 * SQLite `application_id` of a state file: "lsex" in ASCII. It distinguishes a state file from the databases
 * of other programs.
 */
export const applicationId = 0x6c736578;
/**
 * SQLite `user_version` of a state file. Earlier versions of the exporter refuse a file with a higher number.
 * So raise it together with `rowVersion`, and whenever an earlier version would misread the file or drop a
 * part of it that is needed. Version 3 has media times, bans and routes, which version 2 would misread or
 * drop.
 */
export const fileVersion = 3;

/** First version with a journal. Its files and journals are read like those of this version. */
const firstJournalVersion = 2;

/**
 * Throws if the file is too short or does not start like an SQLite database: SQLite itself would treat a file
 * that is too short as a new, empty database. Throws a KeptFileError if a newer version of the exporter wrote
 * the file. Reads the header without SQLite, which could write the file: it copies a write-ahead log that a
 * kill has left.
 */
export function checkHeader(file: string): void {
  // Source: https://www.sqlite.org/fileformat.html, "The Database Header".
  const magic = Buffer.from('SQLite format 3\0');
  const header = Buffer.alloc(100);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, header);
  closeSync(descriptor);
  if (!header.subarray(0, magic.length).equals(magic)) throw new Error('file is not a database');
  if (header.readInt32BE(68) === applicationId) checkVersion(header.readInt32BE(60));
}

/**
 * Throws if the database belongs to another program. Throws a KeptFileError if a newer version of the exporter
 * wrote it.
 */
export function checkOwner(database: DatabaseSync): void {
  if (numberIn(database, 'application_id') !== applicationId) {
    throw new Error('the file belongs to another program');
  }
  checkVersion(numberIn(database, 'user_version'));
}

/** Reports whether a version of the exporter without a journal wrote the database. */
export function isEarlierFile(database: DatabaseSync): boolean {
  return numberIn(database, 'user_version') < firstJournalVersion;
}

/** Marks a file of an earlier version, so that this version refuses it from now on. */
export function setFileVersion(database: DatabaseSync): void {
  if (numberIn(database, 'user_version') < fileVersion) database.exec(`PRAGMA user_version = ${fileVersion}`);
}

function numberIn(database: DatabaseSync, pragma: string): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}

function checkVersion(version: number): void {
  if (version > fileVersion) {
    throw newerVersionError(`file version ${version}, but this version supports at most ${fileVersion}`);
  }
}

/** Returns the error that a newer version of the exporter wrote the state file. */
export function newerVersionError(details: string): KeptFileError {
  return new KeptFileError(
    `a newer version of this program wrote it: ${details}`,
    'start the newer version again, or restore a copy of the state from before the upgrade; ' +
      'to start with new totals instead, choose another --storage.path',
  );
}

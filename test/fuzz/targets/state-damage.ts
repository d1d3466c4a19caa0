import { cpSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { createDraws, type Draws } from '../../chaos/draws.ts';
import { mutateBytes } from '../mutate-text.ts';
import { mutateTree } from '../mutate-tree.ts';
import { oddText } from '../odd-values.ts';
import { olderFile } from './state-bases.ts';

/** Change of the files of a closed state. */
export type Damaging =
  | { readonly is: 'bytes'; readonly file: string; readonly seed: string }
  | { readonly is: 'flip'; readonly file: string; readonly places: readonly number[]; readonly bit: number }
  | { readonly is: 'cut'; readonly file: string; readonly part: number }
  /**
   * A page of the database, or of its file before the last save, written to the place of another one, or to its
   * own: their places as shares of the file.
   */
  | { readonly is: 'page'; readonly from: number; readonly to: number; readonly isOlder: boolean }
  | { readonly is: 'swap'; readonly file: string; readonly other: string }
  | { readonly is: 'delete' | 'directory'; readonly file: string }
  | { readonly is: 'from'; readonly file: string; readonly base: string }
  | { readonly is: 'version'; readonly pragma: 'user_version' | 'application_id'; readonly value: number }
  | { readonly is: 'row'; readonly seed: string; readonly isSealed: boolean; readonly version: number }
  | { readonly is: 'sql'; readonly statement: string };

const statements = [
  'DROP TABLE ledgers',
  'DELETE FROM ledgers',
  "DELETE FROM ledgers WHERE key LIKE 'seen %'",
  "DELETE FROM ledgers WHERE key LIKE 'record %'",
  'DELETE FROM ledgers WHERE rowid % 2 = 0',
  'CREATE TABLE other (a)',
  'CREATE INDEX i ON ledgers (body)',
  'ALTER TABLE ledgers ADD COLUMN more',
  'ALTER TABLE ledgers RENAME TO records',
  'UPDATE ledgers SET body = CAST(body AS BLOB)',
  "UPDATE ledgers SET body = body || ' '",
  'UPDATE ledgers SET version = version + 1',
  'UPDATE ledgers SET checksum = checksum + 1 WHERE rowid % 3 = 0',
  'UPDATE ledgers SET saved_at = 9223372036854775807',
  "UPDATE ledgers SET key = 'frozen ' || key",
  'UPDATE ledgers SET key = substr(key, 1, 8)',
  'PRAGMA journal_mode = DELETE',
  'PRAGMA auto_vacuum = FULL; VACUUM',
];

/** Returns a change as a failing disk or a power failure causes it. */
export function accidentOf(draws: Draws, files: readonly string[]): Damaging {
  const file = draws.pick(files.filter((name) => /db$|journal/.test(name)));
  switch (draws.below(7)) {
    case 2: {
      const from = draws.between(0, 1);
      const to = draws.below(2) === 0 ? from : draws.between(0, 1);
      return { is: 'page', from, to, isOlder: draws.below(3) > 0 };
    }
    case 0:
      return { is: 'cut', file, part: draws.pick([0, draws.between(0, 1), 0.999]) };
    case 1:
      return { is: 'bytes', file, seed: String(draws.below(2 ** 32)) };
    default: {
      const places = Array.from({ length: draws.pick([1, 5, 20, 200]) }, () => draws.between(0, 1));
      return { is: 'flip', file, places, bit: draws.below(4) };
    }
  }
}

/** Reports whether a change is as a failing disk causes it, so that the exporter must recognize it. */
export function isAccident({ is }: Damaging): boolean {
  return is === 'bytes' || is === 'cut' || is === 'flip' || is === 'page';
}

/** Returns a random change of one of `files`, or of the database. */
export function damageOf(draws: Draws, bases: readonly string[], files: readonly string[]): Damaging {
  const file = draws.pick(draws.below(2) === 0 ? files : files.filter((name) => /db$|journal/.test(name)));
  const seed = String(draws.below(2 ** 32));
  switch (draws.below(11)) {
    case 0:
      return { is: 'cut', file, part: draws.pick([0, draws.between(0, 1), 0.999]) };
    case 1:
      return { is: 'swap', file, other: draws.pick(files) };
    case 2:
      return { is: draws.below(3) === 0 ? 'directory' : 'delete', file };
    case 3:
      return { is: 'from', file, base: draws.pick(bases) };
    case 4:
      return {
        is: 'version',
        pragma: draws.pick(['user_version', 'application_id']),
        value: draws.pick([0, 1, 2, 3, 4, -1, 2 ** 31 - 1]),
      };
    case 5:
    case 6:
    case 7:
      return {
        is: 'row',
        seed,
        isSealed: draws.below(4) > 0,
        version: draws.pick([1, 2, 3, 3, 3, 3, 4, 99]),
      };
    case 8:
      return { is: 'sql', statement: draws.pick(statements) };
    default:
      return { is: 'bytes', file, seed };
  }
}

/** Applies a change to the files in a directory, if that is possible. */
export function damageFiles(directory: string, damage: Damaging, home: string): void {
  try {
    applyDamage(directory, damage, home);
  } catch {
    // An earlier damage can make this one impossible: there is no such file, or SQLite cannot open it.
  }
}

function applyDamage(directory: string, damage: Damaging, home: string): void {
  const pathOf = (file: string) => join(directory, file);
  switch (damage.is) {
    case 'bytes': {
      const draws = createDraws(damage.seed);
      writeFileSync(pathOf(damage.file), mutateBytes(readFileSync(pathOf(damage.file)), draws));
      return;
    }
    case 'flip': {
      const bytes = readFileSync(pathOf(damage.file));
      for (const place of damage.places) {
        const at = Math.floor(place * bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << damage.bit);
      }
      writeFileSync(pathOf(damage.file), bytes);
      return;
    }
    case 'page':
      movePage(pathOf('state.db'), damage, home);
      return;
    case 'cut':
      truncateSync(pathOf(damage.file), Math.floor(statSync(pathOf(damage.file)).size * damage.part));
      return;
    case 'swap': {
      const [one, two] = [readFileSync(pathOf(damage.file)), readFileSync(pathOf(damage.other))];
      writeFileSync(pathOf(damage.file), two);
      writeFileSync(pathOf(damage.other), one);
      return;
    }
    case 'delete':
    case 'directory':
      rmSync(pathOf(damage.file), { recursive: true, force: true });
      if (damage.is === 'directory') mkdirSync(pathOf(damage.file));
      return;
    case 'from':
      cpSync(join(home, damage.base, damage.file), pathOf(damage.file));
      return;
    default:
      inDatabase(pathOf('state.db'), (database) => {
        if (damage.is === 'sql') database.exec(damage.statement);
        else if (damage.is === 'version') database.exec(`PRAGMA ${damage.pragma} = ${damage.value}`);
        else changeRow(database, damage);
      });
  }
}

/** Writes a page to the place of another one, or an older page to its own place. */
function movePage(
  file: string,
  { from, to, isOlder }: Extract<Damaging, { is: 'page' }>,
  home: string,
): void {
  const bytes = readFileSync(file);
  const source = isOlder ? readFileSync(join(home, olderFile)) : bytes;
  const size = bytes.readUInt16BE(16);
  const pages = Math.min(source.length, bytes.length) / size;
  // The first page is the header, without which there is no database.
  const startOf = (share: number) => size * (1 + Math.floor(share * (pages - 1)));
  source.copy(bytes, startOf(to), startOf(from), startOf(from) + size);
  writeFileSync(file, bytes);
}

function inDatabase(file: string, work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(file);
  try {
    work(database);
  } finally {
    database.close();
  }
}

/** Mutates the body of one row. `isSealed`: with a checksum that fits, as a foreign version or an editor writes it. */
function changeRow(
  database: DatabaseSync,
  { seed, isSealed, version }: Extract<Damaging, { is: 'row' }>,
): void {
  const draws = createDraws(seed);
  const rows = database.prepare('SELECT key, body FROM ledgers').all();
  const { key, body } = draws.pick(rows);
  const changed =
    draws.below(3) === 0
      ? draws.pick(['', '[', 'null', '{}', '[]', '0', oddText(draws)])
      : JSON.stringify(mutateTree(JSON.parse(String(body)), draws));
  const text = changed ?? 'null';
  const newKey =
    draws.below(8) === 0 ? draws.pick([oddText(draws), `record ${oddText(draws)}`, 'scrapers']) : String(key);
  const checksum = crc32(text, crc32(newKey));
  const sealed = version > 2 ? crc32(String(version), checksum) : checksum;
  database
    .prepare('UPDATE ledgers SET key = ?, body = ?, version = ?, checksum = ? WHERE key = ?')
    .run(newKey, text, version, isSealed ? sealed : draws.below(2 ** 31), key ?? '');
}

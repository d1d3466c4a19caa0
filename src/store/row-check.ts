import { isPushKey } from '../model/target.ts';
import type { EpochMs } from '../model/time.ts';
import { type EarlierRows, earlierPrefixes, earlierVersion, fromEarlierRows } from './earlier-rows.ts';
import {
  frozenPrefix,
  notOfLastSave,
  type RecordBody,
  recordKey,
  type SeenBody,
  seenPrefix,
  seenRowsOf,
} from './record-rows.ts';
import { fromScrapersRow, intactBody, type ReadRow, scrapersKey } from './rows.ts';
import { reasonOf } from './sqlite-errors.ts';

/** Result of checking all rows of a state file. `records` are those that an earlier version wrote. */
export interface CheckedRows extends EarlierRows {
  /** Number of usable records that this version of the exporter wrote. */
  readonly usable: number;
  /** Keys of damaged rows, and of rows that are useless without them. */
  readonly unusable: ReadonlySet<string>;
}

const recordPrefix = recordKey('');

/** Record of a domain while its rows are read. */
interface FoundDomain {
  readonly key: string;
  /** Keys of the rows with its counted actions, each with their number, if it is known. */
  readonly seenRows: readonly (readonly [key: string, actions: number | undefined])[];
}

/**
 * Checks all rows of a state file, one by one. A damaged record is lost. So is the record of a domain if a row
 * with its counted actions is lost: otherwise these actions would count twice. If only the totals of a stream
 * are lost, they start at 0.
 */
export function checkRows(rows: Iterable<ReadRow>): CheckedRows {
  const problems: string[] = [];
  const unusable = new Set<string>();
  const keys = new Set<string>();
  /** Numbers of actions in the intact rows that have actions, by row key. */
  const actionsIn = new Map<string, number>();
  /** Domains by prefix and target key. */
  const domains = new Map<string, FoundDomain>();
  /** Keys of intact rows that are parts of a domain, by prefix and target key of the domain. */
  const parts = new Map<string, string[]>();
  let scrapers: ReadonlyMap<string, EpochMs> | undefined;
  let records = 0;

  function check(row: ReadRow): void {
    const key = typeof row.key === 'string' ? row.key : 'row with a non-text key';
    try {
      // Two rows have the same key if a page was written to the place of another page. Which of the two rows
      // is current is unknown.
      if (keys.has(key)) throw new Error('duplicate key');
      keys.add(key);
      read(key, intactBody(row));
    } catch (error) {
      unusable.add(key);
      problems.push(`${key}: ${reasonOf(error)}`);
    }
  }

  function read(key: string, body: string): void {
    if (key === scrapersKey) {
      scrapers = fromScrapersRow(JSON.parse(body));
      return;
    }
    const prefix = key.startsWith(frozenPrefix) ? frozenPrefix : '';
    const name = key.slice(prefix.length);
    if (name.startsWith(recordPrefix)) {
      records++;
      const targetKey = name.slice(recordPrefix.length);
      if (isPushKey(targetKey)) return;
      // The cast is safe, as that below: the checksum proves that this program wrote the row.
      const content = JSON.parse(body) as RecordBody;
      const seenRows = [...seenRowsOf(targetKey, content)];
      const withPrefix = seenRows.map(([seenKey, actions]) => [prefix + seenKey, actions] as const);
      domains.set(prefix + targetKey, { key, seenRows: withPrefix });
    } else {
      const [targetKey, ...actions] = JSON.parse(body) as SeenBody;
      if (name.startsWith(seenPrefix(targetKey))) actionsIn.set(key, actions.length);
      const of = prefix + targetKey;
      const known = parts.get(of);
      if (known === undefined) parts.set(of, [key]);
      else known.push(key);
    }
  }

  function* earlier(): Iterable<ReadRow> {
    for (const row of rows) {
      if (isEarlier(row)) yield row;
      else check(row);
    }
  }

  const earlierRows = fromEarlierRows(earlier());
  for (const [of, { key, seenRows }] of domains) {
    if (unusable.has(key)) domains.delete(of);
    const wrong = seenRows.flatMap(([seenKey, actions]) => {
      if (!keys.has(seenKey)) return `${seenKey}: the row is missing`;
      const found = actionsIn.get(seenKey) ?? actions;
      return actions === undefined || found === actions ? [] : `${seenKey}: ${notOfLastSave}`;
    });
    problems.push(...wrong);
    if (wrong.length === 0 && !seenRows.some(([seenKey]) => unusable.has(seenKey))) continue;
    domains.delete(of);
    unusable.add(key);
    records--;
  }
  for (const [of, partKeys] of parts) {
    if (domains.has(of)) continue;
    for (const key of partKeys) unusable.add(key);
    const key = rowKeyOf(of);
    if (!unusable.has(key)) problems.push(`${key}: the row is missing`);
  }
  return {
    records: earlierRows.records,
    scrapers: scrapers ?? earlierRows.scrapers,
    problems: [...earlierRows.problems, ...problems],
    usable: records,
    unusable,
  };
}

/**
 * Returns the key of the row `record KEY` for a target key, which has the prefix of frozen records or none.
 */
function rowKeyOf(of: string): string {
  const prefix = of.startsWith(frozenPrefix) ? frozenPrefix : '';
  return prefix + recordKey(of.slice(prefix.length));
}

function isEarlier({ key, version }: ReadRow): boolean {
  if (typeof key === 'string' && earlierPrefixes.some((prefix) => key.startsWith(prefix))) return true;
  return key === scrapersKey && Number(version) === earlierVersion;
}

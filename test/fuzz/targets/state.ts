import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import type { SavedRecord } from '../../../src/model/saved-record.ts';
import type { Damage } from '../../../src/store/new-state-file.ts';
import { frozenPrefix, recordKey, streamPrefix } from '../../../src/store/record-rows.ts';
import { createStateClient } from '../../../src/store/state-client.ts';
import { openStateStore } from '../../../src/store/state-store.ts';
import { visible } from '../../../src/text/visible.ts';
import type { Draws } from '../../chaos/draws.ts';
import { startTestApp } from '../../support/app.ts';
import { createManualClock, settle } from '../../support/manual-clock.ts';
import { noon } from '../../support/samples.ts';
import { change, foldAll } from '../../support/state.ts';
import { portOf } from '../../support/storage.ts';
import { parseStrictly } from '../strict-exposition.ts';
import { law, lawOfLines, targetOf } from '../target.ts';
import { allRecords, createBases, pushes, versions, wantedKeys } from './state-bases.ts';
import { accidentOf, type Damaging, damageFiles, damageOf, isAccident } from './state-damage.ts';

interface Input {
  readonly base: string;
  readonly damages: readonly Damaging[];
  /** Whether the whole exporter starts with the files, and not only the store. */
  readonly isApp: boolean;
}

/** State directories of closed and killed exporters, whose files are damaged. */
export const stateTarget = targetOf<Input>('state', async () => {
  const home = mkdtempSync(join(tmpdir(), 'livestream-fuzz-'));
  const bases = await createBases(home);
  const found = bases.flatMap((base) => readdirSync(join(home, base)));
  const files = [...new Set([...found, 'state.db-wal', 'state.lock'])].toSorted();
  return {
    generate: (draws) => generate(draws, bases, files),
    check: (input) => check(input, home),
    close: () => rmSync(home, { recursive: true, force: true }),
  };
});

function generate(draws: Draws, bases: readonly string[], files: readonly string[]): Input {
  const isAccidental = draws.below(2) === 0;
  const damages = Array.from({ length: draws.pick([1, 1, 2, 3]) }, () =>
    isAccidental ? accidentOf(draws, files) : damageOf(draws, bases, files),
  );
  return { base: draws.pick(bases), damages, isApp: draws.below(5) === 0 };
}

async function check({ base, damages, isApp }: Input, home: string): Promise<void> {
  const directory = mkdtempSync(join(home, 'case-'));
  cpSync(join(home, base), directory, { recursive: true });
  try {
    for (const damage of damages) damageFiles(directory, damage, home);
    if (isApp) await lawOfStart(directory, damages);
    else await lawOfStore(directory, base, damages);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** State that is open, with all its records as the exporter loads them. */
async function openState(directory: string, now: number) {
  const reports: Damage[] = [];
  const { store } = openStateStore(directory, now, {
    lock: { renew: () => false },
    onDamage: (damage) => reports.push(damage),
    onRecreated: () => undefined,
  });
  const load = (keys: readonly string[], at: number) => {
    const problems: string[] = [];
    return { rows: [...store.load(keys, problems, at)], isMore: false, problems };
  };
  const client = createStateClient(portOf({ ...store, load }), settle);
  try {
    const { records, problems } = await client.load(wantedKeys, now);
    return { store, client, records, reports, problems };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** The store opens, and reports each loss; or it says in one line why it does not. */
async function lawOfStore(directory: string, base: string, damages: readonly Damaging[]): Promise<void> {
  const twice = keysTwiceIn(directory);
  let opened: Awaited<ReturnType<typeof openState>>;
  try {
    opened = await openState(directory, noon + 60_000);
  } catch (error) {
    lawOfRefusal(error);
    return;
  }
  try {
    const { records, reports, problems } = opened;
    // Keys of damaged rows can contain anything: the log escapes them.
    law(![...problems, ...reports.flatMap((report) => report.problems)].includes(''), 'damage has a reason');
    // A row with a fitting checksum is no damage, whatever it contains, and neither is a deleted or older file.
    const isAccidental = damages.every(isAccident);
    if (isAccidental && base !== 'earlier') {
      const isReported = problems.length > 0 || reports.some(({ isLossy }) => isLossy);
      lawOfTotals(records, isReported);
      // A file that is shorter looks like one whose last save a crash has interrupted.
      if (damages.every(({ is }) => is === 'flip' || is === 'page'))
        law(isReported || records.every((record) => totalOf(record) === versions), 'a lost save is reported');
      // A journal can contain a row again.
      if (base === 'folded') lawOfRowsTwice(records, twice);
    }
    const next = allRecords(versions + 1);
    await opened.client.save(next.map(change), noon + 61_000);
    foldAll(opened.store, noon + 62_000);
  } finally {
    opened.store.close();
  }
  const again = await openState(directory, noon + 120_000);
  again.store.close();
  law(again.reports.length === 0, 'repaired damage is not found again', again.reports);
  for (const wanted of allRecords(versions + 1)) {
    const found = again.records.find(({ targetKey }) => targetKey === wanted.targetKey);
    law(found !== undefined && totalOf(found) === totalOf(wanted), 'new totals are kept', found, wanted);
  }
}

/** Returns the keys of the rows that a closed state file has more than once. */
function keysTwiceIn(directory: string): ReadonlySet<string> {
  const copy = mkdtempSync(join(directory, 'copy-'));
  const keys = new Set<string>();
  const twice = new Set<string>();
  try {
    for (const name of readdirSync(directory)) {
      if (name.startsWith('state.db')) cpSync(join(directory, name), join(copy, name), { recursive: true });
    }
    const database = new DatabaseSync(join(copy, 'state.db'));
    try {
      for (const { key } of database.prepare('SELECT key FROM ledgers ORDER BY key').iterate()) {
        if (keys.has(String(key))) twice.add(String(key));
        keys.add(String(key));
      }
    } finally {
      database.close();
    }
  } catch {
    // The file is damaged. The rows before the damage count.
  }
  rmSync(copy, { recursive: true });
  return twice;
}

/** A row that is there twice is not used, because one of them can be older. */
function lawOfRowsTwice(records: readonly SavedRecord[], twice: ReadonlySet<string>): void {
  for (const record of records) {
    const { targetKey } = record;
    const streams = record.question === 'push_stats' ? [] : [...record.streams.keys()];
    const keys = [recordKey(targetKey), ...streams.map((stream) => streamPrefix(targetKey) + stream)];
    const used = keys.filter((key) => twice.has(key) || twice.has(frozenPrefix + key));
    law(used.length === 0, 'a row that is there twice is not used', ...used);
  }
}

function lawOfRefusal(error: unknown): void {
  if (!(error instanceof Error)) throw error;
  // The command prints it so. The key of a row can contain anything.
  lawOfLines([visible(error.message.slice(0, 1_000))], []);
  const isClear = /^(cannot use |the state )/.test(error.message) || error.name.startsWith('State');
  if (!isClear || error.cause instanceof TypeError || error.cause instanceof RangeError) throw error;
}

/** Totals are those of a save. If records or totals are missing, that was reported. */
function lawOfTotals(records: readonly SavedRecord[], isReported: boolean): void {
  for (const record of records) {
    const total = totalOf(record);
    law(total >= 0 && total <= versions, 'totals are those of a save', record.targetKey, total);
    if (total > 0) {
      const saved = allRecords(total).find(({ targetKey }) => targetKey === record.targetKey);
      law(
        isDeepStrictEqual(ownParts(record), saved && ownParts(saved)),
        'a record is as it was saved',
        record,
      );
    }
    law(
      partsOf(record).length === 1,
      'all parts of a record are of one save',
      record.targetKey,
      partsOf(record),
    );
    for (const each of streamTotalsOf(record)) {
      law(
        each <= total && (each === total || isReported),
        'a lost total is reported',
        record.targetKey,
        each,
      );
    }
    if (total === 0) law(isReported, 'a total that starts at 0 is reported', record.targetKey);
  }
  const totals = new Set(records.map(totalOf));
  law(isReported || totals.size <= 1, 'without a report, all records are of one save', [...totals]);
  if (records.length < pushes + 1) law(isReported, 'a lost record is reported', records.length);
}

/** Returns a record as JSON has it, without the time of its freeze and the streams of a domain, which have own rows. */
function ownParts(record: SavedRecord): unknown {
  return JSON.parse(JSON.stringify({ ...record, frozenAt: undefined, streams: undefined }));
}

/** Returns the saves of which the parts of a record are; a lost total is of none. */
function partsOf(record: SavedRecord): readonly number[] {
  const { watermark, seen } = record.target;
  const rows = record.question === 'push_stats' ? [...seen] : [];
  const times = [watermark, ...rows.map((row) => ('measuredAt' in row ? row.measuredAt : 0))];
  const saves = times.map((at) => (at - noon) / 1_000);
  return [...new Set([...saves, ...[totalOf(record)].filter((total) => total !== 0)])];
}

/** Returns the totals of the streams of a domain. If its row was lost, a total starts at 0, which was reported. */
function streamTotalsOf(record: SavedRecord): readonly number[] {
  if (record.question === 'push_stats') return [];
  return [...record.streams.values()].map(({ actions }) => actions.forbid?.count ?? 0);
}

function totalOf(record: SavedRecord): number {
  return record.question === 'push_stats'
    ? record.push.totals.samples
    : (record.domain.actions.forbid?.count ?? 0);
}

const yaml = `
accounts:
  - {name: tencent, provider: tencent, statcgi: {app_id: 1234, key_env: KEY}}
  - {name: t, provider: tencent, statcgi: {app_id: 1234, key_env: KEY}}
  - {name: aliyun, provider: alibaba, access_key_id_env: KEY, access_key_secret_env: KEY}
streams:
${Array.from({ length: pushes }, (_, i) => `  - {account: tencent, stream: stream-${i}, domain: push.example.com, app_name: live}`).join('\n')}
domains: [{account: aliyun, domain: play.example.com}]
`;

/** The exporter starts and exposes its metrics; or it says in one line why it does not. */
async function lawOfStart(directory: string, damages: readonly Damaging[]): Promise<void> {
  const clock = createManualClock(noon + 60_000);
  let daemon: Awaited<ReturnType<typeof startTestApp>>;
  try {
    daemon = await startTestApp(yaml, { KEY: 'the-key' }, clock, { folder: directory });
  } catch (error) {
    lawOfRefusal(error);
    return;
  }
  try {
    const text = await daemon.scrape();
    // A row with a fitting checksum is taken as it is, whatever its numbers are.
    if (!damages.some((damage) => damage.is === 'row' && damage.isSealed)) lawOfSeries(text, damages);
    lawOfLines(daemon.log.map((line) => line.trimEnd()));
    for (const line of daemon.log) {
      law(!/TypeError|RangeError|bug:/.test(line), 'no error of the exporter is logged', line);
    }
  } finally {
    const stopped = daemon.app.stop();
    await clock.advance(60_000);
    await stopped;
  }
}

function lawOfSeries(text: string, damages: readonly Damaging[]): void {
  const isAccidental = damages.every(isAccident);
  let found = 0;
  for (const [key, { family, value }] of parseStrictly(text).series) {
    law(!key.startsWith('livestream_') || Number.isFinite(value), 'a value is a number', key);
    if (family !== 'livestream_push_samples_total') continue;
    found++;
    law(!isAccidental || (value >= 0 && value <= versions), 'totals are those of a save', key, value);
  }
  law(found === pushes, 'each stream has its series', found);
}

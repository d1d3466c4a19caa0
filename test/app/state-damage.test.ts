import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterEach, beforeEach, expect, test } from 'vitest';
import { openState, type State } from '../../src/app/state.ts';
import { createLog } from '../../src/log.ts';
import { startOrResumePush } from '../../src/model/saved-record.ts';
import { pushTargetKey } from '../../src/model/target.ts';
import { createJournal } from '../../src/store/journal.ts';
import { toJournalText } from '../../src/store/journal-lines.ts';
import { diffRecord } from '../../src/store/record-change.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noon, pushTarget, streamId } from '../support/samples.ts';
import { foldAll, openWithDamage } from '../support/state.ts';
import { createLocalStorage } from '../support/storage.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-lost-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('does not flood the log if every row is damaged', async () => {
  const store = await openWithStreams(30);
  store.close();
  run('UPDATE ledgers SET checksum = checksum + 1');

  const { resets, log } = await openedState();

  expect([resets, log.length]).toEqual([30, 21]);
  expect(log.at(-1)).toMatch(
    /level=error .*further rows of the saved state were lost; they are not listed here.* rows=10/,
  );
});

test('reports the damage of each file once if the state file and both journals are damaged', async () => {
  const store = await openWithStreams(3);
  const change = '[[1],[[],0,[]],[0,[],[]]]';
  for (const name of ['s1', 's2']) {
    store.append([{ targetKey: keyOf(name), version: 2, isWhole: false, change }], noon);
    // The next append starts a new file.
    if (name === 's1') store.maintain({ at: noon, expireBefore: undefined, isUrgent: true });
  }
  store.close();
  run(`UPDATE ledgers SET checksum = checksum + 1 WHERE key LIKE '%"s0"%'`);
  const journals = readdirSync(directory).filter((name) => name.startsWith('state.journal'));
  for (const name of journals) {
    const path = join(directory, name);
    writeFileSync(path, readFileSync(path, 'utf8').replace('[[1]', '[[2]'));
  }

  const { resets, log } = await openedState();

  expect([journals.length, resets, log.length]).toEqual([2, 3, 3]);
  for (const [i, file] of ['state.db', ...journals].entries()) {
    expect(log[i]).toContain(`moved_to=${join(directory, file)}.unusable-`);
  }
  expect(await openedState()).toEqual({ resets: 0, log: [] });
});

test.each([
  ['that another journal goes on with', '', ['s0! s1', 's0 s1']],
  ['that is damaged in another journal too', '', ['s0! s1', 's0! s1']],
  ['after the damage of another record', '', ['s0!', 's1!', 's0']],
  ['of which the state file has lost its row', 's0', ['s1!', 's0']],
  ['that was restored before it was lost again', '', ['s0! s1! s2', 's0=', 's0! s2']],
] as const)('counts the loss of a record once %s', async (_, damagedRow, journals) => {
  const lost = new Set([damagedRow, ...journals.flatMap((names) => names.match(/\w+(?=!)/g) ?? [])]);
  lost.delete('');
  const store = await openWithStreams(3);
  store.close();
  const journal = createJournal(directory);
  const numbers: number[] = [];
  const versions = new Map<string, number>();
  for (const names of journals) {
    const entries = names.split(' ').map((text) => {
      const name = text.replace(/[!=]/, '');
      const version = (versions.get(name) ?? 1) + 1;
      versions.set(name, version);
      const isWhole = text.endsWith('=');
      const change = isWhole ? wholeOf(name) : `[[${version}],[[],0,[]],[0,[],[]]]`;
      return { targetKey: keyOf(name), version, isWhole, change };
    });
    journal.append(toJournalText(entries, noon), noon);
    numbers.push(journal.current()?.number ?? 0);
    journal.seal();
  }
  journal.close();
  if (damagedRow !== '') run(`UPDATE ledgers SET checksum = checksum + 1 WHERE key LIKE '%"${damagedRow}"%'`);
  for (const [i, names] of journals.entries()) {
    const path = join(directory, journal.name(numbers[i] ?? 0));
    for (const text of names.split(' ').filter((name) => name.endsWith('!'))) {
      const key = keyOf(text.replace('!', ''));
      writeFileSync(path, readFileSync(path, 'utf8').replace(`${key}\t[[`, `${key}\t[{`));
    }
  }

  const { resets, log } = await openedState();

  expect([resets, log.length], log.join('')).toEqual([lost.size, lost.size]);
  for (const name of lost) expect(log.join('')).toContain(keyOf(name).replaceAll('"', '\\"'));
  expect(await openedState()).toEqual({ resets: 0, log: [] });
});

test('warns of a damaged record that cannot be frozen, and reports the loss at the next start', async () => {
  const store = await openWithStreams(3);
  store.close();

  const { resets, log } = await openedState(async (state) => {
    run(`UPDATE ledgers SET checksum = checksum + 1 WHERE key LIKE '%"s1"%'`);
    expect(await state.freeze(['s0', 's1', 's2'].map(keyOf), noon)).toEqual([keyOf('s1')]);
  });

  expect([resets, log]).toEqual([
    0,
    [expect.stringMatching(/level=warn msg="saved records without a target are damaged .* records=1\n$/)],
  ]);
  expect((await openedState()).resets).toBe(1);
});

/** Returns a store with streams that are named s0, s1 and so on, in the state file. */
async function openWithStreams(count: number) {
  const { store } = openWithDamage(directory);
  const changes = Array.from({ length: count }, (_, i) => {
    const target = pushTarget({ stream: streamId({ stream: `s${i}` }) });
    return { record: startOrResumePush(undefined, target, noon), saved: undefined };
  });
  await store.save(changes, noon);
  foldAll(store);
  return store;
}

/** Returns the change that contains a whole new record. */
function wholeOf(name: string): string {
  const target = pushTarget({ stream: streamId({ stream: name }) });
  return JSON.stringify(diffRecord(undefined, startOrResumePush(undefined, target, noon)));
}

function keyOf(name: string): string {
  return pushTargetKey(pushTarget({ stream: streamId({ stream: name }) }));
}

/** Opens the state, uses it and closes it. Returns the number of reported losses and the log. */
async function openedState(use: (state: State) => Promise<void> = async () => {}) {
  const log: string[] = [];
  let resets = 0;
  const { state } = await openState(
    {
      storagePath: directory,
      lockTimeoutMs: 0,
      clock: createManualClock(noon),
      log: createLog({ level: 'info', format: 'logfmt', write: (line) => log.push(line), now: () => noon }),
      pid: 1,
      signal: new AbortController().signal,
      createStorage: createLocalStorage,
    },
    { onReset: () => resets++, onRecreated: () => {} },
  );
  await use(state);
  await state.close();
  return { resets, log };
}

function run(sql: string): void {
  const database = new DatabaseSync(join(directory, 'state.db'));
  database.exec(sql);
  database.close();
}

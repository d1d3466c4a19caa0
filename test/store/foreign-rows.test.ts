import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ControlRecord, newControlRecord } from '../../src/model/control-record.ts';
import { streamKey } from '../../src/model/stream.ts';
import { createStateClient } from '../../src/store/state-client.ts';
import { openStateStore } from '../../src/store/state-store.ts';
import { controlTarget } from '../support/actions.ts';
import { settle } from '../support/manual-clock.ts';
import { noon, streamId } from '../support/samples.ts';
import { change, foldAll } from '../support/state.ts';
import { portOf } from '../support/storage.ts';
import { forgeBody, save, savedPush } from './saved.ts';

let directory: string;
const [news, sport] = [savedPush('news'), savedPush('sport')];
const keys = [news.targetKey, sport.targetKey];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-foreign-'));
  await save(directory, [news, sport]);
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Opens the state and loads the records like the exporter. */
async function open(targetKeys = keys) {
  const { store } = openStateStore(directory, noon, {
    lock: { renew: () => false },
    onDamage: (damage) => expect(damage).toBeUndefined(),
    onRecreated: () => undefined,
  });
  const client = createStateClient(
    portOf({
      ...store,
      load(targetKeys, at) {
        const problems: string[] = [];
        return { rows: [...store.load(targetKeys, problems, at)], isMore: false, problems };
      },
    }),
    settle,
  );
  return { store, client, ...(await client.load(targetKeys, noon)) };
}

test.each(['[', 'null', '{}', '[1]', '[1,[]]', '[1,[0,0,0]]'])(
  'loses only the record whose row contains %s, and says so',
  async (body) => {
    forgeBody(directory, `record ${news.targetKey}`, body);

    const { store, records, problems } = await open();
    store.close();

    expect(records.map(({ targetKey }) => targetKey)).toEqual([sport.targetKey]);
    expect(problems).toEqual([`record ${news.targetKey}: the content of the row is not that of a record`]);
  },
);

test('does not load a domain whose row is older than that of a stream, whose newest action would count twice', async () => {
  const domain = actedAt(noon);
  await save(directory, [domain]);
  const key = `record ${domain.targetKey}`;
  const older = bodyOf(key);
  await save(directory, [actedAt(noon + 1000)]);
  expect((await open([domain.targetKey])).records).toEqual([actedAt(noon + 1000)]);
  forgeBody(directory, key, older);

  const { store, records, problems } = await open([domain.targetKey, news.targetKey]);
  store.close();

  expect(records).toEqual([news]);
  expect(problems).toEqual([
    expect.stringMatching(/^stream .*: the content of the row is not that of a record$/),
  ]);
});

test.each([-1, 0, 1.5, '1', null, 2 ** 52, Number.MAX_SAFE_INTEGER])(
  'takes a record of version %s for damaged',
  async (version) => {
    const key = `record ${news.targetKey}`;
    const [, ...content] = JSON.parse(bodyOf(key)) as readonly unknown[];
    forgeBody(directory, key, JSON.stringify([version, ...content]));
    const lossy = await open();
    await lossy.client.save([change(news)], noon);
    foldAll(lossy.store, noon);
    lossy.store.close();

    const { store, records, problems } = await open();
    store.close();

    expect(lossy.problems).toEqual([`${key}: the content of the row is not that of a record`]);
    expect(records.map(({ targetKey }) => targetKey).sort()).toEqual([...keys].sort());
    expect(problems).toEqual([]);
  },
);

test('keeps the totals that are saved after such a loss', async () => {
  forgeBody(directory, `record ${news.targetKey}`, '[1]');
  const lossy = await open();
  await lossy.client.save([change(news)], noon);
  lossy.store.close();

  // Folds the journal with the whole record.
  const { store, records, problems } = await open();
  store.close();

  expect(records).toEqual([news, sport]);
  expect(problems).toEqual([]);
});

function bodyOf(key: string): string {
  const database = new DatabaseSync(join(directory, 'state.db'));
  const row = database.prepare('SELECT body FROM ledgers WHERE key = ?').get(key);
  database.close();
  return String(row?.body);
}

/** Returns a domain with one action on one stream, which has left the counted actions. */
function actedAt(lastAt: number): ControlRecord {
  const actions = { forbid: { count: 1, lastAt, leftZero: true } };
  const stream = streamId({ account: 'aliyun', provider: 'alibaba' });
  const streams = new Map([[streamKey(stream), { stream, actions }]]);
  return { ...newControlRecord(controlTarget(), noon), domain: { actions, gapMs: 0 }, streams };
}

import { expect, test } from 'vitest';
import { createCollectors } from '../../src/collectors/collectors.ts';
import type { SavedRecord } from '../../src/model/saved-record.ts';
import { createRecordCache } from '../../src/polling/record-cache.ts';
import { readYaml } from '../support/app.ts';
import { collectorParts, publishRecord } from '../support/collectors.ts';
import { scrapeText } from '../support/exposition.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';
import { disklessParts } from '../support/record-cache.ts';
import { noon } from '../support/samples.ts';

const env = { STAT_KEY: 'the-key', KEY_ID: 'the-id', KEY_SECRET: 'the-secret' };

test('exposes the durable totals of a target removed and added between two flushes', async () => {
  await using world = startWorld();
  const { apply, count, save, shown } = world;
  await apply('both');
  count(17);
  await save();
  expect(await shown()).toEqual(['actions 17', 'samples 17']);

  count(18);
  await apply('none');
  expect(await shown()).toEqual([]);
  await apply('both');
  expect(await shown()).toEqual(['actions 17', 'samples 17']);

  await save();
  expect(await shown()).toEqual(['actions 18', 'samples 18']);
});

test('starts at 0 a target removed and added before its first flush', async () => {
  await using world = startWorld();
  const { apply, count, save, shown } = world;
  await apply('both');
  count(17);

  await apply('none');
  await apply('both');

  expect(await shown()).toEqual(['actions 0', 'samples 0']);
  await save();
  expect(await shown()).toEqual(['actions 17', 'samples 17']);
});

test('never decreases a counter of a target removed and added while writes fail', async () => {
  await using world = startWorld();
  const { apply, count, save, shown, disk } = world;
  await apply('both');
  count(17);
  await save();
  disk.full = true;
  count(18);
  await save();
  expect(await shown()).toEqual(['actions 18', 'samples 18']);

  await apply('none');
  await apply('both');

  expect(await shown()).toEqual(['actions 18', 'samples 18']);
  disk.full = false;
  await save();
  count(19);
  await apply('none');
  await apply('both');
  expect(await shown()).toEqual(['actions 18', 'samples 18']);
});

test('exposes totals that were saved, although they changed during the write', async () => {
  await using world = startWorld();
  const { apply, count, save, shown, disk } = world;
  await apply('both');
  count(1);

  for (const total of [2, 3, 4]) {
    disk.onWrite = async () => count(total);
    await save();
    expect(await shown()).toEqual([`actions ${total - 1}`, `samples ${total - 1}`]);
  }
  disk.full = true;
  disk.onWrite = async () => count(5);
  await save();
  // Counters are exposed even if the write failed.
  expect(await shown()).toEqual(['actions 4', 'samples 4']);
});

test('exposes what is saved of a target that is removed and added during the write', async () => {
  await using world = startWorld();
  const { apply, count, save, shown, disk } = world;
  await apply('both');
  count(17);
  await save();
  count(18);
  disk.onWrite = async () => {
    count(19);
    await apply('none');
    await apply('both');
    expect(await shown()).toEqual(['actions 17', 'samples 17']);
  };

  await save();

  expect(await shown()).toEqual(['actions 18', 'samples 18']);
});

test('never decreases a counter of a target added during a write that follows a failed one', async () => {
  await using world = startWorld();
  const { apply, count, save, shown, disk } = world;
  await apply('both');
  disk.full = true;
  count(17);
  await save();
  disk.full = false;
  count(18);
  disk.onWrite = async () => {
    count(19);
    await apply('none');
    await apply('both');
    expect(await shown()).toEqual(['actions 19', 'samples 19']);
  };

  await save();

  expect(await shown()).toEqual(['actions 19', 'samples 19']);
  const readd = async () => {
    await apply('none');
    await apply('both');
    expect(await shown()).toEqual(['actions 19', 'samples 19']);
  };
  await readd();
  count(20);
  // What was not shown yet must be saved first, as ever.
  await readd();
  disk.onWrite = readd;
  await save();
  expect(await shown()).toEqual(['actions 20', 'samples 20']);
  count(21);
  await apply('none');
  await apply('both');
  expect(await shown()).toEqual(['actions 20', 'samples 20']);
  disk.onWrite = async () => count(22);
  await save();
  disk.onWrite = async () => count(23);
  await save();
  expect(await shown()).toEqual(['actions 22', 'samples 22']);
});

/** A stream and a domain that are never polled: the test sets what is counted. */
function startWorld() {
  const clock = createManualClock(noon);
  const disk = { full: false, onWrite: async () => {} };
  const keys = new Set<string>();
  const parts = collectorParts(clock);
  const { metrics } = parts;
  const cache = createRecordCache({
    ...disklessParts,
    saveBatch: async () => {
      await disk.onWrite();
      if (disk.full) throw new Error('disk full');
    },
    publish: (record) => publishRecord(metrics, record),
    yieldNow: settle,
  });
  const collections = createCollectors({
    ...parts,
    cache: {
      ...cache,
      put(record) {
        keys.add(record.targetKey);
        cache.put(record);
      },
    },
  });
  return {
    disk,
    async apply(watched: keyof typeof configs) {
      const loaded = await readYaml(configs[watched], env);
      if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
      await collections.apply(loaded.config, loaded.secrets, clock.now());
    },
    /** All targets have counted so much. */
    count(total: number) {
      for (const key of keys) {
        const record = cache.record(key);
        if (record !== undefined) cache.put(withTotal(record, total));
      }
    },
    save: () => cache.flush(clock.now()),
    async [Symbol.asyncDispose]() {
      await Promise.all([collections.close(), clock.advance(60_000)]);
    },
    async shown() {
      const text = await scrapeText(metrics);
      const actions = /^livestream_control_domain_actions_total\{.*action="forbid"\} (.*)$/m.exec(text);
      const samples = /^livestream_push_samples_total\{.*\} (.*)$/m.exec(text);
      return [actions && `actions ${actions[1]}`, samples && `samples ${samples[1]}`].filter(Boolean);
    },
  };
}

function withTotal(record: SavedRecord, total: number): SavedRecord {
  if (record.question === 'push_stats') {
    const { push } = record;
    return { ...record, push: { ...push, leftZero: true, totals: { ...push.totals, samples: total } } };
  }
  const forbid = { count: total, lastAt: noon, leftZero: true };
  return { ...record, domain: { ...record.domain, actions: { ...record.domain.actions, forbid } } };
}

const accounts = `
accounts:
  - {name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "http://127.0.0.1:9/common_access"}}
  - {name: a, provider: alibaba, access_key_id_env: KEY_ID, access_key_secret_env: KEY_SECRET, endpoint: "http://127.0.0.1:9/"}
`;
const configs = {
  none: accounts,
  both: `${accounts}
streams: [{account: t, stream: news}]
domains: [{account: a, domain: play.example.com}]
`,
};

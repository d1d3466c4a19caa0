import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SavedRecord } from '../../../src/model/saved-record.ts';
import { startOrResumeControl, startOrResumePush } from '../../../src/model/saved-record.ts';
import { streamKey } from '../../../src/model/stream.ts';
import { controlAction, controlTarget } from '../../support/actions.ts';
import { noon, pushSample, pushTarget, streamId } from '../../support/samples.ts';
import { change, foldAll, openWithDamage } from '../../support/state.ts';
import { root } from './yaml-seeds.ts';

/** Number of saves, each with a larger total. */
export const versions = 3;
export const pushes = 12;
const streamsOfDomain = 20;
/** File in the home directory: the state file of the base `folded` before its last save. */
export const olderFile = 'older.db';

/** Writes states as closed and killed exporters leave them. Returns the names of their directories. */
export async function createBases(home: string): Promise<readonly string[]> {
  const create = (name: string) => {
    mkdirSync(join(home, name));
    return join(home, name);
  };
  const folded = create('folded');
  for (const version of [1, versions]) {
    const { store } = openWithDamage(folded);
    await store.save(allRecords(version).map(change), noon);
    foldAll(store);
    store.close();
    if (version === 1) cpSync(join(folded, 'state.db'), join(home, olderFile));
  }

  const journal = create('journal');
  const second = openWithDamage(journal);
  let saved: readonly SavedRecord[] = [];
  for (let version = 1; version <= versions; version++) {
    const next = allRecords(version);
    const before = saved;
    await second.store.save(
      next.map((record, i) => ({ record, saved: before[i] })),
      noon + version,
    );
    if (version === 1) foldAll(second.store);
    saved = next;
  }
  second.store.freeze([saved[0]?.targetKey ?? ''], noon + versions);
  second.store.saveScrapers(new Map([['192.0.2.1 Prometheus', noon]]), noon + versions);
  // As a kill leaves them: copied while they are open.
  const killed = create('killed');
  for (const name of readdirSync(journal)) cpSync(join(journal, name), join(killed, name));
  second.store.close();

  cpSync(join(root, 'test/fixtures/state'), create('earlier'), { recursive: true });
  return ['folded', 'journal', 'killed', 'earlier'];
}

export const wantedKeys = allRecords(versions).map(({ targetKey }) => targetKey);

/** Returns the same targets for each version; their totals are the version. */
export function allRecords(version: number): readonly SavedRecord[] {
  const at = noon + version * 1_000;
  const records = Array.from({ length: pushes }, (_, i): SavedRecord => {
    const target = pushTarget({
      stream: streamId({
        account: 'tencent',
        provider: 'tencent',
        domain: 'push.example.com',
        appName: 'live',
        stream: `stream-${i}`,
      }),
    });
    const started = startOrResumePush(undefined, target, noon);
    return {
      ...started,
      target: { ...started.target, watermark: at, seen: [pushSample({ measuredAt: at })] },
      push: {
        ...started.push,
        totals: { ...started.push.totals, samples: version },
        newestAt: at,
        leftZero: true,
      },
    };
  });
  const forbid = { count: version, lastAt: at, leftZero: true };
  const streams = Array.from({ length: streamsOfDomain }, (_, i) => {
    const stream = streamId({ account: 'aliyun', provider: 'alibaba', stream: `stream-${i}` });
    return [streamKey(stream), { stream, actions: { forbid } }] as const;
  });
  const control = startOrResumeControl(undefined, controlTarget(), noon);
  // Totals of streams do not change without an action.
  const seen = Array.from({ length: version }, (_, i) => controlAction({ actedAt: noon + i }));
  const domain = {
    ...control,
    target: { ...control.target, watermark: at, seen },
    domain: { ...control.domain, actions: { forbid } },
    streams: new Map(streams),
  };
  return [...records, domain];
}

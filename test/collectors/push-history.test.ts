import { expect, test } from 'vitest';
import { createCollectors } from '../../src/collectors/collectors.ts';
import type { PushHistorySource } from '../../src/model/questions.ts';
import { providerOf } from '../../src/providers/registry.ts';
import { readYaml } from '../support/app.ts';
import { collectorParts } from '../support/collectors.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createDisklessRecordCache } from '../support/record-cache.ts';
import { noon, samplesBetween } from '../support/samples.ts';

test('forgets a stream that is removed during its poll', async () => {
  const { collectors, apply, clock, hold, viewOf } = startWorld();
  await apply(['one', 'two']);
  collectors.run();
  await clock.advance(55_000);
  hold.two = Promise.withResolvers();
  await clock.advance(10_000);

  await apply(['one']);
  hold.two.resolve();
  await clock.advance(60_000);

  // The provider has no sample of either stream after noon + 60 s. If the account had two streams, it would
  // lag.
  expect(viewOf('one')).toMatchObject({ live: undefined, isUnknown: false });
  await Promise.all([collectors.close(), clock.advance(60_000)]);
});

/** Collectors of one account, whose streams all have a sample every five seconds until noon + 60 s. */
function startWorld() {
  const clock = createManualClock(noon);
  /** Answers of streams that are delayed. */
  const hold: Record<string, PromiseWithResolvers<void>> = {};
  const source: PushHistorySource = {
    operation: 'Get_LivePushStatHistory',
    limits: { spanMs: 7_200_000, retentionMs: 3 * 86_400_000, periodMs: 5000 },
    async listPushSamples({ stream }, { from }) {
      const to = Math.min(clock.now(), noon + 60_000);
      await hold[stream]?.promise;
      return { items: samplesBetween(Math.ceil(from / 5000) * 5000, to), malformed: 0, warnings: [] };
    },
  };
  const collectors = createCollectors({
    ...collectorParts(clock),
    cache: createDisklessRecordCache(),
    providerOf: (name) => ({ ...providerOf(name), createSources: () => ({ push_stats: source }) }),
  });
  return {
    collectors,
    clock,
    hold,
    async apply(streams: readonly string[]) {
      const loaded = await readYaml(configText(streams), { STAT_KEY: 'key' });
      if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
      await collectors.apply(loaded.config, loaded.secrets, clock.now());
    },
    viewOf: (name: string) =>
      collectors
        .all()
        .flatMap((collector) => [...collector.statuses()])
        .find(({ stream }) => stream?.target.stream.stream === name)?.stream?.view,
  };
}

function configText(streams: readonly string[]): string {
  return JSON.stringify({
    accounts: [
      {
        name: 'a',
        provider: 'tencent',
        statcgi: { app_id: 1234, key_env: 'STAT_KEY', endpoint: 'http://127.0.0.1:9/common_access' },
      },
    ],
    streams: streams.map((stream) => ({ account: 'a', stream })),
  });
}

import { expect, test } from 'vitest';
import { createCollectors } from '../../src/collectors/collectors.ts';
import { ProviderError } from '../../src/model/answer.ts';
import type { ControlHistorySource } from '../../src/model/questions.ts';
import { providerOf } from '../../src/providers/registry.ts';
import { readYaml } from '../support/app.ts';
import { collectorParts } from '../support/collectors.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createDisklessRecordCache } from '../support/record-cache.ts';
import { noon } from '../support/samples.ts';

test('forgets a domain that is removed during its poll', async () => {
  const clock = createManualClock(noon);
  const lengths: number[] = [];
  let hold: PromiseWithResolvers<void> | undefined = Promise.withResolvers();
  const source: ControlHistorySource = {
    operation: 'DescribeLiveStreamsControlHistory',
    limits: { spanMs: 7 * 86_400_000, retentionMs: 7 * 86_400_000 },
    async listControlActions(_, { from, to }) {
      lengths.push(to - from);
      await hold?.promise;
      throw new ProviderError('malformed', 'too large', { isTooLarge: true });
    },
  };
  const collectors = createCollectors({
    ...collectorParts(clock),
    cache: createDisklessRecordCache(),
    providerOf: (name) => ({ ...providerOf(name), createSources: () => ({ control_history: source }) }),
  });
  const apply = async (...domains: string[]) => {
    const loaded = await readYaml(configText(domains), { KEY_ID: 'id', KEY_SECRET: 'secret' });
    if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
    await collectors.apply(loaded.config, loaded.secrets, clock.now());
  };
  await apply('play.example.com');
  collectors.run();
  await clock.advance(1000);
  const [whole = 0] = lengths;

  await apply();
  hold.resolve();
  hold = undefined;
  await clock.advance(1000);
  expect(lengths.length).toBeGreaterThan(1);
  lengths.length = 0;
  await apply('play.example.com');
  await clock.advance(1000);

  expect(lengths[0]).toBe(whole);
  await Promise.all([collectors.close(), clock.advance(60_000)]);
});

function configText(domains: readonly string[]): string {
  const endpoint = 'http://127.0.0.1:9/';
  const keys = { access_key_id_env: 'KEY_ID', access_key_secret_env: 'KEY_SECRET' };
  return JSON.stringify({
    accounts: [{ name: 'a', provider: 'alibaba', ...keys, endpoint }],
    domains: domains.map((domain) => ({ account: 'a', domain })),
  });
}

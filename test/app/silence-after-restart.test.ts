import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../../src/simulator/server.ts';
import { round, startTestApp } from '../support/app.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { oneStreamConfig } from '../support/one-stream.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const scenario = scenarioOf(`
name: silent
noise: 0%
account: {app_id: 1234, key: the-key}
provider: {delay: 3s}
streams: [{name: news, stop: 20s}]
`);

test('the first poll after a restart shows that a stream is not pushed', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'livestream-silence-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  const shown: (string | undefined)[] = [];
  const start = () =>
    startTestApp(oneStreamConfig(simulator.endpoint), { STAT_KEY: 'the-key' }, clock, { folder });
  {
    await using first = await start();
    for (let i = 0; i < 14; i++) await round(first, clock);
    shown.push(upIn(await first.scrape()));
  }
  for (let restart = 0; restart < 2; restart++) {
    await clock.advance(5000);
    await using next = await start();
    await round(next, clock);
    shown.push(upIn(await next.scrape()));
  }

  expect(shown).toEqual(['0', '0', '0']);
});

function upIn(text: string): string | undefined {
  return /^livestream_push_up\{.*\} (.*)$/m.exec(text)?.[1];
}

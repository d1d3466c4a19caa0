import { expect, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { passSeconds, startTestApp } from '../support/app.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { oneStream, samplesIn } from '../support/one-stream.ts';
import { noon } from '../support/samples.ts';

test('an error in the work of each second is logged once and ends nothing', { timeout: 60_000 }, async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario: oneStream, clock });
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log = createLog({ level: 'info', format: 'logfmt', write, now: clock.now });
  const yaml = `
accounts:
  - {name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${simulator.endpoint}"}}
  - {name: wrong, provider: tencent, statcgi: {app_id: 1234, key_env: WRONG_KEY, endpoint: "${simulator.endpoint}"}}
streams:
  - {account: wrong, stream: news, domain: push.example.com, app_name: live}
  - {account: t, stream: news, domain: push.example.com, app_name: live}
`;
  const env = { STAT_KEY: 'the-key', WRONG_KEY: 'wrong-key' };
  // The failures of the first account are logged with the metrics of its collector.
  const broken = {
    ...log,
    error(message: string, fields: Parameters<typeof log.error>[1]) {
      if (message === 'targets started to fail') throw new Error('this line cannot be logged');
      log.error(message, fields);
    },
  };
  await using daemon = await startTestApp(yaml, env, clock, { log: broken });

  daemon.app.run();
  await passSeconds(clock, 20);
  await daemon.scrape();
  await passSeconds(clock, 20);

  const bugs = lines.filter((line) => line.includes('bug: background work failed'));
  expect(bugs).toEqual([
    expect.stringContaining('work="metrics of a collector" error="this line cannot be logged"'),
  ]);
  // The totals of the other account are saved and shown.
  expect(samplesIn(await daemon.scrape())).toBeGreaterThan(10);
});

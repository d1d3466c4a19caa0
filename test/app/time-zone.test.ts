import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/server.ts';
import { readYaml, round, startTestApp } from '../support/app.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const scenario = scenarioOf(`
name: zones
noise: 0%
account: {app_id: 1234, key: the-key}
provider: {delay: 0s}
streams: [{name: news, fps: 25, bitrate: 2Mbit}]
`);
const env = { STAT_KEY: 'the-key' };

test.each(['+09:00', '+07:00'])(
  'reports nothing while time_zone is %s instead of +08:00, and counts everything once it is right',
  async (wrong) => {
    const clock = createManualClock(noon);
    await using simulator = await startSimulator({ scenario, clock });
    let yaml = config(simulator.endpoint, '+08:00');
    await using daemon = await startTestApp(yaml, env, clock, { readConfig: () => readYaml(yaml, env) });
    await round(daemon, clock);
    await daemon.scrape();
    await round(daemon, clock);
    const right = await daemon.scrape();
    expect(right).toMatch(/^livestream_push_up\{.*\} 1$/m);
    daemon.log.splice(0);

    yaml = config(simulator.endpoint, wrong);
    expect(await daemon.app.reload()).toEqual([]);
    for (let i = 0; i < 12; i++) await round(daemon, clock);
    const failing = await daemon.scrape();

    expect(failing).not.toMatch(/^livestream_push_(up|fps|info)\{/m);
    expect(failing).toMatch(/^livestream_push_missing_seconds_total\{.*\} 0$/m);
    expect(numberOf(failing, 'watermark_timestamp_seconds')).toBe(
      numberOf(right, 'watermark_timestamp_seconds'),
    );
    expect(failing).toMatch(/^livestream_collector_targets_failing\{.*\} 1$/m);
    expect(daemon.log.filter((line) => line.includes('level=error'))).toEqual([
      expect.stringMatching(
        /level=error .*kind=malformed .*rows are outside the requested window \(check time_zone\)/,
      ),
    ]);

    // With the longest window, and with peeks, a part of the rows looks as if it were inside.
    await clock.advance(3 * 3_600_000);
    for (let i = 0; i < 12; i++) await round(daemon, clock);
    expect(await daemon.scrape()).not.toMatch(/^livestream_push_up\{/m);

    yaml = config(simulator.endpoint, '+08:00');
    expect(await daemon.app.reload()).toEqual([]);
    for (let i = 0; i < 4; i++) await round(daemon, clock);
    const mended = await daemon.scrape();

    expect(mended).toMatch(/^livestream_push_up\{.*\} 1$/m);
    expect(mended).toMatch(/^livestream_push_missing_seconds_total\{.*\} 0$/m);
    // All samples since the first request, which began 70 s before noon.
    const newest = numberOf(mended, 'sample_timestamp_seconds');
    expect(newest).toBeGreaterThan(noon / 1000 + 3 * 3600);
    expect(numberOf(mended, 'samples_total')).toBe(Math.floor((newest - noon / 1000 + 70) / 5) + 1);
    expect(mended).toMatch(/^livestream_samples_skipped_total\{.*reason="late"\} 0$/m);
  },
);

function numberOf(text: string, family: string): number {
  return Number(new RegExp(`^livestream_push_${family}\\{.*\\} (.*)$`, 'm').exec(text)?.[1]);
}

function config(endpoint: string, zone: string): string {
  return `
accounts: [{name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${endpoint}", time_zone: "${zone}"}}]
streams: [{account: t, stream: news, expect: {fps: 25, live: true}}]
`;
}

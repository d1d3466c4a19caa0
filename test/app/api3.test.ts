import { expect, test } from 'vitest';
import { mediaFamilies } from '../../src/metrics/push/push-families.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { round, startTestApp } from '../support/app.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const scenario = scenarioOf(`
name: two-routes
noise: 5%
account: {app_id: 1234, key: the-key, secret_id: the-id, secret_key: the-secret, token: the-token}
provider: {delay: 3s, time: iso, doubled: {share: 10%}, partial: {share: 10%}}
streams:
  - {name: news, fps: 25, bitrate: 2Mbit, app_name: show}
  - name: sport
    app_name: show
    story:
      - {at: 10s, for: 10s, silent: true}
      - {at: 25s, fps: 0}
  - {name: never, app_name: show, start: never}
`);
const env = { STAT_KEY: 'the-key', SECRET_ID: 'the-id', SECRET_KEY: 'the-secret', TOKEN: 'the-token' };

test('an account of API 3.0 gets the same series and totals as an account of the statistics API', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  await using daemon = await startTestApp(
    `
accounts:
  - {name: old, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${simulator.endpoint}"}}
  - name: new
    provider: tencent
    api3: {secret_id_env: SECRET_ID, secret_key_env: SECRET_KEY, token_env: TOKEN, endpoint: "${simulator.url}"}
streams:
${['old', 'new'].flatMap((account) => ['news', 'sport', 'never'].map((stream) => streamOf(account, stream))).join('\n')}
`,
    env,
    clock,
  );

  for (let n = 0; n < 12; n++) await round(daemon, clock);
  await daemon.scrape();
  for (let n = 0; n < 2; n++) await round(daemon, clock);
  const text = await daemon.scrape();

  const [old, api3] = ['old', 'new'].map((account) => seriesOf(text, account));
  expect(old?.length).toBeGreaterThan(60);
  expect(api3?.filter((line) => !isOnlyOfApi3(line)).map(withoutMedia)).toEqual(old);
  expect(api3?.filter((line) => isOnlyOfApi3(line) && line.includes('"news"')).map(nameOf)).toEqual([
    'livestream_push_video_bitrate_bps',
    'livestream_push_audio_bitrate_bps',
    'livestream_push_audio_fps',
    'livestream_push_declared_fps',
    'livestream_push_keyframe_interval_seconds',
    'livestream_push_media_seconds_total',
    'livestream_push_media_seconds_total',
    'livestream_push_degraded_seconds_total',
  ]);
  // The simulator's video arrives in time, except while there is none.
  expect(totalOf(text, 'media_seconds_total', 'sport', 'media="audio"')).toBe(
    totalOf(text, 'observed_seconds_total', 'sport'),
  );
  expect(totalOf(text, 'degraded_seconds_total', 'sport', 'condition="video_stall"')).toBe(0);
  const totals = seriesOf(text, 'new').filter((line) => line.startsWith('livestream_push_samples_total'));
  expect(totals.map((line) => Number(line.split(' ')[1]) > 0)).toEqual([true, true, false]);
  const { calls, accepted } = simulator.requests().DescribeStreamPushInfoList ?? {};
  expect(calls).toBeGreaterThan(30);
  expect(accepted).toBe(calls);
});

function streamOf(account: string, stream: string): string {
  return `  - {account: ${account}, stream: ${stream}, domain: push.example.com, app_name: show, expect: {fps: 25, live: true}}`;
}

/**
 * Returns the push series of an account without the account, except times that depend on when a request was
 * sent.
 */
function seriesOf(text: string, account: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('livestream_push_') && line.includes(`account="${account}"`))
    .filter((line) => !line.startsWith('livestream_push_watermark_timestamp_seconds'))
    .map((line) => line.replace(`account="${account}",`, ''));
}

/** Returns the value of a series of the account of API 3.0. */
function totalOf(text: string, name: string, stream: string, label = ''): number {
  const found = seriesOf(text, 'new').filter(
    (line) =>
      nameOf(line) === `livestream_push_${name}` && line.includes(`"${stream}"`) && line.includes(label),
  );
  expect(found).toHaveLength(1);
  return Number(found[0]?.split(' ').at(-1));
}

const nameOf = (line: string) => line.slice(0, line.indexOf('{'));

/** Reports whether only API 3.0 has the series of a line. */
function isOnlyOfApi3(line: string): boolean {
  const isMediaTime =
    line.startsWith('livestream_push_media_seconds_total') || line.includes('"video_stall"');
  return isMediaTime || mediaFamilies.some(({ name }) => name === nameOf(line));
}

/** Empties the labels of push_info that only API 3.0 reports. */
function withoutMedia(line: string): string {
  return line.replace(/(push_domain|resolution|video_codec|audio_codec)="[^"]*"/g, '$1=""');
}

import { expect, test } from 'vitest';
import { mediaFamilies } from '../../src/metrics/push/push-families.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { round, startTestApp, type TestApp } from '../support/app.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const env = { STAT_KEY: 'the-key', KEY_ID: 'the-id', KEY_SECRET: 'the-secret', TOKEN: 'the-token' };

/**
 * Starts a simulator of an Alibaba account whose domain play.example.com has the ingest domain
 * push.example.com.
 */
function simulate(clock: ManualClock, streams: string, alibaba = '', provider = ''): Promise<Simulator> {
  const scenario = scenarioOf(`
name: alibaba
noise: 5%
account: {app_id: 1234, key: the-key}
alibaba: {access_key_id: the-id, access_key_secret: the-secret, security_token: the-token, ${alibaba}}
provider: {delay: 3s, time: iso, ${provider}}
domains: [{name: play.example.com, push_domains: [push.example.com]}]
streams:
${streams}
`);
  return startSimulator({ scenario, clock });
}

function accountOf({ alibabaEndpoint }: Simulator, more = ''): string {
  return `{name: ali, provider: alibaba, access_key_id_env: KEY_ID, access_key_secret_env: KEY_SECRET, security_token_env: TOKEN, endpoint: "${alibabaEndpoint}", expected_delay: {push_stats: 10s}${more}}`;
}

async function pass(daemon: TestApp, clock: ManualClock, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 5) await round(daemon, clock);
}

/** Returns the value of a family for each stream that has one. */
async function valuesOf(daemon: TestApp, family: string): Promise<Readonly<Record<string, number>>> {
  const text = await daemon.scrape();
  const lines = text.split('\n').filter((line) => line.startsWith(`${family}{`));
  return Object.fromEntries(
    lines.map((line) => [/stream="([^"]*)"/.exec(line)?.[1] ?? '', Number(line.split(' ')[1])]),
  );
}

/** Returns the number of requests by operation, and fails if any was rejected. */
function accepted(simulator: Simulator): Readonly<Record<string, number>> {
  const log = simulator.requests();
  expect(Object.entries(log).filter(([, { calls, accepted }]) => calls !== accepted)).toEqual([]);
  return Object.fromEntries(Object.entries(log).map(([operation, { calls }]) => [operation, calls]));
}

const threeStreams = `
  - {name: news, fps: 25, bitrate: 2Mbit, domain: play.example.com, app_name: show}
  - name: sport
    domain: play.example.com
    app_name: show
    story:
      - {at: 10s, for: 10s, silent: true}
      - {at: 25s, fps: 0}
  - {name: never, domain: play.example.com, app_name: show, start: never}
`;

const streamsOf = (accounts: readonly string[]) =>
  accounts
    .flatMap((account) =>
      ['news', 'sport', 'never'].map(
        (stream) =>
          `  - {account: ${account}, stream: ${stream}, domain: play.example.com, app_name: show, expect: {fps: 25, live: true}}`,
      ),
    )
    .join('\n');

test.each([
  ['v3', 'json', ''],
  ['v1', 'xml', 'silence: zeros'],
])(
  'gets the same totals as the statistics API, with signature %s, %s and %s',
  async (signature, format, alibaba) => {
    const clock = createManualClock(noon);
    const provider = 'doubled: {share: 10%}, partial: {share: 10%}';
    await using simulator = await simulate(clock, threeStreams, alibaba, provider);
    await using daemon = await startTestApp(
      `
accounts:
  - {name: old, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${simulator.endpoint}"}}
  - ${accountOf(simulator, `, signature: ${signature}, format: ${format}`)}
streams:
${streamsOf(['old', 'ali'])}
`,
      env,
      clock,
    );

    await pass(daemon, clock, 60);
    await daemon.scrape();
    await pass(daemon, clock, 10);
    const text = await daemon.scrape();

    const [old, ali] = ['old', 'ali'].map((account) => seriesOf(text, account));
    expect(old?.length).toBeGreaterThan(60);
    expect(ali?.filter((line) => !isMedia(line)).map(withoutPushDomain)).toEqual(old);
    expect(ali?.filter((line) => isMedia(line) && line.includes('"news"')).map(nameOf)).toEqual([
      'livestream_push_video_bitrate_bps',
      'livestream_push_audio_bitrate_bps',
      'livestream_push_audio_fps',
    ]);
    expect(ali?.find((line) => nameOf(line) === 'livestream_push_info')).toContain(
      'push_domain="push.example.com"',
    );
    const { DescribeLiveDomainMapping: mappings } = accepted(simulator);
    expect(mappings).toBe(1);
    // Only `doctor` requests it, so it has no series either.
    expect(accepted(simulator)).not.toHaveProperty('DescribeLiveStreamPushMetricDetailData');
    expect(text).toContain('operation="DescribeLiveDomainMapping"');
    expect(text).not.toContain('DescribeLiveStreamPushMetricDetailData');
  },
);

/**
 * Returns the push series of an account without account, provider and addresses, which Alibaba does not
 * report, and without times that depend on when a request was sent.
 */
function seriesOf(text: string, account: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('livestream_push_') && line.includes(`account="${account}"`))
    .filter((line) => !line.startsWith('livestream_push_watermark_timestamp_seconds'))
    .map((line) =>
      line.replace(/account="\w+",provider="\w+",/, '').replace(/(client_ip|server_ip)="[^"]*"/g, '$1=""'),
    );
}

const nameOf = (line: string) => line.slice(0, line.indexOf('{'));

function isMedia(line: string): boolean {
  return mediaFamilies.some(({ name }) => name === nameOf(line));
}

function withoutPushDomain(line: string): string {
  return line.replace(/push_domain="[^"]*"/, 'push_domain=""');
}

test.each(['byte', 'kbit'])('reads bit rates in the unit %s if the config says so', async (unit) => {
  const clock = createManualClock(noon);
  await using simulator = await simulate(clock, threeStreams, `bitrate_unit: ${unit}`);
  await using daemon = await startTestApp(
    `
accounts:
  - ${accountOf(simulator, `, bitrate_unit: {DescribeLiveCenterStreamRateData: ${unit}}`)}
streams:
${streamsOf(['ali'])}
`,
    env,
    clock,
  );
  await pass(daemon, clock, 15);

  const { news = 0 } = await valuesOf(daemon, 'livestream_push_bitrate_bps');
  expect(news).toBeGreaterThan(1_800_000);
  expect(news).toBeLessThan(2_200_000);
});

test('logs once that the unit of the bit rates is probably wrong, and which setting to change', async () => {
  const clock = createManualClock(noon);
  await using simulator = await simulate(clock, threeStreams, 'bitrate_unit: kbit');
  await using daemon = await startTestApp(
    `
accounts:
  - ${accountOf(simulator)}
streams:
${streamsOf(['ali'])}
`,
    env,
    clock,
  );
  await pass(daemon, clock, 40);

  const lines = daemon.log.filter((line) => line.includes('bitrate_unit'));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('operation=DescribeLiveCenterStreamRateData');
});

test.each([
  ['', ''],
  [', signature: v1, format: xml', ', one_record: object, no_records: absent'],
])('discovers the streams of a domain, in the labels of its control actions%s', async (access, shapes) => {
  const clock = createManualClock(noon);
  await using simulator = await simulate(
    clock,
    `
  - {name: "room-{n}", count: 3, fps: 25, domain: play.example.com}
  - {name: later, start: 40s, domain: play.example.com}
  - {name: ends, stop: 60s, domain: play.example.com}
  - {name: other-app, app_name: show, domain: play.example.com}
`,
    `transcoded: [ld]${shapes}`,
    'list: {page_lag: 1s}',
  );
  await using daemon = await startTestApp(
    `
accounts:
  - ${accountOf(simulator, access)}
domains:
  - {account: ali, domain: play.example.com, discover: true, labels: {team: news}}
`,
    env,
    clock,
  );
  await daemon.scrape();
  await pass(daemon, clock, 120);
  await daemon.scrape();
  await pass(daemon, clock, 20);

  const names = ['ends', 'later', 'room-1', 'room-2', 'room-3'];
  const counted = await valuesOf(daemon, 'livestream_push_samples_total');
  expect(Object.keys(counted).toSorted()).toEqual(names);
  const watermarks = await valuesOf(daemon, 'livestream_push_watermark_timestamp_seconds');
  const truth = Object.fromEntries(
    Object.keys(counted).map((name) => {
      // The lookback and the expected delay before the start count too. The newest samples are not visible
      // for 3 s.
      const to = ((watermarks[name] ?? 0) - 3) * 1_000 + 1;
      return [name, simulator.world.truthOf(name, noon - 70_000, to).samples];
    }),
  );
  expect(counted).toEqual(truth);
  expect(await valuesOf(daemon, 'livestream_push_up')).toMatchObject({ 'room-1': 1, later: 1, ends: 0 });
  const text = await daemon.scrape();
  expect(text).toContain(
    'livestream_stream_info{account="ali",provider="alibaba",domain="play.example.com",app_name="live",stream="room-1",team="news"} 1',
  );
  expect(text).toContain(
    'livestream_collector_targets{account="ali",provider="alibaba",collector="control_history"} 1',
  );
  // The list contains the ingest domain of each stream.
  expect(accepted(simulator)).not.toHaveProperty('DescribeLiveDomainMapping');
});

test('uses the ingest domains of the config without a request for the mapping', async () => {
  const clock = createManualClock(noon);
  await using simulator = await simulate(clock, threeStreams);
  await using daemon = await startTestApp(
    `
accounts:
  - ${accountOf(simulator)}
domains:
  - {account: ali, domain: play.example.com, push_domains: [push.example.com]}
streams:
${streamsOf(['ali'])}
`,
    env,
    clock,
  );
  await pass(daemon, clock, 15);

  expect(await valuesOf(daemon, 'livestream_push_up')).toEqual({ news: 1, sport: 1, never: 0 });
  expect(accepted(simulator)).not.toHaveProperty('DescribeLiveDomainMapping');
});

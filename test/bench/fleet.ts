import type { Http } from '../../src/calls/call.ts';
import { systemClock } from '../../src/clock.ts';
import { createCollectors } from '../../src/collectors/collectors.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readSecrets } from '../../src/config/secrets.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import type { Clock } from '../../src/model/time.ts';
import { dayMs } from '../../src/model/time.ts';
import { createRecordCache } from '../../src/polling/record-cache.ts';
import { providerOf } from '../../src/providers/registry.ts';
import { createRecent } from '../../src/status/recent.ts';
import { createRequestLog } from '../../src/status/request-log.ts';
import { createTroubles } from '../../src/status/troubles.ts';
import { disklessParts } from '../support/record-cache.ts';
import { serveCommands } from './commands.ts';
import { spending } from './load.ts';

const [streams = 0, perList = 0] = process.argv.slice(2).map(Number);
const quiet = () => {};

/** The rates have no effect on the blocks of the event loop, but shorten the measurement. */
const yaml = `
accounts:
  - name: main
    provider: tencent
    api3: {secret_id_env: ID, secret_key_env: KEY, endpoint: "http://127.0.0.1:9"}
    requests_per_second: {DescribeLiveStreamOnlineList: 200, DescribeLiveStreamPushInfoList: 200}
domains:
  - {account: main, domain: push.example.com, discover: true, expect: {fps: 25, bitrate: 2500kbit, live: true}}
limits: {max_streams: ${2 * (streams + perList)}}
`;

/** Time in ms by which the monotonic clock is ahead, so that due times and grace periods pass at once. */
let aheadMs = 0;
const clock: Clock = { ...systemClock, elapsed: () => systemClock.elapsed() + aheadMs };

/** Number of the first live stream: streams end in the order of their numbers. */
let first = 0;
/** Pages of both lists, in which the newest stream comes first. */
let pages: Readonly<Record<string, readonly string[]>> = {};

const http: Http = async ({ headers, body = '' }) => {
  const { PageNum } = JSON.parse(body);
  const text = pages[headers['x-tc-action'] ?? headers['X-TC-Action'] ?? '']?.[PageNum - 1];
  if (text === undefined) throw new Error('no such page');
  return { status: 200, headers: { 'content-type': 'application/json' }, text };
};

function pagesOf(list: string, pageSize: number, rowOf: (number: number) => object): readonly string[] {
  return Array.from({ length: Math.ceil(streams / pageSize) }, (_, page) => {
    const length = Math.min(pageSize, streams - page * pageSize);
    const rows = Array.from({ length }, (_, i) => rowOf(first + streams - 1 - page * pageSize - i));
    return JSON.stringify({ Response: { [list]: rows, TotalNum: streams, RequestId: 'bench' } });
  });
}

const beganAt = new Date(Date.now() - dayMs).toISOString();
const nameOf = (number: number) => ({ StreamName: `channel-${number}-1080p`, AppName: 'live' });

function fillPages(): void {
  pages = {
    DescribeLiveStreamOnlineList: pagesOf('OnlineInfo', 2_000, (number) => ({
      ...nameOf(number),
      DomainName: 'push.example.com',
      PublishTimeList: [{ PublishTime: beganAt }],
      PushToDelay: 0,
    })),
    DescribeLiveStreamPushInfoList: pagesOf('DataInfoList', 1_000, (number) => ({
      ...nameOf(number),
      PushDomain: 'push.example.com',
      ClientIp: `192.0.2.${number % 250}`,
      ServerIp: `198.51.100.${number % 50}`,
      BeginPushTime: beganAt,
      Resolution: '1920*1080',
      Acodec: 'AAC',
      Vcodec: 'H264',
      VideoFps: 20 + ((first + number) % 10),
      AudioFps: 43,
      VideoSpeed: 2_000_000 + first + number,
      AudioSpeed: 128_000,
      AsampleRate: 44_100,
      MetaFps: 25,
      MetaVideoSpeed: 2_400,
      MetaAudioSpeed: 128,
    })),
  };
}

const metrics = createMetrics({
  clientIp: { show: 'full', on: 'gauges' },
  clock,
  version: '0.0.0',
  nodeVersion: process.version,
  onRelease: quiet,
  onControlRelease: quiet,
});
const collectors = createCollectors({
  metrics,
  cache: createRecordCache({ ...disklessParts, yieldNow: clock.yieldNow }),
  recent: createRecent(),
  troubles: createTroubles(),
  requests: createRequestLog(),
  log: { debug: quiet, info: quiet, warn: quiet, error: console.error },
  clock,
  env: {},
  random: () => 0.5,
  nonce: () => 'nonce',
  providerOf(name) {
    const provider = providerOf(name);
    return {
      ...provider,
      createSources: (account, parts) => provider.createSources(account, { ...parts, http }),
    };
  },
});

const loaded = loadConfig(yaml, 'bench.yaml');
if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
const secrets = await readSecrets(loaded.named, { ID: 'id', KEY: 'key' });
if ('problems' in secrets) throw new Error('no secrets');
fillPages();
await collectors.apply(loaded.config, secrets.secrets, clock.now());
await run('online_streams');
// The plan follows the number of streams.
for (const { setState } of collectors.all()) setState();
while (stateOf('live_push_stats').targets === 0) await clock.yieldNow();
await run('live_push_stats');

serveCommands({
  ...spending(),
  /** Lets streams begin and end, as between two lists. */
  change() {
    first += perList;
    fillPages();
    // Streams that the last list did not contain lose their series with the next one.
    aheadMs += 2 * dayMs;
  },
  discovery: () => run('online_streams'),
  gauges: () => run('live_push_stats'),
});

/** Runs the one due target of a collector. */
async function run(question: string): Promise<void> {
  await collectorOf(question).poller.start(clock.now());
  const { failing } = stateOf(question);
  if (failing > 0) throw new Error(`the list of ${question} failed`);
  const targets = stateOf('push_stats').targets;
  if (targets < streams || targets > streams + perList) throw new Error(`${targets} targets`);
}

function collectorOf(question: string) {
  const found = collectors.all().find((collector) => collector.question === question);
  if (found === undefined) throw new Error(`no collector of ${question}`);
  return found;
}

function stateOf(question: string) {
  return collectorOf(question).poller.state();
}

import type { Http } from '../../src/calls/call.ts';
import { systemClock } from '../../src/clock.ts';
import { createCollectors } from '../../src/collectors/collectors.ts';
import { controlNodeHeap } from '../../src/commands/node-heap.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readSecrets } from '../../src/config/secrets.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import type { Clock } from '../../src/model/time.ts';
import { dayMs, minuteMs } from '../../src/model/time.ts';
import { createRecordCache } from '../../src/polling/record-cache.ts';
import { providerOf } from '../../src/providers/registry.ts';
import { createRecent } from '../../src/status/recent.ts';
import { createRequestLog } from '../../src/status/request-log.ts';
import { createTroubles } from '../../src/status/troubles.ts';
import { disklessParts } from '../support/record-cache.ts';
import { serveCommands } from './commands.ts';
import { alibabaLists } from './fleet-alibaba.ts';
import type { FleetLists } from './fleet-lists.ts';
import { tencentLists } from './fleet-tencent.ts';
import { spending } from './load.ts';

const [api = '', ...sizes] = process.argv.slice(2);
const [streams = 0, perList = 0] = sizes.map(Number);
const apis: Readonly<Record<string, FleetLists>> = {
  tencent: tencentLists,
  alibaba: alibabaLists('json'),
  'alibaba-xml': alibabaLists('xml'),
};
const lists = apis[api];
if (lists === undefined) throw new Error(`unknown API ${api}`);
const quiet = () => {};
controlNodeHeap()(streams);

const yaml = `
accounts:
  - name: main${lists.account}
domains:
  - {account: main, ${lists.domain}, discover: true, expect: {fps: 25, bitrate: 2500kbit, live: true}}
limits: {max_streams: ${2 * (streams + perList)}}
`;

/** Time in ms by which the monotonic clock is ahead, so that due times and grace periods pass at once. */
let aheadMs = 0;
/** Time in ms by which the wall clock is ahead: the list of live pushes of a minute is requested only once. */
let wallAheadMs = 0;
const clock: Clock = {
  ...systemClock,
  now: () => systemClock.now() + wallAheadMs,
  elapsed: () => systemClock.elapsed() + aheadMs,
};

/** Number of the first live stream: streams end in the order of their numbers. */
let first = 0;
let answer = answersNow(lists);
const utf8 = new TextDecoder();

/**
 * Answers in a task of the event loop, as the network does. With an answer in a microtask, all requests that need not
 * wait for the rate limit, and the conversion of their answers, would be one block.
 */
const http: Http = async (request) => {
  await new Promise((resolve) => setImmediate(resolve));
  const body = answer(request);
  if (body === undefined) throw new Error('no such page');
  return { status: 200, headers: { 'content-type': 'text/plain' }, text: utf8.decode(body) };
};

function answersNow({ answersOf }: FleetLists) {
  const numbers = Array.from({ length: streams }, (_, i) => first + streams - 1 - i);
  return answersOf({ numbers, seed: first });
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
    answer = answersNow(lists);
    // Streams that the last list did not contain lose their series with the next one.
    aheadMs += 2 * dayMs;
    wallAheadMs += minuteMs;
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

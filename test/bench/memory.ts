import type { Http } from '../../src/calls/call.ts';
import { systemClock } from '../../src/clock.ts';
import type { PushView } from '../../src/model/push-view.ts';
import { streamKey } from '../../src/model/stream.ts';
import { secondMs } from '../../src/model/time.ts';
import { createPoller } from '../../src/polling/poller.ts';
import { isDueNow, type PushPollTarget } from '../../src/polling/push-history.ts';
import { api3Answer } from './api3-answer.ts';
import { type BenchApi, createCollecting } from './collecting.ts';
import { serveCommands } from './commands.ts';
import { benchSample, benchTarget, createBenchMetrics, filledLedger, viewOf } from './content.ts';
import { collectGarbage } from './load.ts';
import { statcgiAnswer } from './statcgi-answer.ts';

/** References that keep the measured objects alive. */
const retained: unknown[] = [];

/** More polls than the buffer of recent samples holds, so that it is full. */
const rounds = 7;

/** Streams that are polled before the measurement. */
const warmUpStreams = 500;

serveCommands({
  /** Measures the bytes of the series, tables and indexes included, without ledgers and views. */
  async seriesOf(streams: number): Promise<number> {
    const all = Array.from({ length: streams }, (_, number) => {
      const target = benchTarget(number);
      const view: PushView = viewOf(benchSample(number, 1));
      return { target, key: streamKey(target.stream), ledger: filledLedger(number), view };
    });
    const before = await used();
    const metrics = createBenchMetrics();
    for (const { target, key, ledger, view } of all) {
      metrics.series.add(target, ledger);
      metrics.series.setView(key, view);
    }
    const bytes = (await used()) - before;
    retained.push(metrics, all);
    return bytes;
  },
  /** Measures all bytes of the streams, including queue entries and full buffers of recent samples. */
  streamsOf: (streams: number) =>
    bytesOfStreams(streams, 'statcgi', async ({ query = '' }) => ({
      status: 200,
      headers: {},
      text: statcgiAnswer(query),
    })),
  /** The same for streams of API 3.0, whose samples have jittering times and media values. */
  api3StreamsOf: (streams: number) =>
    bytesOfStreams(streams, 'api3', async ({ body = '' }) => ({
      status: 200,
      headers: {},
      text: api3Answer(body),
    })),
});

async function bytesOfStreams(streams: number, api: BenchApi, http: Http): Promise<number> {
  // Poll a few streams first: what is loaded and compiled with the first answers does not depend on the streams.
  const first = createCollecting(warmUpStreams, http, 'http://127.0.0.1/', api);
  for (let round = 0; round < rounds; round++) await first.round();
  retained.push(first);
  const before = await used();
  const collecting = createCollecting(streams, http, 'http://127.0.0.1/', api);
  retained.push(collecting, pollerWith(collecting.targets));
  for (let round = 0; round < rounds; round++) await collecting.round();
  return (await used()) - before;
}

/** Returns the targets as the program holds them: by key and in the queue of a poller. */
function pollerWith(targets: readonly PushPollTarget[]): readonly unknown[] {
  const poller = createPoller<PushPollTarget>({
    run: async () => ({ isBehind: false }),
    hasPriority: isDueNow,
    onSuccess: () => undefined,
    onFailure: () => undefined,
    perSecond: () => 1,
    configuredPerSecond: () => 1,
    waiting: () => 0,
    runDeadlineMs: secondMs,
    clock: systemClock,
    signal: new AbortController().signal,
  });
  poller.add(targets);
  return [poller, new Map(targets.map((target) => [target.streamKey, target]))];
}

/** Returns the live bytes on and off the heap. */
async function used(): Promise<number> {
  await collectGarbage();
  await collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
